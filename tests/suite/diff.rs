//! `f2b-regex diff`: what changes with a new version. `testdata/diff` says at the top of each file
//! of the new version what it changes; nothing else may be found.

use crate::util::{Place, Ran, Run, f2b, left_out, repository};
use serde_json::{Value, json};
use std::process::Command;

const OLD: &str = "testdata/diff/old";
const NEW: &str = "testdata/diff/new";
const LOGS: &str = "testdata/diff/logs";

fn diff(arguments: &[&str]) -> Ran {
    let all = [&["diff"], arguments].concat();
    f2b(&all).current_dir(repository("")).ran()
}

fn report(arguments: &[&str]) -> Value {
    let all = [arguments, &["--format", "json"]].concat();
    diff(&all).ended(0).json()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// A filter that differs.
#[track_caller]
fn filter<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut filters = list(&report["filters"]).iter();
    let found = filters.find(|filter| filter["name"] == name);
    found.unwrap_or_else(|| panic!("{name}: {report:#}"))
}

/// The changes of a filter: option, kind, numbers before and after.
fn changes(filter: &Value) -> Vec<(&str, &str, &Value, &Value)> {
    let changes = list(&filter["changes"]).iter();
    changes
        .map(|change| {
            let text = |name: &str| change[name].as_str().expect("a text");
            let number = |version: &str| &change[version]["number"];
            (text("option"), text("kind"), number("old"), number("new"))
        })
        .collect()
}

#[test]
fn only_what_means_something_else_is_a_change() {
    let report = report(&[OLD, NEW]);
    assert_eq!(report["changed"], true);
    let names: Vec<&Value> = list(&report["filters"])
        .iter()
        .map(|f| &f["name"])
        .collect();
    assert_eq!(names, ["gate", "order", "vault", "wall"]);
    assert_eq!(
        (&report["compared"], &report["unchanged"]),
        (&json!(5), &json!(1))
    );
    assert_eq!(report["came"], json!(["loft"]));
    assert_eq!(report["went"], json!(["attic"]));
    let none = Value::Null;
    let (one, two, three) = (json!(1), json!(2), json!(3));
    assert_eq!(
        changes(filter(&report, "gate")),
        [
            ("prefregex", "changed", &none, &none),
            ("journalmatch", "changed", &none, &none),
            ("failregex", "moved", &three, &one),
            ("failregex", "changed", &one, &two),
            ("failregex", "removed", &two, &none),
            ("ignoreregex", "removed", &one, &none),
        ]
    );
    let gate = filter(&report, "gate");
    assert_eq!(
        gate["option_sets"],
        json!(["gate", "gate[mode=normal]", "gate[mode=harsh]"])
    );
    assert_eq!(gate["option_sets_came"], json!(["gate[mode=gentle]"]));
    for change in list(&gate["changes"]) {
        assert_eq!(change["option_sets"], gate["option_sets"], "{change}");
    }
    let prefregex = &gate["changes"][0];
    assert_eq!(prefregex["new"]["file"], "filter.d/gate.conf");
    assert_eq!(prefregex["new"]["line"], 8);
    assert_eq!(prefregex["edit"]["new"], r"(?:<\w+>\s+)?gated(?:-worker)?");
    assert_eq!(
        changes(filter(&report, "order")),
        [("failregex", "moved", &three, &one)]
    );
    let vault = filter(&report, "vault");
    assert_eq!(vault["renamed_from"], "cellar");
    assert_eq!(changes(vault), [("datepattern", "added", &none, &none)]);
    let fault = &filter(&report, "wall")["faults"][0];
    assert_eq!(fault["version"], "new");
    assert!(
        fault["message"]
            .as_str()
            .is_some_and(|m| m.contains("unterminated")),
        "{fault}"
    );
}

#[test]
fn jails_differ_by_their_values_in_force() {
    let report = report(&[OLD, NEW]);
    let jails = &report["jails"];
    assert_eq!(jails["compared"], 3);
    for (name, expected) in [
        ("came", "loft"),
        ("went", "attic"),
        ("actions_came", "latch"),
        ("actions_went", "bolt"),
    ] {
        assert_eq!(jails[name], json!([expected]), "{name}");
    }
    let values: Vec<_> = list(&jails["values"])
        .iter()
        .map(|value| {
            let part = |name: &str| value[name].as_str().unwrap_or("-").to_owned();
            (
                part("option"),
                part("old"),
                part("new"),
                value["jails"].clone(),
            )
        })
        .collect();
    let change = |option: &str, old: &str, new: &str, jails: Value| {
        (option.to_owned(), old.to_owned(), new.to_owned(), jails)
    };
    let ban = |how: &str| format!("drop -j gate <ip> -t {how}");
    let expected = [
        change("maxretry", "5", "3", json!(["gate", "same", "order"])),
        change("filter", "gate", "gate[mode=harsh]", json!(["gate"])),
        change(
            "dropper: actionban",
            &ban("silent"),
            &ban("loud"),
            json!(["gate", "same"]),
        ),
        change(
            "dropper: blocktype",
            "silent",
            "loud",
            json!(["gate", "same"]),
        ),
        change("actions", "bolt", "latch", json!(["order"])),
    ];
    assert_eq!(values, expected);
    assert_eq!(jails["values"][0]["new_place"], "jail.conf:3");
}

#[test]
fn locals_are_held_against_the_new_version() {
    let report = report(&[OLD, NEW]);
    let found: Vec<Value> = list(&report["locals"])
        .iter()
        .map(|fault| {
            let place = format!(
                "{}:{}",
                fault["file"].as_str().unwrap_or("-"),
                fault["line"]
            );
            json!([place, fault["kind"], fault["option"], fault["reference"]])
        })
        .collect();
    let expected = json!([
        ["filter.d/attic.local:1", "no-conf", "attic", null],
        ["filter.d/gate.local:3", "option-gone", "_who", null],
        [
            "filter.d/gate.local:5",
            "reference-gone",
            "ignoreregex",
            "%(__prefix)s"
        ],
        ["jail.local:1", "jail-gone", "attic", null],
        ["jail.local:5", "reference-gone", "logpath", "%(_log)s"],
    ]);
    assert_eq!(json!(found), expected);
}

#[test]
fn lines_lost_and_gained_on_samples() {
    let report = report(&[OLD, NEW, "--samples", LOGS]);
    assert_eq!(report["lost"], true);
    // those of gate, and two of order
    assert_eq!(report["logs"]["lines"], 9);
    let lines = list(&filter(&report, "gate")["lines"]);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert_eq!(
        lines[0]["option_sets"],
        json!(["gate", "gate[mode=normal]", "gate[mode=harsh]"])
    );
    let found = &lines[0]["comparison"];
    let examples = |kind: &str| -> Vec<(Value, Value)> {
        let examples = list(&found[kind]["examples"]).iter();
        let place = |e: &Value| format!("{}:{}", e["log"].as_str().unwrap_or("-"), e["line"]);
        examples
            .map(|e| (json!(place(e)), e["addresses"].clone()))
            .collect()
    };
    let at = |line: u32| json!(format!("{LOGS}/gate:{line}"));
    assert_eq!(examples("lost"), [(at(4), json!(["192.0.2.2"]))]);
    let gained = [
        (at(8), json!(["192.0.2.4"])),
        (at(15), json!(["192.0.2.1"])),
    ];
    assert_eq!(examples("gained"), gained);
    assert_eq!(
        found["captures"]["examples"][0]["groups"][0]["filter"],
        "eve"
    );
    assert_eq!(found["addresses"]["lost"][0]["address"], "192.0.2.2");
    assert_eq!(found["addresses"]["gained"][0]["address"], "192.0.2.4");
    // the same regexes in another order: the same verdicts
    assert_eq!(filter(&report, "order")["lines"], json!([]));
}

/// One engine: what `bench --against` says of the same two filters.
#[test]
fn lines_are_compared_as_bench_does() {
    let log = format!("{LOGS}/gate");
    let (old, new) = (
        format!("{OLD}/filter.d/gate.conf"),
        format!("{NEW}/filter.d/gate.conf"),
    );
    let diff = report(&[&old, &new, &log]);
    let ours = &filter(&diff, "gate")["lines"][0]["comparison"];
    let bench = [
        "bench",
        &log,
        &new,
        "--against",
        &old,
        "--no-time",
        "--format",
        "json",
    ];
    let bench = f2b(&bench)
        .current_dir(repository(""))
        .ran()
        .ended(0)
        .json();
    let mut ours = ours.clone();
    for kind in ["gained", "lost", "ignored", "moved", "captures", "times"] {
        for example in ours[kind]["examples"].as_array_mut().expect("a list") {
            assert_eq!(example["log"], json!(log));
            example.as_object_mut().expect("an object").remove("log");
        }
    }
    assert_eq!(ours, bench["comparison"]);
}

#[test]
fn the_status_is_asked_for() {
    for (arguments, status) in [
        (vec![OLD, OLD, "--fail-on", "change"], 0),
        (vec![OLD, NEW], 0),
        (vec![OLD, NEW, "--fail-on", "change"], 1),
        (vec![OLD, NEW, "--fail-on", "lost"], 1),
    ] {
        diff(&arguments).ended(status);
    }
    let place = Place::new();
    let old = "[Definition]\nfailregex = ^\\s*a <ADDR>$\n            ^\\s*b <ADDR>$\n";
    place.write("old.conf", old);
    place.write("new.conf", old.replace("*a", "*z"));
    place.write("a.log", "2026-11-20 10:00:00 a 192.0.2.1\n");
    place.write("b.log", "2026-11-20 10:00:00 b 192.0.2.1\n");
    let run = |more: &[&str]| {
        let all = [&["diff", "old.conf", "new.conf", "--fail-on", "lost"], more].concat();
        f2b(&all).current_dir(place.path()).ran()
    };
    run(&[]).ended(0);
    run(&["b.log"]).ended(0);
    let said = run(&["a.log", "b.log"]).ended(1);
    assert!(said.stderr.contains("--fail-on lost"), "{}", said.stderr);
    // found in another log still: the line is lost, the address is not
    let table = &said.stdout;
    assert!(table.contains("a.log:1  192.0.2.1"), "{table}");
    assert!(!table.contains("addresses lost"), "{table}");
}

#[test]
fn a_single_filter_has_its_counterpart_in_a_directory() {
    let order = format!("{OLD}/filter.d/order.conf");
    let one = report(&[&order, NEW]);
    assert_eq!((&one["compared"], &one["jails"]), (&json!(1), &Value::Null));
    assert_eq!(filter(&one, "order")["changes"][0]["kind"], "moved");
    let attic = format!("{OLD}/filter.d/attic.conf");
    let said = diff(&[&attic, NEW]).ended(2).stderr;
    assert!(said.contains("has no filter attic"), "{said}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    for (arguments, expected) in [
        (vec![OLD, "nowhere"], "nowhere"),
        (vec![OLD, "testdata/diff/logs"], "expected a filter file"),
        (vec![OLD, NEW, "nowhere.log"], "nowhere.log"),
        (vec![OLD, NEW, "--samples", "nowhere"], "nowhere"),
        (
            vec![OLD, NEW, "x.log", "--samples", LOGS],
            "expected no LOG",
        ),
        (vec!["git:no-such-revision", NEW], "no such revision"),
    ] {
        let said = diff(&arguments).ended(2).stderr;
        let said = said.replace('\n', " ");
        let git_missing = expected.contains("revision") && said.contains("no git repository");
        assert!(
            said.contains(expected) || git_missing,
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn revisions_are_versions() {
    let place = Place::new();
    let filter = "[Definition]\nfailregex = ^a <ADDR>$\n";
    place.write("etc/filter.d/x.conf", filter);
    place.write("etc/filter.d/gone.conf", filter.replace("^a", "^gone"));
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(place.path()).args(arguments);
        git.args(["-q"])
            .output()
            .is_ok_and(|out| out.status.success())
    };
    let commit = |message: &str| {
        let name = ["-c", "user.name=n", "-c", "user.email=n@example.org"];
        let all = [&name[..], &["commit", "-a", "-m", message]].concat();
        git(&all)
    };
    if !git(&["init"]) {
        left_out("git", "diff between revisions");
        return;
    }
    assert!(
        Command::new("git")
            .current_dir(place.path())
            .args(["add", "."])
            .status()
            .is_ok()
    );
    assert!(commit("first"));
    place.write("etc/filter.d/x.conf", filter.replace("^a", "^aa"));
    std::fs::remove_file(place.at("etc/filter.d/gone.conf")).expect("removed");
    let run = |arguments: &[&str]| {
        let all = [&["diff"], arguments, &["--format", "json"]].concat();
        f2b(&all).current_dir(place.path()).ran().ended(0).json()
    };
    let working = run(&["git:HEAD", "etc"]);
    assert_eq!(working["went"], json!(["gone"]));
    assert_eq!(working["filters"][0]["changes"][0]["edit"]["new"], "aa");
    assert_eq!(working["filters"][0]["old_file"], "filter.d/x.conf");
    assert_eq!(run(&["etc", "git:HEAD"])["came"], json!(["gone"]));
    assert!(commit("second"));
    assert_eq!(run(&["git:HEAD", "etc"])["changed"], false);
    assert_eq!(
        run(&["git:HEAD~1:etc", "git:HEAD"])["went"],
        json!(["gone"])
    );
    let gone = run(&[
        "git:HEAD~1:etc/filter.d/gone.conf",
        "git:HEAD:etc/filter.d/x.conf",
    ]);
    assert_eq!(gone["filters"][0]["renamed_from"], "gone");
}

#[test]
fn the_table_and_the_comment_say_it_in_words() {
    let table = diff(&[OLD, NEW, "--samples", LOGS]).ended(0).stdout;
    for expected in [
        "5 filters: 1 the same, 4 changed, 1 came, 1 went",
        "  failregex 3 moved, is 1 now, filter.d/order.conf:3",
        "    - ^locked (?:user|guest) \\S+ from <HOST>$",
        "      testdata/diff/logs/gate:4  192.0.2.2",
        "  was called cellar",
        "  filter.d/gate.local:3: _who takes no part any more",
    ] {
        assert!(
            table.lines().any(|line| line == expected),
            "{expected}\n{table}"
        );
    }
    let long = table.lines().find(|line| line.chars().count() > 80);
    assert_eq!(long, None, "{table}");
    let few = diff(&[OLD, NEW, "--top", "1"]).ended(0).stdout;
    assert!(few.contains("more: --top N"), "{few}");
    let comment = diff(&[OLD, NEW, "--samples", LOGS, "--format", "markdown"]);
    let comment = comment.ended(0).stdout;
    for expected in [
        "| `gate` and 2 more | 1 | 2 | 0 | 1 | 1 | 1 |",
        "  - ^locked (?:user|guest) \\S+ from <HOST>$",
        "<details><summary><b>gate</b></summary>",
    ] {
        assert!(
            comment.lines().any(|line| line == expected),
            "{expected}\n{comment}"
        );
    }
    let fences = comment
        .lines()
        .filter(|line| line.trim().starts_with("```"));
    assert_eq!(fences.count() % 2, 0, "{comment}");
    assert_eq!(
        comment.matches("<details>").count(),
        comment.matches("</details>").count()
    );
}
