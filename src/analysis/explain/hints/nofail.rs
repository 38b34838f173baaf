//! Every failregex that matches is marked `<F-NOFAIL>`: it helps others, and bans nobody.

use super::change::{RegexChange, RegexOption};
use super::{Change, Hint, Proposal, Search, count, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let marked = |text: &str| text.contains("<F-NOFAIL>");
    // where another failregex does not help, the log level is to be raised
    if search.now.regexes.is_empty() || !search.now.regexes.iter().all(|r| marked(&r.text)) {
        return None;
    }
    let changes = search.now.regexes.iter().map(|source| {
        let text = source
            .text
            .replace("<F-NOFAIL>", "")
            .replace("</F-NOFAIL>", "");
        Change::Regex(RegexChange::new(RegexOption::Failregex, source, Some(text)))
    });
    let changes: Vec<Change> = changes.collect();
    let trial = search.attempt_all(&changes)?;
    let lines = plausible::near_gain(search, &trial)?;
    let regex = trial
        .regexes
        .get(trial.lines[lines[0]].regex?)?
        .text
        .clone();
    Some(search.propose(Proposal {
        code: "nofail-only",
        message: format!(
            "{}, but `<F-NOFAIL>` marks a line that only helps others, and no failregex is without \
             it: it counts as a failure with `{regex}`",
            count(lines.len(), "line matched", "lines matched")
        ),
        change: Some(regex),
        changes,
        trial,
        lines,
    }))
}
