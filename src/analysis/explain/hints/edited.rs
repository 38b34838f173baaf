//! A line and a filter as changes make them.

use super::change::{Change, RegexOption, added_regexes, changed_regex};
use crate::engine::{Filter, FilterRegex};
use std::borrow::Cow;

/// The line as the changes make it.
pub(super) fn edited_line<'l>(line: &'l str, changes: &[Change]) -> Cow<'l, str> {
    let mut line = Cow::Borrowed(line);
    for change in changes {
        match change {
            Change::StripAnsi => line = Cow::Owned(super::ansi::stripped(&line)),
            Change::Months(language) => {
                if let Some(english) = language.in_english(&line) {
                    line = Cow::Owned(english);
                }
            }
            _ => {}
        }
    }
    line
}

/// The filter with its regexes as the changes make them; inner None: they change none of
/// them, outer None: it cannot be done.
pub(super) fn edited_filter(filter: &Filter, changes: &[Change]) -> Option<Option<Filter>> {
    if !changes.iter().any(Change::is_regex) {
        return Some(None);
    }
    let mut made = Filter::beside(filter, filter.options);
    let changed = |option, regex: &FilterRegex| changed_regex(option, &regex.source, changes);
    if let Some(prefregex) = &filter.prefregex
        && let Some(source) = changed(RegexOption::Prefregex, prefregex)
    {
        made.set_prefregex(source).ok()?;
    }
    for source in added_regexes(RegexOption::Prefregex, changes) {
        made.set_prefregex(source).ok()?;
    }
    for regex in &filter.failregexes {
        if let Some(source) = changed(RegexOption::Failregex, regex) {
            made.add_failregex(source).ok()?;
        }
    }
    for source in added_regexes(RegexOption::Failregex, changes) {
        made.add_failregex(source).ok()?;
    }
    for regex in &filter.ignoreregexes {
        if let Some(source) = changed(RegexOption::Ignoreregex, regex) {
            made.add_ignoreregex(source).ok()?;
        }
    }
    for source in added_regexes(RegexOption::Ignoreregex, changes) {
        made.add_ignoreregex(source).ok()?;
    }
    Some(Some(made))
}

/// `^a` as `^INSERTEDa`; a regex that is not tied to the begin stays.
pub(crate) fn behind_caret(regex: &str, inserted: &str) -> String {
    match regex.strip_prefix('^') {
        Some(rest) => format!("^{inserted}{rest}"),
        None => regex.to_string(),
    }
}
