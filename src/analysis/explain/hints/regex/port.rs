//! A port glued to the address, with which the regex does not reckon: of an IPv6 address it looks
//! like one more part.

use super::super::address::addresses;
use super::{Case, Offer};

const TAGS: [&str; 2] = ["<HOST>", "<ADDR>"];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some(port) = case.texts.iter().find_map(|text| port(text)) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for tag in TAGS {
        for (at, _) in case.source.match_indices(tag) {
            let (before, rest) = case.source.split_at(at + tag.len());
            if rest.starts_with(':') || rest.starts_with("(?::") {
                continue;
            }
            all.push(Offer {
                code: "port-behind",
                why: format!("the port `{port}` follows the address at once"),
                regex: format!(r"{before}:\d+{rest}"),
            });
        }
    }
    all
}

/// The port glued to an address of a line, with its colon.
fn port(text: &str) -> Option<&str> {
    addresses(text).iter().find_map(|seen| {
        let rest = &text[seen.end..];
        let rest = rest.strip_prefix(']').unwrap_or(rest);
        let digits = rest.strip_prefix(':')?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        (1..=5).contains(&length).then(|| &rest[..=length])
    })
}
