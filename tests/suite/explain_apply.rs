//! `--apply` and `--write`: a hint's change made to the run, and to the filter's `.local`.

use crate::util::{Place, Run, f2b};
use serde_json::Value;

const LOG: &str = "2026-11-20 09:00:01 shop: login failed for anna from 192.0.2.1\n\
                   2026-11-20 09:00:02 shop: login ok for bert from 192.0.2.2\n\
                   2026-11-20 09:00:03 shop: login failed for carl from 2001:db8::6\n";
const FILTER: &str = "[Definition]\nfailregex = ^shop: login failed for \\S+ from <HOST>$\n";

/// A log, and a filter that forgot the blank the date leaves.
fn place() -> Place {
    let place = Place::new();
    place.write("shop.log", LOG);
    place.write("shop.conf", FILTER);
    place
}

fn json(place: &Place, arguments: &[&str]) -> Value {
    let log = place.path().join("shop.log");
    let filter = place.path().join("shop.conf");
    let mut command = f2b(&["--format", "json"]);
    command.args([&log, &filter]).args(arguments);
    command.ran().json()
}

#[test]
fn a_hint_is_applied_to_the_run() {
    let place = place();
    let report = json(&place, &[]);
    assert_eq!(report["lines"]["matched"], 0);
    let change = &report["hints"][0]["apply"][0];
    assert_eq!(change["change"], "regex");
    assert_eq!(
        change["to"]["to"],
        r"^\s*shop: login failed for \S+ from <HOST>$"
    );
    let applied = json(&place, &["--apply", "1"]);
    assert_eq!(applied["lines"]["matched"], 2);
    assert_eq!(applied["hints"], Value::Array(Vec::new()));
    // nothing is written unless asked for
    assert!(!place.path().join("shop.local").exists());
}

#[test]
fn a_change_is_written_to_the_local_file_only() {
    let place = place();
    let applied = json(&place, &["--apply", "1", "--write"]);
    assert_eq!(applied["lines"]["matched"], 2);
    let local = place.path().join("shop.local");
    let text = std::fs::read_to_string(&local).expect("it was written");
    assert_eq!(
        text,
        "[Definition]\nfailregex = ^\\s*shop: login failed for \\S+ from <HOST>$\n"
    );
    let conf = std::fs::read_to_string(place.path().join("shop.conf")).expect("it is there");
    assert_eq!(conf, FILTER);
    assert_eq!(json(&place, &[])["lines"]["matched"], 2);
}

#[test]
fn a_value_that_is_there_is_not_replaced_unasked() {
    let place = place();
    let old = "[Definition]\nfailregex = ^shop: login failed for \\S+ from <HOST>$\n";
    let local = place.write("shop.local", old);
    let log = place.path().join("shop.log");
    let filter = place.path().join("shop.conf");
    let run = |more: &[&str]| {
        let mut command = f2b(&["--apply", "1", "--write"]);
        command.args([&log, &filter]).args(more);
        command.output().expect("it runs")
    };
    let refused = run(&[]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("line 2 sets `failregex` already"), "{said}");
    let text = std::fs::read_to_string(&local).expect("it is there");
    assert_eq!(text, old);
    assert_eq!(run(&["--write"]).status.code(), Some(0));
    let text = std::fs::read_to_string(&local).expect("it is there");
    assert!(text.contains(r"^\s*shop"), "{text}");
}

#[test]
fn a_hint_that_is_not_there_is_an_error() {
    let place = place();
    let log = place.path().join("shop.log");
    let mut command = f2b(&["--apply", "7"]);
    command.arg(&log).arg("login failed for .* from <ADDR>$");
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--apply 7: no such hint"), "{said}");
}

/// A command over the log and the filter of a place, with what it needs besides.
fn of(place: &Place, command: &str, arguments: &[&str]) -> crate::util::Ran {
    let (log, filter) = (
        place.path().join("shop.log"),
        place.path().join("shop.conf"),
    );
    let mut program = f2b(&[command, "--format", "json"]);
    program.args([&log, &filter]).args(arguments);
    program.ran()
}

#[test]
fn every_command_applies_the_hint() {
    let place = place();
    let explain = |more: &[&str]| of(&place, "explain", more).json();
    let first = explain(&[]);
    assert_eq!(
        (&first["number"], &first["verdict"]),
        (&1.into(), &"missed".into())
    );
    // the line that was explained, with the filter changed
    let applied = explain(&["--apply", "1"]);
    assert_eq!(
        (&applied["number"], &applied["verdict"]),
        (&1.into(), &"matched".into())
    );
    assert_eq!(explain(&["--all", "--apply", "1"])["lines"]["matched"], 2);
    let bench = |more: &[&str]| of(&place, "bench", &[&["--no-time"], more].concat()).json();
    let filter = place.path().join("shop.conf");
    let filter = filter.to_str().expect("a plain path");
    let compared = bench(&["--against", filter, "--apply", "1"]);
    assert_eq!(compared["comparison"]["unchanged"], false, "{compared}");
    assert_eq!(
        bench(&["--against", filter])["comparison"]["unchanged"],
        true
    );
    let bans = |more: &[&str]| {
        let report = of(&place, "simulate", &[&["--maxretry", "1"], more].concat()).json();
        report["jails"][0]["bans"].as_array().expect("bans").len()
    };
    assert_eq!((bans(&[]), bans(&["--apply", "1"])), (0, 2));
    for command in ["explain", "bench", "simulate"] {
        let said = of(&place, command, &["--apply", "7"]).ended(2).stderr;
        assert!(said.contains("--apply 7: no such hint"), "{said}");
        assert!(!place.path().join("shop.local").exists());
    }
    of(&place, "explain", &["--apply", "1", "--write"]).json();
    assert!(place.path().join("shop.local").exists());
    assert_eq!(bans(&[]), 2);
}
