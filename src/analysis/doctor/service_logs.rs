//! The logs that the configurations of services name: `error_log /data/log/nginx.err;`, a rule of
//! rsyslog.

use super::files::text;
use super::service_list::Service;
use super::services::files;
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
pub(super) fn named_logs(root: &Path, filter: &str) -> Vec<String> {
    let found = of_service(root, filter).into_iter();
    once(found.map(|named| named.path))
}

/// Those that the rules of a syslog daemon name.
pub(super) fn of_syslog_rules(root: &Path) -> Vec<String> {
    let places = SYSLOG.map(str::to_owned);
    once(logs(root, &places).into_iter().map(|named| named.path))
}

/// The log of one kind, errors or accesses, that the configuration of a filter's service names, if it
/// is one alone: what is written in place of a log of that `pattern`.
pub(super) fn written_instead(root: &Path, filter: &str, pattern: &str) -> Option<String> {
    let kind = KINDS.into_iter().find(|kind| pattern.contains(kind));
    let found = of_service(root, filter).into_iter();
    let of_kind = found.filter(|named| {
        let others = KINDS.iter().filter(|other| Some(**other) != kind);
        others.into_iter().all(|other| !named.line.contains(other))
    });
    match once(of_kind.map(|named| named.path)).as_slice() {
        [log] => Some(log.clone()),
        _ => None,
    }
}

/// The kinds of logs that a service of the web has.
const KINDS: [&str; 2] = ["error", "access"];

/// A log, and the line that names it, in small letters.
struct Named {
    path: String,
    line: String,
}

fn once(logs: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for log in logs {
        if !found.contains(&log) && found.len() < LOGS {
            found.push(log);
        }
    }
    found
}

fn of_service(root: &Path, filter: &str) -> Vec<Named> {
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
    let mut found = logs(root, &places);
    found.retain(|named| named.line.contains("log"));
    found
}

/// The logs that lines of the files at `places` name.
fn logs(root: &Path, places: &[String]) -> Vec<Named> {
    let all = places.iter().flat_map(|place| files(root, place));
    let texts: Vec<String> = all.take(FILES).filter_map(|file| text(&file)).collect();
    let variables =
        text(&below(root, "/etc/apache2/envvars")).map_or(Vec::new(), |text| variables(&text));
    let is_log = |path: &&str| {
        let meta = below(root, path).metadata();
        meta.is_ok_and(|meta| meta.is_file() && meta.len() > 0)
    };
    let mut found = Vec::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let mut line = line.split('#').next().unwrap_or_default().to_owned();
        for (name, value) in &variables {
            line = line.replace(&format!("${{{name}}}"), value);
        }
        let there = paths(&line).into_iter().filter(is_log);
        found.extend(there.map(|path| Named {
            path: path.to_owned(),
            line: line.to_lowercase(),
        }));
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
