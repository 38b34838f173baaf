//! An option nobody reads, or a value that selects nothing.
//!
//! fail2ban passes over an option it does not know: a filter with `ignoreregx =` has no
//! ignoreregex, and says nothing. The same goes for `[mode=agressive]`. Options of the files'
//! own, which others refer to, are not meant.

use super::Subject;
use crate::analysis::check::Severity;
use crate::config::WarningKind;
use std::collections::HashSet;

pub(super) fn check(subject: &mut Subject) {
    let mut told = HashSet::new();
    for set in subject.sets.clone() {
        for warning in &set.source.warnings {
            let severity = match warning.kind {
                WarningKind::MisspeltOption => Severity::Error,
                WarningKind::UnknownValue | WarningKind::UnusedGivenOption => Severity::Warning,
                WarningKind::IncludeLoop => Severity::Warning,
                _ => continue,
            };
            if !told.insert(warning.to_string()) {
                continue;
            }
            let path = warning
                .file
                .as_deref()
                .unwrap_or(subject.path)
                .to_path_buf();
            let line = warning.line.unwrap_or(1);
            let text = (warning.message.clone(), "", "");
            subject.report_line((&path, line), None, text).severity = severity;
        }
    }
}
