//! The ports that services are configured to listen on.

use super::files::text;
use super::listening::Found;
use super::service_list::{OPENVPN, SERVICES, Service};
use crate::config::{below, glob};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files read of a service at most.
const FILES: usize = 200;

impl Service {
    /// The service whose log a filter of that name reads, as the machine below `root` runs it.
    pub(super) fn of_filter(name: &str, root: &Path) -> Option<&'static Service> {
        let service = SERVICES.iter().find(|service| {
            let mut filters = service.filters.iter();
            filters
                .any(|filter| name == *filter || filter.ends_with('-') && name.starts_with(filter))
        })?;
        if service.is_sshd() {
            let socket = SERVICES
                .last()
                .filter(|socket| !socket.ports(root).is_empty());
            return socket.or(Some(service));
        }
        Some(service)
    }

    /// Whether each of its ports is for clients to log in at.
    pub(super) fn is_sshd(&self) -> bool {
        self.name == "sshd"
    }

    /// The ports in the service's configuration below `root`, without those that only this
    /// machine itself can reach; empty where it says nothing of them.
    pub(super) fn ports(&self, root: &Path) -> BTreeSet<u16> {
        let files = self.places.iter().flat_map(|place| files(root, place));
        let texts = files.take(FILES).filter_map(|file| text(&file));
        let mut found = Found::default();
        texts.for_each(|text| (self.reader)(&text, &mut found));
        found.all()
    }

    /// The protocol below it, where it is one alone.
    pub(super) fn protocol(&self, root: &Path) -> Option<&'static str> {
        const BOTH: [&str; 4] = ["named", "NSD", "Asterisk", "the Mumble server"];
        if BOTH.contains(&self.name) {
            return None;
        }
        if self.name != OPENVPN {
            return Some("tcp");
        }
        let files = self.places.iter().flat_map(|place| files(root, place));
        let mut found = Found::default();
        files
            .take(FILES)
            .filter_map(|file| text(&file))
            .for_each(|text| (self.reader)(&text, &mut found));
        found.protocol()
    }

    /// Whether another program of the machine may take the clients' connections first.
    pub(super) fn may_stand_behind_proxy(&self, root: &Path) -> bool {
        const DOCKER: &str = "/var/lib/docker";
        let is_there = |place: &&str| below(root, place).exists();
        let servers = ["nginx", "Apache", "lighttpd"];
        let other = |service: &&Service| {
            servers.contains(&service.name)
                && service.name != self.name
                && !service.ports(root).is_empty()
        };
        let mut proxies = PROXIES.iter().chain([&DOCKER]);
        self.is_web && (proxies.any(is_there) || SERVICES.iter().any(|s| other(&s)))
    }
}

/// Where servers of the web have their configuration, which may hand on what they are asked.
const WEB_SERVERS: [&str; 4] = ["/etc/nginx", "/etc/apache2", "/etc/httpd", "/etc/lighttpd"];

/// Where those have theirs that do little else.
const PROXIES: [&str; 5] = [
    "/etc/haproxy",
    "/etc/varnish",
    "/etc/traefik",
    "/etc/caddy",
    "/etc/envoy",
];

/// Where servers have their configuration that others stand behind.
pub(super) fn servers() -> impl Iterator<Item = &'static str> {
    WEB_SERVERS.iter().chain(&PROXIES).copied()
}

/// The file, the files of a directory, or those of a glob.
pub(super) fn files(root: &Path, place: &str) -> Vec<PathBuf> {
    if place.contains('*') {
        let mut found = glob(root, place);
        found.sort();
        return found.iter().map(|path| below(root, path)).collect();
    }
    let place = below(root, place);
    if place.is_file() {
        return vec![place];
    }
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ports that a file of the machine says the service of a filter listens on.
    fn ports(filter: &str, file: &str, text: &str) -> Vec<u16> {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, text).expect("a file");
        let service = Service::of_filter(filter, place.path()).expect("a service");
        service.ports(place.path()).into_iter().collect()
    }

    #[test]
    fn ports_of_sshd() {
        let sshd = |text| ports("sshd", "etc/ssh/sshd_config", text);
        assert_eq!(sshd("#Port 22\nPort 2022\n"), [2022]);
        assert_eq!(
            sshd("ListenAddress 0.0.0.0:2022\nListenAddress [::]:2023\n"),
            [2022, 2023]
        );
        assert_eq!(sshd("Port 22\nListenAddress 127.0.0.1:2022\n"), [22]);
        assert_eq!(sshd("Port 2200\nListenAddress 192.0.2.1\n"), [2200]);
        assert_eq!(sshd("ListenAddress ::\n"), [0; 0]);
        let socket = "[Socket]\nListenStream=22\nListenStream=\nListenStream=[::]:2222\n";
        let file = "etc/systemd/system/ssh.socket.d/port.conf";
        assert_eq!(ports("sshd", file, socket), [2222]);
    }

    #[test]
    fn ports_of_the_web() {
        let nginx =
            "server {\n  listen 8443 ssl;\n  listen [::]:8443;\n  listen 127.0.0.1:81;\n}\n";
        let file = "etc/nginx/sites-enabled/x";
        assert_eq!(ports("nginx-x", file, nginx), [8443]);
        let text = "listen unix:/run/x.sock;\nlisten 192.0.2.1;";
        assert_eq!(ports("nginx-x", file, text), [0; 0]);
        let text = "Listen 80\nListen 192.0.2.1:8080\n";
        assert_eq!(
            ports("apache-x", "etc/apache2/ports.conf", text),
            [80, 8080]
        );
        let text = "server.port = 81 # not 80\n$SERVER[\"socket\"] == \"[::]:8443\" {\n}\n";
        let file = "etc/lighttpd/lighttpd.conf";
        assert_eq!(ports("lighttpd-auth", file, text), [81, 8443]);
        let text = "[database]\nport = 5432\n[server]\n;http_port = 1\nhttp_port = 3000\n";
        assert_eq!(ports("grafana", "etc/grafana/grafana.ini", text), [3000]);
    }

    #[test]
    fn ports_of_mail() {
        let text = "smtp inet n - y - - smtpd\n  -o x=y\n#submission inet n - y - - smtpd\n\
                    2525 inet n - y - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\n\
                    pickup unix n - y 60 1 pickup\n";
        assert_eq!(ports("postfix", "etc/postfix/master.cf", text), [25, 2525]);
        let text = "daemon_smtp_ports = 25 : smtps : 2525\n";
        assert_eq!(ports("exim", "etc/exim4/exim4.conf", text), [25, 465, 2525]);
        let text = "service imap-login {\n inet_listener imap {\n  port = 0\n }\n \
                    inet_listener imaps {\n  port = 10993\n }\n}\n\
                    service auth {\n inet_listener {\n  port = 12345\n }\n}\n";
        let file = "etc/dovecot/conf.d/10-master.conf";
        assert_eq!(ports("dovecot", file, text), [10993]);
    }

    #[test]
    fn ports_of_others() {
        let vsftpd = ports(
            "vsftpd",
            "etc/vsftpd.conf",
            "listen=YES\nlisten_port=2121\n",
        );
        assert_eq!(vsftpd, [2121]);
        let text = "listen-on port 5353 { any; };\n  listen-on port 54 { 127.0.0.1; };\n";
        assert_eq!(
            ports("named-refused", "etc/bind/named.conf.options", text),
            [5353]
        );
        let text = "[general]\nbindport = 5080\n";
        assert_eq!(ports("asterisk", "etc/asterisk/sip.conf", text), [5080]);
        let text = "[a]\ntype=transport\nbind=0.0.0.0\n[b]\ntype=transport\nbind=0.0.0.0:5081\n";
        assert_eq!(
            ports("asterisk", "etc/asterisk/pjsip.conf", text),
            [5060, 5081]
        );
        let text = "[client]\nport = 3306\n[mysqld]\nport = 3307\n";
        assert_eq!(ports("mysqld-auth", "etc/my.cnf", text), [3307]);
        let text = "[mysqld]\nport = 3307\nbind-address = 127.0.0.1\n";
        assert_eq!(ports("mysqld-auth", "etc/my.cnf", text), [0; 0]);
        let text = "<Listener l>\n\tPort = +7000\n</Listener>\n";
        assert_eq!(
            ports("znc-adminlog", "home/x/.znc/configs/znc.conf", text),
            [7000]
        );
        let text = "[Globals]\nport=tcp://.:3390\n[Xorg]\nport=-1\n";
        assert_eq!(ports("xrdp", "etc/xrdp/xrdp.ini", text), [3390]);
        let text = "http_port 192.0.2.1:3129 intercept\n";
        assert_eq!(ports("squid", "etc/squid/squid.conf", text), [3129]);
        assert_eq!(
            ports("murmur", "etc/mumble-server.ini", "port=64740\n"),
            [64740]
        );
        let text = "port 1195\nproto udp\n";
        assert_eq!(ports("openvpn", "etc/openvpn/server.conf", text), [1195]);
        let text = "dev tun\nserver 10.8.0.0 255.255.255.0\n";
        assert_eq!(ports("openvpn", "etc/openvpn/server.conf", text), [1194]);
        let text = "client\nremote vpn.example.org 1194\n";
        assert_eq!(ports("openvpn", "etc/openvpn/client.conf", text), [0; 0]);
        let text = "net:\n  port: 27018\n";
        assert_eq!(ports("mongodb-auth", "etc/mongod.conf", text), [27018]);
        let text = "config dropbear\n\toption Port '2222'\n";
        assert_eq!(ports("dropbear", "etc/config/dropbear", text), [2222]);
    }
}
