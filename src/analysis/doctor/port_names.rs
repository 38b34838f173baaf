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

/// A name among ports that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownPort<'t> {
    pub(super) name: &'t str,
    /// The name that is meant.
    pub(super) meant: Option<&'static str>,
}

/// Names of the registry that are like those of [`NAMES`].
const ALIKE: [&str; 9] = [
    "tftp", "sftp", "sips", "imsp", "imap4", "pop2", "nntps", "ntps", "rsh",
];

/// Says that a port or a range of them has a name that no firewall knows: neither the machine's
/// `/etc/services` nor the names here have it. Without that file only what is plainly misspelt.
pub(super) fn unknown<'t>(root: &Path, port: &'t str) -> Option<UnknownPort<'t>> {
    let mut names = port.split(':').filter(|name| !name.is_empty());
    let name = names.find(|name| number(root, name).is_none())?;
    let is_number = name.bytes().all(|b| b.is_ascii_digit());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    if !is_number && (!name.chars().all(is_plain) || name.contains('-') && is_range(root, name)) {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let near = NAMES.iter().map(|(known, _)| *known);
    let near = near.filter(|known| known.len() > 2 && strsim::osa_distance(known, &lower) == 1);
    let meant = near.min_by_key(|known| known.len().abs_diff(name.len()));
    let meant = meant.filter(|_| !ALIKE.contains(&lower.as_str()));
    let is_known = below(root, "/etc/services").is_file();
    (is_number || is_known || meant.is_some()).then_some(UnknownPort { name, meant })
}

/// Whether a name with `-` in it is a range: `8000-8100`, as nftables has it.
fn is_range(root: &Path, name: &str) -> bool {
    let ends = name.split_once('-');
    ends.is_some_and(|(from, to)| number(root, from).is_some() && number(root, to).is_some())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_names_are_none() {
        let nowhere = Path::new("/nowhere");
        let meant = |name| unknown(nowhere, name).map(|unknown| unknown.meant);
        assert_eq!(meant("htttp"), Some(Some("http")));
        assert_eq!(meant("sssh"), Some(Some("ssh")));
        assert_eq!(meant("70000"), Some(None));
        for known in [
            "ssh",
            "22",
            "1:1024",
            "8000-8100",
            "tftp",
            "gopher-x",
            "<x>",
        ] {
            assert_eq!(meant(known), None, "{known}");
        }
    }
}
