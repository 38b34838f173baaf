//! `f2b-regex bench`: what it counts, ranks and refuses. Nothing here depends on a time.

use crate::util::{Place, Run, f2b, left_out};
use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

/// `bench` on a log and a filter of these texts, with few rounds.
fn bench(directory: &Path, log: &str, failregexes: &str) -> Command {
    std::fs::write(directory.join("d.log"), log).expect("a temporary file");
    let filter = format!("[Definition]\n{failregexes}\n");
    std::fs::write(directory.join("d.conf"), filter).expect("a temporary file");
    let mut command = f2b(&["bench", "-c", "/nonexistent"]);
    command
        .current_dir(directory)
        .args(["--runs", "3", "--warmup", "1", "d.log", "./d.conf"]);
    command
}

fn timing(command: &mut Command) -> Value {
    let report = command.args(["--format", "json"]).ran().json();
    report["filter"]["timing"].clone()
}

fn parts<'v>(timing: &'v Value, kind: &str) -> Vec<&'v Value> {
    let all = timing["parts"].as_array().expect("a list");
    all.iter().filter(|part| part["kind"] == kind).collect()
}

const LOG: &str = "2026-11-20 10:00:00 d: Failed login from 192.0.2.1\n\
    2026-11-20 10:00:01 d: session opened\n\
    2026-11-20 10:00:02 d: Failed login from 192.0.2.2\n\
    2026-11-20 10:00:03 other: Failed login from 192.0.2.3\n";

#[test]
fn every_part_is_there_with_its_tries_hits_and_gate() {
    let directory = Place::new();
    let filter = "prefregex = ^ d: <F-CONTENT>.+</F-CONTENT>$\n\
        failregex = ^Failed login from <HOST>$\n  ^Bad login from <HOST>$\n\
        ignoreregex = 192\\.0\\.2\\.2";
    let timing = timing(&mut bench(directory.path(), LOG, filter));
    assert_eq!(timing["lines"], 4);
    assert_eq!(timing["whole"]["runs"], 3);
    // the other program's line lacks what prefregex requires, and is not searched
    let prefregex = &parts(&timing, "prefregex")[0]["in_place"];
    assert_eq!(
        (&prefregex["tries"], &prefregex["hits"]),
        (&3.into(), &3.into())
    );
    let failregexes = parts(&timing, "failregex");
    // three lines pass prefregex; the gate knows what each regex begins with
    let begins = failregexes[0]["gate"]["begins"].as_str().expect("anchored");
    assert!(begins.starts_with("Failed login from"), "{begins}");
    let requires = serde_json::json!(["Failed login from "]);
    assert_eq!(failregexes[0]["gate"]["requires"], requires);
    assert_eq!(failregexes[0]["gate"]["passed"], 2);
    // it is asked before prefregex is searched
    assert_eq!(failregexes[0]["gate"]["lines"], 4);
    assert_eq!(failregexes[0]["in_place"]["hits"], 2);
    assert_eq!(failregexes[0]["hit"]["lines"], 2);
    assert_eq!(failregexes[0]["miss"]["lines"], 1);
    assert_eq!(failregexes[1]["gate"]["passed"], 0);
    assert_eq!(failregexes[1]["in_place"]["tries"], 0);
    // fail2ban has no gate: it tries it on all three, and on no line it hits
    assert_eq!(failregexes[1]["fail2ban"]["searches"], 3);
    assert_eq!(failregexes[1]["hit"], Value::Null);
    // asked once per line a failregex hit
    let ignoreregex = &parts(&timing, "ignoreregex")[0]["in_place"];
    assert_eq!(
        (&ignoreregex["tries"], &ignoreregex["hits"]),
        (&2.into(), &1.into())
    );
    assert!(!parts(&timing, "date_template").is_empty());
    assert_eq!(parts(&timing, "date_reading")[0]["in_place"]["tries"], 4);
    let shares = timing["parts"].as_array().expect("a list").iter();
    let sum: f64 = shares
        .filter_map(|part| part["in_place"]["share"].as_f64())
        .sum();
    assert!((sum - 1.0).abs() < 1e-6, "{sum}");
}

#[test]
fn failregexes_are_ranked_by_steps_and_their_dearest_lines_named() {
    let directory = Place::new();
    let long = "a ".repeat(200);
    let log = format!("{LOG}2026-11-20 10:00:04 d: {long}\n");
    let filter = "failregex = ^ d: Failed login from <HOST>$\n  .*a.*a.* from <HOST>$";
    let mut command = bench(directory.path(), &log, filter);
    let timing = timing(command.args(["--slowest", "2"]));
    assert_eq!(timing["fail2ban_rank"], serde_json::json!([2, 1]));
    let failregexes = parts(&timing, "failregex");
    assert_eq!(failregexes[0]["fail2ban"]["walk"], "once");
    assert_eq!(failregexes[1]["fail2ban"]["walk"], "everywhere");
    assert_eq!(failregexes[1]["fail2ban"]["worst_line"], 5);
    let slowest = failregexes[1]["slowest"].as_array().expect("a list");
    assert_eq!(slowest.len(), 2);
    assert_eq!(slowest[0]["line"], 5);
    let steps = |at: usize| slowest[at]["steps"].as_u64().expect("a number");
    assert!(steps(0) > 10 * steps(1), "{slowest:?}");
    // .*a.*a.* from every place: the cube of the line, at least
    let slope = failregexes[1]["growth"]["slope"].as_f64();
    assert!(slope.is_none_or(|slope| slope > 2.0), "{slope:?}");
    let tame = failregexes[0]["growth"]["slope"]
        .as_f64()
        .expect("it was doubled");
    assert!(tame < 0.5, "{tame}");
}

#[test]
fn a_regex_fail2ban_would_hang_on_is_named_endless() {
    let directory = Place::new();
    let log = format!("2026-11-20 10:00:04 d: {}!\n", "a".repeat(60));
    let filter = "failregex = ^ d: (?:a|aa)+ <HOST>$";
    let timing = timing(&mut bench(directory.path(), &log, filter));
    let part = parts(&timing, "failregex")[0];
    assert_eq!(part["fail2ban"]["endless"], 1);
    assert_eq!(part["growth"]["endless"], true);
    // ours answers all the same
    assert_eq!(part["miss"]["lines"], 1);
}

#[test]
fn budgets_decide_the_status() {
    let directory = Place::new();
    let here = directory.path();
    let filter = "failregex = ^ d: Failed login from <HOST>$";
    // no line takes a thousand seconds, and none takes no time
    bench(here, LOG, filter)
        .args(["--max-ns-per-line", "1e12"])
        .assert()
        .code(0);
    let over = bench(here, LOG, filter)
        .args(["--max-ns-per-line", "0"])
        .assert()
        .code(1);
    let said = String::from_utf8_lossy(&over.get_output().stderr).into_owned();
    assert!(said.contains("--max-ns-per-line 0 exceeded"), "{said}");
    let against = ["--against", "./d.conf", "--max-ratio"];
    bench(here, LOG, filter)
        .args(against)
        .arg("1e9")
        .assert()
        .code(0);
    bench(here, LOG, filter)
        .args(against)
        .arg("1e-9")
        .assert()
        .code(1);
    bench(here, LOG, filter)
        .args(["--max-ratio", "1"])
        .assert()
        .code(2);
    bench(here, LOG, filter)
        .args(["--max-ns-per-line", "5", "--no-time"])
        .assert()
        .code(2);
}

/// Whether there is a Python to measure with; where not, these tests have nothing to say.
fn has_python() -> bool {
    let python = std::process::Command::new("python3")
        .arg("--version")
        .output();
    python.is_ok_and(|output| output.status.success())
}

#[test]
fn python_measures_the_same_regexes_on_the_same_lines() {
    if !has_python() {
        left_out("bench --python", "python3");
        return;
    }
    let directory = Place::new();
    let filter =
        "failregex = ^ d: Failed login from <HOST>$\n  login from <HOST>\n  [oO]pened <HOST>";
    let timing = timing(bench(directory.path(), LOG, filter).arg("--python"));
    let version = timing["python"]["version"].as_str().expect("a version");
    assert!(version.contains(' '), "{version}");
    for part in parts(&timing, "failregex") {
        assert_eq!(part["fail2ban"]["python"]["runs"], 3, "{part}");
        assert_eq!(part["fail2ban"]["python_disagrees"], 0, "{part}");
    }
    assert!(
        timing["python"]["rank_correlation"]
            .as_f64()
            .is_some_and(|r| r.abs() <= 1.0)
    );
}

#[test]
fn a_python_that_does_not_run_is_an_error() {
    let directory = Place::new();
    let filter = "failregex = ^ d: Failed login from <HOST>$";
    let mut command = bench(directory.path(), LOG, filter);
    let failed = command.arg("--python=/no/such/python").assert().code(2);
    let said = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    assert!(said.contains("/no/such/python"), "{said}");
    let mut command = bench(directory.path(), LOG, filter);
    let failed = command.arg("--python=false").assert().code(2);
    let said = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    assert!(said.contains("--python: false failed"), "{said}");
}

#[test]
fn a_multi_line_filter_and_an_empty_log_are_measured_too() {
    let directory = Place::new();
    let filter = "failregex = ^ d: Failed login from <HOST>$<SKIPLINES>^ d: Failed\n\
        [Init]\nmaxlines = 3";
    let timing_of = timing(&mut bench(directory.path(), LOG, filter));
    // lines 1 to 3 are the only three that hold two of the messages
    assert_eq!(parts(&timing_of, "failregex")[0]["hit"]["lines"], 1);
    let nothing = timing(&mut bench(directory.path(), "# only this\n", filter));
    assert_eq!(nothing["lines"], 0);
    assert_eq!(parts(&nothing, "failregex")[0]["miss"], Value::Null);
}

#[test]
fn the_tables_fit_eighty_columns() {
    let directory = Place::new();
    let filter = "failregex = ^ d: Failed login from <HOST>$\n  .*a.*a.* from <HOST>$";
    let output = bench(directory.path(), LOG, filter)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for wanted in [
        "Time here",
        "fail2ban ",
        "failregex #2",
        "the parts add up to",
        "slope",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    // a path is never cut
    let wide = |line: &&str| line.chars().count() > 80 && !line.starts_with("Filter");
    assert_eq!(text.lines().find(wide), None, "{text}");
    let mut command = bench(directory.path(), LOG, filter);
    let output = command
        .args(["--format", "markdown"])
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    let cells = |row: &str| row.matches('|').count();
    assert!(
        rows.len() > 4 && rows.iter().all(|row| cells(row) == cells(rows[0])),
        "{text}"
    );
}
