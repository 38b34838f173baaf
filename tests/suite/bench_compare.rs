//! `f2b-regex bench --against`: what changed in meaning. Nothing here is timed.

use crate::util::{Place, Run, f2b};
use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/bench")
}

/// `bench` in a directory, with a clock and without a configuration directory.
fn bench(directory: &Path) -> Command {
    let mut command = f2b(&["bench", "-c", "/nonexistent"]);
    command.current_dir(directory);
    command
}

fn json(command: &mut Command) -> Value {
    command.args(["--format", "json"]).ran().json()
}

/// The asterisk log of the story, as long as it was there: the few kinds of lines again and
/// again, every line with an address of its own kind.
fn pbx_log(directory: &Path) -> PathBuf {
    let kinds = std::fs::read_to_string(data().join("asterisk/pbx.log")).expect("testdata");
    let kinds: Vec<&str> = kinds.lines().collect();
    let lines: String = (0..13_339)
        .map(|n| format!("{}\n", kinds[n % kinds.len()]))
        .collect();
    let path = directory.join("pbx.log");
    std::fs::write(&path, lines).expect("a temporary file");
    path
}

#[test]
fn the_asterisk_story() {
    let directory = Place::new();
    let log = pbx_log(directory.path());
    let mut command = bench(&data().join("asterisk"));
    let report = json(command.arg(&log).args([
        "asterisk.conf",
        "--against",
        "old-asterisk.conf",
        "--no-time",
    ]));
    let found = &report["comparison"];
    assert_eq!(found["lines"], 13_339);
    // 13 339 = 1905 * 7 + 4: the first four kinds come once more
    assert_eq!(found["matched_by_both"], 1906);
    assert_eq!(found["gained"]["count"], 1906);
    assert_eq!(found["lost"]["count"], 0);
    let example = &found["gained"]["examples"][0];
    assert_eq!(example["line"], 4);
    assert_eq!(example["failregex"], serde_json::json!([2]));
    assert_eq!(example["addresses"], serde_json::json!(["198.51.100.7"]));
    let gained = &found["addresses"]["gained"];
    assert_eq!(gained[0]["address"], "198.51.100.7");
    assert_eq!(gained[0]["filter"], 1906);
    assert_eq!(gained.as_array().map(Vec::len), Some(1));
    assert_eq!(found["addresses"]["lost"], serde_json::json!([]));
    // the old second regex is the new first one: nothing moved
    assert_eq!(found["moved"]["count"], 0);
    assert_eq!(found["captures"]["count"], 0);
    assert_eq!(
        found["pairs"][0],
        serde_json::json!({"filter": 1, "against": 2, "change": "edited"})
    );
}

#[test]
fn the_other_way_round_what_was_gained_is_lost() {
    let mut command = bench(&data().join("asterisk"));
    let args = [
        "pbx.log",
        "old-asterisk.conf",
        "--against",
        "asterisk.conf",
        "--no-time",
    ];
    let report = json(command.args(args));
    let found = &report["comparison"];
    assert_eq!(found["gained"]["count"], 0);
    assert_eq!(found["lost"]["count"], 1);
    assert_eq!(found["lost"]["examples"][0]["against"], "matched");
    assert_eq!(found["addresses"]["lost"][0]["address"], "198.51.100.7");
}

#[test]
fn status_says_whether_the_meaning_changed() {
    let same = [
        "pbx.log",
        "asterisk.conf",
        "--against",
        "./asterisk.conf",
        "--no-time",
    ];
    let other = [
        "pbx.log",
        "asterisk.conf",
        "--against",
        "old-asterisk.conf",
        "--no-time",
    ];
    let directory = data().join("asterisk");
    bench(&directory)
        .args(same)
        .arg("--fail-on-change")
        .assert()
        .code(0);
    bench(&directory).args(other).assert().code(0);
    bench(&directory)
        .args(other)
        .arg("--fail-on-change")
        .assert()
        .code(1);
    bench(&directory)
        .args(["pbx.log", "no-such.conf", "--no-time"])
        .assert()
        .code(2);
}

/// Writes a filter and returns its path as an argument.
fn filter(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, format!("[Definition]\n{text}\n")).expect("a temporary file");
    path.display().to_string()
}

const LINES: &str = "2026-11-20 10:00:00 srv d: bad login for root from 192.0.2.1\n\
    2026-11-20 10:00:01 srv d: bad login for guest from 192.0.2.2\n\
    2026-11-20 10:00:02 srv d: hello 192.0.2.3\n\
    2026-11-20 10:00:03 srv d: no key for root from 192.0.2.1\n";

/// The comparison of two filters given as the bodies of their files, on [`LINES`].
fn compared(mine: &str, theirs: &str) -> Value {
    let directory = Place::new();
    let here = directory.path();
    std::fs::write(here.join("d.log"), LINES).expect("a temporary file");
    let (mine, theirs) = (
        filter(here, "mine.conf", mine),
        filter(here, "theirs.conf", theirs),
    );
    let mut command = bench(here);
    let report = json(command.args(["d.log", &mine, "--against", &theirs, "--no-time"]));
    report["comparison"].clone()
}

#[test]
fn a_line_that_another_regex_matches_has_moved() {
    let found = compared(
        "failregex = ^ srv d: bad login for root from <HOST>$\n  ^ srv d: bad login for \\w+ from <HOST>$",
        "failregex = ^ srv d: bad login for \\w+ from <HOST>$",
    );
    assert_eq!(found["gained"]["count"], 0);
    assert_eq!(found["moved"]["count"], 1);
    // line 1 is matched by both regexes now, by the only one before
    assert_eq!(
        found["moves"][0],
        serde_json::json!({"from": [1], "to": [1, 2], "count": 1})
    );
    assert_eq!(found["moved"]["examples"][0]["line"], 1);
    assert_eq!(found["addresses"]["recounted"], serde_json::json!([]));
    assert_eq!(found["unchanged"], false);
}

#[test]
fn other_groups_are_told_by_name_and_value() {
    let found = compared(
        "failregex = ^ srv d: bad login for <F-USER>\\w</F-USER>\\w+ from <HOST>$",
        "failregex = ^ srv d: bad login for <F-USER>\\w+</F-USER> from <HOST>$",
    );
    assert_eq!(found["moved"]["count"], 0);
    assert_eq!(found["captures"]["count"], 2);
    let change = &found["captures"]["examples"][0]["groups"][0];
    assert_eq!(change["group"], "user");
    assert_eq!(change["filter"], "r");
    assert_eq!(change["against"], "root");
}

#[test]
fn an_ignoreregex_takes_lines_away_and_is_told_from_a_miss() {
    let plain = "failregex = ^ srv d: bad login for \\w+ from <HOST>$";
    let found = compared(&format!("{plain}\nignoreregex = guest"), plain);
    assert_eq!(found["lost"]["count"], 1);
    assert_eq!(found["lost"]["examples"][0]["filter"], "ignored");
    let other = "failregex = ^ srv d: no key for \\w+ from <HOST>$";
    let both = format!("{plain}\n  ^ srv d: no key for \\w+ from <HOST>$\nignoreregex = guest");
    let found = compared(&both, other);
    assert_eq!(found["gained"]["count"], 1);
    assert_eq!(found["ignored"]["count"], 1);
    // 192.0.2.1 was named by one line and is named by two
    let recounted = serde_json::json!([{"address": "192.0.2.1", "filter": 2, "against": 1}]);
    assert_eq!(found["addresses"]["recounted"], recounted);
}

#[test]
fn a_date_read_differently_is_a_change() {
    let body = "failregex = bad login for \\w+ from <HOST>$";
    let found = compared(
        &format!("{body}\ndatepattern = ^%%Y-%%m-%%d %%H:%%M:%%S"),
        &format!("{body}\ndatepattern = ^%%Y-%%d-%%m %%H:%%M:%%S"),
    );
    // 20 is no month: the other has no date for these lines
    assert_eq!(found["times"]["count"], 2);
    assert_eq!(found["times"]["examples"][0]["filter"], 1_795_168_800.0);
    assert_eq!(found["times"]["examples"][0]["against"], Value::Null);
}

#[test]
fn lines_of_a_buffer_are_matched_when_their_match_is_complete() {
    let directory = Place::new();
    let here = directory.path();
    let log = "2026-11-20 10:00:00 d: session a from 192.0.2.9\n\
        2026-11-20 10:00:01 d: session b opened\n\
        2026-11-20 10:00:02 d: session a failed\n";
    std::fs::write(here.join("d.log"), log).expect("a temporary file");
    let multi = "failregex = ^ d: session (\\w) from <HOST>$<SKIPLINES>^ d: session \\1 failed$\n[Init]\nmaxlines = 5";
    let multi = filter(here, "multi.conf", multi);
    let single = filter(
        here,
        "single.conf",
        "failregex = ^ d: session \\w from <HOST>$",
    );
    let mut command = bench(here);
    let report = json(command.args(["d.log", &multi, "--against", &single, "--no-time"]));
    let found = &report["comparison"];
    // line 1 became part of the match that line 3 completes
    assert_eq!(found["matched_by_both"], 1);
    assert_eq!(found["gained"]["count"], 1);
    assert_eq!(found["gained"]["examples"][0]["line"], 3);
}

fn git(directory: &Path, arguments: &[&str]) {
    let mut command = std::process::Command::new("git");
    command.current_dir(directory).args(arguments);
    for (name, value) in [
        ("GIT_AUTHOR_NAME", "t"),
        ("GIT_AUTHOR_EMAIL", "t@example.org"),
        ("GIT_COMMITTER_NAME", "t"),
        ("GIT_COMMITTER_EMAIL", "t@example.org"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ] {
        command.env(name, value);
    }
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    let output = command.output().expect("git runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
}

#[test]
fn a_revision_is_read_with_its_includes() {
    let directory = Place::new();
    let here = directory.path();
    std::fs::create_dir(here.join("filters")).expect("a temporary directory");
    std::fs::write(here.join("d.log"), LINES).expect("a temporary file");
    let conf =
        "[INCLUDES]\nbefore = base.conf\n[Definition]\nfailregex = %(_begin)s from <HOST>$\n";
    std::fs::write(here.join("filters/d.conf"), conf).expect("a temporary file");
    let base = here.join("filters/base.conf");
    std::fs::write(&base, "[DEFAULT]\n_begin = ^ srv d: bad login for \\w+\n").expect("a file");
    git(here, &["init", "-q"]);
    git(here, &["add", "."]);
    git(here, &["commit", "-q", "-m", "one"]);
    // only the included file changes
    std::fs::write(&base, "[DEFAULT]\n_begin = ^ srv d: \\w+ \\w+ for \\w+\n").expect("a file");
    let args = ["d.log", "filters/d.conf", "--no-time", "--against"];
    let report = json(bench(here).args(args).arg("git:HEAD"));
    assert_eq!(report["comparison"]["gained"]["count"], 1);
    assert_eq!(report["comparison"]["lost"]["count"], 0);
    assert_eq!(report["against"]["file"], "HEAD:filters/d.conf");
    // the repository is as it was
    git(here, &["diff", "--cached", "--quiet"]);
    let said = bench(here).args(args).arg("git:no-such").assert().code(2);
    let message = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(message.contains("no such revision"), "{message}");
}

#[test]
fn a_regex_given_as_text_has_no_revision() {
    let mut command = bench(&data().join("asterisk"));
    let args = [
        "pbx.log",
        "failed for '<HOST>",
        "--no-time",
        "--against",
        "git:HEAD",
    ];
    let said = command.args(args).assert().code(2);
    let message = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(message.contains("no revisions"), "{message}");
}

#[test]
fn the_table_fits_the_screen_and_holds_no_escapes() {
    let directory = Place::new();
    let here = directory.path();
    let hostile = "2026-11-20 10:00:00 d: bad \x1b[2J from 192.0.2.9\n";
    std::fs::write(here.join("d.log"), hostile).expect("a temporary file");
    let mine = filter(
        here,
        "mine.conf",
        "failregex = bad <F-USER>.*</F-USER> from <HOST>$",
    );
    let theirs = filter(here, "theirs.conf", "failregex = nothing from <HOST>$");
    let mut command = bench(here);
    command.args(["d.log", &mine, "--against", &theirs, "--no-time"]);
    for format in ["table", "markdown"] {
        let output = command
            .args(["--format", format])
            .output()
            .expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("ained"), "{text}");
        assert!(!text.contains('\x1b'), "{text:?}");
        if format == "table" {
            let paths = ["Filter ", "Against", "   gained: 1 line,", "   failregexes"];
            let wide = |l: &&str| l.chars().count() > 80 && !paths.iter().any(|p| l.starts_with(p));
            assert_eq!(text.lines().find(wide), None);
        }
        command = bench(here);
        command.args(["d.log", &mine, "--against", &theirs, "--no-time"]);
    }
}
