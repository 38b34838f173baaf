//! Logs of containers: their traffic passes other chains than that of the machine itself.

use super::commands::{commands_of, option_of};
use super::compose;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::programs;
use crate::config::{ActionConfig, below};
use std::path::Path;

/// Where Docker keeps what containers write.
const CONTAINERS: [&str; 3] = [
    "/var/lib/docker/volumes/",
    "/var/lib/docker/containers/",
    "/var/lib/docker/overlay2/",
];

/// Where servers have their configuration that others stand behind.
const SERVERS: [&str; 7] = [
    "/etc/nginx",
    "/etc/apache2",
    "/etc/httpd",
    "/etc/lighttpd",
    "/etc/caddy",
    "/etc/haproxy",
    "/etc/traefik",
];

/// The ban stands in a chain that the traffic of containers passes.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, action: &ActionConfig) {
    let commands = commands_of(action);
    let called = programs::called(&commands);
    let calls = |name: &str| called.iter().any(|(program, _)| program == name);
    let (chain, change) = if calls("iptables") {
        let chain = option_of(action, "chain").unwrap_or_default();
        (chain, "chain = DOCKER-USER")
    } else if calls("nft") {
        let hook = option_of(action, "chain_hook").unwrap_or_default();
        (
            hook,
            "banaction = nftables[chain_hook=forward] (for iptables: chain = DOCKER-USER)",
        )
    } else {
        return;
    };
    if !chain.eq_ignore_ascii_case("INPUT") {
        return;
    }
    let log = if patient.reads_journal() {
        container_in_journal(patient)
    } else {
        log_of_container(patient)
    };
    let Some(log) = log else {
        return;
    };
    let message = format!(
        "{log}: its traffic passes DOCKER-USER and FORWARD; the ban stands in {chain} and blocks nothing"
    );
    let chain = patient.option("chain").filter(|option| {
        option.written.as_ref().is_some_and(|origin| {
            Some(&origin.file) == patient.jail.header.as_ref().map(|h| &h.file)
        })
    });
    let place = chain.and_then(|option| option.written.as_ref());
    let place = place.or(patient.jail.header.as_ref());
    let change = format!("{} {change}", patient.section());
    found.block("chain-docker", place, message, change);
}

/// The log of the jail that is a container's, and how that is known.
fn log_of_container(patient: &Patient) -> Option<String> {
    let logs = patient.parts.input.logs.iter();
    let patterns: Vec<&str> = logs.map(|log| log.pattern.as_str()).collect();
    let is_dockers = |log: &&&str| CONTAINERS.iter().any(|place| log.starts_with(place));
    if let Some(log) = patterns.iter().find(is_dockers) {
        return Some(format!("{log} is the log of a container"));
    }
    let root = patient.doctor().root;
    let files = compose::files(root, &patterns);
    files.into_iter().find_map(|file| {
        let services = compose::services(root, &file)?;
        let open = services.into_iter().filter(|service| service.is_published);
        let (log, name) = open.into_iter().find_map(|service| {
            let places = &service.places;
            let is_in = |log: &&&str| places.iter().any(|place| Path::new(log).starts_with(place));
            Some((*patterns.iter().find(is_in)?, service.name))
        })?;
        Some(format!(
            "{log} is the log of a container ({file} mounts it into {name}, whose ports it publishes)"
        ))
    })
}

/// The container whose failures are found in the journal, where its clients come through Docker:
/// Docker's logging driver `journald`.
fn container_in_journal(patient: &Patient) -> Option<String> {
    let entries = patient.ward.journal().all().iter();
    let own: Vec<_> = entries.filter(|entry| patient.is_selected(entry)).collect();
    if own
        .iter()
        .all(|entry| entry.container_of_docker().is_none())
    {
        return None;
    }
    let read = patient.read();
    let mut matching = read.matching.iter().filter_map(|at| own.get(*at));
    let name = matching.find_map(|entry| entry.container_of_docker())?;
    let root = patient.doctor().root;
    let mut files = compose::files(root, &[]).into_iter();
    let service = files.find_map(|file| {
        let mut services = compose::services(root, &file)?.into_iter();
        services.find(|service| {
            service
                .containers
                .iter()
                .any(|known| is_container(known, name))
        })
    });
    let is_open = match service {
        Some(service) => service.is_published,
        // a server of the machine itself may take the connections first
        None => !SERVERS.iter().any(|place| below(root, place).exists()),
    };
    is_open.then(|| format!("{name} is a container (Docker writes its entries to the journal)"))
}

/// Whether a container has that name, or is one of several of a service: `shop-web-1` of `shop-web`.
fn is_container(known: &str, name: &str) -> bool {
    let rest = name.strip_prefix(known);
    let number = |rest: &str| rest.trim_start_matches(['-', '_']).parse::<u32>().is_ok();
    rest.is_some_and(|rest| rest.is_empty() || number(rest))
}

#[cfg(test)]
mod tests {
    use super::is_container;

    #[test]
    fn containers_of_a_service() {
        assert!(is_container("gate", "gate"));
        assert!(is_container("house-gate", "house-gate-1"));
        assert!(is_container("house_gate", "house_gate_2"));
        assert!(!is_container("gate", "gate-db-1"));
        assert!(!is_container("gate", "gateway"));
    }
}
