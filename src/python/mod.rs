//! How Python writes and splits text: `repr`, `str.splitlines`, `str.rstrip`.
//!
//! fail2ban-regex's reports are full of `%r`, and its line handling is Python's; both are
//! part of the verdict here. Not for Python's regex dialect: that is `pattern`.

mod printable;

use printable::NOT_PRINTABLE;
use std::fmt::Write;

/// True where `str.isprintable()` is (Unicode 15.1, as CPython 3.13).
pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let c = c as u32;
    NOT_PRINTABLE
        .binary_search_by(|&(low, high)| {
            if high < c {
                std::cmp::Ordering::Less
            } else if low > c {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        })
        .is_err()
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

/// `repr` of a float: the shortest digits that read back, `.0` where it is whole,
/// an exponent from 1e16 and below 1e-4 on.
pub(crate) fn repr_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(rest) => ('-', rest),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    if value == value.trunc() {
        return format!("{value:.1}");
    }
    format!("{value}")
}

/// True where `str.isspace()` is: what `str.strip()` removes.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c,
        '\t'..='\r' | '\x1c'..='\x20' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}'
        | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
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

    #[test]
    fn repr_float_is_the_shortest() {
        for (value, text) in [
            (1.0, "1.0"),
            (1516469849.551, "1516469849.551"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-0.0, "-0.0"),
            (9999999999999998.0, "9999999999999998.0"),
        ] {
            assert_eq!(repr_float(value), text);
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
