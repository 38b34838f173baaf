//! What an action runs, as the server makes it of its options.

use super::programs;
use crate::config::{ActionConfig, ActionDetail};

/// An option of an action, its tags replaced.
pub(super) fn option_of(action: &ActionConfig, name: &str) -> Option<String> {
    match &action.detail {
        ActionDetail::Commands { options, .. } => {
            let value = options.get(name).filter(|value| !value.is_none())?;
            Some(value.to_text().as_str().to_owned())
        }
        ActionDetail::Python { .. } => None,
    }
}

/// What the action runs at its start and for a ban.
pub(super) fn commands_of(action: &ActionConfig) -> String {
    let texts = ["actionstart", "actioncheck", "actionban"];
    let texts = texts.iter().filter_map(|name| option_of(action, name));
    let mut text = texts.collect::<Vec<_>>().join("\n");
    // what the server leaves for the moment of the ban: `<iptables>`, and `<lockingopt>` in it
    for _ in 0..2 {
        for name in tags(&text) {
            if let Some(value) = option_of(action, &name) {
                text = text.replace(&format!("<{name}>"), &value);
            }
        }
    }
    text
}

/// The names of the tags in a text.
fn tags(text: &str) -> Vec<String> {
    let parts = text.split('<').skip(1);
    let names = parts.filter_map(|part| Some(part.split_once('>')?.0.to_owned()));
    let is_name = |name: &String| {
        name.chars()
            .all(|c| c.is_alphanumeric() || "_-".contains(c))
    };
    names.filter(is_name).collect()
}

/// Whether commands call one of the programs that take a protocol.
pub(super) fn calls_firewall(commands: &str) -> bool {
    let called = programs::called(commands);
    let is_one = |program: &str| ["iptables", "ip6tables", "nft"].contains(&program);
    called.iter().any(|(program, _)| is_one(program))
}

/// The parts of a list.
pub(super) fn split(list: &str) -> impl Iterator<Item = &str> {
    let parts = list.split([',', ' ', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty())
}

/// Whether commands have a list of ports in them, and not only as a part of a name: `ssh` of
/// `f2b-sshd`.
pub(super) fn names_ports(commands: &str, ports: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || "_-".contains(c);
    commands.match_indices(ports).any(|(at, _)| {
        let before = commands[..at].chars().next_back();
        let behind = commands[at + ports.len()..].chars().next();
        !before.is_some_and(is_name) && !behind.is_some_and(is_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
