//! Can a firewall have the rule of a ban: its ports, its protocol, what stands behind them.

use super::commands::{calls_firewall, commands_of, names_ports, option_of, split};
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::port_names;
use crate::config::ActionConfig;

/// Says so where a name stands among the ports of a ban that is none: every ban fails.
pub(super) fn check_names(found: &mut JailDiagnosis, patient: &Patient) {
    let root = patient.doctor().root;
    for action in &patient.parts.actions {
        let Some(ports) = option_of(action, "port") else {
            continue;
        };
        let unknown = split(&ports).find_map(|part| port_names::unknown(root, part));
        let Some(unknown) = unknown.filter(|_| names_ports(&commands_of(action), &ports)) else {
            continue;
        };
        let name = unknown.name;
        let message = format!(
            "the ban closes {ports}, and {name} is no port: the rule is refused, and every ban fails"
        );
        let place = patient.place("port").or(patient.jail.header.as_ref());
        let change = match unknown.meant {
            Some(meant) => ports.replacen(name, meant, 1),
            None => format!("{} in place of {name}: the number of the port", ports),
        };
        let change = format!("{} port = {change}", patient.section());
        found.block("port-mismatch", place, message, change);
        return;
    }
}

/// Says so where a ban is given no port, or a protocol that no rule can have: every ban fails.
pub(super) fn check_rules(found: &mut JailDiagnosis, patient: &Patient) {
    let header = patient.jail.header.as_ref();
    for action in &patient.parts.actions {
        let commands = commands_of(action);
        let port = option_of(action, "port").filter(|port| port.trim().is_empty());
        if port.is_some() && lacks_ports(&commands) {
            let message = "port is empty: the rule of the ban is refused, and every ban fails";
            let change = format!("{} port = the ports of its service", patient.section());
            let place = patient.place("port").or(header);
            found.block("port-mismatch", place, message.to_owned(), change);
            return;
        }
        let port =
            option_of(action, "port").filter(|port| port.contains('\n') && port.contains('='));
        if let Some(port) = port.filter(|port| names_ports(&commands, port)) {
            let message = format!(
                "port is `{}`: the rule of the ban is refused, and every ban fails",
                port.replace('\n', "\\n")
            );
            let first = port.lines().next().unwrap_or_default();
            let change = format!("{} port = {first}", patient.section());
            let place = patient.place("port").or(header);
            found.block("port-mismatch", place, message, change);
            return;
        }
        if rule_with_comment(found, patient, action, &commands) {
            return;
        }
        let port = option_of(action, "port").unwrap_or_default();
        let odd = split(&port).find(|part| part.contains([';', '/']) && !part.contains('<'));
        if let Some(odd) =
            odd.filter(|_| calls_firewall(&commands) && names_ports(&commands, &port))
        {
            let message =
                format!("{odd} is no port: the rule of the ban is refused, and every ban fails");
            let meant = port.replace(odd, &plain(odd));
            let change = format!("{} port = {meant}", patient.section());
            let place = patient.place("port").or(header);
            found.block("port-mismatch", place, message, change);
            return;
        }
        let named = option_of(action, "protocol").unwrap_or_default();
        let wrong = split(&named).find_map(|part| wrong_protocol(&commands, part));
        if let Some((message, meant)) = wrong.filter(|_| calls_firewall(&commands)) {
            let message = format!("{message}: the rule is refused, and every ban fails");
            let change = format!("{} protocol = {meant}", patient.section());
            let place = patient.place("protocol").or(header);
            found.block("port-mismatch", place, message, change);
            return;
        }
    }
}

/// Says so where a comment stands behind an option that the rule of a ban has in it: the shell leaves
/// out what follows, or the rule is refused; whether it does.
fn rule_with_comment(
    found: &mut JailDiagnosis,
    patient: &Patient,
    action: &ActionConfig,
    commands: &str,
) -> bool {
    for (name, code) in [
        ("port", "port-mismatch"),
        ("protocol", "port-mismatch"),
        ("chain", "chain-docker"),
    ] {
        let value = option_of(action, name).unwrap_or_default();
        let Some((before, _)) = value.split_once(" #") else {
            continue;
        };
        if !commands.contains(&value) {
            continue;
        }
        let message = format!(
            "{name} is `{}`: a comment needs a line of its own; this one breaks the rule of the ban, and every ban fails",
            value.replace('\n', "\\n")
        );
        let place = patient.place(name).or(patient.jail.header.as_ref());
        let change = format!("{} {name} = {}", patient.section(), before.trim());
        found.block(code, place, message, change);
        return true;
    }
    false
}

/// A port without what is behind a `/`: `22` for `22/tcp`.
fn plain(port: &str) -> String {
    let all = port
        .split(';')
        .map(|part| part.split('/').next().unwrap_or_default());
    all.collect::<Vec<_>>().join(",")
}

/// Whether commands ask for ports and name none.
fn lacks_ports(commands: &str) -> bool {
    commands.split("dport").skip(1).any(|rest| {
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        let (line, _) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim_start();
        let list = line.trim_start_matches(['\\', '{']).trim_start();
        let is_empty = list.starts_with("$(echo '' |") || list.starts_with(['\\', '}']);
        line.is_empty() || line.starts_with('-') || (list.len() < line.len() && is_empty)
    })
}

/// Why rules are refused that name this protocol, and what is meant.
pub(super) fn wrong_protocol(commands: &str, protocol: &str) -> Option<(String, &'static str)> {
    const WITH_PORTS: [&str; 5] = ["tcp", "udp", "udplite", "sctp", "dccp"];
    const WITHOUT: [&str; 7] = ["all", "icmp", "icmpv6", "ipv6-icmp", "esp", "ah", "mh"];
    let lower = protocol.to_lowercase();
    if WITH_PORTS.contains(&lower.as_str()) {
        return None;
    }
    if WITHOUT.contains(&lower.as_str()) {
        let message = format!("a protocol of {lower} has no ports, which the ban names");
        let is_refused = commands.contains("multiport") && commands.contains("--dports");
        return is_refused.then_some((message, "tcp"));
    }
    let near = ["tcp", "udp"].into_iter();
    let mut near = near.filter(|known| strsim::osa_distance(known, &lower) == 1);
    let message = format!("{protocol} is no protocol");
    near.next().map(|meant| (message, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_without_ports() {
        assert!(lacks_ports(
            "iptables -p tcp -m multiport --dports  -j f2b-gate"
        ));
        assert!(lacks_ports(
            "nft add rule tcp dport \\{ $(echo '' | sed s/:/-/g) \\} drop"
        ));
        assert!(!lacks_ports(
            "iptables -p tcp -m multiport --dports ssh -j f2b-gate"
        ));
        assert!(!lacks_ports(
            "nft add rule tcp dport \\{ $(echo 'ssh' | sed s/:/-/g) \\} drop"
        ));
        assert!(!lacks_ports("nft add rule ip saddr @list drop"));
    }

    #[test]
    fn protocols_that_rules_can_have() {
        let multiport = "iptables -p $proto -m multiport --dports ssh";
        let wrong = |protocol| wrong_protocol(multiport, protocol).map(|(_, meant)| meant);
        assert_eq!(wrong("tpc"), Some("tcp"));
        assert_eq!(wrong("all"), Some("tcp"));
        assert_eq!(wrong("TCP"), None);
        assert_eq!(wrong("sctp"), None);
        assert_eq!(wrong_protocol("iptables -p all", "all"), None);
    }
}
