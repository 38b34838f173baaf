//! What the tables of `explain` are made of: headings, texts with a mark under a part of them.

use super::value::{LineValue, NearValue, PieceValue, RegexValue, Seen};
use super::window::Window;
use crate::report::text::{Screen, columns, fit, printable, wrapped};
use std::io::{self, Write};
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// Blanks before everything below a heading.
pub(super) const INDENT: &str = "   ";

pub(super) struct Page<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) screen: Screen,
}

impl Page<'_> {
    pub(super) fn room(&self) -> usize {
        self.screen.width.saturating_sub(INDENT.len()).max(20)
    }

    pub(super) fn heading(&mut self, title: &str, text: &str) -> io::Result<()> {
        let heading = self.screen.heading(title);
        let room = self.screen.width.saturating_sub(columns(title) + 2);
        let line = format!("{heading}  {}", fit(text, room));
        writeln!(self.out, "\n{}", line.trim_end())
    }

    /// A line below a heading, cut where it does not fit.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{INDENT}{}", fit(text, self.room()))
    }

    /// A text in lines of the page.
    pub(super) fn all_of(&mut self, text: &str) -> io::Result<()> {
        for line in chunks(&printable(text), self.room()) {
            writeln!(self.out, "{INDENT}{line}")?;
        }
        Ok(())
    }

    /// A text with a mark under a part of it, and a note beside the mark.
    pub(super) fn marked(&mut self, seen: &Seen, part: Range<usize>, note: &str) -> io::Result<()> {
        let window = Window::of(seen, part, self.room());
        let [before, inside, after] = &window.parts;
        let shown = if self.screen.color {
            format!("{before}\x1b[7m{inside}\x1b[0m{after}")
        } else {
            window.parts.concat()
        };
        writeln!(self.out, "{INDENT}{}", shown.trim_end())?;
        let length = window.length.max(1);
        let mark = match length {
            1 => "^".to_string(),
            n => "~".repeat(n),
        };
        // the note goes before the mark where it does not fit behind
        let note_length = columns(note);
        let line = if window.start + length + 1 + note_length <= self.room() {
            format!("{}{mark} {note}", " ".repeat(window.start))
        } else if note_length < window.start {
            let blanks = " ".repeat(window.start - note_length - 1);
            format!("{blanks}{note} {mark}")
        } else {
            writeln!(self.out, "{INDENT}{}{mark}", " ".repeat(window.start))?;
            for line in wrapped(note, self.room(), 2) {
                writeln!(self.out, "{INDENT}{line}")?;
            }
            return Ok(());
        };
        writeln!(self.out, "{INDENT}{}", line.trim_end())
    }

    /// A regex that missed: where the text stops it, and what it expected there.
    pub(super) fn near(&mut self, regex: &RegexValue, near: &NearValue) -> io::Result<()> {
        let here = if near.at >= near.seen.start + near.seen.text.len() {
            "the line ends".to_string()
        } else {
            format!("stops at column {}", near.column)
        };
        self.marked(&near.seen, near.at..near.at, &here)?;
        let Some(first) = near.expected.first() else {
            return Ok(());
        };
        let whole = Seen {
            start: 0,
            text: regex.regex.clone(),
        };
        self.marked(&whole, first.start..first.start, &expected(near))
    }

    /// Which regex it is, and where it stands.
    pub(super) fn title(&mut self, regex: &RegexValue) -> io::Result<()> {
        writeln!(self.out, " {}  {}", regex.name, where_is(regex))
    }

    /// A regex that matched, and what its groups caught.
    pub(super) fn match_of(&mut self, regex: &RegexValue) -> io::Result<()> {
        self.title(regex)?;
        self.text(&regex.regex)?;
        self.groups(&regex.groups)
    }

    pub(super) fn groups(&mut self, groups: &[(String, String)]) -> io::Result<()> {
        let width = groups
            .iter()
            .map(|(name, _)| columns(name))
            .max()
            .unwrap_or(0);
        let room = self.room().saturating_sub(width + 4);
        for (name, value) in groups {
            let value = fit(value, room);
            writeln!(self.out, "{INDENT}{name:width$}  \"{value}\"")?;
        }
        Ok(())
    }

    /// That no template found a date, and how near one came.
    pub(super) fn no_date(&mut self, line: &LineValue) -> io::Result<()> {
        let taken = match &line.date.local {
            Some(time) => format!("; the last one seen counts, {time}"),
            None => String::new(),
        };
        self.heading("Date", &format!("no template finds one{taken}"))?;
        let (Some(near), Some(template)) = (&line.date.near, &line.date.template) else {
            return Ok(());
        };
        self.text(&format!("nearest: {template}"))?;
        self.marked(&near.seen, near.at..near.at, &expected(near))
    }
}

/// "expected `x` or `y`", and how far a wildcard before it could go.
pub(super) fn expected(near: &NearValue) -> String {
    let mut pieces: Vec<String> = Vec::new();
    for PieceValue { piece, group, .. } in &near.expected {
        let text = match group.as_deref().and_then(date_field) {
            Some(field) => field.to_string(),
            None => format!("`{}`", fit(piece, 40)),
        };
        if !pieces.contains(&text) {
            pieces.push(text);
        }
    }
    if pieces.len() > 3 {
        pieces.truncate(3);
        pieces.push("…".into());
    }
    let or_later = if near.last > near.at {
        " here or later"
    } else {
        ""
    };
    let roughly = if near.exact {
        ""
    } else {
        " (searched in part)"
    };
    format!("expected {}{or_later}{roughly}", pieces.join(" or "))
}

/// What the group of a date template stands for.
fn date_field(group: &str) -> Option<&'static str> {
    Some(match group {
        "Y" | "y" => "the year",
        "m" | "b" | "B" => "the month",
        "d" => "the day",
        "H" | "I" => "the hour",
        "M" => "the minute",
        "S" => "the second",
        "z" | "Z" => "the time zone",
        "a" | "A" => "the day of the week",
        "p" => "AM or PM",
        "f" => "a fraction of a second",
        _ => return None,
    })
}

/// File and line of a regex.
pub(super) fn where_is(regex: &RegexValue) -> String {
    match (&regex.file, regex.line) {
        (Some(file), Some(line)) => format!("{}:{line}", printable(file)),
        _ => "(given)".into(),
    }
}

/// A text in pieces of at most `width` columns.
fn chunks(text: &str, width: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut taken = 0;
    for c in text.chars() {
        let needed = c.width().unwrap_or(0);
        if taken + needed > width.max(2) {
            all.push(String::new());
            taken = 0;
        }
        taken += needed;
        if let Some(line) = all.last_mut() {
            line.push(c);
        }
    }
    all
}
