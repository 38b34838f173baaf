//! A regex asks for several lines (`\n`, `<SKIPLINES>`), and `maxlines` gives it one.

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
    let lines = u32::try_from(most + 1).ok()?;
    let change = Change::Maxlines(lines);
    let trial = search.attempt(change.clone())?;
    let gained = trial.gained(&search.now);
    if gained.is_empty() {
        return None;
    }
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
