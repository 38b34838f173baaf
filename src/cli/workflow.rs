//! Output that the runner of a GitHub workflow reads: a line that begins with `::` is a command
//! to it, and so is `##[` wherever it stands. Text of a filter or a log of a pull request must
//! give it none, in whatever format and on either stream: what would be one is broken by an
//! escape, which a JSON string reads as the character it stands for.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

/// Whether a report is made of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Commands {
    /// Those at the beginning of a line are the report's own.
    Ours,
    /// None is meant.
    None,
}

/// Whether a workflow runs this.
pub(super) fn is_running() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| !value.is_empty())
}

/// Whether the runner of a workflow may read what is written there: not in a file.
pub(super) fn reads(out: &impl AsFd) -> bool {
    let is_file = || {
        let file = out.as_fd().try_clone_to_owned().map(File::from);
        file.and_then(|file| file.metadata())
            .is_ok_and(|about| about.is_file())
    };
    is_running() && !is_file()
}

/// Writes whole lines to standard error.
pub(super) fn stderr(text: &str) -> io::Result<()> {
    let out = io::stderr();
    if reads(&out) {
        // one write, so that lines of several threads do not mix
        let mut whole = Vec::new();
        WorkflowGuard::new(&mut whole, Commands::None).write_all(text.as_bytes())?;
        (&out).write_all(&whole)
    } else {
        (&out).write_all(text.as_bytes())
    }
}

/// A writer in front of the runner.
pub(super) struct WorkflowGuard<W> {
    out: W,
    commands: Commands,
    /// The line so far is blank: the runner trims it.
    blank: bool,
    /// What may become a command: `:` behind a blank, `#` or `##`.
    held: &'static str,
}

impl<W: Write> WorkflowGuard<W> {
    pub(super) fn new(out: W, commands: Commands) -> WorkflowGuard<W> {
        WorkflowGuard {
            out,
            commands,
            blank: true,
            held: "",
        }
    }

    fn byte(&mut self, byte: u8, safe: &mut Vec<u8>) {
        match (self.held, byte) {
            (":", b':') => {
                safe.extend_from_slice(b"\\u003a:");
                self.held = "";
                return;
            }
            ("#", b'#') => {
                self.held = "##";
                return;
            }
            ("##", b'#') => {
                safe.push(b'#');
                return;
            }
            ("##", b'[') => {
                safe.extend_from_slice(b"\\u0023#[");
                self.held = "";
                return;
            }
            (held, _) => safe.extend_from_slice(held.as_bytes()),
        }
        self.held = "";
        match byte {
            b':' if self.blank && self.commands == Commands::None => {
                self.held = ":";
                self.blank = false;
            }
            b'#' => {
                self.held = "#";
                self.blank = false;
            }
            _ => {
                safe.push(byte);
                self.blank = match byte {
                    // .NET, which the runner is made with, ends lines at either
                    b'\n' | b'\r' => true,
                    // control characters, and what may be a part of Unicode's blanks
                    0..=b' ' | 0x7f.. => self.blank,
                    _ => false,
                };
            }
        }
    }
}

impl<W: Write> Write for WorkflowGuard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut safe = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.byte(*byte, &mut safe);
        }
        self.out.write_all(&safe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // what follows could complete it: broken now
        let safe: &[u8] = match self.held {
            ":" => b"\\u003a",
            "#" => b"\\u0023",
            "##" => b"\\u0023#",
            _ => b"",
        };
        self.held = "";
        self.out.write_all(safe)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, commands: Commands) -> String {
        let mut all = Vec::new();
        for size in 1..=text.len() {
            let mut guard = WorkflowGuard::new(Vec::new(), commands);
            for piece in text.as_bytes().chunks(size) {
                guard.write_all(piece).expect("memory takes it");
            }
            all.push(String::from_utf8(guard.out).expect("it is text"));
        }
        all.dedup();
        assert_eq!(all.len(), 1, "pieces change nothing: {all:?}");
        all.remove(0)
    }

    #[test]
    fn no_line_is_a_command() {
        for (text, wanted) in [
            ("::error::x\n", "\\u003a:error::x\n"),
            ("a::b ::c\n", "a::b ::c\n"),
            ("a\n \t::set-env x::y\n", "a\n \t\\u003a:set-env x::y\n"),
            ("a\r::debug::x\n", "a\r\\u003a:debug::x\n"),
            ("\u{3000}::x\n", "\u{3000}\\u003a:x\n"),
            (": :x\n", ": :x\n"),
            (":::x\n", "\\u003a::x\n"),
            ("a ##[error]b\n", "a \\u0023#[error]b\n"),
            ("###[group] # ## #[\n", "#\\u0023#[group] # ## #[\n"),
            ("::\n##[\n", "\\u003a:\n\\u0023#[\n"),
        ] {
            assert_eq!(written(text, Commands::None), wanted, "{text:?}");
        }
        // where the report is made of commands, only the other form is broken
        let text = "::error::a ##[x]\n";
        assert_eq!(written(text, Commands::Ours), "::error::a \\u0023#[x]\n");
    }

    #[test]
    fn a_json_string_stays_what_it_is() {
        let text = "##[error] ::x\n::y \\##[";
        let json = serde_json::to_string(text).expect("a string") + "\n";
        let safe = written(&json, Commands::None);
        assert!(!safe.contains("##["), "{safe}");
        let read: String = serde_json::from_str(&safe).expect("JSON");
        assert_eq!(read, text);
    }
}
