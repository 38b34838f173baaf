//! Who is never banned: `ignoreip` and `ignoreself` (upstream's `Filter.addIgnoreIP` and
//! `_inIgnoreIPList`).

use crate::engine::address::{Address, Reading};
use crate::engine::dns::{Resolver, UseDns};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

/// An address or network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Net {
    base: IpAddr,
    /// Prefix length; at least 32 or 128: a single address.
    prefix: u32,
}

impl Net {
    /// Reads an address, `address/prefix` or `address/mask`; None for what is none.
    fn parse(text: &str) -> Option<Net> {
        let base = Address::new(text, Reading::Any).ip()?;
        let prefix = match text
            .split_once('/')
            .map(|(_, tail)| tail.trim_end_matches(']'))
        {
            None => u32::MAX,
            Some(tail) => match tail.parse::<IpAddr>() {
                Ok(IpAddr::V4(mask)) => u32::from(mask).leading_ones(),
                Ok(IpAddr::V6(mask)) => u128::from(mask).leading_ones(),
                Err(_) => tail.parse().unwrap_or(u32::MAX),
            },
        };
        Some(Net { base, prefix })
    }

    fn contains(&self, ip: IpAddr) -> bool {
        match (self.base, ip) {
            (IpAddr::V4(base), IpAddr::V4(ip)) => {
                let host = u32::MAX.checked_shr(self.prefix).unwrap_or(0);
                u32::from(ip) & !host == u32::from(base)
            }
            (IpAddr::V6(base), IpAddr::V6(ip)) => {
                let host = u128::MAX.checked_shr(self.prefix).unwrap_or(0);
                u128::from(ip) & !host == u128::from(base)
            }
            _ => false,
        }
    }
}

#[derive(Clone, Debug)]
struct Entry {
    /// As it is written.
    text: String,
    nets: Vec<Net>,
}

/// The addresses that are never banned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ignores {
    own: BTreeSet<IpAddr>,
    entries: Vec<Entry>,
    /// What could not be used, for the user.
    pub(crate) problems: Vec<String>,
}

impl Ignores {
    /// Reads the option: addresses, networks, host names and `file:` lists, parted by blanks
    /// or commas. Host names are resolved only where `usedns` says so.
    pub(crate) fn parse(option: &str, usedns: UseDns) -> Ignores {
        let mut ignores = Ignores::default();
        let mut resolver = Resolver::default();
        for word in words(option) {
            let nets = match word.strip_prefix("file:") {
                Some(rest) => ignores.file(word, file_name(rest)),
                None => ignores.nets(word, usedns, &mut resolver),
            };
            ignores.entries.push(Entry {
                text: word.to_string(),
                nets,
            });
        }
        ignores
    }

    /// Adds what every machine has of `ignoreself`: localhost.
    pub(crate) fn add_localhost(&mut self) {
        self.own.extend(
            ["127.0.0.1", "::1"]
                .iter()
                .filter_map(|ip| ip.parse::<IpAddr>().ok()),
        );
    }

    /// Adds the addresses of this machine's interfaces (`ignoreself`, and localhost).
    pub(crate) fn add_own(&mut self) {
        self.add_localhost();
        match if_addrs::get_if_addrs() {
            Ok(all) => self.own.extend(all.iter().map(if_addrs::Interface::ip)),
            Err(error) => self.problems.push(format!(
                "ignoreself: the addresses of this machine cannot be read: {error}"
            )),
        }
    }

    /// What the address is ignored by: an entry as written, or `ignoreself`.
    pub(crate) fn ignoring(&self, address: &Address) -> Option<&str> {
        let ip = address.ip()?;
        if self.own.contains(&ip) && !address.text.contains('/') {
            return Some("ignoreself");
        }
        let entry = self
            .entries
            .iter()
            .find(|e| e.nets.iter().any(|net| net.contains(ip)));
        entry.map(|entry| entry.text.as_str())
    }

    /// Takes entries out.
    pub(crate) fn remove(&mut self, texts: &[String]) {
        self.entries.retain(|entry| !texts.contains(&entry.text));
    }

    /// The entries as written.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.text.as_str())
    }

    fn nets(&mut self, word: &str, usedns: UseDns, resolver: &mut Resolver) -> Vec<Net> {
        if let Some(net) = Net::parse(word) {
            return vec![net];
        }
        if word.contains('/') {
            let expected = "expected an address, a network or a host name";
            self.problems.push(format!("ignoreip {word}: {expected}"));
            return Vec::new();
        }
        if !matches!(usedns, UseDns::Yes | UseDns::Warn) {
            let why = "is a host name and not resolved (--usedns yes does)";
            self.problems.push(format!("ignoreip {word}: {why}"));
            return Vec::new();
        }
        let found = resolver.text_to_ip(word, usedns);
        if found.is_empty() {
            self.problems.push(format!(
                "ignoreip {word}: no address found for the host name"
            ));
        }
        found
            .iter()
            .filter_map(|address| Net::parse(&address.text))
            .collect()
    }

    fn file(&mut self, word: &str, name: &str) -> Vec<Net> {
        let text = match std::fs::read_to_string(Path::new(name)) {
            Ok(text) => text,
            Err(error) => {
                self.problems
                    .push(format!("ignoreip {word}: {name}: {error}"));
                return Vec::new();
            }
        };
        let text: Vec<&str> = text.lines().map(without_comment).collect();
        let mut nets = Vec::new();
        for word in text.iter().flat_map(|line| words(line)) {
            match Net::parse(word) {
                Some(net) => nets.push(net),
                None => self.problems.push(format!(
                    "ignoreip {name}: {word}: expected an address or a network"
                )),
            }
        }
        nets
    }
}

/// Whether a word is an address or a network.
pub(crate) fn is_address(word: &str) -> bool {
    Net::parse(word).is_some()
}

/// Upstream's `splitwords`.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| c == ',' || c.is_whitespace();
    text.split(is_between).filter(|word| !word.is_empty())
}

/// A comment begins with `#` or `;` at the start of a line or behind a blank.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if before.is_whitespace() && (c == '#' || c == ';') {
            return &line[..at];
        }
        before = c;
    }
    line
}

/// The path in `file:…` (upstream's `RE_FILE_IGN_IP`): up to two slashes of a URL go, an
/// absolute path keeps its own. Upstream takes `/x/` and `/xy/` for `/./` and `/../` there,
/// so that `file:/xy/z` is a relative path; `file:///xy/z` is not.
fn file_name(rest: &str) -> &str {
    let slashes = rest.bytes().take(2).take_while(|b| *b == b'/').count();
    for skipped in (0..=slashes).rev() {
        let path = &rest[skipped..];
        let Some(behind) = path.strip_prefix('/') else {
            continue;
        };
        let short = behind.char_indices().skip(1).take(2).any(|(_, c)| c == '/');
        if !behind.starts_with('/') && !short {
            return path;
        }
    }
    &rest[slashes..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by<'i>(ignores: &'i Ignores, address: &str) -> Option<&'i str> {
        ignores.ignoring(&Address::new(address, Reading::Any))
    }

    #[test]
    fn addresses_and_networks() {
        let list = "127.0.0.1/8 ::1,192.0.2.7\n 198.51.100.0/255.255.255.0 2001:db8::/32 0/0";
        let ignores = Ignores::parse(list, UseDns::Raw);
        assert_eq!(by(&ignores, "127.9.9.9"), Some("127.0.0.1/8"));
        assert_eq!(by(&ignores, "::1"), Some("::1"));
        assert_eq!(by(&ignores, "192.0.2.7"), Some("192.0.2.7"));
        assert_eq!(by(&ignores, "::ffff:192.0.2.7"), Some("192.0.2.7"));
        assert_eq!(by(&ignores, "192.0.2.8"), None);
        assert_eq!(
            by(&ignores, "198.51.100.77"),
            Some("198.51.100.0/255.255.255.0")
        );
        assert_eq!(by(&ignores, "2001:db8:1::1"), Some("2001:db8::/32"));
        assert_eq!(ignores.problems.len(), 1, "{:?}", ignores.problems);
        let all = Ignores::parse("0.0.0.0/0", UseDns::Raw);
        assert_eq!(by(&all, "203.0.113.1"), Some("0.0.0.0/0"));
        assert_eq!(by(&all, "2001:db8::1"), None);
    }

    // Paths from upstream's RE_FILE_IGN_IP.
    #[test]
    fn file_names() {
        for (rest, want) in [
            ("/etc/ips", "/etc/ips"),
            ("///etc/ips", "/etc/ips"),
            ("//etc/ips", "/etc/ips"),
            ("ips", "ips"),
            ("//ips", "/ips"),
            ("./ips", "./ips"),
            ("//./ips", "./ips"),
            ("/../ips", "../ips"),
            ("/xy/z", "xy/z"),
            ("///xy/z", "/xy/z"),
        ] {
            assert_eq!(file_name(rest), want, "file:{rest}");
        }
    }

    #[test]
    fn comments_in_files() {
        assert_eq!(without_comment("192.0.2.1 # me"), "192.0.2.1 ");
        assert_eq!(without_comment("; all"), "");
        assert_eq!(without_comment("a#b"), "a#b");
    }
}
