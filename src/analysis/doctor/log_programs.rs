//! Which programs write the lines of a log that many share, and which of them a filter is for.

use super::hints;
use super::patient::Patient;
use crate::analysis::explain::hints::tells_refusal;
use crate::config::Setting;
use std::collections::BTreeSet;

/// What a filter's own programs write to a log that many share.
pub(super) enum OwnLines {
    /// Lines that read like failures.
    Failures { program: String, lines: u64 },
    /// None of their lines reads like a failure, or there is none at all.
    Quiet { program: String },
}

/// What the programs that the jail's filter names write to its log; None where it names none, and
/// none is named as the jail is.
pub(super) fn own_lines(patient: &Patient) -> Option<OwnLines> {
    let mut named = named_by_filter(patient);
    let lines = hints::sample(patient);
    if named.is_empty() {
        let jail = patient.jail.name.as_str();
        let writers = lines.iter().filter_map(|line| writer_of(&line.text));
        let alike = writers.filter(|name| are_alike(name, jail) || is_named(patient, name));
        named.extend(alike.map(str::to_owned));
    }
    let mut program = None;
    let mut failures = 0;
    for line in &lines {
        let Some(writer) = writer_of(&line.text).filter(|writer| named.contains(*writer)) else {
            continue;
        };
        program.get_or_insert(writer);
        let text = line.text.to_lowercase();
        failures += u64::from(tells_refusal(&text) && hints::names_address(&text));
    }
    let program = program.or(named.first().map(String::as_str))?.to_owned();
    Some(match failures {
        0 => OwnLines::Quiet { program },
        lines => OwnLines::Failures { program, lines },
    })
}

/// Whether a program goes by the name of a jail: `gated` and `gate`.
fn are_alike(program: &str, jail: &str) -> bool {
    let shorter = program.len().min(jail.len());
    shorter > 2 && (program.contains(jail) || jail.contains(program))
}

/// Whether a regex of the filter has the name of a program of the log before a colon: `^gated: no`.
fn is_named(patient: &Patient, program: &str) -> bool {
    let wanted = format!("{program}:");
    let mut settings = patient.parts.filter_commands.iter().flatten();
    settings.any(|setting| match setting {
        Setting::Failregex(regex) | Setting::Prefregex(regex) => {
            let mut found = regex.text.match_indices(&wanted);
            found.any(|(at, _)| !regex.text[..at].ends_with(is_of_name))
        }
        _ => false,
    })
}

/// How many programs write to the jail's log.
pub(super) fn writers(patient: &Patient) -> usize {
    let lines = hints::sample(patient);
    let names: BTreeSet<&str> = lines
        .iter()
        .filter_map(|line| writer_of(&line.text))
        .collect();
    names.len()
}

/// The programs that the regexes of a filter name before a pid: `gated\[\d+\]`, `gated(?:\[\d+\])?:`.
fn named_by_filter(patient: &Patient) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for setting in patient.parts.filter_commands.iter().flatten() {
        if let Setting::Failregex(regex) | Setting::Prefregex(regex) = setting {
            found.extend(programs_in(&regex.text));
        }
    }
    let filter = patient.parts.filter.as_ref();
    let daemon = filter.and_then(|filter| filter.options.get("_daemon"));
    if let Some(daemon) = daemon.filter(|daemon| !daemon.is_none()) {
        let text = daemon.to_text();
        let words = text.as_str().split(|c: char| !is_of_name(c));
        found.extend(words.filter(|word| word.len() > 2).map(str::to_owned));
    }
    found
}

fn programs_in(regex: &str) -> Vec<String> {
    let ends = regex.match_indices("\\[").map(|(at, _)| &regex[..at]);
    let names = ends.filter_map(|before| {
        let before = before.strip_suffix("(?:").unwrap_or(before);
        let before = before.strip_suffix(')').unwrap_or(before);
        let begin = before
            .rfind(|c: char| !is_of_name(c))
            .map_or(0, |at| at + 1);
        // `\S` before the bracket is no name of a program
        let name = before.get(begin..)?;
        (name.len() > 2 && !before[..begin].ends_with('\\')).then(|| name.to_owned())
    });
    names.collect()
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// The program of a line of syslog: `gated` of `Nov 20 11:40:00 here gated[7]: no entry`.
fn writer_of(line: &str) -> Option<&str> {
    let words = line.split_whitespace().take(7);
    let mut ends = words.filter_map(|word| word.strip_suffix(':'));
    ends.find_map(|word| {
        let name = word.split('[').next().unwrap_or(word);
        let name = name.rsplit('/').next().unwrap_or(name);
        let is_name =
            name.chars().all(is_of_name) && name.contains(|c: char| c.is_ascii_alphabetic());
        is_name.then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_regexes() {
        assert_eq!(programs_in(r"^\s*\S+ gated\[\d+\]: x"), ["gated"]);
        assert_eq!(
            programs_in(r"^\s*\S+\s+(?:gated)(?:\[\d+\])?:? x"),
            ["gated"]
        );
        assert_eq!(programs_in(r"^\s*\S+\[\d+\]: x \[door\]"), [""; 0]);
        assert_eq!(programs_in(r"^\[error\] x"), [""; 0]);
    }

    #[test]
    fn programs_of_lines() {
        let of = writer_of("Nov 20 11:40:00 here gated[7]: no entry");
        assert_eq!(of, Some("gated"));
        let of = writer_of("2026-11-20T11:40:00+00:00 here postfix/smtpd[7]: no entry");
        assert_eq!(of, Some("smtpd"));
        assert_eq!(writer_of("Nov 20 11:40:00 here kernel: x"), Some("kernel"));
        assert_eq!(writer_of("2026/11/20 11:40:00 [error] 7#7: *1 x"), None);
    }
}
