//! The datepattern in force ties the date to the begin of the line (`{^LN-BEG}`, mostly
//! inherited from common.conf), but the log has something before it.

use super::{Change, Hint, Proposal, Search, count, plausible};

/// All default templates, wherever the date stands.
const ANYWHERE: &str = "{DEFAULT}";

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let undated = search
        .now
        .lines
        .iter()
        .filter(|line| line.time.is_none())
        .count();
    if !search.now.searched || 2 * undated < search.now.lines.len() {
        return None;
    }
    let change = Change::Datepattern(ANYWHERE.into());
    let trial = search.attempt(change.clone())?;
    let dated = trial.newly_dated(&search.now);
    let first = *dated.first()?;
    // a number that merely looks like an epoch is no date
    if 2 * dated.len() < undated
        || trial.lost(&search.now) > 0
        || !plausible::are_times(search, &trial)
        || !search.is_of_use(&trial)
    {
        return None;
    }
    // what a default template takes for the day may be the month
    let may_begin_with_day_or_month = |&at: &usize| {
        let cut = trial.lines[at].cut;
        let date = cut.and_then(|(start, end)| search.evidence.lines[at].text.get(start..end));
        date.is_some_and(super::dates::may_begin_with_day_or_month)
    };
    if dated.iter().all(may_begin_with_day_or_month) {
        return None;
    }
    let line = &search.evidence.lines[first].text;
    let (start, end) = trial.lines[first].cut?;
    let (before, date) = (
        line.get(..start)?.to_string(),
        line.get(start..end)?.to_string(),
    );
    let gained = trial.gained(&search.now);
    let more = match gained.len() {
        0 => String::new(),
        n => format!(
            ", and {}",
            count(n, "line more matches", "lines more match")
        ),
    };
    let found = count(dated.len(), "line", "lines");
    let before = super::shortened(before.trim(), 40);
    let given = search.evidence.datepattern.as_ref();
    let message = match given {
        Some(pattern) => format!(
            "the datepattern given (-d '{pattern}') does not find `{date}`: without -d, or with \
             -d '{ANYWHERE}', it is found in {found}{more}"
        ),
        None if before.is_empty() => format!(
            "the filter's datepattern does not find `{date}`: `datepattern = {ANYWHERE}` in the \
             filter's [Definition] finds it in {found}{more}"
        ),
        None => format!(
            "the filter's datepattern wants the date at the begin of the line, but `{before}` \
             stands before `{date}`: `datepattern = {ANYWHERE}` in the filter's [Definition] \
             finds it in {found}{more}"
        ),
    };
    Some(search.propose(Proposal {
        code: "date-not-at-begin",
        message,
        change: Some(format!("datepattern = {ANYWHERE}")),
        changes: vec![change],
        trial,
        lines: dated,
    }))
}
