//! The diagnosis of a log: what people asked fail2ban's maintainers, each case ending in the
//! hint that solves it. The numbers are threads of fail2ban/fail2ban; the lines of 2912, 3500
//! and of the mail servers are those of the threads, the others are made from what is told
//! there. The filters are small ones of our own (testdata/explain).

use crate::util::{Place, Run, f2b};
use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/explain/config");

fn program() -> Command {
    f2b(&["-c", CONFIG])
}

/// A log file for the length of a test.
struct Log {
    path: PathBuf,
    _place: Place,
}

impl Log {
    fn new(name: &str, lines: &[&str]) -> Log {
        let place = Place::new();
        Log {
            path: place.write(&format!("{name}.log"), lines.join("\n") + "\n"),
            _place: place,
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

fn json(arguments: &[&str]) -> Value {
    let mut command = program();
    command.args(["--format", "json"]).args(arguments);
    command.ran().json()
}

/// Code, change and message of each hint.
fn hints_of(report: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let hints = report["hints"].as_array().expect("hints are a list");
    hints
        .iter()
        .map(|h| (text(&h["code"]), text(&h["change"]), text(&h["message"])))
        .collect()
}

/// The hints for one line.
fn hints(line: &str, filter: &str, options: &[&str]) -> Vec<(String, String, String)> {
    let arguments = [options, &["--line", line, filter]].concat();
    hints_of(&json(&arguments))
}

/// The only hint there is.
fn only(hints: Vec<(String, String, String)>) -> (String, String, String) {
    let [hint] = hints
        .try_into()
        .unwrap_or_else(|all| panic!("not one hint: {all:?}"));
    hint
}

/// The change of the only hint, which must have that code.
fn change(code: &str, hints: Vec<(String, String, String)>) -> String {
    let hint = only(hints);
    assert_eq!(hint.0, code, "{}", hint.2);
    hint.1
}

#[test]
fn thread_3062_inherited_datepattern_wants_the_date_first() {
    let found = hints(
        "web-1 app 2021-06-12 10:11:12 login failed from 192.0.2.7",
        "app",
        &[],
    );
    assert_eq!(
        change("date-not-at-begin", found),
        "datepattern = {DEFAULT}"
    );
}

#[test]
fn thread_2912_brackets_left_by_the_date() {
    let line = "[2021-01-17 23:02:16.383 +01:00] [INF] Authentication request for \"***\" has been \
                denied (IP: \"192.0.2.7\").";
    let regex = r#"^\[INF\] Authentication request for ".*" has been denied \(IP: "<HOST>"\).$"#;
    let found = hints(line, regex, &[]);
    assert!(
        found[0]
            .2
            .contains(r"1 line of 1 missed match if `(?:\[\])?\s*` stands after `^`")
    );
    let changed = change("brackets-left", found);
    assert!(changed.starts_with(r"^(?:\[\])?\s*\[INF\]"));
    // and the change holds what it says
    let report = json(&["--line", line, &changed]);
    assert_eq!(
        (&report["lines"]["matched"], &report["hints"]),
        (&1.into(), &Vec::<u8>::new().into())
    );
}

#[test]
fn thread_3082_unknown_date_becomes_a_datepattern() {
    let line = "[07.08.2021 22:02:23,674] WARN login failed from 192.0.2.7";
    let found = hints(line, "login failed from <HOST>$", &[]);
    assert!(
        found[0]
            .2
            .contains("the date is `[07.08.2021 22:02:23,674]`"),
        "{}",
        found[0].2
    );
    let changed = change("datepattern", found);
    assert_eq!(changed, r"datepattern = ^\[%%d\.%%m\.%%Y %%H:%%M:%%S,%%f\]");
    let given = changed.replace("datepattern = ", "").replace("%%", "%");
    let report = json(&["-d", &given, "--line", line, "login failed from <HOST>$"]);
    assert_eq!(
        report["addresses"][0]["first"]["time"],
        "2021-08-07T22:02:23+00:00"
    );
}

#[test]
fn thread_3500_doubled_percent_on_the_command_line() {
    let line = "1871281:20230421:153533.459 failed to accept an incoming connection: connection \
                from \"162.19.177.86\" rejected, allowed hosts: \"<HIDDEN>\"";
    let regex = r#"^.* connection from \"<HOST>\" rejected"#;
    let found = hints(line, regex, &["-d", r"^\d*:%%Y%%m%%d\:%%H%%M%%S"]);
    assert_eq!(
        change("doubled-percent", found),
        r"-d '^\d*:%Y%m%d\:%H%M%S'"
    );
}

#[test]
fn thread_1808_host_takes_the_name_of_the_site() {
    let line = "www.blah.com 92.96.147.45 - - [15/Jun/2017:21:56:10 +0000] \"POST /xmlrpc.php \
                HTTP/1.1\" 200 370";
    let found = hints(line, "^.*?<HOST>.*?xmlrpc.*$", &[]);
    assert!(found[0].2.contains("caught the host name www.blah.com"));
    assert!(found[0].2.contains("`<ADDR>` finds 92.96.147.45"));
    assert_eq!(change("host-took-name", found), "^.*?<ADDR>.*?xmlrpc.*$");
}

#[test]
fn thread_3646_german_month_and_a_second_date() {
    let line = "Dez 20 10:11:12 host app[5]: 2023-12-19 11:11:12 login failed from 192.0.2.7";
    let found = hints(
        line,
        "login failed from <HOST>$",
        &["--now", "2023-12-20T12:00:00Z"],
    );
    assert!(found[0].2.contains("`Dez` is German"));
    assert!(
        found[0]
            .2
            .contains("`2023-12-19 11:11:12`, later in the line, is taken for the date")
    );
    assert_eq!(change("month-name", found), "LC_ALL=C");
}

#[test]
fn thread_2621_colours() {
    let line = "\x1b[1;33m[Feb  1 10:11:12] NOTICE\x1b[0m[12]: chan_sip.c: Registration from \
                '\"x\" <sip:x@192.0.2.1>' failed for '192.0.2.7:5060' - Wrong password";
    let found = hints(line, "asterisk", &[]);
    assert_eq!(change("ansi-colours", found), "--strip-ansi");
    let report = json(&["--strip-ansi", "--line", line, "asterisk"]);
    assert_eq!(
        (&report["lines"]["matched"], &report["hints"]),
        (&1.into(), &Vec::<u8>::new().into())
    );
}

#[test]
fn thread_3748_helpers_only_and_the_mode_that_counts_them() {
    let closed = "Apr 30 10:11:12 host sshd[555]: Connection closed by authenticating user root \
                  192.0.2.7 port 4444 [preauth]";
    assert_eq!(
        change("filter-option", hints(closed, "sshd", &[])),
        "[mode=aggressive]"
    );
    // where no mode counts them, the log level is what is missing
    let pam = "Apr 30 10:11:12 host sshd[555]: pam_unix(sshd:auth): authentication failure; \
               logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root";
    let found = hints(pam, "sshd", &[]);
    assert!(found[0].2.contains("by NOFAIL regexes only"));
    assert_eq!(change("helpers-only", found), "LogLevel VERBOSE");
}

#[test]
fn thread_3812_two_faults_at_once() {
    let line = "sie 02 10:11:12 host sshd-session[555]: Failed password for root from 192.0.2.7 \
                port 4444 ssh2";
    let found = hints(line, "sshd", &[]);
    let changes: Vec<(&str, &str)> = found.iter().map(|h| (h.0.as_str(), h.1.as_str())).collect();
    let want = [
        ("month-name", "LC_ALL=C"),
        ("daemon-name", "[_daemon='sshd(?:-session)?']"),
    ];
    assert_eq!(changes, want);
    assert!(found[0].2.contains("`sie` is Polish"));
}

#[test]
fn thread_2557_clock_two_hours_off() {
    let line = "Nov 20 22:00:00 host sshd[555]: Failed password for root from 192.0.2.7 port 1";
    let found = hints(line, "sshd", &["--now", "2026-11-20T20:00:01Z"]);
    assert!(found[0].2.contains("2 h ahead of this machine's clock"));
    assert_eq!(change("zone-off", found), "logtimezone = UTC+0200");
    assert_eq!(hints(line, "sshd", &["--now", "2026-11-20T22:00:01Z"]), []);
    // a log that lags: the file knows when it was written
    let log = Log::new("zone", &[line]);
    let written = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_795_212_000 + 7203);
    let file = std::fs::File::options()
        .write(true)
        .open(log.path())
        .expect("the log opens");
    file.set_modified(written).expect("its time can be set");
    let path = log.path().to_str().expect("a plain path");
    let report = json(&["--now", "2026-11-21T12:00:00Z", path, "sshd"]);
    let changed = change("zone-off", hints_of(&report));
    assert_eq!(changed, "logtimezone = UTC-0200");
}

#[test]
fn a_misspelt_option_of_the_filter_is_told() {
    let place = Place::new();
    let lines = [
        "2026-11-20 10:00:01 mail imapd[7]: auth failed, 192.0.2.5",
        "2026-11-20 10:00:02 mail imapd[7]: auth failed, 192.0.2.5",
        "2026-11-20 10:00:03 mail imapd[7]: no auth attempts, 192.0.2.6",
    ];
    place.write(
        "filter.d/gate.conf",
        "[Definition]\nprefregex = ^\\s*\\S+ imapd\\[\\d+\\]: <F-CONTENT>(?:<mdpr-<mode>>), .+</F-CONTENT>$\n\
         failregex = , <HOST>$\nmdpr-normal = auth failed\n\
         mdpr-aggressive = (?:no auth attempts|auth failed)\nmode = normal\n",
    );
    let log = place.write("log", lines.join("\n") + "\n");
    let config = place.path().to_str().expect("UTF-8");
    let log = log.to_str().expect("UTF-8");
    let run = |filter: &str, more: &[&str]| {
        let all = ["-c", config, "--format", "json"];
        f2b(&[&all, more, &[log, filter]].concat()).ran().json()
    };
    for filter in [
        "gate[mode=agressive]",
        "gate[mode=aggr]",
        "gate[mod=aggressive]",
        "gate[mdoe=agressive]",
    ] {
        let found = hints_of(&run(filter, &[]));
        let right = change("misspelt-filter-option", found);
        assert_eq!(right, "[mode=aggressive]");
        let applied = run(filter, &["--apply", "1"]);
        assert_eq!(applied["lines"]["matched"], 3, "{filter}");
    }
    for filter in [
        "gate[mode=normal]",
        "gate[mode=strict]",
        "gate[colour=aggressive]",
    ] {
        let found = hints_of(&run(filter, &[]));
        assert!(found.iter().all(|hint| hint.0 != "misspelt-filter-option"));
    }
}

#[test]
fn a_mode_that_leaves_no_regex_is_answered_with_the_one_that_is_meant() {
    let place = Place::new();
    place.write(
        "filter.d/gate.conf",
        "[Definition]\nfailregex = ^<HOST> a$\n  <mdre-<mode>>\nmdre-normal =\n\
         mdre-aggressive = ^<HOST> b$\nmode = normal\n",
    );
    let config = place.path().to_str().expect("UTF-8");
    let ran = f2b(&["-c", config, "--line", "x", "gate[mode=agressive]"]).ran();
    assert!(ran.stderr.contains("did you mean `<mdre-aggressive>`?"));
}

#[test]
fn a_stricter_mode_is_named() {
    let line = "Apr 16 16:44:51 instance dovecot: imap-login: Disconnected (no auth attempts in 0 \
                secs): user=<>, rip=111.7.96.136, lip=10.0.0.246";
    let found = hints(line, "imap", &[]);
    assert_eq!(
        found[0].2,
        "1 line of 1 missed match with `[mode=aggressive]`"
    );
    assert_eq!(change("filter-option", found), "[mode=aggressive]");
    assert_eq!(hints(line, "imap[mode=aggressive]", &[]), []);
}

#[test]
fn a_log_of_the_journals_kind_is_named() {
    let line = "Apr 16 16:44:51 instance dovecot: Info: Disconnected (auth failed, 1 attempts): \
                user=<x>, rip=111.7.96.136, lip=10.0.0.246";
    assert_eq!(
        change("filter-option", hints(line, "imap", &[])),
        "[logtype=journal]"
    );
}

#[test]
fn a_filter_for_the_daemons_own_file_and_a_log_from_syslog() {
    let line = "Oct 22 03:39:17 mx1 exim[29786]: dovecot_login authenticator failed for (User) \
                [92.118.38.37]: 535 Incorrect authentication data (set_id=takeuchi@domain.com)";
    let found = hints(line, "exim", &[]);
    assert!(found[0].2.contains("`mx1 exim[29786]:` comes first"));
    let changed = change("text-before", found);
    assert!(
        changed.starts_with(r"^\s+\S+\s+exim\[\d+\]:\s+\w+ authenticator"),
        "{changed}"
    );
}

#[test]
fn names_where_addresses_are_wanted() {
    let line =
        "Apr 30 10:11:12 host sshd[5]: Failed password for root from host.example.net port 1";
    let found = hints(line, "sshd", &[]);
    assert!(found[0].2.contains("host.example.net"));
    assert_eq!(change("host-names", found), "UseDNS no");
}

const WELL: [&str; 3] = [
    "Apr 30 10:11:12 host sshd[5]: Failed password for root from 192.0.2.7 port 1 ssh2",
    "Apr 30 10:11:13 host sshd[6]: Connection from 192.0.2.8 port 1",
    "Apr 30 10:11:14 host sshd[5]: Server listening on 0.0.0.0 port 22.",
];

#[test]
fn nothing_is_said_when_all_is_well() {
    let log = Log::new("well", &WELL);
    let report = json(&[
        "--now",
        "2026-05-01T00:00:00Z",
        log.path().to_str().expect("plain"),
        "sshd",
    ]);
    assert_eq!(
        (&report["lines"]["matched"], &report["hints"]),
        (&1.into(), &Vec::<u8>::new().into())
    );
}

#[test]
fn hints_end_the_table_and_leave_classic_alone() {
    let line = "Apr 16 16:44:51 instance dovecot: imap-login: Disconnected (no auth attempts in 0 \
                secs): user=<>, rip=111.7.96.136, lip=10.0.0.246";
    let run = |options: &[&str]| {
        let mut command = program();
        command.args(options).args([line, "imap"]);
        command.ran().stdout
    };
    let table = run(&[]);
    let section = table.split("\nHints\n").nth(1).expect("a section");
    assert!(section.starts_with("   1. 1 line of 1 missed match with `[mode=aggressive]`\n"));
    // paths, which nothing shortens, stand above
    let narrow = |line: &str| line.contains("Apr 16") || line.chars().count() <= 80;
    assert!(section.lines().all(narrow), "{section}");
    for options in [
        &["--format", "classic"][..],
        &["--no-hints"],
        &["--out", "ip"],
    ] {
        assert!(!run(options).contains("aggressive"), "{options:?}");
    }
}

#[test]
fn a_large_log_is_sampled_and_says_so() {
    let line = |n: usize| {
        format!(
            "Apr 30 10:11:12 host sshd-session[{n}]: Failed password for x from 192.0.2.7 port 1"
        )
    };
    let lines: Vec<String> = (0..5000).map(line).collect();
    let log = Log::new(
        "large",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let path = log.path().to_str().expect("plain");
    let report = json(&[path, "sshd"]);
    assert_eq!(report["hint_sample"]["of"], 5000);
    assert!(
        report["hint_sample"]["lines"]
            .as_u64()
            .is_some_and(|n| (100..2000).contains(&n))
    );
    let table = program().args([path, "sshd"]).ran().stdout;
    assert!(
        table.contains("of 5 000 lines, the first and the last"),
        "{table}"
    );
}

#[test]
fn a_hint_cannot_drive_the_terminal() {
    let line =
        "\x1b[31mApr 30 10:11:12 host sshd[5]: Failed password for root from 192.0.2.7 port 1";
    let mut command = program();
    command.args(["--color", "never", "--line", line, "sshd"]);
    let printed = command.ran().stdout;
    assert!(printed.contains("ANSI colours"));
    assert!(!printed.contains('\x1b'));
}
