//! The whole binary on the main job: what a user types, sees and gets wrong.

use crate::util::{self, Run};
use assert_cmd::Command;
use serde_json::Value;

/// The binary in the repository's root.
fn f2b(arguments: &[&str]) -> Command {
    let mut command = util::f2b(arguments);
    command.current_dir(util::repository(""));
    command
}

fn stdout(arguments: &[&str]) -> String {
    f2b(arguments).ran().stdout
}

fn json(arguments: &[&str]) -> Value {
    f2b(&[arguments, &["--format", "json"]].concat())
        .ran()
        .json()
}

/// Status 2, nothing on standard output, and the message.
fn error(arguments: &[&str]) -> String {
    let ran = f2b(arguments).ran().ended(2);
    assert!(ran.stdout.is_empty(), "{arguments:?}");
    // a regex and its caret stand below the message, indented
    let below: Vec<&str> = ran.stderr.lines().skip(1).collect();
    assert!(matches!(below.len(), 0 | 2), "{}", ran.stderr);
    assert!(
        below.iter().all(|line| line.starts_with("    ")),
        "{}",
        ran.stderr
    );
    ran.stderr
}

const LOG: &str = "testdata/logs/auth.log";
const FILTER: &str = "testdata/filter.d/sshd.conf";

#[test]
fn counts_regexes_and_addresses() {
    let report = json(&[LOG, FILTER]);
    let lines = &report["lines"];
    // of the 12 lines one is taken back by the ignoreregex, one is NOFAIL
    assert_eq!(lines["total"], 12, "{lines}");
    assert_eq!(lines["matched"], 7, "{lines}");
    assert_eq!(lines["ignored"], 2, "{lines}");
    assert_eq!(lines["missed"], 3, "{lines}");
    assert_eq!(lines["skipped"], 2, "{lines}");
    let first = &report["addresses"][0];
    assert_eq!(first["address"], "203.0.113.7");
    assert_eq!(first["hits"], 4);
    assert_eq!(first["first"]["time"], "2026-11-20T03:14:07+00:00");
    assert_eq!(first["last"]["epoch"], 1_795_144_859.0);
    assert_eq!(first["failregex"], serde_json::json!([1, 2]));
    let regex = &report["failregex"][1];
    assert_eq!(regex["hits"], 1);
    assert!(
        regex["file"]
            .as_str()
            .is_some_and(|f| f.ends_with("sshd.conf"))
    );
    assert_eq!(regex["line"], 15);
}

#[test]
fn an_option_chooses_other_regexes() {
    let report = json(&[LOG, "testdata/filter.d/sshd.conf[mode=strict]"]);
    assert_eq!(report["lines"]["matched"], 8);
    assert_eq!(report["filter"]["options"]["mode"], "strict");
}

#[test]
fn a_line_and_a_regex_as_text() {
    let line = "Dec 31 11:59:59 host sshd[1]: Failed password for root from 192.0.2.1";
    let report = json(&[line, r"Failed password for \S+ from <HOST>"]);
    assert_eq!(report["lines"]["matched"], 1);
    assert_eq!(
        report["addresses"][0]["first"]["time"],
        "2025-12-31T11:59:59+00:00"
    );
}

#[test]
fn the_table_fits_80_columns() {
    let text = stdout(&[LOG, FILTER]);
    for line in text.lines().take_while(|l| !l.starts_with("Ignored lines")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(
        text.contains("Lines: 12 lines, 2 ignored, 7 matched, 3 missed"),
        "{text}"
    );
}

#[test]
fn rows_and_inverted_rows() {
    assert_eq!(
        stdout(&["--out", "<ip> <F-USER>", LOG, FILTER])
            .lines()
            .next(),
        Some("203.0.113.7 root")
    );
    let missed = stdout(&["-o", "msg", "-i", LOG, FILTER]);
    assert!(missed.contains("Accepted publickey"), "{missed}");
    assert!(!missed.contains("Failed password for root"), "{missed}");
}

#[test]
fn errors_say_what_was_expected() {
    assert!(error(&["no/such.log", FILTER]).contains("no such log file"));
    assert!(error(&["-c", "testdata", LOG, "sshdd"]).contains("is it sshd?"));
    let unclosed = error(&[LOG, "(<HOST>"]);
    assert!(unclosed.contains("missing ), unterminated subpattern: a parenthesis of the log"));
    assert!(unclosed.contains("`\\(`\n    (<HOST>\n    ^"));
    assert!(error(&["-c", "testdata", LOG, "x[a='x,y,z',b=z,y]"]).contains("option"));
    assert!(error(&["-d", "%Q <", LOG, FILTER]).contains("datepattern"));
    assert!(error(&["--timezone", "Nowhere/City", LOG, FILTER]).contains("Europe/Berlin"));
    assert!(error(&["-e", "klingon", LOG, FILTER]).contains("klingon"));
    assert!(error(&["--now", "tomorrow", LOG, FILTER]).contains("RFC 3339"));
    assert!(error(&[LOG]).contains("--help"));
}

#[test]
fn conditions_have_status_1() {
    let line = "Dec 31 11:59:59 nothing here";
    f2b(&["--require-match", line, "from <HOST>$"])
        .assert()
        .code(1);
    f2b(&["--require-match", LOG, FILTER]).assert().code(0);
    f2b(&["--strict", "no date, from 192.0.2.1", "from <HOST>$"])
        .assert()
        .code(1);
}

#[test]
fn an_undated_log_is_said_loudly() {
    let report = json(&["no date, from 192.0.2.1", "from <HOST>$"]);
    assert_eq!(report["warnings"][0]["code"], "no-date");
    assert_eq!(report["lines"]["matched"], 1);
}

#[test]
fn exponential_patterns_answer() {
    let line = format!("Jan  1 00:00:00 {}", "a".repeat(10_000));
    for regex in [
        r"(a*)*b<HOST>",
        r"^(?:[^\[]+ )*<HOST>\[$",
        r"(a+)+$\s<HOST>",
    ] {
        let report = json(&["--line", &line, regex]);
        assert_eq!(report["lines"]["missed"], 1, "{regex}");
        assert_eq!(report["warnings"], serde_json::json!([]), "{regex}");
    }
}

#[test]
fn terminal_escapes_are_not_passed_on() {
    let line = "Jan  1 00:00:00 \u{1b}]0;owned\u{7} from 192.0.2.1";
    let text = stdout(&["--print-all-missed", line, "never <HOST>"]);
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{7}'),
        "{text:?}"
    );
}
