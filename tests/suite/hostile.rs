//! Input made to break the program: each ends in a verdict or in one line that says what is
//! wrong, within little time and memory. `docs/limits.md` lists the limits shown here.

use crate::util::{Place, Run, f2b};
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// What the program said, with at most 2 GB of address space.
struct Ran {
    status: Option<i32>,
    out: String,
    said: String,
}

fn run(directory: &Path, arguments: &[&OsStr]) -> Ran {
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 2000000 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_f2b-regex"))
        .args(arguments)
        .current_dir(directory)
        .env("TZ", "UTC")
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("it can be started");
    let ran = Ran {
        status: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    assert!(
        matches!(ran.status, Some(0..=2 | 255)) && !ran.said.contains("internal error"),
        "{:?}: {:?} {}",
        arguments.iter().map(|a| a.len()).collect::<Vec<_>>(),
        ran.status,
        ran.said
    );
    ran
}

fn words<'a>(words: &'a [&str]) -> Vec<&'a OsStr> {
    words.iter().map(OsStr::new).collect()
}

fn place() -> Place {
    let place = Place::new();
    fs::create_dir_all(place.path().join("etc/filter.d")).expect("a directory");
    let line = "Nov 20 03:11:00 gate app: login failed for x from 192.0.2.1\n";
    fs::write(place.path().join("app.log"), line).expect("a file");
    place
}

/// The one error a run ends with.
fn error(place: &Path, arguments: &[&str]) -> String {
    let ran = run(place, &words(arguments));
    assert_eq!(ran.status, Some(2), "{}", ran.said);
    assert!(ran.out.is_empty(), "{}", ran.out);
    // a regex and its caret stand below the message, indented
    let below: Vec<&str> = ran.said.lines().skip(1).collect();
    assert!(matches!(below.len(), 0 | 2), "{}", ran.said);
    assert!(
        below.iter().all(|line| line.starts_with("    ")),
        "{}",
        ran.said
    );
    assert!(ran.said.len() < 4_000, "{} bytes", ran.said.len());
    ran.said
}

/// The number of matched lines in the table.
fn matched(place: &Path, arguments: &[&str]) -> String {
    let ran = run(place, &words(arguments));
    assert_eq!(ran.status, Some(0), "{}", ran.said);
    let line = ran.out.lines().find(|line| line.starts_with("Lines: "));
    line.expect("a line of sums").to_owned()
}

const APP: [&str; 5] = ["app.log", "app", "-c", "etc", "--no-hints"];
const ONE_MATCHED: &str = "Lines: 1 line, 0 ignored, 1 matched, 0 missed";
const ONE_MISSED: &str = "Lines: 1 line, 0 ignored, 0 matched, 1 missed";

fn filter(place: &Path, failregex: &str) {
    let text = format!("[Definition]\nfailregex = {failregex}\n");
    fs::write(place.join("etc/filter.d/app.conf"), text).expect("a file");
}

#[test]
fn a_regex_of_a_megabyte() {
    let place = place();
    let mut choices = String::new();
    for number in 0..9_000 {
        let _ = write!(choices, "{number:x} {}|", "gone".repeat(27));
    }
    filter(
        place.path(),
        &format!("(?:{choices}login failed) for \\S+ from <ADDR>$"),
    );
    assert_eq!(matched(place.path(), &APP), ONE_MATCHED);
    filter(
        place.path(),
        &format!("<ADDR>(?:{})?$", "long".repeat(250_000)),
    );
    assert_eq!(matched(place.path(), &APP), ONE_MATCHED);
    // an error quotes the place, not all of it
    filter(place.path(), &format!("{}(<HOST>", "long".repeat(250_000)));
    assert!(error(place.path(), &APP).contains("missing ), unterminated subpattern"));
    filter(
        place.path(),
        &format!("^%(gone)s{}<HOST>", "long".repeat(250_000)),
    );
    assert!(error(place.path(), &APP).contains("`%(gone)s`"));
    // as an argument no longer than the system allows
    let given = format!("{}from <ADDR>", "a?".repeat(20_000));
    assert_eq!(
        matched(place.path(), &["app.log", &given, "--no-hints"]),
        ONE_MATCHED
    );
}

#[test]
fn ten_thousand_regexes() {
    let place = place();
    let mut all = String::new();
    for number in 0..9_999 {
        let _ = writeln!(all, "    ^ gate app: {number} for \\S+ from (?P<fid>\\S+)$");
    }
    all += "    ^ gate app: login failed for \\S+ from (?P<fid>\\S+)$";
    filter(place.path(), all.trim_start());
    let ran = run(place.path(), &words(&APP));
    assert!(ran.out.contains(ONE_MATCHED), "{}{}", ran.out, ran.said);
    assert!(ran.out.contains("10000 "), "{}", ran.out);
}

#[test]
fn nested_groups_and_huge_counts() {
    let place = place();
    filter(
        place.path(),
        &format!("{}<ADDR>{}$", "(?:".repeat(400), ")".repeat(400)),
    );
    assert_eq!(matched(place.path(), &APP), ONE_MATCHED);
    for depth in [1_000, 100_000] {
        filter(
            place.path(),
            &format!("{}<ADDR>{}$", "(".repeat(depth), ")".repeat(depth)),
        );
        assert!(error(place.path(), &APP).contains("maximum recursion depth exceeded"));
    }
    for (regex, wanted) in [
        ("(?:x{1000000000}){1000000000}<ADDR>", ONE_MISSED),
        ("(?:xy?){1000000000,}<ADDR>", ONE_MISSED),
        ("(?:x|y){0,1000000000}<ADDR>$", ONE_MATCHED),
        (
            "(?:(?:x{0,1000000000}){0,1000000000}y?){0,1000000000}<ADDR>$",
            ONE_MATCHED,
        ),
        ("(?:.{0,1000000000}){0,1000000000}z<ADDR>", ONE_MISSED),
        ("(?:.{0,4000000000}?)+?from <ADDR>$", ONE_MATCHED),
    ] {
        filter(place.path(), regex);
        assert_eq!(matched(place.path(), &APP), wanted, "{regex}");
    }
    filter(place.path(), "x{99999999999999999999}<HOST>");
    assert!(error(place.path(), &APP).contains("the repetition number is too large"));
}

#[test]
fn a_filter_of_a_hundred_megabytes() {
    let place = place();
    let file = fs::File::create(place.path().join("etc/filter.d/app.conf")).expect("a file");
    // only its length matters
    file.set_len(100 << 20).expect("it can be long");
    let said = error(place.path(), &APP);
    assert!(said.contains("larger than 64 MiB"), "{said}");
}

#[test]
fn text_that_grows() {
    let place = place();
    // each option twice the one below: 2^40 in all
    let mut text = "[Definition]\nfailregex = <a0><HOST>\n".to_owned();
    for number in 0..40 {
        let _ = writeln!(text, "a{number} = <a{0}><a{0}>", number + 1);
    }
    text += "a40 = xxxx\n";
    fs::write(place.path().join("etc/filter.d/app.conf"), text).expect("a file");
    error(place.path(), &APP);
    let mut text = "[DEFAULT]\n".to_owned();
    for number in 0..9 {
        let reference = format!("%(a{})s", number + 1);
        let _ = writeln!(text, "a{number} = {}", reference.repeat(20));
    }
    text += "a9 = xxxx\n[Definition]\nfailregex = %(a0)s<HOST>\n";
    fs::write(place.path().join("etc/filter.d/app.conf"), text).expect("a file");
    let said = error(place.path(), &APP);
    assert!(said.contains("grows without end"), "{said}");
}

#[test]
fn includes_that_never_end() {
    let place = place();
    let etc = place.path().join("etc/filter.d");
    let write = |name: &str, text: &str| fs::write(etc.join(name), text).expect("a file");
    let body = "[Definition]\nfailregex = from <ADDR>$\n";
    // each file includes the next one twice: 2^60 files
    for number in 0..60 {
        let next = format!("n{}.conf", number + 1);
        write(
            &format!("n{number}.conf"),
            &format!("[INCLUDES]\nbefore = {next}\nafter = {next}\n"),
        );
    }
    write("n60.conf", body);
    write("app.conf", "[INCLUDES]\nbefore = n0.conf\n");
    let said = error(place.path(), &APP);
    assert!(said.contains("more than 2000 files"), "{said}");
    // two links to their own directory: 2^40 paths
    symlink(".", etc.join("here")).expect("a link");
    symlink(".", etc.join("there")).expect("a link");
    write(
        "app.conf",
        "[INCLUDES]\nbefore = here/app.conf\n    there/app.conf\n",
    );
    let said = error(place.path(), &APP);
    assert!(said.contains("more than 2000 files"), "{said}");
    // one such link, a link to itself, and a directory are passed over with a warning
    write(
        "app.conf",
        &format!("[INCLUDES]\nbefore = here/app.conf\n    self.conf\n    here\n{body}"),
    );
    symlink("self.conf", etc.join("self.conf")).expect("a link");
    let ran = run(place.path(), &words(&APP));
    assert!(ran.out.contains(ONE_MATCHED), "{}{}", ran.out, ran.said);
    assert!(
        ran.out.contains("cannot include") && ran.out.contains("directory"),
        "{}",
        ran.out
    );
    // and a path that grows by itself
    write(
        "app.conf",
        &format!("[INCLUDES]\nbefore = ./app.conf\n{body}"),
    );
    let said = error(place.path(), &APP);
    assert!(said.contains("300 files deep"), "{said}");
}

/// A pipe nobody writes to would be waited for, a device read without end.
#[test]
fn includes_that_are_no_files() {
    let place = place();
    let etc = place.path().join("etc/filter.d");
    let body = "[Definition]\nfailregex = from <ADDR>$\n";
    let made = Command::new("mkfifo").arg(etc.join("pipe.conf")).status();
    assert!(made.expect("mkfifo starts").success());
    symlink("/dev/zero", etc.join("zero.conf")).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(etc.join("s.conf")).expect("a socket");
    for (file, kind) in [
        ("pipe.conf", "a named pipe"),
        ("zero.conf", "a character device"),
        ("s.conf", "a socket"),
    ] {
        fs::write(
            etc.join("app.conf"),
            format!("[INCLUDES]\nbefore = {file}\n{body}"),
        )
        .expect("a file");
        assert_eq!(
            error(place.path(), &APP),
            format!(
                "f2b-regex: etc/filter.d/app.conf:2: etc/filter.d/{file}: expected a regular \
                 file, found {kind}\n"
            )
        );
    }
    // the same of a customization
    fs::write(etc.join("app.conf"), body).expect("a file");
    fs::rename(etc.join("pipe.conf"), etc.join("app.local")).expect("a new name");
    assert_eq!(
        error(place.path(), &APP),
        "f2b-regex: etc/filter.d/app.local: expected a regular file, found a named pipe\n"
    );
    fs::remove_file(etc.join("app.local")).expect("it is there");
    // what is put out of use is empty, for fail2ban too
    symlink("/dev/null", etc.join("null.conf")).expect("a link");
    fs::write(
        etc.join("app.conf"),
        format!("[INCLUDES]\nbefore = null.conf\n{body}"),
    )
    .expect("a file");
    assert_eq!(matched(place.path(), &APP), ONE_MATCHED);
}

#[test]
fn links_that_lead_nowhere() {
    let place = place();
    let logs = place.path().join("logs");
    fs::create_dir(&logs).expect("a directory");
    symlink("loop.log", logs.join("loop.log")).expect("a link");
    symlink("gone", logs.join("gone.log")).expect("a link");
    for name in ["a", "b", "c"] {
        symlink(".", logs.join(name)).expect("a link");
    }
    let said = error(place.path(), &["logs", "from <HOST>$"]);
    assert!(said.contains("no log file in this directory"), "{said}");
    let said = error(place.path(), &["logs/loop.log", "from <HOST>$"]);
    assert!(said.contains("loop.log"), "{said}");
    fs::copy(place.path().join("app.log"), logs.join("app.log")).expect("a file");
    for log in ["logs", "logs/a/b/c/a*.log", "logs/**/app.log"] {
        let sums = matched(place.path(), &[log, "from <ADDR>$", "--no-hints"]);
        assert_eq!(sums, ONE_MATCHED, "{log}");
    }
    symlink(".", place.path().join("etc/filter.d/again")).expect("a link");
    filter(place.path(), "from <ADDR>$");
    let ran = run(place.path(), &words(&["check", "etc", "--no-progress"]));
    assert!(matches!(ran.status, Some(0 | 1)), "{}", ran.said);
}

#[test]
fn names_that_are_no_text() {
    let place = place();
    let logs = place.path().join("logs");
    fs::create_dir(&logs).expect("a directory");
    let log = place.path().join("app.log");
    let names: [&[u8]; 3] = [b"new\nline.log", b"\x1b[31mred.log", b"not\xffutf\xfe.log"];
    for name in names {
        let name = OsString::from_vec(name.to_vec());
        fs::copy(&log, logs.join(name)).expect("a file");
    }
    for argument in ["logs", "logs/*.log"] {
        let ran = run(
            place.path(),
            &words(&[argument, "from <ADDR>$", "--no-hints"]),
        );
        assert_eq!(ran.status, Some(0), "{}", ran.said);
        let three = "Lines: 3 lines, 0 ignored, 3 matched, 0 missed";
        assert!(ran.out.contains(three), "{argument}: {}", ran.out);
        assert!(ran.out.contains("new\\nline.log") && ran.out.contains("\\u{1b}[31mred.log"));
    }
    // by itself such a log cannot be named: arguments are text
    let name = OsString::from_vec(b"logs/not\xffutf\xfe.log".to_vec());
    let ran = run(place.path(), &[&name, OsStr::new("from <HOST>$")]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.said.contains("UTF-8"), "{}", ran.said);
    // filters of such names are checked, or said to be none
    filter(place.path(), "from <ADDR>$");
    let filters = place.path().join("etc/filter.d");
    let names: [&[u8]; 3] = [b"new\nline.conf", b"\x1b[31mred.conf", b"not\xffutf.conf"];
    for name in names {
        let name = OsString::from_vec(name.to_vec());
        fs::copy(filters.join("app.conf"), filters.join(name)).expect("a file");
    }
    for format in ["human", "json", "junit", "tap", "github", "sarif"] {
        let arguments = [
            "check",
            "etc",
            "--no-progress",
            "--no-lint",
            "--format",
            format,
        ];
        let ran = run(place.path(), &words(&arguments));
        assert!(matches!(ran.status, Some(0 | 1)), "{format}: {}", ran.said);
        assert!(!ran.out.contains('\x1b'), "{format}: {}", ran.out);
    }
}

#[test]
fn options_beyond_all_bounds() {
    let place = place();
    filter(place.path(), "from <ADDR>$");
    let long = "9".repeat(30_000);
    let most = u64::MAX.to_string();
    let huge = i64::MAX.to_string();
    for value in [huge.as_str(), &most, &long, "-1", "0", "1e9", ""] {
        for option in [
            "--maxlines",
            "--top",
            "--last",
            "--since",
            "--until",
            "--now",
            "-d",
        ] {
            let given = format!("{option}={value}");
            run(place.path(), &words(&[&APP[..], &[&given]].concat()));
        }
        let options = format!("app[mode=\"{value}\", maxlines={value}, datepattern='{value}']");
        run(place.path(), &words(&["app.log", &options, "-c", "etc"]));
        let rules = ["simulate", "app.log", "app", "-c", "etc", "--no-progress"];
        for option in ["--maxretry", "--findtime", "--bantime"] {
            let given = format!("{option}={value}");
            run(place.path(), &words(&[&rules[..], &[&given]].concat()));
        }
    }
    let sweep = "--sweep=maxretry=1..1000000,findtime=1s..1000000s";
    let ran = run(
        place.path(),
        &words(&["simulate", "app.log", "app", "-c", "etc", sweep]),
    );
    assert!(matches!(ran.status, Some(0 | 2)), "{}", ran.said);
    for threads in ["0", "1000", "100000", &most] {
        let ran = run(
            place.path(),
            &words(&[&APP[..], &["--threads", threads]].concat()),
        );
        assert!(
            ran.status == Some(2) || ran.out.contains(ONE_MATCHED),
            "{threads}: {}{}",
            ran.out,
            ran.said
        );
    }
    for maxlines in [huge.as_str(), "1000000000"] {
        let given = ["--maxlines", maxlines];
        assert_eq!(
            matched(place.path(), &[&APP[..], &given].concat()),
            ONE_MATCHED
        );
    }
    let mut wide = f2b(&APP);
    wide.current_dir(place.path()).env("COLUMNS", &most);
    wide.ran().ended(0);
}

/// fail2ban-regex waits for the rest of a last line without end; a carriage return is one.
#[test]
fn a_last_line_without_end_in_classic() {
    let place = place();
    let line = "2026-11-20 03:11:00 failed from 192.0.2.1";
    for (end, lines) in [("", 1), ("\r", 2), ("\r\r", 2), ("\r ", 1), ("\n", 2)] {
        fs::write(place.path().join("end.log"), format!("{line}\n{line}{end}")).expect("a file");
        let arguments = ["end.log", "failed from <HOST>", "--format", "classic"];
        let ran = run(place.path(), &words(&arguments));
        let wanted = format!("Lines: {lines} lines, 0 ignored, {lines} matched, 0 missed");
        assert!(ran.out.contains(&wanted), "{end:?}: {}", ran.out);
    }
}

#[test]
fn logs_that_are_no_logs() {
    let place = place();
    let at = |name: &str| place.path().join(name);
    // a line without end, and one of nothing but carriage returns
    fs::write(at("long.log"), "x".repeat(3 << 20)).expect("a file");
    let sums = matched(place.path(), &["long.log", "(?:x+)+<ADDR>", "--no-hints"]);
    assert_eq!(sums, ONE_MISSED);
    fs::write(
        at("returns.log"),
        "\r".repeat(1 << 20) + "\nfrom 192.0.2.1\r\r\r\n",
    )
    .expect("a file");
    let sums = matched(place.path(), &["returns.log", "from <ADDR>$", "--no-hints"]);
    assert_eq!(sums, ONE_MATCHED);
    // padding is left out, and nothing is left
    fs::write(at("nul.log"), "\0".repeat(1 << 20)).expect("a file");
    let sums = matched(place.path(), &["nul.log", "from <ADDR>$", "--no-hints"]);
    assert_eq!(sums, "Lines: 0 lines, 0 ignored, 0 matched, 0 missed");
    for name in ["/dev/null", "/proc/self/mem"] {
        run(place.path(), &words(&[name, "from <HOST>$", "--no-hints"]));
    }
}
