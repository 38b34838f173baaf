//! The log comes through syslog and its lines begin with host and daemon, but the filter was
//! written for the daemon's own file (or for lines without them).

use super::{Hint, Proposal, Search, count, plausible};

/// What syslog puts between date and message.
pub(crate) struct SyslogPrefix<'l> {
    /// The daemon's name.
    pub(crate) daemon: &'l str,
    /// The whole prefix, blanks before the message included.
    pub(crate) text: &'l str,
}

/// Reads `host daemon[pid]: ` at the begin of a line without its date.
pub(crate) fn syslog_prefix(text: &str) -> Option<SyslogPrefix<'_>> {
    let mut at = text.len() - text.trim_start().len();
    // the host, and what little may stand before the daemon (a facility, say)
    for _ in 0..3 {
        let word_end = at + text[at..].find(char::is_whitespace)?;
        let word = &text[at..word_end];
        if let Some(daemon) = word.strip_suffix(':')
            && !daemon.is_empty()
        {
            let daemon = daemon.split('[').next().filter(|name| !name.is_empty())?;
            let is_name = |c: char| c.is_alphanumeric() || "-_./@".contains(c);
            let rest = &text[word_end..];
            let end = text.len() - rest.trim_start().len();
            return daemon.chars().all(is_name).then_some(SyslogPrefix {
                daemon,
                text: &text[..end],
            });
        }
        at = word_end + text[word_end..].find(|c: char| !c.is_whitespace())?;
    }
    None
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.now.lines;
    let missed = (0..lines.len()).filter(|&at| !lines[at].counts);
    let mut kinds: Vec<(String, String, usize)> = Vec::new();
    for at in missed {
        let Some(prefix) = syslog_prefix(&lines[at].text) else {
            continue;
        };
        let regex = regex_for(prefix.text, prefix.daemon);
        match kinds.iter_mut().find(|(known, ..)| *known == regex) {
            Some((.., number)) => *number += 1,
            None => kinds.push((regex, prefix.daemon.to_string(), 1)),
        }
    }
    kinds.sort_by_key(|(.., number)| std::cmp::Reverse(*number));
    // a filter for a file of the daemon's own expects the blank that stands behind its date
    let blank = |(regex, daemon, _): (String, String, usize)| {
        [(regex.clone(), daemon.clone()), (regex + r"\s+", daemon)]
    };
    for (regex, daemon) in kinds.into_iter().take(4).flat_map(blank) {
        let Some((changes, trial)) = search.behind_caret(&format!("(?:{regex})?")) else {
            continue;
        };
        let Some(gained) = plausible::gain(search, &trial) else {
            continue;
        };
        let first = gained[0];
        let option = match trial.prefregex {
            Some(_) => "the prefregex",
            None => "each failregex",
        };
        let source = trial.source_of(first)?.text.clone();
        return Some(search.propose(Proposal {
            code: "syslog-prefix",
            message: format!(
                "the log comes through syslog: after the date stands `{}`; {} of {} missed match if \
                 `(?:{regex})?` stands after `^` of {option} (or if {daemon} writes a file of its own)",
                prefix_shown(&search.now.lines[first].text),
                count(gained.len(), "line", "lines"),
                search.missed()
            ),
            change: Some(source),
            changes,
            trial,
            lines: gained,
        }));
    }
    None
}

fn prefix_shown(text: &str) -> String {
    syslog_prefix(text).map_or(String::new(), |prefix| prefix.text.trim().to_string())
}

/// A regex for a prefix like this one: any host, this daemon, any process number; up to the
/// colon.
pub(crate) fn regex_for(prefix: &str, daemon: &str) -> String {
    let words: Vec<&str> = prefix.split_whitespace().collect();
    let mut out = String::from(r"\s*");
    for _ in 1..words.len() {
        out.push_str(r"\S+\s+");
    }
    out.push_str(&escaped(daemon));
    if words.last().is_some_and(|word| word.contains('[')) {
        out.push_str(r"(?:\[\d+\])?");
    }
    out.push(':');
    out
}

/// Literal text in a regex.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_read() {
        let daemon = |text| syslog_prefix(text).map(|p| (p.daemon, p.text));
        assert_eq!(
            daemon(" mx1 exim[29786]: a b"),
            Some(("exim", " mx1 exim[29786]: "))
        );
        assert_eq!(
            daemon(" host info exim: x: y"),
            Some(("exim", " host info exim: "))
        );
        assert_eq!(daemon(" a message without one"), None);
        assert_eq!(daemon(" x"), None);
        assert_eq!(daemon(" GET http://x/?q: y"), None);
    }

    #[test]
    fn a_prefix_becomes_a_regex() {
        assert_eq!(
            regex_for(" mx1 exim[297]: ", "exim"),
            r"\s*\S+\s+exim(?:\[\d+\])?:"
        );
    }
}
