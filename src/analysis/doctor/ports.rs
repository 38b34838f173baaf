//! Does the ban close the port that the service listens on.

use super::action::{commands_of, option_of};
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::reading::Reading;
use super::services::Service;
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

/// Compares the ports that the service listens on with those of the ban.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let filter = patient.parts.filter.as_ref();
    let Some(service) = filter.and_then(|filter| Service::of_filter(&filter.name)) else {
        return;
    };
    let root = patient.doctor().root;
    let (name, file) = service.names();
    let logged = match service {
        Service::Sshd => reading.listening.clone(),
        _ => BTreeSet::new(),
    };
    let (listening, seen) = if logged.is_empty() {
        (service.ports(root), file)
    } else {
        (logged, "its log")
    };
    for action in &patient.parts.actions {
        let Some(ports) = option_of(action, "port") else {
            continue;
        };
        if !names_ports(&commands_of(action), &ports) {
            // it closes all ports
            return;
        }
        let is_open = |port: &&u16| !covers(root, &ports, **port);
        let open: Vec<String> = listening
            .iter()
            .filter(is_open)
            .map(u16::to_string)
            .collect();
        // of several ports one may be no client's business; all of them are not, unless clients
        // come through a proxy
        let all_open = open.len() == listening.len() && !service.may_stand_behind_proxy(root);
        let is_sure = service == Service::Sshd || all_open;
        if open.is_empty() || !is_sure {
            continue;
        }
        let all: Vec<String> = listening.iter().map(u16::to_string).collect();
        let message = format!(
            "{name} listens on port {} ({seen} says so), the ban closes {ports}: port {} stays open",
            all.join(", "),
            open.join(", ")
        );
        let place = patient.place("port").or(patient.jail.header.as_ref());
        let change = format!("{} port = {}", patient.section(), all.join(","));
        found.block("port-mismatch", place, message, change);
        return;
    }
}

/// Whether commands have a list of ports in them, and not only as a part of a name: `ssh` of
/// `f2b-sshd`.
fn names_ports(commands: &str, ports: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || "_-".contains(c);
    commands.match_indices(ports).any(|(at, _)| {
        let before = commands[..at].chars().next_back();
        let behind = commands[at + ports.len()..].chars().next();
        !before.is_some_and(is_name) && !behind.is_some_and(is_name)
    })
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

    #[test]
    fn a_ban_of_all_ports_names_none() {
        assert!(!names_ports(
            "iptables -N f2b-sshd; iptables -N f2b-ssh",
            "ssh"
        ));
        assert!(names_ports(
            "iptables -m multiport --dports ssh -j f2b-sshd",
            "ssh"
        ));
        assert!(names_ports(
            "nft add rule tcp dport { http,https }",
            "http,https"
        ));
    }
}
