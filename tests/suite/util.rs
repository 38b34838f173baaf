//! What a test of the whole needs: files in a directory of its own, the program with everything
//! set that its answer could depend on, and texts compared so that a difference can be read.
//!
//! ```ignore
//! let place = Place::new();
//! place.write("auth.log", "Nov 20 03:14:07 gate sshd[1]: no from 192.0.2.1\n");
//! let ran = f2b(&["auth.log", "from <HOST>", "--format", "json"]).current_dir(place.path()).ran();
//! assert_eq!(ran.ended(0).json()["lines"]["matched"], 1);
//! ```

use assert_cmd::Command;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The clock of every run: a Friday.
pub(crate) const NOW: &str = "2026-11-20T12:00:00Z";

/// Commands whose answer knows no present; `check` has the clock of fail2ban's own tests.
const WITHOUT_CLOCK: [&str; 6] = [
    "check",
    "merge",
    "completions",
    "manpages",
    "--help",
    "--version",
];

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program with arguments: in UTC, with the clock at [`NOW`] unless they bring one, without
/// colours, 80 columns wide, and as if it were no CI job.
pub(crate) fn f2b(arguments: &[&str]) -> Command {
    Command::from_std(program(arguments))
}

/// The same, for a test that talks with the program while it runs.
pub(crate) fn program(arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_f2b-regex"));
    command
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .env_remove("GITHUB_ACTIONS")
        .env_remove("RUST_BACKTRACE")
        .args(arguments);
    let clock = !arguments.iter().any(|a| *a == "--now" || *a == "--help");
    if clock && !arguments.first().is_some_and(|a| WITHOUT_CLOCK.contains(a)) {
        command.args(["--now", NOW]);
    }
    command
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// None where a signal ended it.
    pub(crate) status: Option<i32>,
}

/// A command run to its end.
pub(crate) trait Run {
    fn ran(&mut self) -> Ran;
}

impl Run for Command {
    fn ran(&mut self) -> Ran {
        let output = self.output().expect("the program starts");
        Ran {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code(),
        }
    }
}

impl Ran {
    /// The run, which must have ended with this status.
    #[track_caller]
    pub(crate) fn ended(self, status: i32) -> Ran {
        let (said, printed) = (&self.stderr, &self.stdout);
        assert_eq!(self.status, Some(status), "{said}\n{printed}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stderr, self.stdout))
    }
}

/// A directory of a test's own, gone afterwards.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary directory"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file, and the directories above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        let above = path.parent().expect("a directory");
        std::fs::create_dir_all(above).expect("a directory");
        std::fs::write(&path, bytes).expect("a file");
        path
    }
}

/// Copies the files of a directory over those of another.
pub(crate) fn lay(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in from.read_dir().expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            lay(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// A machine of testdata/doctor.
pub(crate) fn machine(name: &str) -> Place {
    let place = Place::new();
    let all = repository("testdata/doctor");
    lay(&all.join("base"), place.path());
    lay(&all.join(name).join("root"), place.path());
    place
}

/// The lines that differ, `-` wanted and `+` got; empty where two texts are equal.
pub(crate) fn difference(wanted: &str, got: &str) -> String {
    if wanted == got {
        return String::new();
    }
    let wanted: Vec<&str> = wanted.split_inclusive('\n').collect();
    let got: Vec<&str> = got.split_inclusive('\n').collect();
    let head = wanted.iter().zip(&got).take_while(|(a, b)| a == b).count();
    let backwards = wanted[head..].iter().rev().zip(got[head..].iter().rev());
    let tail = backwards.take_while(|(a, b)| a == b).count();
    let mut shown = format!("from line {}:\n", head + 1);
    for (mark, lines) in [('-', &wanted), ('+', &got)] {
        for line in &lines[head..lines.len() - tail] {
            let _ = writeln!(shown, "{mark} {line:?}");
        }
    }
    shown
}

/// Fails with the lines that differ.
#[track_caller]
pub(crate) fn assert_text(wanted: &str, got: &str) {
    let difference = difference(wanted, got);
    assert!(difference.is_empty(), "{difference}");
}

/// Says that a test, or a part of one, could not be done here, in the same words everywhere, and
/// past the test harness, which keeps to itself what passing tests print.
pub(crate) fn left_out(what: &str, missing: &str) {
    let line = format!("!! NOT TESTED HERE: {what}: {missing} is not installed\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), line.as_bytes());
}

#[test]
fn a_difference_shows_the_lines_between() {
    assert_text("a\nb\n", "a\nb\n");
    let shown = difference("a\nb\nc\nd\n", "a\nB\nc\nd\n");
    assert_eq!(shown, "from line 2:\n- \"b\\n\"\n+ \"B\\n\"\n");
    assert_eq!(difference("a\n", "a\na\n"), "from line 2:\n+ \"a\\n\"\n");
    assert_eq!(
        difference("a", "a\n"),
        "from line 1:\n- \"a\"\n+ \"a\\n\"\n"
    );
}
