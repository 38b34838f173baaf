//! The datepattern, or the template that fail2ban finds by itself, ends before the date does: the
//! seconds, or their fraction, are left in the line, where they are in the way of a regex.

use super::second_date::takes;
use super::trial::Trial;
use super::{Hint, Search, datepattern};

/// By how much a time may move: the seconds were read as none.
const MINUTE: f64 = 60.0;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let is_split = |at: &usize| rest(search, *at).is_some();
    let split: Vec<usize> = (0..search.now.lines.len()).filter(is_split).collect();
    let &first = split.first()?;
    if 2 * split.len() < search.now.lines.len() {
        return None;
    }
    let text = rest(search, first)?.to_string();
    let is_whole = |search: &Search, trial: &Trial| {
        let reads_more = |&at: &usize| {
            let (now, then) = (&search.now.lines[at], &trial.lines[at]);
            let moved = now.time.zip(then.time).map(|(now, then)| then - now);
            takes(then.cut, now.cut) && moved.is_some_and(|by| (0.0..MINUTE).contains(&by))
        };
        split.iter().all(reads_more) && !trial.gained(&search.now).is_empty()
    };
    let found = datepattern::candidates(search, &split, is_whole);
    let (offer, trial) = found.into_iter().next()?;
    let mut hint = datepattern::proposed(search, "date-cut-short", offer, trial, split);
    hint.message = format!("`{text}` of the date is left in the line; {}", hint.message);
    Some(hint)
}

/// The seconds or the fraction that are left behind what is cut out of a line.
fn rest<'s>(search: &'s Search, at: usize) -> Option<&'s str> {
    let (_, end) = search.now.lines[at].cut?;
    let behind = search.evidence.lines[at].text.get(end..)?;
    let digits = behind.strip_prefix([':', '.', ','])?;
    let is_part = |c: char| c.is_ascii_digit() || ".,".contains(c);
    let length = 1 + digits.find(|c| !is_part(c)).unwrap_or(digits.len());
    let is_time = digits.starts_with(|c: char| c.is_ascii_digit()) && length > 2;
    is_time.then_some(&behind[..length])
}
