//! Host names to addresses for `--usedns yes` and `warn`: upstream's `DNSUtils`, cached.
//!
//! Only asked where the user asked for it: by default nothing goes over the network.

use super::address::{Address, Reading, search_ip};
use std::collections::{HashMap, VecDeque};
use std::net::ToSocketAddrs;

/// Names remembered at a time, as many as upstream's cache holds.
const CACHED_NAMES: usize = 1000;

/// Whether and how host names become addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum UseDns {
    /// Resolve names.
    Yes,
    /// As yes. A server also logs each name it has looked up (`DNSUtils.textToIp`); no report of
    /// fail2ban-regex shows that.
    Warn,
    /// Take addresses only.
    No,
    /// Keep host names as they are.
    #[default]
    Raw,
}

impl UseDns {
    /// Reads the option's value; upstream takes any other word for `no` (`Filter.setUseDns`).
    pub(crate) fn parse(text: &str) -> Option<UseDns> {
        Some(match text.to_lowercase().as_str() {
            "yes" => UseDns::Yes,
            "warn" => UseDns::Warn,
            "no" => UseDns::No,
            "raw" => UseDns::Raw,
            _ => return None,
        })
    }
}

/// A cache of resolved names.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    known: HashMap<String, Vec<Address>>,
    order: VecDeque<String>,
    /// Names that had no address, each once, to warn about.
    pub(crate) unresolved: Vec<String>,
}

impl Resolver {
    /// The addresses `text` names (upstream's `DNSUtils.textToIp`), sorted by text.
    pub(crate) fn text_to_ip(&mut self, text: &str, usedns: UseDns) -> Vec<Address> {
        if let Some(plain) = search_ip(text) {
            let address = Address::new(plain, Reading::Any);
            if address.ip().is_some() {
                return vec![address];
            }
        }
        match usedns {
            UseDns::Yes | UseDns::Warn => self.resolve(text),
            UseDns::No | UseDns::Raw => Vec::new(),
        }
    }

    fn resolve(&mut self, name: &str) -> Vec<Address> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let mut found: Vec<Address> = (name, 0u16)
            .to_socket_addrs()
            .map(|all| {
                all.map(|a| Address::new(&a.ip().to_string(), Reading::Any))
                    .collect()
            })
            .unwrap_or_default();
        found.sort_by(|a, b| a.text.cmp(&b.text));
        found.dedup();
        if found.is_empty() {
            self.unresolved.push(name.to_string());
        }
        if self.order.len() >= CACHED_NAMES
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(name.to_string());
        self.known.insert(name.to_string(), found.clone());
        found
    }
}
