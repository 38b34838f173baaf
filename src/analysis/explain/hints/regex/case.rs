//! The log writes the words in another case.

use super::{Case, Offer};
use crate::pattern::ast::Span;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let lower = case.text.to_ascii_lowercase();
    let mut edits: Vec<(Span, char)> = Vec::new();
    let mut shown: Option<(String, String)> = None;
    for run in case.tree.literals() {
        // the run as a whole, or else its words: other parts of it may be wrong, too
        let parts = if stands(&run, &lower).is_some() {
            vec![run.as_slice()]
        } else {
            let is_letter = |(_, c): &(Span, char)| c.is_ascii_alphabetic();
            run.split(|c| !is_letter(c))
                .filter(|word| word.len() >= 3)
                .collect()
        };
        for part in parts {
            let text = written(part);
            let Some(at) = stands(part, &lower).filter(|_| !case.text.contains(&text)) else {
                continue;
            };
            let logged = &case.text[at..at + text.len()];
            shown.get_or_insert_with(|| (logged.to_string(), text.clone()));
            let pairs = part.iter().zip(logged.chars());
            edits.extend(
                pairs
                    .filter(|((_, c), other)| c != other)
                    .map(|((span, _), other)| (*span, other)),
            );
        }
    }
    let Some((logged, asked)) = shown else {
        return Vec::new();
    };
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    edits.dedup();
    let mut regex = case.source.to_string();
    for (span, c) in &edits {
        regex.replace_range(span.start..span.end, &c.to_string());
    }
    let why = format!(
        "the log writes `{}`, the regex asks for `{}`",
        logged.trim(),
        asked.trim()
    );
    // lines that write them in several ways
    let any = (!case.source.starts_with("(?")).then(|| Offer {
        code: CODE,
        why: format!("{why}, and other lines write it otherwise"),
        regex: format!("(?i){}", case.source),
    });
    let one = Offer {
        code: CODE,
        why,
        regex,
    };
    [Some(one), any].into_iter().flatten().collect()
}

/// The hint's code.
pub(super) const CODE: &str = "letter-case";

fn written(run: &[(Span, char)]) -> String {
    run.iter().map(|(_, c)| *c).collect()
}

/// Where a run stands in the text, whatever its case; only letters of ASCII change theirs here.
fn stands(run: &[(Span, char)], lower: &str) -> Option<usize> {
    let text = written(run).to_ascii_lowercase();
    let letters = text.chars().any(|c| c.is_ascii_alphabetic());
    lower.find(&text).filter(|_| letters)
}
