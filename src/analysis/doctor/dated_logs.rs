//! Logs that are named for the day they are written on: a logpath that names one of them reads
//! nothing of the next day.

use super::files::names_in;
use super::finding::Figures;
use super::patient::Patient;
use crate::config::{below, glob};

/// Seconds after which a log of today may be one that was put away.
const RECENT: f64 = 6.0 * 3600.0;

/// A log of a later day.
pub(super) struct LaterLog {
    pub(super) path: String,
    /// A glob for it and the others.
    pattern: String,
}

impl LaterLog {
    /// What its name says.
    pub(super) fn told(&self) -> String {
        format!(
            "its service writes a log of another name each day, now {}",
            self.path
        )
    }

    /// What to write into the jail, and to do each day.
    pub(super) fn change(&self, patient: &Patient) -> String {
        format!(
            "{} logpath = {}, and `fail2ban-client reload {}` each day: fail2ban looks for logs when it is started or told to, not later",
            patient.section(),
            self.pattern,
            patient.jail.name
        )
    }

    /// What the jail finds in all of them.
    pub(super) fn figures(&self, patient: &Patient) -> Option<Figures> {
        let read = patient.try_logs(&glob(patient.doctor().root, &self.pattern));
        read.map(|read| patient.figures(&read))
    }
}

/// The log of today where there is none of the name that logpath gives, and logs that have the day
/// behind that name, as rotatelogs(8) writes them.
pub(super) fn of_name(patient: &Patient) -> Option<LaterLog> {
    let root = patient.doctor().root;
    let [log] = patient.log_patterns()[..] else {
        return None;
    };
    let (directory, name) = log.rsplit_once('/')?;
    let names = names_in(&below(root, directory)).into_iter();
    let last = names
        .filter(|other| day_behind(name, other).is_some())
        .max()?;
    let separator = day_behind(name, &last)?;
    let path = format!("{directory}/{last}");
    let newest = patient.try_logs(std::slice::from_ref(&path))?.newest()?;
    let now = patient.doctor().clock.now_epoch();
    (now - newest < RECENT).then(|| LaterLog {
        pattern: format!("{directory}/{name}{separator}*"),
        path,
    })
}

/// What stands between a name and the day behind it.
fn day_behind(name: &str, other: &str) -> Option<char> {
    let rest = other.strip_prefix(name).filter(|_| !name.is_empty())?;
    let separator = rest.chars().next().filter(|c| "-_.".contains(*c))?;
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let is_day = rest
        .chars()
        .all(|c| c.is_ascii_digit() || "-_.".contains(c));
    (is_day && digits >= DIGITS).then_some(separator)
}

/// The last of the logs that a jail's log is one of, by their names.
pub(super) fn later(patient: &Patient) -> Option<LaterLog> {
    let root = patient.doctor().root;
    let logs = patient.logs();
    let [log] = logs.as_slice() else { return None };
    let (directory, name) = log.rsplit_once('/')?;
    // a link to the one of today that stands still
    let target = std::fs::read_link(crate::config::entry_below(root, log)).ok();
    let target = target
        .as_ref()
        .and_then(|target| target.file_name()?.to_str());
    let name = target.unwrap_or(name);
    if name.bytes().filter(u8::is_ascii_digit).count() < DIGITS {
        return None;
    }
    let names = names_in(&below(root, directory)).into_iter();
    let later = names.filter(|other| skeleton(other) == skeleton(name) && other.as_str() > name);
    let last = later.max()?;
    let pattern = format!("{directory}/{}", pattern(name, &last)?);
    let finds = glob(root, &pattern);
    let path = format!("{directory}/{last}");
    finds.contains(&path).then_some(LaterLog { path, pattern })
}

/// Digits of a date in a name.
const DIGITS: usize = 6;

/// A name without what its digits say.
fn skeleton(name: &str) -> String {
    let digit = |c: char| if c.is_ascii_digit() { '0' } else { c };
    name.chars().map(digit).collect()
}

/// Two names of one skeleton, with `*` for the date in which they differ.
fn pattern(one: &str, other: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_digit() || "-_.".contains(c);
    let at = one.bytes().zip(other.bytes()).position(|(a, b)| a != b)?;
    let (before, behind) = (one.get(..at)?, one.get(at..)?);
    let begin = before.trim_end_matches(is_part).len();
    let begin = one[begin..].find(|c: char| c.is_ascii_digit())? + begin;
    let end = behind.len() - behind.trim_start_matches(is_part).len() + at;
    let end = one[..end].rfind(|c: char| c.is_ascii_digit())? + 1;
    Some(format!("{}*{}", &one[..begin], &one[end..]))
}

#[cfg(test)]
mod tests {
    use super::{day_behind, pattern};

    #[test]
    fn days_behind_a_name() {
        assert_eq!(day_behind("error_log", "error_log.20261120"), Some('.'));
        assert_eq!(day_behind("error_log", "error_log-2026-11-20"), Some('-'));
        assert_eq!(day_behind("error_log", "error_log.1"), None);
        assert_eq!(day_behind("error_log", "error_log-20261120.gz"), None);
    }

    #[test]
    fn dates_in_names() {
        let of = |one, other| pattern(one, other).expect("a pattern");
        assert_eq!(
            of("gate-2026-11-17.log", "gate-2026-11-20.log"),
            "gate-*.log"
        );
        assert_eq!(of("gate.20261117", "gate.20261120"), "gate.*");
        assert_eq!(of("20261117_gate.log", "20261120_gate.log"), "*_gate.log");
        assert_eq!(of("u_ex261117.log", "u_ex261120.log"), "u_ex*.log");
    }
}
