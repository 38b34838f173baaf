//! Every line has one and the same address of a private network, or of this machine: that of a
//! proxy or of the container network, hardly of a client.

use super::address::{addresses, is_private};
use super::{Hint, Search, count};
use std::net::IpAddr;

/// Fewer lines than this tell nothing.
const ENOUGH: usize = 4;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let counting: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].counts)
        .collect();
    let &first = counting.first()?;
    let mut all = search
        .evidence
        .lines
        .iter()
        .flat_map(|line| addresses(&line.text));
    let one = all.next()?.ip;
    let others = search.evidence.lines.len() > counting.len();
    let texts = counting
        .iter()
        .map(|&at| search.now.lines[at].text.as_str());
    let different: std::collections::BTreeSet<&str> = texts.collect();
    if counting.len() < ENOUGH
        || different.len() < ENOUGH
        || !others
        || !is_private(one)
        || all.any(|seen| seen.ip != one)
    {
        return None;
    }
    let origin = origin(one)?;
    Some(Hint {
        code: "proxy-address".into(),
        message: format!(
            "{one} is {} and the only one in the log, {} of it: it {} of a proxy or of the container \
             network, and a ban of it shuts everybody out who comes that way; let the daemon log the \
             client (X-Forwarded-For, real_ip)",
            origin.network,
            count(counting.len(), "line has a failure", "lines have a failure"),
            if origin.is_sure {
                "is that"
            } else {
                "may be that"
            }
        ),
        change: None,
        apply: None,
        lines: counting.len() as u64,
        example: search.example(first),
    })
}

/// What kind of address it is, and whether a client hardly has such a one.
struct Origin {
    network: &'static str,
    is_sure: bool,
}

/// None where it may as well be the one client of a network at home: of a large private network an
/// address is more often that of a balancer.
fn origin(ip: IpAddr) -> Option<Origin> {
    let known = |network, is_sure| Some(Origin { network, is_sure });
    match ip {
        _ if ip.is_loopback() => known("this machine itself (loopback)", true),
        IpAddr::V4(ip) => {
            let [first, second, _, last] = ip.octets();
            let is_router = matches!(last, 1 | 254);
            let network = if ip.is_link_local() {
                "a link-local address (RFC 3927)"
            } else {
                "a private address (RFC 1918)"
            };
            match (first, second) {
                // Docker's networks
                (172, _) => known(network, true),
                _ if is_router => known(network, true),
                (10, _) => known(network, false),
                _ => None,
            }
        }
        IpAddr::V6(ip) if ip.is_unique_local() => {
            let is_router = ip.segments()[7] == 1;
            known("a private address (RFC 4193)", is_router)
        }
        IpAddr::V6(_) => None,
    }
}
