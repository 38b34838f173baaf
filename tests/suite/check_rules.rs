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
