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

/// The syslog prefix, if all lines have one; `texts` are without their dates.
pub(super) fn find(texts: &[&str]) -> Option<Prefix> {
    static SYSLOG: OnceLock<Option<Regex>> = OnceLock::new();
    let syslog = SYSLOG.get_or_init(|| {
        Regex::new(
            r"^\s*(?:<\d+>\s*)?[\w.:-]+\s+([A-Za-z][\w./-]*(?:\([\w:. -]+\))?)(\[\d+\])?:\s+",
        )
        .ok()
    });
    let syslog = syslog.as_ref()?;
    let mut daemons: BTreeSet<&str> = BTreeSet::new();
    let mut ends = Vec::new();
    for text in texts {
        let found = syslog.captures(text)?;
        daemons.insert(found.get(1)?.as_str());
        ends.push(found.get(0)?.end());
    }
    let names: Vec<&str> = daemons.into_iter().collect();
    let name = names.first()?.split(['/', '(']).next()?.to_owned();
    let daemon = match names.as_slice() {
        [only] => super::classes::escaped(only),
        several if several.len() <= DAEMONS => {
            let all: Vec<String> = several.iter().map(|n| super::classes::escaped(n)).collect();
            format!("(?:{})", all.join("|"))
        }
        _ => return None,
    };
    Some(Prefix { ends, daemon, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemon_is_named() {
        let found = find(&[" gate door[12]: no", " gate door: no"]).expect("a prefix");
        assert_eq!((found.daemon.as_str(), found.ends), ("door", vec![16, 12]));
        let found = find(&[
            " gate postfix/smtpd[1]: a",
            " gate postfix/smtps/smtpd[1]: b",
        ]);
        let found = found.expect("a prefix");
        assert_eq!(found.daemon, "(?:postfix/smtpd|postfix/smtps/smtpd)");
        assert_eq!(found.name, "postfix");
        assert!(find(&[" gate door[12]: no", " [error] no"]).is_none());
        assert!(find(&["192.0.2.1 - - [] \"GET / HTTP/1.1\" 401"]).is_none());
    }
}
