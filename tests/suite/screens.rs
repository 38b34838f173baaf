//! What people see: whole screens, 80 columns wide, as they were when somebody last looked at them
//! (`snapshots/`). `INSTA_UPDATE=always cargo test --test suite screens::` writes them anew: read
//! the diff.

use crate::util::{Ran, Run, f2b, machine, repository};
use insta::{assert_snapshot, with_settings};
use serde_json::Value;
use std::path::Path;

/// What a run printed, and how it ended. `root` is written as ROOT.
fn screen(ran: &Ran, root: &Path) -> String {
    let root = root.to_str().expect("UTF-8");
    let Ran {
        stdout,
        stderr,
        status,
    } = ran;
    let status = status.map_or("killed".to_string(), |status| status.to_string());
    let all = format!("{stdout}{stderr}\nstatus {status}\n");
    all.replace(root, "ROOT")
}

/// The screen of a command in a directory of the repository; times are taken out.
fn shown(directory: &str, arguments: &[&str]) -> String {
    let root = repository(directory);
    let ran = f2b(arguments).current_dir(&root).ran();
    // "in 0.02 s, 54 838 lines/s", "in 3.4 s"
    let time = regex::Regex::new(r"\bin [\d.]+ s(ec)?\b(, [\d ]+ lines/s)?").expect("a regex");
    time.replace_all(&screen(&ran, &root), "in TIME")
        .into_owned()
}

#[test]
fn doctor_of_every_machine() {
    let all = repository("testdata/doctor");
    let mut names: Vec<_> = (all.read_dir().expect("a directory"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("expected.json").exists())
        .collect();
    names.sort();
    assert!(names.len() >= 10, "{names:?}");
    for path in names {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.expect("UTF-8");
        let expected = std::fs::read_to_string(path.join("expected.json")).expect("a file");
        let expected: Value = serde_json::from_str(&expected).expect("JSON");
        let given = expected["args"].as_array().expect("a list").iter();
        let machine = machine(name);
        let root = machine.path().to_str().expect("UTF-8");
        let mut arguments = vec!["doctor", "--root", root];
        arguments.extend(given.filter_map(Value::as_str));
        let screen = screen(&f2b(&arguments).ran(), machine.path());
        with_settings!({description => arguments[3..].join(" "), omit_expression => true}, {
            assert_snapshot!(format!("doctor_{name}"), screen);
        });
    }
}

#[test]
fn commands_on_files_of_the_repository() {
    let docs = "testdata/docs";
    let conf = "-c=../filter.d/..";
    let commands: [(&str, &str, &[&str]); 14] = [
        ("main", "testdata/logs", &["auth.log", "sshd", conf]),
        (
            "main_verbose_classic",
            "testdata/logs",
            &["auth.log", "sshd", conf, "--format", "classic", "-v"],
        ),
        (
            "main_missing_log",
            "testdata/logs",
            &["auht.log", "sshd", conf],
        ),
        (
            "main_missing_filter",
            "testdata/logs",
            &["auth.log", "shsd", conf],
        ),
        ("main_swapped", "testdata/logs", &["sshd", "auth.log", conf]),
        (
            "main_literal",
            "testdata/logs",
            &["auth.log", "Failed password for .* from <HOST>"],
        ),
        (
            "explain_all",
            "testdata/logs",
            &["explain", "auth.log", "sshd", conf, "--all"],
        ),
        ("fit", "testdata/logs", &["fit", "auth.log", conf]),
        (
            "simulate",
            "testdata/logs",
            &["simulate", "auth.log", "sshd", conf],
        ),
        (
            "check_planted",
            "testdata/check/planted",
            &["check", "filter.d"],
        ),
        ("check_quiet", "testdata/check", &["check", "filter.d"]),
        ("diff", "testdata/diff", &["diff", "old", "new"]),
        ("check_nothing", docs, &["check", "nowhere"]),
        (
            "misspelt_option",
            docs,
            &["--fromat", "json", "logs/shop", "shop"],
        ),
    ];
    for (name, directory, arguments) in commands {
        let screen = shown(directory, arguments);
        let typed = format!("{directory}$ f2b-regex {}", arguments.join(" "));
        with_settings!({description => typed, omit_expression => true}, {
            assert_snapshot!(name, screen);
        });
    }
}
