//! The log is JSON and has its keys in another order than the regex.

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
    // each part stands somewhere in the line
    let stands = |part: &&str| {
        // alone, a part need not name anybody
        let regex = (case.compile)(part);
        regex.is_some_and(|regex| regex.is_match(case.text, &mut scratch).unwrap_or(false))
    };
    if !parts.iter().all(stands) {
        return Vec::new();
    }
    let names = |part: &&&str| part.contains("<HOST>") || part.contains("<ADDR>");
    let Some(host) = parts.iter().find(names) else {
        return Vec::new();
    };
    let others: String = (parts.iter())
        .filter(|part| *part != host)
        .map(|part| format!("(?=.*{part})"))
        .collect();
    vec![Offer {
        code: "key-order",
        why: "the keys of the JSON stand in another order than in the regex; `(?=…)` looks for \
              each wherever it stands"
            .into(),
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
