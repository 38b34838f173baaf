//! The log is wrapped in JSON, line by line, as Docker's json-file driver does; the filter is
//! for the lines inside.

use super::super::change::{RegexChange, RegexOption};
use super::super::{Change, Hint, Proposal, Search, count, plausible};
use super::Tree;
use crate::pattern::ast::Kind;

/// What the wrapper has in front of a line.
const BEFORE: &str = r#"{"log":""#;
/// The same as a regex, and what is behind the line.
const FRONT: &str = r#"\{"log":""#;
const TAIL: &str = r#"(?:\\n)?""#;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let is_wrapped = |text: &str| text.starts_with(BEFORE);
    let lines = &search.evidence.lines;
    let wrapped = lines.iter().filter(|line| is_wrapped(&line.text)).count();
    if 2 * wrapped < lines.len() || search.now.counting() > 0 {
        return None;
    }
    let mut changes = Vec::new();
    for (option, source) in search.outer_regexes() {
        if let Some(regex) = wrapped_regex(&source.text, FRONT, TAIL, true) {
            changes.push(Change::Regex(RegexChange::new(
                option,
                &source,
                Some(regex),
            )));
        }
    }
    if search.now.prefregex.is_some() {
        // the content ends where the line ends, inside of the quotes
        changes.retain(
            |change| matches!(change, Change::Regex(c) if c.option == RegexOption::Prefregex),
        );
    }
    let trial = search.attempt_all(&changes)?;
    let gained = plausible::near_gain(search, &trial)?;
    let source = trial.source_of(gained[0])?.text.clone();
    Some(search.propose(Proposal {
        code: "wrapped-in-json",
        message: format!(
            "each line is wrapped in JSON (`{BEFORE}…`, Docker's json-file driver), the filter is \
             for the line inside: {} of {} missed match with `{source}` (or let Docker log to \
             syslog or the journal)",
            count(gained.len(), "line", "lines"),
            search.missed()
        ),
        change: Some(source),
        changes,
        trial,
        lines: gained,
    }))
}

/// The regex for the wrapped line: quotes with the backslash JSON puts before them where it
/// `escapes`, `^` before the wrapper, `$` before its end. None where it is the same.
pub(in super::super) fn wrapped_regex(
    source: &str,
    front: &str,
    tail: &str,
    escapes: bool,
) -> Option<String> {
    let tree = Tree::new(source)?;
    let mut places: Vec<usize> = Vec::new();
    for node in tree.nodes() {
        if escapes && matches!(node.kind, Kind::Literal(c) if c == u32::from('"')) {
            places.push(node.span.start);
        }
    }
    places.sort_unstable();
    let mut regex = source.to_string();
    for at in places.iter().rev() {
        regex.insert_str(*at, r"\\");
    }
    if let Some(rest) = regex.strip_prefix('^') {
        regex = format!("^{front}{rest}");
    }
    let open = regex.strip_suffix('$');
    if let Some(open) = open.filter(|open| !open.ends_with('\\') && !tail.is_empty()) {
        regex = format!("{open}{tail}");
    }
    (regex != source).then_some(regex)
}

#[cfg(test)]
mod tests {
    use super::{FRONT, TAIL, wrapped_regex};

    #[test]
    fn quotes_get_a_backslash_and_anchors_move() {
        assert_eq!(
            wrapped_regex(r#"^<ADDR> .*"POST [^"]*" 401$"#, FRONT, TAIL, true).as_deref(),
            Some(r#"^\{"log":"<ADDR> .*\\"POST [^"]*\\" 401(?:\\n)?""#)
        );
    }
}
