//! The regex takes addresses of one family, and the log has the other one.

use super::super::address::addresses;
use super::super::words::names_server;
use super::tree::replaced;
use super::{Case, Offer};
use crate::pattern::ast::Kind;

/// What takes IPv4 addresses alone.
const IP4: [&str; 2] = ["<IP4>", "(?P<ip4>"];
/// What takes IPv6 addresses alone.
const IP6: [&str; 2] = ["<IP6>", "(?P<ip6>"];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let all = addresses(case.text);
    let mut offers = Vec::new();
    for (written, name, other) in [(IP4, "IPv4", "IPv6"), (IP6, "IPv6", "IPv4")] {
        if !all
            .iter()
            .any(|seen| seen.ip.is_ipv6() == (other == "IPv6"))
        {
            continue;
        }
        let [tag, group] = written;
        let before = written.iter().find_map(|what| case.source.find(what));
        let before = &case.source[..before.unwrap_or_default()];
        let word = before.trim_end_matches(|c: char| !c.is_alphanumeric());
        let word = word.rsplit(|c: char| !c.is_alphanumeric()).next();
        if word.is_some_and(names_server) {
            continue;
        }
        let mut nodes = case.tree.nodes().into_iter();
        let own = nodes.find(|node| {
            matches!(node.kind, Kind::Group(_)) && case.tree.text(node.span).starts_with(group)
        });
        let (what, regex) = match own {
            _ if case.source.contains(tag) => (tag, case.source.replace(tag, "<ADDR>")),
            Some(node) => (
                case.tree.text(node.span),
                replaced(case.source, node.span, "<ADDR>"),
            ),
            None => continue,
        };
        offers.push(Offer {
            code: "one-family",
            why: format!(
                "`{what}` takes {name} addresses only, the log has {other} ones: `<ADDR>` takes both"
            ),
            regex,
        });
    }
    offers
}
