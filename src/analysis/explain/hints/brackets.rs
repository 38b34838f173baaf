//! The date is cut out of `[…]` and leaves `[]`: `^` then stands before the brackets.

use super::{Hint, Proposal, Search, count, plausible};

/// Brackets of one kind that may be left, and the regex for them.
const PAIRS: [(&str, &str, &str); 3] = [
    ("[", "]", r"(?:\[\])?\s*"),
    ("(", ")", r"(?:\(\))?\s*"),
    ("<", ">", r"(?:<>)?\s*"),
];

/// What a date leaves in front of a text, and a regex for it: the brackets around it, or a blank.
pub(super) fn left_in_front(text: &str) -> Option<(&'static str, &'static str)> {
    const LEFT: [(&str, &str, &str); 4] = [
        ("[]", "`[]`", PAIRS[0].2),
        ("()", "`()`", PAIRS[1].2),
        ("<>", "`<>`", PAIRS[2].2),
        (" ", "a blank", r"\s*"),
    ];
    let mut all = LEFT.iter();
    let (_, name, regex) = all.find(|(left, ..)| text.starts_with(left))?;
    Some((name, regex))
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
