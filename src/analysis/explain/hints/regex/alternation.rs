//! `429|403` that splits the whole regex in two: what is meant is one of two words.

use super::{Case, Offer};
use crate::pattern::ast::Kind;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Kind::Alternation(arms) = &case.tree.root().kind else {
        return Vec::new();
    };
    let (Some(first), Some(last)) = (arms.first(), arms.last()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    // the words the first arm ends with, those the last arm begins with; fewer are likelier
    for many in 2..=2 * WORDS {
        for before in 1..many {
            let (head, tail) = (case.tree.text(first.span), case.tree.text(last.span));
            let (Some(head), Some(tail)) = (
                last_words_length(head, before),
                first_words(tail, many - before),
            ) else {
                continue;
            };
            all.push(offer(case, first.span.end - head, last.span.start + tail));
        }
    }
    all
}

/// Words of an arm that may belong to the choice.
const WORDS: usize = 3;

/// Bytes of the last so many words of a text; None where it has fewer.
fn last_words_length(text: &str, many: usize) -> Option<usize> {
    let mut rest = text;
    for word in 0..many {
        if word > 0 {
            rest = rest.strip_suffix(' ')?;
        }
        let before = rest.trim_end_matches(is_of_word);
        // `\d|x`: the letter belongs to the escape
        if before.len() == rest.len() || before.ends_with('\\') {
            return None;
        }
        rest = before;
    }
    Some(text.len() - rest.len())
}

/// The same for the first words.
fn first_words(text: &str, many: usize) -> Option<usize> {
    let mut rest = text;
    for word in 0..many {
        if word > 0 {
            rest = rest.strip_prefix(' ')?;
        }
        let behind = rest.trim_start_matches(is_of_word);
        if behind.len() == rest.len() {
            return None;
        }
        rest = behind;
    }
    Some(text.len() - rest.len())
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn offer(case: &Case, start: usize, end: usize) -> Offer {
    let (before, words, after) = (
        &case.source[..start],
        &case.source[start..end],
        &case.source[end..],
    );
    Offer {
        code: "alternation",
        why: format!(
            "`{words}` splits the whole regex: it matches what stands before the `|` or what \
             stands behind it; `(?:{words})` is one of these words"
        ),
        regex: format!("{before}(?:{words}){after}"),
    }
}
