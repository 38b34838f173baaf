//! contrib/parallel/f2b-parallel: the recipe for GNU parallel, as a user runs it.

use crate::util::{Place, left_out};
use std::path::Path;
use std::process::{Command, Output};

/// Whether GNU parallel is here; without it there is nothing to test.
fn has_parallel() -> bool {
    let asked = Command::new("parallel").arg("--version").output();
    let has = asked.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).starts_with("GNU parallel"));
    if !has {
        left_out("contrib/parallel", "GNU parallel");
    }
    has
}

fn run(directory: &Path, program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .current_dir(directory)
        .env("F2B_REGEX", env!("CARGO_BIN_EXE_f2b-regex"))
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .args(arguments)
        .output()
        .expect("it starts")
}

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/parallel/f2b-parallel");
const REGEX: &str = r#"^<ADDR> \S+ \S+ \[\] "GET /(?:wp|'login|\$x)"#;
const NOW: [&str; 2] = ["--now", "2026-11-20T12:00:00Z"];

/// Logs whose names want quoting.
fn logs(directory: &Path) -> Vec<String> {
    let names = ["a b.log", "it's.log", "$HOME.log", "10%.log", "9.log"];
    for (hour, name) in names.iter().enumerate() {
        let lines = format!(
            "192.0.2.{hour} - - [20/Nov/2026:0{hour}:00:00 +0000] \"GET /wp HTTP/1.1\" 404 7\n\
             192.0.2.7 - - [20/Nov/2026:0{hour}:01:00 +0000] \"GET /'login HTTP/1.1\" 404 7\n"
        );
        std::fs::write(directory.join(name), lines).expect("a log is written");
    }
    names.map(str::to_string).to_vec()
}

fn timeless(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).expect("reports are UTF-8");
    let lines = text.lines().filter(|line| !line.contains("\"seconds\": "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn many_logs_are_one_report() {
    if !has_parallel() {
        return;
    }
    let directory = Place::new();
    let path = directory.path();
    let logs = logs(path);
    let names: Vec<&str> = logs.iter().map(String::as_str).collect();
    let arguments = [&["-j", "2", "-k", "kept", REGEX], &names[..], &["--"], &NOW].concat();
    let merged = run(path, SCRIPT, &arguments);
    let said = String::from_utf8_lossy(&merged.stderr);
    assert_eq!(merged.status.code(), Some(0), "{said}");
    let each = names.iter().flat_map(|name| ["--log", name]);
    let direct: Vec<&str> = each
        .chain([REGEX, "--format", "json", "--no-hints"])
        .chain(NOW)
        .collect();
    let direct = run(path, env!("CARGO_BIN_EXE_f2b-regex"), &direct);
    assert!(timeless(&direct).contains("\"matched\": 10"));
    assert_eq!(timeless(&merged), timeless(&direct));
    assert!(path.join("kept/5.report").is_file());
    let again = run(path, SCRIPT, &arguments);
    assert_eq!(again.status.code(), Some(2));
    let said = String::from_utf8_lossy(&again.stderr);
    assert_eq!(said, "f2b-parallel: -k kept: not empty\n");
}

#[test]
fn a_log_without_a_report_is_an_error() {
    if !has_parallel() {
        return;
    }
    let directory = Place::new();
    let path = directory.path();
    let logs = logs(path);
    let ran = run(path, SCRIPT, &[REGEX, &logs[0], "nowhere.log"]);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(ran.stdout.is_empty());
    assert!(
        said.contains("nowhere.log: f2b-regex: nowhere.log: no such log file"),
        "{said}"
    );
    assert!(
        said.contains("f2b-parallel: nowhere.log: no report"),
        "{said}"
    );
    let ran = run(path, SCRIPT, &[REGEX]);
    assert_eq!(ran.status.code(), Some(2));
}
