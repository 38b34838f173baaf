//! Whether a pattern matches every line: prefixes mostly are optional from end to end, and
//! then take what is left.

use super::ast::{Anchor, Ast, GroupKind, Kind, Node, RepeatMode};

/// Whether the pattern matches every text of at least one character that has no newline but
/// perhaps as its last one.
///
/// Exactness: a search finds a match if any path through the pattern is one, for it tries all
/// of them but those behind an atomic group or a possessive repetition. Here there is such a
/// path at the text's begin: what may be left out is left out, `.+` goes up to the newline
/// or the end, where `$` holds. What is left out takes part in no atomic group: a group or
/// repetition that gives nothing back may not be left out here. That the machine gives up
/// before it comes to that path is no reason to say that there is none.
pub(crate) fn matches_every_line(ast: &Ast) -> bool {
    let mut flat = Vec::new();
    flatten(&ast.root, &mut flat);
    let mut taken = false;
    flat.into_iter().all(|node| match &node.kind {
        Kind::Anchor(Anchor::Start | Anchor::TextStart) => !taken,
        Kind::Anchor(Anchor::End) => taken,
        Kind::Repeat(repeat) if !taken && takes_the_rest(node) => {
            taken = true;
            repeat.min <= 1
        }
        _ => may_be_left_out(node),
    })
}

/// The parts of a sequence, groups opened.
fn flatten<'a>(node: &'a Node, flat: &mut Vec<&'a Node>) {
    match &node.kind {
        Kind::Concat(nodes) => nodes.iter().for_each(|node| flatten(node, flat)),
        Kind::Group(group) if group.kind != GroupKind::Atomic => flatten(&group.node, flat),
        _ => flat.push(node),
    }
}

/// `.*` or `.+`
fn takes_the_rest(node: &Node) -> bool {
    matches!(&node.kind, Kind::Repeat(repeat)
        if repeat.max.is_none()
            && repeat.mode != RepeatMode::Possessive
            && matches!(repeat.node.kind, Kind::Any))
}

/// Whether a way through the node takes nothing and tests nothing.
fn may_be_left_out(node: &Node) -> bool {
    match &node.kind {
        Kind::Empty => true,
        Kind::Repeat(repeat) => repeat.min == 0 && repeat.mode != RepeatMode::Possessive,
        Kind::Concat(nodes) => nodes.iter().all(may_be_left_out),
        Kind::Alternation(nodes) => nodes.iter().any(may_be_left_out),
        Kind::Group(group) => group.kind != GroupKind::Atomic && may_be_left_out(&group.node),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex, Scratch};
    use proptest::prelude::*;

    #[test]
    fn optional_prefixes_match_every_line() {
        let of = |pattern: &str| {
            let regex = Regex::new(pattern, Flags::default()).expect("compiles");
            matches_every_line(regex.ast())
        };
        assert!(of(r"^\s*(?:\S+ )?(?P<a>(?:b|c)?)(?P<content>.+)$"));
        assert!(of(r"(?:a|)(.*?)$"));
        assert!(!of(r"^\s+(.+)$"));
        assert!(!of(r"^(?:a)?+(.+)$"));
        assert!(!of(r"^(?>a?)(.+)$"));
        assert!(!of(r"^a?(?!b)(.+)$"));
        assert!(!of(r"^(.+)x$"));
        assert!(!of(r"^(.+)\Z"));
        assert!(!of(r"^(.{2,})$"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_line_is_matched(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a?", "(?:b c)?", "\\s*", "(a|)", "(?:\\S+ )?", "(?:(?!a)b)?", "(?:a|b)*?",
                    "(?P<x>a)?", "(?(1)b|)", "a*+", "b",
                ]),
                0..5,
            ),
            tail in prop::sample::select(vec!["(.+)$", ".*", ".+?$", "(?:.*)(?:b)?$", "$"]),
            line in "[ab c1é]{1,10}\n?",
        ) {
            let pattern = format!("^{}{tail}", pieces.concat());
            let Ok(regex) = Regex::new(&pattern, Flags::default()) else { return Ok(()) };
            if matches_every_line(regex.ast()) {
                let found = regex.is_match(&line, &mut Scratch::default()).expect("few steps");
                prop_assert!(found, "{} on {:?}", pattern, line);
            }
        }
    }
}
