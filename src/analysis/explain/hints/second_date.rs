//! Another date of the line is taken for its own: the end of a ban, the begin of a session.
//! It shows in times to come, or out of order.

use super::trials::Trial;
use super::{Hint, Search, datepattern, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let dated: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].time.is_some())
        .collect();
    if !search.now.searched || dated.len() < 2 {
        return None;
    }
    let year_last = is_year_last(search, &dated);
    if !year_last && plausible::are_times(search, &search.now) {
        return None;
    }
    let differs = |search: &Search, trial: &Trial| {
        // where the day was taken for the year, what is right is of these days
        if year_last && !is_recent(search, trial) {
            return false;
        }
        let pairs = search.now.lines.iter().zip(&trial.lines);
        let moved = pairs.filter(|(now, then)| now.time != then.time).count();
        let all = trial.lines.iter().all(|line| line.time.is_some());
        moved > 0 && all
    };
    let found = datepattern::candidates(search, &dated, differs);
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
    if let Some(taken) = taken {
        hint.message = format!(
            "`{taken}` is taken for the date of the line; {}",
            hint.message
        );
    }
    Some(hint)
}

/// A year, in seconds.
const YEAR: f64 = 365.25 * 86_400.0;

/// Whether the dates are of three numbers of two digits each and years off: a template takes the
/// last one for the year, which may be the first (`26/11/20`).
fn is_year_last(search: &Search, dated: &[usize]) -> bool {
    let is_of_two_digits = |&at: &usize| {
        let text = &search.evidence.lines[at].text;
        let cut = search.now.lines[at].cut;
        let date = cut.and_then(|(start, end)| text.get(start..end));
        let mut numbers = date
            .into_iter()
            .flat_map(|date| date.split(['/', '-', '.', ' ']));
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
