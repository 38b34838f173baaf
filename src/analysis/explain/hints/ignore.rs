//! An ignoreregex that takes back what it should not, or never applies because it repeats the
//! date.

use super::change::{RegexChange, RegexOption};
use super::regex::Tree;
use super::trial::Trial;
use super::{Change, Hint, Proposal, Search, count, plausible, unused_ignore, words};
use crate::config::Sourced;
use crate::pattern::ast::{Kind, Node};
use crate::pattern::{Flags, Regex, Scratch};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let all = search.now.ignoreregexes.clone();
    all.iter().enumerate().find_map(|(index, source)| {
        takes_all(search, index, source)
            .or_else(|| takes_every_match(search, index, source))
            .or_else(|| dated(search, source))
            .or_else(|| unused_ignore::find(search, source))
    })
}

/// `a|`: the empty half matches everywhere.
fn takes_all(search: &mut Search, index: usize, source: &Sourced) -> Option<Hint> {
    let took = |trial: &Trial| -> Vec<usize> {
        let lines = trial.lines.iter().enumerate();
        lines
            .filter(|(_, line)| line.ignored_by.contains(&index))
            .map(|(at, _)| at)
            .collect()
    };
    let taken = took(&search.now);
    let &first = taken.first()?;
    let regex = Regex::new(&source.text, Flags::default()).ok()?;
    if !regex.is_match("", &mut search.scratch).ok()? {
        return None;
    }
    let narrower = without_empty(&source.text, &mut search.scratch);
    let narrower = narrower.and_then(|text| without(search, source, Some(text)));
    let (changed, change, trial, lines) = narrower.or_else(|| without(search, source, None))?;
    let number = search.evidence.lines[first].number;
    let instead = changed
        .as_ref()
        .map_or("without it".into(), |text| format!("with `{text}`"));
    Some(search.propose(Proposal {
        code: "ignores-everything",
        message: format!(
            "the ignoreregex `{}` matches every line (a part of it may be empty) and takes back \
             what a failregex matched, line {number} first: {} {instead}",
            source.text,
            count(lines.len(), "failure counts", "failures count")
        ),
        change: changed,
        changes: vec![change],
        trial,
        lines,
    }))
}

/// Another ignoreregex in place of one, or none, where failures count with it: that text, the
/// change, how the lines fare, which of them count.
fn without(
    search: &mut Search,
    source: &Sourced,
    changed: Option<String>,
) -> Option<(Option<String>, Change, Trial, Vec<usize>)> {
    let change = RegexChange::new(RegexOption::Ignoreregex, source, changed.clone());
    let change = Change::Regex(change);
    let trial = search.attempt_all(std::slice::from_ref(&change))?;
    let lines = trial.gained(&search.now);
    let right = lines
        .iter()
        .all(|&at| plausible::has_right_ids(&search.evidence.lines[at].text, &trial.lines[at]));
    (!lines.is_empty() && right).then_some((changed, change, trial, lines))
}

/// It takes back all that the failregexes match: whether that is meant the log does not tell.
fn takes_every_match(search: &mut Search, index: usize, source: &Sourced) -> Option<Hint> {
    let lines = &search.now.lines;
    let took = |&at: &usize| lines[at].ignored_by.contains(&index);
    let taken: Vec<usize> = (0..lines.len()).filter(took).collect();
    if taken.is_empty() || search.now.counting() > 0 {
        return None;
    }
    let change = Change::Regex(RegexChange::new(RegexOption::Ignoreregex, source, None));
    let trial = search.attempt_all(&[change])?;
    let evidence = &search.evidence.lines;
    let fails = |at: &usize| {
        let text = &evidence[*at].text;
        words::tells_failure(text) && plausible::has_right_ids(text, &trial.lines[*at])
    };
    let eaten: Vec<usize> = (trial.gained(&search.now).into_iter())
        .filter(|at| taken.contains(at) && fails(at))
        .collect();
    let &first = eaten.first().filter(|_| 2 * eaten.len() >= taken.len())?;
    Some(Hint {
        code: "ignores-every-match".into(),
        message: format!(
            "the ignoreregex `{}` takes back all that a failregex matches, {}, line {} first: make \
             it narrower if that is not meant",
            source.text,
            count(eaten.len(), "line", "lines"),
            evidence[first].number
        ),
        change: None,
        apply: None,
        lines: eaten.len() as u64,
        example: search.example(first),
    })
}

/// The regex without what lets it match nothing, where a text is left: the empty one of some
/// alternatives, the `?` behind a group. None if nothing is left.
fn without_empty(source: &str, scratch: &mut Scratch) -> Option<String> {
    let tree = Tree::new(source)?;
    let mut matches_nothing = |text: &String| {
        let regex = Regex::new(text, Flags::default()).ok();
        regex.is_none_or(|regex| regex.is_match("", scratch).unwrap_or(true))
    };
    let without = |node: &&Node| {
        let with = needed(&tree, node)?;
        let (before, behind) = (&source[..node.span.start], &source[node.span.end..]);
        Some(format!("{before}{with}{behind}"))
    };
    let mut edits = tree.nodes().into_iter().filter_map(|node| without(&node));
    edits.find(|text| !matches_nothing(text))
}

/// A part of a regex without its way to match nothing.
fn needed(tree: &Tree, node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Alternation(arms) => {
            let is_empty =
                |node: &Node| matches!(node.kind, Kind::Empty) || node.span.start == node.span.end;
            let kept = arms.iter().filter(|node| !is_empty(node));
            let kept: Vec<&str> = kept.map(|node| tree.text(node.span)).collect();
            (!kept.is_empty() && kept.len() < arms.len()).then(|| kept.join("|"))
        }
        Kind::Repeat(repeat) if matches!(repeat.node.kind, Kind::Group(_)) => {
            Some(tree.text(repeat.node.span).to_string())
        }
        _ => None,
    }
}

/// The ignoreregex repeats the date, which is cut out of the line: it never applies.
fn dated(search: &mut Search, source: &Sourced) -> Option<Hint> {
    let applied = search
        .now
        .lines
        .iter()
        .any(|line| !line.ignored_by.is_empty());
    if applied || !source.text.starts_with('^') {
        return None;
    }
    let compile = |text: &str| search.evidence.filter.compile(text).ok();
    let whole = compile(&source.text)?;
    let counting: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].counts && search.now.lines[at].cut.is_some())
        .collect();
    let mut scratch = Scratch::default();
    // it matches the line as it stands in the log, and not what the date is cut out of
    let meant: Vec<usize> = counting
        .into_iter()
        .filter(|&at| {
            let line = &search.evidence.lines[at].text;
            whole.is_match(line, &mut scratch).unwrap_or(false)
        })
        .collect();
    let &first = meant.first()?;
    let line = &search.evidence.lines[first].text;
    let (_, cut_end) = search.now.lines[first].cut?;
    let tree = Tree::new(&source.text)?;
    let rest = tree.pieces().into_iter().find_map(|piece| {
        let (head, rest) = source.text.split_at(piece.span.end);
        let found = compile(head)?.match_at(line, 0, &mut scratch).ok()??;
        (found.end() >= cut_end).then(|| {
            rest.trim_start_matches(' ')
                .trim_start_matches(r"\s+")
                .to_string()
        })
    })?;
    let changed = format!(r"^\s*{rest}");
    let change = Change::Regex(RegexChange::new(
        RegexOption::Ignoreregex,
        source,
        Some(changed.clone()),
    ));
    let trial = search.attempt_all(std::slice::from_ref(&change))?;
    let now = meant.iter().filter(|&&at| !trial.lines[at].counts).count();
    if now != meant.len() || trial.lost(&search.now) != now {
        return None;
    }
    Some(search.propose(Proposal {
        code: "date-in-ignoreregex",
        message: format!(
            "the ignoreregex asks for the date, which is cut out of the line before: it never \
             applies; {} left out with `{changed}`",
            count(now, "line is", "lines are")
        ),
        change: Some(changed),
        changes: vec![change],
        trial,
        lines: meant,
    }))
}
