//! Failure ids and addresses as fail2ban sees them: `IPAddr` of upstream's `ipdns.py`.
//!
//! Text in, canonical text out. Not for resolving host names: that is `dns`.

use compact_str::{CompactString, ToCompactString, format_compact};
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How [`Address::new`] reads its text: upstream's `cidr` argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Keep the text, whatever it is (`CIDR_RAW`: `--raw`, `--usedns raw`).
    Raw,
    /// An IPv4 or IPv6 address, perhaps `[…]`, perhaps with a `/prefix` (`CIDR_UNSPEC`).
    Any,
    /// An IPv4 address only: text caught by an `ip4` group.
    V4,
    /// An IPv6 address only: text caught by an `ip6` group.
    V6,
    /// An address with the prefix length a `cidr` group caught.
    Prefix(u32),
}

/// What an [`Address`] turned out to be.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AddressKind {
    /// An IPv4 address or network.
    Ip4,
    /// An IPv6 address or network.
    Ip6,
    /// A host name: text that is no address, from a `dns` group.
    Dns,
    /// Any other failure id (a user, a session, raw text).
    Id,
}

impl AddressKind {
    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            AddressKind::Ip4 => "ip4",
            AddressKind::Ip6 => "ip6",
            AddressKind::Dns => "dns",
            AddressKind::Id => "id",
        }
    }
}

/// An address, network or other id, in the form upstream prints it.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// Upstream's `str(IPAddr)`.
    pub(crate) text: CompactString,
    parsed: Parsed,
}

/// An address as a number.
#[derive(Clone, Copy, Debug)]
enum Parsed {
    /// The text is parsed for those who ask: what only counts addresses never does.
    V4Text,
    /// None for raw text.
    Known(Option<IpAddr>),
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        self.text == other.text && self.ip() == other.ip()
    }
}

impl Address {
    /// Reads `text` as upstream's `IPAddr(text, cidr)` does. Never fails: what is no
    /// address keeps its text.
    pub(crate) fn new(text: &str, reading: Reading) -> Address {
        let raw = || Address::known(text.into(), None);
        match reading {
            Reading::Raw => raw(),
            // what parses has no leading zeros, so it is written as it will be read
            Reading::V4 => Address {
                text: text.into(),
                parsed: Parsed::V4Text,
            },
            Reading::V6 => text.parse().map_or_else(|_| raw(), plain_v6),
            Reading::Any => {
                // IPAddr.__wrap_ipstr: brackets of "[ipv6]:port" and a prefix or mask go first
                let inner = match text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
                    Some(inner) if !inner.is_empty() => inner,
                    _ => text,
                };
                if let Some((host, prefix)) = split_prefix(inner) {
                    return with_prefix(host, prefix)
                        .unwrap_or_else(|| Address::known(host.into(), None));
                }
                if let Ok(ip) = inner.parse() {
                    plain_v4(ip)
                } else if let Ok(ip) = inner.parse() {
                    plain_v6(ip)
                } else {
                    Address::known(inner.into(), None)
                }
            }
            Reading::Prefix(prefix) => with_prefix(text, prefix).unwrap_or_else(raw),
        }
    }

    fn known(text: CompactString, ip: Option<IpAddr>) -> Address {
        let parsed = Parsed::Known(ip);
        Address { text, parsed }
    }

    /// The parsed address, with host bits cleared where a prefix was given; None for raw text.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        match self.parsed {
            Parsed::V4Text => read_v4(&self.text).map(IpAddr::V4),
            Parsed::Known(ip) => ip,
        }
    }

    /// The name of the address family as upstream's `<family>` gives it.
    pub(crate) fn family(&self) -> Option<&'static str> {
        match self.ip()? {
            IpAddr::V4(_) => Some("inet4"),
            IpAddr::V6(_) => Some("inet6"),
        }
    }

    /// The reversed name without its suffix, upstream's `getPTR('')`; empty for no address.
    pub(crate) fn reversed(&self) -> String {
        match self.ip() {
            Some(IpAddr::V4(_)) => {
                let parts: Vec<&str> = self.text.split('.').rev().collect();
                parts.join(".") + "."
            }
            Some(IpAddr::V6(ip)) => {
                let digits = format!("{:032x}", u128::from(ip));
                let mut out = String::with_capacity(64);
                for digit in digits.chars().rev() {
                    out.push(digit);
                    out.push('.');
                }
                out
            }
            None => String::new(),
        }
    }
}

/// Addresses read before.
///
/// [`Address::new`] depends on nothing but what it is given, so an answer holds for ever.
/// A text has one place, where it takes over from whatever was there: the memory is bounded,
/// and what comes often is mostly found.
#[derive(Debug, Default)]
pub(crate) struct AddressMemo(Vec<Option<Remembered>>);

/// Places of an [`AddressMemo`].
const REMEMBERED: usize = 2048;

/// No address is longer; other texts are not worth their room.
const LONGEST_REMEMBERED: usize = 64;

#[derive(Debug)]
struct Remembered {
    text: CompactString,
    reading: Reading,
    address: Address,
}

impl AddressMemo {
    /// [`Address::new`], faster for what was read before.
    #[inline]
    pub(crate) fn read(&mut self, text: &str, reading: Reading) -> Address {
        // these take no longer to read than to find
        if matches!(reading, Reading::Raw | Reading::V4) || text.len() > LONGEST_REMEMBERED {
            return Address::new(text, reading);
        }
        if self.0.is_empty() {
            self.0.resize_with(REMEMBERED, || None);
        }
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(text.as_bytes());
        let place = &mut self.0[hasher.finish() as usize % REMEMBERED];
        match place {
            Some(known) if known.reading == reading && known.text == text => known.address.clone(),
            _ => {
                let address = Address::new(text, reading);
                *place = Some(Remembered {
                    text: text.into(),
                    reading,
                    address: address.clone(),
                });
                address
            }
        }
    }
}

/// `text.parse::<Ipv4Addr>().ok()`, byte by byte: where addresses are asked for, nearly every failure comes by
/// here.
fn read_v4(text: &str) -> Option<Ipv4Addr> {
    if text.len() > "255.255.255.255".len() {
        return None;
    }
    // what an octet of so many digits is at least, if it has no leading zero
    const LEAST: [u32; 4] = [u32::MAX, 0, 10, 100];
    let whole = |octet, digits: usize| octet <= 255 && digits < 4 && octet >= LEAST[digits];
    let (mut address, mut octet, mut digits, mut dots) = (0u32, 0u32, 0, 0);
    for &byte in text.as_bytes() {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        if digit < 10 {
            octet = octet.wrapping_mul(10).wrapping_add(digit);
            digits += 1;
        } else if byte == b'.' && dots < 3 && whole(octet, digits) {
            address = address << 8 | octet;
            (octet, digits, dots) = (0, 0, dots + 1);
        } else {
            return None;
        }
    }
    (dots == 3 && whole(octet, digits)).then(|| Ipv4Addr::from_bits(address << 8 | octet))
}

/// Text that is nothing but one address (upstream's `IPAddr.searchIP`), without its brackets.
pub(crate) fn search_ip(text: &str) -> Option<&str> {
    // the regex there ends in `$`, which also stands before a final newline
    let text = text.strip_suffix('\n').unwrap_or(text);
    if is_ip4_shape(text) {
        return Some(text);
    }
    let inner = text.strip_prefix('[').unwrap_or(text);
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    is_ip6_shape(inner).then_some(inner)
}

fn plain_v4(ip: Ipv4Addr) -> Address {
    Address::known(ip.to_compact_string(), Some(ip.into()))
}

fn plain_v6(ip: Ipv6Addr) -> Address {
    // an IPv4-compatible address (::ffff:0:0/96) becomes IPv4, IPAddr.__init
    if let Some(ip4) = ip.to_ipv4_mapped() {
        return plain_v4(ip4);
    }
    Address::known(v6_text(ip), Some(ip.into()))
}

/// `inet_ntop(AF_INET6)` of glibc: unlike Rust's Display it writes `::1.2.3.4` for
/// addresses whose first 96 bits are zero.
fn v6_text(ip: Ipv6Addr) -> CompactString {
    let [a, b, c, d, e, f, g, _] = ip.segments();
    if [a, b, c, d, e, f] == [0; 6] && g != 0 {
        let [.., w, x, y, z] = ip.octets();
        return format_compact!("::{}", Ipv4Addr::new(w, x, y, z));
    }
    ip.to_compact_string()
}

fn with_prefix(text: &str, prefix: u32) -> Option<Address> {
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        let host_bits = u32::MAX.checked_shr(prefix).unwrap_or(0);
        let ip = Ipv4Addr::from(u32::from(ip) & !host_bits);
        let text = match prefix {
            1..32 => format_compact!("{ip}/{prefix}"),
            _ => ip.to_compact_string(),
        };
        return Some(Address::known(text, Some(ip.into())));
    }
    let ip: Ipv6Addr = text.parse().ok()?;
    let host_bits = u128::MAX.checked_shr(prefix).unwrap_or(0);
    let ip = Ipv6Addr::from(u128::from(ip) & !host_bits);
    let text = match prefix {
        1..128 => format_compact!("{}/{prefix}", ntop_any(ip)),
        _ => ntop_any(ip),
    };
    Some(Address::known(text, Some(ip.into())))
}

/// `inet_ntop` also of mapped addresses, which keep their family when a prefix was given.
fn ntop_any(ip: Ipv6Addr) -> CompactString {
    match ip.to_ipv4_mapped() {
        Some(ip4) => format_compact!("::ffff:{ip4}"),
        None => v6_text(ip),
    }
}

/// Splits `address/prefix` or `address/mask` as `IPAddr.__wrap_ipstr`.
fn split_prefix(text: &str) -> Option<(&str, u32)> {
    let (host, tail) = text.split_once('/')?;
    if !is_ip4_shape(host) && !is_ip6_shape(host) {
        return None;
    }
    if !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit()) {
        return Some((host, tail.parse().unwrap_or(u32::MAX)));
    }
    let mask_bits = match tail.parse::<IpAddr>().ok()? {
        IpAddr::V4(mask) => mask_length(u128::from(u32::from(mask)), 32)?,
        IpAddr::V6(mask) => mask_length(u128::from(mask), 128)?,
    };
    Some((host, mask_bits))
}

fn mask_length(mask: u128, width: u32) -> Option<u32> {
    let ones = (mask << (128 - width)).leading_ones();
    let whole = if ones == 0 {
        0
    } else {
        (u128::MAX << (128 - ones)) >> (128 - width)
    };
    (mask == whole).then_some(ones)
}

/// `(?:\d{1,3}\.){3}\d{1,3}`, in ASCII digits: others are no address either way.
fn is_ip4_shape(text: &str) -> bool {
    let mut parts = 0;
    text.split('.').all(|part| {
        parts += 1;
        (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    }) && parts == 4
}

/// `(?:[0-9a-fA-F]{1,4}::?|:){1,7}(?:[0-9a-fA-F]{1,4}|(?<=:):)`.
fn is_ip6_shape(text: &str) -> bool {
    static SHAPE: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
        // the lookbehind always holds: every pass of the loop ends in a colon
        regex::Regex::new(r"^(?:[0-9a-fA-F]{1,4}::?|:){1,7}(?:[0-9a-fA-F]{1,4}|:)$")
            .expect("a constant pattern compiles")
    });
    SHAPE.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(of: &str, reading: Reading) -> String {
        Address::new(of, reading).text.into()
    }

    // Expectations written down from upstream's IPAddr on CPython 3.11.
    #[test]
    fn texts_are_upstreams() {
        assert_eq!(text("192.030.0.6", Reading::V4), "192.030.0.6");
        assert_eq!(text("::ffff:c0a8:1", Reading::V6), "192.168.0.1");
        assert_eq!(text("2001:DB8:0:0::1", Reading::V6), "2001:db8::1");
        assert_eq!(text("::102:304", Reading::V6), "::1.2.3.4");
        assert_eq!(text("::1", Reading::V6), "::1");
        assert_eq!(text("192.0.2.77", Reading::Prefix(24)), "192.0.2.0/24");
        assert_eq!(text("192.0.2.77", Reading::Prefix(40)), "192.0.2.77");
        assert_eq!(text("192.0.2.77", Reading::Prefix(0)), "0.0.0.0");
        assert_eq!(text("2001:db8::77", Reading::Prefix(32)), "2001:db8::/32");
        assert_eq!(text("[2001:db8::77]", Reading::Any), "2001:db8::77");
        assert_eq!(
            text("192.0.2.7/255.255.255.0", Reading::Any),
            "192.0.2.0/24"
        );
        assert_eq!(text("host.example", Reading::Any), "host.example");
        assert_eq!(text("192.0.2.7", Reading::Raw), "192.0.2.7");
    }

    proptest! {
        #[test]
        fn ip4_is_read_as_std_does(
            text in prop_oneof![
                "[0-9]{1,3}(\\.[0-9]{1,3}){2,4}",
                "(0|[1-9][0-9]{0,1}|[12][0-9]{2})(\\.(0|[1-9][0-9]?|1[0-9]{2}|2[0-5][0-9])){3}",
                "[0-9.:/a é]{0,17}",
            ],
        ) {
            prop_assert_eq!(read_v4(&text), text.parse().ok());
        }
    }

    /// What was read before is what is read.
    #[test]
    fn memory_serves() {
        let mut memo = AddressMemo::default();
        for n in 0..6000u32 {
            // some of these share a place, and some are asked for again
            let text = format!("2001:DB8::{:x}", n % 2500);
            for (text, reading) in [
                (text.as_str(), Reading::V6),
                (text.as_str(), Reading::Any),
                ("[::ffff:192.0.2.1]", Reading::Any),
                ("192.0.2.77", Reading::Prefix(n % 33)),
                ("192.0.2.77", Reading::V4),
                (
                    "a name that is longer than any address is, and of no use at all",
                    Reading::Any,
                ),
            ] {
                assert_eq!(memo.read(text, reading), Address::new(text, reading));
            }
        }
    }

    #[test]
    fn only_whole_addresses_are_found() {
        assert_eq!(search_ip("192.0.2.1"), Some("192.0.2.1"));
        assert_eq!(search_ip("[::1]"), Some("::1"));
        assert_eq!(search_ip("x192.0.2.1"), None);
        assert_eq!(search_ip("host"), None);
    }

    #[test]
    fn reversed_names() {
        assert_eq!(
            Address::new("192.0.2.1", Reading::V4).reversed(),
            "1.2.0.192."
        );
        assert_eq!(Address::new("name", Reading::Raw).reversed(), "");
    }
}
