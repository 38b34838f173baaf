//! Quotes around a regex.
//!
//! In a filter file a value is everything behind the `=`: quotes are part of the regex and
//! match only lines that have them.
//!
//! ```text
//! failregex = "^Failed login from <HOST>$"     bad
//! failregex = ^Failed login from <HOST>$       good
//! ```
//!
//! Pages make other characters of what is typed: `–` of `-`, `”` of `"`, and blanks that do not
//! break. A regex copied from one matches no log, but for those that have such characters.

use super::Subject;
use crate::analysis::check::finding::{Applicability, Fix};
use crate::analysis::check::{Finding, Severity};
use crate::config::{Setting, Sourced};
use std::collections::HashSet;

/// Characters a page has and logs have not, and what was typed.
const TYPOGRAPHIC: &[(char, &str)] = &[
    ('–', "-"),
    ('—', "-"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('\u{a0}', " "),
];

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
            if !told.insert(value.text.clone()) {
                continue;
            }
            if !is_quoted(value) {
                report_typographic(subject, value, option);
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

/// Reports the first character of a regex that a page has put there, if no sample has it.
fn report_typographic(subject: &mut Subject, value: &Sourced, option: &str) {
    let chars: Vec<char> = value.text.chars().collect();
    let is_letter = |at: usize| chars.get(at).is_some_and(|c| c.is_alphabetic());
    let is_in_samples = |c: char| subject.lines.iter().any(|line| line.contains(c));
    let found = chars.iter().enumerate().find_map(|(at, c)| {
        let known = TYPOGRAPHIC.iter().find(|(other, _)| other == c)?;
        // programs that speak French have it in words
        let is_in_word = *c == '’' && at > 0 && is_letter(at - 1) && is_letter(at + 1);
        (!is_in_word && !is_in_samples(*c)).then_some(known)
    });
    let Some((c, typed)) = found else {
        return;
    };
    let Some(origin) = &value.origin else {
        return;
    };
    let (what, help) = if *c == '\u{a0}' {
        ("a blank that does not break".to_owned(), "type the blank")
    } else {
        (
            format!("`{c}`"),
            "type the character of the log in its place",
        )
    };
    let message = format!("{option}: {what} is in it, which pages have and logs have not");
    let place = (&*origin.file, origin.line);
    let text = (message, "not what is typed", help);
    let finding = subject.report_line(place, Some(&c.to_string()), text);
    finding.severity = Severity::Warning;
    let marked = finding.excerpts.first();
    let marked = marked.and_then(|shown| shown.text.get(shown.span.clone()));
    if marked == Some(&*c.to_string()) {
        finding.fix_with(Applicability::Unsafe, typed);
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
