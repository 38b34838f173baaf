//! The parts of a regex one behind the other, and what they may be: for rules that take a regex
//! apart around its address.

use crate::pattern::ast::{GroupKind, Kind, Node, RepeatMode};

/// The parts of a regex in order, sequences and groups taken apart.
pub(super) fn flatten<'n>(node: &'n Node, path: &mut Vec<&'n Node>) {
    match &node.kind {
        Kind::Concat(nodes) => nodes.iter().for_each(|node| flatten(node, path)),
        Kind::Group(group)
            if matches!(group.node.kind, Kind::Concat(_) | Kind::Repeat(_))
                && !matches!(group.kind, GroupKind::Atomic) =>
        {
            flatten(&group.node, path);
        }
        _ => path.push(node),
    }
}

pub(super) fn has_address(node: &Node) -> bool {
    match &node.kind {
        Kind::Group(group) => {
            matches!(&group.kind, GroupKind::Capture { name: Some(name), .. } if name == "ip4")
                || has_address(&group.node)
        }
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().any(has_address),
        Kind::Repeat(repeat) => repeat.min > 0 && has_address(&repeat.node),
        _ => false,
    }
}

/// Whether a part takes any number of characters, as many as it can.
pub(super) fn is_greedy(node: &Node) -> bool {
    match &node.kind {
        Kind::Repeat(repeat) => repeat.max.is_none() && repeat.mode == RepeatMode::Greedy,
        Kind::Group(group) => is_greedy(&group.node),
        _ => false,
    }
}
