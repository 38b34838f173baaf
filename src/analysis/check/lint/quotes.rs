//! Quotes around a regex.
//!
//! In a filter file a value is everything behind the `=`: quotes are part of the regex and
//! match only lines that have them.
//!
//! ```text
//! failregex = "^Failed login from <HOST>$"     bad
//! failregex = ^Failed login from <HOST>$       good
//! ```

use super::Subject;
use crate::analysis::check::finding::Applicability;
use crate::config::{Setting, Sourced};
use std::collections::HashSet;

pub(super) fn check(subject: &mut Subject) {
    let mut told = HashSet::new();
    for set in subject.sets.clone() {
        for setting in &set.source.settings {
            let (value, option) = match setting {
                Setting::Failregex(value) => (value, "failregex"),
                Setting::Ignoreregex(value) => (value, "ignoreregex"),
                Setting::Prefregex(value) => (value, "prefregex"),
                Setting::Datepattern(value) => (value, "datepattern"),
                _ => continue,
            };
            if !is_quoted(value) || !told.insert(value.text.clone()) {
                continue;
            }
            let Some(origin) = &value.origin else {
                continue;
            };
            let message = format!("{option}: the quotes around it are part of the regex");
            let place = (&*origin.file, origin.line);
            let text = (
                message,
                "matches only lines with quotes",
                "leave the quotes out",
            );
            let finding = subject.report_line(place, Some(&value.text), text);
            let inner = unquoted(&value.text).to_owned();
            finding.fix_word(Applicability::Safe, value.text.trim(), &inner);
        }
    }
}

/// The text between the quotes.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix('r').unwrap_or(text);
    text.get(1..text.len() - 1).unwrap_or(text)
}

fn is_quoted(value: &Sourced) -> bool {
    let text = value.text.trim();
    // r'…' is Python's, not the file's
    let text = text.strip_prefix('r').unwrap_or(text);
    ['"', '\''].into_iter().any(|quote| {
        let inner = text
            .strip_prefix(quote)
            .and_then(|text| text.strip_suffix(quote));
        inner.is_some_and(|inner| !inner.contains(quote) && inner.contains(['^', '<', '\\', '.']))
    })
}
