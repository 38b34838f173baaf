//! How Python reads and writes numbers: `int`, `float`, `repr` of a float.

use super::is_space;
use super::unicode::digit;

/// `sys.int_info.default_max_str_digits`: longer digit strings are a ValueError.
const MAX_INT_DIGITS: usize = 4300;

/// Values of [`int`] are clamped to this: far beyond any C int, so that every
/// later range check still fails the way Python's does.
const INT_CLAMP: i64 = 1_000_000_000_000_000;

/// What int() and float() strip: as `strip`, but not the separators U+001C to U+001F.
fn strip_number(text: &str) -> &str {
    text.trim_matches(|c: char| is_space(c) && !matches!(c as u32, 0x1C..=0x1F))
}

/// `str(int(text))`; `None` is a ValueError.
pub(crate) fn int_text(text: &str) -> Option<String> {
    let (negative, digits) = int_digits(text)?;
    let digits = digits.trim_start_matches('0');
    Some(match (digits, negative) {
        ("", _) => "0".to_owned(),
        (digits, true) => format!("-{digits}"),
        (digits, false) => digits.to_owned(),
    })
}

/// Sign and digits, as ASCII, of a text that `int` reads: single underscores may stand between
/// digits.
fn int_digits(text: &str) -> Option<(bool, String)> {
    let text = strip_number(text);
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mut digits, mut underscore) = (String::new(), true);
    for c in rest.chars() {
        if c == '_' && !underscore {
            underscore = true;
            continue;
        }
        digits.push(char::from(b'0' + digit(c)?));
        underscore = false;
    }
    (!underscore && digits.len() <= MAX_INT_DIGITS).then_some((negative, digits))
}

/// `int(text)`, clamped to ±[`INT_CLAMP`]; `None` is a ValueError.
pub(crate) fn int(text: &str) -> Option<i64> {
    let plain = (1..10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if plain {
        return Some(text.bytes().fold(0, |n, b| n * 10 + i64::from(b - b'0')));
    }
    let (negative, digits) = int_digits(text)?;
    let value = digits.bytes().fold(0i64, |value, digit| {
        (value * 10 + i64::from(digit - b'0')).min(INT_CLAMP)
    });
    Some(if negative { -value } else { value })
}

/// `float(text)`; `None` is a ValueError.
pub(crate) fn float(text: &str) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    // Expectations written down from CPython 3.13.
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
    fn int_text_is_what_str_says() {
        for (text, wanted) in [
            (" 0_10 ", "10"),
            ("-0", "0"),
            ("-007", "-7"),
            ("+٣٤", "34"),
            ("99999999999999999999999", "99999999999999999999999"),
        ] {
            assert_eq!(int_text(text).as_deref(), Some(wanted), "{text:?}");
        }
        for bad in ["", "1__0", "_1", "1_", "+ 1", "1.0", "x", "\u{1f}5"] {
            assert_eq!(int_text(bad), None, "{bad:?}");
        }
    }
}
