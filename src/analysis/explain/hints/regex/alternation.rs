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
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let head = case.tree.text(first.span);
    let tail = case.tree.text(last.span);
    // the word the first arm ends with, the one the last arm begins with
    let start = first.span.end - (head.len() - head.trim_end_matches(is_word).len());
    let end = last.span.start + (tail.len() - tail.trim_start_matches(is_word).len());
    // `\d|x`: the letter belongs to the escape
    let escape = case.source[..start].ends_with('\\');
    if start == first.span.end || end == last.span.start || escape {
        return Vec::new();
    }
    let (before, words, after) = (
        &case.source[..start],
        &case.source[start..end],
        &case.source[end..],
    );
    vec![Offer {
        code: "alternation",
        why: format!(
            "`{words}` splits the whole regex: it matches what stands before the `|` or what \
             stands behind it; `(?:{words})` is one of these words"
        ),
        regex: format!("{before}(?:{words}){after}"),
    }]
}
