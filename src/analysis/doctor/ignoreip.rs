//! What stands in `ignoreip` and is no entry: a comment behind the addresses, whose words become
//! entries; an address that is written as none, and exempts nobody.

use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::place::is_own;
use crate::analysis::check::RawFile;
use crate::analysis::simulate::ignoreip::{is_address, words};
use crate::config::Origin;

/// A comment behind the entries of a line.
pub(super) struct Comment {
    /// The addresses and networks in it, which are exempt.
    pub(super) addresses: Vec<String>,
    /// All of it.
    text: String,
    /// The entries before it.
    before: String,
    pub(super) place: Option<Origin>,
}

impl Comment {
    /// Whether an entry is one of its words.
    pub(super) fn has(&self, entry: &str) -> bool {
        self.addresses.iter().any(|address| address == entry)
    }

    /// What to write.
    pub(super) fn change(&self) -> String {
        format!(
            "ignoreip = {}, the comment on a line of its own",
            self.before
        )
    }
}

/// The comments in the jail's ignoreip; ` ;` begins one that fail2ban leaves out, ` #` does not.
pub(super) fn comments(patient: &Patient) -> Vec<Comment> {
    let Some((value, written)) = own_value(patient) else {
        return Vec::new();
    };
    let mut before: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for line in value.lines() {
        let starts = line.match_indices('#').map(|(at, _)| at);
        let mut starts = starts.filter(|at| line[..*at].ends_with([' ', '\t', ',']) || *at == 0);
        let start = starts.next();
        let (entries, comment) = line.split_at(start.unwrap_or(line.len()));
        before.extend(words(entries));
        if start.is_some() {
            found.push(Comment {
                addresses: words(comment)
                    .filter(|w| is_address(w))
                    .map(str::to_owned)
                    .collect(),
                text: comment.trim().to_owned(),
                before: String::new(),
                place: Some(line_of(&written, comment.trim())),
            });
        }
    }
    for comment in &mut found {
        comment.before = before.join(" ");
    }
    found
}

/// Says what of ignoreip is not what it seems.
pub(super) fn warn(found: &mut JailDiagnosis, patient: &Patient) {
    let directory = &patient.ward.machine.directory;
    let comments = comments(patient);
    let is_told = found
        .blockers
        .iter()
        .any(|blocker| blocker.code == "exempt");
    if let Some(first) = comments.first().filter(|_| !is_told) {
        let place = first.place.as_ref();
        let exempt: Vec<&str> = comments
            .iter()
            .flat_map(|comment| comment.addresses.iter().map(String::as_str))
            .collect();
        let texts: Vec<&str> = comments
            .iter()
            .map(|comment| comment.text.as_str())
            .collect();
        let mut message = format!(
            "the comment behind ignoreip ({}: {}) is none to fail2ban: its words are entries, looked up as host names",
            place.map_or(String::new(), |place| place.within(directory)),
            texts.join(", ")
        );
        if !exempt.is_empty() {
            message += &format!(", so that {} is exempt", exempt.join(", "));
        }
        message += &format!("; {}", first.change());
        found.warn("exempt", message);
    }
    let Some((value, written)) = own_value(patient) else {
        return;
    };
    let entries = value.lines().flat_map(|line| {
        let comment = comments.iter().find_map(|comment| line.find(&comment.text));
        words(&line[..comment.unwrap_or(line.len())])
    });
    let lost = entries.filter(|word| is_lost(word));
    let lost: Vec<&str> = lost.collect();
    let Some(first) = lost.first() else {
        return;
    };
    let mut message = format!(
        "{} in ignoreip ({}) is no address, network or host name: it exempts nobody",
        lost.join(", "),
        line_of(&written, first).within(directory)
    );
    let mut banned = found.bans.iter().flatten();
    if let Some(banned) = banned.find(|address| lost.iter().any(|word| names(word, address))) {
        message += &format!(", and {banned} would be banned");
    }
    if let Some(meant) = meant(first) {
        message += &format!("; {meant} is meant");
    }
    found.warn("exempt", message);
}

/// The jail's own ignoreip, and where it is written.
fn own_value(patient: &Patient) -> Option<(String, Origin)> {
    let option = patient.option("ignoreip")?;
    let written = option.written.clone().filter(is_own)?;
    let value = option.value.to_text();
    Some((value.as_str().to_owned(), written))
}

/// The line of an option in which a text stands.
fn line_of(written: &Origin, text: &str) -> Origin {
    let file = RawFile::read(&written.file);
    let option = file
        .options
        .iter()
        .find(|option| option.line() == written.line);
    let mut lines = option.into_iter().flat_map(|option| &option.lines);
    let line = lines.find(|(_, line)| line.contains(text));
    let line = line.map_or(written.line, |(number, _)| *number);
    Origin::at(&file.path, line, &written.option)
}

/// Whether a word is nothing that ignoreip can have: not a host name, as it has no letter, or has
/// what no name has.
fn is_lost(word: &str) -> bool {
    let in_name = |c: char| c.is_alphanumeric() || "._-".contains(c);
    let is_name = word.chars().all(in_name) && word.contains(char::is_alphabetic);
    !is_name && !is_address(word) && !word.starts_with("file:") && !word.contains(['<', '%'])
}

/// Whether a word exempts somebody: an address, a network, a list of a file, a host name with a dot.
pub(super) fn is_entry(word: &str) -> bool {
    let is_name = word.contains('.') && !is_lost(word);
    is_address(word) || word.starts_with("file:") || word == "localhost" || is_name
}

/// Whether an address stands in a word, as a whole.
fn names(word: &str, address: &str) -> bool {
    let in_address = |c: char| c.is_ascii_hexdigit() || ".:".contains(c);
    let mut parts = word.split(|c: char| !in_address(c));
    parts.any(|part| part == address)
}

/// The addresses in a word that is none, as fail2ban reads them.
fn meant(word: &str) -> Option<String> {
    if let Some(begin) = word.strip_suffix(".*") {
        let bits = 8 * begin.split('.').count();
        let network = format!(
            "{begin}{}/{bits}",
            ".0".repeat(4_usize.saturating_sub(bits / 8))
        );
        return is_address(&network).then_some(network);
    }
    let parts = word.split([';', '#', '"', '\'', '|']);
    let addresses: Vec<&str> = parts.filter(|part| is_address(part)).collect();
    (!addresses.is_empty()).then(|| addresses.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_exempt_nobody() {
        for word in [
            "192.0.2.7#me",
            "127.0.0.1/8;192.0.2.7",
            "192.0.2.20-192.0.2.30",
            "192.0.2.*",
            "192.0.2",
            "192.0.2.300",
            "\"192.0.2.7\"",
        ] {
            assert!(is_lost(word), "{word}");
        }
        for word in [
            "192.0.2.7",
            "192.0.2.0/24",
            "192.0.2.0/255.255.255.0",
            "2001:db8::/32",
            "::1",
            "gate",
            "gate.example.org",
            "file:///etc/own-addresses",
        ] {
            assert!(!is_lost(word), "{word}");
        }
    }

    #[test]
    fn what_is_meant() {
        assert_eq!(meant("192.0.2.*").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(meant("10.*").as_deref(), Some("10.0.0.0/8"));
        assert_eq!(meant("192.0.2.7#me").as_deref(), Some("192.0.2.7"));
        assert_eq!(meant("::1;192.0.2.7").as_deref(), Some("::1 192.0.2.7"));
        assert_eq!(meant("192.0.2.20-192.0.2.30"), None);
        assert!(names("::1;192.0.2.7", "192.0.2.7") && !names("192.0.2.77", "192.0.2.7"));
    }
}
