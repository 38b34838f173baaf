//! Ports by their names, as jails and the configurations of services write them.

use crate::config::below;
use std::path::Path;

/// The names that the stock configuration uses, and those of services it has filters for (the
/// registry of IANA; `imap2`, `imap3` and `ssmtp` are Debian's).
const NAMES: [(&str, u16); 31] = [
    ("ftp", 21),
    ("ftp-data", 20),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("http", 80),
    ("pop3", 110),
    ("nntp", 119),
    ("ntp", 123),
    ("imap", 143),
    ("imap2", 143),
    ("imap3", 220),
    ("ldap", 389),
    ("https", 443),
    ("submissions", 465),
    ("smtps", 465),
    ("ssmtp", 465),
    ("submission", 587),
    ("ldaps", 636),
    ("ftps-data", 989),
    ("ftps", 990),
    ("imaps", 993),
    ("pop3s", 995),
    ("socks", 1080),
    ("openvpn", 1194),
    ("mysql", 3306),
    ("sieve", 4190),
    ("sip", 5060),
    ("sip-tls", 5061),
    ("http-alt", 8080),
];

/// A port by its number or name; names that are not known here are looked up in the machine's
/// `/etc/services`.
pub(super) fn number(root: &Path, text: &str) -> Option<u16> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    if let Some((_, port)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Some(*port);
    }
    let services = std::fs::read_to_string(below(root, "/etc/services")).ok()?;
    let line = services
        .lines()
        .find(|line| line.split_whitespace().next() == Some(text))?;
    line.split_whitespace()
        .nth(1)?
        .split('/')
        .next()?
        .parse()
        .ok()
}
