//! Whether what a pattern matches lies in one line of a text.

use super::ast::{Ast, Category, Class, ClassItem, Kind, Node};

/// Whether each match takes no newline but in white space at its begin and end.
///
/// Exactness: what a match takes, its nodes take one behind the other. Here the first and the last
/// of them take nothing but white space (`\s`), those between no newline. Backreferences are
/// thought to take one, for what they repeat may have been seen by a look ahead.
pub(crate) fn matches_one_line(ast: &Ast) -> bool {
    let mut flat = Vec::new();
    flatten(&ast.root, &mut flat);
    let mut body = flat.as_slice();
    while let [first, rest @ ..] = body
        && takes_white_space(first)
    {
        body = rest;
    }
    while let [rest @ .., last] = body
        && takes_white_space(last)
    {
        body = rest;
    }
    !body.iter().any(|node| may_take_newline(node))
}

/// The parts of a sequence, groups opened.
fn flatten<'a>(node: &'a Node, flat: &mut Vec<&'a Node>) {
    match &node.kind {
        Kind::Concat(nodes) => nodes.iter().for_each(|node| flatten(node, flat)),
        Kind::Group(group) => flatten(&group.node, flat),
        _ => flat.push(node),
    }
}

/// Whether the node takes only white space, or nothing.
fn takes_white_space(node: &Node) -> bool {
    match &node.kind {
        Kind::Empty | Kind::Anchor(_) | Kind::Look(_) => true,
        Kind::Repeat(repeat) => takes_white_space(&repeat.node),
        Kind::Class(class) => is_white_space(class),
        _ => false,
    }
}

fn is_white_space(class: &Class) -> bool {
    let space = ClassItem::Category {
        category: Category::Space,
        negated: false,
    };
    !class.negated && class.items == [space]
}

fn may_take_newline(node: &Node) -> bool {
    const NEWLINE: u32 = '\n' as u32;
    match &node.kind {
        Kind::Empty | Kind::Anchor(_) | Kind::Look(_) => false,
        Kind::Literal(code) => *code == NEWLINE,
        Kind::Any => node.flags.dot_all,
        Kind::Class(class) => {
            let has = class.items.iter().any(|item| match *item {
                ClassItem::Char(code) => code == NEWLINE,
                ClassItem::Range(first, last) => (first..=last).contains(&NEWLINE),
                ClassItem::Category { category, negated } => {
                    (category == Category::Space) != negated
                }
            });
            has != class.negated
        }
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().any(may_take_newline),
        Kind::Repeat(repeat) => may_take_newline(&repeat.node),
        Kind::Group(group) => may_take_newline(&group.node),
        Kind::Backreference(_) => true,
        Kind::Conditional(conditional) => {
            let no = conditional.no.as_deref();
            may_take_newline(&conditional.yes) || no.is_some_and(may_take_newline)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex, Scratch};
    use proptest::prelude::*;

    fn of(pattern: &str) -> bool {
        let regex = Regex::new(pattern, Flags::default()).expect("compiles");
        matches_one_line(regex.ast())
    }

    #[test]
    fn patterns_of_one_line() {
        assert!(of(
            r"^\s*\S+ sshd\[\d+\]: Failed \S+ for (?P<a>[^\n]*?)(?: ssh2)?\s*$"
        ));
        // white space in a repetition is no more at the begin
        assert!(!of(r"^(?:\s+(a|b.*))?c"));
        assert!(!of(r"^.*\nWARNING"));
        assert!(!of(r"a\s*b"));
        assert!(!of(r"a[^b]*b"));
        assert!(!of(r"(?s)a.b"));
        assert!(!of(r"a\D"));
        assert!(!of(r"(?=(\s))a\1b"));
        assert!(!of(r"a(?P<skiplines0>(?:.*\n)*?)b"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn no_match_goes_over_a_line(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    r"\s*", r"\s", "a", "b?", r"[^a]", r"[\s]", r".*", r"\S+", "^", "$", r"(a|\s)",
                    r"(?=\s)", r"(?:\s|b)?", r"\W", r"\n?", r"(?P<x>b)?", r"(?(1)\s|a)",
                ]),
                1..6,
            ),
            text in "[ab \n]{1,14}",
        ) {
            let pattern = format!("(?m){}", pieces.concat());
            let Ok(regex) = Regex::new(&pattern, Flags::default()) else { return Ok(()) };
            if !matches_one_line(regex.ast()) {
                return Ok(());
            }
            let mut scratch = Scratch::default();
            for start in 0..=text.len() {
                if let Some(found) = regex.match_at(&text, start, &mut scratch).expect("few steps") {
                    let matched = &text[start..found.end()];
                    prop_assert!(!matched.trim().contains('\n'), "{} {:?}", pattern, matched);
                }
            }
        }
    }
}
