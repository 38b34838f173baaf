//! An option of the filter would help: `[mode=aggressive]`, `[logtype=journal]` and their
//! kin, whatever the filter's files offer.

use super::address::{is_private, parsed};
use super::trial::Trial;
use super::{Change, Hint, Proposal, Search, count, words};
use crate::engine::address::AddressKind;
use std::collections::BTreeMap;

/// Values tried at most: a filter has a handful.
const TRIED: usize = 24;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    // with nothing missed, nothing can be gained
    if search.now.lines.iter().all(|line| line.counts) {
        return None;
    }
    let given = |name: &str| search.evidence.options.iter().find(|(n, _)| n == name);
    let before = search.now.counting();
    let mut offered = Vec::new();
    for (name, values) in choices(search) {
        for value in values {
            // what was asked for by name is not doubted while it finds anything
            if given(&name).is_none_or(|(_, known)| *known != value && before == 0) {
                offered.push((name.clone(), value));
            }
        }
    }
    offered.truncate(TRIED);
    let changes: Vec<Change> = (offered.iter())
        .map(|(name, value)| Change::option(name, value))
        .collect();
    let (best, gained, trial) = search.best_of(&changes)?;
    if are_harmless(search, &trial, &gained) {
        return None;
    }
    let (name, value) = &offered[best];
    let written = format!("[{name}={value}]");
    Some(search.propose(Proposal {
        code: "filter-option",
        message: format!(
            "{} of {} missed match with `{written}`",
            count(gained.len(), "line", "lines"),
            search.missed()
        ),
        change: Some(written),
        changes: vec![changes[best].clone()],
        trial,
        lines: gained,
    }))
}

/// Whether lines that an option finds are no attack: one machine of the own network that asks
/// whether the service is there, or names that cannot be resolved, as those of many mail servers.
fn are_harmless(search: &Search, trial: &Trial, gained: &[usize]) -> bool {
    let text = |at: &usize| search.evidence.lines[*at].text.as_str();
    if gained
        .iter()
        .all(|at| text(at).contains("does not resolve"))
    {
        return true;
    }
    let ids = &trial.lines[gained[0]].ids;
    let is_own = |(id, _): &(String, AddressKind)| parsed(id).is_some_and(is_private);
    let is_quiet = |at: &usize| trial.lines[*at].ids == *ids && !words::tells_refusal(text(at));
    ids.iter().all(is_own) && gained.iter().all(is_quiet)
}

/// The options that choose among parts of the filter, with the values they may have: from
/// `<mdre-<mode>>` and the options named `mdre-…`, from `<lt_<logtype>/…>` and the sections.
pub(super) fn choices(search: &Search) -> BTreeMap<String, Vec<String>> {
    let texts: Vec<String> = (search.evidence.files.iter())
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect();
    choices_of(&texts)
}

/// The choices that the texts of a filter's files offer.
pub(crate) fn choices_of(texts: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut choices: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let lines = || texts.iter().flat_map(|text| text.lines());
    for line in lines().filter(|line| !line.starts_with(['#', ';'])) {
        for (before, option, after) in nested_tags(line) {
            for other in lines() {
                // a choice that is empty chooses nothing
                let value = if after.starts_with('/') {
                    section_name(other).and_then(|name| name.strip_prefix(before))
                } else {
                    option_name(other)
                        .and_then(|name| name.strip_prefix(before)?.strip_suffix(after))
                };
                if let Some(value) = value.filter(|value| is_word(value)) {
                    let values = choices.entry(option.to_string()).or_default();
                    if !values.iter().any(|known| known == value) {
                        values.push(value.to_string());
                    }
                }
            }
        }
    }
    // `<mdre-<mode>-other>` beside `<mdre-<mode>>`: `normal-other` is no mode
    for (_, option, after) in lines()
        .flat_map(nested_tags)
        .filter(|(.., after)| is_word(after))
    {
        if let Some(values) = choices.get_mut(option) {
            let known = values.clone();
            let is_part = |value: &String| {
                let base = value.strip_suffix(after);
                base.is_some_and(|base| known.iter().any(|known| known == base))
            };
            values.retain(|value| !is_part(value));
        }
    }
    choices
}

/// The parts of every `<before<option>after>` in a line.
fn nested_tags(line: &str) -> Vec<(&str, &str, &str)> {
    let mut all = Vec::new();
    for (open, _) in line.match_indices('<') {
        let outer = &line[open + 1..];
        let Some(inner) = outer
            .find(['<', '>'])
            .filter(|&at| outer[at..].starts_with('<'))
        else {
            continue;
        };
        let before = &outer[..inner];
        let rest = &outer[inner + 1..];
        let Some(end) = rest
            .find(['<', '>'])
            .filter(|&at| rest[at..].starts_with('>'))
        else {
            continue;
        };
        let option = &rest[..end];
        let after = &rest[end + 1..];
        let Some(close) = after
            .find(['<', '>'])
            .filter(|&at| after[at..].starts_with('>'))
        else {
            continue;
        };
        if !before.is_empty() && is_word(before) && is_word(option) {
            all.push((before, option, &after[..close]));
        }
    }
    all
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

fn option_name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(['=', ':'])?;
    let name = name.trim_end();
    (!name.starts_with(char::is_whitespace) && is_word(name)).then_some(name)
}

fn section_name(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.split(']').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_from_the_files() {
        let own = "failregex = ^a\n  <mdre-<mode>>\n  <mdre-<mode>-other>\nmdre-normal =\n\
                   mdre-ddos = x\nmdre-normal-other = y\n# mdre-none = z";
        let common = "__prefix_line = <lt_<logtype>/__prefix_line>\n[lt_file]\na = 1\n[lt_journal]";
        let choices = choices_of(&[own.to_string(), common.to_string()]);
        assert_eq!(choices["logtype"], ["file", "journal"]);
        assert_eq!(choices["mode"], ["normal", "ddos"]);
    }
}
