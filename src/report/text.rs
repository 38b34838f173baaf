//! What all reports share: text of logs and filters made harmless and cut to a width, numbers with
//! their nouns, the screen.

pub(crate) use crate::analysis::wording::{counted, grouped};
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How wide, and whether in colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Columns.
    pub(crate) width: usize,
    /// Use ANSI colours.
    pub(crate) color: bool,
}

impl Screen {
    pub(crate) fn heading(&self, text: &str) -> String {
        if self.color {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }

    pub(crate) fn warning(&self, text: &str) -> String {
        if self.color {
            format!("\x1b[33m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}

/// Text with control characters and other unprintables escaped.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(crate::python::is_printable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if crate::python::is_printable(c) => out.push(c),
            c => out.extend(c.escape_default()),
        }
    }
    Cow::Owned(out)
}

/// `text` cut to `width` columns, an ellipsis at its end if anything was cut.
pub(crate) fn fit(text: &str, width: usize) -> String {
    // what is behind these is out of sight, but for a heap of characters of no width
    let seen = text
        .char_indices()
        .nth(width.saturating_mul(4).saturating_add(16));
    let shown = printable(seen.map_or(text, |(at, _)| &text[..at]));
    if seen.is_none() && columns(&shown) <= width {
        return shown.into_owned();
    }
    let mut room = width.saturating_sub(1);
    let fits = |c: &char| {
        let left = room.checked_sub(c.width().unwrap_or(0));
        room = left.unwrap_or(0);
        left.is_some()
    };
    shown.chars().take_while(fits).collect::<String>() + "…"
}

/// Columns a text takes: two for a character of East Asian writing.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// A count that moves of lines between verdicts may take below zero.
pub(crate) fn signed(count: i64) -> String {
    let sign = if count < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(count.unsigned_abs()))
}

/// How many there are, and how many of them are shown where that is not all.
pub(crate) fn of_all(all: usize, shown: usize) -> String {
    let count = grouped(all as u64);
    match all - shown {
        0 => count,
        rest => format!(
            "{count} ({shown} shown, {} more: --top N)",
            grouped(rest as u64)
        ),
    }
}

/// Breaks a text at blanks into lines of at most `width` columns, further ones indented. What
/// has no blank stays whole, so that it can be copied.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = columns(&line) + 1 + columns(word);
        if !line.trim().is_empty() && needed > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// [`wrapped`] as one text, indented by two.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    wrapped(text, width, 2).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(printable("a\x1b[31mb\tc"), "a\\u{1b}[31mb c");
        assert_eq!(printable("plain é"), "plain é");
    }

    #[test]
    fn long_texts_are_cut_and_wrapped() {
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(fit("日本語のログ", 8), "日本語…");
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(wrap("aa bb cc dd", 6), "aa bb\n  cc\n  dd");
    }
}
