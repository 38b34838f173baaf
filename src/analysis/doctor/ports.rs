//! Does the ban close the port that the service listens on.

use super::action::{commands_of, option_of};
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::reading::Reading;
use crate::config::below;
use std::collections::BTreeSet;
use std::path::Path;

/// Ports by the names that the stock configuration uses.
const NAMES: [(&str, u16); 22] = [
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
    ("submission", 587),
    ("ftps", 990),
    ("imaps", 993),
    ("pop3s", 995),
    ("mysql", 3306),
];

/// Compares the ports of sshd with those of the ban.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let filter = patient.parts.filter.as_ref();
    if filter.is_none_or(|filter| filter.name != "sshd") {
        return;
    }
    let root = patient.doctor().root;
    let mut listening = reading.listening.clone();
    let mut seen = "its log says";
    if listening.is_empty() {
        listening = configured(root);
        seen = "sshd_config says";
    }
    for action in &patient.parts.actions {
        let Some(ports) = option_of(action, "port") else {
            continue;
        };
        if !commands_of(action).contains(ports.as_str()) {
            // it closes all ports
            return;
        }
        let open: Vec<u16> = listening
            .iter()
            .copied()
            .filter(|port| !covers(root, &ports, *port))
            .collect();
        if open.is_empty() {
            continue;
        }
        let all: Vec<String> = listening.iter().map(u16::to_string).collect();
        let open: Vec<String> = open.iter().map(u16::to_string).collect();
        let message = format!(
            "sshd listens on port {} ({seen}), the ban closes {ports}: port {} stays open",
            all.join(", "),
            open.join(", ")
        );
        let place = patient.place("port").or(patient.jail.header.as_ref());
        let change = format!("{} port = {}", patient.section(), all.join(","));
        found.block("port-mismatch", place, message, change);
        return;
    }
}

/// Whether a list of ports has one: numbers, names, ranges `a:b`.
fn covers(root: &Path, list: &str, port: u16) -> bool {
    let mut parts = list.split([',', ' ', '\n']).map(str::trim);
    parts.any(|part| match part.split_once([':', '-']) {
        Some((from, to)) if number(root, from).is_some() => {
            let (from, to) = (number(root, from), number(root, to));
            from.is_some_and(|from| from <= port) && to.is_some_and(|to| port <= to)
        }
        _ => number(root, part) == Some(port),
    })
}

/// A port by its number or name.
fn number(root: &Path, text: &str) -> Option<u16> {
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

/// The ports in sshd_config and the files beside it.
fn configured(root: &Path) -> BTreeSet<u16> {
    let mut files = vec![below(root, "/etc/ssh/sshd_config")];
    let more = std::fs::read_dir(below(root, "/etc/ssh/sshd_config.d"));
    files.extend(
        more.into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path()),
    );
    let texts = files
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok());
    let mut ports = BTreeSet::new();
    for text in texts {
        for line in text.lines() {
            let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
            let is_port = words
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case("port"));
            if let (true, Some(Ok(port))) = (is_port, words.next().map(str::parse)) {
                ports.insert(port);
            }
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ports() {
        let covers = |list, port| covers(Path::new("/nowhere"), list, port);
        assert!(covers("ssh", 22));
        assert!(!covers("ssh", 2222));
        assert!(covers("ssh,2222", 2222));
        assert!(covers("0:65535", 2222));
        assert!(!covers("1:1024", 2222));
    }
}
