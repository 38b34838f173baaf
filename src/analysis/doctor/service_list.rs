//! The services whose ports the machine's files tell: which filters read their logs, and where
//! their configuration lies.

use super::listening::{self, Found};

/// A service.
pub(super) struct Service {
    /// Its name, for people.
    pub(super) name: &'static str,
    /// What its ports stand in, for people.
    pub(super) file: &'static str,
    /// The filters that read its log; a name with `-` at its end stands for all that begin so.
    pub(super) filters: &'static [&'static str],
    /// Its files, directories of them, or globs.
    pub(super) places: &'static [&'static str],
    pub(super) reader: fn(&str, &mut Found),
    /// Whether it speaks HTTP, so that another server may take the clients' connections first.
    pub(super) is_web: bool,
}

/// A service that is none of the web.
const fn plain(
    name: &'static str,
    file: &'static str,
    filters: &'static [&'static str],
    places: &'static [&'static str],
    reader: fn(&str, &mut Found),
) -> Service {
    Service {
        name,
        file,
        filters,
        places,
        reader,
        is_web: false,
    }
}

/// One of the web.
const fn web(
    name: &'static str,
    filters: &'static [&'static str],
    places: &'static [&'static str],
    reader: fn(&str, &mut Found),
) -> Service {
    Service {
        is_web: true,
        ..plain(name, "its configuration", filters, places, reader)
    }
}

/// The service whose protocol its configuration decides.
pub(super) const OPENVPN: &str = "OpenVPN";

/// The paths are those of the services' own manuals and of the packages of Debian, Fedora and
/// OpenWrt.
pub(super) static SERVICES: [Service; 25] = [
    plain(
        "sshd",
        "sshd_config",
        &["sshd"],
        &["/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d"],
        listening::sshd,
    ),
    plain(
        "dropbear",
        "its configuration",
        &["dropbear"],
        &["/etc/default/dropbear", "/etc/config/dropbear"],
        listening::dropbear,
    ),
    plain(
        "vsftpd",
        "vsftpd.conf",
        &["vsftpd"],
        &["/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf"],
        listening::one_port,
    ),
    plain(
        "ProFTPD",
        "proftpd.conf",
        &["proftpd"],
        &["/etc/proftpd/proftpd.conf", "/etc/proftpd.conf"],
        listening::port_word,
    ),
    web(
        "nginx",
        &["nginx-"],
        &[
            "/etc/nginx/nginx.conf",
            "/etc/nginx/conf.d",
            "/etc/nginx/sites-enabled",
            "/etc/nginx/vhosts.d",
            "/etc/nginx/http.d",
        ],
        listening::web,
    ),
    web(
        "Apache",
        &["apache-"],
        &[
            "/etc/apache2/ports.conf",
            "/etc/apache2/listen.conf",
            "/etc/apache2/sites-enabled",
            "/etc/httpd/conf/httpd.conf",
            "/etc/httpd/conf.d",
        ],
        listening::web,
    ),
    web(
        "lighttpd",
        &["lighttpd-auth"],
        &[
            "/etc/lighttpd/lighttpd.conf",
            "/etc/lighttpd/conf-enabled",
            "/etc/lighttpd/vhosts.d",
        ],
        listening::lighttpd,
    ),
    web(
        "Grafana",
        &["grafana"],
        &["/etc/grafana/grafana.ini"],
        listening::section_port,
    ),
    plain(
        "Postfix",
        "master.cf",
        &["postfix"],
        &["/etc/postfix/master.cf"],
        listening::postfix,
    ),
    plain(
        "Exim",
        "its configuration",
        &["exim", "exim-spam"],
        &[
            "/etc/exim4/exim4.conf",
            "/etc/exim4/exim4.conf.template",
            "/etc/exim4/conf.d/main",
            "/etc/exim/exim.conf",
            "/etc/exim.conf",
        ],
        listening::exim,
    ),
    plain(
        "Dovecot",
        "its configuration",
        &["dovecot"],
        &[
            "/etc/dovecot/dovecot.conf",
            "/etc/dovecot/conf.d",
            "/etc/dovecot/local.conf",
        ],
        listening::dovecot,
    ),
    plain(
        "named",
        "named.conf",
        &["named-refused"],
        &[
            "/etc/bind/named.conf*",
            "/etc/named.conf",
            "/etc/named/*.conf",
        ],
        listening::named,
    ),
    plain(
        "NSD",
        "nsd.conf",
        &["nsd"],
        &["/etc/nsd/nsd.conf", "/etc/nsd/nsd.conf.d"],
        listening::colon_port,
    ),
    plain(
        "Asterisk",
        "its configuration",
        &["asterisk"],
        &["/etc/asterisk/sip.conf", "/etc/asterisk/pjsip.conf"],
        listening::asterisk,
    ),
    plain(
        "the database server",
        "its configuration",
        &["mysqld-auth"],
        &[
            "/etc/my.cnf",
            "/etc/mysql/my.cnf",
            "/etc/mysql/conf.d",
            "/etc/mysql/mysql.conf.d",
            "/etc/mysql/mariadb.conf.d",
            "/etc/my.cnf.d",
        ],
        listening::mysqld,
    ),
    plain(
        "MongoDB",
        "mongod.conf",
        &["mongodb-auth"],
        &["/etc/mongod.conf", "/etc/mongodb.conf"],
        listening::colon_port,
    ),
    plain(
        "ejabberd",
        "ejabberd.yml",
        &["ejabberd-auth"],
        &["/etc/ejabberd/ejabberd.yml"],
        listening::colon_port,
    ),
    plain(
        "ZNC",
        "znc.conf",
        &["znc-adminlog"],
        &[
            "/var/lib/znc/configs/znc.conf",
            "/var/lib/znc/.znc/configs/znc.conf",
            "/home/*/.znc/configs/znc.conf",
        ],
        listening::znc,
    ),
    plain(
        "Webmin",
        "miniserv.conf",
        &["webmin-auth"],
        &["/etc/webmin/miniserv.conf"],
        listening::one_port,
    ),
    plain(
        "DirectAdmin",
        "directadmin.conf",
        &["directadmin"],
        &["/usr/local/directadmin/conf/directadmin.conf"],
        listening::one_port,
    ),
    plain(
        "xrdp",
        "xrdp.ini",
        &["xrdp"],
        &["/etc/xrdp/xrdp.ini"],
        listening::section_port,
    ),
    plain(
        "Squid",
        "squid.conf",
        &["squid"],
        &["/etc/squid/squid.conf", "/etc/squid/conf.d"],
        listening::squid,
    ),
    plain(
        "the Mumble server",
        "its configuration",
        &["murmur"],
        &[
            "/etc/mumble-server.ini",
            "/etc/mumble/mumble-server.ini",
            "/etc/murmur.ini",
            "/etc/murmur/murmur.ini",
        ],
        listening::section_port,
    ),
    plain(
        OPENVPN,
        "its configuration",
        &["openvpn"],
        &["/etc/openvpn/*.conf", "/etc/openvpn/server/*.conf"],
        listening::openvpn,
    ),
    // Ubuntu's sshd listens on what systemd gives it
    plain(
        "sshd",
        "ssh.socket",
        &[],
        &[
            "/etc/systemd/system/ssh.socket",
            "/etc/systemd/system/ssh.socket.d",
            "/etc/systemd/system/sshd.socket",
            "/etc/systemd/system/sshd.socket.d",
        ],
        listening::socket,
    ),
];
