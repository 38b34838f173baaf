//! `shop\\[\\d+\\]:` where the log has no number of the process: `shop:`.

use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::ast::Span;

/// Ways to ask for the number.
const NUMBERS: [&str; 4] = [r"\[\d+\]", r"\[[0-9]+\]", r"\[\d*\]", r"\[[0-9]*\]"];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let places = NUMBERS.iter().flat_map(|number| {
        let found = case.source.match_indices(number);
        found.map(|(start, number)| Span {
            start,
            end: start + number.len(),
        })
    });
    places.filter_map(|place| offer(case, place)).collect()
}

fn offer(case: &Case, place: Span) -> Option<Offer> {
    let (before, behind) = (&case.source[..place.start], &case.source[place.end..]);
    let is_of_name = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let name = &before[before.trim_end_matches(is_of_name).len()..];
    let is_missing = case.text.contains(&format!("{name}:"));
    (behind.starts_with(':') && !name.is_empty() && is_missing).then(|| Offer {
        code: "no-process-number",
        why: format!(
            "the log has no number of a process behind `{name}`, for which the regex asks"
        ),
        regex: replaced(case.source, place, r"(?:\[\d+\])?"),
    })
}
