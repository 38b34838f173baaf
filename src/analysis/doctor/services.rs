//! The ports that services are configured to listen on: sshd, vsftpd, nginx, Apache, ProFTPD.

use crate::config::below;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A service, by the filters that read its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Sshd,
    Vsftpd,
    Proftpd,
    Nginx,
    Apache,
}

/// Files read of a service at most.
const FILES: usize = 200;
/// Bytes of a file that are read.
const BYTES: u64 = 1 << 20;

impl Service {
    /// The service whose log a filter of that name reads.
    pub(super) fn of_filter(name: &str) -> Option<Service> {
        Some(match name {
            "sshd" => Service::Sshd,
            "vsftpd" => Service::Vsftpd,
            "proftpd" => Service::Proftpd,
            _ if name.starts_with("nginx-") => Service::Nginx,
            _ if name.starts_with("apache-") => Service::Apache,
            _ => return None,
        })
    }

    /// The service's name, and the file that its ports stand in, for people.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Service::Sshd => ("sshd", "sshd_config"),
            Service::Vsftpd => ("vsftpd", "vsftpd.conf"),
            Service::Proftpd => ("ProFTPD", "proftpd.conf"),
            Service::Nginx => ("nginx", "its configuration"),
            Service::Apache => ("Apache", "its configuration"),
        }
    }

    /// The ports in the service's configuration below `root`, without those that only this
    /// machine itself can reach; empty where it says nothing of them.
    pub(super) fn ports(self, root: &Path) -> BTreeSet<u16> {
        let places: &[&str] = match self {
            Service::Sshd => &["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d"],
            Service::Vsftpd => &["/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf"],
            Service::Proftpd => &["/etc/proftpd/proftpd.conf", "/etc/proftpd.conf"],
            Service::Nginx => &[
                "/etc/nginx/nginx.conf",
                "/etc/nginx/conf.d",
                "/etc/nginx/sites-enabled",
                "/etc/nginx/vhosts.d",
                "/etc/nginx/http.d",
            ],
            Service::Apache => &[
                "/etc/apache2/ports.conf",
                "/etc/apache2/listen.conf",
                "/etc/apache2/sites-enabled",
                "/etc/httpd/conf/httpd.conf",
                "/etc/httpd/conf.d",
            ],
        };
        let files = places.iter().flat_map(|place| files(&below(root, place)));
        let texts = files.take(FILES).filter_map(|file| read(&file));
        let mut found = Found::default();
        for text in texts {
            for line in text.lines() {
                self.line(line, &mut found);
            }
        }
        // addresses with a port of their own leave nothing to `Port`
        if found.addresses.is_empty() || found.without_port {
            &found.ports | &found.addresses
        } else {
            found.addresses
        }
    }

    /// Whether another program of the machine may take the clients' connections first.
    pub(super) fn may_stand_behind_proxy(self, root: &Path) -> bool {
        const PROXIES: [&str; 6] = [
            "/etc/haproxy",
            "/etc/varnish",
            "/etc/traefik",
            "/etc/caddy",
            "/etc/envoy",
            "/var/lib/docker",
        ];
        let other = match self {
            Service::Nginx => Service::Apache,
            Service::Apache => Service::Nginx,
            _ => return false,
        };
        let is_there = |place: &&str| below(root, place).exists();
        PROXIES.iter().any(is_there) || !other.ports(root).is_empty()
    }

    fn line(self, line: &str, found: &mut Found) {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line
            .split(|c: char| c.is_whitespace() || c == ';' || (c == '=' && self != Service::Nginx))
            .filter(|word| !word.is_empty());
        let (Some(name), Some(value)) = (words.next(), words.next()) else {
            return;
        };
        let name = name.to_ascii_lowercase();
        match (self, name.as_str()) {
            (Service::Sshd | Service::Proftpd, "port") | (Service::Vsftpd, "listen_port") => {
                found.ports.extend(value.parse::<u16>());
            }
            (Service::Sshd, "listenaddress") => found.address(value),
            (Service::Nginx | Service::Apache, "listen") => match value.parse() {
                Ok(port) => {
                    found.ports.insert(port);
                    found.without_port = true;
                }
                Err(_) => found.address(value),
            },
            _ => {}
        }
    }
}

/// Ports met in a configuration.
#[derive(Default)]
struct Found {
    /// Given by themselves.
    ports: BTreeSet<u16>,
    /// Given with an address.
    addresses: BTreeSet<u16>,
    /// An address stands without a port, or a port without an address.
    without_port: bool,
}

impl Found {
    /// Takes `0.0.0.0:2222`, `[::]:2222`, `*:80`, or an address alone.
    fn address(&mut self, text: &str) {
        let (address, port) = match text.rsplit_once(':') {
            Some((address, port)) if address.ends_with(']') || !address.contains(':') => {
                (address, port.parse().ok())
            }
            _ => (text, None),
        };
        let address = address.trim_matches(['[', ']']);
        if address.starts_with("127.") || ["::1", "localhost"].contains(&address) {
            return;
        }
        match port {
            Some(port) => {
                self.addresses.insert(port);
            }
            None => self.without_port = true,
        }
    }
}

/// The file, or the files of a directory.
fn files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| file.is_file());
    files.sort();
    files
}

fn read(file: &Path) -> Option<String> {
    let bytes = crate::files::read_regular(file, BYTES).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(service: Service, text: &str) -> Vec<u16> {
        let place = tempfile::tempdir().expect("a directory");
        let file = match service {
            Service::Sshd => "etc/ssh/sshd_config",
            Service::Vsftpd => "etc/vsftpd.conf",
            Service::Proftpd => "etc/proftpd/proftpd.conf",
            Service::Nginx => "etc/nginx/sites-enabled/x",
            Service::Apache => "etc/apache2/ports.conf",
        };
        let path = place.path().join(file);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        std::fs::write(path, text).expect("a file");
        service.ports(place.path()).into_iter().collect()
    }

    #[test]
    fn ports_of_configurations() {
        let sshd = |text| ports(Service::Sshd, text);
        assert_eq!(sshd("#Port 22\nPort 2022\n"), [2022]);
        assert_eq!(
            sshd("ListenAddress 0.0.0.0:2022\nListenAddress [::]:2023\n"),
            [2022, 2023]
        );
        assert_eq!(sshd("Port 22\nListenAddress 127.0.0.1:2022\n"), [22]);
        assert_eq!(sshd("Port 2200\nListenAddress 192.0.2.1\n"), [2200]);
        assert_eq!(sshd("ListenAddress ::\n"), [0; 0]);
        assert_eq!(
            ports(Service::Vsftpd, "listen=YES\nlisten_port=2121\n"),
            [2121]
        );
        let nginx =
            "server {\n  listen 8443 ssl;\n  listen [::]:8443;\n  listen 127.0.0.1:81;\n}\n";
        assert_eq!(ports(Service::Nginx, nginx), [8443]);
        assert_eq!(
            ports(
                Service::Nginx,
                "listen unix:/run/x.sock;\nlisten 192.0.2.1;"
            ),
            [0; 0]
        );
        assert_eq!(
            ports(Service::Apache, "Listen 80\nListen 192.0.2.1:8080\n"),
            [80, 8080]
        );
    }
}
