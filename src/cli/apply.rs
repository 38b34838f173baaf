//! `--apply`: the changes of hints made to a run, and `--write`: put into the filter's `.local`.

use super::options::{ApplyArgs, FilterArgs, LogArgs};
use super::setup::{self, Setup, SetupRequest};
use super::terminal::print_error;
use crate::analysis::explain::hints::change::{
    RegexOption, added_regexes, change_settings, changed_regex,
};
use crate::analysis::explain::hints::rebuild::with_option;
use crate::analysis::explain::hints::{Change, Hint};
use crate::config::{FilterKind, Setting, Sourced};
use crate::date::Clock;
use std::path::{Path, PathBuf};

/// Why standard input cannot have a hint applied.
pub(super) const READS_TWICE: &str =
    "--apply reads the log twice, which standard input cannot be: give a file";

/// The options of a command that a change may be made to.
pub(super) struct Targets<'a> {
    /// The arguments of which one may be FILTER.
    pub(super) given: Vec<&'a mut Option<String>>,
    pub(super) source: &'a mut FilterArgs,
    pub(super) read: &'a mut LogArgs,
    pub(super) maxlines: &'a mut Option<i64>,
}

/// Makes the changes of the hints asked for, and writes them where that is asked for, too. Those
/// that remain to be made are to the regexes, for `setup`.
pub(super) fn apply(
    asked: &ApplyArgs,
    hints: &[Hint],
    (request, setup): (&SetupRequest, &Setup),
    targets: Targets,
    clock: &Clock,
) -> Result<Vec<Change>, String> {
    let mut changes = chosen(hints, &asked.apply)?;
    if asked.write > 0 {
        write(request, setup, &changes, asked.write > 1, clock)?;
    }
    change_arguments(targets, request.spec, &changes);
    if asked.write > 0 {
        // the file has them now
        changes.retain(|change| !change.is_regex());
    }
    Ok(changes)
}

/// The changes of the hints with these numbers, in their order.
fn chosen(hints: &[Hint], numbers: &[u64]) -> Result<Vec<Change>, String> {
    let mut changes: Vec<Change> = Vec::new();
    for number in numbers {
        let at = usize::try_from(*number).unwrap_or(usize::MAX) - 1;
        let Some(hint) = hints.get(at) else {
            let there_are = match hints.len() {
                0 => "no hint is given for this log".to_string(),
                n => format!("there are {n}"),
            };
            return Err(format!("--apply {number}: no such hint: {there_are}"));
        };
        let Some(apply) = &hint.apply else {
            return Err(format!(
                "--apply {number}: the change is not one of the filter or of an option here: {}",
                hint.message
            ));
        };
        for change in apply {
            if !changes.contains(change) {
                changes.push(change.clone());
            }
        }
    }
    Ok(changes)
}

/// Makes the changes that are options of the command line; those of regexes are `setup`'s.
fn change_arguments(targets: Targets, spec: &str, changes: &[Change]) {
    let Targets {
        given,
        source,
        read,
        maxlines,
    } = targets;
    let mut filter = spec.to_string();
    for change in changes {
        match change {
            Change::FilterOption(option) => {
                filter = with_option(&filter, &option.name, &option.value).unwrap_or(filter);
            }
            Change::Filter(other) => filter.clone_from(other),
            Change::Datepattern(pattern) => source.datepattern = Some(pattern.clone()),
            Change::Timezone(zone) => source.timezone = Some(zone.clone()),
            Change::Maxlines(lines) => *maxlines = Some(i64::from(*lines)),
            Change::Journalmatch(words) => read.journalmatch = Some(words.clone()),
            Change::Encoding(name) => read.encoding = Some(name.clone()),
            Change::StripAnsi => read.strip_ansi = true,
            Change::Unwrap(kind) => read.wrapping.unwrap = Some(kind.clone()),
            Change::Regex(_) | Change::AddRegex(_) | Change::Months(_) => {}
        }
    }
    // the positional that is FILTER depends on how the log is given
    for given in given {
        if given.as_deref() == Some(spec) {
            *given = Some(filter.clone());
        }
    }
}

/// Puts the changes into the filter's `.local` and shows them.
///
/// # Errors
///
/// Where a change is not the filter's, where the file has a value already (`over`: it is
/// replaced), where it cannot be written, and where the filter read anew is not the changed one.
fn write(
    request: &SetupRequest,
    setup: &Setup,
    changes: &[Change],
    over: bool,
    clock: &Clock,
) -> Result<(), String> {
    let local = local_file(setup)?;
    let options = options(setup, changes)?;
    let before = match std::fs::read_to_string(&local) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("--write: {}: {error}", local.display())),
    };
    let mut after = before.clone();
    for (name, value) in &options {
        after = with_value(&after, name, value, over)
            .map_err(|why| format!("--write: {}: {why}", local.display()))?;
    }
    save(&local, &after)?;
    if let Err(why) = verified(request, setup, changes, clock) {
        // as it was; the first error is the one that matters
        let _ = if before.is_empty() {
            std::fs::remove_file(&local)
        } else {
            std::fs::write(&local, &before)
        };
        return Err(format!(
            "--write: {}: {why}; nothing was changed",
            local.display()
        ));
    }
    print_error(difference(&local, &before, &after).trim_end());
    Ok(())
}

/// `sshd.local` beside `sshd.conf`.
fn local_file(setup: &Setup) -> Result<PathBuf, String> {
    let Some(source) = &setup.source else {
        return Err("--write: the regex is given as text, no file has it".into());
    };
    let main = match &source.kind {
        FilterKind::Foreign { path, .. } => Some(path.as_path()),
        _ => source.main_file(),
    };
    let main = main.ok_or("--write: no file of the filter is known")?;
    Ok(main.with_extension("local"))
}

/// The options of the filter that the changes come to, with the values to write.
fn options(setup: &Setup, changes: &[Change]) -> Result<Vec<(String, String)>, String> {
    let doubled = |text: &str| text.replace('%', "%%");
    let mut all: Vec<(String, String)> = Vec::new();
    for option in [
        RegexOption::Prefregex,
        RegexOption::Failregex,
        RegexOption::Ignoreregex,
    ] {
        let about = |change: &Change| match change {
            Change::Regex(change) => change.option == option,
            Change::AddRegex(added) => added.option == option,
            _ => false,
        };
        if changes.iter().any(about) {
            all.push((option.name().into(), regexes(setup, option, changes)));
        }
    }
    for change in changes {
        match change {
            Change::FilterOption(option) => {
                all.push((option.name.clone(), doubled(&option.value)));
            }
            Change::Datepattern(pattern) => all.push(("datepattern".into(), doubled(pattern))),
            Change::Maxlines(lines) => all.push(("maxlines".into(), lines.to_string())),
            Change::Journalmatch(words) => all.push(("journalmatch".into(), doubled(words))),
            Change::Filter(filter) => {
                return Err(format!(
                    "--write: the filter is right, for other logs: put `filter = {filter}` into the \
                     jail"
                ));
            }
            Change::Timezone(zone) => {
                return Err(format!(
                    "--write: a zone is of the jail: put `logtimezone = {zone}` into jail.local"
                ));
            }
            Change::Encoding(name) => {
                return Err(format!(
                    "--write: an encoding is of the jail: put `logencoding = {name}` into jail.local"
                ));
            }
            Change::StripAnsi => {
                return Err("--write: colours are switched off where the log is written".into());
            }
            Change::Unwrap(_) => {
                return Err("--write: fail2ban has no such option, it does not unwrap".into());
            }
            Change::Regex(_) | Change::AddRegex(_) | Change::Months(_) => {}
        }
    }
    Ok(all)
}

/// All regexes of a list as the changes make them, a line each.
fn regexes(setup: &Setup, option: RegexOption, changes: &[Change]) -> String {
    let settings = setup.source.iter().flat_map(|source| &source.settings);
    let of_list = settings.filter_map(|setting| match (option, setting) {
        (RegexOption::Prefregex, Setting::Prefregex(source))
        | (RegexOption::Failregex, Setting::Failregex(source))
        | (RegexOption::Ignoreregex, Setting::Ignoreregex(source)) => Some(source),
        _ => None,
    });
    let changed = of_list.filter_map(|source: &Sourced| changed_regex(option, source, changes));
    let all = changed.chain(added_regexes(option, changes));
    let lines: Vec<String> = all.map(|source| source.text.replace('%', "%%")).collect();
    lines.join("\n    ")
}

/// A configuration text with an option of `[Definition]` set.
fn with_value(text: &str, name: &str, value: &str, over: bool) -> Result<String, String> {
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let heading = lines
        .iter()
        .position(|line| line.trim_end() == "[Definition]");
    let heading = match heading {
        Some(heading) => heading,
        None => {
            if lines.last().is_some_and(|line| !line.is_empty()) {
                lines.push(String::new());
            }
            lines.push("[Definition]".into());
            lines.len() - 1
        }
    };
    let is_it = |line: &String| {
        let known = line.split(['=', ':']).next().unwrap_or("").trim_end();
        known == name && line.contains(['=', ':'])
    };
    let end = (heading + 1..lines.len())
        .find(|&at| lines[at].starts_with('['))
        .unwrap_or(lines.len());
    let known = (heading + 1..end).find(|&at| is_it(&lines[at]));
    let new = format!("{name} = {value}");
    match known {
        Some(at) if over => {
            let more = lines[at + 1..end]
                .iter()
                .take_while(|line| line.starts_with([' ', '\t']))
                .count();
            lines.splice(at..=at + more, [new]);
        }
        Some(at) => {
            return Err(format!(
                "line {} sets `{name}` already; --write twice (--write --write) replaces it",
                at + 1
            ));
        }
        None => lines.insert(heading + 1, new),
    }
    Ok(lines.join("\n") + "\n")
}

/// Writes a file in one step: what reads it meanwhile sees the old one or the new one.
fn save(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("--write: {}: {error}", path.display());
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.new", std::process::id()));
    let temporary = PathBuf::from(temporary);
    std::fs::write(&temporary, text).map_err(failed)?;
    std::fs::rename(&temporary, path).map_err(|error| {
        let _ = std::fs::remove_file(&temporary);
        failed(error)
    })
}

/// Whether the filter as it is now read from its files is the one the changes make.
fn verified(
    request: &SetupRequest,
    setup: &Setup,
    changes: &[Change],
    clock: &Clock,
) -> Result<(), String> {
    let read = setup::build(request, clock, &mut Vec::new()).map_err(|error| error.message)?;
    let (Some(read), Some(old)) = (&read.source, &setup.source) else {
        return Err("the filter is not read from this file".into());
    };
    let texts = |settings: &[Setting]| -> Vec<(u8, String)> {
        let regex = |setting: &Setting| match setting {
            Setting::Prefregex(source) => Some((0, source.text.clone())),
            Setting::Failregex(source) => Some((1, source.text.clone())),
            Setting::Ignoreregex(source) => Some((2, source.text.clone())),
            _ => None,
        };
        let mut all: Vec<(u8, String)> = settings.iter().filter_map(regex).collect();
        all.sort_by_key(|(list, _)| *list);
        all
    };
    let mut wanted = old.settings.clone();
    change_settings(&mut wanted, changes);
    let about_regexes = changes
        .iter()
        .all(|change| !matches!(change, Change::FilterOption(_)));
    if about_regexes && texts(&wanted) != texts(&read.settings) {
        return Err("the filter read with it has other regexes than asked for".into());
    }
    if texts(&old.settings) == texts(&read.settings) && !about_regexes {
        return Err(
            "the option makes no difference there: give it where the filter is named".into(),
        );
    }
    Ok(())
}

/// The lines that went and those that came.
fn difference(path: &Path, before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let mut out = format!("--- {0}\n+++ {0}\n", path.display());
    let same_first = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[same_first..], &new[same_first..]);
    let same_last = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    for line in &old[..old.len() - same_last] {
        out += &format!("-{line}\n");
    }
    for line in &new[..new.len() - same_last] {
        out += &format!("+{line}\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_into_its_section() {
        let with = |text, over| with_value(text, "maxlines", "2", over);
        assert_eq!(
            with("", false).as_deref(),
            Ok("[Definition]\nmaxlines = 2\n")
        );
        assert_eq!(
            with("[Init]\na = 1", false).as_deref(),
            Ok("[Init]\na = 1\n\n[Definition]\nmaxlines = 2\n")
        );
        let old = "[Definition]\nmaxlines = 5\n  6\nb = 1\n[Init]\nmaxlines = 3\n";
        assert!(with(old, false).is_err_and(|why| why.contains("line 2 sets `maxlines`")));
        assert_eq!(
            with(old, true).as_deref(),
            Ok("[Definition]\nmaxlines = 2\nb = 1\n[Init]\nmaxlines = 3\n")
        );
    }

    #[test]
    fn only_what_differs_is_shown() {
        let shown = difference(Path::new("x.local"), "a\nb\nc\n", "a\nd\nc\n");
        assert_eq!(shown, "--- x.local\n+++ x.local\n-b\n+d\n");
    }
}
