//! `--unwrap`: logs that are wrapped give the report of the lines inside, every command says that
//! fail2ban sees them otherwise, and what is said to make it see the same does.

use crate::util::{Place, Ran, Run, f2b, repository};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

const KINDS: [&str; 5] = ["docker", "cri", "syslog", "rfc5424", "json:message"];
const REGEX: &str = r"^\s*login failed for \S+ from <ADDR>$";

fn filter() -> String {
    repository("testdata/filter.d/sshd.conf")
        .display()
        .to_string()
}

/// The lines of a log that are tested.
fn plain() -> Vec<String> {
    let log = std::fs::read_to_string(repository("testdata/logs/auth.log")).expect("a log");
    let lines = log
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// A record's time.
fn time(at: usize) -> String {
    format!("2026-11-20T10:{:02}:{:02}.123456789Z", at / 60, at % 60)
}

/// Lines wrapped, each in pieces of so many bytes where the form knows pieces.
fn wrapped(lines: &[String], kind: &str, length: usize) -> String {
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        let time = time(at);
        let count = line.len().div_ceil(length).max(1);
        let pieces: Vec<&str> = (0..count)
            .map(|n| &line[n * length..line.len().min((n + 1) * length)])
            .collect();
        let last = pieces.len() - 1;
        match kind {
            "docker" => {
                for (n, piece) in pieces.iter().enumerate() {
                    let log = format!("{piece}{}", if n == last { "\n" } else { "" });
                    let record = json!({"log": log, "stream": "stdout", "time": time});
                    let _ = writeln!(out, "{record}");
                }
            }
            "cri" => {
                for (n, piece) in pieces.iter().enumerate() {
                    let tag = if n == last { "F" } else { "P" };
                    let _ = writeln!(out, "{time} stdout {tag} {piece}");
                }
            }
            "syslog" => {
                let _ = writeln!(out, "Nov 20 10:00:{:02} gw relay[7]: {line}", at % 60);
            }
            "rfc5424" => {
                let _ = writeln!(
                    out,
                    "<34>1 {} gw app 7 - - {line}",
                    time.replace("789Z", "Z")
                );
            }
            _ => {
                let record = json!({"@timestamp": time, "message": line, "host": {"name": "x"}});
                let _ = writeln!(out, "{record}");
            }
        }
    }
    out
}

/// The main job's report.
fn report(place: &Path, arguments: &[&str]) -> Value {
    let all = [&["--format", "json"], arguments].concat();
    f2b(&all).current_dir(place).ran().ended(0).json()
}

/// What is the same for the same lines.
fn verdict(report: &Value) -> Value {
    let names = [
        "lines",
        "prefregex",
        "failregex",
        "ignoreregex",
        "date_templates",
        "addresses",
        "samples",
    ];
    names.iter().map(|name| report[*name].clone()).collect()
}

fn hint<'r>(report: &'r Value, code: &str) -> Option<&'r Value> {
    let hints = report["hints"].as_array().expect("a list");
    hints.iter().find(|hint| hint["code"] == code)
}

fn codes(report: &Value) -> Vec<&str> {
    let warnings = report["warnings"].as_array().expect("a list");
    warnings
        .iter()
        .filter_map(|warning| warning["code"].as_str())
        .collect()
}

#[test]
fn every_kind_is_recognised_and_gives_the_plain_report() {
    let place = Place::new();
    let lines = plain();
    place.write("plain", lines.join("\n") + "\n");
    let filter = filter();
    let wanted = report(place.path(), &["plain", &filter, "--print-all-missed"]);
    assert!(wanted["lines"]["matched"].as_i64() > Some(0));
    assert_eq!(wanted["logs"][0].get("unwrapped"), None);
    for kind in KINDS {
        place.write("log", wrapped(&lines, kind, usize::MAX));
        let found = report(
            place.path(),
            &["log", &filter, "--print-all-missed", "--unwrap"],
        );
        assert_eq!(verdict(&found), verdict(&wanted), "{kind}");
        let told = &found["logs"][0]["unwrapped"];
        let name = kind.replace("rfc5424", "syslog");
        assert_eq!(told["kind"], name.as_str());
        assert_eq!(
            (&told["records"], &told["unchanged"]),
            (&json!(lines.len()), &json!(0))
        );
        let named = report(
            place.path(),
            &[
                "log",
                &filter,
                &format!("--unwrap={name}"),
                "--print-all-missed",
            ],
        );
        assert_eq!(verdict(&named), verdict(&wanted), "{kind}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Any choice of lines, pieces of any length, any number of threads.
    #[test]
    fn wrapped_lines_give_the_report_of_plain_ones(
        picked in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        length in 5..80usize,
    ) {
        let all = plain();
        let mut lines: Vec<String> = picked.iter().map(|index| index.get(&all).clone()).collect();
        lines.sort();
        let place = Place::new();
        place.write("plain", lines.join("\n") + "\n");
        let filter = filter();
        let wanted = verdict(&report(place.path(), &["plain", &filter, "--no-hints"]));
        for kind in KINDS {
            place.write("log", wrapped(&lines, kind, length));
            for threads in ["1", "3"] {
                let arguments = ["log", &filter, "--unwrap", "--no-hints", "--threads", threads];
                let found = verdict(&report(place.path(), &arguments));
                prop_assert_eq!(&found, &wanted, "{} {}", kind, threads);
            }
        }
    }
}

#[test]
fn a_log_may_be_compressed_piped_one_of_several_or_cut_to_its_end() {
    let place = Place::new();
    let (lines, filter) = (plain(), filter());
    let text = wrapped(&lines, "docker", 30);
    place.write("plain", lines.join("\n") + "\n");
    place.write("log", &text);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("compressed");
    place.write("log.gz", gzip.finish().expect("compressed"));
    let wanted = verdict(&report(place.path(), &["plain", &filter]));
    assert_eq!(
        verdict(&report(place.path(), &["log.gz", &filter, "--unwrap"])),
        wanted
    );
    let all = ["--format", "json", "-", &filter, "--unwrap"];
    let piped = f2b(&all).write_stdin(text.clone()).ran().ended(0).json();
    assert_eq!(verdict(&piped), wanted);
    assert_eq!(piped["logs"][0]["unwrapped"]["kind"], "docker");

    // rotated logs, each wrapped otherwise: the older first
    let half = lines.len() / 2;
    place.write("all/app.log.1", wrapped(&lines[..half], "cri", 20));
    place.write("all/app.log", wrapped(&lines[half..], "docker", 20));
    let found = report(place.path(), &["all", &filter, "--unwrap"]);
    assert_eq!(verdict(&found), wanted);
    let kinds: Vec<&Value> = (0..2)
        .map(|log| &found["logs"][log]["unwrapped"]["kind"])
        .collect();
    assert_eq!(kinds, ["cri", "docker"]);

    for window in [&["--last", "5"][..], &["--since", "2026-11-20T03:16:00Z"]] {
        let plain = report(place.path(), &[&["plain", &filter], window].concat());
        let found = report(
            place.path(),
            &[&["log", &filter, "--unwrap"], window].concat(),
        );
        assert_eq!(verdict(&found)[0], verdict(&plain)[0], "{window:?}");
        assert_eq!(found["addresses"], plain["addresses"], "{window:?}");
    }
}

#[test]
fn lines_that_are_not_wrapped_are_read_and_counted() {
    let place = Place::new();
    let lines = plain();
    let mixed = format!(
        "half a record of\",\"stream\"\n{}",
        wrapped(&lines, "docker", 99)
    );
    place.write("mixed", mixed);
    place.write("plain", lines.join("\n") + "\n");
    let found = report(place.path(), &["mixed", &filter(), "--unwrap=docker"]);
    assert_eq!(found["logs"][0]["unwrapped"]["unchanged"], 1);
    assert_eq!(codes(&found), ["not-wrapped"]);
    let plain = report(place.path(), &["plain", &filter(), "--unwrap"]);
    assert_eq!(plain["logs"][0]["unwrapped"]["kind"], Value::Null);
    assert_eq!(codes(&plain), ["not-wrapped"]);
    assert_eq!(hint(&plain, "unwrapped"), None);
    assert_eq!(plain["lines"]["total"], lines.len());
    // the kind was wrong: nothing was unwrapped, and what helps is told
    place.write("cri", wrapped(&lines, "cri", 99));
    let wrong = report(place.path(), &["cri", &filter(), "--unwrap=docker"]);
    assert_eq!(wrong["logs"][0]["unwrapped"]["records"], 0);
    assert_eq!(hint(&wrong, "unwrapped"), None);
    assert!(hint(&wrong, "wrapped").is_some());
    let object = r#"{"level":"warn","msg":"login failed from 192.0.2.1"}"#;
    let asked = report(place.path(), &["--line", object, "from <ADDR>", "--unwrap"]);
    let message = asked["warnings"][0]["message"].as_str().expect("a text");
    assert!(message.ends_with("--unwrap=json:msg"), "{message}");
}

#[test]
fn a_wrong_kind_is_an_error_that_names_the_right_ones() {
    let said = |arguments: &[&str]| f2b(arguments).ran().ended(2).stderr;
    let line = ["--line", "x from 192.0.2.1", "from <ADDR>"];
    for (kind, wanted) in [
        (
            "--unwrap=dokcer",
            "expected auto, docker, cri, syslog or json:FIELD; is it docker?",
        ),
        ("--unwrap=json", "is it json:message, or another field?"),
        ("--unwrap=json:", "expected the name of a field"),
        (
            "--unwrap=gelf",
            "expected auto, docker, cri, syslog or json:FIELD",
        ),
    ] {
        let error = said(&[&line[..], &[kind]].concat());
        assert!(error.contains(wanted), "{kind}: {error}");
    }
    for arguments in [
        ["log", "x <ADDR>", "--unwrap", "cri"],
        ["--unwrap", "json:msg", "log", "x <ADDR>"],
    ] {
        let error = said(&arguments);
        assert!(error.contains("takes its kind behind `=`"), "{error}");
    }
    let place = Place::new();
    let entry = r#"{"__REALTIME_TIMESTAMP":"1795168800000000","MESSAGE":"x"}"#;
    let journal = place
        .write("journal.json", format!("{entry}\n"))
        .display()
        .to_string();
    let error = said(&[&journal, "from <ADDR>", "--unwrap"]);
    assert!(error.contains("leave out --unwrap"), "{error}");
}

/// Records of lines without a date.
fn undated(kind: &str) -> String {
    let lines: Vec<String> = (1..6)
        .map(|n| format!("login failed for bob from 192.0.2.{n}"))
        .collect();
    wrapped(&lines, kind, usize::MAX)
}

#[test]
fn a_line_without_a_date_has_its_record_s_to_the_microsecond() {
    let place = Place::new();
    for kind in ["docker", "cri", "json:message"] {
        place.write("log", undated(kind));
        let unwrap = format!("--unwrap={kind}");
        let found = report(
            place.path(),
            &["log", REGEX, &unwrap, "--timezone", "Asia/Tokyo"],
        );
        let told = &found["logs"][0]["unwrapped"];
        assert_eq!(
            (&told["outer_dates"], &told["undated"]),
            (&json!(5), &json!(0)),
            "{kind}"
        );
        let first = &found["addresses"][0]["first"]["epoch"];
        assert_eq!(first, &json!(1_795_168_800.123_456), "{kind}");
        // a calendar's date where the filter wants one: whole seconds are all fail2ban reads
        let pattern = "^%Y-%m-%dT%H:%M:%S\\.%f%z";
        let found = report(place.path(), &["log", REGEX, &unwrap, "-d", pattern]);
        let first = &found["addresses"][0]["first"]["epoch"];
        assert_eq!(first, &json!(1_795_168_800.0), "{kind}");
        // none where it reads neither
        let found = report(place.path(), &["log", REGEX, &unwrap, "-d", "^%d/%m/%Y"]);
        assert_eq!(found["lines"]["matched"], 5, "{kind}");
        assert_eq!(found["addresses"][0]["first"], Value::Null, "{kind}");
        assert!(codes(&found).contains(&"outer-date"), "{:?}", codes(&found));
    }
    // a line's own date counts
    let line = r#"{"log":"2026-11-20 09:00:00 login failed for bob from 192.0.2.1\n","time":"2026-11-20T10:00:00Z"}"#;
    let found = report(place.path(), &["--line", line, REGEX, "--unwrap"]);
    assert_eq!(
        found["addresses"][0]["first"]["epoch"],
        json!(1_795_165_200.0)
    );
}

/// The values a change says to write.
fn changed(change: &str, name: &str) -> Option<String> {
    let value = change
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
    Some(value.replace("%%", "%"))
}

/// What makes fail2ban see the same is tried here, too: the log as it is, with the change.
#[test]
fn what_the_report_says_of_fail2ban_holds() {
    let place = Place::new();
    let dated: Vec<String> = (1..6)
        .map(|n| format!("2026-11-20 09:00:0{n} login failed for bob from 192.0.2.{n}"))
        .collect();
    for kind in KINDS {
        for text in [wrapped(&dated, kind, usize::MAX), undated(kind)] {
            let log = place.write("log", &text).display().to_string();
            let unwrap = format!("--unwrap={}", kind.replace("rfc5424", "syslog"));
            let unwrapped = report(place.path(), &[&log, REGEX, &unwrap]);
            if unwrapped["lines"]["matched"] == 0 {
                // a header alone does not wrap
                assert!(kind == "syslog" || kind == "rfc5424");
                continue;
            }
            let hint = hint(&unwrapped, "unwrapped").expect("a hint");
            let change = hint["change"].as_str().expect(kind);
            let regex = changed(change, "failregex").unwrap_or(REGEX.into());
            let mut arguments = vec![log.as_str(), &regex];
            let pattern = changed(change, "datepattern");
            arguments.extend(pattern.iter().flat_map(|pattern| ["-d", pattern]));
            let raw = report(place.path(), &arguments);
            assert_eq!(raw["lines"]["matched"], 5, "{kind}: {change}");
            let times = |report: &Value| -> Vec<(String, i64)> {
                let all = report["addresses"].as_array().expect("a list");
                let of = |address: &Value| {
                    let epoch = address["first"]["epoch"].as_f64().expect("a time");
                    (address["address"].to_string(), epoch as i64)
                };
                all.iter().map(of).collect()
            };
            assert_eq!(times(&raw), times(&unwrapped), "{kind}: {change}");
        }
    }
}

#[test]
fn the_report_says_at_once_that_fail2ban_does_not_unwrap() {
    let place = Place::new();
    place.write("log", undated("docker"));
    let ran = |arguments: &[&str]| -> Ran {
        let all = [arguments, &["--unwrap"]].concat();
        f2b(&all).current_dir(place.path()).ran()
    };
    let table = ran(&["log", REGEX]).ended(0).stdout;
    let head: Vec<&str> = table.lines().take(3).collect();
    assert!(
        head[1].ends_with("unwrapped from Docker's json-file"),
        "{table}"
    );
    assert!(
        head[2].contains("fail2ban itself does not unwrap"),
        "{table}"
    );
    for command in [
        &["explain", "log", REGEX, "--line-number", "1"][..],
        &["bench", "log", REGEX, "--no-time"],
        &["simulate", "log", REGEX],
        &["fit", "log", "-c", "."],
        &["draft", "log", "-c", ".", "--dry-run"],
        &["log", REGEX, "--format", "classic"],
        &["log", REGEX, "--out", "id"],
    ] {
        place.write(
            "filter.d/other.conf",
            "[Definition]\nfailregex = ^other <ADDR>$\n",
        );
        let ran = ran(command);
        assert!(
            matches!(ran.status, Some(0 | 1)),
            "{command:?}: {}",
            ran.stderr
        );
        let said = ran.stdout + &ran.stderr;
        let said: Vec<&str> = said.split_whitespace().collect();
        assert!(
            said.join(" ").contains("fail2ban itself does not unwrap"),
            "{command:?}: {said:?}"
        );
    }
}

/// A jail for a wrapped log would find nothing: none is proposed for its path.
#[test]
fn a_jail_that_is_proposed_reads_lines_as_they_were() {
    let place = Place::new();
    place.write("log", undated("docker"));
    place.write(
        "filter.d/bob.conf",
        "[Definition]\nfailregex = login failed for \\S+ from <ADDR>\n",
    );
    for command in [
        &["fit", "log", "-c", "."][..],
        &["draft", "log", "-c", ".", "--dry-run"],
        &["draft", "log", "-c", ".", "--dry-run", "--anew"],
    ] {
        let all = [command, &["--unwrap"]].concat();
        let ran = f2b(&all).current_dir(place.path()).ran().ended(0);
        assert!(ran.stdout.contains("= /path/of/the/log"), "{}", ran.stdout);
        assert!(
            ran.stderr.contains("fail2ban itself does not unwrap"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_wrapped_log_is_told_where_unwrapping_helps() {
    let place = Place::new();
    let (lines, filter) = (plain(), filter());
    for kind in KINDS {
        place.write("log", wrapped(&lines, kind, usize::MAX));
        let found = report(place.path(), &["log", &filter]);
        let hint = hint(&found, "wrapped").expect(kind);
        let name = kind.replace("rfc5424", "syslog");
        assert_eq!(hint["change"], format!("--unwrap={name}"));
        let applied = report(place.path(), &["log", &filter, "--apply", "1"]);
        let asked = report(place.path(), &["log", &filter, "--unwrap"]);
        assert_eq!(verdict(&applied), verdict(&asked), "{kind}");
    }
    // a filter that is for the wrapped line, and one that is for neither
    place.write("log", undated("docker"));
    for regex in [
        r#"^\{"log":"login failed for \S+ from <ADDR>\\n""#,
        "^other <ADDR>$",
    ] {
        let found = report(place.path(), &["log", regex]);
        assert_eq!(hint(&found, "wrapped"), None, "{regex}");
    }
}

#[test]
fn reports_of_unwrapped_shards_are_added_up() {
    let place = Place::new();
    let (lines, filter) = (plain(), filter());
    let half = lines.len() / 2;
    place.write("a.log", wrapped(&lines[..half], "docker", 40));
    place.write("b.log", wrapped(&lines[half..], "docker", 40));
    let shard = |name: &str, log: &str, more: &[&str]| {
        let arguments = [&["--format", "json", "--no-hints", log, &filter], more].concat();
        let ran = f2b(&arguments).current_dir(place.path()).ran().ended(0);
        place.write(name, ran.stdout);
    };
    shard("a.json", "a.log", &["--unwrap"]);
    shard("b.json", "b.log", &["--unwrap"]);
    let merge = |other: &str| {
        let arguments = ["merge", "a.json", other, "--format", "json"];
        f2b(&arguments).current_dir(place.path()).ran()
    };
    let merged = merge("b.json").ended(0).json();
    let whole = report(
        place.path(),
        &[
            "--log",
            "a.log",
            "--log",
            "b.log",
            &filter,
            "--unwrap",
            "--no-hints",
        ],
    );
    assert_eq!(verdict(&merged), verdict(&whole));
    assert_eq!(merged["logs"], whole["logs"]);
    let arguments = ["merge", "a.json", "b.json", "--format", "table"];
    let table = f2b(&arguments)
        .current_dir(place.path())
        .ran()
        .ended(0)
        .stdout;
    assert!(
        table.contains("unwrapped from Docker's json-file"),
        "{table}"
    );
    shard("c.json", "b.log", &[]);
    assert!(merge("c.json").ended(2).stderr.contains("--unwrap"));
}

#[test]
fn epochs_have_a_datepattern_wherever_they_stand() {
    let place = Place::new();
    let line = |n: u32, form: &str| {
        let (seconds, millis) = (1_795_168_800 + n, 100 + n);
        form.replace("SEC", &seconds.to_string())
            .replace("MIL", &millis.to_string())
            .replace("IP", &format!("192.0.2.{n}"))
    };
    for (form, pattern) in [
        (
            r#"{"ts":SEC.MIL,"m":"login failed","ip":"IP"}"#,
            r#""ts":{EPOCH}"#,
        ),
        (
            r#"{"m":"login failed","ip":"IP","time":SECMIL}"#,
            r#""time":{LEPOCH}"#,
        ),
        (
            "IP GET /admin 401 msec=SEC.MIL login failed",
            "msec={EPOCH}",
        ),
        (
            "the gate says that login failed from IP at SECMIL, too",
            r"at\s+{LEPOCH}",
        ),
        (
            r#"IP - "GET /admin HTTP/1.1" 401 login failed 200 SEC.MIL 0.1"#,
            r"^(?:\S+\s+){9}({EPOCH})",
        ),
    ] {
        place.write(
            "log",
            (1..8).map(|n| line(n, form) + "\n").collect::<String>(),
        );
        let regex = if form.starts_with("IP") {
            "^<ADDR> "
        } else {
            r#"(?:from |ip":")<ADDR>"#
        };
        let found = report(place.path(), &["log", regex]);
        assert_eq!(codes(&found), ["no-date"], "{form}");
        let hint = hint(&found, "datepattern").expect(form);
        assert_eq!(hint["change"], format!("datepattern = {pattern}"));
        let dated = report(place.path(), &["log", regex, "-d", pattern]);
        let first = dated["addresses"][0]["first"]["epoch"]
            .as_f64()
            .expect(form);
        assert!((first - 1_795_168_801.101).abs() < 1e-5, "{form}: {first}");
        assert_eq!(dated["lines"]["matched"], 7, "{form}");
    }
    // numbers that are no times, or of which nobody knows which one is
    for form in [
        "order 10000000MIL: login failed from IP",
        "a=SEC b=SEC login failed from IP",
    ] {
        place.write(
            "log",
            (1..8).map(|n| line(n, form) + "\n").collect::<String>(),
        );
        let found = report(place.path(), &["log", "from <ADDR>"]);
        assert_eq!(hint(&found, "datepattern"), None, "{form}");
    }
}
