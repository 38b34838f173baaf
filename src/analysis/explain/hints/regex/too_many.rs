//! Words that the regex asks for and the log has not: `from` before the address, the kind of an
//! error, a name that is not always logged.

use super::super::words::{self, tells_refusal};
use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::ast::Span;

/// Words at most that are left out.
const MOST: usize = 4;
/// Words that say nothing but what follows them.
const LEADING: [&str; 14] = [
    "from", "by", "for", "client", "host", "address", "addr", "ip", "user", "remote", "source",
    "the", "is", "was",
];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all: Vec<Offer> = Vec::new();
    for spot in case.spots {
        let before = &case.source[..spot.span.start];
        let at = before.trim_end_matches(char::is_alphabetic).len();
        // `\S` is no word
        let begin = at + usize::from(before[..at].ends_with('\\') && at < before.len());
        // the one before it may have taken what it should find
        let earlier = before.trim_end_matches(' ').rfind(' ').map(|at| at + 1);
        for begin in [Some(begin), earlier].into_iter().flatten() {
            let mut end = begin;
            for _ in 0..MOST {
                let Some(length) = case.source[end..].find(' ') else {
                    break;
                };
                end += length + 1;
                all.extend(without(case, Span { start: begin, end }));
            }
        }
    }
    all
}

/// The regex without some of its words, if they are none that say how it ended, or the rest says it.
fn without(case: &Case, left_out: Span) -> Option<Offer> {
    let text = &case.source[left_out.start..left_out.end];
    let words = text.trim_end();
    let is_open = matches!(
        words,
        r"\S+" | r"[^ ]+" | r"\w+" | r"[\w.-]+" | r"\(\S+\)" | r"\(\S*\)"
    );
    let is_text = |word: &str| {
        let word = word.trim_end_matches(':');
        !word.is_empty() && word.chars().all(char::is_alphabetic)
    };
    let kept = replaced(case.source, left_out, "");
    let leads = |word: &str| {
        let word = word.trim_end_matches(':').to_lowercase();
        LEADING.contains(&word.as_str())
    };
    let mut plain = words.split(' ');
    let says_nothing = is_open || plain.clone().all(|word| is_text(word) && leads(word));
    // a label with a colon: `invalid user` says for whom the regex is
    let mut tells = plain.all(|word| is_text(word) && (leads(word) || words::tells_failure(word)));
    tells &= words.ends_with(':');
    let is_told = says_nothing && words::tells_failure(case.line);
    if !(is_told || tells && tells_refusal(&kept)) || !words::is_told_by_words(&kept) {
        return None;
    }
    // what the lines may have stays where it is a word of any kind
    let regex = if is_open {
        replaced(case.source, left_out, &format!("(?:{text})?"))
    } else {
        kept
    };
    case.is_matched_by(&regex).then(|| Offer {
        code: "words-too-many",
        why: format!("the regex asks for `{words}`, which the log has not there"),
        regex,
    })
}
