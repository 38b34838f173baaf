//! `f2b-regex check` as a whole binary: samples, faults, coverage, expectations, traps.

use crate::util::{Run, f2b, repository};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn testdata() -> PathBuf {
    repository("testdata/check")
}

fn run(directory: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = f2b(&[&["check"], arguments].concat());
    let ran = command.current_dir(directory).ran();
    (ran.status.unwrap(), ran.stdout, ran.stderr)
}

fn json(directory: &Path, arguments: &[&str]) -> (i32, Value) {
    let mut all = arguments.to_vec();
    all.extend(["--format", "json"]);
    let (status, out, err) = run(directory, &all);
    (
        status,
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}")),
    )
}

/// Codes of the findings of one filter.
fn codes(report: &Value) -> Vec<String> {
    let filters = report["filters"].as_array().unwrap().iter();
    let findings = filters.flat_map(|f| f["findings"].as_array().unwrap().clone());
    findings
        .map(|f| f["code"].as_str().unwrap().to_string())
        .collect()
}

/// A writable copy of the testdata.
fn copy() -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for part in ["filter.d", "logs", "light"] {
        let target = to.path().join(part);
        std::fs::create_dir(&target).unwrap();
        for entry in std::fs::read_dir(testdata().join(part)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
        }
    }
    to
}

fn change(file: PathBuf, from: &str, to: &str) {
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn samples_pass_and_are_counted() {
    let arguments = ["filter.d", "--samples", "logs", "--coverage-min", "100"];
    let (status, report) = json(&testdata(), &arguments);
    assert_eq!((status, codes(&report)), (0, Vec::new()));
    assert_eq!(report["annotated_lines"], 4);
    assert_eq!(report["plain_lines"], 1);
    assert_eq!(report["tests"], 9);
    assert_eq!(
        report["coverage"]["covered"],
        report["coverage"]["failregexes"]
    );
}

#[test]
fn each_kind_of_wrong_sample_is_found() {
    for (from, to, code) in [
        ("\"host\": \"192.0.2.1\"", "\"host\": \"192.0.2.2\"", "S005"),
        ("\"user\": \"anna\"", "\"user\": \"ann\"", "S005"),
        ("16:47:46\", \"match\"", "16:47:40\", \"match\"", "S006"),
        ("\"match\": false, ", "\"match\": true, ", "S002"),
        ("welcome anna", "blocked 192.0.2.7", "S003"),
        ("login failed for anna", "login failer for anna", "S002"),
        ("name == 'shop'", "name === 'shop'", "S001"),
        (
            "{ \"match\": true, \"host\": \"192.0.2.3\"",
            "{ \"match\": true \"host\"",
            "S001",
        ),
    ] {
        let copy = copy();
        change(copy.path().join("logs/shop"), from, to);
        let (status, report) = json(copy.path(), &["filter.d", "--samples", "logs", "--no-lint"]);
        let found = codes(&report);
        assert!(
            status == 1 && found.iter().any(|c| c == code),
            "{to}: {status} {found:?}"
        );
    }
}

#[test]
fn several_matches_are_found() {
    let copy = copy();
    change(
        copy.path().join("filter.d/shop.conf"),
        "^blocked",
        "^login \\S+ for anna from <ADDR>$\n    ^blocked",
    );
    let (status, report) = json(copy.path(), &["filter.d", "--samples", "logs", "--no-lint"]);
    assert!(
        status == 1 && codes(&report).contains(&"S004".to_string()),
        "{report}"
    );
}

#[test]
fn a_missed_line_shows_where_the_regex_stopped() {
    let copy = copy();
    change(
        copy.path().join("logs/shop"),
        "failed for anna from",
        "failed for anna at",
    );
    let (_, out, _) = run(copy.path(), &["filter.d", "--samples", "logs", "--no-lint"]);
    let lines: Vec<&str> = out.lines().collect();
    let at = lines
        .iter()
        .position(|l| l.contains("failed for anna at"))
        .unwrap();
    let column = |line: &str, what: &str| line.find(what);
    assert_eq!(
        column(lines[at], "at 192"),
        column(lines[at + 1], "^"),
        "{out}"
    );
    assert!(
        out.contains("the nearest regex stopped here") && out.contains("logs/shop:4:"),
        "{out}"
    );
}

#[test]
fn coverage_has_a_minimum() {
    let copy = copy();
    change(
        copy.path().join("logs/shop"),
        "blocked 2001:db8::1 again",
        "login failed for x from 2001:db8::1",
    );
    let all = ["filter.d", "--samples", "logs", "--no-lint"];
    let (status, report) = json(copy.path(), &all);
    assert_eq!((status, codes(&report)), (0, vec!["C001".to_string()]));
    let (status, report) = json(
        copy.path(),
        &[&all[..], &["--coverage-min", "100"]].concat(),
    );
    assert_eq!(
        (status, codes(&report)),
        (1, vec!["C001".to_string(), "C002".to_string()])
    );
    assert_eq!(
        run(copy.path(), &[&all[..], &["--coverage-min", "60"]].concat()).0,
        0
    );
    assert_eq!(run(copy.path(), &[&all[..], &["--strict"]].concat()).0, 1);
}

#[test]
fn expectations_are_checked_and_updated() {
    let copy = copy();
    let (status, report) = json(
        copy.path(),
        &["light", "--no-lint", "--coverage-min", "100"],
    );
    assert_eq!((status, codes(&report)), (0, Vec::new()));
    assert_eq!(report["tests"], 3);
    change(
        copy.path().join("light/shop.conf"),
        "login failed for <F",
        "login denied for <F",
    );
    let (status, report) = json(copy.path(), &["light", "--no-lint"]);
    assert_eq!((status, &codes(&report)[0][..]), (1, "S009"));
    assert_eq!(report["filters"][0]["findings"][0]["line"], 3);
    assert_eq!(run(copy.path(), &["light", "--no-lint", "--update"]).0, 0);
    let text = std::fs::read_to_string(copy.path().join("light/shop.yaml")).unwrap();
    assert!(
        text.starts_with("# What the shop's") && text.contains("gives: missed"),
        "{text}"
    );
    assert!(!text.contains("user: anna"), "{text}");
    assert_eq!(run(copy.path(), &["light", "--no-lint"]).0, 0);
    // a key that is none says where
    change(copy.path().join("light/shop.yaml"), "gives:", "give:");
    let (status, report) = json(copy.path(), &["light", "--no-lint"]);
    assert_eq!((status, codes(&report)), (1, vec!["S008".to_string()]));
}

#[test]
fn expectations_are_written_from_a_plain_log() {
    let copy = copy();
    std::fs::remove_file(copy.path().join("light/shop.yaml")).unwrap();
    std::fs::create_dir(copy.path().join("plain")).unwrap();
    let log = "Jun 21 16:47:46 login failed for anna from 192.0.2.1\nJun 21 16:47:47 welcome\n";
    std::fs::write(copy.path().join("plain/shop.log"), log).unwrap();
    assert_eq!(
        run(
            copy.path(),
            &["light", "-s", "plain", "--no-lint", "--update"]
        )
        .0,
        0
    );
    let text = std::fs::read_to_string(copy.path().join("light/shop.yaml")).unwrap();
    assert!(
        text.contains("user: anna") && text.contains("gives: missed"),
        "{text}"
    );
    assert_eq!(
        run(copy.path(), &["light", "-s", "plain", "--no-lint"]).0,
        0
    );
}

/// Every planted trap, with the code that finds it.
const PLANTED: &[(&str, &str)] = &[
    ("unanchored", "L001"),
    ("greedy", "L002"),
    ("injection", "L003"),
    ("two-hosts", "L004"),
    ("exponential", "L005"),
    ("polynomial", "L005"),
    ("never", "L006"),
    ("contradiction", "L006"),
    ("shadowed", "L007"),
    ("duplicate", "L008"),
    ("option", "L009"),
    ("tag", "L010"),
    ("quotes", "L011"),
    ("semicolon", "L012"),
    ("dates", "L013"),
    ("unit", "L014"),
    ("journal", "L015"),
    ("host-name", "L016"),
    ("content", "L017"),
    ("percent", "F006"),
    ("syntax", "F002"),
    ("nobody", "F003"),
];

#[test]
fn planted_traps_are_found_in_their_place() {
    let planted = testdata().join("planted");
    let (status, report) = json(&planted, &["filter.d", "--samples", "logs"]);
    assert_eq!(status, 1);
    let filters = report["filters"].as_array().unwrap();
    for (name, code) in PLANTED {
        let filter = filters.iter().find(|f| f["name"] == *name).unwrap();
        let findings = filter["findings"].as_array().unwrap();
        let found = findings.iter().find(|f| f["code"] == *code);
        let found = found.unwrap_or_else(|| panic!("{name}: no {code} in {findings:?}"));
        assert_eq!(found["file"], format!("filter.d/{name}.conf"), "{name}");
    }
    let silenced = filters.iter().find(|f| f["name"] == "silenced").unwrap();
    assert_eq!(silenced["findings"].as_array().unwrap().len(), 0);
    let exponential = filters.iter().find(|f| f["name"] == "exponential").unwrap();
    assert_eq!(exponential["findings"][0]["severity"], "error");
}

#[test]
fn faults_have_a_caret() {
    let planted = testdata().join("planted/filter.d");
    let (status, out, _) = run(&planted, &["syntax.conf", "--no-lint"]);
    assert_eq!(status, 1);
    assert!(out.contains("syntax.conf:3:20"), "{out}");
    let (_, out, _) = run(&planted, &["percent.conf", "--no-lint"]);
    assert!(
        out.contains("percent.conf:3:23") && out.contains("written %%"),
        "{out}"
    );
}

#[test]
fn usage_errors_are_status_2() {
    let (status, _, err) = run(&testdata(), &["no-such-directory"]);
    assert_eq!(status, 2);
    assert!(err.contains("no-such-directory"), "{err}");
    assert_eq!(run(&testdata(), &["logs"]).0, 2);
    assert_eq!(run(&testdata(), &["filter.d", "--now", "yesterday"]).0, 2);
    assert_eq!(
        run(&testdata(), &["filter.d", "--coverage-min", "101"]).0,
        2
    );
    assert_eq!(run(&testdata(), &["--explain", "L999"]).0, 2);
    assert_eq!(run(&testdata(), &[]).0, 2);
    assert_eq!(run(&testdata(), &["--help"]).0, 0);
}

#[test]
fn every_code_is_explained() {
    let (status, out, _) = run(&testdata(), &["--explain", "all"]);
    assert_eq!(status, 0);
    for (_, code) in PLANTED {
        assert!(out.contains(&format!("{code} ")), "{code}");
    }
    let (_, out, _) = run(&testdata(), &["--explain", "L005"]);
    assert!(
        out.contains("backtracking") && !out.contains("//!"),
        "{out}"
    );
}
