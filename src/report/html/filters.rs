//! What templates do with numbers: `{{ hits|grouped }}`, `{{ lines|count("line", "lines") }}`.

// the attribute makes a public type of each
#![allow(unreachable_pub)]

use crate::report::text;
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
pub(crate) fn count(number: impl Number, _: &dyn Values, one: &str, many: &str) -> Result<String> {
    Ok(text::counted(number.value().unsigned_abs(), one, many))
}

/// The begin of a text, an ellipsis behind it if there is more.
#[askama::filter_fn]
pub(crate) fn begin(text: impl AsRef<str>, _: &dyn Values, columns: usize) -> Result<String> {
    Ok(text::fit(text.as_ref(), columns))
}
