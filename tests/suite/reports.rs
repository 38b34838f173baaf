//! What reports say is true, and stands where it is seen.

use crate::util::Place;
use assert_cmd::Command;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

const NOW: &str = "2026-11-20T12:00:00Z";

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// The binary in a directory at a fixed time and zone.
fn run(directory: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_f2b-regex"))
        .current_dir(directory)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env_remove("COLUMNS")
        .args(arguments)
        .output()
        .expect("the binary starts");
    Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A directory with a log of that many lines, of which every tenth is a failure.
fn place(lines: usize) -> Place {
    let directory = Place::new();
    let mut log = String::new();
    for n in 0..lines {
        let (minute, second) = (n / 60 % 60, n % 60);
        let what = if n % 10 == 0 { "failed" } else { "asked" };
        let _ = writeln!(
            log,
            "Nov 20 03:{minute:02}:{second:02} h d: {what} from 192.0.2.{}",
            n / 10 % 30 + 1
        );
    }
    std::fs::write(directory.path().join("log"), log).expect("a log is written");
    directory
}

/// The report on that log.
fn report(directory: &Path, arguments: &[&str]) -> Ran {
    let fixed = ["log", "failed from <HOST>", "--now", NOW];
    run(directory, &[&fixed, arguments].concat())
}

fn json(directory: &Path, arguments: &[&str]) -> Value {
    let ran = report(directory, &[&["--format", "json"], arguments].concat());
    serde_json::from_str(&ran.out).expect("the report is JSON")
}

fn warning(report: &Value, code: &str) -> String {
    let all = report["warnings"].as_array().expect("a list");
    let found = all.iter().find(|warning| warning["code"] == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {all:?}"));
    found["message"].as_str().expect("a text").to_string()
}

#[test]
fn the_answer_is_on_the_last_screen() {
    let directory = place(500);
    let ran = report(directory.path(), &[]);
    let lines: Vec<&str> = ran.out.lines().collect();
    let screen = lines[lines.len() - 23..].join("\n");
    for wanted in [
        "\nAddresses  30 (top 10, 20 more: --top N)\n",
        "  192.0.2.1 ",
        "\nLines: 500 lines, 0 ignored, 50 matched, 450 missed\n",
    ] {
        assert!(screen.contains(wanted), "{wanted:?} in\n{screen}");
    }
    assert_eq!(ran.out.matches("asked from").count(), 5, "{}", ran.out);
    assert!(ran.out.contains("   … 445 more (--print-all-missed)\n"));
    let all = report(directory.path(), &["--print-all-missed", "--top", "30"]);
    assert_eq!(all.out.matches("asked from").count(), 450);
    assert!(all.out.contains("\nAddresses  30\n"));
}

#[test]
fn lines_outside_the_window_are_no_empty_log() {
    let directory = place(120);
    let found = json(directory.path(), &["--since", "2026-11-20 10:00"]);
    assert_eq!(
        warning(&found, "no-lines"),
        "no line was tested: all 120 lines of the log are outside --since and --until; it goes from \
         2026-11-20 03:00:00 to 2026-11-20 03:01:59"
    );
    let found = json(directory.path(), &["--until", "2026-11-20 01:00"]);
    assert!(warning(&found, "no-lines").ends_with("03:00:00 to 2026-11-20 03:01:59"));
    std::fs::write(directory.path().join("log"), "").expect("an empty log");
    let found = json(directory.path(), &["--since", "2026-11-20 10:00"]);
    assert_eq!(
        warning(&found, "no-lines"),
        "no line was tested: the log is empty"
    );
}

#[test]
fn other_commands_say_so_too() {
    let place = place(3);
    for command in ["simulate", "bench"] {
        let window = ["--since", "2027-01-01", "--format", "json", "--now", NOW];
        let words = [&[command, "log", "failed from <HOST>"][..], &window].concat();
        let ran = run(place.path(), &words);
        let report: Value = serde_json::from_str(&ran.out).expect(&ran.err);
        let warnings = report["warnings"].to_string();
        assert!(
            warnings.contains("outside --since and --until; it goes from"),
            "{warnings}"
        );
    }
}

#[test]
fn a_wrong_datepattern_is_that_of_the_command_line() {
    let directory = place(50);
    let found = json(directory.path(), &["-d", "^%Y-%m-%d"]);
    let hint = found["hints"][0]["message"].as_str().expect("a hint");
    assert!(
        hint.starts_with("the datepattern given (-d '^%Y-%m-%d') does not find `Nov 20 03:00:00`"),
        "{hint}"
    );
    assert!(
        warning(&found, "no-date")
            .ends_with("the datepattern of -d finds none: leave it out, or change it")
    );
}

#[test]
fn helpers_are_counted_apart() {
    let directory = place(20);
    let filter = "[Definition]\nfailregex = ^ h d: <F-NOFAIL>asked</F-NOFAIL> from <HOST>$\n\
                  \x20           ^ h d: failed from <HOST>$\n";
    std::fs::write(directory.path().join("f.conf"), filter).expect("a filter");
    let given = ["log", "./f.conf", "--now", NOW];
    let ran = run(directory.path(), &given);
    assert!(
        ran.out
            .contains("\nFailregex  20 hits, 18 by helpers (<F-NOFAIL>), which are no failures\n"),
        "{}",
        ran.out
    );
    let ran = run(
        directory.path(),
        &[&given[..], &["--format", "json"]].concat(),
    );
    let found: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(found["failregex"][0]["helper_hits"], 18);
    assert_eq!(found["failregex"][1]["helper_hits"], Value::Null);
}

#[test]
fn thousands_have_blanks_everywhere() {
    let directory = place(12_000);
    let ran = report(directory.path(), &[]);
    for wanted in [
        "log  12 000 lines",
        "1 200 hits",
        "Lines: 12 000 lines, 0 ignored, 1 200 matched, 10 800 missed",
        "… 10 795 more",
    ] {
        assert!(ran.out.contains(wanted), "{wanted} in\n{}", ran.out);
    }
}

#[test]
fn addresses_are_listed_up_to_top_and_known_up_to_a_limit() {
    let directory = place(500);
    let all = json(directory.path(), &[]);
    assert_eq!(all["addresses"].as_array().map(Vec::len), Some(30));
    assert_eq!(all["more_addresses"], Value::Null);
    let top = json(directory.path(), &["--top", "4"]);
    assert_eq!(top["more_addresses"], 26);
    assert_eq!(
        top["addresses"].as_array().expect("a list"),
        &all["addresses"].as_array().expect("a list")[..4]
    );
    let known = json(directory.path(), &["--max-addresses", "4"]);
    assert_eq!(known["addresses"].as_array().map(Vec::len), Some(4));
    let listed: u64 = (known["addresses"].as_array().expect("a list").iter())
        .map(|address| address["hits"].as_u64().expect("a number"))
        .sum();
    assert_eq!(known["lines"], all["lines"]);
    assert_eq!(known["seam"]["findings"]["untracked"], 50 - listed);
    assert!(warning(&known, "max-addresses").starts_with("4 addresses are listed, the first ones"));
    // what is not all cannot be added up
    let ran = report(directory.path(), &["--format", "json", "--top", "4"]);
    std::fs::write(directory.path().join("top.json"), ran.out).expect("a report");
    let merged = run(directory.path(), &["merge", "top.json"]);
    assert_eq!(merged.code, Some(2));
    assert!(
        merged
            .err
            .contains("top.json:1: a report without all of its addresses")
    );
}

#[test]
fn what_classic_has_no_place_for_goes_to_standard_error() {
    let directory = place(0);
    std::fs::write(
        directory.path().join("log"),
        b"h d: failed from 192.0.2.1 \xff\n",
    )
    .expect("a log");
    let ran = report(directory.path(), &["--format", "classic"]);
    assert!(!ran.out.contains("warning"), "{}", ran.out);
    assert!(
        ran.err.contains("warning: 1 place is not valid UTF-8"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("warning: no date detected"), "{}", ran.err);
    let rows = report(directory.path(), &["--format", "classic", "-o", "id"]);
    assert_eq!((rows.out.as_str(), rows.err.as_str()), ("192.0.2.1\n", ""));
}

/// Figures of fail2ban-regex's development head on the same bytes.
#[test]
fn utf16_is_read_by_classic_as_upstream_does() {
    let directory = place(0);
    let text: String = (1..=8).fold(String::new(), |mut text, n| {
        let _ = writeln!(text, "Nov 20 03:14:0{n} h d: failed from 192.0.2.{n}");
        text
    });
    let units = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    };
    let big = [&b"\xfe\xff"[..], &units(&text, u16::to_be_bytes)].concat();
    let windows = units(&text.replace('\n', "\r\n"), u16::to_le_bytes);
    let cases: [(&[u8], &[&str], &str, u64); 4] = [
        (&big, &[], "0 matched, 8 missed", 8),
        (&big, &["-e", "utf-16"], "1 matched, 0 missed", 8),
        (&big, &["-e", "utf-16be"], "8 matched, 0 missed", 8),
        (&windows, &["-e", "utf-16le"], "1 matched, 0 missed", 8),
    ];
    for (bytes, options, classic, whole) in cases {
        std::fs::write(directory.path().join("log"), bytes).expect("a log");
        let ran = report(
            directory.path(),
            &[options, &["--format", "classic"]].concat(),
        );
        assert!(ran.out.contains(classic), "{options:?}: {}", ran.out);
        let found = json(directory.path(), options);
        assert_eq!(found["lines"]["matched"], whole, "{options:?}");
        warning(&found, "utf-16");
    }
}

#[test]
fn only_json_stands_where_json_is_asked_for() {
    let directory = place(30);
    for (file, options) in [("0.json", [].as_slice()), ("1.json", &[])] {
        let ran = report(directory.path(), &[options, &["--format", "json"]].concat());
        std::fs::write(directory.path().join(file), ran.out).expect("a report");
    }
    let mut session = String::new();
    let _ = writeln!(
        session,
        "Nov 20 11:59:59 h d: failed from 192.0.2.1\nh d: failed from 192.0.2.1"
    );
    std::fs::write(directory.path().join("log"), session).expect("a log");
    for file in ["2.json", "3.json"] {
        let ran = report(
            directory.path(),
            &["--format", "json", "-d", "%b %d %H:%M:%S"],
        );
        std::fs::write(directory.path().join(file), ran.out).expect("a report");
    }
    let merged = run(directory.path(), &["merge", "2.json", "3.json"]);
    assert_eq!(merged.code, Some(0), "{}", merged.err);
    serde_json::from_str::<Value>(&merged.out).expect("nothing but JSON");
}
