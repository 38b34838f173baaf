//! The journalmatch selects no entry, and another would select what the filter finds.

use super::{Change, Hint, Search};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let trial = search.evidence.journalmatch.as_ref()?;
    let other = trial.instead.clone();
    Some(Hint {
        code: "journalmatch".into(),
        message: format!("{}: `-m '{other}'`", trial.message),
        change: Some(format!("journalmatch = {other}")),
        apply: Some(vec![Change::Journalmatch(other)]),
        lines: trial.entries,
        example: None,
    })
}
