//! A datepattern for dates that no template knows, where hints leave it open: made of how the date
//! of the last line looks, then tried.

use super::filter::{BuiltFilter, Replaced};
use super::finding::Figures;
use super::hints;
use super::patient::Patient;
use super::reading::Reading;
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
    let clock = patient.doctor().clock;
    let tomorrow = clock.now_epoch() + DAY;
    let mut best: Option<(bool, f64, String, Figures)> = None;
    for (pattern, reading) in readings(patient) {
        let Some(newest) = reading.newest().filter(|newest| *newest < tomorrow) else {
            continue;
        };
        let key = (reading.matched > 0, newest);
        if best
            .as_ref()
            .is_none_or(|(matches, newest, _, _)| key > (*matches, *newest))
        {
            best = Some((key.0, key.1, pattern, patient.figures(&reading)));
        }
    }
    best.map(|(_, _, pattern, figures)| (pattern, figures))
}

/// Datepatterns that find a date in the last line, and what the jail reads with each.
pub(super) fn readings<'p>(patient: &'p Patient) -> impl Iterator<Item = (String, Reading)> + 'p {
    let last = last_line(patient).unwrap_or_default();
    let whole: Vec<String> = patterns_of(&last)
        .into_iter()
        .map(|candidate| candidate.pattern)
        .collect();
    // a filter that takes one word before what it looks for may need the fraction to be that word
    let cut: Vec<String> = whole
        .iter()
        .filter_map(|pattern| {
            let ends = [r"\.%f\d*", r"\.%f", ",%f"].into_iter();
            let mut cut = ends.filter_map(|end| pattern.strip_suffix(end));
            cut.next().map(str::to_owned)
        })
        .collect();
    let found = whole.into_iter().chain(cut).filter_map(move |pattern| {
        let built = dating(patient, &pattern, &last)?;
        Some((pattern, built))
    });
    let tried = found.take(TRIED);
    tried.map(|(pattern, built)| (pattern, patient.read_with(&built)))
}

/// The jail's filter with another datepattern, if that finds a date in a line.
pub(super) fn dating(patient: &Patient, pattern: &str, line: &str) -> Option<BuiltFilter> {
    let replaced = Replaced {
        datepattern: Some(pattern),
        ..Replaced::default()
    };
    let built = patient.rebuilt(false, replaced)?;
    let clock = patient.doctor().clock;
    let mut session = Session::new(&built.filter, clock, Some(built.detector.clone()));
    session.line(line, &mut Scratch::default());
    session.last_date()?;
    Some(built)
}

/// The last line that a jail reads.
pub(super) fn last_line(patient: &Patient) -> Option<String> {
    hints::sample(patient).pop().map(|line| line.text)
}
