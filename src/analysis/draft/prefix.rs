//! What syslog writes before a message: host, daemon, its process.

use regex::Regex;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Daemons of one log, at most.
const DAEMONS: usize = 6;

/// The prefix of all lines.
#[derive(Debug)]
pub(super) struct Prefix {
    /// By line, where its message begins.
    pub(super) ends: Vec<usize>,
    /// `_daemon`: a regex of the daemon's name, as it stands in a file.
    pub(super) daemon: String,
    /// The name by itself, for the filter's.
    pub(super) name: String,
}

/// Words that stand where a daemon's name would, and are none.
const LEVELS: [&str; 16] = [
    "error", "err", "info", "warn", "warning", "debug", "trace", "notice", "fatal", "critical",
    "crit", "alert", "emerg", "failed", "failure", "denied",
];

/// The syslog prefix, if all lines have one; `texts` are the lines without their dates.
pub(super) fn find(texts: &[&str], lines: &[&str]) -> Option<Prefix> {
    static REGEXES: OnceLock<Option<[Regex; 2]>> = OnceLock::new();
    let regexes = REGEXES.get_or_init(|| {
        let syslog = Regex::new(
            r"^\s*(?:<\d+>\s*)?[\w.:-]*[\w.-]\s+([A-Za-z][\w./-]*(?:\([\w:. -]+\))?)(\[\d+\])?:\s+",
        );
        let dated = Regex::new(
            r"^\s*(?:<\d+>\s*)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?[+-]\d\d:?\d\d)\s",
        );
        Some([syslog.ok()?, dated.ok()?])
    });
    let [syslog, dated] = regexes.as_ref()?;
    let mut daemons: BTreeSet<String> = BTreeSet::new();
    let mut ends = Vec::new();
    for (text, line) in texts.iter().zip(lines) {
        let found = syslog.captures(text)?;
        let name = found.get(1)?.as_str();
        // without the number of a process only the date says that it is syslog's
        if found.get(2).is_none() && !dated.is_match(line) || LEVELS.contains(&name) {
            return None;
        }
        let (name, detail) = name
            .split_once('(')
            .map_or((name, ""), |(name, _)| (name, r"(?:\(\S+\))?"));
        daemons.insert(format!("{}{detail}", super::classes::escaped(name)));
        ends.push(found.get(0)?.end());
    }
    let names: Vec<String> = daemons.into_iter().collect();
    let first = names.first()?;
    let name = first.split(['/', '(', '\\']).next()?.to_owned();
    let daemon = match names.as_slice() {
        [only] => only.clone(),
        several if several.len() <= DAEMONS => format!("(?:{})", several.join("|")),
        _ => return None,
    };
    Some(Prefix { ends, daemon, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemon_is_named() {
        let dated = |text: &&str| format!("Nov 20 10:00:00{text}");
        let of = |texts: &[&str]| {
            let lines: Vec<String> = texts.iter().map(dated).collect();
            find(texts, &lines.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let found = of(&[" gate door[12]: no", " gate door: no"]).expect("a prefix");
        assert_eq!((found.daemon.as_str(), found.ends), ("door", vec![16, 12]));
        let found = of(&[
            " gate postfix/smtpd[1]: a",
            " gate postfix/smtps/smtpd[1]: b",
        ]);
        let found = found.expect("a prefix");
        assert_eq!(found.daemon, "(?:postfix/smtpd|postfix/smtps/smtpd)");
        assert_eq!(found.name, "postfix");
        let found = of(&[" gate wp(a.example)[1]: a", " gate wp(b.example)[1]: b"]);
        assert_eq!(found.expect("a prefix").daemon, r"wp(?:\(\S+\))?");
        assert!(of(&[" gate door[12]: no", " [error] no"]).is_none());
        assert!(of(&[" a: error: no"]).is_none());
        assert!(of(&["192.0.2.1 - - [] \"GET / HTTP/1.1\" 401"]).is_none());
        // words of a message, and no host
        let line = ["2026-11-20 10:00:00 Server Login: no"];
        assert!(find(&[" Server Login: no"], &line).is_none());
    }
}
