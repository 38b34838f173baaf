//! `f2b-regex draft`: a filter for lines that should match, held to what it promises by runs of
//! its own. The formats are those of `testdata/draft/cases.toml`.

use crate::util::{Place, Ran, Run, f2b, repository};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[derive(Deserialize)]
struct Cases {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    lines: Vec<String>,
    addresses: Vec<String>,
    good: Vec<String>,
}

/// A directory with a configuration that has no filter for anything, but common.conf.
fn place() -> Place {
    let place = Place::new();
    let common = "[DEFAULT]\n_daemon = \\S*\n\
                  __prefix_line = \\s*(?:\\S+ )?%(_daemon)s(?:\\[\\d+\\])?:\\s+\n";
    place.write("etc/filter.d/common.conf", common);
    place.write(
        "etc/filter.d/none.conf",
        "[Definition]\nfailregex = ^never <HOST>$\n",
    );
    place
}

fn draft(place: &Place, arguments: &[&str]) -> Ran {
    let all = [&["draft", "-c", "etc"], arguments].concat();
    f2b(&all).current_dir(place.path()).ran()
}

/// The addresses a filter finds in a log.
fn addresses(place: &Place, log: &str, filter: &str) -> BTreeSet<String> {
    let ran = f2b(&[log, filter, "--format", "json"])
        .current_dir(place.path())
        .ran();
    let report = ran.ended(0).json();
    let all = report["addresses"].as_array().expect("a list");
    let all = all.iter().map(|a| a["address"].as_str().expect("a text"));
    all.map(str::to_owned).collect()
}

/// What is wrong with the draft of a case; empty where it is good.
fn judge(case: &Case) -> String {
    let place = place();
    place.write("bad.log", case.lines.join("\n") + "\n");
    place.write("good.log", case.good.join("\n") + "\n");
    let ran = draft(&place, &["bad.log", "--good", "good.log", "--name", "made"]);
    if ran.status != Some(0) {
        return format!("{}{}", ran.stdout, ran.stderr);
    }
    let mut wrong = String::new();
    place.write(
        "etc/filter.d/made.conf",
        std::fs::read(place.at("made.conf")).expect("made"),
    );
    let filter = "etc/filter.d/made.conf";
    let run = f2b(&["bad.log", filter, "--format", "json"])
        .current_dir(place.path())
        .ran()
        .json();
    if run["lines"]["matched"] != case.lines.len() as u64 {
        let _ = writeln!(wrong, "{} of the lines match", run["lines"]["matched"]);
    }
    let found = addresses(&place, "bad.log", filter);
    let wanted: BTreeSet<String> = case.addresses.iter().cloned().collect();
    if found != wanted {
        let _ = writeln!(wrong, "{found:?}, not {wanted:?}\n{}", ran.stdout);
    }
    let good = addresses(&place, "good.log", filter);
    if !good.is_empty() {
        let _ = writeln!(wrong, "good lines match: {good:?}\n{}", ran.stdout);
    }
    // the samples are what check reads, and it finds nothing wrong
    place.write(
        "etc/filter.d/made.yaml",
        std::fs::read(place.at("made.yaml")).expect("made"),
    );
    let checked = f2b(&["check", "--strict", filter])
        .current_dir(place.path())
        .ran();
    if checked.status != Some(0) {
        let _ = writeln!(wrong, "{}", checked.stdout);
    }
    wrong
}

#[test]
fn twenty_formats_have_drafts() {
    let path = repository("testdata/draft/cases.toml");
    let text = std::fs::read_to_string(path).expect("cases");
    let cases: Cases = toml::from_str(&text).expect("cases");
    assert!(cases.cases.len() >= 20);
    let mut wrong = String::new();
    for case in &cases.cases {
        assert_eq!(case.lines.len(), case.addresses.len(), "{}", case.name);
        let said = judge(case);
        if !said.is_empty() {
            let _ = writeln!(wrong, "---- {}\n{said}", case.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_filter_that_is_there_is_named() {
    let place = place();
    let door = "[Definition]\nfailregex = ^ door: <HOST> refused by \\S+$\n";
    place.write("etc/filter.d/door.conf", door);
    let line = "2026-11-20 10:00:00 door: 192.0.2.1 refused by 198.51.100.1";
    let arguments = ["--line", line, "--dry-run", "--format", "json"];
    let report = draft(&place, &arguments).ended(0).json();
    assert_eq!(report["existing"]["filter"], "door");
    // its address is another than the one asked for
    let other = [&arguments[..], &["--address", "2"]].concat();
    let report = draft(&place, &other).ended(0).json();
    assert!(report["existing"].is_null());
    let regex = report["draft"]["failregex"][0]["regex"]
        .as_str()
        .expect("a text");
    assert!(regex.contains("refused by <ADDR>"), "{regex}");
    let anew = [&arguments[..], &["--anew"]].concat();
    assert!(draft(&place, &anew).ended(0).json()["existing"].is_null());
}

#[test]
fn what_stands_against_a_filter_is_said() {
    let place = place();
    let line = "2026-11-20 10:00:00 door: refused";
    let ran = draft(&place, &["--line", line, "--format", "json"]).ended(1);
    let report = ran.json();
    assert_eq!(report["against"][0]["line"], line);
    assert_eq!(report["against"][0]["why"], "no address stands in it");
    // the same line must and must not match
    let line = "2026-11-20 10:00:00 door: 192.0.2.1 refused";
    place.write("good.log", format!("{line}\n"));
    let ran = draft(&place, &["--line", line, "--good", "good.log"]).ended(1);
    assert!(
        ran.stdout.contains("it must not match, and does"),
        "{}",
        ran.stdout
    );
    assert!(!place.at("draft.conf").exists());
}

#[test]
fn words_are_listed_where_a_class_would_match_a_good_line() {
    let place = place();
    let lines = "2026-11-20 10:00:00 door: login of anna refused from 192.0.2.1\n\
                 2026-11-20 10:00:01 door: login of bob denied from 192.0.2.2\n";
    place.write("bad.log", lines);
    place.write(
        "good.log",
        "2026-11-20 10:00:01 door: login of eve granted from 192.0.2.3\n",
    );
    let arguments = [
        "bad.log",
        "--good",
        "good.log",
        "--dry-run",
        "--format",
        "json",
    ];
    let report = draft(&place, &arguments).ended(0).json();
    let regex = report["draft"]["failregex"][0]["regex"]
        .as_str()
        .expect("a text");
    assert!(regex.contains("(?:denied|refused)"), "{regex}");
}

#[test]
fn files_that_are_there_stay() {
    let place = place();
    place.write("made.yaml", "mine");
    let line = "2026-11-20 10:00:00 door: 192.0.2.1 refused";
    let ran = draft(&place, &["--line", line, "--name", "made"]).ended(2);
    assert!(
        ran.stderr.contains("made.yaml: is there already"),
        "{}",
        ran.stderr
    );
    assert!(!place.at("made.conf").exists());
    let said = draft(&place, &["--line", line, "--name", "../made"])
        .ended(2)
        .stderr;
    assert!(said.contains("--name ../made"), "{said}");
    draft(&place, &[]).ended(2);
}
