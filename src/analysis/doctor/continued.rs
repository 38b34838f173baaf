//! Options of a jail that fail2ban does not read as such because their line is indented: it is one
//! more line of the option above, whose value it spoils.

use super::finding::JailDiagnosis;
use super::misspelt::is_about;
use super::ward::Ward;
use crate::analysis::check::ContinuedOption;
use crate::config::{JailConfig, Origin, is_true};

/// Tells of the options of a jail that continue another: beside the blocker that the right one
/// would have prevented, or that the spoilt one is to blame for; else as a warning.
pub(super) fn check(found: &mut JailDiagnosis, ward: &Ward, jail: &JailConfig) {
    let all = ward.continued().iter();
    let own = all.filter(|option| option.section == jail.name || option.section == "DEFAULT");
    let mut is_told = false;
    for option in own {
        let directory = &ward.machine.directory;
        let said = told(option, directory);
        let change = format!(
            "{} = {} in the first column of {}",
            option.name,
            option.value,
            option.place.within(directory)
        );
        let is_enabled = option.name == "enabled" && is_true(&option.value);
        match found.blockers.first_mut() {
            Some(first)
                if !is_told
                    && (is_spoilt(first.place.as_ref(), option)
                        || (first.code == "disabled" && is_enabled)
                        || (first.code != "disabled" && is_about(&first.change, &option.name))) =>
            {
                is_told = true;
                first.message += &format!("; {said}");
                first.place = Some(option.place.clone());
                first.change = change;
                first.tried = None;
            }
            _ => found.warn("option-continued", format!("{said}: {change}")),
        }
    }
}

/// What fail2ban makes of such a line.
pub(crate) fn told(option: &ContinuedOption, directory: &str) -> String {
    let (above, line) = &option.above;
    let place = option.place.within(directory);
    format!(
        "{place} is indented, so that `{} = {}` is no option, but continues {above} of line {line}",
        option.name, option.value
    )
}

/// Whether a place is that of the option whose value has that line in it.
fn is_spoilt(place: Option<&Origin>, option: &ContinuedOption) -> bool {
    let (_, above) = option.above;
    let lines = above..=option.place.line;
    place.is_some_and(|place| place.file == option.place.file && lines.contains(&place.line))
}
