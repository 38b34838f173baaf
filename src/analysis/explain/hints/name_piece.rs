//! An address is found in the begin of a host name: `192.0.2.7` of `192.0.2.7.pool.example.net`. Such
//! names have the numbers in any order, and whoever writes the name's zone chooses them.

use super::address::{ADDRESS_TAGS, is_whole};
use super::change::{RegexChange, RegexOption};
use super::trial::TrialLine;
use super::{Change, Hint, Proposal, Search, count};
use crate::engine::address::AddressKind;

/// What may not stand behind an address.
const APART: &str = r"(?![\w.-])";

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = 0..search.now.lines.len();
    let pieces: Vec<usize> = lines
        .filter(|&at| name_of(&search.now.lines[at]).is_some())
        .collect();
    let &first = pieces.first()?;
    let name = name_of(&search.now.lines[first])?;
    let (caught, _) = search.now.lines[first].ids.first()?.clone();
    let told = format!(
        "`<HOST>` caught {caught}, the begin of the host name {name}: {} a name, which may be of any \
         other address",
        count(pieces.len(), "line has such", "lines have such")
    );
    let mut changes = Vec::new();
    for source in &search.now.regexes {
        let to = ADDRESS_TAGS.iter().find_map(|tag| {
            let (before, rest) = source.text.split_once(tag)?;
            Some(format!("{before}<ADDR>{APART}{rest}"))
        });
        let change = to.map(|to| RegexChange::new(RegexOption::Failregex, source, Some(to)));
        changes.extend(change.map(Change::Regex));
    }
    let trial = search.attempt_all(&changes).filter(|trial| {
        let mut pairs = search.now.lines.iter().zip(&trial.lines).enumerate();
        trial.counting() > 0
            && pairs.all(|(at, (now, then))| {
                let is_same = now.counts == then.counts && now.ids == then.ids;
                is_same && !pieces.contains(&at) || !then.counts && pieces.contains(&at)
            })
    });
    let Some(trial) = trial else {
        return Some(Hint {
            code: "piece-of-name".into(),
            message: format!("{told}; let the daemon log addresses"),
            change: None,
            apply: None,
            lines: pieces.len() as u64,
            example: search.example(first),
        });
    };
    let regex = trial.lines.iter().find_map(|line| line.regex);
    let regex = trial.regexes.get(regex?)?.text.clone();
    Some(search.propose(Proposal {
        code: "piece-of-name",
        message: format!(
            "{told}; with `{regex}` addresses alone are taken; let the daemon log these of all"
        ),
        change: Some(regex),
        changes,
        trial,
        lines: pieces,
    }))
}

/// The host name that begins with the address a line counts for.
fn name_of(line: &TrialLine) -> Option<&str> {
    let (id, kind) = line.ids.first().filter(|_| line.counts)?;
    if !matches!(kind, AddressKind::Ip4) || is_whole(&line.text, id) {
        return None;
    }
    let is_of_name = |c: char| c.is_alphanumeric() || "-._".contains(c);
    let mut words = line.text.split(|c: char| !is_of_name(c));
    words.find(|word| {
        let rest = word.strip_prefix(id.as_str()).unwrap_or_default();
        let rest = rest.trim_end_matches('.');
        rest.starts_with(['.', '-']) && rest.contains(char::is_alphabetic)
    })
}
