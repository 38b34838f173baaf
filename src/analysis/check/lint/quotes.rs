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
use crate::analysis::check::Finding;
use crate::analysis::check::finding::{Applicability, Fix};
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
            unquote(finding);
        }
    }
}

/// The change that leaves out the quotes in the line of the finding.
fn unquote(finding: &mut Finding) {
    let (Some((_, line)), Some(excerpt)) = (finding.place(), finding.excerpts.first()) else {
        return;
    };
    let text = excerpt.text.trim_end();
    let Some((open, quote)) = text.char_indices().find(|(_, c)| ['"', '\''].contains(c)) else {
        return;
    };
    let before = text[..open].trim_end_matches('r');
    let begins = before.trim().is_empty() || before.trim_end().ends_with(['=', ':']);
    let inner = text[open + 1..].strip_suffix(quote);
    finding.fix = inner.filter(|_| begins).map(|inner| Fix {
        applicability: Applicability::Safe,
        line,
        span: before.len()..text.len(),
        text: inner.to_owned(),
    });
}

/// Whether quotes stand around a regex.
pub(super) fn is_quoted(value: &Sourced) -> bool {
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
