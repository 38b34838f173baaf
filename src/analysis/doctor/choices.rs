//! An option by which a filter chooses among its parts, with a value that none of them has:
//! `mode = agressive`. fail2ban leaves `<mdre-agressive>` in the regexes as it stands.

use super::hints::{files_of, hands_on};
use super::patient::own_settings;
use super::place::to_mend;
use super::ward::Ward;
use crate::analysis::check::RawFile;
use crate::analysis::explain::hints::choices_of;
use crate::config::{JailConfig, JailParts, Origin, Setting, nearest};
use std::path::Path;

/// A choice of nothing.
pub(super) struct Unknown {
    /// Which value of which option, and what there is.
    pub(super) message: String,
    /// What to write, if it can be told what was meant.
    pub(super) change: String,
    pub(super) place: Option<Origin>,
}

/// The option of the jail's filter that chooses nothing, if one does.
pub(super) fn unknown(ward: &Ward, jail: &JailConfig, parts: &JailParts) -> Option<Unknown> {
    let filter = parts.filter.as_ref()?;
    let left = left_tags(jail, parts);
    if left.is_empty() {
        return None;
    }
    let files = files_of(ward, &jail.name);
    let texts: Vec<String> = files
        .iter()
        .map(|file| RawFile::read(file).lines.join("\n"))
        .collect();
    let mut choices = choices_of(&texts).into_iter();
    choices.find_map(|(option, values)| {
        let value = filter.options.get(&option)?.to_text();
        let value = value.as_str();
        let is_left = left.iter().any(|tag| tag.contains(value));
        if value.is_empty() || !is_left || values.iter().any(|known| known == value) {
            return None;
        }
        let place = place(jail, (&option, value), &files);
        let within = place.as_ref().map(|p| p.within(&ward.machine.directory));
        let known = values.join(", ");
        let message = format!(
            "{option} = {value}{} is no {option} of filter {}, which has {known}",
            within.map_or(String::new(), |place| format!(" ({place})")),
            filter.name
        );
        let meant = nearest(value, values.iter().map(String::as_str));
        let meant = meant.map_or(format!("one of {known}"), str::to_owned);
        let change = if hands_on(jail, &option) {
            format!("[{}] {option} = {meant}", jail.name)
        } else {
            format!("{option} = {meant}")
        };
        Some(Unknown {
            message,
            change,
            place,
        })
    })
}

/// The names of tags that stand in the regexes of the filter and are none of fail2ban's own.
pub(super) fn left_tags(jail: &JailConfig, parts: &JailParts) -> Vec<String> {
    let mut left = Vec::new();
    for setting in own_settings(jail, parts) {
        let (Setting::Failregex(regex) | Setting::Prefregex(regex) | Setting::Ignoreregex(regex)) =
            setting
        else {
            continue;
        };
        for (open, _) in regex.text.match_indices('<') {
            let name = regex.text[open + 1..].split('>').next().unwrap_or_default();
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let is_own = name.chars().any(|c| c.is_ascii_lowercase());
            if is_own && name.chars().all(is_name) {
                left.push(name.to_owned());
            }
        }
    }
    left
}

/// Where the option has its value: in the jail, in the brackets behind the filter's name, or in a
/// file of the filter.
fn place(
    jail: &JailConfig,
    (name, value): (&str, &str),
    files: &[impl AsRef<Path>],
) -> Option<Origin> {
    if hands_on(jail, name) {
        return jail.option(name).and_then(to_mend).cloned();
    }
    let in_file = files.iter().find_map(|file| {
        let file = RawFile::read(file.as_ref());
        let mut options = file.options.iter();
        let option = options.find(|option| {
            let is_it = option
                .lines
                .first()
                .is_some_and(|(_, text)| text.trim() == value);
            option.name == name && is_it
        })?;
        Some(Origin::at(&file.path, option.line(), name))
    });
    in_file.or_else(|| jail.option("filter").and_then(to_mend).cloned())
}
