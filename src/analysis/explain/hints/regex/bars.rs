//! `shop | wrong password | <HOST>`: the bars are the log's, and split the whole regex.

use super::super::change::{RegexChange, RegexOption};
use super::super::trial::Trial;
use super::super::words::tells_success;
use super::super::{Change, Hint, Proposal, Search, count, plausible};
use super::Tree;
use crate::pattern::ast::Kind;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let mut lines = search.evidence.lines.iter();
    if !lines.any(|line| line.text.contains('|')) {
        return None;
    }
    for source in search.now.regexes.clone() {
        let Some(regex) = escaped(&source.text) else {
            continue;
        };
        let to = Some(regex.clone());
        let changes = vec![Change::Regex(RegexChange::new(
            RegexOption::Failregex,
            &source,
            to,
        ))];
        let Some(trial) = search.attempt_all(&changes) else {
            continue;
        };
        let Some(lines) = found(search, &trial) else {
            continue;
        };
        return Some(search.propose(Proposal {
            code: "not-escaped",
            message: format!(
                "`|` stands in the log as it is; in a regex it splits the whole in parts, of which \
                 one is enough, unless a `\\` stands before it: {} with `{regex}`",
                count(lines.len(), "line matches", "lines match"),
            ),
            change: Some(regex),
            changes,
            trial,
            lines,
        }));
    }
    None
}

/// A regex that bars split, with a backslash before each of them.
fn escaped(source: &str) -> Option<String> {
    let tree = Tree::new(source)?;
    let Kind::Alternation(arms) = &tree.root().kind else {
        return None;
    };
    let mut regex = source.to_string();
    for arm in arms[..arms.len() - 1].iter().rev() {
        if !source[arm.span.end..].starts_with('|') {
            return None;
        }
        regex.insert(arm.span.end, '\\');
    }
    Some(regex)
}

/// The lines in which somebody is found, or somebody else: where what the parts of the regex find
/// alone is no address that a person would point at.
fn found(search: &Search, trial: &Trial) -> Option<Vec<usize>> {
    let (now, then) = (&search.now.lines, &trial.lines);
    let text = |at: usize| search.evidence.lines[at].text.as_str();
    let changed: Vec<usize> = (0..now.len())
        .filter(|&at| now[at].counts != then[at].counts || now[at].ids != then[at].ids)
        .collect();
    let was_wrong = |&at: &usize| !now[at].counts || !plausible::has_right_ids(text(at), &now[at]);
    let is_right =
        |&at: &usize| plausible::has_right_ids(text(at), &then[at]) && !tells_success(text(at));
    let found: Vec<usize> = (changed.iter().copied())
        .filter(|&at| then[at].counts)
        .collect();
    let holds = changed.iter().all(was_wrong) && found.iter().all(is_right) && !found.is_empty();
    holds.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn bars_that_split_all_are_escaped() {
        assert_eq!(
            escaped("a | b | <HOST>").as_deref(),
            Some(r"a \| b \| <HOST>")
        );
        assert_eq!(escaped("(?:a|b) <HOST>"), None);
    }
}
