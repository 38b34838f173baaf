//! Another date of the line is taken for its own: the end of a ban, the begin of a session.
//! It shows in times to come, or out of order. Or a part of the date is: the time without the day
//! behind it. Or the datepattern says where the date stands, and reads nothing of it, or takes the
//! minutes for the month.

use super::events::{self, Event};
use super::trial::{Trial, TrialLine};
use super::{Hint, Search, datepattern, plausible, time_first};

/// What is wrong with the dates that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// They lie ahead, or go back.
    NoTimes,
    /// The day was taken for the year.
    YearLast,
    /// They are times without their days.
    Part,
    /// Nothing of them is read.
    Unread,
    /// `%M` stands for the month.
    Minutes,
    /// They are of an event that the line tells of.
    Event(Event),
    /// They are the same in all lines.
    Constant,
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let dated: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].time.is_some())
        .collect();
    if !search.now.searched || dated.len() < 2 {
        return None;
    }
    let fault = fault(search, &dated)?;
    let found = datepattern::candidates(search, &dated, |search, trial| {
        is_mended(search, trial, fault)
    });
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
    let what = match (fault, taken) {
        (Fault::Unread, _) => {
            "the datepattern says where the date stands, but has no `%Y`, `%m`, … \
                               that read it, so that every line has the same time"
                .to_string()
        }
        (Fault::Minutes, _) => "`%M` are the minutes, `%m` is the month".to_string(),
        (_, Some(taken)) => format!("`{taken}` is taken for the date of the line"),
        _ => return Some(hint),
    };
    hint.message = format!("{what}; {}", hint.message);
    Some(hint)
}

fn fault(search: &Search, dated: &[usize]) -> Option<Fault> {
    if is_year_last(search, dated) {
        return Some(Fault::YearLast);
    }
    if is_time_alone(search, dated) {
        return Some(Fault::Part);
    }
    if is_unread(search, dated) {
        return Some(Fault::Unread);
    }
    if has_minutes_for_month(search) {
        return Some(Fault::Minutes);
    }
    if !plausible::are_times(search, &search.now) {
        return Some(Fault::NoTimes);
    }
    if let Some(event) = events::read_by(search, &search.now) {
        return Some(Fault::Event(event));
    }
    is_constant(search, dated).then_some(Fault::Constant)
}

/// Whether the dates of a trial are without the fault.
fn is_mended(search: &Search, trial: &Trial, fault: Fault) -> bool {
    // where the day was taken for the year, what is right is of these days
    if fault == Fault::YearLast && !is_recent(search, trial) {
        return false;
    }
    let pairs = || search.now.lines.iter().zip(&trial.lines);
    let moved = pairs().filter(|(now, then)| now.time != then.time).count();
    if moved == 0 || trial.lines.iter().any(|line| line.time.is_none()) {
        return false;
    }
    let beside = || {
        let all = || pairs().filter(|(now, _)| now.cut.is_some());
        events::read_by(search, trial).is_none()
            && all().all(|(now, then)| is_beside(then.cut, now.cut))
    };
    let behind = || pairs().all(|(now, then)| now.time.is_none() || then.time >= now.time);
    match fault {
        Fault::NoTimes => events::read_by(search, trial).is_none(),
        Fault::YearLast => true,
        Fault::Part | Fault::Unread | Fault::Minutes => {
            pairs().all(|(now, then)| takes(then.cut, now.cut))
        }
        Fault::Event(Event::Past) => beside() && behind(),
        Fault::Event(Event::Ahead) => {
            beside() && pairs().all(|(now, then)| now.time.is_none() || then.time <= now.time)
        }
        Fault::Constant => {
            // of one second there may be several lines: the day must be another one
            let is_far = |(now, then): (&TrialLine, &TrialLine)| {
                let far = now.time.zip(then.time);
                far.is_some_and(|(now, then)| then - now > DAY)
            };
            let first = trial.lines[0].time;
            beside() && pairs().all(is_far) && trial.lines.iter().any(|line| line.time != first)
        }
    }
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

/// Whether two dates have no part of the line in common.
fn is_beside(one: Cut, other: Cut) -> bool {
    one.zip(other)
        .is_some_and(|(one, other)| one.1 <= other.0 || other.1 <= one.0)
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

/// Whether a datepattern has the minutes next to year or day, or the month next to the hours.
fn has_minutes_for_month(search: &Search) -> bool {
    const SWAPPED: [(&str, &str); 3] = [("%Y", "%M"), ("%d", "%M"), ("%H", "%m")];
    let Some(pattern) = search.datepattern() else {
        return false;
    };
    let is_sign = |c: char| !c.is_alphanumeric() && c != '%';
    let follows = |(one, other): &(&str, &str)| {
        let mut all = pattern.match_indices(one).map(|(at, _)| at + one.len());
        all.any(|end| {
            pattern[end..]
                .trim_start_matches(is_sign)
                .starts_with(other)
        })
    };
    SWAPPED.iter().any(follows)
}

/// Lines that must have the same date for it not to be theirs.
const MANY: usize = 3;

/// Whether every line has the same date, which does not stand at its begin.
fn is_constant(search: &Search, dated: &[usize]) -> bool {
    let lines = &search.now.lines;
    let is_inside = |at: usize| {
        let begin = lines[at].cut.map_or(0, |(start, _)| start);
        let before = search.evidence.lines[at].text.get(..begin);
        before.is_some_and(|before| before.contains(char::is_alphanumeric))
    };
    let is_same = |&at: &usize| lines[at].time == lines[dated[0]].time && is_inside(at);
    dated.len() >= MANY && dated.iter().all(is_same)
}

/// A day and a year, in seconds.
const DAY: f64 = 86_400.0;
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
