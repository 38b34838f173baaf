//! A list of addresses where the regex wants one: the client, and behind it the proxies that spoke
//! for it, as `X-Forwarded-For` has them.

use super::super::address::{ADDRESS_TAGS, Seen, addresses, is_private};
use super::{Case, Offer};

/// The rest of such a list.
const LIST: &str = r"(?:,\s*[\da-fA-F.:]+)*";

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let lists = case.texts.iter().filter_map(|text| list(text));
    let lists: Vec<(&str, bool)> = lists.flatten().collect();
    // of two addresses from outside the first may be the client's invention
    let any_unsure = case.texts.iter().any(|text| list(text) == Some(None));
    let Some(&(shown, is_bracketed)) = lists.first().filter(|_| !any_unsure) else {
        return Vec::new();
    };
    let places = ADDRESS_TAGS.iter().flat_map(|tag| {
        let found = case.source.match_indices(tag);
        found.map(|(at, tag)| case.source.split_at(at + tag.len()))
    });
    let close = if is_bracketed { r"\]" } else { "" };
    let offers = places.map(|(before, rest)| {
        let close = if rest.starts_with(close) { "" } else { close };
        Offer {
            code: "address-list",
            why: format!("behind the address of the client stand those of proxies, `{shown}`"),
            regex: format!("{before}{LIST}{close}{rest}"),
        }
    });
    offers.collect()
}

/// The list that a text has, its begin and whether it stands in brackets; `Some(None)` where another
/// than the first address of it is from outside.
fn list(text: &str) -> Option<Option<(&str, bool)>> {
    let all = addresses(text);
    let follows = |pair: &&[Seen]| text[pair[0].end..pair[1].start].trim() == ",";
    let first = all.windows(2).find(follows)?;
    let (client, proxy) = (first[0], first[1]);
    let is_known = !is_private(client.ip) && is_private(proxy.ip);
    let mut others = all.windows(2).filter(follows).map(|pair| pair[1]);
    let shown = &text[client.start..proxy.end];
    let is_bracketed = text[..client.start].ends_with('[');
    Some((is_known && others.all(|seen| is_private(seen.ip))).then_some((shown, is_bracketed)))
}
