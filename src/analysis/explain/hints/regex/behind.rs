//! A regex asks behind the address for what the line has not: the line ends before it.

use super::super::address::ADDRESS_TAGS;
use super::{Case, Offer};
use crate::analysis::explain::hints::words::{is_told_by_words, tells_failure};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some(tag) = ADDRESS_TAGS
        .iter()
        .find_map(|tag| Some(case.source.find(tag)? + tag.len()))
    else {
        return Vec::new();
    };
    let pieces = case.tree.pieces();
    for piece in pieces.iter().rev() {
        let at = piece.span.start;
        if at < tag {
            break;
        }
        let (kept, left_out) = case.source.split_at(at);
        // how it ended is not given up
        if tells_failure(left_out)
            || !(tells_failure(kept) || has_status(kept))
            || !is_told_by_words(kept)
        {
            break;
        }
        let regex = format!("{kept}$");
        let is_text = |c: char| c.is_alphanumeric() || c == '"';
        if case.is_matched_by(&regex) && left_out.contains(is_text) {
            return vec![Offer {
                code: "not-behind",
                why: format!(
                    "the regex asks for `{}` behind the address, where the line has ended",
                    left_out.trim()
                ),
                regex,
            }];
        }
    }
    Vec::new()
}

/// Whether a regex asks for the status of a request that was refused.
fn has_status(kept: &str) -> bool {
    let mut behind = kept.split("\" ").skip(1);
    behind.any(|rest| {
        ["401", "403", "404"]
            .iter()
            .any(|status| rest.starts_with(status))
    })
}
