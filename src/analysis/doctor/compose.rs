//! Compose files: the containers of a machine, what they publish and what they mount.

use crate::config::{below, glob};
use serde_yaml_ng::Value;
use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};

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

/// The compose files above logs, and where people keep theirs.
pub(super) fn files(root: &Path, logs: &[&str]) -> Vec<String> {
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

/// A service of a compose file.
pub(super) struct ComposeService {
    pub(super) name: String,
    /// Whether others can reach one of its ports through Docker.
    pub(super) is_published: bool,
    /// The ports that this machine alone can reach, where it publishes no others.
    pub(super) local: Vec<u16>,
    /// The ports that others can reach.
    pub(super) ports: Vec<PublishedPort>,
    /// The places of the machine that it mounts.
    pub(super) places: Vec<PathBuf>,
    /// The names of its containers, without the number of each.
    pub(super) containers: Vec<String>,
}

/// A port of a container that Docker publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PublishedPort {
    /// What clients connect to.
    pub(super) outer: u16,
    /// What the container listens on: Docker rewrites the packets before FORWARD sees them.
    pub(super) inner: u16,
}

/// The services of a compose file.
pub(super) fn services(root: &Path, file: &str) -> Option<Vec<ComposeService>> {
    let bytes = crate::files::read_regular(&below(root, file), BYTES).ok()?;
    let whole: Value = serde_yaml_ng::from_slice(&bytes).ok()?;
    let directory = Path::new(file).parent()?;
    let project = whole.get("name").and_then(Value::as_str);
    let project = project.or(directory.file_name().and_then(|name| name.to_str()))?;
    let services = whole.get("services")?.as_mapping()?.iter();
    let services = services.filter_map(|(name, service)| {
        let name = name.as_str()?;
        let volumes = service.get("volumes").and_then(Value::as_sequence);
        let volumes = volumes.into_iter().flatten();
        let containers = match service.get("container_name").and_then(Value::as_str) {
            Some(given) => vec![given.to_owned()],
            None => vec![format!("{project}-{name}"), format!("{project}_{name}")],
        };
        Some(ComposeService {
            name: name.to_owned(),
            is_published: is_published(service),
            local: local_ports(service),
            ports: published_ports(service),
            places: volumes
                .filter_map(|volume| mounted(volume, directory))
                .collect(),
            containers,
        })
    });
    Some(services.collect())
}

/// What is published of a service; nothing of one that has the machine's own network.
fn ports_of(service: &Value) -> &[Value] {
    let is_host = service.get("network_mode").and_then(Value::as_str) == Some("host");
    let ports = service.get("ports").and_then(Value::as_sequence);
    ports
        .filter(|_| !is_host)
        .map_or(&[], |ports| ports.as_slice())
}

/// Whether a service has a port that is not this machine's alone.
fn is_published(service: &Value) -> bool {
    ports_of(service).iter().any(is_public)
}

/// The ports of a service whose ports are this machine's alone.
fn local_ports(service: &Value) -> Vec<u16> {
    let ports = ports_of(service);
    if !ports.iter().all(is_loopback) {
        return Vec::new();
    }
    let known = ports.iter().filter_map(published_port);
    known.map(|port| port.outer).collect()
}

/// The ports that others can reach by a number that is known; no ranges.
fn published_ports(service: &Value) -> Vec<PublishedPort> {
    let public = ports_of(service).iter().filter(|port| is_public(port));
    public.filter_map(published_port).collect()
}

fn published_port(port: &Value) -> Option<PublishedPort> {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|port| u16::try_from(port).ok()),
    };
    let (outer, inner) = match port {
        Value::String(text) => {
            let (text, _) = text.split_once('/').unwrap_or((text, ""));
            let (before, inner) = text.rsplit_once(':')?;
            let outer = before.rsplit(':').next()?;
            (outer.parse().ok()?, inner.parse().ok()?)
        }
        other => (
            number(other.get("published")?)?,
            number(other.get("target")?)?,
        ),
    };
    Some(PublishedPort { outer, inner })
}

fn is_public(port: &Value) -> bool {
    !is_loopback(port) && !address_of(port).contains('$')
}

fn is_loopback(port: &Value) -> bool {
    let address = address_of(port).parse::<IpAddr>();
    address.is_ok_and(|ip| ip.is_loopback())
}

/// The address at which a port is published; empty: at all.
fn address_of(port: &Value) -> String {
    match port {
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
    }
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
    fn ports_without_and_within() {
        let ports = |text: &str| {
            let service = serde_yaml_ng::from_str(text).expect("YAML");
            let ports = published_ports(&service).into_iter();
            ports
                .map(|port| (port.outer, port.inner))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            ports("ports: ['8080:80', '443:443/tcp']"),
            [(8080, 80), (443, 443)]
        );
        assert_eq!(ports("ports: ['192.0.2.1:8080:80']"), [(8080, 80)]);
        assert_eq!(
            ports("ports: [{target: 80, published: '8080'}]"),
            [(8080, 80)]
        );
        let none = ports("ports: ['127.0.0.1:8080:80', 80, '8000-8009:8000-8009']");
        assert!(none.is_empty());
    }

    #[test]
    fn ports_of_this_machine() {
        let local = |text: &str| local_ports(&serde_yaml_ng::from_str(text).expect("YAML"));
        assert_eq!(
            local("ports: ['127.0.0.1:8080:80', '[::1]:81:81']"),
            [8080, 81]
        );
        for text in [
            "ports: ['127.0.0.1:8080:80', '8443:443']",
            "ports: ['${ADDRESS}:8080:80']",
            "image: x",
        ] {
            assert!(local(text).is_empty(), "{text}");
        }
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
