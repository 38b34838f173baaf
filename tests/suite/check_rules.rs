//! Lint rules from outside: what each finds, and what it leaves alone.

use crate::util::{Place, Run, f2b};

/// Codes and severities of what is found in a filter with these options.
fn found(options: &str) -> Vec<String> {
    let place = Place::new();
    place.write("x.conf", format!("[Definition]\n{options}"));
    let mut command = f2b(&["check", "x.conf", "--format", "json"]);
    let report = command.current_dir(place.path()).ran().json();
    let findings = report["filters"][0]["findings"]
        .as_array()
        .expect("findings")
        .iter();
    let shown = findings.map(|f| format!("{} {}", f["code"], f["severity"]).replace('"', ""));
    shown.collect()
}

#[test]
fn a_part_that_takes_pieces_of_the_address_is_proven() {
    for bad in [
        "^a.*<HOST>$",
        "^a \\S*<HOST>$",
        "^a from .*<ADDR>$",
        "^a from [^,]*<HOST>, b$",
    ] {
        assert_eq!(
            found(&format!("failregex = {bad}\n")),
            ["L018 error"],
            "{bad}"
        );
    }
    for good in [
        "^a from <HOST>$",
        "^a \\S+ from <HOST>$",
        "^a .*?<ADDR>$",
        "^a from\\s*<HOST>$",
        "^a from [a-z ]*<HOST>$",
        "^a .*\\b<ADDR>$",
        "^a .*\\[<HOST>\\]$",
    ] {
        let codes = found(&format!("failregex = {good}\n"));
        assert!(
            !codes.contains(&"L018 error".to_owned()),
            "{good}: {codes:?}"
        );
    }
}

#[test]
fn an_alternation_that_splits_the_whole_regex_is_found_once() {
    assert_eq!(found("failregex = ^a from <HOST>|b$\n"), ["L019 error"]);
    let named = "prefregex = ^<HOST> <F-CONTENT>.+</F-CONTENT>$\nfailregex = ";
    assert_eq!(found(&format!("{named}^a$|b$\n")), ["L019 warning"]);
    for good in [
        "failregex = ^(?:a|b) from <HOST>$\n",
        "failregex = ^a <IP4>$|^b <IP6>$\n",
        "prefregex = ^<HOST> <F-CONTENT>.+</F-CONTENT>$\nfailregex = ^a$|^b$\n",
    ] {
        assert!(found(good).is_empty(), "{good}: {:?}", found(good));
    }
}

#[test]
fn a_percent_sign_that_is_doubled_once_too_often_is_found() {
    let prefix = "_p = app:\\s\nfailregex = ";
    assert_eq!(
        found(&format!("{prefix}^%%(_p)sa <HOST>$\n")),
        ["L020 error"]
    );
    assert!(found(&format!("{prefix}^%(_p)sa <HOST>$\n")).is_empty());
    // no option is of that name: the text is meant
    assert!(found(&format!("{prefix}^%(_p)sa %%(x)s <HOST>$\n")).is_empty());
    let dated = |pattern: &str| {
        found(&format!(
            "failregex = ^a <HOST>$\ndatepattern = {pattern}\n"
        ))
    };
    assert!(dated("%%Y-%%m-%%d").iter().all(|code| code != "L020 error"));
    assert!(dated("%%%%Y-%%m-%%d").contains(&"L020 error".to_owned()));
}

#[test]
fn text_that_chooses_the_address_needs_no_more_lines_than_are_searched_together() {
    let regex = "failregex = ^.*\\na from <HOST> b\\n?$\n";
    assert!(found(&format!("{regex}maxlines = 2\n")).is_empty());
    assert_eq!(found(&format!("{regex}maxlines = 3\n")), ["L003 warning"]);
}

#[test]
fn nothing_goes_on_behind_an_empty_negative_lookahead() {
    for bad in ["^<HOST> (?!)cmd$", "^<HOST> (?:a|(?!)b)(?!)c$"] {
        assert_eq!(
            found(&format!("failregex = {bad}\n")),
            ["L006 error"],
            "{bad}"
        );
    }
    for good in ["^<HOST> (?!a)cmd$", "^<HOST> (?:a|(?!)b)c$"] {
        assert!(found(&format!("failregex = {good}\n")).is_empty(), "{good}");
    }
}

#[test]
fn a_line_break_asks_for_maxlines_and_quotes_are_one_fault() {
    let place = Place::new();
    place.write("x.conf", "[Definition]\nfailregex = ^a\\n b <HOST>$\n");
    let mut command = f2b(&["check", "x.conf", "--format", "concise"]);
    let said = command.current_dir(place.path()).ran().ended(1).stdout;
    assert!(
        said.contains("error[L006]") && said.contains("maxlines is 1"),
        "{said}"
    );
    assert!(found("failregex = ^a\\n b <HOST>$\nmaxlines = 2\n").is_empty());
    assert_eq!(found("failregex = \"^a <HOST>$\"\n"), ["L011 error"]);
}

/// The filter after `--fix` and `--unsafe-fixes`.
fn fixed(options: &str) -> String {
    let place = Place::new();
    place.write("x.conf", format!("[Definition]\n{options}"));
    let mut command = f2b(&["check", "x.conf", "--fix", "--unsafe-fixes"]);
    command.current_dir(place.path()).ran();
    std::fs::read_to_string(place.path().join("x.conf")).expect("the filter")
}

/// What is said of a filter, one finding a line.
fn said(options: &str) -> String {
    let place = Place::new();
    place.write("x.conf", format!("[Definition]\n{options}"));
    let mut command = f2b(&["check", "x.conf"]);
    command.current_dir(place.path()).ran().stdout
}

#[test]
fn fields_the_program_writes_itself_are_no_text_of_others() {
    for good in [
        // a date's bracket, a level, the name of a jail
        "^\\[[^\\]]*\\] \\[error\\] \\[client <HOST>\\] denied",
        "^NOTICE \\[[^\\]]*\\] Ban <HOST>",
        "^handshake failed[^,]*, client: <HOST>",
        // name[address], the name from the DNS
        "^RCPT from [^[]*\\[<HOST>\\]: 554",
        "^[^[]*\\[<HOST>\\]: SASL LOGIN failed",
        "^lost connection after AUTH from (.*?)\\[<HOST>\\]",
        "^limited by zone \"[^\"]+\", client: <HOST>,",
        "^\\(.+?@<HOST>\\) failed",
        "^.*tr=\"A\\|<HOST>\" us=\"[^\"]*\" failed$",
    ] {
        let codes = found(&format!("failregex = {good}\n"));
        assert!(codes.is_empty(), "{good}: {codes:?}");
    }
    for bad in [
        "^Invalid user .*? from <HOST>",
        "^Invalid user .+? from <HOST>",
        "^call from '[^']*' \\(<HOST>\\) refused",
        "^login of user \\[[^\\]]*\\] failed, address <HOST> port",
        "^user [^[]*\\[<HOST>\\] unknown",
    ] {
        let codes = found(&format!("failregex = {bad}\n"));
        assert_eq!(codes, ["L003 warning"], "{bad}");
    }
}

#[test]
fn text_behind_the_address_may_choose_another() {
    let bad = "failregex = ^.*bad login\\. IP: <ADDR>\\. User: .*$\n";
    assert_eq!(found(bad), ["L003 warning"]);
    let shown = said(bad);
    // the address as logs have it
    assert!(
        shown.contains("bad login. IP: 192.0.2.1. User: xbad login. IP: 203.0.113.9. User: "),
        "{shown}"
    );
    for good in [
        // a `"` of others is escaped in JSON
        "^\\{.*\"ip\":\"<ADDR>\".*\\}$",
        "^\\{.*?\"ip\":\"<ADDR>\".*\\}$",
        "^\\S* bad login\\. IP: <ADDR>\\. User: .*$",
        "^.*bad login\\. IP: <ADDR>$",
        "^.*bad login\\. IP: <ADDR>\\. User: \\S*$",
    ] {
        let codes = found(&format!("failregex = {good}\n"));
        assert!(codes.is_empty(), "{good}: {codes:?}");
    }
    // the rule of fail2ban's suite says it already
    let told = found(&bad.replace("<ADDR>", "<HOST>"));
    assert!(!told.contains(&"L003 warning".to_owned()), "{told:?}");
    assert!(told.contains(&"L002 error".to_owned()), "{told:?}");
}

#[test]
fn a_caret_is_put_only_where_it_may_be_right() {
    // lines have more before the address than their date
    for kept in ["login failed from <HOST>$", ".*login failed from <HOST>$"] {
        let options = format!("failregex = {kept}\n");
        assert_eq!(found(&options), ["L001 warning"]);
        assert_eq!(fixed(&options), format!("[Definition]\n{options}"));
    }
    let changed = fixed("failregex = <HOST> \\S+ \\S+ \\[\\] \"POST /login\n");
    assert!(changed.contains("= ^<HOST> "), "{changed}");
    let shown = said("failregex = .*login failed from <HOST>$\n");
    assert!(shown.contains("changes nothing"), "{shown}");
}

#[test]
fn a_bar_at_the_end_of_a_regex_goes() {
    let options = "failregex = ^login failed from <HOST>$|\n    ^denied <HOST>$|\n";
    assert_eq!(found(options), ["L019 error", "L019 error"]);
    let changed = fixed(options);
    assert!(!changed.contains('|'), "{changed}");
    assert!(said(options).contains("each line of failregex"));
}

#[test]
fn what_python_refuses_comes_with_what_to_do() {
    for (regex, help) in [
        ("^a (?i)b <HOST>$", "put (?i) at the very beginning"),
        ("^a) <HOST>$", "nothing opens this )"),
        ("^a ( <HOST>$", "nothing closes this ("),
        ("^a [ <HOST>$", "a [ before it is never closed"),
        ("^<HOST> a [b$", "nothing closes this ["),
        ("* <HOST>$", "nothing before it to repeat"),
        ("^<HOST> a <HOST>$", "a tag can stand once"),
        ("^a rip=(?P<host>\\S*)$", "before fail2ban 0.10"),
        ("^a &lt;HOST&gt;$", "a page wrote"),
        ("^a <host>$", "capital letters"),
    ] {
        let shown = said(&format!("failregex = {regex}\n"));
        assert!(shown.contains(help), "{regex}: {shown}");
    }
}

#[test]
fn characters_that_pages_put_there_are_found() {
    let options = "failregex = ^login – failed from <HOST>$\n";
    assert_eq!(found(options), ["L011 warning"]);
    assert!(fixed(options).contains("^login - failed"));
    assert_eq!(
        found("failregex = ^login\u{a0}failed from <HOST>$\n"),
        ["L011 warning"]
    );
    assert!(found("failregex = ^échec d’authentification de <HOST>$\n").is_empty());
}

#[test]
fn lines_that_are_searched_together_are_too_few_to_explode() {
    let regex = "failregex = ^a: <[^>]+><SKIPLINES>from=<[^>]+>, relay=\\[<ADDR>\\]$\n";
    assert!(found(&format!("{regex}maxlines = 10\n")).is_empty());
}

#[test]
fn a_regex_for_names_of_several_words_is_not_shadowed() {
    let shadowed = "failregex = ^user=\\S* from <HOST>$\n    ^user=[a-z]* from <HOST>$\n";
    assert_eq!(found(shadowed), ["L007 warning"]);
    assert!(found(&shadowed.replace("[a-z]*", ".*?")).is_empty());
}
