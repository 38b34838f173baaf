//! What templates do with numbers and texts: `{{ hits|grouped }}`, `{{ lines|count("line", "lines") }}`,
//! `{{ note|prose }}`, `{{ log|path }}`.

// the attribute makes a public type of each
#![allow(unreachable_pub)]

use crate::report::text;
use askama::filters::{Html, Safe, escape};
use askama::{Result, Values};

/// A number in a template.
pub(crate) trait Number {
    /// Its value.
    fn value(&self) -> i64;
}

impl Number for u64 {
    fn value(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl Number for i64 {
    fn value(&self) -> i64 {
        *self
    }
}

impl Number for usize {
    fn value(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl<N: Number> Number for &N {
    fn value(&self) -> i64 {
        (*self).value()
    }
}

/// The number, its digits in groups of three.
#[askama::filter_fn]
pub(crate) fn grouped(number: impl Number, _: &dyn Values) -> Result<String> {
    Ok(text::signed(number.value()))
}

/// The number with its noun.
#[askama::filter_fn]
pub(crate) fn count(
    number: impl Number,
    _: &dyn Values,
    one: &str,
    many: &str,
) -> Result<Safe<String>> {
    let text = text::counted(number.value().unsigned_abs(), one, many);
    unbroken(&text)
}

/// A text of ours, whose numbers stay on one line: none of a log, of which no blank is changed.
#[askama::filter_fn]
pub(crate) fn prose(text: impl AsRef<str>, _: &dyn Values) -> Result<Safe<String>> {
    unbroken(text.as_ref())
}

/// The path of a file, which is broken behind a slash where a line is too short for it.
#[askama::filter_fn]
pub(crate) fn path(text: impl AsRef<str>, _: &dyn Values) -> Result<Safe<String>> {
    let escaped = escape(text.as_ref(), Html)?.to_string();
    let broken = escaped.replace('/', "/<wbr>");
    Ok(Safe(broken.replace("/<wbr>/<wbr>", "//<wbr>")))
}

/// Puts what no line is broken at in the place of the blanks within numbers ([`text::grouped`]).
fn unbroken(text: &str) -> Result<Safe<String>> {
    let escaped = escape(text, Html)?.to_string();
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = escaped.as_bytes();
    let mut safe = String::with_capacity(escaped.len());
    let mut from = 0;
    for (at, _) in escaped.match_indices(' ') {
        let three = (1..=3).all(|behind| is_digit(bytes.get(at + behind)));
        if three && !is_digit(bytes.get(at + 4)) && at > 0 && is_digit(bytes.get(at - 1)) {
            safe += &escaped[from..at];
            safe += "&nbsp;";
            from = at + 1;
        }
    }
    safe += &escaped[from..];
    Ok(Safe(safe))
}

/// The begin of a text, an ellipsis behind it if there is more.
#[askama::filter_fn]
pub(crate) fn begin(text: impl AsRef<str>, _: &dyn Values, columns: usize) -> Result<String> {
    Ok(text::fit(text.as_ref(), columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_not_broken_and_nothing_else_is_joined() {
        let said = |text| unbroken(text).expect("it is written").0;
        assert_eq!(said("1 234 567 <b>"), "1&nbsp;234&nbsp;567 &#60;b&#62;");
        for text in ["1 23 and 4 5678", "line 234", " 234", "in 2026 12 lines"] {
            assert_eq!(said(text), text);
        }
    }
}
