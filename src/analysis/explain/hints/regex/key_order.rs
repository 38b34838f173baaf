//! The log is JSON and has its keys in another order than the regex, or others between them.

use super::{Case, Offer};
use crate::pattern::Scratch;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let source = case.source.trim_start_matches('^').trim_end_matches('$');
    let source = source.trim_start_matches(".*").trim_end_matches(".*");
    let mut parts: Vec<&str> = source.split(".*").collect();
    if let [_] = parts.as_slice() {
        // one key behind the other, with nothing left open between
        parts = pairs(source);
    }
    let is_key = |part: &&str| part.contains(r#"":"#) || part.contains(r#""\s*:"#);
    if !case.text.starts_with('{') || !(2..=6).contains(&parts.len()) || !parts.iter().all(is_key) {
        return Vec::new();
    }
    let mut scratch = Scratch::default();
    // each part stands somewhere in the line; alone, it need not name anybody
    let places = parts.iter().map(|part| {
        let found = (case.compile)(part)?
            .search(case.text, &mut scratch)
            .ok()??;
        Some(found.start())
    });
    let Some(places) = places.collect::<Option<Vec<usize>>>() else {
        return Vec::new();
    };
    let names = |part: &&&str| part.contains("<HOST>") || part.contains("<ADDR>");
    let Some(host) = parts.iter().find(names) else {
        return Vec::new();
    };
    let others: String = (parts.iter())
        .filter(|part| *part != host)
        .map(|part| format!("(?=.*{part})"))
        .collect();
    let (code, what) = if places.is_sorted() {
        (
            "more-keys",
            "the JSON has more between the keys than the regex asks for",
        )
    } else {
        (
            "key-order",
            "the keys of the JSON stand in another order than in the regex",
        )
    };
    vec![Offer {
        code,
        why: format!("{what}; `(?=…)` looks for each wherever it stands"),
        regex: format!("^{others}.*{host}"),
    }]
}

/// The keys of a piece of JSON in a regex, each with its value: cut at the commas before a key.
fn pairs(source: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = source;
    while let Some((at, length)) = COMMAS
        .iter()
        .find_map(|comma| Some((rest.find(comma)?, comma.len())))
    {
        parts.push(&rest[..at]);
        // the quote is the key's
        rest = &rest[at + length - 1..];
    }
    parts.push(rest);
    parts
}

/// Commas as they stand before a key, the blanks the regex has for it.
const COMMAS: [&str; 3] = [r#",\s*""#, r#", ""#, r#",""#];
