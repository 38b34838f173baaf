//! The programs an action calls, and whether the machine has them.

use crate::config::{below, entry_below};
use std::path::Path;

/// Where programs are looked for.
const PATH: [&str; 6] = [
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
];

/// Programs whose rules are those of this machine's own packet filter.
const PACKET_FILTERS: [&str; 7] = [
    "iptables",
    "ip6tables",
    "nft",
    "ipset",
    "ufw",
    "firewall-cmd",
    "pfctl",
];

/// Other programs that ban; without one the ban does nothing.
const FIREWALLS: [&str; 8] = [
    "ipfw",
    "ipf",
    "npfctl",
    "shorewall",
    "csf",
    "apf",
    "ip",
    "route",
];

/// Programs that tell somebody of a ban.
const REPORTERS: [&str; 8] = [
    "sendmail", "mail", "mailx", "whois", "curl", "wget", "dig", "nsupdate",
];

/// What a program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Bans,
    Reports,
}

/// Whether a program is on the machine below `root`; `None`: the copy has no programs at all,
/// so it cannot be known.
pub(super) fn is_there(root: &Path, program: &str) -> Option<bool> {
    let system = PATH.iter().filter(|place| !place.contains("local"));
    let any = |place: &&&str| {
        let entries = std::fs::read_dir(below(root, place));
        entries.is_ok_and(|mut entries| entries.next().is_some())
    };
    system.clone().find(any)?;
    // a link to a program of the real machine leads nowhere in a copy
    let there = |path: &str| entry_below(root, path).symlink_metadata().is_ok();
    Some(if program.starts_with('/') {
        there(program)
    } else {
        PATH.iter()
            .any(|place| there(&format!("{place}/{program}")))
    })
}

/// Whether ufw's own configuration says that it is switched off: its rules are in force no more.
pub(super) fn is_switched_off(root: &Path) -> bool {
    /// Bytes of a configuration.
    const BYTES: u64 = 1 << 16;
    let file = below(root, "/etc/ufw/ufw.conf");
    let text = crate::files::read_regular(&file, BYTES).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).to_lowercase();
    let mut lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("enabled="));
    lines
        .next_back()
        .is_some_and(|value| value.trim_matches(['"', '\'', ' ']) == "no")
}

/// The programs that shell commands call, of those whose purpose is known, each once.
pub(super) fn called(commands: &str) -> Vec<(String, Purpose)> {
    let mut found: Vec<(String, Purpose)> = Vec::new();
    for word in first_words(commands) {
        let base = word.rsplit('/').next().unwrap_or(&word);
        let purpose = if PACKET_FILTERS.contains(&base) || FIREWALLS.contains(&base) {
            Purpose::Bans
        } else if REPORTERS.contains(&base) {
            Purpose::Reports
        } else if word.starts_with('/') {
            Purpose::Bans
        } else {
            continue;
        };
        if !found.iter().any(|(known, _)| *known == word) {
            found.push((word, purpose));
        }
    }
    found
}

/// Whether shell commands call the machine's own packet filter, found by its name.
pub(super) fn call_packet_filter(commands: &str) -> bool {
    let called = called(commands);
    let mut programs = called.iter().map(|(program, _)| program.as_str());
    programs.any(|program| PACKET_FILTERS.contains(&program))
}

/// The first word of each simple command of a shell text; what is quoted is no command.
fn first_words(text: &str) -> Vec<String> {
    const KEYWORDS: [&str; 11] = [
        "if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec",
    ];
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_first = true;
    let mut quote = None;
    for c in text.chars().chain(['\n']) {
        if let Some(open) = quote {
            word.push(c);
            quote = (c != open).then_some(open);
            continue;
        }
        let ends_command = matches!(c, '\n' | ';' | '|' | '&' | '(' | ')' | '`' | '{');
        if !ends_command && !c.is_whitespace() {
            quote = matches!(c, '\'' | '"').then_some(c);
            word.push(c);
            continue;
        }
        let done = std::mem::take(&mut word);
        if is_first && !done.is_empty() && !done.contains('=') {
            is_first = KEYWORDS.contains(&done.as_str());
            if !is_first {
                words.push(done);
            }
        }
        is_first |= ends_command;
    }
    words
}

/// Whether commands do no more than tell somebody.
pub(super) fn only_report(commands: &str) -> bool {
    const HELPERS: [&str; 16] = [
        "printf", "echo", "cat", "test", "[", "date", "grep", "sed", "awk", "tail", "head", "sort",
        "sleep", "rm", "true", "touch",
    ];
    let words = first_words(commands);
    let base = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    words
        .iter()
        .any(|word| REPORTERS.contains(&base(word).as_str()))
        && words
            .iter()
            .map(|word| base(word))
            .all(|word| REPORTERS.contains(&word.as_str()) || HELPERS.contains(&word.as_str()))
}

/// A ban action of the stock configuration whose program the machine has.
pub(super) fn other_banaction(root: &Path, directory: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 5] = [
        ("nft", "nftables"),
        ("iptables", "iptables-multiport"),
        ("firewall-cmd", "firewallcmd-rich-rules"),
        ("ufw", "ufw"),
        ("pfctl", "pf"),
    ];
    let usable = KNOWN.iter().find(|(program, action)| {
        let file = Path::new(directory).join(format!("action.d/{action}.conf"));
        is_there(root, program) == Some(true) && file.is_file()
    });
    usable.map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_in_commands() {
        let called = |text| -> Vec<String> { called(text).into_iter().map(|(w, _)| w).collect() };
        let iptables = "{ iptables -w -C f2b-x -j RETURN >/dev/null 2>&1; } || { iptables -N x; }";
        assert_eq!(called(iptables), ["iptables"]);
        let loops = "for p in $(echo 'tcp' | sed 's/,/ /g'); do\nnft add rule\ndone";
        assert_eq!(called(loops), ["nft"]);
        assert_eq!(
            called("printf %b \"Subject: x; ufw\" | /usr/sbin/sendmail -f x"),
            ["/usr/sbin/sendmail"]
        );
        assert_eq!(called("A=1 /opt/ban.sh <ip>"), ["/opt/ban.sh"]);
        assert!(only_report("printf %b \"x\" | /usr/sbin/sendmail -f x"));
        assert!(!only_report("printf x | sendmail a; nft add rule"));
        assert!(!only_report("ban-it <ip>") && !only_report("echo x"));
    }
}
