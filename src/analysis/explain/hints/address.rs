//! The whole addresses of a line: what a person would point at. A piece of one, a version
//! number, a time or a port is none.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The tags that take an address.
pub(super) const ADDRESS_TAGS: [&str; 2] = ["<HOST>", "<ADDR>"];

/// An address that stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its first byte.
    pub(crate) start: usize,
    /// The byte behind its last.
    pub(crate) end: usize,
    /// The address; an IPv4 one that is written as IPv6 is IPv4.
    pub(crate) ip: IpAddr,
}

/// The addresses of a line, in order.
pub(crate) fn addresses(line: &str) -> Vec<Seen> {
    let bytes = line.as_bytes();
    let is_part = |b: &u8| b.is_ascii_hexdigit() || *b == b'.' || *b == b':';
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_part(&bytes[at]) {
            at += 1;
            continue;
        }
        let mut end = at;
        while end < bytes.len() && is_part(&bytes[end]) {
            end += 1;
        }
        let before = line[..at].chars().next_back();
        let after = line[end..].chars().next();
        if before.is_some_and(is_word) {
            // `UDP:192.0.2.1`: a name before the colon
            at += line[at..end].find(':').map_or(end - at, |colon| colon + 1);
            continue;
        }
        // most runs are a number or the begin of a word
        if line[at..end].contains(['.', ':']) {
            let seen = network(line, at, end);
            let seen = seen.or_else(|| read(line, at, end, after.is_some_and(is_word)));
            all.extend(seen.filter(|_| !is_version(&line[..at])));
        }
        at = end;
    }
    all
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether what follows this text is the number of a version: `Chrome/`, `"version":"`.
fn is_version(before: &str) -> bool {
    let name = before.strip_suffix('/').or(before.strip_suffix('-'));
    let named = name.is_some_and(|name| {
        let word = name.trim_end_matches(|c: char| c.is_alphanumeric());
        let word = &name[word.len()..];
        // `IPV4/UDP/192.0.2.1/5060`
        let is_protocol = ["UDP", "TCP", "TLS", "WS", "WSS"].contains(&word);
        word.chars().any(char::is_alphabetic) && word.len() > 1 && !is_protocol
    });
    let tail = before.char_indices().rev().nth(11);
    let tail = &before.as_bytes()[tail.map_or(0, |(at, _)| at)..];
    let version = b"version";
    let mut windows = tail.windows(version.len());
    named || windows.any(|part| part.eq_ignore_ascii_case(version))
}

/// The first address of `2001:db8::/64`, which ends in two colons.
fn network(line: &str, start: usize, end: usize) -> Option<Seen> {
    let run = line[start..end].strip_suffix("::")?;
    let is_network = line[end..].starts_with('/') && run.contains(':');
    let ip = line[start..end].parse::<Ipv6Addr>().ok()?;
    is_network.then_some(Seen {
        start,
        end,
        ip: ip.into(),
    })
}

/// The address in a run of hex digits, dots and colons; `glued`: a word goes on behind it.
fn read(line: &str, start: usize, end: usize, glued: bool) -> Option<Seen> {
    let run = &line[start..end];
    let seen = |text: &str, ip: IpAddr| {
        let ip = match ip {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
            ip => ip,
        };
        let at = start + run.find(text)?;
        let is_none = ip.is_unspecified();
        (!is_none).then_some(Seen {
            start: at,
            end: at + text.len(),
            ip,
        })
    };
    // a full stop or a colon ends a sentence, or begins what is told of the address
    let text = if glued {
        run
    } else {
        run.trim_end_matches(['.', ':'])
    };
    let text = if text.starts_with("::") {
        text
    } else {
        text.trim_start_matches([':', '.'])
    };
    if glued {
        // `192.0.2.1:ssh`: a service behind the colon
        let text = text.rsplit_once(':').map(|(address, _)| address)?;
        return text
            .parse::<Ipv4Addr>()
            .ok()
            .and_then(|ip| seen(text, ip.into()));
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        return seen(text, ip);
    }
    let (address, port) = text.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if let Ok(ip) = address.parse::<Ipv4Addr>() {
        return seen(address, ip.into());
    }
    let ip = address.parse::<Ipv6Addr>().ok().filter(|_| is_port)?;
    seen(address, ip.into())
}

/// The address an id names; of a network its first one.
pub(super) fn parsed(id: &str) -> Option<IpAddr> {
    let id = id.split('/').next()?;
    let ip: IpAddr = id.parse().ok()?;
    Some(match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        ip => ip,
    })
}

/// Whether an id is an address that stands in the line as a whole.
pub(super) fn is_whole(line: &str, id: &str) -> bool {
    let Some(ip) = parsed(id) else {
        return false;
    };
    addresses(line).iter().any(|seen| seen.ip == ip)
}

/// Whether an address is of a private network or of the machine itself.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<&str> {
        addresses(line)
            .iter()
            .map(|seen| &line[seen.start..seen.end])
            .collect()
    }

    #[test]
    fn whole_addresses_are_seen() {
        assert_eq!(texts("from 192.0.2.1."), ["192.0.2.1"]);
        assert_eq!(
            texts("(UDP:192.0.2.1:5060) [IPv6:2001:db8::1]"),
            ["192.0.2.1", "2001:db8::1"]
        );
        assert_eq!(
            texts("[2001:db8::1]:22 192.0.2.1:80"),
            ["2001:db8::1", "192.0.2.1"]
        );
        assert_eq!(
            texts("x 2001:db8::1:58340 [20/Nov/2026:10:11:12]"),
            ["2001:db8::1"]
        );
        assert_eq!(
            texts("<::1> rip=192.0.2.7, \\192.0.2.22,127.0.0.1"),
            ["::1", "192.0.2.7", "192.0.2.22", "127.0.0.1"]
        );
        assert_eq!(texts("IPV4/UDP/192.0.2.1/5060"), ["192.0.2.1"]);
        assert_eq!(texts("net 2001:db8::/64 fe80::"), ["2001:db8::"]);
    }

    #[test]
    fn pieces_versions_and_times_are_not() {
        for line in [
            "Chrome/125.0.0.0 10:11:12",
            r#""version":"24.0.0.1""#,
            "1.2.3.4.5 v1.2.3.4 x1.2.3.4 a::b9z",
            "00:1b:2c:3d:4e:5f 2026-11-20",
            "256.1.1.1 0.0.0.0 :: std::be",
        ] {
            assert_eq!(texts(line), [""; 0], "{line}");
        }
        assert!(!is_whole("at 198.51.100.10", "8.51.100.10"));
        assert!(is_whole("at 198.51.100.0/24", "198.51.100.0/24"));
    }
}
