//! The date is cut out of `[…]` and leaves `[]`: `^` then stands before the brackets.

use super::{Change, Hint, Search, count};

/// Brackets of one kind that may be left, and the regex for them.
const PAIRS: [(&str, &str, &str); 3] = [
    ("[", "]", r"(?:\[\])?\s*"),
    ("(", ")", r"(?:\(\))?\s*"),
    ("<", ">", r"(?:<>)?\s*"),
];

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    PAIRS.iter().find_map(|pair| try_pair(search, pair))
}

fn try_pair(search: &mut Search, (open, close, inserted): &(&str, &str, &str)) -> Option<Hint> {
    let left = format!("{open}{close}");
    let leaves =
        |line: &super::trials::TrialLine| line.cut.is_some() && line.text.starts_with(&left);
    if !search
        .now
        .lines
        .iter()
        .any(|line| !line.counts && leaves(line))
    {
        return None;
    }
    let change = Change::BehindCaret(inserted.to_string());
    let trial = search.attempt(change.clone())?;
    let gained: Vec<usize> = trial.gained(&search.now);
    let first = *gained.first()?;
    if !search.is_worth(&trial) {
        return None;
    }
    let source = match &trial.prefregex {
        Some(prefregex) => prefregex,
        None => trial.regexes.get(trial.lines[first].regex?)?,
    };
    let hint = Hint {
        code: "brackets-left".into(),
        message: format!(
            "{} of {} missed match if `{inserted}` stands after `^`: the date leaves `{left}` \
             behind",
            count(gained.len(), "line", "lines"),
            search.missed()
        ),
        change: Some(source.text.clone()),
        lines: gained.len() as u64,
        example: search.example(first),
    };
    search.keep(change, trial);
    Some(hint)
}
