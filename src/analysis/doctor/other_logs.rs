//! Logs that a jail may have meant, other than those it reads.

use super::files;
use super::hints::files_of;
use super::log_target::LogTarget;
use super::patient::Patient;
use super::service_logs::{named_logs, of_syslog_rules, written_instead};
use crate::config::LogPath;

/// Logs that may have been meant by those of `logs`, the likeliest first.
pub(super) fn candidates(patient: &Patient, logs: &[LogPath]) -> Vec<String> {
    let root = patient.doctor().root;
    let known = patient.logs();
    let target = LogTarget::of(patient);
    let mut all: Vec<String> = target
        .into_iter()
        .flat_map(|target| target.logs(root))
        .collect();
    let filter = patient.parts.filter.as_ref();
    let filter = filter.map_or("", |filter| &filter.name);
    let syslog = is_for_syslog(patient);
    for path in named_logs(root, filter) {
        if !all.contains(&path) && !known.contains(&path) {
            all.push(path);
        }
    }
    for log in logs {
        for path in files::candidates(root, &log.pattern, &known) {
            if !all.contains(&path) {
                all.push(path);
            }
        }
    }
    let mut others = files::of_service(root, filter);
    if syslog {
        others.extend(files::of_syslog(root));
        others.extend(of_syslog_rules(root));
    }
    for path in others {
        if !all.contains(&path) && !known.contains(&path) {
            all.push(path);
        }
    }
    all
}

/// The log that the configuration of a jail's service names in place of those it reads, if that is
/// one of them alone.
pub(super) fn configured(patient: &Patient) -> Option<String> {
    let patterns = patient.log_patterns();
    let filter = patient.parts.filter.as_ref()?;
    let root = patient.doctor().root;
    let log = written_instead(root, &filter.name, patterns.first()?)?;
    (!patient.logs().contains(&log)).then_some(log)
}

/// Whether a jail's filter is for what a syslog daemon writes.
pub(super) fn is_for_syslog(patient: &Patient) -> bool {
    let files = files_of(patient.ward, &patient.jail.name);
    files
        .iter()
        .any(|file| file.ends_with("filter.d/common.conf"))
}
