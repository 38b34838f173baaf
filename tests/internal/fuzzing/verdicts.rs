//! What blocks, threads and machine code must leave as it is, and the reference for it: one
//! session that is given line after line. For the target `lines` and for `tests/internal/parallel.rs`.

use crate::date::{Clock, DateDetector};
use crate::engine::find_failure::SearchObserver;
use crate::engine::{Filter, LineOutcome, Session};
use crate::pattern::Scratch;

/// What is to be the same of a line.
pub(crate) fn verdict(number: u64, outcome: &LineOutcome) -> String {
    let found: Vec<String> = (outcome.found.iter())
        .map(|f| {
            format!(
                "{} {:?} {:?} {} {:?}",
                f.regex, f.id, f.date, f.nofail, f.users
            )
        })
        .collect();
    format!(
        "{number} {:?} {found:?} {} {:?}",
        outcome.ignored_by, outcome.undated_match, outcome.taken
    )
}

/// What is to be the same of the date templates: their order, hits and places.
pub(crate) fn templates(session: &Session) -> Vec<String> {
    let detector = session.detector().expect("a detector was given");
    let rows = detector.templates();
    rows.map(|t| format!("{} {} {:?}", t.template.name(), t.hits, t.distance))
        .collect()
}

/// Has every regex searched for, whatever a prefilter says.
struct SearchAll;

impl SearchObserver for SearchAll {
    const SEARCHES_ALL: bool = true;
}

/// The reference: one line after the other, every regex, by the machine.
pub(crate) fn in_order(
    filter: &Filter,
    detector: &DateDetector,
    clock: &Clock,
    log: &str,
) -> (Vec<String>, Vec<String>) {
    let mut session = Session::new(filter, clock, Some(detector.clone()));
    let mut scratch = Scratch::default();
    let mut verdicts = Vec::new();
    for (line, number) in log.split('\n').zip(1..) {
        let line = line.trim_end_matches('\r');
        if !line.is_empty() && !line.starts_with('#') {
            let outcome = session.observe(line, None, &mut scratch, &mut SearchAll);
            verdicts.push(verdict(number, &outcome));
        }
    }
    (verdicts, templates(&session))
}
