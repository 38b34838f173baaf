//! Another date of the line is taken for its own: the end of a ban, the begin of a session.
//! It shows in times to come, or out of order. Or a part of the date is: the time without the day
//! behind it. Or the datepattern says where the date stands, and reads nothing of it.

use super::trials::Trial;
use super::{Hint, Search, datepattern, plausible, time_first};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let dated: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].time.is_some())
        .collect();
    if !search.now.searched || dated.len() < 2 {
        return None;
    }
    let year_last = is_year_last(search, &dated);
    let is_part = is_time_alone(search, &dated);
    let is_unread = is_unread(search, &dated);
    if !year_last && !is_part && !is_unread && plausible::are_times(search, &search.now) {
        return None;
    }
    let differs = |search: &Search, trial: &Trial| {
        // where the day was taken for the year, what is right is of these days
        if year_last && !is_recent(search, trial) {
            return false;
        }
        let pairs = || search.now.lines.iter().zip(&trial.lines);
        let moved = pairs().filter(|(now, then)| now.time != then.time).count();
        let all = trial.lines.iter().all(|line| line.time.is_some());
        let takes_all = pairs().all(|(now, then)| takes(then.cut, now.cut));
        moved > 0 && all && (takes_all || !(is_part || is_unread))
    };
    let found = datepattern::candidates(search, &dated, differs);
    if let Some(hint) = datepattern::ambiguous(search, &found, &dated) {
        return Some(hint);
    }
    let (offer, trial) = found.into_iter().next()?;
    let pairs = search.now.lines.iter().zip(&trial.lines).enumerate();
    let moved: Vec<usize> = pairs
        .filter(|(_, (now, then))| now.time != then.time)
        .map(|(at, _)| at)
        .collect();
    let taken = search.now.lines[moved[0]].cut;
    let taken =
        taken.map(|(start, end)| search.evidence.lines[moved[0]].text[start..end].to_string());
    let mut hint = datepattern::proposed(search, "other-date", offer, trial, moved);
    if is_unread {
        hint.message = format!(
            "the datepattern says where the date stands, but has no `%Y`, `%m`, … that read it, so \
             that every line has the same time; {}",
            hint.message
        );
    } else if let Some(taken) = taken {
        hint.message = format!(
            "`{taken}` is taken for the date of the line; {}",
            hint.message
        );
    }
    Some(hint)
}

/// Where in its line a date was found.
pub(super) type Cut = Option<(usize, usize)>;

/// Whether a date takes at least what another one takes.
pub(super) fn takes(then: Cut, now: Cut) -> bool {
    match (then, now) {
        (Some(then), Some(now)) => then.0 <= now.0 && now.1 <= then.1,
        (_, now) => now.is_none(),
    }
}

fn date_of<'s>(search: &'s Search, at: usize) -> &'s str {
    let text = &search.evidence.lines[at].text;
    let cut = search.now.lines[at].cut;
    cut.and_then(|(start, end)| text.get(start..end))
        .unwrap_or_default()
}

/// Whether only a time was found in every line: fail2ban takes it for one of today or yesterday.
fn is_time_alone(search: &Search, dated: &[usize]) -> bool {
    dated
        .iter()
        .all(|&at| time_first::is_time_alone(date_of(search, at)))
}

/// Whether dates that differ were all read as the same time.
fn is_unread(search: &Search, dated: &[usize]) -> bool {
    let lines = &search.now.lines;
    let first = dated[0];
    dated.iter().all(|&at| lines[at].time == lines[first].time)
        && dated
            .iter()
            .any(|&at| date_of(search, at) != date_of(search, first))
}

/// A year, in seconds.
const YEAR: f64 = 365.25 * 86_400.0;

/// Whether the dates are of three numbers of two digits each and years off: a template takes the
/// last one for the year, which may be the first (`26/11/20`).
fn is_year_last(search: &Search, dated: &[usize]) -> bool {
    let is_of_two_digits = |&at: &usize| {
        let mut numbers = date_of(search, at).split(['/', '-', '.', ' ']);
        let is_pair =
            |number: &str| number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
        (0..3).all(|_| numbers.next().is_some_and(is_pair))
    };
    dated.iter().all(is_of_two_digits) && !is_near(search, &search.now, 2.0 * YEAR)
}

/// Whether the newest time is less than a year ago.
fn is_recent(search: &Search, trial: &Trial) -> bool {
    is_near(search, trial, YEAR)
}

fn is_near(search: &Search, trial: &Trial, most: f64) -> bool {
    let newest = trial
        .lines
        .iter()
        .filter_map(|line| line.time)
        .max_by(f64::total_cmp);
    newest.is_some_and(|time| search.evidence.clock.now_epoch() - time < most)
}
