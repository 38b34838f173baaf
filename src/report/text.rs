//! What all reports share: text of logs and filters made harmless and cut to a width, numbers with
//! their nouns, the screen.

use std::borrow::Cow;

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
        match self.color {
            true => format!("\x1b[1m{text}\x1b[0m"),
            false => text.to_string(),
        }
    }

    pub(crate) fn warning(&self, text: &str) -> String {
        match self.color {
            true => format!("\x1b[33m{text}\x1b[0m"),
            false => text.to_string(),
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

/// The first `most` bytes of a text, fewer where a character would be cut.
pub(crate) fn begin(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `text` cut to `width` columns, an ellipsis at its end if anything was cut.
pub(crate) fn fit(text: &str, width: usize) -> String {
    // no character takes less than a column: what is behind these is out of sight
    let seen = text.char_indices().nth(width + 1);
    let text = printable(seen.map_or(text, |(at, _)| &text[..at]));
    if text.chars().count() <= width {
        return text.into_owned();
    }
    let keep = width.saturating_sub(1);
    text.chars().take(keep).collect::<String>() + "…"
}

/// A number with blanks between groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 line`, `2 000 lines`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(number))
}

/// Breaks a text into lines of the screen's width, at blanks, further lines indented.
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = line.chars().count() + 1 + word.chars().count();
        if !line.trim().is_empty() && needed > width {
            lines.push(std::mem::replace(&mut line, "  ".into()));
        }
        if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}
