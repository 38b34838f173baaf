//! Does the ban close the port that the service listens on.

use super::ban_rules::wrong_protocol;
use super::commands::{calls_firewall, commands_of, names_ports, option_of, split};
use super::daemons::Ports as LoggedPorts;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::port_names::number;
use super::reading::Reading;
use super::service_list::Service;
use super::sshd_units::{of_drop_ins, other_sshd};
use crate::config::{ActionConfig, JailConfig, JailParts, Origin};
use std::collections::BTreeSet;
use std::path::Path;

/// Compares the ports that the service listens on with those of the ban.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let filter = patient.parts.filter.as_ref();
    let root = patient.doctor().root;
    let service = filter.and_then(|filter| Service::of_filter(&filter.name, root));
    let Some(service) = service else {
        return;
    };
    let at = if service.is_sshd() {
        of_sshd(service, root, &reading.daemons.ports())
    } else {
        let (ports, seen) = (service.ports(root), service.file);
        Listening::new(service, ports, seen)
    };
    if !ports_are_closed(found, patient, &at) {
        protocol_is_closed(found, patient, &at);
    }
}

/// Where sshd listens: what its log says counts, then what its configuration does.
fn of_sshd(service: &'static Service, root: &Path, logged: &LoggedPorts) -> Listening {
    let started = of_drop_ins(root);
    let configured = if started.is_empty() {
        service.ports(root)
    } else {
        started.clone()
    };
    let others = other_sshd(root);
    if logged.open.is_empty() {
        let file = if started.is_empty() {
            service.file
        } else {
            "its unit"
        };
        let mut at = Listening::new(service, configured, file);
        if let Some((file, ports)) = others.running {
            // a file without a port is that of the one that has the preset
            at.perhaps.extend(at.ports.is_empty().then_some(22));
            at.ports
                .extend(ports.into_iter().filter(|port| !at.perhaps.contains(port)));
            at.ports.sort_unstable();
            at.ports.dedup();
            at.seen = file;
        }
        return at;
    }
    // an earlier daemon that is configured still has not ended without a word
    let named = &configured | &others.ports;
    let running = logged.perhaps.intersection(&named).copied();
    let has_preset = configured.is_empty() && !others.ports.is_empty();
    let preset = logged.perhaps.contains(&22) && has_preset;
    let ports = logged.open.iter().copied().chain(running);
    let ports = ports.chain(preset.then_some(22)).collect();
    let mut at = Listening::new(service, ports, "its log");
    at.perhaps = (&logged.perhaps | &configured).into_iter().collect();
    at
}

/// What a service listens on.
struct Listening {
    service: &'static Service,
    ports: Vec<u16>,
    /// Ports at which it may listen, too: a ban that closes one of them is to close it still.
    perhaps: Vec<u16>,
    /// What says so.
    seen: String,
}

impl Listening {
    fn new(service: &'static Service, ports: BTreeSet<u16>, seen: &str) -> Listening {
        Listening {
            service,
            ports: ports.into_iter().collect(),
            perhaps: Vec::new(),
            seen: seen.to_owned(),
        }
    }

    /// The ports as a list.
    fn list(&self) -> String {
        let all: Vec<String> = self.ports.iter().map(u16::to_string).collect();
        all.join(", ")
    }
}

/// What is closed by other jails that ban the same addresses: those of the same filter on the same
/// input.
struct OtherBans {
    ports: Vec<String>,
    all_ports: bool,
}

impl OtherBans {
    fn of(patient: &Patient) -> OtherBans {
        let mut found = OtherBans {
            ports: Vec::new(),
            all_ports: false,
        };
        let name = |parts: &JailParts| parts.filter.as_ref().map(|filter| filter.name.clone());
        let jails = patient.ward.machine.jails.iter();
        let others = jails.filter(|jail| jail.enabled && jail.name != patient.jail.name);
        let logs = patient.logs();
        for parts in others.filter_map(JailConfig::parts) {
            let mut found_logs = parts.input.logs.iter().flat_map(|log| &log.found);
            let is_same = if patient.reads_journal() {
                parts.input.source == patient.parts.input.source
            } else {
                found_logs.any(|log| logs.contains(log))
            };
            if !is_same || name(parts) != name(patient.parts) {
                continue;
            }
            for action in &parts.actions {
                let commands = commands_of(action);
                match option_of(action, "port") {
                    Some(ports) if names_ports(&commands, &ports) => found.ports.push(ports),
                    _ => found.all_ports |= calls_firewall(&commands),
                }
            }
        }
        found
    }

    fn close(&self, root: &Path, port: u16) -> bool {
        self.all_ports || self.ports.iter().any(|ports| covers(root, ports, port))
    }
}

/// Says which ports stay open; whether it has.
fn ports_are_closed(found: &mut JailDiagnosis, patient: &Patient, at: &Listening) -> bool {
    let root = patient.doctor().root;
    let name = at.service.name;
    let others = OtherBans::of(patient);
    for action in &patient.parts.actions {
        let Some(ports) = option_of(action, "port") else {
            continue;
        };
        if !names_ports(&commands_of(action), &ports) {
            // it closes all ports
            return false;
        }
        let is_open = |port: &&u16| !covers(root, &ports, **port) && !others.close(root, **port);
        let open = at.ports.iter().filter(is_open).map(u16::to_string);
        let open: Vec<String> = open.collect();
        // of several ports one may be no client's business; all of them are not, unless clients
        // come through a proxy
        let all_open = open.len() == at.ports.len() && !at.service.may_stand_behind_proxy(root);
        let is_sure = at.service.is_sshd() || all_open;
        if open.is_empty() || !is_sure {
            continue;
        }
        let message = format!(
            "{name} listens on port {} ({} says so), the ban closes {ports}: port {} stays open",
            at.list(),
            at.seen,
            open.join(", ")
        );
        let (place, change) = to_be_closed(patient, (action, &ports), at);
        found.block("port-mismatch", place, message, change);
        return true;
    }
    false
}

/// Where the ports of a ban are set, and what to write there.
fn to_be_closed<'p>(
    patient: &'p Patient,
    (action, ports): (&ActionConfig, &str),
    at: &Listening,
) -> (Option<&'p Origin>, String) {
    let root = patient.doctor().root;
    let kept = at.perhaps.iter().filter(|port| covers(root, ports, **port));
    let all: BTreeSet<u16> = at.ports.iter().chain(kept).copied().collect();
    let all: Vec<String> = all.iter().map(u16::to_string).collect();
    let (section, list) = (patient.section(), all.join(","));
    let of_jail = patient.option("port").map(|option| option.value.to_text());
    let header = patient.jail.header.as_ref();
    // an action that is not given the jail's port has its own
    if of_jail.is_some_and(|text| text.as_str().trim() != ports.trim()) {
        let change = format!(
            "port=\"{list}\" in the brackets of {} in {section} action",
            action.file
        );
        return (patient.place("action").or(header), change);
    }
    let mut change = format!("{section} port = {list}");
    let protocol = at.service.protocol(root);
    if let Some(protocol) = protocol.filter(|protocol| !closes(patient, protocol)) {
        change += &format!(", protocol = {protocol}");
    }
    (patient.place("port").or(header), change)
}

/// Says so where the ban closes the right ports of the wrong protocol.
fn protocol_is_closed(found: &mut JailDiagnosis, patient: &Patient, at: &Listening) {
    let Some(protocol) = at.service.protocol(patient.doctor().root) else {
        return;
    };
    let closed = protocols(patient);
    let is_none = |closed: &String| wrong_protocol("", closed).is_some();
    if closes(patient, protocol) || closed.iter().any(is_none) {
        return;
    }
    let closed = closed.join(", ");
    let message = format!(
        "{} speaks {protocol}, the ban closes {closed}: it stays open",
        at.service.name
    );
    let place = patient.place("protocol").or(patient.jail.header.as_ref());
    let change = format!("{} protocol = {protocol}", patient.section());
    found.block("port-mismatch", place, message, change);
}

/// Whether a ban closes a protocol; so does one that names none.
fn closes(patient: &Patient, protocol: &str) -> bool {
    let all = protocols(patient);
    all.is_empty()
        || all
            .iter()
            .any(|closed| closed.eq_ignore_ascii_case(protocol) || closed == "all")
}

/// The protocols that the bans name.
fn protocols(patient: &Patient) -> Vec<String> {
    let mut all = Vec::new();
    for action in &patient.parts.actions {
        let Some(named) = option_of(action, "protocol") else {
            continue;
        };
        let commands = commands_of(action);
        if calls_firewall(&commands) && names_ports(&commands, &named) {
            all.extend(split(&named).map(str::to_owned));
        } else if calls_firewall(&commands) {
            // it closes all protocols
            return Vec::new();
        }
    }
    all
}

/// Whether a list of ports has one: numbers, names, ranges `a:b`.
pub(super) fn covers(root: &Path, list: &str, port: u16) -> bool {
    // `http-alt` is a name
    let is_name = |part: &str| number(root, part).is_some();
    split(list).any(|part| match part.split_once([':', '-']) {
        _ if is_name(part) => number(root, part) == Some(port),
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
        assert!(covers("http-alt", 8080));
        assert!(covers("8000-8100", 8080));
        assert!(!covers("ssh", 2222));
        assert!(covers("ssh,2222", 2222));
        assert!(covers("0:65535", 2222));
        assert!(!covers("1:1024", 2222));
    }
}
