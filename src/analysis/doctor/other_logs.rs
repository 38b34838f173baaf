//! Logs that a jail may have meant, other than those it reads.

use super::files;
use super::finding::Figures;
use super::log_target::LogTarget;
use super::patient::Patient;
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
    for log in logs {
        for path in files::candidates(root, &log.pattern, &known) {
            if !all.contains(&path) {
                all.push(path);
            }
        }
    }
    let filter = patient.parts.filter.as_ref();
    for path in files::of_service(root, filter.map_or("", |filter| &filter.name)) {
        if !all.contains(&path) && !known.contains(&path) {
            all.push(path);
        }
    }
    all
}

/// Another log in which the filter finds something.
pub(super) fn best(patient: &Patient) -> Option<(String, Figures)> {
    patient.best_log(&candidates(patient, &patient.parts.input.logs))
}
