//! What Python does with text and numbers where Rust does otherwise: the ground floor, which
//! imports nothing.
//!
//! fail2ban's configuration, its dates and fail2ban-regex's reports are read and written by
//! these rules, so they are part of the verdict. `unicode` knows characters as CPython 3.13
//! does (Unicode 15.1, `tables`), `number` reads and writes numbers, `shlex` splits words.
//! Not for Python's regex dialect: that is `pattern`.

mod number;
mod shlex;
pub(crate) mod tables;
pub(crate) mod unicode;

pub(crate) use number::{float, int, int_text, repr_float};
pub(crate) use shlex::shlex_split;
pub(crate) use unicode::{digit, is_printable};

use std::fmt::Write;

/// What `\w` matches.
pub(crate) fn is_word(c: char) -> bool {
    unicode::is_word(c.into())
}

/// True where `str.isspace()` is: what `str.strip()` removes and `\s` matches.
pub(crate) fn is_space(c: char) -> bool {
    unicode::is_space(c.into())
}

/// `text.strip()`.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `repr(text)`: quotes chosen as CPython does, everything unprintable escaped.
pub(crate) fn repr(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_repr(&mut out, text);
    out
}

/// Appends [`repr`] of `text` to `out`.
pub(crate) fn push_repr(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => {
                let code = c as u32;
                let written = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
                debug_assert!(written.is_ok(), "writing to a String cannot fail");
            }
        }
    }
    out.push(quote);
}

/// `repr` of a dict whose keys are strings; the values are written already.
pub(crate) fn repr_dict<'a>(items: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|(name, value)| format!("{}: {value}", repr(name)))
        .collect();
    format!("{{{}}}", items.join(", "))
}

/// `text.rstrip()`.
pub(crate) fn rstrip(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// `text.splitlines()`: also at `\v`, `\f`, U+001C-001E, U+0085, U+2028 and U+2029.
pub(crate) fn splitlines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_end = matches!(
            c,
            '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        );
        if !is_end {
            continue;
        }
        lines.push(&text[start..at]);
        start = at + c.len_utf8();
        if c == '\r' && chars.peek().is_some_and(|&(_, next)| next == '\n') {
            chars.next();
            start += 1;
        }
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expectations written down from CPython 3.13.
    #[test]
    fn repr_chooses_quotes_and_escapes() {
        assert_eq!(repr("a"), "'a'");
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("it's \"x\""), "'it\\'s \"x\"'");
        assert_eq!(
            repr("\u{1b}\t\\é\u{ad}\u{2028}\u{e000}\u{10ffff}"),
            "'\\x1b\\t\\\\é\\xad\\u2028\\ue000\\U0010ffff'"
        );
        assert_eq!(repr("\u{7f}\u{a0}"), "'\\x7f\\xa0'");
    }

    /// What Unicode 16 added is no word character to CPython 3.13.
    #[test]
    fn characters_are_those_of_unicode_15() {
        for c in ['a', '_', 'é', '²', '٣', 'ー'] {
            assert!(is_word(c), "{c:?}");
        }
        for c in ['\u{1c89}', '\u{a7cb}', '\u{10d40}', '\u{483}', '-'] {
            assert!(!is_word(c), "{c:?}");
        }
        assert!(!is_printable('\u{1c89}') && is_printable('é'));
        assert!("\t\u{1c}\u{1f} \u{85}\u{a0}\u{3000}".chars().all(is_space));
        assert!(!is_space('\u{200b}') && !is_space('\u{180e}'));
        assert_eq!(strip("\u{1f} a\u{a0}"), "a");
    }

    #[test]
    fn digits_of_every_script_have_values() {
        for (c, value) in [('7', 7), ('٣', 3), ('𝟗', 9), ('𝟎', 0), ('𝟙', 1), ('９', 9)] {
            assert_eq!(digit(c), Some(value), "{c:?}");
        }
        for c in ['a', '²', '\u{10d40}', '/', ':'] {
            assert_eq!(digit(c), None, "{c:?}");
        }
    }

    #[test]
    fn splitlines_knows_every_end() {
        assert_eq!(
            splitlines("a\nb\r\nc\rd\u{b}e\u{85}f\u{2028}g\n\n"),
            ["a", "b", "c", "d", "e", "f", "g", ""]
        );
        assert!(splitlines("").is_empty());
    }
}
