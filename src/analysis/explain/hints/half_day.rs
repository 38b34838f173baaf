//! A default template reads the hours of a date and leaves the `PM` behind it: the time is off by
//! half a day.

use super::trials::Trial;
use super::{Hint, Search, datepattern};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let halves: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| is_followed(search, at).unwrap_or(false))
        .collect();
    if halves.is_empty() || 2 * halves.len() < search.now.lines.len() {
        return None;
    }
    let differs = |search: &Search, trial: &Trial| {
        let moved = |at: &usize| search.now.lines[*at].time != trial.lines[*at].time;
        let dated = |at: &usize| trial.lines[*at].time.is_some();
        halves.iter().any(moved) && halves.iter().all(dated)
    };
    let found = datepattern::candidates(search, &halves, differs);
    let mut found = found.into_iter();
    let (offer, trial) = found.find(|(offer, _)| offer.pattern.contains("%p"))?;
    let mut hint = datepattern::proposed(search, "half-day", offer, trial, halves);
    hint.message = format!("AM or PM behind the time is not read; {}", hint.message);
    Some(hint)
}

/// Whether AM or PM stands behind the date that is cut out of a line.
fn is_followed(search: &Search, at: usize) -> Option<bool> {
    let (_, end) = search.now.lines[at].cut?;
    let rest = search.evidence.lines[at].text.get(end..)?;
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let half = rest.get(..2)?;
    let ends = !rest[2..].starts_with(|c: char| c.is_alphanumeric());
    Some(ends && (half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm")))
}
