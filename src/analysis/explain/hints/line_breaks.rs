//! A regex asks for several lines (`\n`, `<SKIPLINES>`), and `maxlines` gives it one.

use super::trial::Trial;
use super::{Change, Hint, Proposal, Search, count};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    if search.evidence.filter.is_multi_line() || search.now.counting() > 0 {
        return None;
    }
    let breaks = |text: &str| text.matches(r"\n").count() + 4 * text.matches("<SKIPLINES>").count();
    let most = search
        .now
        .regexes
        .iter()
        .map(|regex| breaks(&regex.text))
        .max()?;
    if most == 0 {
        return None;
    }
    let (lines, trial) = fewest(search, u32::try_from(most + 1).ok()?)?;
    let change = Change::Maxlines(lines);
    let gained = trial.gained(&search.now);
    Some(search.propose(Proposal {
        code: "maxlines",
        message: format!(
            "a failregex asks for a line break, and maxlines is 1: `maxlines = {lines}` in the \
             filter (-L {lines} here) gives it {lines} lines at a time, and it matches {}",
            count(gained.len(), "time", "times")
        ),
        change: Some(format!("maxlines = {lines}")),
        changes: vec![change],
        trial,
        lines: gained,
    }))
}

/// The fewest lines with which most matches. With more lines than belong together a match begins in
/// the lines of one and ends in those of another: the matches that there are with fewer must stay.
fn fewest(search: &mut Search, most: u32) -> Option<(u32, Trial)> {
    let mut best: Option<(u32, Trial)> = None;
    for lines in 2..=most {
        let Some(trial) = search.attempt(Change::Maxlines(lines)) else {
            continue;
        };
        let counts = trial.counting();
        let (known, stays) = best.as_ref().map_or((0, true), |(_, before)| {
            let pairs = &mut before.lines.iter().zip(&trial.lines);
            (
                before.counting(),
                pairs.all(|(before, now)| !before.counts || before.ids == now.ids),
            )
        });
        if !stays {
            break;
        }
        if counts > known {
            best = Some((lines, trial));
        }
    }
    best
}
