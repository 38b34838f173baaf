//! `f2b-regex fit`: which filter is for a log. That its counts are those of each filter's own
//! run is held by `tests/internal/filter_set.rs`; here one run is compared as a whole.

use crate::util::{Place, Ran, Run, f2b, repository};
use serde_json::{Value, json};

const CONFIG: &str = "testdata/recorded/config/filter.d";

fn fit(arguments: &[&str]) -> Ran {
    let all = [&["fit"], arguments].concat();
    f2b(&all).current_dir(repository("")).ran()
}

fn names(report: &Value) -> Vec<&str> {
    let filters = report["filters"].as_array().expect("a list");
    let names = filters.iter().map(|filter| filter["name"].as_str());
    names.map(|name| name.expect("a name")).collect()
}

#[test]
fn each_log_finds_its_filter() {
    for name in [
        "gatekeeper",
        "ledger",
        "postern",
        "webgate",
        "options",
        "order",
        "tuples",
    ] {
        let log = format!("testdata/recorded/logs/{name}");
        let report = fit(&[&log, "-c", CONFIG, "--format", "json"])
            .ended(0)
            .json();
        assert_eq!(names(&report).first(), Some(&name), "{:?}", names(&report));
    }
}

/// The counts of every option set are those of its own run.
#[test]
fn counts_are_those_of_a_run() {
    let log = "testdata/recorded/logs/gatekeeper";
    let report = fit(&[log, "-c", CONFIG, "--format", "json"])
        .ended(0)
        .json();
    let mut compared = 0;
    for filter in report["filters"].as_array().expect("a list") {
        for set in filter["sets"].as_array().expect("a list") {
            let spec = set["filter"].as_str().expect("a text");
            let name = filter["name"].as_str().expect("a text");
            let spec = format!("{CONFIG}/{name}.conf{}", &spec[name.len()..]);
            let alone = f2b(&[log, &spec, "--format", "json"]);
            let alone = { alone }.current_dir(repository("")).ran().json();
            for count in ["matched", "ignored", "missed"] {
                assert_eq!(set[count], alone["lines"][count], "{spec}: {count}");
            }
            let addresses = alone["addresses"].as_array().map(Vec::len);
            assert_eq!(set["addresses"], json!(addresses), "{spec}");
            compared += 1;
        }
    }
    assert!(compared > 4);
}

/// Two filters match the same lines: the one that says what they look like is first, though it
/// comes later by its name and the other matches one line more.
#[test]
fn an_exact_filter_comes_before_a_vague_one() {
    let place = Place::new();
    let vague = "[Definition]\nfailregex = ^\\s*\\S+ .* <HOST>\\b\n";
    let exact = "[Definition]\nfailregex = ^ door: login of \\S+ from <HOST> refused$\n";
    place.write("etc/filter.d/a-vague.conf", vague);
    place.write("etc/filter.d/exact.conf", exact);
    place.write("etc/jail.conf", "[exact]\nenabled = false\n");
    let mut log = String::from("2026-11-20 10:00:00 door: hello to 192.0.2.7 refused\n");
    for n in 1..=5 {
        log += &format!("2026-11-20 10:00:0{n} door: login of anna from 192.0.2.{n} refused\n");
    }
    place.write("door.log", log);
    let ran = f2b(&["fit", "-c", "etc", "door.log", "--format", "json"])
        .current_dir(place.path())
        .ran();
    let report = ran.ended(0).json();
    assert_eq!(names(&report), ["exact", "a-vague"]);
    let path = place
        .path()
        .canonicalize()
        .expect("a path")
        .join("door.log");
    let jail = report["filters"][0]["jail"].as_str().expect("a text");
    assert!(jail.starts_with("[exact]\nenabled = true\n"), "{jail}");
    assert!(
        jail.contains(&format!("logpath = {}", path.display())),
        "{jail}"
    );
    // no jail of the configuration has the other's name
    let jail = report["filters"][1]["jail"].as_str().expect("a text");
    assert!(jail.contains("\nfilter  = a-vague\n"), "{jail}");
    assert_eq!(report["filters"][1]["best"]["only"], 1);
}

/// What looks like a failure and is known to no filter, by shape; what has no address, is
/// known or does not look like one is left out.
#[test]
fn what_nobody_covers_is_grouped() {
    let place = Place::new();
    let regex = "[Definition]\nfailregex = ^ door: <HOST> refused$\nignoreregex = for monitor\n";
    place.write("etc/filter.d/door.conf", regex);
    let log = "2026-11-20 10:00:00 gate: access denied to 192.0.2.1\n\
               2026-11-20 10:00:01 gate: access denied to 192.0.2.2\n\
               2026-11-20 10:00:02 gate: Invalid key \"a b\" of 192.0.2.3\n\
               2026-11-20 10:00:03 gate: Invalid key \"c\" of 192.0.2.3\n\
               2026-11-20 10:00:03 gate: Invalid key \"d\" of 192.0.2.3\n\
               2026-11-20 10:00:04 gate: access denied\n\
               2026-11-20 10:00:05 gate: welcome 192.0.2.4\n\
               2026-11-20 10:00:06 door: 192.0.2.5 refused\n";
    place.write("gate.log", log);
    let run = |form: &str| {
        f2b(&["fit", "-c", "etc", "gate.log", "--format", form])
            .current_dir(place.path())
            .ran()
            .ended(0)
    };
    let report = run("json").json();
    assert_eq!(
        report["lines"],
        json!({"tested": 8, "covered": 1, "uncovered": 5})
    );
    let shapes = report["uncovered"].as_array().expect("a list");
    let shapes: Vec<_> = shapes.iter().map(|s| (&s["lines"], &s["number"])).collect();
    assert_eq!(shapes, [(&json!(3), &json!(3)), (&json!(2), &json!(1))]);
    let table = run("table").stdout;
    assert!(table.contains("gate: Invalid key * of *"), "{table}");
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
}

#[test]
fn ends_as_it_says() {
    let unknown = ["--line", "2026-11-20 10:00:00 nothing", "-c", CONFIG];
    fit(&unknown).ended(1);
    fit(&["-c", CONFIG]).ended(2);
    fit(&["no-such.log", "-c", CONFIG]).ended(2);
    let said = fit(&["testdata/logs/auth.log", "-c", "testdata/no-such"])
        .ended(2)
        .stderr;
    assert!(said.contains("testdata/no-such"), "{said}");
}

/// Of a journal every entry is tried with the filters as they read one.
#[test]
fn a_journal_is_read_as_one() {
    let entry = |message: &str| {
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"1795144859000000\",\"MESSAGE\":\"{message}\",\"SYSLOG_IDENTIFIER\":\"door\"}}\n"
        )
    };
    let place = Place::new();
    let regex = "[Definition]\nfailregex = ^\\s*(?:\\S+ )?door: <HOST> refused$\n";
    place.write("etc/filter.d/door.conf", regex);
    let ran = f2b(&["fit", "-c", "etc", "-", "--format", "json"])
        .write_stdin(entry("192.0.2.1 refused") + &entry("hello"))
        .current_dir(place.path())
        .ran();
    let report = ran.ended(0).json();
    assert_eq!(report["filters"][0]["best"]["matched"], 1);
    let jail = report["filters"][0]["jail"].as_str().expect("a text");
    assert!(jail.contains("backend = systemd"), "{jail}");
    assert!(!jail.contains("logpath"), "{jail}");
}

/// Failures of JSON logs are told by a status, and their shapes show their fields.
#[test]
fn failures_of_json_have_shapes() {
    let place = Place::new();
    place.write(
        "etc/filter.d/door.conf",
        "[Definition]\nfailregex = ^ door: <HOST> refused$\n",
    );
    let line = |ip: u8, status: u16, level: &str| {
        format!(
            "{{\"time\":\"2026-11-20T10:00:0{ip}Z\",\"level\":\"{level}\",\"ip\":\"192.0.2.{ip}\",\"status\":{status}}}\n"
        )
    };
    let log = line(1, 401, "info") + &line(2, 401, "info") + &line(3, 200, "info");
    place.write("gate.log", log + &line(4, 403, "warn"));
    let ran = f2b(&["fit", "-c", "etc", "gate.log", "--format", "json"])
        .current_dir(place.path())
        .ran();
    let report = ran.ended(1).json();
    assert_eq!(report["lines"]["uncovered"], 3);
    let shape = report["uncovered"][0]["shape"].as_str().expect("a text");
    assert!(shape.contains("\"level\":\"info\","), "{shape}");
}

/// Of a filter that says little it is asked whether the log is its program's.
#[test]
fn a_vague_filter_is_doubted() {
    let place = Place::new();
    place.write(
        "etc/filter.d/vague.conf",
        "[Definition]\nfailregex = ^ \\S+ <HOST> no$\n",
    );
    let line = "2026-11-20 10:00:00 door 192.0.2.1 no";
    let ran = f2b(&["fit", "-c", "etc", "--line", line]);
    let table = { ran }.current_dir(place.path()).ran().ended(0).stdout;
    assert!(table.contains("vague's regexes say little"), "{table}");
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
}
