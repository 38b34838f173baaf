//! The log writes the words in another case.

use super::{Case, Offer};
use crate::pattern::ast::Span;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let lower = case.text.to_ascii_lowercase();
    let mut edits: Vec<(Span, &str)> = Vec::new();
    for (span, run) in case.tree.literals() {
        let letters = run.chars().any(|c| c.is_ascii_alphabetic());
        // an escape in the run would make the places differ
        if !letters || span.end - span.start != run.len() || case.text.contains(&run) {
            continue;
        }
        if let Some(at) = lower.find(&run.to_ascii_lowercase()) {
            edits.push((span, &case.text[at..at + run.len()]));
        }
    }
    edits.extend(words(case, &lower));
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    edits.dedup_by(|a, b| a.0.end > b.0.start && b.0.end > a.0.start);
    let Some((last, written)) = edits.last().copied() else {
        return Vec::new();
    };
    let mut regex = case.source.to_string();
    for (span, text) in &edits {
        regex.replace_range(span.start..span.end, text);
    }
    vec![Offer {
        code: "letter-case",
        why: format!(
            "the log writes `{}`, the regex asks for `{}`",
            written.trim(),
            case.tree.text(last).trim()
        ),
        regex,
    }]
}

/// The words of runs that are not in the text as a whole.
fn words<'c>(case: &Case<'c>, lower: &str) -> Vec<(Span, &'c str)> {
    let mut edits = Vec::new();
    for (span, run) in case.tree.literals() {
        if span.end - span.start != run.len() || lower.contains(&run.to_ascii_lowercase()) {
            continue;
        }
        let mut from = 0;
        for word in run.split(|c: char| !c.is_ascii_alphabetic()) {
            let start = span.start + from;
            from += word.len() + 1;
            if word.len() < 3 || case.text.contains(word) {
                continue;
            }
            if let Some(at) = lower.find(&word.to_ascii_lowercase()) {
                let span = Span {
                    start,
                    end: start + word.len(),
                };
                edits.push((span, &case.text[at..at + word.len()]));
            }
        }
    }
    edits
}
