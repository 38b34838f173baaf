//! Where a regex stopped on a line it does not match: for the caret under both.
//!
//! A regex is a sequence; its longest beginning that still matches says how far it came.
//! Each try compiles a shorter regex, so this is for the few lines that are reported.

use crate::pattern::ast::{Ast, GroupKind, Kind, Node};
use crate::pattern::{Regex, Scratch};
use std::ops::Range;

/// How far a regex came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    /// Bytes of the text its longest matching beginning took.
    pub(crate) matched: Range<usize>,
    /// The part of the regex that did not match there, in bytes of the compiled regex.
    pub(crate) part: Range<usize>,
}

/// Where `regex` stopped on `text`; None where even its first part matches nowhere.
pub(crate) fn stop(regex: &Regex, text: &str, scratch: &mut Scratch) -> Option<Stop> {
    let ast = regex.ast();
    let mut cuts = Vec::new();
    collect(&ast.root, &mut Vec::new(), &mut cuts);
    let mut best: Option<(Range<usize>, usize)> = None;
    // beginnings match less and less: halve the list
    let (mut low, mut high) = (0, cuts.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match beginning(regex.as_str(), ast, &cuts[middle], text, scratch) {
            Some(range) => {
                best = Some((range, middle));
                low = middle + 1;
            }
            None => high = middle,
        }
    }
    let (matched, index) = best?;
    let part = cuts.get(index + 1).map(|cut| cut.part.clone());
    let part = part.unwrap_or_else(|| cuts[index].part.clone());
    Some(Stop { matched, part })
}

/// A beginning of the regex: up to the end of `part`, with the groups around it closed.
#[derive(Debug)]
struct Cut {
    part: Range<usize>,
    open_groups: usize,
}

fn collect(node: &Node, open: &mut Vec<()>, cuts: &mut Vec<Cut>) {
    match &node.kind {
        Kind::Concat(nodes) => {
            for node in nodes {
                collect(node, open, cuts);
            }
        }
        // a branch of its own cannot be cut: the others would not stand for it
        Kind::Group(group)
            if !matches!(group.kind, GroupKind::Atomic) && is_sequence(&group.node) =>
        {
            open.push(());
            collect(&group.node, open, cuts);
            open.pop();
        }
        _ => cuts.push(Cut {
            part: node.span.start..node.span.end,
            open_groups: open.len(),
        }),
    }
}

fn is_sequence(node: &Node) -> bool {
    !matches!(node.kind, Kind::Alternation(_))
}

fn beginning(
    pattern: &str,
    ast: &Ast,
    cut: &Cut,
    text: &str,
    scratch: &mut Scratch,
) -> Option<Range<usize>> {
    let shorter = format!(
        "{}{}",
        &pattern[..cut.part.end],
        ")".repeat(cut.open_groups)
    );
    let regex = Regex::new(&shorter, ast.flags).ok()?;
    let found = regex.search(text, scratch).ok()??;
    Some(found.start()..found.end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;

    fn at(pattern: &str, text: &str) -> Option<(String, String)> {
        let regex = Regex::new(pattern, Flags::default()).unwrap();
        let stop = stop(&regex, text, &mut Scratch::default())?;
        Some((
            text[stop.matched].to_string(),
            pattern[stop.part].to_string(),
        ))
    }

    #[test]
    fn stops_where_the_line_differs() {
        let found = at(
            r"^Failed (?P<u>\w+x) for (?:a|b) from",
            "Failed mex for c from",
        )
        .unwrap();
        assert_eq!(found, ("Failed mex for ".into(), "(?:a|b)".into()));
        assert_eq!(at("^a", "b").unwrap(), (String::new(), "a".into()));
        assert_eq!(at("xy", "a"), None);
    }
}
