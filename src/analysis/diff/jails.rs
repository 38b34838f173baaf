//! What differs between the jails of two configuration directories: the values in force, read as
//! the server would get them, all jails as if they were enabled.

use super::edit;
use super::side::Side;
use super::value::{JailsDiff, ValueChange};
use crate::analysis::warning::Warning;
use crate::config::{ActionConfig, ActionDetail, JailConfig, JailState, Machine, MachineRequest};
use crate::config::{Fault, jail_names};
use indexmap::{IndexMap, IndexSet};
use std::collections::BTreeSet;
use std::path::Path;

/// A value and where it comes from.
type Placed = (String, Option<String>);

/// What stands for the configuration directory in values: the two are compared as if both were
/// installed.
const INSTALLED: &str = "/etc/fail2ban";

/// Compares jails and actions; None unless both are configuration directories. What cannot be
/// read is a warning.
pub(crate) fn diff(old: &Side, new: &Side, warnings: &mut Vec<Warning>) -> Option<JailsDiff> {
    let (before, after) = (old.configuration()?, new.configuration()?);
    let actions = (action_files(before), action_files(after));
    let mut found = JailsDiff {
        actions_came: actions.1.difference(&actions.0).cloned().collect(),
        actions_went: actions.0.difference(&actions.1).cloned().collect(),
        ..JailsDiff::default()
    };
    let mut read = |side: &Side, directory: &Path| match jails_of(directory) {
        Ok(jails) => Some(jails),
        Err(message) => {
            let message = format!("{}: the jails: {message}", side.name);
            warnings.push(Warning::new("jails-refused", side.message(&message)));
            None
        }
    };
    let (Some(earlier_jails), Some(later_jails)) = (read(old, before), read(new, after)) else {
        return Some(found);
    };
    let missing = |of: &Jails, other: &Jails| -> Vec<String> {
        let names = of.keys().filter(|name| !other.contains_key(*name));
        names.cloned().collect()
    };
    found.came = missing(&later_jails, &earlier_jails);
    found.went = missing(&earlier_jails, &later_jails);
    let mut values = IndexMap::new();
    for jail in later_jails.values() {
        if let Some(earlier) = earlier_jails.get(&jail.name) {
            found.compared += 1;
            let earlier = values_of(earlier, &before.to_string_lossy());
            let later = values_of(jail, &after.to_string_lossy());
            add_changes(&mut values, &jail.name, (&earlier, &later));
        }
    }
    found.values = values.into_values().collect();
    Some(found)
}

/// What makes the changes of several jails one: the same is put in place of the same. The rest of
/// the texts may differ, as by the jail's name.
type Key = (String, Option<String>, Option<String>);

/// Adds what differs between the values of a jail.
fn add_changes(
    values: &mut IndexMap<Key, ValueChange>,
    jail: &str,
    (earlier, later): (&IndexMap<String, Placed>, &IndexMap<String, Placed>),
) {
    let names: IndexSet<&String> = earlier.keys().chain(later.keys()).collect();
    for name in names {
        let (a, b) = (earlier.get(name), later.get(name));
        // the properties of an action that one of them does not have say nothing
        let action = name.split_once(": ").map(|(action, _)| action);
        let has = |of: &IndexMap<String, Placed>, action: &str| {
            let names = of.get("actions").map(|(names, _)| names.split(' '));
            names.is_some_and(|mut names| names.any(|name| name == action))
        };
        if action.is_some_and(|action| !has(earlier, action) || !has(later, action)) {
            continue;
        }
        let text = |value: Option<&Placed>| value.map(|(text, _)| text.clone());
        if text(a) == text(b) {
            continue;
        }
        let edit = a.zip(b).map(|((a, _), (b, _))| edit::between(a, b));
        let key = match &edit {
            Some(edit) => (name.clone(), Some(edit.old.clone()), Some(edit.new.clone())),
            None => (name.clone(), text(a), text(b)),
        };
        let known = values.entry(key).or_insert_with(|| ValueChange {
            option: name.clone(),
            old: text(a),
            new: text(b),
            edit,
            old_place: a.and_then(|(_, place)| place.clone()),
            new_place: b.and_then(|(_, place)| place.clone()),
            jails: Vec::new(),
        });
        known.jails.push(jail.to_owned());
    }
}

impl JailsDiff {
    /// Whether anything differs.
    pub(crate) fn differ(&self) -> bool {
        let names = [
            &self.came,
            &self.went,
            &self.actions_came,
            &self.actions_went,
        ];
        !self.values.is_empty() || names.iter().any(|names| !names.is_empty())
    }
}

/// Jails by name, in the order of their files.
type Jails = IndexMap<String, JailConfig>;

/// All jails of a configuration, read to the end.
fn jails_of(directory: &Path) -> Result<Jails, String> {
    let names = jail_names(directory).map_err(|error| error.to_string())?;
    let names: Vec<String> = names.into_iter().map(|jail| jail.name).collect();
    let read = |forced: &[String]| {
        Machine::read_jails(&MachineRequest {
            config_dir: directory,
            root: Path::new(""),
            forced,
        })
    };
    // one that is not enabled may spoil the rest
    let read = read(&names).or_else(|_| read(&[]));
    let jails = read.map_err(|refusal| refusal.to_string())?;
    let named = jails.into_iter().map(|jail| (jail.name.clone(), jail));
    Ok(named.collect())
}

fn action_files(directory: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(directory.join("action.d"));
    let paths = entries.into_iter().flatten().flatten().map(|e| e.path());
    let is_action = |path: &std::path::PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("conf" | "local" | "py")) && path.is_file()
    };
    let stems = paths.filter(is_action);
    let stems = stems.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()));
    stems.collect()
}

/// Every value in force of a jail.
fn values_of(jail: &JailConfig, directory: &str) -> IndexMap<String, Placed> {
    let installed = |text: &str| text.replace(directory, INSTALLED);
    let mut all: IndexMap<String, Placed> = IndexMap::new();
    let parts = jail.parts();
    for option in jail.options.iter().chain(&jail.referred) {
        // what an action and a filter become is told below
        let by_parts = matches!(option.name.as_str(), "action" | "filter")
            || option.name.starts_with("banaction");
        if option.value.is_none() || (by_parts && parts.is_some()) {
            continue;
        }
        let text = tidy(&option.name, &installed(option.value.to_text().as_str()));
        let source = option.source.as_ref();
        let place = source.map(|source| source.within(directory));
        if !text.is_empty() {
            all.insert(option.name.clone(), (text, place));
        }
    }
    if let JailState::Refused(fault) = &jail.state {
        let fault: &Fault = fault;
        let message = installed(&fault.to_string());
        all.insert("refused".to_owned(), (message, None));
    }
    let Some(parts) = parts else {
        return all;
    };
    if let Some(filter) = &parts.filter {
        let options: Vec<String> = filter
            .given
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let options = match options.is_empty() {
            true => String::new(),
            false => format!("[{}]", options.join(",")),
        };
        let place = jail
            .option("filter")
            .and_then(|option| option.source.clone());
        let place = place.map(|place| place.within(directory));
        all.insert(
            "filter".to_owned(),
            (format!("{}{options}", filter.name), place),
        );
    }
    let names: Vec<&str> = parts
        .actions
        .iter()
        .map(|action| action.name.as_str())
        .collect();
    let place = parts
        .actions
        .first()
        .and_then(|action| action.origin.clone());
    let place = place.map(|place| place.within(directory));
    all.insert("actions".to_owned(), (names.join(" "), place));
    for action in &parts.actions {
        for (name, value) in properties(action) {
            let value = tidy_lines(&installed(&value));
            all.insert(format!("{}: {name}", action.name), (value, None));
        }
    }
    all
}

fn properties(action: &ActionConfig) -> Vec<(String, String)> {
    let properties = match &action.detail {
        ActionDetail::Commands { properties, .. } => properties,
        ActionDetail::Python { given, .. } => given,
    };
    let text = |(name, value): &(String, crate::config::Value)| {
        (name.clone(), value.to_text().as_str().to_owned())
    };
    properties.iter().map(text).collect()
}

/// A value without the blanks that do not matter: lists are parted by any, regexes by lines.
fn tidy(option: &str, text: &str) -> String {
    match option {
        "ignoreip" | "logpath" => text.split_whitespace().collect::<Vec<_>>().join(" "),
        _ => tidy_lines(text),
    }
}

fn tidy_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}
