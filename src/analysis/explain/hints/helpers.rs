//! Lines match, but only regexes with `<F-NOFAIL>`: helpers that wait for a line which
//! names the failure, and which the daemon does not write at its log level.

use super::{Hint, Search, count, words};

/// What sshd writes of logins at LogLevel INFO (`logit` in OpenSSH's auth.c, packet.c, kex.c,
/// session.c); pam_unix writes its own lines whatever the level is.
const INFO: [&str; 9] = [
    "Accepted ",
    "Connection closed by ",
    "Connection reset by ",
    "Disconnected from ",
    "Received disconnect from ",
    "Failed password for ",
    "Invalid user ",
    "Server listening on ",
    "banner exchange: ",
];

/// Whether a line is one that sshd writes at LogLevel INFO, the level at which it tells of failures.
pub(crate) fn is_of_level_info(line: &str) -> bool {
    INFO.iter().any(|text| line.contains(text))
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.now.lines;
    let helpers: Vec<usize> = (0..lines.len())
        .filter(|&at| lines[at].helper && words::tells_failure(&search.evidence.lines[at].text))
        .collect();
    let first = *helpers.first()?;
    if search.now.counting() > 0 {
        return None;
    }
    let sshd = search.evidence.filter_name.as_deref() == Some("sshd");
    let mut sampled = search.evidence.lines.iter();
    if sshd && sampled.any(|line| is_of_level_info(&line.text)) {
        return None;
    }
    let level = if sshd {
        "set `LogLevel VERBOSE` in sshd_config (the default INFO will do, ERROR or QUIET not)"
    } else {
        "raise the log level of the daemon until it logs the failure itself"
    };
    Some(Hint {
        code: "helpers-only".into(),
        message: format!(
            "{}, but by NOFAIL regexes only: they help a later line of the same session, and no \
             such line comes; {level}",
            count(helpers.len(), "line matched", "lines matched")
        ),
        change: sshd.then(|| "LogLevel VERBOSE".into()),
        apply: None,
        lines: helpers.len() as u64,
        example: search.example(first),
    })
}
