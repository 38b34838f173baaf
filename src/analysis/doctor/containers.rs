//! Logs of containers: their traffic passes other chains than that of the machine itself.

use super::commands::{commands_of, option_of};
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::programs;
use crate::config::{ActionConfig, below, glob};
use serde_yaml_ng::Value;
use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};

/// Where Docker keeps what containers write.
const CONTAINERS: [&str; 3] = [
    "/var/lib/docker/volumes/",
    "/var/lib/docker/containers/",
    "/var/lib/docker/overlay2/",
];

/// The ban stands in a chain that the traffic of containers passes.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, action: &ActionConfig) {
    if patient.reads_journal() {
        return;
    }
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
    let Some(log) = log_of_container(patient) else {
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
    let files = compose_files(root, &patterns);
    files.into_iter().find_map(|file| {
        let services = published(root, &file)?;
        let (log, name) = services.into_iter().find_map(|(name, places)| {
            let is_in = |log: &&&str| places.iter().any(|place| Path::new(log).starts_with(place));
            Some((*patterns.iter().find(is_in)?, name))
        })?;
        Some(format!(
            "{log} is the log of a container ({file} mounts it into {name}, whose ports it publishes)"
        ))
    })
}

/// Names of a compose file.
const NAMES: [&str; 4] = [
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yml",
    "compose.yaml",
];
/// Where people keep their compose files, beside the directories above the log.
const PLACES: [&str; 5] = ["/opt/*", "/opt/*/*", "/srv/*", "/root/*", "/home/*/*"];
/// Compose files that are read at most, and bytes of one.
const FILES: usize = 100;
const BYTES: u64 = 1 << 20;

fn compose_files(root: &Path, logs: &[&str]) -> Vec<String> {
    let above = logs
        .iter()
        .flat_map(|log| Path::new(log).ancestors().skip(1));
    let above = above.filter(|place| place.components().count() > 1);
    let mut all: Vec<String> = Vec::new();
    for place in above {
        let files = NAMES.iter().map(|name| place.join(name));
        let there = files.filter(|file| below(root, &file.to_string_lossy()).is_file());
        all.extend(there.map(|file| file.to_string_lossy().into_owned()));
    }
    for place in PLACES {
        for name in NAMES {
            let mut found = glob(root, &format!("{place}/{name}"));
            found.sort();
            all.append(&mut found);
        }
    }
    let mut once = Vec::new();
    for file in all {
        if !once.contains(&file) && once.len() < FILES {
            once.push(file);
        }
    }
    once
}

/// The services of a compose file whose ports others can reach through Docker, each with the
/// places of the machine that it mounts.
fn published(root: &Path, file: &str) -> Option<Vec<(String, Vec<PathBuf>)>> {
    let bytes = crate::files::read_regular(&below(root, file), BYTES).ok()?;
    let whole: Value = serde_yaml_ng::from_slice(&bytes).ok()?;
    let directory = Path::new(file).parent()?;
    let services = whole.get("services")?.as_mapping()?.iter();
    let open = services.filter(|(_, service)| is_published(service));
    let mounts = open.filter_map(|(name, service)| {
        let volumes = service.get("volumes")?.as_sequence()?.iter();
        let places = volumes.filter_map(|volume| mounted(volume, directory));
        Some((name.as_str()?.to_owned(), places.collect()))
    });
    Some(mounts.collect())
}

/// Whether a service has a port that is not this machine's alone.
fn is_published(service: &Value) -> bool {
    let is_host = service.get("network_mode").and_then(Value::as_str) == Some("host");
    let ports = service.get("ports").and_then(Value::as_sequence);
    !is_host && ports.is_some_and(|ports| ports.iter().any(is_public))
}

fn is_public(port: &Value) -> bool {
    let address = match port {
        // `127.0.0.1:8080:80`, `[::1]:8080:80`, `8080:80`, `80`
        Value::String(text) => {
            let published = text.rsplit_once(':').map_or("", |(before, _)| before);
            let address = published
                .rsplit_once(':')
                .map_or("", |(address, _)| address);
            address.trim_matches(['[', ']']).to_owned()
        }
        other => {
            let host = other.get("host_ip").and_then(Value::as_str);
            host.unwrap_or_default().to_owned()
        }
    };
    !address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) && !address.contains('$')
}

/// The place of the machine that a volume is; none of a volume of Docker's own.
fn mounted(volume: &Value, directory: &Path) -> Option<PathBuf> {
    let source = match volume {
        Value::String(text) => text.split(':').next()?,
        other => other.get("source")?.as_str()?,
    };
    // what `~` and `$` stand for is not known here
    if !source.starts_with(['.', '/']) || source.contains('$') {
        return None;
    }
    let mut place = PathBuf::new();
    for part in directory.join(source).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                place.pop();
            }
            part => place.push(part),
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> bool {
        is_published(&serde_yaml_ng::from_str(text).expect("YAML"))
    }

    #[test]
    fn ports_of_this_machine_alone_are_not_public() {
        assert!(public("ports: ['443:80']"));
        assert!(public("ports: [80]"));
        assert!(public("ports: ['0.0.0.0:443:80']"));
        assert!(public("ports: [{target: 80, published: 443}]"));
        assert!(!public("ports: ['127.0.0.1:8080:80', '[::1]:8080:80']"));
        assert!(!public("ports: [{target: 80, host_ip: 127.0.0.1}]"));
        assert!(!public("network_mode: host\nports: ['443:80']"));
        assert!(!public("image: x"));
    }

    #[test]
    fn a_place_is_taken_from_the_file() {
        let place = |text: &str| {
            let volume = serde_yaml_ng::from_str(text).expect("YAML");
            mounted(&volume, Path::new("/srv/x"))
        };
        let is = |path: &str| Some(PathBuf::from(path));
        assert_eq!(place("./data:/data:ro"), is("/srv/x/data"));
        assert_eq!(place("../log:/log"), is("/srv/log"));
        assert_eq!(place("/var/log/x/:/log"), is("/var/log/x"));
        assert_eq!(
            place("{type: bind, source: ./a, target: /b}"),
            is("/srv/x/a")
        );
        assert_eq!(place("data:/data"), None);
        assert_eq!(place("${DIR}/a:/b"), None);
    }
}
