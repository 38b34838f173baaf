//! Under attack and under load: full disks and closed pipes, hostile repositories in CI, directories of
//! thousands of files, limits of memory. Each ends in a verdict, or in one line that says why not.

use crate::util::Place;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

const NOW: &str = "2026-11-20T12:00:00Z";
const LINE: &str = "2026-11-20 03:11:00 gate app: login failed for x from 192.0.2.1";

fn place() -> Place {
    let place = Place::new();
    fs::create_dir_all(place.path().join("etc/filter.d")).expect("a directory");
    write(place.path(), "app.log", &format!("{LINE}\n"));
    write(
        place.path(),
        "etc/filter.d/app.conf",
        "[Definition]\nfailregex = from <ADDR>$\n",
    );
    place
}

fn write(place: &Path, name: &str, text: &str) {
    fs::write(place.join(name), text).expect("a file");
}

fn program(place: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_f2b-regex"));
    command
        .args(arguments)
        .current_dir(place)
        .env_remove("GITHUB_ACTIONS")
        .stdin(Stdio::null());
    command
}

fn run(place: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    shown(program(place, arguments).output().expect("it runs"))
}

fn shown(output: Output) -> (Option<i32>, String, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Standard output on a disk without room.
fn on_full_disk(place: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let output = program(place, arguments)
        .stdout(full.expect("Linux has it"))
        .output();
    let (status, _, said) = shown(output.expect("it runs"));
    (status, said)
}

#[test]
fn a_full_disk_is_an_error_of_every_command() {
    let place = place();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["check", "--explain", "all"],
        &["completions", "bash"],
        &["app.log", "app", "-c", "etc", "--now", NOW],
        &[
            "app.log", "app", "-c", "etc", "--now", NOW, "--format", "json",
        ],
        &["app.log", "app", "-c", "etc", "--now", NOW, "--out", "ip"],
        &["explain", "app.log", "app", "-c", "etc", "--now", NOW],
        &["simulate", "app.log", "app", "-c", "etc", "--now", NOW],
        &["check", "etc", "--no-lint"],
    ] {
        let (status, said) = on_full_disk(place.path(), arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {said}");
        assert!(
            said.starts_with("f2b-regex: cannot write the output: No space left"),
            "{arguments:?}: {said}"
        );
    }
}

/// Gives lines without end on standard input; what the program said by the time it ended.
fn endless(mut command: Command, line: &str, read: usize) -> (Option<i32>, Vec<String>, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines = format!("{line}\n").repeat(1_000);
    // ends where nobody reads any more
    let feed = std::thread::spawn(move || while stdin.write_all(lines.as_bytes()).is_ok() {});
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut shown = Vec::new();
    for _ in 0..read {
        let mut line = String::new();
        out.read_line(&mut line).expect("text");
        shown.push(line);
    }
    if read > 0 {
        drop(out);
    } else {
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("text");
        shown.push(rest);
    }
    let status = child.wait().expect("it ends").code();
    feed.join().expect("no panic");
    let mut said = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut said).expect("text");
    (status, shown, said)
}

/// Without the end these would run for ever.
#[test]
fn rows_end_with_those_who_read_them() {
    let place = place();
    for threads in ["1", "4"] {
        let rows = [
            "-",
            "app",
            "-c",
            "etc",
            "--now",
            NOW,
            "--out",
            "ip",
            "--threads",
            threads,
        ];
        let (status, rows, said) = endless(program(place.path(), &rows), LINE, 1);
        assert_eq!(
            (status, rows),
            (Some(0), vec!["192.0.2.1\n".to_string()]),
            "{said}"
        );
        assert_eq!(said, "");
    }
    let mut full = program(
        place.path(),
        &["-", "app", "-c", "etc", "--now", NOW, "--out", "ip"],
    );
    let disk = fs::OpenOptions::new().write(true).open("/dev/full");
    let mut child = full
        .stdin(Stdio::piped())
        .stdout(disk.expect("Linux has it"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let lines = format!("{LINE}\n").repeat(1_000);
    while stdin.write_all(lines.as_bytes()).is_ok() {}
    let (status, _, said) = shown(child.wait_with_output().expect("it ends"));
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("No space left"), "{said}");
}

#[test]
fn explain_reads_no_more_than_it_needs() {
    let place = place();
    // the first line, by its number, and as the first that is missed
    for number in [&["-n", "1"][..], &[]] {
        let mut arguments = vec![
            "explain",
            "-",
            "app",
            "-c",
            "etc",
            "--now",
            NOW,
            "--no-hints",
        ];
        arguments.extend(number);
        let (status, shown, said) = endless(program(place.path(), &arguments), "nobody", 0);
        assert_eq!(status, Some(0), "{said}");
        assert!(shown[0].starts_with("Line 1  missed"), "{shown:?}");
    }
}

/// At most 700 MB for a line of 60: where every byte had a place, it took 1.9 GB.
#[test]
fn a_line_that_is_a_whole_file_is_explained() {
    let place = place();
    let path = place.path().join("long.log");
    let mut file = fs::File::create(&path).expect("a file");
    for _ in 0..60 {
        file.write_all("lock ".repeat((1 << 20) / 5).as_bytes())
            .expect("room");
    }
    drop(file);
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 700000 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_f2b-regex"))
        .args([
            "explain",
            "long.log",
            "app",
            "-c",
            "etc",
            "--now",
            NOW,
            "--no-hints",
        ])
        .current_dir(place.path())
        .output()
        .expect("it runs");
    let (status, out, said) = shown(output);
    assert_eq!(status, Some(0), "{said}");
    assert!(out.len() < 100_000, "{} bytes", out.len());
    assert!(out.contains("bytes more"), "{}", &out[out.len() - 2_000..]);
}

#[test]
fn expectations_are_replaced_whole() {
    let place = place();
    let yaml = "cases:\n- line: from 192.0.2.1\n  gives: missed\n";
    write(place.path(), "real.yaml", yaml);
    let real = place.path().join("real.yaml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("a mode");
    let linked = place.path().join("etc/filter.d/app.yaml");
    symlink("../../real.yaml", &linked).expect("a link");
    let update = ["check", "etc", "--update", "--no-lint"];
    // no room for a larger file: what is there stays
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 0 && trap '' XFSZ && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_f2b-regex"))
        .args(update)
        .current_dir(place.path())
        .stdout(Stdio::piped())
        .output()
        .expect("it runs");
    let (status, out, _) = shown(output);
    assert_eq!(status, Some(1), "{out}");
    assert!(out.contains("app.yaml: cannot be written"), "{out}");
    assert_eq!(fs::read_to_string(&real).expect("a file"), yaml);
    // and with room the target of the link is a new file of the same mode
    let (status, out, said) = run(place.path(), &update);
    assert_eq!(status, Some(0), "{out}{said}");
    let text = fs::read_to_string(&real).expect("a file");
    assert!(text.contains("gives: matched"), "{text}");
    assert!(linked.is_symlink());
    let mode = fs::metadata(&real).expect("a file").permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    let left = fs::read_dir(place.path()).expect("a directory").flatten();
    let left: Vec<String> = left
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".f2b"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn samples_add_files_of_their_directory_once() {
    let place = place();
    fs::create_dir_all(place.path().join("logs/more")).expect("a directory");
    symlink("/dev/zero", place.path().join("logs/zero")).expect("a link");
    symlink("..", place.path().join("logs/up")).expect("a link");
    let good = format!("# failJSON: {{\"match\": true, \"host\": \"192.0.2.1\"}}\n{LINE}\n");
    let log = |added: &str| format!("# addFILE: \"{added}\"\n{good}");
    write(place.path(), "logs/more/app2", &log("../app"));
    let check = [
        "check",
        "etc/filter.d/app.conf",
        "-s",
        "logs",
        "--no-lint",
        "--format",
        "json",
    ];
    for (added, annotated, wrong) in [
        ("app", 1, None),
        ("./more/../app", 1, None),
        ("more/app2", 2, None),
        ("gone", 1, Some("No such file")),
        ("zero", 1, Some("in the directory of the samples or below")),
        (
            "/dev/zero",
            1,
            Some("in the directory of the samples or below"),
        ),
        (
            "../app.log",
            1,
            Some("in the directory of the samples or below"),
        ),
        (
            "up/app.log",
            1,
            Some("in the directory of the samples or below"),
        ),
        (
            "/etc/passwd",
            1,
            Some("in the directory of the samples or below"),
        ),
        (
            "more",
            1,
            Some("expected a regular file, found a directory"),
        ),
    ] {
        write(place.path(), "logs/app", &log(added));
        let (status, out, said) = run(place.path(), &check);
        assert_eq!(status, Some(wrong.is_some().into()), "{added}: {out}{said}");
        let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(report["annotated_lines"], annotated, "{added}: {out}");
        if let Some(wrong) = wrong {
            let message = report["filters"][0]["findings"][0]["message"].to_string();
            assert!(message.contains(wrong), "{added}: {message}");
        }
    }
}

/// Samples that lead out of a repository are told, and not read out.
#[test]
fn samples_lead_nowhere_else() {
    let place = place();
    write(place.path(), "secret.log", "a line of somebody else's\n");
    for name in ["repo/etc/filter.d", "repo/logs", "repo/shared", "repo/.git"] {
        fs::create_dir_all(place.path().join(name)).expect("a directory");
    }
    let filter = place.path().join("etc/filter.d/app.conf");
    fs::copy(filter, place.path().join("repo/etc/filter.d/app.conf")).expect("a file");
    let good = format!("# failJSON: {{\"match\": true, \"host\": \"192.0.2.1\"}}\n{LINE}\n");
    write(place.path(), "repo/shared/app", &good);
    symlink("..", place.path().join("repo/up")).expect("a link");
    let check = |samples: &str| {
        let words = [
            "check",
            "repo/etc",
            "-s",
            samples,
            "--no-lint",
            "--format",
            "json",
        ];
        let (status, out, said) = run(place.path(), &words);
        assert!(
            !out.contains("somebody else") && !said.contains("somebody else"),
            "{out}"
        );
        (status, out)
    };
    // from elsewhere in the repository they may come
    symlink("../shared/app", place.path().join("repo/logs/app")).expect("a link");
    let (status, out) = check("repo/logs");
    assert_eq!(status, Some(0), "{out}");
    assert!(out.contains("\"annotated_lines\": 1"), "{out}");
    for link in ["../../secret.log", "/etc/passwd", "../up/secret.log"] {
        fs::remove_file(place.path().join("repo/logs/app")).expect("it is there");
        symlink(link, place.path().join("repo/logs/app")).expect("a link");
        let (status, out) = check("repo/logs");
        assert_eq!(status, Some(1), "{link}: {out}");
        assert!(
            out.contains("repo/logs/app: not read: it leads out"),
            "{link}: {out}"
        );
    }
    // and so where a directory above is the link
    write(place.path(), "app", &good);
    symlink("../..", place.path().join("repo/logs/all")).expect("a link");
    let (status, out) = check("repo/logs/all");
    assert_eq!(status, Some(1), "{out}");
    assert!(out.contains("leads out of the repository"), "{out}");
}

/// What a pull request may bring along.
#[test]
fn a_repository_of_devices_and_pipes() {
    let place = place();
    fs::create_dir(place.path().join("etc/jail.d")).expect("a directory");
    let jails = place.path().join("etc/jail.d");
    symlink("/dev/zero", place.path().join("etc/jail.conf")).expect("a link");
    symlink("/dev/zero", jails.join("zero.conf")).expect("a link");
    symlink("loop.conf", jails.join("loop.conf")).expect("a link");
    let pipe = Command::new("mkfifo").arg(jails.join("pipe.conf")).status();
    assert!(pipe.expect("mkfifo starts").success());
    for name in ["zero.yaml", "app.yaml", "app.d"] {
        symlink("/dev/zero", place.path().join("etc/filter.d").join(name)).expect("a link");
    }
    let (status, out, said) = run(place.path(), &["check", "etc", "--no-lint"]);
    assert!(matches!(status, Some(0 | 1)), "{out}{said}");
    // a pipe among logs is waited for by name only
    let logs = place.path().join("logs");
    fs::create_dir(&logs).expect("a directory");
    fs::copy(place.path().join("app.log"), logs.join("a.log")).expect("a file");
    symlink("/dev/zero", logs.join("zero.log")).expect("a link");
    let pipe = Command::new("mkfifo").arg(logs.join("pipe.log")).status();
    assert!(pipe.expect("mkfifo starts").success());
    for log in ["logs", "logs/*.log"] {
        let (status, out, said) = run(place.path(), &[log, "from <ADDR>$", "--now", NOW]);
        assert_eq!(status, Some(0), "{said}");
        assert!(
            out.contains("Lines: 1 line, 0 ignored, 1 matched, 0 missed"),
            "{out}"
        );
    }
}

/// A file that is no configuration is not read out, by whatever name it comes in.
#[test]
fn what_is_no_configuration_is_not_shown() {
    let place = place();
    write(
        place.path(),
        "shadow",
        "root:$6$salt$secret:20000:0:99999:7:::\n",
    );
    symlink(
        "../../shadow",
        place.path().join("etc/filter.d/linked.conf"),
    )
    .expect("a link");
    let text = "[INCLUDES]\nbefore = ../../shadow\n[Definition]\nfailregex = from <ADDR>$\n";
    write(place.path(), "etc/filter.d/app.conf", text);
    symlink("../../shadow", place.path().join("etc/filter.d/app.yaml")).expect("a link");
    for name in ["app", "linked"] {
        let (status, out, said) = run(place.path(), &["app.log", name, "-c", "etc", "--now", NOW]);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{said}");
        assert!(
            said.contains(":1: expected a [section] before the first option"),
            "{said}"
        );
        assert!(!said.contains("secret"), "{said}");
    }
    for format in ["human", "json", "junit", "sarif", "tap", "github"] {
        let (_, out, said) = run(place.path(), &["check", "etc", "--format", format]);
        assert!(
            !out.contains("secret") && !said.contains("secret"),
            "{format}: {out}{said}"
        );
    }
}

#[test]
fn a_zone_is_a_small_regular_file() {
    let place = place();
    for zone in ["/dev/zero", "/dev/stdin", "/", "../../../dev/zero"] {
        let output = Command::new("sh")
            .args(["-c", "ulimit -v 500000 && exec \"$0\" \"$@\""])
            .arg(env!("CARGO_BIN_EXE_f2b-regex"))
            .args(["app.log", "from <ADDR>$", "--now", NOW])
            .current_dir(place.path())
            .env("TZ", zone)
            .output()
            .expect("it runs");
        let (status, out, said) = shown(output);
        assert_eq!(status, Some(0), "{zone}: {said}");
        assert!(out.contains("1 matched"), "{zone}: {out}");
    }
}

#[test]
fn too_little_memory_is_said_before_anything_is_done() {
    let place = place();
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 40000 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_f2b-regex"))
        .args(["app.log", "from <ADDR>$", "--now", NOW])
        .current_dir(place.path())
        .output()
        .expect("it runs");
    let wanted = "f2b-regex: the address space is limited to 39 MiB (ulimit -v); expected at least \
                  64 MiB\n";
    assert_eq!(shown(output), (Some(2), String::new(), wanted.to_string()));
}

/// The commands that a line of the runner's log would be.
fn commands(text: &str) -> Vec<&str> {
    let lines = text.split(['\n', '\r']);
    lines
        .filter(|line| line.trim_start().starts_with("::") || line.contains("##["))
        .collect()
}

#[test]
fn no_text_is_a_command_to_the_runner_of_a_workflow() {
    let place = place();
    let forged = "::error::forged from 192.0.2.1";
    let group = "x ##[error]forged from 192.0.2.1";
    write(
        place.path(),
        "forged.log",
        &format!("{forged}\n{group}\n::warning::missed\n"),
    );
    write(
        place.path(),
        "etc/filter.d/::error::x.conf",
        "[Definition]\nfailregex = ::error::forged##[error] (a\n",
    );
    fs::create_dir(place.path().join("logs")).expect("a directory");
    write(
        place.path(),
        "logs/app",
        &format!("{forged}\n   {group}\r::error::x\n"),
    );
    let in_workflow = |arguments: &[&str]| {
        let mut command = program(place.path(), arguments);
        shown(
            command
                .env("GITHUB_ACTIONS", "true")
                .output()
                .expect("it runs"),
        )
    };
    for format in ["human", "json", "junit", "sarif", "tap"] {
        let check = ["check", "etc", "-s", "logs", "--format", format];
        let (status, out, said) = in_workflow(&check);
        assert_eq!(status, Some(1), "{said}");
        assert!(out.contains("error"), "{format}: {out}");
        assert_eq!(commands(&(out + &said)), [""; 0], "{format}");
    }
    // the format that is made of commands has its own, one a line, and no more
    let (_, out, _) = in_workflow(&["check", "etc", "-s", "logs", "--format", "github"]);
    assert!(!out.contains("##[") && !out.contains('\r'), "{out}");
    let own = |line: &&str| {
        !["::error title=", "::warning title=", "::notice title="]
            .iter()
            .any(|begin| line.starts_with(begin))
    };
    let other: Vec<&str> = commands(&out).into_iter().filter(own).collect();
    assert_eq!(other, [""; 0], "{out}");
    for more in [
        &["--print-all-matched"][..],
        &["--format", "json"],
        &["--format", "classic", "--print-all-matched"],
        &["--out", "msg"],
        &["--out", "::debug::<ip>"],
    ] {
        let arguments = [
            &["forged.log", "from <ADDR>$", "--now", NOW, "--raw"][..],
            more,
        ]
        .concat();
        let (status, out, said) = in_workflow(&arguments);
        assert_eq!(status, Some(0), "{more:?}: {said}");
        assert_eq!(commands(&(out + &said)), [""; 0], "{more:?}");
    }
    let (_, out, said) = in_workflow(&["explain", "forged.log", "app", "-c", "etc", "--now", NOW]);
    assert_eq!(commands(&(out + &said)), [""; 0]);
    for wrong in [
        &["##[error]x"][..],
        &["a b", "::error::(", "c", "d"],
        &["--##[x]"],
    ] {
        let (status, _, said) = in_workflow(wrong);
        assert_eq!(status, Some(2), "{wrong:?}");
        assert_eq!(commands(&said), [""; 0], "{wrong:?}");
    }
    // what goes to a file is what it is
    let file = fs::File::create(place.path().join("rows")).expect("a file");
    let rows = [
        "forged.log",
        "from <ADDR>$",
        "--now",
        NOW,
        "--out",
        "::debug::<ip>",
    ];
    let status = program(place.path(), &rows)
        .env("GITHUB_ACTIONS", "true")
        .stdout(file)
        .status();
    assert!(status.expect("it runs").success());
    let rows = fs::read_to_string(place.path().join("rows")).expect("a file");
    assert!(rows.contains("::debug::192.0.2.1"), "{rows}");
}

#[test]
fn reports_of_check_turn_no_direction_of_writing() {
    let place = place();
    write(
        place.path(),
        "etc/filter.d/turn\u{202e}ed.conf",
        "[Definition]\nfailregex = ^\u{202e}a\u{9b}b (<HOST>\n",
    );
    for format in ["human", "json", "junit", "sarif", "tap", "github"] {
        let (status, out, said) = run(place.path(), &["check", "etc", "--format", format]);
        assert_eq!(status, Some(1), "{said}");
        assert!(out.contains("202e"), "{format}: {out}");
        assert!(!out.contains(['\u{202e}', '\u{9b}']), "{format}: {out}");
    }
    // the programs that read them get the character
    let (_, out, _) = run(place.path(), &["check", "etc", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let text = report["filters"].to_string();
    assert!(text.contains("^\u{202e}a\u{9b}b (<HOST>"), "{text}");
}

#[test]
fn json_turns_no_direction_of_writing() {
    let place = place();
    let turned = "\u{202e}a\u{9b}b\u{7f}";
    let log = format!("{LINE} {turned}\n2026-11-20 03:11:01 gate app: <{turned}> from 192.0.2.2\n");
    write(place.path(), "app.log", &log);
    write(
        place.path(),
        "etc/filter.d/app.conf",
        "[Definition]\nfailregex = <F-USER>\\S+</F-USER> from <ADDR>$\n  ^\u{202e}<ADDR>\n",
    );
    let json = |command: &[&str], more: &[&str]| {
        let usual = ["app.log", "app", "-c", "etc", "--format", "json"];
        let clock = ["--now", NOW];
        let (status, out, said) = run(place.path(), &[command, &usual, &clock, more].concat());
        assert_eq!(status, Some(0), "{command:?}: {said}");
        out
    };
    let main = json(&[], &["--print-all-missed", "--print-all-matched"]);
    write(place.path(), "main.json", &main);
    write(place.path(), "turn\u{202e}ed.log", &log);
    let turned_log = ["turn\u{202e}ed.log", "app", "-c", "etc", "--now", NOW];
    let simulate = [&["simulate", "--format", "json"][..], &turned_log].concat();
    let matches = [&["simulate", "--format", "matches"][..], &turned_log].concat();
    for (name, out) in [
        ("main", main),
        ("merge", run(place.path(), &["merge", "main.json"]).1),
        ("explain", json(&["explain"], &[])),
        (
            "bench",
            json(&["bench", "--no-time"], &["--against", "^\u{202e}x <ADDR>"]),
        ),
        ("simulate", run(place.path(), &simulate).1),
        ("matches", run(place.path(), &matches).1),
    ] {
        assert!(out.contains("\\u202e"), "{name}: {out}");
        let turning = ['\u{202e}', '\u{9b}', '\u{7f}'];
        assert!(!out.contains(turning), "{name}: {out}");
        // the program that reads it gets the character
        let values = serde_json::Deserializer::from_str(&out).into_iter::<serde_json::Value>();
        let values: Vec<String> = values
            .map(|value| value.expect("JSON").to_string())
            .collect();
        assert!(values.concat().contains('\u{202e}'), "{name}");
    }
}

#[test]
fn zeros_behind_compressed_data_are_padding() {
    let place = place();
    let pack = |program: &str| {
        let output = Command::new(program)
            .args(["-c", "app.log"])
            .current_dir(place.path())
            .output();
        output
            .ok()
            .filter(|output| output.status.success())
            .map(|output| output.stdout)
    };
    let mut tried = 0;
    for program in ["gzip", "bzip2"] {
        let Some(packed) = pack(program) else {
            eprintln!("SKIPPED: {program} is not installed");
            continue;
        };
        tried += 1;
        let zeros = vec![0; 10_240 - packed.len()];
        let twice = [&packed[..], &zeros, &packed, &zeros].concat();
        for (bytes, lines) in [([&packed[..], &zeros].concat(), 1), (twice, 2)] {
            fs::write(place.path().join("padded"), bytes).expect("a file");
            let (status, out, said) =
                run(place.path(), &["./padded", "from <ADDR>$", "--now", NOW]);
            assert_eq!(status, Some(0), "{program}: {said}");
            let noun = if lines == 1 { "line" } else { "lines" };
            let wanted = format!("Lines: {lines} {noun}, 0 ignored, {lines} matched, 0 missed");
            assert!(out.contains(&wanted), "{program}: {out}");
        }
        // other bytes are damage, as before
        fs::write(
            place.path().join("padded"),
            [&packed[..], &zeros, b"x"].concat(),
        )
        .expect("a file");
        let (status, _, said) = run(place.path(), &["./padded", "from <ADDR>$", "--now", NOW]);
        assert_eq!(status, Some(2), "{program}");
        assert!(said.contains("damaged or cut off"), "{program}: {said}");
    }
    assert!(tried > 0 || pack("gzip").is_none());
}

/// What asks for more memory than it may have is sound, and is not called damaged.
#[test]
fn compressed_logs_that_ask_for_too_much_memory() {
    let place = place();
    // a zstd frame with a window of 2 GiB: 0xa8 is 21 << 3, for 2 to the power of 10 + 21
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8, 0x09, 0, 0, b'x'];
    fs::write(place.path().join("wide.zst"), zstd).expect("a file");
    let (status, out, said) = run(place.path(), &["wide.zst", "from <ADDR>$", "--now", NOW]);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{said}");
    assert_eq!(
        said,
        "f2b-regex: wide.zst: zstd data needs more memory than the 128 MiB it may have; try: zstd \
         -dc --long=31 wide.zst | f2b-regex -\n"
    );
    // the largest dictionary xz has
    let packed = Command::new("xz")
        .args(["-c", "--lzma2=preset=0,dict=1536MiB", "app.log"])
        .current_dir(place.path())
        .output();
    let Some(packed) = packed.ok().filter(|output| output.status.success()) else {
        eprintln!("SKIPPED: xz is not installed, or has no room for such a dictionary");
        return;
    };
    fs::write(place.path().join("wide.xz"), packed.stdout).expect("a file");
    let (status, _, said) = run(place.path(), &["wide.xz", "from <ADDR>$", "--now", NOW]);
    assert_eq!(status, Some(2), "{said}");
    assert!(
        said.contains("xz data needs more memory than the 512 MiB it may have"),
        "{said}"
    );
}
