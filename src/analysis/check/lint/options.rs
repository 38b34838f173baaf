//! An option nobody reads, or a value that selects nothing.
//!
//! fail2ban passes over an option it does not know: a filter with `ignoreregx =` has no
//! ignoreregex, and says nothing. The same goes for `[mode=agressive]`. Options of the files'
//! own, which others refer to, are not meant.

use super::Subject;
use crate::analysis::check::Severity;
use crate::analysis::check::finding::Applicability;
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
            let finding = subject.report_line((&path, line), None, text);
            finding.severity = severity;
            if warning.kind == WarningKind::MisspeltOption {
                // the two names are quoted: the one that is there, and the one that was meant
                let mut names = warning.message.split('`').skip(1).step_by(2);
                if let (Some(from), Some(to)) = (names.next(), names.next()) {
                    finding.fix_word(Applicability::Safe, from, to);
                }
            }
        }
    }
}
