//! Parentheses, brackets, `?` or `+` of the log that stand unescaped in the regex, where they
//! mean something else.

use super::super::prefix::escaped;
use super::tree::{class, replaced, unnamed};
use super::{Case, Offer};
use crate::pattern::ast::{Kind, Node, RepeatMode};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for node in case.tree.nodes() {
        let written = case.tree.text(node.span);
        let regex = if unnamed(node).is_some() {
            group(case, node)
        } else if class(node).is_some() && written.starts_with('[') || is_sign_repeated(node) {
            case.text
                .contains(written)
                .then(|| replaced(case.source, node.span, &escaped(written)))
        } else {
            None
        };
        all.extend(regex.map(|regex| Offer {
            code: "not-escaped",
            why: format!(
                "`{written}` stands in the log as it is; in a regex its signs mean something else \
                 unless a `\\` stands before each"
            ),
            regex,
        }));
    }
    all
}

/// `(Remote IP: <HOST>)`: the text has the parenthesis and what follows it.
fn group(case: &Case, node: &Node) -> Option<String> {
    let written = case.tree.text(node.span);
    let inside = written.strip_prefix('(')?.strip_suffix(')')?;
    let first = inside
        .split(['<', '\\', '[', '(', '.', '*', '|'])
        .next()
        .unwrap_or("");
    let stands = case.text.contains(&format!("({first}"));
    stands.then(|| replaced(case.source, node.span, &format!(r"\({inside}\)")))
}

/// `x?`, `x+`, `x*` of one character.
fn is_sign_repeated(node: &Node) -> bool {
    match &node.kind {
        Kind::Repeat(repeat) => {
            repeat.mode == RepeatMode::Greedy && matches!(repeat.node.kind, Kind::Literal(_))
        }
        _ => false,
    }
}
