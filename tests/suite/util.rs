//! What a test of the whole needs: files in a directory of its own, the program with everything
//! set that its answer could depend on, and texts compared so that a difference can be read.
//!
//! ```ignore
//! let place = Place::new();
//! let log = place.write("auth.log", "Nov 20 03:14:07 gate sshd[1]: no from 192.0.2.1\n");
//! let ran = F2b::new(&["--format", "json"]).dir(place.path()).args([&log]).arg("from <HOST>").run();
//! assert_eq!(ran.ok().json()["lines"]["matched"], 1);
//! ```

use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The clock of every run: a Friday.
pub const NOW: &str = "2026-11-20T12:00:00Z";

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A directory of a test's own, gone afterwards.
pub struct Place(tempfile::TempDir);

impl Place {
    pub fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary directory"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the directories above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(&path, bytes).expect("a file");
        path
    }
}

/// A run of the program to be: `f2b-regex` in UTC, with the clock at [`NOW`], without colours and
/// at a width of 80, unless the test says otherwise.
pub struct F2b {
    command: Command,
    stdin: Vec<u8>,
}

/// What a run printed, and how it ended.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    /// None where a signal ended it.
    pub status: Option<i32>,
}

impl F2b {
    /// The program with arguments; the clock is among them unless they bring one.
    pub fn new(arguments: &[&str]) -> F2b {
        let mut command = Command::new(env!("CARGO_BIN_EXE_f2b-regex"));
        command
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            .args(arguments);
        if !arguments.contains(&"--now") {
            command.args(["--now", NOW]);
        }
        F2b {
            command,
            stdin: Vec::new(),
        }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> F2b {
        self.command.arg(argument);
        self
    }

    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> F2b {
        self.command.args(arguments);
        self
    }

    pub fn dir(mut self, directory: impl AsRef<Path>) -> F2b {
        self.command.current_dir(directory);
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> F2b {
        self.command.env(name, value.into());
        self
    }

    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> F2b {
        self.stdin = bytes.into();
        self
    }

    pub fn run(mut self) -> Ran {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("piped");
        let bytes = self.stdin;
        // a program that does not read to the end closes the pipe: that is its business
        let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &bytes));
        let output = child.wait_with_output().expect("the program ends");
        let _ = writer.join().expect("no panic");
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
    pub fn ended(self, status: i32) -> Ran {
        assert_eq!(
            self.status,
            Some(status),
            "{}\n{}",
            self.stderr,
            self.stdout
        );
        self
    }

    /// The run, which must have ended well.
    #[track_caller]
    pub fn ok(self) -> Ran {
        self.ended(0)
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stderr, self.stdout))
    }
}

/// The lines that differ, `-` wanted and `+` got; empty where two texts are equal.
pub fn difference(wanted: &str, got: &str) -> String {
    if wanted == got {
        return String::new();
    }
    let (wanted, got): (Vec<&str>, Vec<&str>) = (
        wanted.split_inclusive('\n').collect(),
        got.split_inclusive('\n').collect(),
    );
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = wanted.iter().zip(&got).take_while(same).count();
    let rest = wanted.len().min(got.len()) - head;
    let backwards = wanted.iter().rev().zip(got.iter().rev());
    let tail = backwards.take(rest).take_while(same).count();
    let mut shown = format!("from line {}:\n", head + 1);
    for (mark, lines) in [('-', &wanted), ('+', &got)] {
        for line in &lines[head..lines.len() - tail] {
            let _ = writeln!(shown, "{mark} {:?}", line);
        }
    }
    shown
}

/// Fails with the lines that differ.
#[track_caller]
pub fn assert_text(wanted: &str, got: &str) {
    let difference = difference(wanted, got);
    assert!(difference.is_empty(), "{difference}");
}

/// Says loudly, and everywhere in the same words, that a test could not do its work on this
/// machine: written past the test harness, which keeps what passing tests print to itself.
pub fn left_out(what: &str, missing: &str) {
    let line = format!("!! NOT TESTED HERE: {what}: {missing} is not installed\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), line.as_bytes());
}
