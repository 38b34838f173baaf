//! Names by which the unit of one service goes: those of Debian, Fedora, SUSE, Arch and of upstream
//! packages.

/// The names of one service's unit, without `.service`; those of the units themselves stand before
/// their aliases.
const NAMES: &[&[&str]] = &[
    &["ssh", "sshd"],
    &["apache2", "httpd"],
    &["mariadb", "mysql", "mysqld"],
    &["named", "bind9"],
    &["exim", "exim4"],
    &["squid", "squid3"],
    &["mumble-server", "murmur", "murmurd"],
    &["cron", "crond"],
    &["slapd", "openldap"],
    &["redis", "redis-server"],
    &["openvpn", "openvpn-server@server"],
    &["cyrus-imapd", "cyrus"],
    &["saslauthd", "cyrus-saslauthd"],
    &["vsftpd", "vsftpd2"],
];

/// The names of the service that has a unit of that name, if it has more than one.
pub(crate) fn of_service(name: &str) -> Option<&'static [&'static str]> {
    NAMES.iter().find(|names| names.contains(&name)).copied()
}
