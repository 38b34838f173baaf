//! Runs of fail2ban-regex on filters and logs of ours, recorded in `testdata/recorded`, which a
//! plain clone has: the same standard output, byte for byte, and the same exit status.

use crate::util::{Run, difference, f2b, repository};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// `cases.toml`.
#[derive(Deserialize)]
struct Cases {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// What the case is there for.
    about: String,
    args: Vec<String>,
    #[serde(default)]
    exit: i32,
    /// The machine's time zone, where it is not UTC.
    tz: Option<String>,
}

fn directory() -> PathBuf {
    repository("testdata/recorded")
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn cases() -> Vec<Case> {
    let cases: Cases = toml::from_str(&text_of("cases.toml")).expect("cases");
    assert!(cases.cases.len() >= 150, "cases are gone");
    cases.cases
}

/// What is different from the recording; empty where nothing is.
fn judge(case: &Case) -> String {
    let mut command = f2b(&["--format", "classic"]);
    if let Some(zone) = &case.tz {
        command.env("TZ", zone);
    }
    let ran = command.current_dir(directory()).args(&case.args).ran();
    let printed: String = ran
        .stdout
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("[processed in "))
        .collect();
    let mut wrong = difference(&text_of(&format!("expected/{}.txt", case.name)), &printed);
    if ran.status != Some(case.exit) {
        let _ = writeln!(
            wrong,
            "exit status {:?}, not {}: {}",
            ran.status, case.exit, ran.stderr
        );
    }
    wrong
}

#[test]
fn reports_are_those_of_fail2ban_regex() {
    let mut wrong = String::new();
    for case in cases() {
        let difference = judge(&case);
        if !difference.is_empty() {
            let (name, about) = (case.name, case.about);
            let _ = writeln!(wrong, "---- {name} ({about})\n{difference}");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// No recording without its case, no case without its line in README.md.
#[test]
fn cases_recordings_and_list_are_the_same() {
    let names: BTreeSet<String> = cases().into_iter().map(|case| case.name).collect();
    let recorded: BTreeSet<String> = std::fs::read_dir(directory().join("expected"))
        .expect("recordings")
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let readme = text_of("README.md");
    let listed: BTreeSet<String> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.ends_with('/') && !name.contains('.'))
        .collect();
    assert_eq!(names, recorded, "record.py records the cases anew");
    assert_eq!(names, listed, "record.py writes the list anew");
}
