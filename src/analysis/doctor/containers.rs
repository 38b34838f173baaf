//! Logs of containers: their traffic passes other chains than that of the machine itself.

use super::commands::{commands_of, names_ports, option_of, split};
use super::compose::{self, PublishedPort};
use super::configuration::place_of_action;
use super::files;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::ports::covers;
use super::programs;
use super::services;
use crate::config::{ActionConfig, JailConfig, JailParts, Origin, below, glob};
use std::path::Path;

/// Where Docker keeps what containers write.
const CONTAINERS: [&str; 3] = [
    "/var/lib/docker/volumes/",
    "/var/lib/docker/containers/",
    "/var/lib/docker/overlay2/",
];

/// The chain that what is meant for the machine itself passes.
const INPUT: &str = "INPUT";

/// Chains, and a hook, that what is passed on to containers goes through, its port rewritten already.
const FORWARD: [&str; 3] = ["DOCKER-USER", "FORWARD", "forward"];

/// Configurations of servers that are read at most, and bytes of one.
const CONFIGURATIONS: usize = 200;
const BYTES: u64 = 1 << 20;

/// The ban stands in a chain that the traffic of containers passes.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, action: &ActionConfig) {
    let Some(stand) = Stand::of(action, patient.doctor().root) else {
        return;
    };
    let container = if patient.reads_journal() {
        container_in_journal(patient)
    } else {
        log_of_container(patient)
    };
    let Some(container) = container else {
        if stand.is_dockers() && is_sshd_of_machine(patient) {
            before_machine(found, patient, &stand);
        }
        return;
    };
    if stand.is_input() && container.is_open {
        wrong_chain(found, patient, (action, &stand), &container);
    } else if stand.is_forward() && behind_server(patient, &container.local) {
        before_server(found, patient, &stand, &container);
    } else if stand.is_forward() {
        wrong_ports(found, patient, &stand, &container);
    }
}

/// What puts up the rules of a ban.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Firewall {
    Iptables,
    Nftables,
    Ufw,
}

/// Where a ban stands.
struct Stand {
    /// A chain of iptables, or the hook of a chain of nftables.
    chain: String,
    firewall: Firewall,
    /// The ports that its rule names.
    ports: Option<String>,
}

impl Stand {
    fn of(action: &ActionConfig, root: &Path) -> Option<Stand> {
        let commands = commands_of(action);
        let called = programs::called(&commands);
        let calls = |name: &str| called.iter().any(|(program, _)| program == name);
        let chain = |option: &str| option_of(action, option).unwrap_or_default();
        let (firewall, chain) = if calls("iptables") {
            (Firewall::Iptables, chain("chain"))
        } else if calls("nft") {
            (Firewall::Nftables, chain("chain_hook"))
        } else if calls("ufw") && !ufw_forwards(&commands, root) {
            // ufw(8): rules are of what is meant for the machine, but for those of `ufw route`
            (Firewall::Ufw, INPUT.to_owned())
        } else {
            return None;
        };
        let ports = option_of(action, "port").filter(|ports| {
            // `-m conntrack --ctorigdstport` asks for what the client connected to
            names_ports(&commands, ports) && !commands.contains("ctorig")
        });
        Some(Stand {
            chain,
            firewall,
            ports,
        })
    }

    fn is_input(&self) -> bool {
        self.chain.eq_ignore_ascii_case(INPUT)
    }

    /// Whether it is the chain that Docker alone sends its containers' traffic through.
    fn is_dockers(&self) -> bool {
        self.chain.trim() == "DOCKER-USER"
    }

    /// Whether it sees nothing but what is passed on to containers.
    fn is_forward(&self) -> bool {
        let mut chains = split(&self.chain).peekable();
        chains.peek().is_some() && chains.all(|chain| FORWARD.contains(&chain))
    }

    /// Ports of the container that the ban does not close, though it names those by which clients
    /// reach them.
    fn left_open(&self, root: &Path, container: &Container) -> Vec<PublishedPort> {
        let Some(list) = &self.ports else {
            return Vec::new();
        };
        let is_open = |port: &&PublishedPort| {
            covers(root, list, port.outer) && !covers(root, list, port.inner)
        };
        container.ports.iter().filter(is_open).copied().collect()
    }

    /// The list of ports with those of the container.
    fn with_inner(&self, open: &[PublishedPort]) -> String {
        let list = self.ports.as_deref().unwrap_or_default();
        let mut all: Vec<String> = split(list).map(str::to_owned).collect();
        for port in open {
            let inner = port.inner.to_string();
            if !all.contains(&inner) {
                all.push(inner);
            }
        }
        all.join(",")
    }
}

/// Whether what ufw is told holds for what is passed on to containers, too: by the command itself, or
/// as the machine's own rules send that through ufw's chains.
fn ufw_forwards(commands: &str, root: &Path) -> bool {
    const RULES: &str = "/etc/ufw/after.rules";
    let rules = crate::files::read_regular(&below(root, RULES), BYTES).unwrap_or_default();
    commands.contains("ufw route") || String::from_utf8_lossy(&rules).contains("DOCKER-USER")
}

/// Whether a jail is for the sshd of the machine itself, by the log or the journal of the machine, and
/// nothing else shuts its attackers out.
fn is_sshd_of_machine(patient: &Patient) -> bool {
    let is_for_sshd = |parts: &JailParts| {
        let filter = parts.filter.as_ref();
        filter.is_some_and(|filter| filter.name == "sshd")
    };
    let root = patient.doctor().root;
    let closes_input = |action: &ActionConfig| {
        programs::call_packet_filter(&commands_of(action))
            && Stand::of(action, root).is_none_or(|stand| !stand.is_dockers())
    };
    let logs = patient.logs();
    let is_own = patient.reads_journal()
        || (!logs.is_empty() && logs.iter().all(|log| files::is_shared(log)));
    let jails = patient.ward.machine.jails.iter();
    let mut all = jails
        .filter(|jail| jail.enabled)
        .filter_map(JailConfig::parts);
    is_own
        && is_for_sshd(patient.parts)
        && !all.any(|parts| is_for_sshd(parts) && parts.actions.iter().any(closes_input))
}

/// Says that the ban of the machine's own service stands where only the traffic of containers passes.
fn before_machine(found: &mut JailDiagnosis, patient: &Patient, stand: &Stand) {
    let message = format!(
        "sshd is one of this machine itself, whose traffic passes INPUT; the ban stands in {}, which only that of containers passes, and blocks nothing",
        stand.chain
    );
    let change = format!("{} chain = INPUT", patient.section());
    found.block("chain-docker", place_of_chain(patient), message, change);
}

/// Says that the ban stands where the traffic of a container does not pass.
fn wrong_chain(
    found: &mut JailDiagnosis,
    patient: &Patient,
    (action, stand): (&ActionConfig, &Stand),
    container: &Container,
) {
    let chain = &stand.chain;
    let message = format!(
        "{}: its traffic passes DOCKER-USER and FORWARD; the ban stands in {chain} and blocks nothing",
        container.said
    );
    let (mut place, mut option) = (place_of_chain(patient), "");
    let change = match stand.firewall {
        Firewall::Iptables => "chain = DOCKER-USER",
        Firewall::Nftables => {
            "banaction = nftables[chain_hook=forward] (for iptables: chain = DOCKER-USER)"
        }
        Firewall::Ufw => {
            (option, place) = place_of_action(patient.jail, &action.file, action.origin.as_ref());
            " = iptables-multiport, chain = DOCKER-USER (ufw's rules are of what is meant for the machine itself)"
        }
    };
    let mut change = format!("{} {option}{change}", patient.section());
    let open = stand.left_open(patient.doctor().root, container);
    if !open.is_empty() {
        let list = stand.with_inner(&open);
        change += &format!(", port = {list} (there the port is the container's)");
    }
    found.block("chain-docker", place, message, change);
}

/// Says that the ban stands behind the server through which clients come.
fn before_server(
    found: &mut JailDiagnosis,
    patient: &Patient,
    stand: &Stand,
    container: &Container,
) {
    let message = format!(
        "{}: clients reach it through a server of this machine, by INPUT; the ban stands in {} and blocks nothing",
        container.said, stand.chain
    );
    let change = match stand.firewall {
        Firewall::Iptables => "chain = INPUT",
        Firewall::Nftables | Firewall::Ufw => "banaction = nftables",
    };
    let change = format!("{} {change}", patient.section());
    found.block("chain-docker", place_of_chain(patient), message, change);
}

/// Says which ports stay open as the chain sees them by other numbers.
fn wrong_ports(found: &mut JailDiagnosis, patient: &Patient, stand: &Stand, container: &Container) {
    let open = stand.left_open(patient.doctor().root, container);
    let Some(first) = open.first() else {
        return;
    };
    let message = format!(
        "{}: {} sees the port of the container, which is {} for {}; the ban closes {}: it stays open",
        container.said,
        stand.chain,
        first.inner,
        first.outer,
        stand.ports.as_deref().unwrap_or_default()
    );
    let change = format!("{} port = {}", patient.section(), stand.with_inner(&open));
    let place = patient.place("port").or(patient.jail.header.as_ref());
    found.block("port-mismatch", place, message, change);
}

/// Where the chain of a jail is to be mended.
fn place_of_chain<'p>(patient: &'p Patient) -> Option<&'p Origin> {
    let chain = patient.option("chain").filter(|option| {
        option.written.as_ref().is_some_and(|origin| {
            Some(&origin.file) == patient.jail.header.as_ref().map(|h| &h.file)
        })
    });
    let place = chain.and_then(|option| option.written.as_ref());
    place.or(patient.jail.header.as_ref())
}

/// Whether a server of the machine hands on what it is asked to a port of a container that nobody
/// else can reach, and no container can be reached by others.
fn behind_server(patient: &Patient, local: &[u16]) -> bool {
    let root = patient.doctor().root;
    let patterns = patient.log_patterns();
    let mut composed = compose::files(root, &patterns).into_iter();
    let is_open = |file: String| {
        let services = compose::services(root, &file);
        services.is_none_or(|services| services.iter().any(|service| service.is_published))
    };
    let names_port = |text: &str| {
        local.iter().any(|port| {
            let mut hosts = ["127.0.0.1", "localhost", "[::1]"].into_iter();
            hosts.any(|host| names_ports(text, &format!("{host}:{port}")))
        })
    };
    let hands_on = || configurations(root).any(|text| names_port(&text));
    !local.is_empty() && hands_on() && !composed.any(is_open)
}

/// The configurations of the machine's servers.
fn configurations(root: &Path) -> impl Iterator<Item = String> {
    let files = services::servers().flat_map(move |place| {
        let depths = ["*", "*/*"].into_iter();
        depths.flat_map(move |names| glob(root, &format!("{place}/{names}")))
    });
    files.take(CONFIGURATIONS).filter_map(move |file| {
        let bytes = crate::files::read_regular(&below(root, &file), BYTES).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    })
}

/// Whether a server of the machine hands on what it is asked to somebody behind it on the machine.
fn hands_on_locally(root: &Path) -> bool {
    const OPTIONS: [&str; 3] = ["proxy_pass", "ProxyPass", "reverse_proxy"];
    const HOSTS: [&str; 5] = ["127.0.0.1:", "localhost:", "[::1]:", "//172.", "//10."];
    let is_one = |line: &str| {
        let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
        !line.trim_start().starts_with('#') && has(&OPTIONS) && has(&HOSTS)
    };
    configurations(root).any(|text| text.lines().any(is_one))
}

/// A container whose failures a jail reads.
struct Container {
    /// That it is one, and how that is known.
    said: String,
    /// Its clients come through Docker.
    is_open: bool,
    /// Its ports, where they are published for this machine alone.
    local: Vec<u16>,
    /// The ports that are published, where that is known.
    ports: Vec<PublishedPort>,
}

/// The log of the jail that is a container's.
fn log_of_container(patient: &Patient) -> Option<Container> {
    let patterns = patient.log_patterns();
    let is_dockers = |log: &&&str| CONTAINERS.iter().any(|place| log.starts_with(place));
    if let Some(log) = patterns.iter().find(is_dockers) {
        return Some(Container {
            said: format!("{log} is the log of a container"),
            is_open: !hands_on_locally(patient.doctor().root),
            local: Vec::new(),
            ports: Vec::new(),
        });
    }
    let root = patient.doctor().root;
    let files = compose::files(root, &patterns);
    files.into_iter().find_map(|file| {
        let services = compose::services(root, &file)?;
        let open = services
            .into_iter()
            .filter(|service| service.is_published || !service.local.is_empty());
        let (log, service) = open.into_iter().find_map(|service| {
            let places = &service.places;
            let is_in = |log: &&&str| places.iter().any(|place| Path::new(log).starts_with(place));
            Some((*patterns.iter().find(is_in)?, service))
        })?;
        let whose = if service.is_published {
            "whose ports it publishes"
        } else {
            "whose ports it publishes for this machine alone"
        };
        Some(Container {
            said: format!(
                "{log} is the log of a container ({file} mounts it into {}, {whose})",
                service.name
            ),
            is_open: service.is_published,
            local: service.local,
            ports: service.ports,
        })
    })
}

/// The container whose failures are found in the journal, where its clients come through Docker:
/// Docker's logging driver `journald`.
fn container_in_journal(patient: &Patient) -> Option<Container> {
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
    let is_open = match &service {
        Some(service) => service.is_published,
        // a server of the machine itself may take the connections first
        None => !services::servers().any(|place| below(root, place).exists()),
    };
    Some(Container {
        said: format!("{name} is a container (Docker writes its entries to the journal)"),
        is_open,
        local: service
            .as_ref()
            .map_or(Vec::new(), |service| service.local.clone()),
        ports: service.map_or(Vec::new(), |service| service.ports),
    })
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
