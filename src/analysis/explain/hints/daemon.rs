//! The daemon has another name in the log than in the filter's `_daemon`.

use super::{Change, Hint, Proposal, Search, count};
use std::collections::BTreeMap;

/// Names tried at most.
const TRIED: usize = 6;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let declared = declared(search)?;
    let mut names = names(search);
    // where the declared one writes, a name that is none of its own is another daemon's
    if search.now.counting() > 0 {
        names.retain(|name| name.starts_with(&declared) || declared.starts_with(name.as_str()));
    }
    let values: Vec<String> = (names.iter().take(TRIED))
        .map(|name| value_for(&declared, name))
        .collect();
    let offered: Vec<Change> = (values.iter())
        .map(|value| Change::option("_daemon", value))
        .collect();
    let (best, gained, trial) = search.best_of(&offered)?;
    let (name, value) = (&names[best], &values[best]);
    let written = format!("[_daemon='{value}']");
    Some(search.propose(Proposal {
        code: "daemon-name",
        message: format!(
            "daemon is `{name}`, the filter expects `{declared}`: `{written}` matches {} of {} \
             missed",
            count(gained.len(), "line", "lines"),
            search.missed()
        ),
        change: Some(written),
        changes: vec![offered[best].clone()],
        trial,
        lines: gained,
    }))
}

/// The filter's own `_daemon`: the last one its files set, if none is given.
fn declared(search: &Search) -> Option<String> {
    if search
        .evidence
        .options
        .iter()
        .any(|(name, _)| name == "_daemon")
    {
        return None;
    }
    let options = search.file_options().into_iter().rev();
    let mut options = options.filter(|(name, _)| name == "_daemon");
    options.next().map(|(_, value)| value)
}

/// The option's value that takes the new name beside the declared one.
fn value_for(declared: &str, name: &str) -> String {
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    };
    let name = super::prefix::escaped(name);
    match name.strip_prefix(declared).filter(|_| plain(declared)) {
        Some(more) if !more.is_empty() => format!("{declared}(?:{more})?"),
        _ if plain(declared) => format!("(?:{declared}|{name})"),
        _ => name,
    }
}

/// The daemons' names in the missed lines, the most frequent first.
fn names(search: &Search) -> Vec<String> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for line in search.now.lines.iter().filter(|line| !line.counts) {
        if let Some(found) = super::prefix::syslog_prefix(&line.text) {
            *numbers.entry(found.daemon.to_string()).or_default() += 1;
        }
    }
    let mut names: Vec<(String, usize)> = numbers.into_iter().collect();
    names.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    names.into_iter().map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::value_for;

    #[test]
    fn the_value_takes_both_names() {
        assert_eq!(value_for("sshd", "sshd-session"), "sshd(?:-session)?");
        assert_eq!(value_for("named", "bind9"), "(?:named|bind9)");
        assert_eq!(value_for(r"(?:a|b)", "c.d"), r"c\.d");
    }
}
