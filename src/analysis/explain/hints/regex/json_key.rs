//! The log is JSON and has the address under another key than the regex asks for.

use super::super::address::addresses;
use super::super::around_date::key;
use super::super::words::names_server;
use super::{Case, Offer};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    asked(case)
        .and_then(|asked| offer(case, asked))
        .into_iter()
        .collect()
}

/// The key before the address in the regex.
fn asked<'c>(case: &Case<'c>) -> Option<&'c str> {
    let at = ["<HOST>", "<ADDR>"]
        .iter()
        .find_map(|tag| case.source.find(tag))?;
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
