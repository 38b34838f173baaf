//! Another date of the line is taken for its own: the end of a ban, the begin of a session.
//! It shows in times to come, or out of order.

use super::trials::Trial;
use super::{Hint, Search, datepattern, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let dated: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].time.is_some())
        .collect();
    if !search.now.searched || dated.len() < 2 || plausible::are_times(search, &search.now) {
        return None;
    }
    let differs = |search: &Search, trial: &Trial| {
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
