//! Where a match can begin, as the tree of a regex tells.

use crate::pattern::ast::{Anchor, Kind, Node};

/// Whether every way through the node begins at the start of the text.
pub(super) fn is_anchored(node: &Node) -> bool {
    match &node.kind {
        Kind::Anchor(Anchor::Start | Anchor::TextStart) => true,
        Kind::Concat(nodes) => {
            for node in nodes {
                if is_anchored(node) {
                    return true;
                }
                // what takes nothing may stand before the anchor
                if node.width.max > 0 {
                    return false;
                }
            }
            false
        }
        Kind::Alternation(branches) => branches.iter().all(is_anchored),
        Kind::Group(group) => is_anchored(&group.node),
        Kind::Repeat(repeat) => repeat.min > 0 && is_anchored(&repeat.node),
        // `(?<=^)`, `(?=^x)`
        Kind::Look(look) => !look.negated && is_anchored(&look.node),
        _ => false,
    }
}
