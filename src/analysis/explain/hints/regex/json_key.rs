//! The log is JSON and has the address under another key than the regex asks for, or keys before
//! and behind those that the regex has between its braces.

use super::super::address::{ADDRESS_TAGS, addresses};
use super::super::around_date::key;
use super::super::words::{Sense, names_server, sense_of_word};
use super::{Case, Offer};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let other = asked(case).and_then(|asked| offer(case, asked));
    other.into_iter().chain(more_keys(case)).collect()
}

/// `{"user":…}` where the log has keys in front of the first, behind the last, or both. In a value a
/// quote is escaped, so that what a client writes is no key.
fn more_keys(case: &Case) -> Vec<Offer> {
    // what the other keys say of how it ended is not asked for
    let mut words = case.source.split(|c: char| !c.is_alphabetic());
    let fails = words.any(|word| sense_of_word("", word) == Some(Sense::Failure));
    if !fails || !case.text.trim_start().starts_with('{') {
        return Vec::new();
    }
    let flags = [r"^\s*\{", r"^\s*{", r"^\{", "^{", r"\{", "{"];
    let first = flags.iter().find_map(|brace| {
        let rest = case.source.strip_prefix(brace)?;
        let from = if brace.starts_with('^') {
            r"^\s*\{(?:.*,\s*)?"
        } else {
            r"[{,]\s*"
        };
        rest.starts_with('"').then(|| format!("{from}{rest}"))
    });
    let last = |source: &str| {
        let open = [r"\}$", "}$", r"\}", "}"].iter();
        let mut open = open.filter_map(|brace| source.strip_suffix(brace));
        let open = open
            .next()
            .filter(|open| open.ends_with(['"', '+', 'e', 'l']))?;
        Some(format!("{open}[,}}]"))
    };
    let both = first.as_deref().and_then(last);
    let regexes = [first, last(case.source), both];
    let offers = regexes.into_iter().flatten().map(|regex| Offer {
        code: "json-more-keys",
        why: "the JSON of the log has more keys than the regex asks for between its braces".into(),
        regex,
    });
    offers.collect()
}

/// The key before the address in the regex.
fn asked<'c>(case: &Case<'c>) -> Option<&'c str> {
    let at = ADDRESS_TAGS.iter().find_map(|tag| case.source.find(tag))?;
    let before = &case.source[..at];
    let before = before.strip_suffix('"').unwrap_or(before);
    let before = before
        .trim_end_matches(r"\s*")
        .trim_end()
        .strip_suffix(':')?;
    let name = before
        .trim_end_matches(r"\s*")
        .strip_suffix('"')?
        .rsplit('"')
        .next()?;
    is_key(name).then_some(name)
}

fn is_key(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

/// The same with the key of the only address of the line.
fn offer(case: &Case, asked: &str) -> Option<Offer> {
    let [seen] = addresses(case.text).try_into().ok()?;
    let found = key(&case.text[..seen.start])?;
    let logged = found.split('"').nth(1).filter(|name| is_key(name))?;
    // a line that has the key asked for has it for somebody else
    let quoted = format!("\"{asked}\"");
    if logged == asked || names_server(logged) || case.text.contains(&quoted) {
        return None;
    }
    Some(Offer {
        code: "json-key",
        why: format!("the log has the address under `{logged}`, the regex asks for `{asked}`"),
        regex: case.source.replace(&quoted, &format!("\"{logged}\"")),
    })
}
