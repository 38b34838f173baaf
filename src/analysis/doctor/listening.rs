//! What configurations of services say of the ports to listen on: one reader a service, each
//! named for the file whose manual it goes by.

use super::port_names;
use std::collections::BTreeSet;
use std::path::Path;

/// Ports met in a configuration.
#[derive(Default)]
pub(super) struct Found {
    /// Given by themselves.
    ports: BTreeSet<u16>,
    /// Given with an address.
    addresses: BTreeSet<u16>,
    /// An address stands without a port, or a port without an address.
    without_port: bool,
    /// Only this machine itself can reach the service.
    only_local: bool,
    /// Protocols below it that were met: TCP, UDP.
    protocols: (bool, bool),
}

impl Found {
    /// The ports that others can reach.
    pub(super) fn all(self) -> BTreeSet<u16> {
        if self.only_local {
            BTreeSet::new()
        } else if self.addresses.is_empty() || self.without_port {
            // addresses with a port of their own leave nothing to `Port`
            &self.ports | &self.addresses
        } else {
            self.addresses
        }
    }

    /// The protocol, where one alone was met.
    pub(super) fn protocol(&self) -> Option<&'static str> {
        match self.protocols {
            (true, false) => Some("tcp"),
            (false, true) => Some("udp"),
            _ => None,
        }
    }

    /// Takes a port by its number or name.
    fn port(&mut self, text: &str) {
        // a service that is switched off has port 0, or -1
        let port = port_names::number(Path::new("/nowhere"), text.trim_start_matches('+'));
        self.ports.extend(port.filter(|port| *port > 0));
    }

    /// Takes a port that puts out of force those before it.
    fn only_port(&mut self, text: &str) {
        self.ports.clear();
        self.port(text);
    }

    /// Takes `0.0.0.0:2222`, `[::]:2222`, `*:80`, or an address alone.
    fn address(&mut self, text: &str) {
        let (address, port) = match text.rsplit_once(':') {
            Some((address, port)) if address.ends_with(']') || !address.contains(':') => {
                (address, port.parse().ok())
            }
            _ => (text, None),
        };
        if is_local(address) {
            return;
        }
        match port {
            Some(port) => {
                self.addresses.insert(port);
            }
            None => self.without_port = true,
        }
    }

    /// Takes an address with a port, or a port alone.
    fn address_or_port(&mut self, text: &str) {
        if text.parse::<u16>().is_ok() {
            self.port(text);
            self.without_port = true;
        } else {
            self.address(text);
        }
    }
}

fn is_local(address: &str) -> bool {
    let address = address.trim_matches(['[', ']']);
    address.starts_with("127.") || ["::1", "localhost"].contains(&address)
}

/// Lines without comments and blanks around them.
fn lines<'t>(text: &'t str, comments: &'static [char]) -> impl Iterator<Item = &'t str> {
    let plain = text
        .lines()
        .map(move |line| line.split(comments).next().unwrap_or_default().trim());
    plain.filter(|line| !line.is_empty())
}

/// `name = value` of a line, quotes left out.
fn option(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), unquoted(value)))
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\'', ';']).trim()
}

/// The options of the sections of an INI file that `wanted` says; those above the first section
/// are of the section "".
fn of_sections(text: &str, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, &str)> {
    let mut section = "";
    lines(text, &['#', ';']).filter_map(move |line| {
        if let Some(name) = line.strip_prefix('[') {
            section = name.split(']').next().unwrap_or_default();
            return None;
        }
        option(line).filter(|_| wanted(section))
    })
}

/// The first two words of a line; `=` may stand between them.
fn words(line: &str) -> Option<(String, &str)> {
    let mut words = line
        .split(|c: char| c.is_whitespace() || c == ';' || c == '=')
        .filter(|word| !word.is_empty());
    Some((words.next()?.to_ascii_lowercase(), words.next()?))
}

/// sshd_config(5).
pub(super) fn sshd(text: &str, found: &mut Found) {
    for (name, value) in lines(text, &['#']).filter_map(words) {
        match name.as_str() {
            "port" => found.port(value),
            "listenaddress" => found.address(value),
            _ => {}
        }
    }
}

/// systemd.socket(5): an empty `ListenStream=` takes back those before it.
pub(super) fn socket(text: &str, found: &mut Found) {
    for (name, value) in of_sections(text, |section| section == "Socket") {
        if name != "ListenStream" {
            continue;
        }
        if value.is_empty() {
            *found = Found::default();
        } else {
            found.address_or_port(value);
        }
    }
}

/// vsftpd.conf(5), miniserv.conf of Webmin, directadmin.conf: `port=`.
pub(super) fn one_port(text: &str, found: &mut Found) {
    for (name, value) in lines(text, &['#']).filter_map(option) {
        if ["listen_port", "port"].contains(&name) {
            found.only_port(value);
        }
    }
}

/// `Port N`: proftpd.conf.
pub(super) fn port_word(text: &str, found: &mut Found) {
    for (_, value) in lines(text, &['#', ';'])
        .filter_map(words)
        .filter(|(name, _)| name == "port")
    {
        found.port(value);
    }
}

/// openvpn(8): a file each for a server, on 1194 over UDP unless it says otherwise; those for
/// clients listen on nothing.
pub(super) fn openvpn(text: &str, found: &mut Found) {
    let mut port = "1194";
    let mut is_tcp = false;
    for line in lines(text, &['#', ';']) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("client" | "remote"), _) => return,
            (Some("port" | "lport"), Some(value)) => port = value,
            (Some("proto"), Some(value)) => is_tcp = value.starts_with("tcp"),
            _ => {}
        }
    }
    found.port(port);
    if is_tcp {
        found.protocols.0 = true;
    } else {
        found.protocols.1 = true;
    }
}

/// `listen` of nginx and Apache.
pub(super) fn web(text: &str, found: &mut Found) {
    let statements = lines(text, &['#']).flat_map(|line| line.split(['{', '}', ';']));
    for (name, value) in statements.filter_map(words) {
        if name == "listen" {
            found.address_or_port(value);
        }
    }
}

/// lighttpd.conf: `server.port`, `$SERVER["socket"] == ":8080"`.
pub(super) fn lighttpd(text: &str, found: &mut Found) {
    for line in lines(text, &['#']) {
        if let Some(("server.port", value)) = option(line) {
            found.only_port(value);
        }
        if let Some((_, socket)) = line.split_once("$SERVER[\"socket\"] ==") {
            let socket = socket.split('"').nth(1).unwrap_or_default();
            found.address(socket);
            found.without_port = true;
        }
    }
}

/// sip.conf and pjsip.conf of Asterisk; the port of a transport without one is 5060.
pub(super) fn asterisk(text: &str, found: &mut Found) {
    for (name, value) in of_sections(text, |section| !section.is_empty()) {
        // pjsip.conf also has `bind` in ACLs nowhere: it is an option of transports alone
        match name {
            "bindport" => found.only_port(value),
            "bind" | "udpbindaddr" | "tcpbindaddr" | "tlsbindaddr" => {
                found.address(value);
                let has_port = value.rsplit_once(':').is_some_and(|(address, port)| {
                    port.parse::<u16>().is_ok()
                        && (address.ends_with(']') || !address.contains(':'))
                });
                if !has_port && !is_local(value) {
                    found.port("5060");
                }
            }
            _ => {}
        }
    }
}

/// The option files of MySQL and MariaDB; the last port counts.
pub(super) fn mysqld(text: &str, found: &mut Found) {
    let is_server = |section: &str| {
        section.starts_with("mysqld") || section.starts_with("mariadb") || section == "server"
    };
    for (name, value) in of_sections(text, is_server) {
        match name {
            "port" => found.only_port(value),
            "bind-address" | "bind_address" => found.only_local = is_local(value),
            _ => {}
        }
    }
}

/// The port of a section: xrdp.ini, grafana.ini, mumble-server.ini (which has none).
pub(super) fn section_port(text: &str, found: &mut Found) {
    let is_main = |section: &str| ["", "Globals", "server"].contains(&section);
    for (name, value) in of_sections(text, is_main) {
        match name {
            // xrdp also takes `tcp://.:3390`
            "port" | "http_port" => found.port(value.rsplit([':', '/']).next().unwrap_or_default()),
            "http_addr" | "address" | "host" => found.only_local |= is_local(value),
            _ => {}
        }
    }
}

/// Exim's `daemon_smtp_ports = 25 : 465 : 587`, a list whose separator may be another one.
pub(super) fn exim(text: &str, found: &mut Found) {
    for (name, value) in lines(text, &['#']).filter_map(option) {
        if name == "daemon_smtp_ports" {
            let list = value.trim_start_matches('<');
            let parts = list.split(|c: char| !(c.is_alphanumeric() || c == '-'));
            parts.for_each(|port| found.port(port));
        }
    }
}

/// Dovecot's `service imap-login { inet_listener imaps { port = 993 } }`, of logins alone.
pub(super) fn dovecot(text: &str, found: &mut Found) {
    let mut open: Vec<&str> = Vec::new();
    let mut port = None;
    let mut is_local_only = false;
    for line in lines(text, &['#']) {
        if let Some(name) = line.strip_suffix('{') {
            open.push(name.trim());
            (port, is_local_only) = (None, false);
        } else if line.starts_with('}') {
            found.ports.extend(port.take().filter(|_| !is_local_only));
            open.pop();
        } else if let Some((name, value)) = option(line)
            && let [service, listener] = open.as_slice()
            && service.starts_with("service ")
            && service.contains("login")
            && listener.starts_with("inet_listener")
        {
            match name {
                "port" => port = value.parse::<u16>().ok().filter(|port| *port > 0),
                "address" | "listen" => is_local_only = is_local(value),
                _ => {}
            }
        }
    }
}

/// Postfix's master(5): the services of type inet whose command is smtpd or postscreen.
pub(super) fn postfix(text: &str, found: &mut Found) {
    let logical = text
        .lines()
        .filter(|line| !line.starts_with(char::is_whitespace));
    for line in logical.filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [service, "inet", _, _, _, _, _, "smtpd" | "postscreen", ..] = words.as_slice() else {
            continue;
        };
        match service.rsplit_once(':') {
            Some((address, port)) if !is_local(address) => found.port(port),
            Some(_) => {}
            None => found.port(service),
        }
    }
}

/// BIND's `listen-on port 5353 { any; };`.
pub(super) fn named(text: &str, found: &mut Found) {
    for line in lines(text, &['#']).filter(|line| !line.starts_with("//")) {
        let mut words = line.split_whitespace();
        let name = words.next();
        if !["listen-on", "listen-on-v6"].map(Some).contains(&name) {
            continue;
        }
        let (port, addresses) = match words.next() {
            Some("port") => (words.next().unwrap_or_default(), line.split_once('{')),
            _ => ("53", line.split_once('{')),
        };
        let addresses = addresses.map_or("", |(_, addresses)| addresses);
        let addresses = addresses.split([';', '}', ' ']).map(str::trim);
        let mut addresses = addresses.filter(|address| !address.is_empty());
        if !addresses.all(|address| is_local(address) || address == "none") {
            found.port(port);
        }
    }
}

/// ZNC's `<Listener …>` with `Port = 7000`.
pub(super) fn znc(text: &str, found: &mut Found) {
    for (name, value) in lines(text, &[]).filter_map(option) {
        match name {
            "Port" => found.port(value),
            "Host" => found.only_local = is_local(value),
            _ => {}
        }
    }
}

/// squid.conf: `http_port [address:]port`.
pub(super) fn squid(text: &str, found: &mut Found) {
    for (name, value) in lines(text, &['#']).filter_map(words) {
        if ["http_port", "https_port"].contains(&name.as_str()) {
            found.address_or_port(value);
        }
    }
}

/// `port: 27018` of YAML and nsd.conf: mongod.conf, ejabberd.yml.
pub(super) fn colon_port(text: &str, found: &mut Found) {
    for line in lines(text, &['#']) {
        let line = line.trim_start_matches("- ");
        match line.split_once(':') {
            Some(("port", value)) => found.port(unquoted(value)),
            Some(("bindIp", value)) => found.only_local = is_local(unquoted(value)),
            _ => {}
        }
    }
}

/// `DROPBEAR_PORT=2222` of Debian, `option Port '2222'` of OpenWrt.
pub(super) fn dropbear(text: &str, found: &mut Found) {
    for line in lines(text, &['#']) {
        if let Some(("DROPBEAR_PORT", value)) = option(line) {
            found.only_port(value);
        }
        if let Some(value) = line.strip_prefix("option Port ") {
            found.port(unquoted(value));
        }
    }
}
