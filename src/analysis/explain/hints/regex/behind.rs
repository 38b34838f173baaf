//! A regex asks behind the address for what the line has not: the line ends before it.

use super::{Case, Offer};
use crate::analysis::explain::hints::words::tells_failure;
use crate::pattern::Scratch;

/// Words that what is kept must have.
const WORDS: usize = 2;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let tags = ["<HOST>", "<ADDR>"];
    let Some(tag) = tags
        .iter()
        .find_map(|tag| Some(case.source.find(tag)? + tag.len()))
    else {
        return Vec::new();
    };
    let mut scratch = Scratch::default();
    let pieces = case.tree.pieces();
    for piece in pieces.iter().rev() {
        let at = piece.span.start;
        if at < tag {
            break;
        }
        let (kept, left_out) = case.source.split_at(at);
        // how it ended is not given up
        let words = kept.split(|c: char| !c.is_alphabetic());
        let is_known = words.filter(|word| word.len() > 2).count() >= WORDS;
        if tells_failure(left_out) || !(tells_failure(kept) || has_status(kept)) || !is_known {
            break;
        }
        let regex = format!("{kept}$");
        let matches = (case.compile)(&regex).is_some_and(|regex| {
            let text = format!("{}\n", case.text);
            regex.is_match(&text, &mut scratch).unwrap_or(false)
        });
        let is_text = |c: char| c.is_alphanumeric() || c == '"';
        if matches && left_out.contains(is_text) {
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
