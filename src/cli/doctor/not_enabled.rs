//! Why jails are not enabled that were meant to be: what is said beside the report, as a jail that
//! is not enabled is not in it.

use crate::analysis::check::{continued_options, misspelt_options};
use crate::analysis::doctor::{continues, no_truth, unread_files};
use crate::cli::terminal;
use crate::config::{Machine, is_true};
use std::path::Path;

/// Says which files and lines enable jails and are not read.
pub(super) fn tell(config: &Path, machine: &Machine) {
    let is_enabled = |name: &str| machine.jail(name).is_some_and(|jail| jail.enabled);
    let any = machine.jails.iter().any(|jail| jail.enabled);
    if !any {
        misspelt(config);
    }
    for option in continued_options(config) {
        let is_wanted = option.name == "enabled" && is_true(&option.value);
        if is_wanted && !is_enabled(&option.section) {
            let said = continues(&option, &machine.directory);
            let jail = &option.section;
            terminal::print_error(format!(
                "f2b-regex: {said}: jail {jail} is not enabled by it"
            ));
        }
    }
    for file in unread_files(config).iter().filter(|file| !file.is_copy) {
        let jails: Vec<&str> = file.jails().collect();
        let is_missed = |jail: &&str| file.enabling(jail).is_some() && !is_enabled(jail);
        // where nothing is enabled any such file may be why; else a directory may be one of files that
        // are put aside
        if !any || (!file.is_elsewhere() && jails.iter().any(is_missed)) {
            let (message, change) = (file.message(), &file.change);
            terminal::print_error(format!("f2b-regex: {message}; {change}"));
        }
    }
}

/// Says which options that are misspelt were to enable a jail.
fn misspelt(config: &Path) {
    let options = misspelt_options(config).into_iter();
    for option in options.filter(|option| option.meant == "enabled") {
        let (place, name) = (&option.place, &option.name);
        terminal::print_error(format!(
            "f2b-regex: {place}: no jail has an option `{name}`; did you mean `enabled`?"
        ));
    }
}

/// Says which jails are not enabled because what is written is no truth value.
pub(super) fn half_enabled(machine: &Machine) {
    for jail in machine.jails.iter().filter(|jail| !jail.enabled) {
        let option = jail.option("enabled");
        let written = option.and_then(|option| option.written.as_ref());
        let Some((written, value)) = written.and_then(|w| Some((w, no_truth(w)?))) else {
            continue;
        };
        terminal::print_error(format!(
            "f2b-regex: {}: enabled = {value} is neither true nor false: jail {} is not enabled",
            written.within(&machine.directory),
            jail.name
        ));
    }
}
