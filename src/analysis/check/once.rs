//! One fault, one finding: what is found again with every option set, every jail or every
//! filter that includes the file is told once.

use super::finding::Finding;
use super::{FilterReport, Role};
use crate::analysis::wording::counted;
use std::collections::HashMap;
use std::path::PathBuf;

/// What makes two findings one fault: the kind, the place, and what is said of it.
type Fault = (&'static str, PathBuf, u32, usize, usize, String);

/// Keeps the first finding of each fault; that of a jail says how many more jails have it.
pub(super) fn keep_first(reports: &mut [FilterReport]) {
    let mut first: HashMap<Fault, (usize, usize)> = HashMap::new();
    let mut more: HashMap<(usize, usize), u64> = HashMap::new();
    for at in 0..reports.len() {
        let is_jail = reports[at].role == Role::Jail;
        let mut kept: Vec<Option<usize>> = Vec::new();
        let mut findings = Vec::new();
        for finding in std::mem::take(&mut reports[at].findings) {
            let known = fault(&finding).and_then(|fault| {
                let place = (at, findings.len());
                let known = *first.entry(fault).or_insert(place);
                (known != place).then_some(known)
            });
            if let Some(known) = known {
                if is_jail && reports[known.0].role == Role::Jail {
                    *more.entry(known).or_default() += 1;
                }
                // within a report the finding that stays stands for both
                kept.push((known.0 == at).then_some(known.1));
            } else {
                kept.push(Some(findings.len()));
                findings.push(finding);
            }
        }
        reports[at].findings = findings;
        for case in &mut reports[at].cases {
            let indexes = case.findings.iter();
            let mut left: Vec<usize> = indexes.filter_map(|index| *kept.get(*index)?).collect();
            left.dedup();
            case.findings = left;
        }
    }
    for ((report, finding), count) in more {
        let jails = counted(count, "more jail", "more jails");
        reports[report].findings[finding].message += &format!(" (as in {jails})");
    }
}

/// What a finding is about; None where it has no place.
fn fault(finding: &Finding) -> Option<Fault> {
    let (file, line) = finding.place()?;
    let (from, to) = finding.columns().unwrap_or_default();
    // what is inherited is said of each jail by its name
    let message = finding.message.replace(&finding.subject, "");
    // the same regex has another number in another option set
    let message: String = message.chars().filter(|c| !c.is_ascii_digit()).collect();
    Some((finding.code, file.to_path_buf(), line, from, to, message))
}
