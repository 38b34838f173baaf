//! journalmatch: which entries of a journal a filter reads. Terms on one field are
//! alternatives, terms on different fields must all hold, `+` and further journalmatch
//! lines are alternatives of the whole (sd_journal_add_match).

use super::Entry;
use std::fmt;

/// A journalmatch that journald would refuse.
#[derive(Debug, thiserror::Error)]
#[error(
    "journalmatch {0:?}: expected FIELD=value, a field in capitals such as _SYSTEMD_UNIT=ssh.service"
)]
pub(crate) struct MatchError(String);

/// Alternatives, each of terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JournalMatch {
    groups: Vec<Group>,
}

/// Field by field, in order of first mention, the values one of which must hold.
type Group = Vec<(String, Vec<String>)>;

impl JournalMatch {
    /// Reads the words of the journalmatch lines; None where there is no term at all.
    pub(crate) fn parse(lines: &[Vec<String>]) -> Result<Option<JournalMatch>, MatchError> {
        let mut groups: Vec<Group> = Vec::new();
        for line in lines {
            for words in line.split(|word| word == "+") {
                let mut group = Group::new();
                for word in words {
                    let (field, value) = term(word)?;
                    match group.iter_mut().find(|(name, _)| name == field) {
                        Some((_, values)) => values.push(value.to_string()),
                        None => group.push((field.to_string(), vec![value.to_string()])),
                    }
                }
                if !group.is_empty() {
                    groups.push(group);
                }
            }
        }
        Ok((!groups.is_empty()).then_some(JournalMatch { groups }))
    }

    /// Whether an entry is one of them.
    pub(crate) fn selects(&self, entry: &Entry) -> bool {
        self.groups.iter().any(|group| {
            group.iter().all(|(field, wanted)| {
                let values = entry.values(field);
                wanted
                    .iter()
                    .any(|w| values.iter().any(|v| **v == *w.as_bytes()))
            })
        })
    }

    /// The fields it looks at.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (field, _) in self.groups.iter().flatten() {
            if !names.contains(field) {
                names.push(field.clone());
            }
        }
        names
    }

    /// The arguments that make journalctl select the same entries.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            if index > 0 {
                all.push("+".to_string());
            }
            for (field, values) in group {
                all.extend(values.iter().map(|value| format!("{field}={value}")));
            }
        }
        all
    }
}

impl fmt::Display for JournalMatch {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.arguments().join(" "))
    }
}

/// A term: a field journald knows as one, and a value.
fn term(word: &str) -> Result<(&str, &str), MatchError> {
    let wrong = || MatchError(word.to_string());
    let (field, value) = word.split_once('=').ok_or_else(wrong)?;
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let valid = !field.is_empty()
        && field.len() <= 64
        && !field.starts_with(|c: char| c.is_ascii_digit())
        && field.bytes().all(plain);
    valid.then_some((field, value)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn selects(matches: &[&str], fields: &[(&str, &'static str)]) -> bool {
        let lines: Vec<Vec<String>> = (matches.iter())
            .map(|line| line.split(' ').map(String::from).collect())
            .collect();
        let matches = JournalMatch::parse(&lines).expect("valid").expect("terms");
        let mut entry = Entry::new(matches.names());
        for (name, value) in fields {
            if let Some(slot) = entry.slot(name.as_bytes()) {
                entry.push(slot, Cow::Borrowed(value.as_bytes()));
            }
        }
        matches.selects(&entry)
    }

    #[test]
    fn terms_join_as_journald_joins_them() {
        let ssh = [("_SYSTEMD_UNIT", "ssh.service"), ("_COMM", "sshd")];
        assert!(selects(&["_SYSTEMD_UNIT=ssh.service"], &ssh));
        assert!(!selects(&["_SYSTEMD_UNIT=sshd.service"], &ssh));
        assert!(selects(
            &["_SYSTEMD_UNIT=sshd.service _SYSTEMD_UNIT=ssh.service"],
            &ssh
        ));
        assert!(!selects(&["_SYSTEMD_UNIT=sshd.service _COMM=sshd"], &ssh));
        assert!(selects(&["_SYSTEMD_UNIT=sshd.service + _COMM=sshd"], &ssh));
        assert!(selects(&["_SYSTEMD_UNIT=x", "_COMM=sshd"], &ssh));
        assert!(!selects(&["_PID=1"], &ssh));
    }

    #[test]
    fn what_journald_refuses_is_an_error() {
        for wrong in ["sshd", "=x", "unit=x", "1A=x"] {
            let lines = [vec![wrong.to_string()]];
            assert!(JournalMatch::parse(&lines).is_err(), "{wrong}");
        }
        assert_eq!(
            JournalMatch::parse(&[vec!["+".into()]]).expect("valid"),
            None
        );
    }
}
