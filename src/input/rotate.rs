//! Rotated logs: which files are siblings, and which of them is older.

use super::compress::Compression;
use indexmap::IndexMap;
use std::hash::Hash;
use std::path::Path;

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
    let name = match name.rsplit_once('.') {
        Some((stem, end)) if Compression::ENDINGS.contains(&end) => stem,
        _ => &name,
    };
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

/// Items by what `key` says of them, in the order of its first use.
pub(super) fn grouped<K: Hash + Eq, T>(
    items: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> IndexMap<K, Vec<T>> {
    let mut groups: IndexMap<K, Vec<T>> = IndexMap::new();
    for item in items {
        groups.entry(key(&item)).or_default().push(item);
    }
    groups
}

/// Puts rotated siblings together, oldest first; otherwise keeps the order.
pub(crate) fn in_order<T>(logs: Vec<T>, path: impl Fn(&T) -> Option<&Path>) -> Vec<T> {
    let aged = logs.into_iter().enumerate().map(|(number, log)| {
        let (family, age) = match path(&log).map(sibling) {
            Some((name, age)) => (Ok(name), age),
            // what is no file has no siblings
            None => (Err(number), Age::Current),
        };
        (family, age, log)
    });
    let families = grouped(aged, |(family, ..)| family.clone());
    let sorted = families.into_values().flat_map(|mut members| {
        members.sort_by(|a, b| a.1.cmp(&b.1));
        members
    });
    sorted.map(|(.., log)| log).collect()
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

    /// A key that counts how often it is compared.
    struct Compared<'c>(usize, &'c std::cell::Cell<usize>);

    impl PartialEq for Compared<'_> {
        fn eq(&self, other: &Self) -> bool {
            self.1.set(self.1.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Compared<'_> {}

    impl Hash for Compared<'_> {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn logs_are_not_compared_with_each_other() {
        let count = std::cell::Cell::new(0);
        let groups = grouped(0..20_000, |number| Compared(number % 10_000, &count));
        assert_eq!(groups.len(), 10_000);
        assert!(groups.values().all(|members| members.len() == 2));
        // once for each that is there already; the same hash by chance is rare
        assert!(count.get() < 20_000, "{}", count.get());
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
