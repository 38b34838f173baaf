//! Every line has one and the same address of a private network, or of this machine: that of a
//! proxy or of the container network, hardly of a client.

use super::address::{addresses, is_private, parsed};
use super::{Hint, Search, count};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Fewer lines than this tell nothing; of a container network's own address they need not differ.
const ENOUGH: usize = 4;
const FEW: usize = 3;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let counting: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].counts)
        .collect();
    let &first = counting.first()?;
    let one = parsed(&search.now.lines[first].ids.first()?.0)?;
    let is_it = |at: &usize| {
        let mut ids = search.now.lines[*at].ids.iter();
        ids.all(|(id, _)| parsed(id) == Some(one))
    };
    if !counting.iter().all(is_it) || !is_alone(search, one) {
        return None;
    }
    let origin = origin(one)?;
    let others = search.evidence.lines.len() > counting.len();
    let texts = counting
        .iter()
        .map(|&at| search.now.lines[at].text.as_str());
    let different: BTreeSet<&str> = texts.collect();
    let is_enough = counting.len() >= ENOUGH && different.len() >= ENOUGH && others;
    if !(is_enough || origin.is_of_containers && counting.len() >= FEW) {
        return None;
    }
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

/// Whether the log has no address beside one, but for a private one that is always the same: that of
/// the machine that writes it.
fn is_alone(search: &Search, one: IpAddr) -> bool {
    let lines = search.evidence.lines.iter();
    let all = lines.flat_map(|line| addresses(&line.text));
    let others: BTreeSet<IpAddr> = all.map(|seen| seen.ip).filter(|ip| *ip != one).collect();
    is_inner(one) && others.len() <= 1 && others.into_iter().all(is_inner)
}

/// Whether an address is of a private network or of a carrier's own one (RFC 6598).
fn is_inner(ip: IpAddr) -> bool {
    is_private(ip) || matches!(ip, IpAddr::V4(ip) if is_of_carrier(ip.octets()))
}

fn is_of_carrier([first, second, ..]: [u8; 4]) -> bool {
    first == 100 && second & 0b1100_0000 == 64
}

/// What kind of address it is, and whether a client hardly has such a one.
struct Origin {
    network: &'static str,
    is_sure: bool,
    /// It is what Docker gives the machine itself.
    is_of_containers: bool,
}

/// None where it may as well be the one client of a network at home: of a large private network an
/// address is more often that of a balancer.
fn origin(ip: IpAddr) -> Option<Origin> {
    let known = |network, is_sure, is_of_containers| {
        Some(Origin {
            network,
            is_sure,
            is_of_containers,
        })
    };
    match ip {
        _ if ip.is_loopback() => known("this machine itself (loopback)", true, false),
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
                (172, _) => known(network, true, last == 1),
                (100, _) if is_router => known("a carrier's own address (RFC 6598)", true, false),
                (100, _) => None,
                _ if is_router => known(network, true, false),
                (10, _) => known(network, false, false),
                _ => None,
            }
        }
        IpAddr::V6(ip) if ip.is_unique_local() => {
            let is_router = ip.segments()[7] == 1;
            known("a private address (RFC 4193)", is_router, is_router)
        }
        IpAddr::V6(_) => None,
    }
}
