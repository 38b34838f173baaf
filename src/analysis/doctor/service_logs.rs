//! The logs that the configurations of services name: `error_log /data/log/nginx.err;`, a rule of
//! rsyslog.

use super::service_list::Service;
use super::services::{files, read};
use crate::config::below;
use std::path::Path;

/// Files read at most, and logs told.
const FILES: usize = 200;
const LOGS: usize = 16;

/// What a syslog daemon is told to write where.
const SYSLOG: [&str; 5] = [
    "/etc/rsyslog.conf",
    "/etc/rsyslog.d",
    "/etc/syslog.conf",
    "/etc/syslog-ng/syslog-ng.conf",
    "/etc/syslog-ng/conf.d",
];

/// The logs below `root` that the configuration of a filter's service names and that are there.
/// `syslog`: its service leaves the writing to a syslog daemon.
pub(super) fn named_logs(root: &Path, filter: &str, syslog: bool) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    if let Some(service) = Service::of_filter(filter, root) {
        places.extend(service.places.iter().map(|place| (*place).to_owned()));
    }
    let stem = filter.split(['-', '_', '.']).next().unwrap_or_default();
    if stem.len() > 2 {
        let of_stem = [
            "/etc/STEM",
            "/etc/STEM.*",
            "/etc/default/STEM",
            "/opt/STEM",
            "/opt/STEM/conf*",
        ];
        places.extend(of_stem.map(|place| place.replace("STEM", stem)));
    }
    let mut found = logs(root, &places, |line| line.to_lowercase().contains("log"));
    if syslog {
        let places = SYSLOG.map(str::to_owned);
        found.extend(logs(root, &places, |_| true));
    }
    let mut once: Vec<String> = Vec::new();
    for log in found {
        if !once.contains(&log) {
            once.push(log);
        }
    }
    once.truncate(LOGS);
    once
}

/// The logs that lines of the files at `places` name, of those lines that `tells` says.
fn logs(root: &Path, places: &[String], tells: impl Fn(&str) -> bool) -> Vec<String> {
    let all = places.iter().flat_map(|place| files(root, place));
    let texts: Vec<String> = all.take(FILES).filter_map(|file| read(&file)).collect();
    let variables =
        read(&below(root, "/etc/apache2/envvars")).map_or(Vec::new(), |text| variables(&text));
    let mut found = Vec::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        if !tells(line) {
            continue;
        }
        let mut line = line.to_owned();
        for (name, value) in &variables {
            line = line.replace(&format!("${{{name}}}"), value);
        }
        let is_log = |path: &&str| {
            let meta = below(root, path).metadata();
            meta.is_ok_and(|meta| meta.is_file() && meta.len() > 0)
        };
        found.extend(paths(&line).into_iter().filter(is_log).map(str::to_owned));
    }
    found
}

/// The absolute paths in a line.
fn paths(line: &str) -> Vec<&str> {
    let words = line.split(|c: char| c.is_whitespace() || "\"'();,=|".contains(c));
    // `-/var/log/mail.log` of rsyslog, `daemon:/var/log/squid/access.log`
    let begins = words.filter_map(|word| Some(&word[word.find('/')?..]));
    begins
        .filter(|path| path.len() > 1 && !path.starts_with("//"))
        .collect()
}

/// `export APACHE_LOG_DIR=/var/log/apache2$SUFFIX`
fn variables(text: &str) -> Vec<(String, String)> {
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("export "));
    let set = lines.filter_map(|line| line.split_once('='));
    let plain = set.map(|(name, value)| {
        let value = value.split('$').next().unwrap_or_default();
        (
            name.trim().to_owned(),
            value.trim().trim_matches('"').to_owned(),
        )
    });
    plain.filter(|(_, value)| value.starts_with('/')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_lines() {
        let found = |line| paths(line);
        assert_eq!(
            found("error_log /data/nginx.err warn;"),
            ["/data/nginx.err"]
        );
        assert_eq!(found("auth,authpriv.*\t-/var/log/auth"), ["/var/log/auth"]);
        assert_eq!(
            found("access_log daemon:/var/log/squid/a squid"),
            ["/var/log/squid/a"]
        );
        assert_eq!(
            found("log_path = \"/srv/dovecot.log\""),
            ["/srv/dovecot.log"]
        );
        assert_eq!(found("error_log syslog:server=192.0.2.1"), [""; 0]);
    }

    #[test]
    fn variables_of_apache() {
        let text = "export APACHE_LOG_DIR=/data/apache$SUFFIX\nexport LANG=C\n";
        let expected = ("APACHE_LOG_DIR".to_owned(), "/data/apache".to_owned());
        assert_eq!(variables(text), [expected]);
    }
}
