//! A datepattern for dates that no template knows, where hints leave it open: made of how the date
//! of the last line looks, then tried.

use super::filter::{BuiltFilter, Replaced};
use super::finding::Figures;
use super::hints;
use super::patient::Patient;
use super::reading::Reading;
use crate::analysis::explain::hints::dates::patterns_of;
use crate::config::Setting;
use crate::engine::Session;
use crate::pattern::Scratch;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// Patterns that find the date of the last line, at most: each reads the log.
const TRIED: usize = 24;
/// Of those in the frame of the jail's own datepattern.
const FRAMED: usize = 8;

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
    let framed: Vec<String> = own_frame(patient).map_or(Vec::new(), |frame| {
        whole
            .iter()
            .filter_map(|pattern| frame.around(pattern))
            .collect()
    });
    let dated = move |pattern: String| {
        let built = dating(patient, &pattern, &last)?;
        Some((pattern, built))
    };
    let framed = framed.into_iter().filter_map(dated.clone());
    let others = whole.into_iter().chain(cut).filter_map(dated);
    let tried = framed.take(FRAMED).chain(others.take(TRIED));
    tried.map(|(pattern, built)| (pattern, patient.read_with(&built)))
}

/// What stands before and behind the date in a datepattern, such as the key of a JSON object: it is
/// cut out of the line along with the date.
struct Frame {
    before: String,
    behind: String,
}

impl Frame {
    /// That of a datepattern whose date is one piece.
    fn of(pattern: &str) -> Option<Frame> {
        let (begin, end) = directives(pattern).filter(|_| !pattern.contains('\n'))?;
        // `(%z)?` is a part of the date
        let behind = pattern[end..].trim_start_matches([')', '?']);
        Some(Frame {
            before: pattern[..begin].to_owned(),
            behind: behind.to_owned(),
        })
    }

    /// The frame around the date of another pattern.
    fn around(&self, pattern: &str) -> Option<String> {
        let (begin, end) = directives(pattern)?;
        let date = &pattern[begin..end];
        Some(format!("{}{date}{}", self.before, self.behind))
    }
}

/// From the first directive of a pattern to the end of the last one.
fn directives(pattern: &str) -> Option<(usize, usize)> {
    let last = pattern.rfind('%')?;
    let name = pattern[last + 1..].chars().next()?;
    Some((pattern.find('%')?, last + 1 + name.len_utf8()))
}

/// The frame of the jail's own datepattern, which may be for dates of another form.
fn own_frame(patient: &Patient) -> Option<Frame> {
    let settings = patient.settings(patient.reads_journal(), &patient.jail.name)?;
    let own = settings.iter().find_map(|setting| match setting {
        Setting::Datepattern(value) => Some(value.text.clone()),
        _ => None,
    })?;
    Frame::of(&own).filter(|frame| !frame.before.is_empty())
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
