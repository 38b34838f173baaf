//! Who failed: a row for each address, and the networks that several of them share.

use crate::analysis::page::Sparkline;
use crate::analysis::run::{AddressInfo, AddressRows, RunReport};
use crate::report::html;
use crate::report::run::table::addresses::{local, numbers};
use crate::report::text::{counted, fit, grouped};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Users told of an address.
const USERS: usize = 5;
/// Columns of an address.
const ADDRESS: usize = 200;

pub(super) struct AddressRow {
    pub(super) address: String,
    pub(super) hits: u64,
    pub(super) spark: String,
    pub(super) first: String,
    pub(super) last: String,
    /// First and last time, epoch seconds.
    pub(super) span: Option<(f64, f64)>,
    pub(super) failregex: String,
    pub(super) users: String,
}

pub(super) struct Network {
    pub(super) name: String,
    pub(super) said: String,
    pub(super) members: String,
}

pub(super) fn caption<A: AddressRows>(report: &RunReport<A>, shown: usize) -> String {
    let all = report.addresses.total();
    let count = counted(all as u64, "address or id", "addresses and ids");
    let in_data = all.saturating_sub(report.more_addresses as usize);
    if shown >= all {
        format!("{count}, most hits first")
    } else {
        format!(
            "{count}: the {} with the most hits; {} are in the data of this file",
            grouped(shown as u64),
            grouped(in_data as u64)
        )
    }
}

impl AddressRow {
    pub(super) fn of(address: &AddressInfo, line: Option<&Sparkline>) -> AddressRow {
        let users = address.users.iter().take(USERS).map(|user| fit(user, 60));
        let mut users = users.collect::<Vec<_>>().join(", ");
        let rest = address.users.len().saturating_sub(USERS);
        if rest > 0 {
            users += &format!(
                " and {rest}{} more",
                if address.more_users { " or" } else { "" }
            );
        }
        let (first, last) = (address.first.as_ref(), address.last.as_ref());
        AddressRow {
            address: fit(&address.address, ADDRESS),
            hits: address.hits,
            spark: line.map_or(String::new(), |line| html::spark(&line.hits)),
            first: local(first),
            last: local(last),
            span: first
                .zip(last)
                .map(|(first, last)| (first.epoch, last.epoch)),
            failregex: numbers(&address.failregex),
            users,
        }
    }
}

/// The networks of which several addresses are shown, those with the most hits first.
pub(super) fn networks(shown: &[AddressInfo]) -> Vec<Network> {
    let mut all: BTreeMap<IpAddr, Vec<&AddressInfo>> = BTreeMap::new();
    for address in shown {
        if let Some(network) = address.address.parse().ok().map(network) {
            all.entry(network).or_default().push(address);
        }
    }
    let hits = |members: &[&AddressInfo]| -> u64 { members.iter().map(|one| one.hits).sum() };
    let mut all: Vec<_> = all
        .into_iter()
        .filter(|(_, members)| members.len() > 1)
        .collect();
    all.sort_by_key(|(_, members)| std::cmp::Reverse(hits(members)));
    let network = |(network, members): (IpAddr, Vec<&AddressInfo>)| Network {
        name: format!("{network}/{}", if network.is_ipv4() { 24 } else { 64 }),
        said: format!(
            "{}, {}",
            counted(members.len() as u64, "address", "addresses"),
            counted(hits(&members), "hit", "hits")
        ),
        members: (members.iter())
            .map(|one| format!("{} ({})", one.address, grouped(one.hits)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    all.into_iter().map(network).collect()
}

/// The network of an address: its first 24 bits, of IPv6 its first 64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from(u32::from(address) & !0xff).into(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
    }
}
