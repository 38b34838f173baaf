//! `f2b-regex check` on files that fail2ban reads otherwise than they are meant, and on the jails
//! of a configuration: each fault once, in the user's own line.

use crate::util::{Place, Run, f2b};
use serde_json::Value;

/// The findings of a check, as `code file:line message`.
fn findings(place: &Place, arguments: &[&str]) -> Vec<String> {
    let all = [&["check"], arguments, &["--format", "json"]].concat();
    let ran = f2b(&all).current_dir(place.path()).ran();
    let report = ran.json();
    let filters = report["filters"].as_array().expect("a list").iter();
    let found = filters.flat_map(|filter| filter["findings"].as_array().expect("a list").clone());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = found.map(|f| {
        let place = format!("{}:{}", text(&f["file"]), f["line"]);
        format!(
            "{} {place} {} {}",
            text(&f["code"]),
            text(&f["message"]),
            text(&f["help"])
        )
    });
    told.collect()
}

/// A filter file, and what is said of it: the code, the line, a word of the fix.
const FILES: &[(&str, &str, u32, &str)] = &[
    (
        "[Definition]\nfailregx = ^a <HOST>$\n",
        "F008",
        2,
        "`failregex`",
    ),
    (
        "[Definition]\nfail_regex = ^a <HOST>$\n",
        "F008",
        2,
        "`failregex`",
    ),
    (
        "[Definition]\nregex = ^a <HOST>$\n",
        "F008",
        2,
        "`failregex`",
    ),
    (
        "[definition]\nfailregex = ^a <HOST>$\n",
        "F008",
        1,
        "[Definition]",
    ),
    (
        "[DEFINITION]\nfailregex = ^a <HOST>$\n",
        "F008",
        1,
        "[Definition]",
    ),
    (
        "# c\n[Defintion]\nfailregex = ^a <HOST>$\n",
        "F008",
        2,
        "[Definition]",
    ),
    (
        "[myapp]\nfailregex = ^a <HOST>$\n",
        "F008",
        2,
        "[Definition]",
    ),
    (
        "[Definition]\n_d = x\n  failregex = ^a <HOST>$\n",
        "F008",
        3,
        "first column",
    ),
    (
        "[Definition]\nfailregex =\nignoreregex =\n",
        "F008",
        2,
        "indented",
    ),
    (
        "[INCLUDES]\nbefore = comon.conf\n[Definition]\nfailregex = ^%(__prefix_line)sa <HOST>$\n",
        "F007",
        2,
        "comon.conf",
    ),
    (
        "[Definition]\nfailregex = ^a <HOST>$\n;^b <HOST>$\n  ^c <HOST>$\n",
        "L012",
        3,
        "[;]",
    ),
    (
        "[Definition]\nfailregex = ^a ; from <HOST>$\n",
        "L012",
        2,
        "comment",
    ),
    (
        "[Definition]\nfailregex = ^a\\nb <HOST>$\n",
        "L006",
        2,
        "maxlines",
    ),
];

#[test]
fn what_fail2ban_never_reads_is_an_error() {
    for (text, code, line, fix) in FILES {
        let place = Place::new();
        place.write("filter.d/x.conf", text);
        let found = findings(&place, &["filter.d"]);
        let head = format!("{code} filter.d/x.conf:{line} ");
        let told = |finding: &&String| finding.starts_with(&head) && finding.contains(fix);
        assert!(
            found.iter().any(|finding| told(&finding)),
            "{text}: {found:?}"
        );
        let same = found
            .iter()
            .filter(|finding| !finding.starts_with("L0"))
            .count();
        assert!(same <= 1, "{text}: {found:?}");
        let ran = f2b(&["check", "filter.d", "--no-lint"])
            .current_dir(place.path())
            .ran();
        assert!(
            code.starts_with('L') || ran.status == Some(1),
            "{text}: {}",
            ran.stdout
        );
    }
}

#[test]
fn files_to_be_included_stay_silent() {
    let place = Place::new();
    place.write("filter.d/common.conf", "[DEFAULT]\nlogtype = file\n[lt_file]\n__prefix_line = x\n[Definition]\n__prefix_line = <lt_<logtype>/__prefix_line>\n");
    let using = "[INCLUDES]\nbefore = common.conf\nafter = x.local\n[Definition]\nfailregex = ^%(__prefix_line)sa <HOST>$\njournalmatch = _COMM=x\n";
    place.write("filter.d/x.conf", using);
    // the option that asks for a value is no value itself: `line`
    let own = "[DEFAULT]\nlogtype = file\n[Definition]\n__prefix_file = a\n__prefix_short = b\n\
        __prefix_line = <__prefix_<logtype>>\nfailregex = ^<__prefix_line>c <ADDR>$\njournalmatch = _COMM=x\n";
    place.write("filter.d/znc.conf", own);
    assert_eq!(findings(&place, &["filter.d"]), [""; 0]);
}

const JAIL_CONF: &str = "[DEFAULT]\nmaxretry = 5\nbantime = 10m\nport = 0:65535\n\
    banaction = block\nenabled = false\nfilter = %(__name__)s[mode=%(mode)s]\nmode = normal\n\
    action = %(banaction)s[port=\"%(port)s\"]\n[one]\nport = ssh\n[two]\nport = http\n";

fn configuration() -> Place {
    let place = Place::new();
    place.write("conf/jail.conf", JAIL_CONF);
    place.write("conf/action.d/block.conf", "[Definition]\nactionban = x\n");
    for name in ["one", "two"] {
        let text = "[Definition]\nfailregex = ^a <ADDR>$\n";
        place.write(&format!("conf/filter.d/{name}.conf"), text);
    }
    place
}

/// What jail.local says, and the one finding: code, line, a word of it.
const JAILS: &[(&str, &str, u32, &str)] = &[
    ("[one]\nmaxretyr = 3\n", "F009", 2, "`maxretry`"),
    ("[one]\nbantiem = 3\n", "F009", 2, "`bantime`"),
    ("[two]\nfliter = one\n", "F009", 2, "`filter`"),
    ("[DEFAULT]\nban_time = 3\n", "F009", 2, "`bantime`"),
    ("[two]\ncomment = 3\n", "F009", 2, "nothing reads it"),
    (
        "[default]\nbantime = 3\nfilter = one\n",
        "F009",
        1,
        "[DEFAULT]",
    ),
    ("[Definition]\nbantime = 3\n", "F009", 1, "name of the jail"),
    ("stray\n[one]\n", "F001", 1, "[section]"),
    ("[one]\nport = 1\nstray\n", "F001", 3, "option = value"),
    (
        "[DEFAULT]\nbanaction = blcok\n",
        "F001",
        2,
        "as in 1 more jail",
    ),
    (
        "[one]\nbanaction = blcok\n",
        "F001",
        2,
        "did you mean block?",
    ),
    ("[one]\naction = blcok\n", "F001", 2, "did you mean block?"),
    ("\n[my-new]\nenabled = true\n", "F001", 2, "my-new"),
    ("[my-new]\nfilter = onne\n", "F001", 2, "did you mean one?"),
    (
        "[INCLUDES]\nbefore = paths-x.conf\n[one]\n",
        "F007",
        2,
        "paths-x.conf",
    ),
];

#[test]
fn a_fault_of_the_jails_is_found_once_where_it_is_written() {
    assert_eq!(findings(&configuration(), &["conf", "--no-lint"]), [""; 0]);
    for (text, code, line, words) in JAILS {
        let place = configuration();
        place.write("conf/jail.local", text);
        let found = findings(&place, &["conf", "--no-lint"]);
        let head = format!("{code} conf/jail.local:{line} ");
        let [first] = found.as_slice() else {
            panic!("{text}: {found:#?}");
        };
        assert!(
            first.starts_with(&head) && first.contains(words),
            "{text}: {first}"
        );
    }
}

#[test]
fn a_fault_of_a_filter_is_not_told_again_by_its_jails() {
    let place = configuration();
    place.write(
        "conf/filter.d/one.conf",
        "[Definition]\nfailregex = ^50% <ADDR>$\n",
    );
    let found = findings(&place, &["conf", "--no-lint"]);
    assert_eq!(found.len(), 1, "{found:#?}");
    let ran = f2b(&["check", "conf", "--no-lint"])
        .current_dir(place.path())
        .ran();
    assert!(
        ran.stdout.contains("failed: 1 error, 0 warnings"),
        "{}",
        ran.stdout
    );
}

/// fail2ban's own configuration, in small.
fn installed(place: &Place) {
    place.write(
        "etc/jail.conf",
        "[INCLUDES]\nbefore = paths-common.conf\n[DEFAULT]\nfilter = %(__name__)s[mode=%(mode)s]\n\
         mode = normal\nport = 0:65535\nbanaction = iptables\n\
         action_ = %(banaction)s[port=\"%(port)s\", chain=\"%(chain)s\"]\naction = %(action_)s\n\
         chain = INPUT\n[sshd]\nport = ssh\n",
    );
    place.write(
        "etc/paths-common.conf",
        "[DEFAULT]\nsyslog_mail = /var/log/mail.log\n",
    );
    place.write(
        "etc/filter.d/sshd.conf",
        "[Definition]\nfailregex = ^Failed for <mode> from <HOST>$\n[Init]\nmode = normal\n",
    );
    place.write(
        "etc/action.d/iptables.conf",
        "[Definition]\nactionban = true\n",
    );
}

fn found_with(place: &Place, paths: &[&str]) -> Vec<String> {
    findings(place, &[&["-c", "etc"], paths].concat())
}

#[test]
fn jails_are_put_on_top_of_fail2bans_own_configuration() {
    let place = Place::new();
    installed(&place);
    let jails = "[sshd]\nenabled = true\nport = 2222\nmode = aggressive\n\
        [own]\nchain = DOCKER-USER\naction = own-action\n           %(action_)s\n\
        logpath = %(syslog_mail)s\n";
    place.write("repo/jail.d/own.conf", jails);
    place.write(
        "repo/filter.d/own.conf",
        "[Definition]\nfailregex = ^a <HOST>$\n",
    );
    place.write(
        "repo/action.d/own-action.conf",
        "[Definition]\nactionban = true\n",
    );
    let none: [String; 0] = [];
    let counting = |found: Vec<String>| -> Vec<String> {
        found.into_iter().filter(|f| f.starts_with('F')).collect()
    };
    assert_eq!(counting(found_with(&place, &["repo"])), none);
    assert_eq!(
        counting(found_with(&place, &["repo/jail.d/own.conf"])),
        none
    );
    // what is not there either is told, with what is near
    place.write(
        "repo/jail.d/own.conf",
        format!("{jails}[more]\nfilter = ssdh\nenbaled = true\n"),
    );
    let found = counting(found_with(&place, &["repo"]));
    let told = |code: &str, line: u32, word: &str| {
        let head = format!("{code} repo/jail.d/own.conf:{line} ");
        found
            .iter()
            .any(|f| f.starts_with(&head) && f.contains(word))
    };
    assert!(told("F001", 11, "did you mean sshd?"), "{found:?}");
    assert!(told("F009", 12, "`enabled`"), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
    // a repository's own jail.conf stands in place of fail2ban's
    place.write("repo/jail.conf", "[DEFAULT]\naction =\n");
    let found = counting(found_with(&place, &["repo"]));
    assert!(found.iter().any(|f| f.contains("syslog_mail")), "{found:?}");
}

#[test]
fn what_fail2bans_jail_conf_reads_is_not_known_without_it() {
    let place = Place::new();
    place.write("filter.d/x.conf", "[Definition]\nfailregex = ^a <HOST>$\n");
    place.write(
        "jail.d/x.conf",
        "[x]\nfilter = x\nport = ssh\nmaxretyr = 3\n",
    );
    let found = findings(&place, &["."]);
    let jails: Vec<&String> = found.iter().filter(|f| f.starts_with("F009")).collect();
    assert_eq!(jails.len(), 1, "{found:?}");
    assert!(jails[0].contains("maxretyr"), "{found:?}");
}

#[test]
fn a_file_of_jails_among_filters_is_told() {
    let place = Place::new();
    place.write("more/own.conf", "[own]\nenabled = true\nlogpath = /x\n");
    let ran = f2b(&["check", "more", "--format", "concise"])
        .current_dir(place.path())
        .ran()
        .ended(0);
    assert!(
        ran.stdout.contains("own.conf:2:1: warning[F008]"),
        "{}",
        ran.stdout
    );
    // a filter may have an option of that name
    place.write(
        "more/own.conf",
        "[Definition]\nenabled = x\nfailregex = ^%(enabled)s <HOST>$\n",
    );
    assert_eq!(
        findings(&place, &["more"])
            .iter()
            .filter(|f| f.starts_with("F008"))
            .count(),
        0
    );
}

#[test]
fn what_all_jails_inherit_is_said_once() {
    let place = Place::new();
    for filter in ["one", "two", "three"] {
        let path = format!("filter.d/{filter}.conf");
        place.write(&path, "[Definition]\nfailregex = ^a <HOST>$\n");
    }
    place.write("action.d/block.conf", "[Definition]\nactionban = true\n");
    let jails = "[one]\nenabled = true\n[two]\nenabled = true\n[three]\nenabled = true\n";
    for default in [
        "action = %(no_such_option)s\n",
        "action = block[name=%(__name__)s, dest=\"a\" chain=\"b\"]\n",
    ] {
        place.write("jail.conf", format!("[DEFAULT]\n{default}{jails}"));
        let found = findings(&place, &["."]);
        let told: Vec<&String> = found.iter().filter(|f| f.starts_with("F001")).collect();
        assert_eq!(told.len(), 1, "{found:?}");
        assert!(told[0].contains("(as in 2 more jails)"), "{told:?}");
    }
}

#[test]
fn a_further_action_that_is_not_indented_is_told_from_an_option() {
    let place = Place::new();
    place.write(
        "filter.d/one.conf",
        "[Definition]\nfailregex = ^a <HOST>$\n",
    );
    for action in ["block", "mail"] {
        let path = format!("action.d/{action}.conf");
        place.write(&path, "[Definition]\nactionban = true\n");
    }
    place.write(
        "jail.conf",
        "[one]\nenabled = true\naction = block\nmail[name=one]\nbantime-long = 1\n",
    );
    let found = findings(&place, &["."]);
    let told = |line: u32, word: &str| {
        let place = format!("F009 jail.conf:{line} ");
        found
            .iter()
            .any(|f| f.starts_with(&place) && f.contains(word))
    };
    assert!(told(4, "indent it"), "{found:?}");
    // a name of its own, no slip
    assert!(told(5, "`bantime-long`"), "{found:?}");
    assert!(
        !found.iter().any(|f| f.contains("did you mean")),
        "{found:?}"
    );
}
