//! A value that the regex wants a character of at least, and that is empty in the log: `user=`,
//! `user ""`.

use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::ast::Span;

/// What a value is asked for with.
const VALUES: [&str; 8] = [
    r"\S+", r"\w+", r"[^ ]+", r"[^\s]+", "[^\"]+", "[^']+", "[^>]+", ".+",
];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let spots = case.spots.iter();
    spots
        .filter_map(|spot| offer(case, spot.span.start))
        .collect()
}

fn offer(case: &Case, at: usize) -> Option<Offer> {
    let (before, rest) = (case.source.get(..at)?, case.source.get(at..)?);
    let value = VALUES.iter().find(|value| rest.starts_with(**value))?;
    let behind = rest[value.len()..].chars().next()?;
    // `user=` before a blank, a quote before the one that closes
    let sign = before.chars().next_back()?;
    let is_value = match sign {
        '=' | ':' => behind == ' ',
        '"' | '\'' => behind == sign,
        '<' => behind == '>',
        _ => false,
    };
    let name: String = before
        .chars()
        .rev()
        .skip(1)
        .take_while(|c| *c != ' ')
        .collect();
    let logged: String = name.chars().rev().chain([sign, behind]).collect();
    (is_value && case.text.contains(&logged)).then(|| Offer {
        code: "may-be-empty",
        why: format!("`{value}` wants a character, and the log has `{logged}`"),
        regex: replaced(
            case.source,
            Span {
                start: at,
                end: at + value.len(),
            },
            &format!("{}*", &value[..value.len() - 1]),
        ),
    })
}
