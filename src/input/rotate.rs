//! Rotated logs: which files are siblings, and which of them is older.

use std::path::Path;

/// Endings compressors leave.
const COMPRESSED: [&str; 8] = [".gz", ".xz", ".zst", ".bz2", ".lz4", ".Z", ".zip", ".lzma"];

/// How old a sibling is; the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// By its date: the earlier is older.
    Dated(String),
    /// By its number: the higher is older.
    Numbered(std::cmp::Reverse<u64>),
    /// `.old`.
    Old,
    /// The log that is written.
    Current,
}

/// The name of the log a file was rotated from, with its directory, and its age among it.
fn sibling(path: &Path) -> (String, Age) {
    let name = path.to_string_lossy();
    let name = (COMPRESSED.iter().find_map(|end| name.strip_suffix(end))).unwrap_or(&name);
    if let Some((base, end)) = name.rsplit_once('.') {
        if end == "old" {
            return (base.to_string(), Age::Old);
        }
        // logrotate's `extension`: mail-20261120.log, mail.1.log
        if !end.is_empty()
            && end.bytes().all(|b| b.is_ascii_alphabetic())
            && let Some((stem, age)) = rotation(base)
        {
            return (format!("{stem}.{end}"), age);
        }
    }
    match rotation(name) {
        Some((base, age)) => (base.to_string(), age),
        None => (name.to_string(), Age::Current),
    }
}

/// A name without its rotation suffix: `.1`, `-20261120`, `.2026-11-20`, `-20261120-1200`,
/// `-1795176000`.
fn rotation(name: &str) -> Option<(&str, Age)> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some((base, number)) = name.rsplit_once('.')
        && digits(number)
        && number.len() < 6
        && !base.is_empty()
    {
        return Some((base, Age::Numbered(std::cmp::Reverse(number.parse().ok()?))));
    }
    let end = name.trim_end_matches(|c: char| c.is_ascii_digit() || "-_T:".contains(c));
    let suffix = &name[end.len()..];
    let (base, date) = match suffix.strip_prefix(['-', '_']) {
        Some(date) => (end, date),
        None => (end.strip_suffix('.')?, suffix),
    };
    let plain: String = date.chars().filter(char::is_ascii_digit).collect();
    let is_date =
        plain.len() >= 8 && !base.is_empty() && date.starts_with(|c: char| c.is_ascii_digit());
    is_date.then_some((base, Age::Dated(plain)))
}

/// The name siblings share, None for what is no file, and the siblings.
type Family<T> = (Option<String>, Vec<(Age, T)>);

/// Puts rotated siblings together, oldest first; otherwise keeps the order.
pub(crate) fn in_order<T>(logs: Vec<T>, path: impl Fn(&T) -> Option<&Path>) -> Vec<T> {
    let mut families: Vec<Family<T>> = Vec::new();
    for log in logs {
        let Some((family, age)) = path(&log).map(sibling) else {
            families.push((None, vec![(Age::Current, log)]));
            continue;
        };
        match families
            .iter_mut()
            .find(|(name, _)| name.as_ref() == Some(&family))
        {
            Some((_, members)) => members.push((age, log)),
            None => families.push((Some(family), vec![(age, log)])),
        }
    }
    for (_, members) in &mut families {
        members.sort_by(|a, b| a.0.cmp(&b.0));
    }
    families
        .into_iter()
        .flat_map(|(_, members)| members)
        .map(|(_, log)| log)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(names: &[&str]) -> Vec<String> {
        let logs = names.iter().map(ToString::to_string).collect();
        in_order(logs, |name| Some(Path::new(name)))
    }

    #[test]
    fn the_oldest_comes_first() {
        assert_eq!(
            ordered(&[
                "a/mail.log",
                "a/mail.log.1",
                "a/mail.log.10.gz",
                "a/mail.log.2.gz"
            ]),
            [
                "a/mail.log.10.gz",
                "a/mail.log.2.gz",
                "a/mail.log.1",
                "a/mail.log"
            ]
        );
        assert_eq!(
            ordered(&[
                "auth.log",
                "auth.log-20261101.xz",
                "auth.log-20261030",
                "auth.log.old"
            ]),
            [
                "auth.log-20261030",
                "auth.log-20261101.xz",
                "auth.log.old",
                "auth.log"
            ]
        );
        assert_eq!(
            ordered(&["x.log", "x-20261120.log.gz", "x-2026-11-19.log"]),
            ["x-2026-11-19.log", "x-20261120.log.gz", "x.log"]
        );
    }

    #[test]
    fn families_stay_apart() {
        assert_eq!(
            ordered(&[
                "mail.log",
                "auth.log.1",
                "mail.log.1",
                "auth.log",
                "b/mail.log.2"
            ]),
            [
                "mail.log.1",
                "mail.log",
                "auth.log.1",
                "auth.log",
                "b/mail.log.2"
            ]
        );
        // no rotation: a name with digits, a version
        assert_eq!(
            ordered(&["b.log", "host-10", "a.log"]),
            ["b.log", "host-10", "a.log"]
        );
    }
}
