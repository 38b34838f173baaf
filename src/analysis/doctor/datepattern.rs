//! A datepattern for dates that no template knows, where hints leave it open: made of how the date
//! of the last line looks, then tried.

use super::filter::Replaced;
use super::finding::Figures;
use super::hints;
use super::patient::Patient;
use crate::analysis::explain::hints::dates::patterns_of;
use crate::engine::Session;
use crate::pattern::Scratch;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// Patterns that find the date of the last line, at most: each reads the log.
const TRIED: usize = 24;

/// Where a datepattern of the jail's filter is written, as a change says it.
pub(super) fn place(patient: &Patient) -> String {
    if patient.sets_itself("datepattern") {
        return patient.section();
    }
    let filter = patient.parts.filter.as_ref();
    let name = filter.map_or("", |filter| filter.name.as_str());
    format!("[Definition] of filter.d/{name}.local")
}

/// A datepattern that finds dates which are not in the future, and what the jail finds with it:
/// one with which something matches, if there is one, and of these the one whose dates are the
/// newest (day and month may be taken for each other).
pub(super) fn find(patient: &Patient) -> Option<(String, Figures)> {
    let lines = hints::sample(patient);
    let last = &lines.last()?.text;
    let clock = patient.doctor().clock;
    let tomorrow = clock.now_epoch() + DAY;
    let mut scratch = Scratch::default();
    let mut tried = 0;
    let mut best: Option<(bool, f64, String, Figures)> = None;
    for candidate in patterns_of(last) {
        let replaced = Replaced {
            datepattern: Some(&candidate.pattern),
            ..Replaced::default()
        };
        let Some(built) = patient.rebuilt(false, replaced) else {
            continue;
        };
        let mut session = Session::new(&built.filter, clock, Some(built.detector.clone()));
        session.line(last, &mut scratch);
        if session.last_date().is_none() || tried >= TRIED {
            continue;
        }
        tried += 1;
        let reading = patient.read_with(&built);
        let Some(newest) = reading.newest().filter(|newest| *newest < tomorrow) else {
            continue;
        };
        let key = (reading.matched > 0, newest);
        if best
            .as_ref()
            .is_none_or(|(matches, newest, _, _)| key > (*matches, *newest))
        {
            best = Some((key.0, key.1, candidate.pattern, patient.figures(&reading)));
        }
    }
    best.map(|(_, _, pattern, figures)| (pattern, figures))
}
