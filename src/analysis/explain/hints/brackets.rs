//! The date is cut out of `[…]` and leaves `[]`: `^` then stands before the brackets.

use super::{Hint, Proposal, Search, count, plausible};

/// Brackets of one kind that may be left, and the regex for them.
const PAIRS: [(&str, &str, &str); 3] = [
    ("[", "]", r"(?:\[\])?\s*"),
    ("(", ")", r"(?:\(\))?\s*"),
    ("<", ">", r"(?:<>)?\s*"),
];

/// What a date leaves in front of a text, in words, and a regex for it: a blank, or the brackets
/// around it.
pub(super) fn left_in_front(text: &str) -> Option<(String, &'static str)> {
    if text.starts_with([' ', '\t']) {
        return Some(("a blank".into(), r"\s*"));
    }
    PAIRS.iter().find_map(|(open, close, regex)| {
        let left = format!("{open}{close}");
        text.starts_with(&left)
            .then(|| (format!("`{left}`"), *regex))
    })
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    PAIRS.iter().find_map(|pair| try_pair(search, pair))
}

fn try_pair(search: &mut Search, (open, close, inserted): &(&str, &str, &str)) -> Option<Hint> {
    let left = format!("{open}{close}");
    let leaves =
        |line: &super::trial::TrialLine| line.cut.is_some() && line.text.starts_with(&left);
    if !search
        .now
        .lines
        .iter()
        .any(|line| !line.counts && leaves(line))
    {
        return None;
    }
    let (changes, trial) = search.behind_caret(inserted)?;
    let gained = plausible::gain(search, &trial)?;
    let source = trial.source_of(*gained.first()?)?.text.clone();
    Some(search.propose(Proposal {
        code: "brackets-left",
        message: format!(
            "{} of {} missed match if `{inserted}` stands after `^`: the date leaves `{left}` \
             behind",
            count(gained.len(), "line", "lines"),
            search.missed()
        ),
        change: Some(source),
        changes,
        trial,
        lines: gained,
    }))
}
