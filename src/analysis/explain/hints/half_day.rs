//! The hours of a date are read and the `PM` behind them is not: the time is off by half a day. A
//! default template leaves it in the line, or the datepattern has `%H`, which counts to 23, beside
//! `%p`, which is then of no effect.

use super::trial::Trial;
use super::{Hint, Search, datepattern};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = 0..search.now.lines.len();
    let followed = |at: &usize| is_followed(search, *at).unwrap_or(false);
    let halves: Vec<usize> = lines
        .filter(|at| followed(at) || is_inside(search, *at).unwrap_or(false))
        .collect();
    if halves.is_empty() || 2 * halves.len() < search.now.lines.len() {
        return None;
    }
    let left = followed(&halves[0]);
    let differs = |search: &Search, trial: &Trial| {
        let moved = |at: &usize| search.now.lines[*at].time != trial.lines[*at].time;
        let dated = |at: &usize| trial.lines[*at].time.is_some();
        halves.iter().any(moved) && halves.iter().all(dated)
    };
    let found = datepattern::candidates(search, &halves, differs);
    let mut found = found.into_iter();
    let (offer, trial) = found.find(|(offer, _)| offer.pattern.contains("%p"))?;
    let mut hint = datepattern::proposed(search, "half-day", offer, trial, halves);
    hint.message = if left {
        format!("AM or PM behind the time is not read; {}", hint.message)
    } else {
        format!(
            "`%p` tells AM from PM only where the hours are `%I`, not `%H`; {}",
            hint.message
        )
    };
    Some(hint)
}

/// Whether AM or PM stands behind the date that is cut out of a line.
fn is_followed(search: &Search, at: usize) -> Option<bool> {
    let (_, end) = search.now.lines[at].cut?;
    Some(begins_with_half(search.evidence.lines[at].text.get(end..)?))
}

/// Whether AM or PM stands behind the time, within the date.
fn is_inside(search: &Search, at: usize) -> Option<bool> {
    let (start, end) = search.now.lines[at].cut?;
    let date = search.evidence.lines[at].text.get(start..end)?;
    let mut digits = date
        .char_indices()
        .filter(|(_, c)| c.is_ascii_digit())
        .map(|(at, _)| at + 1);
    Some(digits.any(|behind| begins_with_half(&date[behind..])))
}

fn begins_with_half(text: &str) -> bool {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let Some(half) = text.get(..2) else {
        return false;
    };
    let ends = !text[2..].starts_with(|c: char| c.is_alphanumeric());
    ends && (half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm"))
}
