//! A tag that is none: `<HOSTS>`, `<F-USER>` never closed.
//!
//! What fail2ban does not know as a tag stays in the regex as it is, so `<HOSTS>` matches a
//! line with the word in angle brackets, and no other.

use super::Subject;
use crate::config::WarningKind;
use std::collections::HashSet;

pub(super) fn check(subject: &mut Subject) {
    let mut told = HashSet::new();
    for set in subject.sets.clone() {
        for warning in &set.source.warnings {
            if warning.kind != WarningKind::UnresolvedTag || !told.insert(warning.to_string()) {
                continue;
            }
            let path = warning
                .file
                .as_deref()
                .unwrap_or(subject.path)
                .to_path_buf();
            let tag = warning
                .message
                .split_inclusive('>')
                .next()
                .unwrap_or_default()
                .to_string();
            let text = (warning.message.clone(), "", "");
            subject.report_line((&path, warning.line.unwrap_or(1)), Some(&tag), text);
        }
    }
}
