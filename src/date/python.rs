//! The few rules of Python's `str`, `int` and `float` that dates depend on.
//! Not for regexes (`pattern`) and not for `%`-formatting (`percent`).

/// The zero of every run of decimal digits (Unicode category Nd, Unicode 15.1 as in CPython 3.13).
const DIGIT_ZEROS: [u32; 68] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66,
    0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90,
    0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
    0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650,
    0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0,
    0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950,
    0x1FBF0,
];

pub(super) use crate::python::{is_space, repr};

/// `sys.int_info.default_max_str_digits`: longer digit strings are a ValueError.
const MAX_INT_DIGITS: usize = 4300;

/// Values of [`int`] are clamped to this: far beyond any C int, so that every
/// later range check still fails the way Python's does.
pub(super) const INT_CLAMP: i64 = 1_000_000_000_000_000;

/// The value of a decimal digit of any script.
pub(super) fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.is_ascii_digit().then(|| c as u8 - b'0');
    }
    let c = c as u32;
    let run = DIGIT_ZEROS.partition_point(|&zero| zero <= c);
    let zero = DIGIT_ZEROS[run.checked_sub(1)?];
    (c - zero < 10).then(|| (c - zero) as u8)
}

/// `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What int() and float() strip: as `strip`, but not the separators U+001C to U+001F.
fn strip_number(text: &str) -> &str {
    text.trim_matches(|c: char| is_space(c) && !matches!(c as u32, 0x1C..=0x1F))
}

/// `int(text)`, clamped to ±[`INT_CLAMP`]; `None` is a ValueError.
pub(super) fn int(text: &str) -> Option<i64> {
    let plain = (1..10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain {
        return Some(text.bytes().fold(0, |n, b| n * 10 + i64::from(b - b'0')));
    }
    let text = strip_number(text);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mut value, mut count, mut underscore) = (0i64, 0usize, true);
    for c in digits.chars() {
        if c == '_' && !underscore {
            underscore = true;
            continue;
        }
        value = (value * 10 + i64::from(digit(c)?)).min(INT_CLAMP);
        count += 1;
        underscore = false;
    }
    (!underscore && count <= MAX_INT_DIGITS).then_some(if negative { -value } else { value })
}

/// `float(text)`; `None` is a ValueError.
pub(super) fn float(text: &str) -> Option<f64> {
    let text = strip_number(text);
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.parse().ok();
    }
    let mut ascii = String::with_capacity(text.len());
    let mut last = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let c = digit(c).map_or(c, |d| char::from(b'0' + d));
        if c == '_' {
            let next = chars.peek().copied().and_then(digit);
            if !last.is_ascii_digit() || next.is_none() {
                return None;
            }
        } else {
            ascii.push(c);
        }
        last = c;
    }
    ascii.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_takes_what_python_takes() {
        for (text, value) in [
            ("7", 7),
            (" 5", 5),
            ("007", 7),
            ("٣", 3),
            ("1_000", 1000),
            ("-12", -12),
            ("+4\u{3000}", 4),
            ("𝟗𝟎", 90),
            ("99999999999999999999999", INT_CLAMP),
        ] {
            assert_eq!(int(text), Some(value), "{text:?}");
        }
        for text in [
            "", " ", "x", "1_", "_1", "1__0", "1 2", "5\u{1c}", "--1", "²",
        ] {
            assert_eq!(int(text), None, "{text:?}");
        }
    }

    #[test]
    fn float_takes_what_python_takes() {
        assert_eq!(float("1138049999.25"), Some(1138049999.25));
        assert_eq!(float(" ١٢.٥ "), Some(12.5));
        assert_eq!(float("1_0e1"), Some(100.0));
        for text in ["", "1_", "_1", "1__0", "1._5", "."] {
            assert_eq!(float(text), None, "{text:?}");
        }
    }

    #[test]
    fn repr_quotes() {
        assert_eq!(repr("a'b"), "\"a'b\"");
        assert_eq!(repr("a'\"\n\u{1}"), "'a\\'\"\\n\\x01'");
    }
}
