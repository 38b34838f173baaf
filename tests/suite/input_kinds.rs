//! Every kind of log against the same events as a plain log: the same verdict. The files
//! are written by the real tools; a tool that is missing is named in a line of its own.

use crate::util::{self, Place, Run, left_out};
use assert_cmd::Command;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

const LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/logs/auth.log");
const FILTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/filter.d/sshd.conf");

fn f2b(arguments: &[&str]) -> Command {
    util::f2b(&[&["--format", "json"], arguments].concat())
}

fn report_of(mut command: Command) -> (Value, Option<i32>, String) {
    let ran = command.ran();
    (ran.json(), ran.status, ran.stderr)
}

fn report(arguments: &[&str]) -> Value {
    let (report, status, message) = report_of(f2b(arguments));
    assert_eq!(status, Some(0), "{arguments:?}: {message}");
    report
}

/// What two logs of the same events agree in.
fn verdict(report: &Value) -> Value {
    let lines = &report["lines"];
    let regexes: Vec<&Value> = report["failregex"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|r| &r["hits"])
        .collect();
    json!([
        lines["total"],
        lines["matched"],
        lines["ignored"],
        lines["missed"],
        regexes,
        report["addresses"]
    ])
}

fn codes(report: &Value) -> Vec<&str> {
    let warnings = report["warnings"].as_array().expect("a list");
    warnings.iter().filter_map(|w| w["code"].as_str()).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a UTF-8 path")
}

/// Runs a tool over standard input; None, and a line that says so, where it is missing.
fn tool(command: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let started = std::process::Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(_) => {
            left_out("an input of its making", command[0]);
            return None;
        }
    };
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("the tool ends");
    writer.join().expect("no panic").expect("the tool reads");
    assert!(output.status.success(), "{command:?}");
    Some(output.stdout)
}

/// Name, and the commands that compress standard input to standard output.
const COMPRESSORS: [(&str, &[&str]); 5] = [
    ("gzip", &["gzip", "-c"]),
    ("xz", &["xz", "-c"]),
    ("zstd", &["zstd", "-q", "-c"]),
    ("bzip2", &["bzip2", "-c"]),
    ("lz4", &["lz4", "-q", "-c", "-"]),
];

fn plain() -> Vec<u8> {
    std::fs::read(LOG).expect("the log")
}

#[test]
fn compressed_logs_are_told_by_content() {
    let dir = Place::new();
    let want = verdict(&report(&[LOG, FILTER]));
    let log = plain();
    for (name, command) in COMPRESSORS {
        let Some(packed) = tool(command, &log) else {
            continue;
        };
        // not the usual ending: it is the content that counts
        let path = dir.write(&format!("{name}.log"), &packed);
        let found = report(&[text(&path), FILTER]);
        assert_eq!(verdict(&found), want, "{name}");
        assert_eq!(found["logs"][0]["compression"], name);
        assert_eq!(found["logs"][0]["bytes"], log.len());
        let mut piped = f2b(&["-", FILTER]);
        piped.write_stdin(packed.clone());
        assert_eq!(
            verdict(&report_of(piped).0),
            want,
            "{name} on standard input"
        );
        // two members, as logs are appended to
        let middle = log.iter().position(|b| *b == b'\n').expect("lines") + 1;
        let mut members = tool(command, &log[..middle]).expect("there a moment ago");
        members.extend(tool(command, &log[middle..]).expect("there a moment ago"));
        let path = dir.write("members", &members);
        assert_eq!(
            verdict(&report(&[text(&path), FILTER])),
            want,
            "{name}, two members"
        );
    }
}

#[test]
fn damaged_files_give_what_could_be_read() {
    let dir = Place::new();
    let log = plain().repeat(200);
    for (name, command) in COMPRESSORS {
        let Some(packed) = tool(command, &log) else {
            continue;
        };
        let half = packed.len() / 2;
        let cut = dir.write("cut", &packed[..half]);
        let (report, status, message) = match f2b(&[text(&cut), FILTER]).output() {
            Ok(output) => (
                serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
                output.status.code(),
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(status, Some(2), "{name}: {message}");
        assert!(message.contains(text(&cut)), "{message}");
        assert!(message.contains("at byte"), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        // bzip2 and xz have blocks longer than this log: nothing of them can be had
        if name == "gzip" {
            assert!(report["lines"]["total"].as_u64() > Some(100), "{report}");
            assert!(report["logs"][0]["error"].is_string(), "{report}");
        }
        let mut broken = packed.clone();
        broken[half] ^= 0x55;
        let broken = dir.write("broken", broken);
        let output = f2b(&[text(&broken), FILTER]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{name}, one byte changed");
    }
    let zip = dir.write("x.log", b"PK\x03\x04rest");
    let output = f2b(&[text(&zip), FILTER]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("unzip -p"));
}

/// 1.5 GB without a newline in a few kilobytes, under a limit of 1 GB of address space.
#[test]
fn a_bomb_does_not_fill_the_memory() {
    let dir = Place::new();
    let path = dir.at("bomb.zst");
    let made = std::process::Command::new("sh")
        .arg("-c")
        .arg("command -v zstd >/dev/null && head -c 1500000000 /dev/zero | tr '\\0' a | zstd -q -1 -c > \"$0\"")
        .arg(&path)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        left_out("a bomb", "zstd");
        return;
    }
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg("ulimit -v 1000000 && exec \"$0\" --threads 2 --print-no-missed --format json \"$1\" 'from <HOST>'")
        .arg(env!("CARGO_BIN_EXE_f2b-regex"))
        .arg(&path)
        .output()
        .expect("sh runs");
    let message = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {message}"));
    assert_eq!(report["lines"]["total"], 1, "{message}");
    assert!(codes(&report).contains(&"overlong-line"), "{report}");
}

#[test]
fn rotated_siblings_run_on_oldest_first() {
    let dir = Place::new();
    let log = plain();
    let mut ends = memchr_lines(&log);
    let (first, second) = (ends.remove(4), ends.remove(7));
    dir.write("mail.log.2", &log[..first]);
    dir.write("mail.log.1", &log[first..second]);
    dir.write("mail.log", &log[second..]);
    // a compressed one, where it can be made
    if let Some(packed) = tool(&["gzip", "-c"], &log[..first]) {
        std::fs::rename(dir.at("mail.log.2"), dir.at("gone")).expect("moved");
        std::fs::remove_file(dir.at("gone")).expect("removed");
        dir.write("mail.log.2.gz", packed);
    }
    let want = report(&[LOG, FILTER]);
    let pattern = dir.at("mail.log*");
    let current = dir.at("mail.log");
    let older = dir.at("mail.log.1");
    let oldest = if dir.at("mail.log.2").exists() {
        dir.at("mail.log.2")
    } else {
        dir.at("mail.log.2.gz")
    };
    let repeated = [
        "--log",
        text(&current),
        "--log",
        text(&oldest),
        "--log",
        text(&older),
        FILTER,
    ];
    for arguments in [
        &[text(&pattern), FILTER][..],
        &[text(dir.path()), FILTER],
        &repeated,
    ] {
        let found = report(arguments);
        assert_eq!(verdict(&found), verdict(&want), "{arguments:?}");
        let logs = found["logs"].as_array().expect("a list");
        let paths: Vec<&str> = logs.iter().filter_map(|l| l["path"].as_str()).collect();
        assert_eq!(paths, [text(&oldest), text(&older), text(&current)]);
        for count in ["matched", "ignored", "missed"] {
            let sum: i64 = logs.iter().filter_map(|l| l[count].as_i64()).sum();
            assert_eq!(sum, want["lines"][count], "{count}");
        }
    }
    // one log that cannot be read does not take the others away
    let missing = dir.write("other.log", b"PK\x03\x04");
    let (found, status, _) = report_of(f2b(&[
        "--log",
        text(&pattern),
        "--log",
        text(&missing),
        FILTER,
    ]));
    assert_eq!(status, Some(2));
    assert_eq!(verdict(&found), verdict(&want));
    let none = f2b(&[text(&dir.at("nothing.log*")), FILTER])
        .output()
        .expect("it runs");
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("no file fits"));
}

/// Where the lines of a text end.
fn memchr_lines(text: &[u8]) -> Vec<usize> {
    (text.iter().enumerate())
        .filter(|(_, b)| **b == b'\n')
        .map(|(at, _)| at + 1)
        .collect()
}

#[test]
fn encodings_and_noise() {
    let dir = Place::new();
    let log = String::from_utf8(plain()).expect("UTF-8");
    let want = verdict(&report(&[LOG, FILTER]));
    let units = |bytes: fn(u16) -> [u8; 2]| log.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let (le, be) = (units(u16::to_le_bytes), units(u16::to_be_bytes));
    let marked = |mark: [u8; 2], units: &[u8]| [&mark, units].concat();
    let (le_mark, be_mark) = (marked([0xff, 0xfe], &le), marked([0xfe, 0xff], &be));
    let crlf = log.replace('\n', "\r\n");
    let bom = [b"\xef\xbb\xbf", log.as_bytes()].concat();
    let cases: [(&str, &[u8], &[&str]); 9] = [
        ("utf-16, by its mark", &le_mark, &[]),
        ("utf-16be, by its mark", &be_mark, &[]),
        ("utf-16", &be_mark, &["-e", "utf-16"]),
        ("utf-16le", &le, &["-e", "utf-16le"]),
        ("utf-16be", &be, &["-e", "utf-16be"]),
        ("shift_jis", log.as_bytes(), &["-e", "shift_jis"]),
        ("latin-1", log.as_bytes(), &["-e", "latin-1"]),
        ("mark", &bom, &[]),
        ("crlf", crlf.as_bytes(), &[]),
    ];
    for (name, bytes, options) in cases {
        let path = dir.write("log", bytes);
        let found = report(&[&[text(&path), FILTER], options].concat());
        assert_eq!(verdict(&found), want, "{name}");
        assert_eq!(
            codes(&found).contains(&"byte-order-mark"),
            name == "mark",
            "{name}"
        );
        assert_eq!(
            codes(&found).contains(&"utf-16"),
            name.starts_with("utf-16"),
            "{name}"
        );
    }
    let padded = dir.write("padded", [&[0; 70_000][..], log.as_bytes()].concat());
    let found = report(&[text(&padded), FILTER]);
    assert_eq!(verdict(&found)[1], want[1]);
    assert!(codes(&found).contains(&"nul-padding"));
    let colored: String = log.lines().fold(String::new(), |mut all, line| {
        let _ = writeln!(
            all,
            "\x1b[2m{}\x1b[0m",
            line.replace(" from ", " \x1b[1;31mfrom\x1b[m ")
        );
        all
    });
    let colored = dir.write(
        "colored",
        colored
            .lines()
            .filter(|l| !l.contains('#'))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    let found = report(&[text(&colored), FILTER]);
    assert_eq!(found["lines"]["matched"], 0);
    assert!(codes(&found).contains(&"ansi-colors"));
    let found = report(&[text(&colored), FILTER, "--strip-ansi"]);
    assert_eq!(found["lines"]["matched"], want[1]);
    let invalid = dir.write("invalid", b"Nov 20 03:14:07 h x: \xff\xfe from 192.0.2.1\n");
    let found = report(&[text(&invalid), "from <HOST>"]);
    assert_eq!(found["logs"][0]["invalid"], 2);
    assert_eq!(codes(&found), ["invalid-encoding"]);
    let program = std::fs::read(env!("CARGO_BIN_EXE_f2b-regex")).expect("the binary");
    let program = dir.write("program", &program[..100_000]);
    let binary = report(&[text(&program), "from <HOST>"]);
    assert!(codes(&binary).contains(&"binary-input"));
}

#[test]
fn windows_in_time_and_lines() {
    let dir = Place::new();
    let log = String::from_utf8(plain()).expect("UTF-8");
    // what lies in the window, cut out by hand
    let inside: String = (log.split_inclusive('\n'))
        .filter(|l| {
            l.get(7..12)
                .is_some_and(|t| ("03:16".."03:21").contains(&t))
        })
        .collect();
    let cut = dir.write("inside", &inside);
    let want = verdict(&report(&[text(&cut), FILTER]));
    assert!(want[0].as_u64() > Some(2), "{want}");
    let window = [
        "--since",
        "2026-11-20 03:16",
        "--until",
        "2026-11-20T03:21:00Z",
    ];
    assert_eq!(
        verdict(&report(&[&[LOG, FILTER], &window[..]].concat())),
        want
    );
    for lines in [1, 3, 14, 100] {
        let last: Vec<&str> = log.lines().rev().take(lines).collect();
        let last = last
            .into_iter()
            .rev()
            .fold(String::new(), |all, l| all + l + "\n");
        let cut = dir.write("last", last);
        let want = verdict(&report(&[text(&cut), FILTER]));
        let number = lines.to_string();
        assert_eq!(
            verdict(&report(&[LOG, FILTER, "--last", &number])),
            want,
            "{lines}"
        );
        let mut piped = f2b(&["-", FILTER, "--last", &number]);
        piped.write_stdin(plain());
        assert_eq!(verdict(&report_of(piped).0), want, "{lines} of a pipe");
    }
    let output = f2b(&[LOG, FILTER, "--since", "soon"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("-2h"));
}

/// A large ordered file is not read up to the window, one out of order is.
#[test]
fn bisection_finds_what_reading_finds() {
    let dir = Place::new();
    let line = |n: u64, text: &str| {
        let (h, m, s) = (n / 3600 % 24, n / 60 % 60, n % 60);
        format!(
            "2026-11-{:02} {h:02}:{m:02}:{s:02} host app[{n}]: {text} 192.0.2.{}\n",
            1 + n / 86_400,
            n % 250
        )
    };
    let lines: Vec<String> = (0..150_000)
        .map(|n| line(n * 7, "login failed from"))
        .collect();
    let ordered = dir.write("ordered", lines.concat());
    let mut mixed = lines.clone();
    mixed.rotate_left(70_000);
    let mixed = dir.write("mixed", mixed.concat());
    let window = ["--since", "2026-11-09 12:00:00", "--until", "2026-11-10"];
    let want = lines
        .iter()
        .filter(|l| ("2026-11-09 12:00:00".."2026-11-10").contains(&&l[..19]))
        .count();
    for (path, skips) in [(&ordered, true), (&mixed, false)] {
        let found = report(&[&[text(path), "failed from <HOST>$"], &window[..]].concat());
        assert_eq!(found["lines"]["matched"], want);
        assert_eq!(
            found["logs"][0]["start"].as_u64() > Some(0),
            skips,
            "{}",
            found["logs"][0]
        );
    }
}

/// Rows of a pipe are seen while it is still open.
#[test]
fn a_pipe_is_judged_as_it_comes() {
    let mut child = util::program(&["-", "failed from <HOST>$", "--out", "id"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("piped");
    let mut rows = BufReader::new(child.stdout.take().expect("piped"));
    for address in ["192.0.2.1", "192.0.2.2"] {
        writeln!(stdin, "2026-11-20 10:00:00 failed from {address}").expect("it reads");
        let mut row = String::new();
        rows.read_line(&mut row).expect("a row");
        assert_eq!(row.trim_end(), address);
    }
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

/// Ctrl-C on a pipe that stays open: the report of what came, marked, status 130.
#[test]
fn an_interrupt_ends_with_a_report() {
    let mut child = util::program(&[
        "-",
        "failed from <HOST>$",
        "--format",
        "json",
        "--out",
        "id",
    ])
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .spawn()
    .expect("the binary starts");
    let id = child.id().to_string();
    let mut stdin = child.stdin.take().expect("piped");
    let mut rows = BufReader::new(child.stdout.take().expect("piped"));
    writeln!(stdin, "2026-11-20 10:00:00 failed from 192.0.2.1").expect("it reads");
    let mut row = String::new();
    // once the row is here, it listens
    rows.read_line(&mut row).expect("a row");
    let killed = std::process::Command::new("sh")
        .args(["-c", "kill -INT $0", &id])
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    drop(stdin);

    let mut child = util::program(&["-", "failed from <HOST>$", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let id = child.id().to_string();
    let mut stdin = child.stdin.take().expect("piped");
    // more than a pipe holds: when all is written, it reads and listens
    let lines = "2026-11-20 10:00:00 failed from 192.0.2.1\n".repeat(20_000);
    stdin.write_all(lines.as_bytes()).expect("it reads");
    let killed = std::process::Command::new("sh")
        .args(["-c", "kill -INT $0", &id])
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
    let mut report = String::new();
    child
        .stdout
        .take()
        .expect("piped")
        .read_to_string(&mut report)
        .expect("a report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["partial"], true);
    let matched = report["lines"]["matched"].as_u64().expect("a count");
    assert!((1..=20_000).contains(&matched), "{matched}");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    drop(stdin);
}

/// The events of the log as `journalctl -o export` writes them, with a binary field, and
/// with entries of other units between.
fn export() -> Vec<u8> {
    let log = String::from_utf8(plain()).expect("UTF-8");
    let mut out = Vec::new();
    for (index, line) in log
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .enumerate()
    {
        let (host, rest) = line[16..].split_once(' ').expect("a host");
        let (tag, message) = rest.split_once(": ").expect("a tag");
        let (name, pid) = tag
            .strip_suffix(']')
            .and_then(|t| t.split_once('['))
            .unwrap_or((tag, ""));
        let time = chrono::NaiveDateTime::parse_from_str(
            &format!("2026 {}", &line[..15]),
            "%Y %b %d %H:%M:%S",
        );
        let micros = time.expect("a date").and_utc().timestamp_micros();
        let mut field = |text: String| out.extend_from_slice(text.as_bytes());
        field(format!(
            "__CURSOR=s=0;i={index:x}\n__REALTIME_TIMESTAMP={}\n",
            micros + 900
        ));
        field(format!("__MONOTONIC_TIMESTAMP={}\n", 1_000_000 + index));
        field("_BOOT_ID=4b1ad7c0c0b94d0a8a7e6b1d2d2a9f10\n".into());
        field(format!(
            "_HOSTNAME={host}\nSYSLOG_IDENTIFIER={name}\n_COMM={name}\n"
        ));
        if !pid.is_empty() {
            field(format!("_PID={pid}\n"));
        }
        field("_SYSTEMD_UNIT=ssh.service\n".into());
        // a field with an empty line and something like an entry in it
        let binary = b"x\n\n__REALTIME_TIMESTAMP=1\nMESSAGE=no\n\n";
        out.extend_from_slice(b"CUSTOM\n");
        out.extend_from_slice(&(binary.len() as u64).to_le_bytes());
        out.extend_from_slice(binary);
        let mut field = |text: String| out.extend_from_slice(text.as_bytes());
        field(format!(
            "\nMESSAGE={message}\n_SOURCE_REALTIME_TIMESTAMP={micros}\n\n"
        ));
    }
    out
}

/// A real journal of these entries; None, and a line that says so, where it cannot be made.
fn real_journal(dir: &Place, export: &Path) -> Option<PathBuf> {
    let journal = dir.at("real.journal");
    let remote = "/usr/lib/systemd/systemd-journal-remote";
    let output = format!("--output={}", text(&journal));
    let made = std::process::Command::new(remote)
        .args([&output, text(export)])
        .output();
    match made {
        Ok(output) if output.status.success() => Some(journal),
        _ => {
            left_out("a real journal", "systemd-journal-remote");
            None
        }
    }
}

#[test]
fn journals_give_the_verdict_of_the_log() {
    let dir = Place::new();
    let want = verdict(&report(&[LOG, FILTER]));
    let bytes = export();
    let path = dir.write("export", &bytes);
    let all = ["-m", "_SYSTEMD_UNIT=ssh.service"];
    let check = |log: &str, kind: &str| {
        let found = report(&[&[log, FILTER], &all[..]].concat());
        assert_eq!(verdict(&found), want, "{log}");
        assert_eq!(found["logs"][0]["journal"], kind, "{log}");
        assert_eq!(found["filter"]["name"], "sshd");
    };
    check(text(&path), "export");
    let mut piped = f2b(&[&["-", FILTER], &all[..]].concat());
    piped.write_stdin(bytes.clone());
    assert_eq!(verdict(&report_of(piped).0), want, "on standard input");
    if let Some(packed) = tool(&["gzip", "-c"], &bytes) {
        check(text(&dir.write("export.gz", packed)), "export");
    }
    let Some(journal) = real_journal(&dir, &path) else {
        return;
    };
    check(text(&journal), "journalctl");
    let spec = format!("systemd-journal[journalfiles={}]", text(&journal));
    check(&spec, "journalctl");
    let spec = format!("systemd-journal[journalpath={}]", text(dir.path()));
    check(&spec, "journalctl");
    for kind in ["export", "json", "json-seq", "json-pretty"] {
        let output = std::process::Command::new("journalctl")
            .args(["--all", "--file", text(&journal), "-o", kind])
            .output();
        let Ok(output) = output else {
            left_out("exports of a real journal", "journalctl");
            return;
        };
        check(text(&dir.write(kind, output.stdout)), kind);
    }
    // the path of journalctl is the only one given
    let mut without = f2b(&[text(&journal), FILTER]);
    let output = without
        .env("PATH", "/nonexistent")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("journalctl is not installed"));
}

#[test]
fn a_journal_chooses_logtype_and_window() {
    let dir = Place::new();
    let path = dir.write("export", export());
    let filter = dir.write(
        "x.conf",
        "[Definition]\nfailregex = ^<lt_<logtype>/prefix>.* from <HOST>\n[lt_journal]\nprefix = gate sshd\\[\\d+\\]:\n\
         [lt_file]\nprefix = never\n",
    );
    let found = report(&[text(&path), text(&filter)]);
    assert!(found["lines"]["matched"].as_u64() > Some(0), "{found}");
    assert_eq!(found["date_templates"], json!([]));
    let window = [
        "--since",
        "2026-11-20 03:16",
        "--until",
        "2026-11-20T03:21:00Z",
    ];
    let want = report(&[&[LOG, "from <HOST>"], &window[..]].concat());
    let found = report(&[&[text(&path), "from <HOST>"], &window[..]].concat());
    assert_eq!(verdict(&found), verdict(&want));
    let mixed = f2b(&["--log", LOG, "--log", text(&path), FILTER])
        .output()
        .expect("it runs");
    assert_eq!(mixed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&mixed.stderr).contains("is a journal"));
}

#[test]
fn a_journalmatch_that_selects_nothing_is_explained() {
    let dir = Place::new();
    let bytes = export();
    let path = dir.write("export", &bytes);
    let entries = report(&[text(&path), FILTER, "-m", ""])["lines"]["total"].clone();
    let matched = report(&[text(&path), FILTER, "-m", ""])["lines"]["matched"].clone();
    let wrong = ["-m", "_SYSTEMD_UNIT=sshd.service + _COMM=dropbear"];
    let message = |found: &Value| -> String {
        let warnings = found["warnings"].as_array().expect("a list");
        let warning = warnings
            .iter()
            .find(|w| w["code"] == "journalmatch")
            .expect("the warning");
        warning["message"].as_str().expect("a text").into()
    };
    let said = message(&report(&[&[text(&path), FILTER], &wrong[..]].concat()));
    let start = format!(
        "0 of {entries} entries match `_SYSTEMD_UNIT=sshd.service + _COMM=dropbear`; {matched} entries match a \
         failregex without it, "
    );
    assert!(said.starts_with(&start), "{said}");
    assert!(
        said.contains("from `_SYSTEMD_UNIT=ssh.service` `_COMM=sshd`"),
        "{said}"
    );
    let mut piped = f2b(&[&["-", FILTER], &wrong[..]].concat());
    piped.write_stdin(bytes);
    assert_eq!(message(&report_of(piped).0), said);
    if let Some(journal) = real_journal(&dir, &path) {
        let found = report(&[&[text(&journal), FILTER], &wrong[..]].concat());
        assert!(message(&found).starts_with(&start), "{}", message(&found));
    }
    let output = f2b(&[text(&path), FILTER, "-m", "sshd.service"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("expected FIELD=value"));
}
