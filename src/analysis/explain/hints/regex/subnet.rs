//! The log names a network, the regex asks for an address.

use super::super::address::ADDRESS_TAGS;
use super::{Case, Offer};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let seen = super::super::address::addresses(case.text);
    let is_network = seen.iter().any(|seen| {
        let behind = case.text[seen.end..].strip_prefix('/');
        behind.is_some_and(|length| length.starts_with(|c: char| c.is_ascii_digit()))
    });
    let tags = ADDRESS_TAGS.iter();
    tags.filter(|tag| is_network && case.source.contains(**tag))
        .map(|tag| Offer {
            code: "network",
            why: format!("the log names a network, `{tag}` takes an address only"),
            regex: case.source.replace(tag, "<SUBNET>"),
        })
        .collect()
}
