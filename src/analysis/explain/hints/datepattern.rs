//! No template knows the date: a datepattern is made from how the date looks in the lines.

use super::dates::{self, DateCandidate};
use super::epochs;
use super::events::{self, Event};
use super::trial::Trial;
use super::{Change, Hint, Proposal, Search, count, plausible};

/// Patterns tried on the sample at most.
const TRIED: usize = 60;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.now.lines;
    let undated: Vec<usize> = (0..lines.len())
        .filter(|&at| lines[at].time.is_none())
        .collect();
    if !search.now.searched || 2 * undated.len() < lines.len() || undated.is_empty() {
        return None;
    }
    let least = undated.len().div_ceil(2);
    let found = candidates(search, &undated, |search, trial| {
        let dated = trial.newly_dated(&search.now).len();
        dated >= least && search.is_of_use(trial) && !is_of_event(search, trial)
    });
    let Some((candidate, trial)) = found.first() else {
        return unreadable(search, &undated);
    };
    let dated = trial.newly_dated(&search.now);
    if let Some(hint) = ambiguous(search, &found, &dated) {
        return Some(hint);
    }
    let (candidate, trial) = (candidate.clone(), trial.clone());
    Some(proposed(search, "datepattern", candidate, trial, dated))
}

/// Whether the dates are of what the line says is to come, or has been: the same in all lines.
fn is_of_event(search: &Search, trial: &Trial) -> bool {
    match events::read_by(search, trial) {
        None => false,
        Some(Event::Ahead) => true,
        Some(Event::Past) => {
            let mut times = trial.lines.iter().filter_map(|line| line.time);
            let first = times.next();
            times.clone().count() > 1 && times.all(|time| Some(time) == first)
        }
    }
}

/// The hint where day and month may change places and all still fits: which it is, the log does not
/// tell.
pub(super) fn ambiguous(
    search: &Search,
    found: &[(DateCandidate, Trial)],
    lines: &[usize],
) -> Option<Hint> {
    let (candidate, trial) = found.first()?;
    let twin = swapped(&candidate.pattern);
    let dates = |trial: &Trial, at: usize| trial.lines[at].time.is_some();
    let (other, _) = found.iter().skip(1).find(|(other, other_trial)| {
        candidate.day_or_month_first
            && other.pattern == twin
            && (0..trial.lines.len()).all(|at| dates(trial, at) == dates(other_trial, at))
    })?;
    both(search, &candidate.pattern, &other.pattern, lines.to_vec())
}

/// The hint for a datepattern that was tried.
pub(super) fn proposed(
    search: &mut Search,
    code: &'static str,
    candidate: DateCandidate,
    trial: Trial,
    lines: Vec<usize>,
) -> Hint {
    let example = lines.first().copied().unwrap_or_default();
    let shown = match trial.lines[example].cut {
        Some((start, end)) => search.evidence.lines[example].text[start..end].to_string(),
        None => String::new(),
    };
    let doubled = candidate.pattern.replace('%', "%%");
    let gained = trial.gained(&search.now).len();
    let more = match gained {
        0 => String::new(),
        n => format!(", {}", count(n, "line more matches", "lines more match")),
    };
    let number = count(lines.len(), "line", "lines");
    search.propose(Proposal {
        code,
        message: format!(
            "the date is `{shown}`: `datepattern = {doubled}` in the filter (-d '{}' here) finds \
             it in {number}{more}",
            candidate.pattern
        ),
        change: Some(format!("datepattern = {doubled}")),
        changes: vec![Change::Datepattern(candidate.pattern)],
        trial,
        lines,
    })
}

/// The datepatterns that read the log rightly, the best first.
pub(super) fn candidates(
    search: &mut Search,
    lines: &[usize],
    suits: impl Fn(&Search, &Trial) -> bool,
) -> Vec<(DateCandidate, Trial)> {
    let mut tried: Vec<String> = Vec::new();
    let mut found: Vec<(DateCandidate, Trial)> = Vec::new();
    let picked = [lines[0], lines[lines.len() / 2], lines[lines.len() - 1]];
    for at in picked {
        for candidate in dates::patterns_of(&search.evidence.lines[at].text) {
            if tried.contains(&candidate.pattern) || tried.len() >= TRIED {
                continue;
            }
            tried.push(candidate.pattern.clone());
            let Some(trial) = search.attempt(Change::Datepattern(candidate.pattern.clone())) else {
                continue;
            };
            let right = trial.lost(&search.now) == 0
                && plausible::are_times(search, &trial)
                && plausible::keeps_ids(search, &trial)
                && epochs::are_recent(search, &candidate, &trial);
            if right && suits(search, &trial) {
                found.push((candidate, trial));
            }
        }
    }
    let dated = |trial: &Trial| {
        trial
            .lines
            .iter()
            .filter(|line| line.time.is_some())
            .count()
    };
    let worth = |(candidate, trial): &(DateCandidate, Trial)| {
        (
            dated(trial),
            trial.counting(),
            candidate.zone,
            candidate.pattern.contains("%f"),
        )
    };
    // a stable sort: the likeliest stays first
    found.sort_by_key(|found| std::cmp::Reverse(worth(found)));
    found
}

/// Day and month the other way round.
fn swapped(pattern: &str) -> String {
    pattern
        .replace("%d", "%\u{0}")
        .replace("%m", "%d")
        .replace("%\u{0}", "%m")
}

fn both(search: &Search, one: &str, other: &str, lines: Vec<usize>) -> Option<Hint> {
    let example = *lines.first()?;
    Some(Hint {
        code: "day-or-month".into(),
        message: format!(
            "the log does not tell whether the day or the month comes first: it is \
             -d '{one}' or -d '{other}' (in a filter with every % doubled)"
        ),
        change: None,
        apply: None,
        lines: lines.len() as u64,
        example: search.example(example),
    })
}

/// Why there is no datepattern for these dates.
fn unreadable(search: &Search, undated: &[usize]) -> Option<Hint> {
    let lines = &search.evidence.lines;
    let such: Vec<usize> = undated
        .iter()
        .copied()
        .filter(|&at| dates::unreadable(&lines[at].text).is_some())
        .collect();
    if 2 * such.len() < lines.len() {
        return None;
    }
    let &first = such.first()?;
    let what = dates::unreadable(&lines[first].text)?;
    Some(Hint {
        code: "date-unreadable".into(),
        message: format!(
            "the date is {what}, which fail2ban cannot read by any datepattern: let the daemon log \
             year, month and day, or seconds since 1970"
        ),
        change: None,
        apply: None,
        lines: such.len() as u64,
        example: search.example(first),
    })
}
