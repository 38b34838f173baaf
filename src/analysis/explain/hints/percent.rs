//! `%%` on the command line: doubled as in a configuration file, where it means `%`.

use super::{Change, Hint, Proposal, Search, count};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let given = search
        .evidence
        .datepattern
        .clone()
        .filter(|p| p.contains("%%"))?;
    let single = given.replace("%%", "%");
    let change = Change::Datepattern(single.clone());
    let trial = search.attempt(change.clone())?;
    let dated = trial.newly_dated(&search.now);
    if dated.is_empty() {
        return None;
    }
    Some(search.propose(Proposal {
        code: "doubled-percent",
        message: format!(
            "`%%` on the command line must be `%`: -d '{single}' finds the date of {}; only in a \
             configuration file is it doubled",
            count(dated.len(), "line", "lines")
        ),
        change: Some(format!("-d '{single}'")),
        changes: vec![change],
        trial,
        lines: dated,
    }))
}
