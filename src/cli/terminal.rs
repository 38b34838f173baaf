//! What the commands print, made safe for a terminal: text of logs, filters and file names
//! must not drive it, wherever in a report or message it stands.
//!
//! Reports for people escape such text where they lay it out ([`printable`]).
//! This is the second line: it sees every byte on its way out.

use super::Status;
use super::workflow::{self, Commands, WorkflowGuard};
use crate::input::interrupt;
use crate::report::text::{Screen, printable};
use clap::ValueEnum;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Default)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether a report brings colours of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colors {
    /// `ESC [ … m` passes.
    Ours,
    /// Every escape sequence is from a log or a filter.
    None,
}

/// How wide a report on standard output may be, and whether in colour.
pub(super) fn screen(color: ColorChoice) -> Screen {
    let terminal = io::stdout().is_terminal();
    let given = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let plain = given("NO_COLOR").is_some() || given("TERM").is_some_and(|term| term == "dumb");
    let columns = given("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    Screen {
        width: columns.or(width.filter(|_| terminal)).unwrap_or(80).max(40),
        color: match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !plain,
        },
    }
}

/// Lets Ctrl-C end the input, so that what was read is reported, and a second one the program.
pub(super) fn report_on_interrupt() {
    on_interrupt(|| ());
}

/// Lets Ctrl-C do something, too.
pub(super) fn on_interrupt(what: impl Fn() + Send + 'static) {
    // where it cannot be watched, Ctrl-C ends the run without a report
    let _ = ctrlc::set_handler(move || {
        if interrupt::request() {
            std::process::exit(130);
        }
        what();
    });
}

/// Empties the screen for the next report, if that is for one.
pub(super) fn clear_screen() -> io::Result<()> {
    if !io::stdout().is_terminal() {
        return Ok(());
    }
    // to the top, and all below
    let mut out = io::stdout().lock();
    out.write_all(b"\x1b[H\x1b[2J\x1b[3J")?;
    out.flush()
}

/// Standard output: as written for a file or a pipe, screened for a terminal, and without
/// commands to the runner of a workflow.
pub(super) fn stdout(colors: Colors) -> BufWriter<Box<dyn Write>> {
    guarded(colors, Commands::None)
}

/// Standard output for a report that is made of commands to the runner.
pub(super) fn stdout_of_commands() -> BufWriter<Box<dyn Write>> {
    guarded(Colors::Ours, Commands::Ours)
}

fn guarded(colors: Colors, commands: Commands) -> BufWriter<Box<dyn Write>> {
    let out = io::stdout().lock();
    BufWriter::new(match (out.is_terminal(), workflow::reads(&out)) {
        (true, _) => Box::new(TerminalSanitizer::new(out, colors)),
        (false, true) => Box::new(WorkflowGuard::new(out, commands)),
        (false, false) => Box::new(out),
    })
}

/// Prints a message in one line on standard error; nothing where nobody listens.
pub(super) fn print_error(message: impl Display) {
    let text = message.to_string();
    let _ = workflow::stderr(&format!("{}\n", printable(&text)));
}

/// Prints clap's help, version or complaint. A complaint quotes arguments, which may be file
/// names a shell pattern found: with anything a terminal would act on it is printed plain
/// and escaped.
///
/// # Errors
///
/// Those of writing help to standard output; of standard error nobody would hear.
pub(super) fn usage(error: &clap::Error) -> io::Result<Status> {
    let text = error.render().to_string();
    if !error.use_stderr() {
        let out = io::stdout();
        if workflow::reads(&out.lock()) {
            WorkflowGuard::new(&out, Commands::None).write_all(text.as_bytes())?
        } else {
            error.print()?
        }
        io::stdout().flush()?;
        return Ok(Status::Ran);
    }
    let harmless = |c: char| matches!(c, '\n' | '\t') || crate::python::is_printable(c);
    if text.chars().all(harmless) && !workflow::is_running() {
        let _ = error.print();
        return Ok(Status::Error);
    }
    for line in text.trim_end().split('\n') {
        print_error(line);
    }
    Ok(Status::Error)
}

/// A writer in front of a terminal that lets through text, line ends and tabs, and shows
/// everything else that would have an effect in escaped form.
struct TerminalSanitizer<W> {
    out: W,
    colors: Colors,
    /// The beginning of a character or of a colour sequence whose rest has not come.
    pending: Vec<u8>,
}

/// A colour sequence of ours is no longer than this.
const MOST_COLOR: usize = 24;

impl<W: Write> TerminalSanitizer<W> {
    fn new(out: W, colors: Colors) -> TerminalSanitizer<W> {
        TerminalSanitizer {
            out,
            colors,
            pending: Vec::new(),
        }
    }

    /// Writes what is whole of the pending bytes; with `all` everything.
    fn pass(&mut self, all: bool) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.pending);
        let mut rest = &bytes[..];
        let mut shown = String::with_capacity(bytes.len());
        while !rest.is_empty() {
            let (text, broken) = match std::str::from_utf8(rest) {
                Ok(text) => (text, 0),
                Err(error) => {
                    let text = std::str::from_utf8(&rest[..error.valid_up_to()]);
                    let broken = match error.error_len() {
                        Some(length) => length,
                        None if all => rest.len() - error.valid_up_to(),
                        None => 0,
                    };
                    (text.unwrap_or_default(), broken)
                }
            };
            let taken = self.show(text, all, &mut shown);
            if taken < text.len() {
                rest = &rest[taken..];
                break;
            }
            for byte in &rest[taken..taken + broken] {
                shown.push_str(&format!("\\x{byte:02x}"));
            }
            rest = &rest[taken + broken..];
            if broken == 0 {
                break;
            }
        }
        self.pending.extend_from_slice(rest);
        self.out.write_all(shown.as_bytes())
    }

    /// Appends `text` as it is shown; the bytes of it that were whole.
    fn show(&self, text: &str, all: bool, shown: &mut String) -> usize {
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if c == '\x1b' && self.colors == Colors::Ours {
                match color(&text[at..]) {
                    Color::Whole(length) => {
                        shown.push_str(&text[at..at + length]);
                        at += length;
                        continue;
                    }
                    Color::Unfinished if !all => return at,
                    _ => {}
                }
            }
            match c {
                '\n' | '\t' => shown.push(c),
                c if crate::python::is_printable(c) => shown.push(c),
                // blanks that Python does not print are no danger
                c if c.is_whitespace() && !c.is_control() && !"\u{2028}\u{2029}".contains(c) => {
                    shown.push(c);
                }
                c => shown.extend(c.escape_default()),
            }
            at += c.len_utf8();
        }
        at
    }
}

enum Color {
    Whole(usize),
    Unfinished,
    Other,
}

/// The colour sequence `text` begins with.
fn color(text: &str) -> Color {
    let Some(inner) = text.strip_prefix("\x1b") else {
        return Color::Other;
    };
    let Some(inner) = inner.strip_prefix('[') else {
        return if inner.is_empty() {
            Color::Unfinished
        } else {
            Color::Other
        };
    };
    let digits = inner.find(|c: char| !(c.is_ascii_digit() || c == ';'));
    match digits {
        Some(end) if inner[end..].starts_with('m') && end < MOST_COLOR => Color::Whole(end + 3),
        None if inner.len() < MOST_COLOR => Color::Unfinished,
        _ => Color::Other,
    }
}

impl<W: Write> Write for TerminalSanitizer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        self.pass(false)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(true)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `text` through a screen in pieces of every size.
    fn shown(text: &[u8], colors: Colors) -> String {
        let mut all = Vec::new();
        for size in 1..=text.len() {
            let mut screen = TerminalSanitizer::new(Vec::new(), colors);
            for piece in text.chunks(size) {
                screen.write_all(piece).expect("memory takes it");
            }
            screen.flush().expect("memory takes it");
            all.push(String::from_utf8(screen.out).expect("what is shown is text"));
        }
        all.dedup();
        assert_eq!(all.len(), 1, "pieces change nothing: {all:?}");
        all.remove(0)
    }

    #[test]
    fn nothing_drives_the_terminal() {
        let text =
            "a\x1b]0;title\x07\x1b[2J\r\u{9b}1mé\u{202e}\u{a0}\t\n\x1b[31mred\x1b".as_bytes();
        let wanted = "a\\u{1b}]0;title\\u{7}\\u{1b}[2J\\r\\u{9b}1mé\\u{202e}\u{a0}\t\n";
        assert_eq!(
            shown(text, Colors::None),
            format!("{wanted}\\u{{1b}}[31mred\\u{{1b}}")
        );
        assert_eq!(
            shown(text, Colors::Ours),
            format!("{wanted}\x1b[31mred\\u{{1b}}")
        );
        assert_eq!(shown(b"a\xff\xc3", Colors::None), "a\\xff\\xc3");
        let long = format!("\x1b[{}m", "1".repeat(40));
        assert!(shown(long.as_bytes(), Colors::Ours).starts_with("\\u{1b}[1"));
    }
}
