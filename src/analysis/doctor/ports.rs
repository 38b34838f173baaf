//! Does the ban close the port that the service listens on.

use super::action::{commands_of, option_of};
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::port_names::number;
use super::reading::Reading;
use super::service_list::Service;
use std::path::Path;

/// Compares the ports that the service listens on with those of the ban.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let filter = patient.parts.filter.as_ref();
    let root = patient.doctor().root;
    let service = filter.and_then(|filter| Service::of_filter(&filter.name, root));
    let Some(service) = service else {
        return;
    };
    let name = service.name;
    let (listening, seen) = if service.is_sshd() && !reading.listening.is_empty() {
        (reading.listening.clone(), "its log")
    } else {
        (service.ports(root), service.file)
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
        let is_sure = service.is_sshd() || all_open;
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
