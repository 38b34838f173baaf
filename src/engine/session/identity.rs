//! Whom a failure names: the way through fid, ip4, ip6 and dns.

use crate::engine::address::{Address, AddressKind, Reading};
use crate::engine::dns::UseDns;
use crate::engine::groups::Key;

/// Who a failure dictionary names.
pub(super) enum Identity<T> {
    /// Nobody yet: its session goes on.
    Pending,
    /// One address or id.
    One(Named<T>),
    /// A host name to be resolved.
    Host(T),
}

/// An address or id, as it is written.
pub(super) struct Named<T> {
    pub(super) text: T,
    pub(super) reading: Reading,
    /// None: what it turns out to be.
    pub(super) kind: Option<AddressKind>,
    /// The address where the id is another one.
    pub(super) beside: Option<(T, Reading)>,
}

pub(super) fn kind_of(address: &Address) -> AddressKind {
    match address.ip() {
        Some(std::net::IpAddr::V4(_)) => AddressKind::Ip4,
        Some(std::net::IpAddr::V6(_)) => AddressKind::Ip6,
        None => AddressKind::Id,
    }
}

/// The failure id of a failure: fid, ip4, ip6, dns, in upstream's way through them
/// (`Filter.findFailure`). `text` gives the text of a group that took part.
pub(super) fn identify<T: AsRef<str>>(
    text: impl Fn(Key) -> Option<T>,
    usedns: UseDns,
    raw: bool,
) -> Identity<T> {
    let without_prefix = if usedns == UseDns::Raw || raw {
        Reading::Raw
    } else {
        Reading::Any
    };
    let fid = text(Key::FID);
    let cidr = || {
        let cidr = text(Key::CIDR).filter(|cidr| !cidr.as_ref().is_empty())?;
        Some(Reading::Prefix(prefix_length(cidr.as_ref())))
    };
    let (ip, reading, kind) = if let Some(ip) = text(Key::IP4) {
        (ip, cidr().unwrap_or(Reading::V4), AddressKind::Ip4)
    } else if let Some(ip) = text(Key::IP6) {
        (ip, cidr().unwrap_or(Reading::V6), AddressKind::Ip6)
    } else if let Some(name) = text(Key::DNS) {
        if without_prefix != Reading::Raw {
            return Identity::Host(name);
        }
        (name, Reading::Raw, AddressKind::Dns)
    } else if let Some(fid) = fid {
        return Identity::One(Named {
            text: fid,
            reading: without_prefix,
            kind: None,
            beside: None,
        });
    } else {
        return Identity::Pending;
    };
    Identity::One(match fid {
        Some(fid) if fid.as_ref() != ip.as_ref() => Named {
            text: fid,
            reading: without_prefix,
            kind: Some(AddressKind::Id),
            beside: Some((ip, reading)),
        },
        _ => Named {
            text: ip,
            reading,
            kind: Some(kind),
            beside: None,
        },
    })
}

/// `int(text)` of a captured prefix length: `\d` also takes other scripts' digits.
fn prefix_length(text: &str) -> u32 {
    text.chars().fold(0u32, |sum, c| {
        sum.saturating_mul(10)
            .saturating_add(c.to_digit(10).unwrap_or(0))
    })
}
