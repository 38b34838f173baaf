//! The line names its zone, but the template in force ends before it: fractions of nine digits
//! stand between, the zone is a name or in parentheses. The time is then taken for the machine's.

use super::around_date::zone;
use super::second_date::takes;
use super::trial::Trial;
use super::{Hint, Search, datepattern};

/// A difference between zones is so many seconds, or several times that.
const QUARTER: f64 = 900.0;
/// By how much a time may be ahead of now.
const SLACK: f64 = 120.0;

/// Names that fail2ban takes for one zone and others use for another one: China's standard time is
/// not that of Chicago.
const AMBIGUOUS: [&str; 2] = ["CST", "CDT"];

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.now.lines;
    let dated: Vec<usize> = (0..lines.len())
        .filter(|&at| lines[at].time.is_some())
        .collect();
    let is_clear = |text: &str| !AMBIGUOUS.contains(&text.trim_matches([' ', '(', ')']));
    let followed: Vec<usize> = (dated.iter().copied())
        .filter(|&at| behind(search, at).is_some_and(is_clear))
        .collect();
    if !search.now.searched || followed.is_empty() || 2 * followed.len() < dated.len() {
        return None;
    }
    let text = behind(search, followed[0])?.trim().to_string();
    // digits that are left of the date are in the way of a regex even where the zone is our own
    let in_the_way = search.now.counting() == 0 && is_split(search, followed[0]);
    let limit = newest(&search.now)?.max(search.evidence.clock.now_epoch() + SLACK);
    let differs = |search: &Search, trial: &Trial| {
        let is_same_but_for_zone = |&at: &usize| {
            let (now, then) = (&search.now.lines[at], &trial.lines[at]);
            let by_zone = now.time.zip(then.time).is_some_and(|(now, then)| {
                let off = then - now;
                (off - (off / QUARTER).round() * QUARTER).abs() < 1.0 && off.abs() <= 86_400.0
            });
            by_zone && takes(then.cut, now.cut)
        };
        let moved = |&at: &usize| search.now.lines[at].time != trial.lines[at].time;
        dated.iter().all(is_same_but_for_zone)
            && newest(trial).is_some_and(|time| time <= limit)
            && (dated.iter().any(moved) || in_the_way && search.is_of_use(trial))
    };
    let found = datepattern::candidates(search, &followed, differs);
    let mut found = found.into_iter();
    let (offer, trial) = found.find(|(offer, _)| offer.zone)?;
    let mut hint = datepattern::proposed(search, "zone-not-read", offer, trial, followed);
    hint.message = format!(
        "behind the date stands its zone, `{text}`, which is not read; {}",
        hint.message
    );
    Some(hint)
}

fn newest(trial: &Trial) -> Option<f64> {
    let times = trial.lines.iter().filter_map(|line| line.time);
    times.max_by(f64::total_cmp)
}

/// Whether a zone stands behind the date that is cut out of a line.
pub(super) fn follows(search: &Search, at: usize) -> bool {
    behind(search, at).is_some()
}

/// What the line has behind the date that is cut out of it.
fn rest_of<'s>(search: &'s Search, at: usize) -> Option<(&'s str, &'s str)> {
    let (start, end) = search.now.lines[at].cut?;
    let text = &search.evidence.lines[at].text;
    Some((text.get(start..end)?, text.get(end..)?))
}

/// Whether the fraction of the seconds goes on behind the date.
fn is_split(search: &Search, at: usize) -> bool {
    rest_of(search, at).is_some_and(|(date, rest)| {
        let is_digit = |c: char| c.is_ascii_digit();
        date.ends_with(is_digit) && rest.trim_start_matches(['.', ',']).starts_with(is_digit)
    })
}

/// The zone that stands behind the date of a line, where the date ends before it.
fn behind<'s>(search: &'s Search, at: usize) -> Option<&'s str> {
    let (date, rest) = rest_of(search, at)?;
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) if fraction.starts_with(|c: char| c.is_ascii_digit()) => fraction,
        _ => rest,
    };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let (_, length) = zone(rest);
    // `GMT` of `GMT+0200` is half of a zone; `(CET)` behind an offset says the same again
    let is_read = ends_with_zone(date) && !rest.starts_with(['+', '-']);
    (length > 0 && !is_read).then(|| &rest[..length])
}

/// Whether a date as it was found ends with a zone.
fn ends_with_zone(date: &str) -> bool {
    let is_offset = date.rsplit_once(['+', '-']).is_some_and(|(time, offset)| {
        let digits = offset.replace(':', "");
        time.contains(':') && digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
    });
    is_offset || ["UTC", "GMT", "Z"].iter().any(|name| date.ends_with(name))
}
