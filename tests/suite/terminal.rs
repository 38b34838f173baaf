//! Text of logs, filters, file names and arguments never drives a terminal: every command
//! and format on a pseudo-terminal, with escape sequences wherever text may come from.

use crate::util::{Place, Run, f2b};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::process::{Command, Stdio};

/// Sets the title, writes in red, clears the screen, goes back, again by a single character,
/// and turns the direction of writing.
const EVIL: &str = "\x1b]0;owned\x07\x1b[31;7mEVIL\x1b[2J\r\x08\u{9b}31m\u{202e}";

/// Whether the program itself may colour what it prints.
#[derive(Clone, Copy, PartialEq)]
enum Ours {
    Colors,
    Nothing,
}

/// Both outputs of the program on a terminal, as they come out there.
fn on_terminal(directory: &Path, arguments: &[OsString]) -> String {
    on_a(directory, arguments, "xterm")
}

/// The same on a terminal of another kind.
fn on_a(directory: &Path, arguments: &[OsString], kind: &str) -> String {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&controller).expect("is ours");
    unlockpt(&controller).expect("can be opened");
    let name = ptsname(&controller, Vec::new()).expect("has a name");
    let open = || {
        let path = Path::new(OsStr::from_bytes(name.as_bytes()));
        let end = File::options().read(true).write(true).open(path);
        Stdio::from(end.expect("the other end"))
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_f2b-regex"));
    command.args(arguments).current_dir(directory);
    command
        .env("TZ", "UTC")
        .env("COLUMNS", "200")
        .env_remove("NO_COLOR")
        .env("TERM", kind);
    command.stdin(Stdio::null()).stdout(open()).stderr(open());
    let mut child = command.spawn().expect("it starts");
    // the command holds the other end open
    drop(command);
    let mut said = Vec::new();
    // the last reader gets an error instead of an end
    let _ = File::from(controller).read_to_end(&mut said);
    child.wait().expect("it ends");
    String::from_utf8(said).expect("nothing broken reaches a terminal")
}

fn assert_harmless(directory: &Path, arguments: &[OsString], ours: Ours) -> String {
    let said = on_terminal(directory, arguments);
    let mut rest = said.replace("\r\n", "\n");
    assert!(!said.contains("\x1b[31;7m"), "{arguments:?}: {said:?}");
    if ours == Ours::Colors {
        while let Some(at) = rest.find("\x1b[") {
            let inner = &rest[at + 2..];
            let end = inner.find(|c: char| !(c.is_ascii_digit() || c == ';'));
            let end = end.unwrap_or(inner.len());
            assert!(inner[end..].starts_with('m'), "{arguments:?}: {said:?}");
            rest.replace_range(at..at + 2 + end + 1, "");
        }
    }
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let harmless = |c: char| matches!(c, '\n' | '\t') || (!c.is_control() && !hidden(c));
    let bad = rest.chars().find(|&c| !harmless(c));
    assert_eq!(bad, None, "{arguments:?}: {said:?}");
    rest
}

/// A configuration and logs, hostile throughout.
fn place() -> Place {
    let place = Place::new();
    let at = |name: &str| place.path().join(name);
    fs::create_dir_all(at("etc/filter.d")).expect("a directory");
    fs::create_dir(at("logs")).expect("a directory");
    // a carriage return ends a line of a configuration
    let evil = EVIL.replace('\r', "");
    let pattern = evil.replace('[', "\\[").replace(']', "\\]");
    fs::write(
        at("etc/filter.d/app.conf"),
        format!(
            "[INCLUDES]\nbefore = gone{evil}.conf\n[Definition]\n\
             prefregex = ^\\s*gate app: <F-CONTENT>.+</F-CONTENT>$\n\
             failregex = ^login {pattern} failed for <F-USER>.*</F-USER> from <F-ID>\\S+</F-ID>$\n\
             \x20           ^(?:never{pattern}|nothing) from <HOST>$\n\
             \x20           ^(a+)+ {pattern} <HOST>\n\
             ignoreregex = ^login \\S+ failed for ignored{pattern}\n\
             unknown{evil} = 1\nfailregx = {evil}\n",
        ),
    )
    .expect("a file");
    fs::write(
        at("etc/filter.d/broken.conf"),
        format!("[Definition]\nfailregex = ^{evil}(<HOST>\n"),
    )
    .expect("a file");
    fs::write(
        at("etc/filter.d/reference.conf"),
        format!("[Definition]\nfailregex = ^%(gone{evil})s<HOST>\n"),
    )
    .expect("a file");
    fs::write(at("etc/filter.d/junk.conf"), format!("{evil}\nfoo{evil}\n")).expect("a file");
    fs::write(
        at("etc/jail.conf"),
        format!(
            "[shop]\nenabled = true\nfilter = app\nmaxretry = 1\nbantime = {evil}\n\
             ignoreip = 127.0.0.1 {evil}\nlogpath = {}\n",
            at("logs/app.log").display()
        ),
    )
    .expect("a file");
    let mut log = String::new();
    for user in ["x", "y\x1b[0m", EVIL, "ignored"] {
        for address in ["192.0.2.1", "host\x1b[1m", EVIL.trim_end()] {
            let user = user.replace("ignored", &format!("ignored{EVIL}"));
            log += &format!(
                "Nov 20 03:11:00 gate app: login {EVIL} failed for {user} from {}\n",
                address.replace('\r', "")
            );
        }
    }
    log += &format!("Nov 20 03:11:01 gate app: login {EVIL} refused\n\x1b[35;5mno date {EVIL}\n");
    log += "Nov 20 03:11:02 gate app: broken \x1b[ UTF-8 ";
    let mut log = log.into_bytes();
    log.extend_from_slice(b"\xff\xfe \x9b31m\n");
    log.extend_from_slice(format!("Nov 20 03:11:03 gate app: {EVIL} open end").as_bytes());
    fs::write(at("logs/app.log"), &log).expect("a file");
    fs::write(at("logs").join(format!("app{EVIL}.log")), &log).expect("a file");
    let name = OsString::from_vec(b"app\xff\n\x1b[31;7m.log".to_vec());
    fs::write(at("logs").join(name), &log).expect("a file");
    place
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

#[test]
fn reports_of_hostile_logs() {
    let place = place();
    let base = [
        "-c",
        "etc",
        "--no-progress",
        "--now",
        "2026-11-20T12:00:00Z",
    ];
    let run = |rest: &[&str], ours: Ours| {
        let arguments = [words(rest), words(&base)].concat();
        assert_harmless(place.path(), &arguments, ours)
    };
    let all = [
        "--print-all-matched",
        "--print-all-missed",
        "--print-all-ignored",
    ];
    let table = run(
        &[
            &["logs/app.log", "app", "-v", "--VD", "--color", "always"][..],
            &all,
        ]
        .concat(),
        Ours::Colors,
    );
    assert!(table.contains("\\u{1b}]0;owned\\u{7}"), "{table}");
    assert!(table.contains("Missed lines"), "{table}");
    run(&["logs", "app"], Ours::Colors);
    run(
        &["logs/*.log", &format!("app[mode='{EVIL}']")],
        Ours::Colors,
    );
    let classic = ["logs/app.log", "app", "--format", "classic"];
    let shown = run(&[&classic[..], &all].concat(), Ours::Nothing);
    assert!(shown.contains("\\u{1b}]0;owned\\u{7}"), "{shown}");
    run(&[&classic[..], &["-vv", "--VD"]].concat(), Ours::Nothing);
    run(&[&classic[..], &["-D"], &all].concat(), Ours::Nothing);
    for row in ["id", "ip", "msg", "row", "user", "<F-USER> <matches>"] {
        for format in ["table", "classic"] {
            let row = run(
                &["logs/app.log", "app", "-o", row, "--format", format],
                Ours::Nothing,
            );
            assert!(!row.is_empty());
        }
    }
    run(
        &[&["logs/app.log", "app", "--format", "json"][..], &all].concat(),
        Ours::Nothing,
    );
    for number in ["1", "7", "10", "14", "15"] {
        for format in ["table", "json"] {
            let line = ["explain", "logs/app.log", "app", "--line-number", number];
            run(
                &[&line[..], &["--format", format]].concat()[..],
                Ours::Colors,
            );
        }
    }
}

#[test]
fn other_commands_on_hostile_logs() {
    let place = place();
    let run = |arguments: &[&str]| assert_harmless(place.path(), &words(arguments), Ours::Colors);
    for format in ["human", "json", "junit", "sarif", "github", "tap"] {
        let said = run(&[
            "check",
            "etc",
            "--samples",
            "logs",
            "--verbose",
            "--no-progress",
            "--format",
            format,
        ]);
        assert!(said.contains("owned"), "{format}: {said}");
    }
    let simulate = ["simulate", "logs/app.log", "app", "-c", "etc"];
    let now = ["--now", "2026-11-20T12:00:00Z", "--no-progress"];
    for format in ["table", "json"] {
        run(&[
            &simulate[..],
            &now,
            &["--maxretry", "1", "--format", format],
        ]
        .concat());
    }
    run(&[&["simulate", "-c", "etc", "--all-jails"][..], &now].concat());
    for format in ["table", "json", "markdown"] {
        let bench = ["bench", "-c", "etc", "logs/app.log", "app", "--runs", "1"];
        run(&[&bench[..], &["--no-python", "--format", format]].concat());
    }
}

#[test]
fn errors_about_hostile_names() {
    let place = place();
    let gone = format!("gone{EVIL}.log").replace('\r', "");
    let filter = format!("no{EVIL}<HOST");
    for arguments in [
        &[gone.as_str(), "app"][..],
        &["logs/app.log", &filter],
        &["logs/app.log", &format!("{EVIL}(<HOST>")],
        &["logs/app.log", "broken"],
        &["logs/app.log", "reference"],
        &["logs/app.log", "junk"],
        &["logs/app.log", "app", "-d", &format!("%Q{EVIL}")],
        &["logs/app.log", "app", "-d", &format!("({EVIL}")],
        &["logs/app.log", "app", "--TZ", EVIL],
        &["logs/app.log", "app", "--usedns", EVIL],
        &["logs/app.log", "app", "--encoding", EVIL],
        &["logs/app.log", "app", "--since", EVIL],
        &["logs/app.log", "app", "-m", EVIL],
        &["logs/app.log", "app", "--now", EVIL],
        &["logs/app.log", "app", "--format", EVIL],
        &["logs/app.log", "app", &format!("--{EVIL}")],
        &["logs/app.log", "app", "-c", EVIL],
        &["logs/app.log", "app", "x", EVIL],
    ] {
        for extra in [&["-c", "etc"][..], &["-c", "etc", "--format", "classic"]] {
            let twice = extra.len() == 4 && arguments.contains(&"--format");
            let config = arguments.contains(&"-c");
            if twice || config && extra.len() == 4 {
                continue;
            }
            let extra = if config { &[][..] } else { extra };
            let arguments = words(&[arguments, extra].concat());
            assert_harmless(place.path(), &arguments, Ours::Colors);
        }
    }
    for command in [
        "check",
        "completions",
        "explain",
        "bench",
        "merge",
        "simulate",
    ] {
        for argument in [
            EVIL.to_owned(),
            format!("--{EVIL}"),
            format!("--format={EVIL}"),
        ] {
            let arguments = words(&[command, &argument, "x"]);
            assert_harmless(place.path(), &arguments, Ours::Colors);
        }
    }
    // not UTF-8 at all
    let name = OsString::from_vec(b"logs/\xff\x1b[31;7m".to_vec());
    let said = assert_harmless(place.path(), &[name, "app".into()], Ours::Colors);
    assert!(said.contains("UTF-8"), "{said}");
}

/// Where nobody looks at a terminal, `classic` is upstream's, byte for byte.
#[test]
fn a_pipe_gets_what_upstream_writes() {
    let place = place();
    let mut command = f2b(&["logs/app.log", "app", "-c", "etc", "--format", "classic"]);
    command.current_dir(place.path()).arg("--print-all-missed");
    let said = command.ran().stdout;
    assert!(
        said.contains("\x1b[35;5mno date \x1b]0;owned\x07"),
        "{said:?}"
    );
}

/// A dumb terminal would print the sequences themselves.
#[test]
fn a_dumb_terminal_gets_no_escape_sequences() {
    let place = place();
    for command in [
        &["logs/app.log", "app"][..],
        &["explain", "logs/app.log", "app"],
        &["bench", "--no-time", "logs/app.log", "app"],
        &["simulate", "logs/app.log", "app"],
    ] {
        let now = ["-c", "etc", "--now", "2026-11-20T12:00:00Z"];
        let arguments = words(&[command, &now].concat());
        let said = on_a(place.path(), &arguments, "dumb");
        assert!(!said.contains('\x1b'), "{command:?}: {said:?}");
        let usual = on_a(place.path(), &arguments, "xterm");
        assert!(usual.contains('\x1b'), "{command:?}: {usual:?}");
    }
}
