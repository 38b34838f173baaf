//! The actions of a jail: is there one, can it be run, does it stand where the traffic passes.

use super::action_ports;
use super::ban_rules;
use super::chain_names;
use super::commands::{commands_of, option_of};
use super::configuration::place_of_action;
use super::containers;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::port_lists;
use super::programs::{self, Purpose};
use crate::analysis::check::RawFile;
use crate::config::{ActionConfig, ActionDetail, Origin, is_action_option, nearest};

/// Looks at the actions.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient) {
    let actions = &patient.parts.actions;
    if actions.is_empty() {
        let message = "it has no action: failures are found and counted, and nobody is banned";
        let place = patient.place("action").or(patient.jail.header.as_ref());
        let change = "remove the line (the default is action = %(action_)s), or name an action";
        found.block("action-missing", place, message.to_owned(), change);
        return;
    }
    if !actions.iter().any(bans) {
        return no_ban(found, patient, actions);
    }
    if actions
        .iter()
        .all(|action| programs::only_report(&commands_of(action)))
    {
        let names: Vec<&str> = actions.iter().map(|action| action.file.as_str()).collect();
        let message = format!(
            "its actions ({}) tell somebody of a ban, and none shuts anybody out",
            names.join(", ")
        );
        found.warn("action-missing", message);
    }
    if !patient.ward.doctor.environment {
        return;
    }
    for action in actions {
        commands(found, patient, action);
    }
    if !port_lists::check(found, patient) {
        ban_rules::check_names(found, patient);
        ban_rules::check_rules(found, patient);
    }
    action_ports::check(found, patient);
    chain_names::check(found, patient);
    for action in actions {
        containers::check(found, patient, action);
    }
}

/// Whether an action has something to run for a ban.
fn bans(action: &ActionConfig) -> bool {
    match action.detail {
        ActionDetail::Python { .. } => true,
        ActionDetail::Commands { .. } => {
            option_of(action, "actionban").is_some_and(|command| !command.trim().is_empty())
        }
    }
}

/// Says so where no action of a jail has an actionban.
fn no_ban(found: &mut JailDiagnosis, patient: &Patient, actions: &[ActionConfig]) {
    let names: Vec<&str> = actions.iter().map(|action| action.file.as_str()).collect();
    let message = format!(
        "nothing is run for a ban: there is no actionban in {}",
        names.join(", ")
    );
    let directory = patient.ward.config_dir().join("action.d");
    let files = actions.iter().flat_map(|action| {
        let name = &action.file;
        [format!("{name}.local"), format!("{name}.conf")]
    });
    let files = files.map(|name| RawFile::read(&directory.join(name)));
    let files: Vec<RawFile> = files.filter(|file| !file.lines.is_empty()).collect();
    let place = (files.iter().find_map(empty_or_misspelt))
        .or_else(|| files.iter().find_map(unknown_section));
    let Some((origin, change)) = place else {
        let first = &actions[0];
        let (_, named) = place_of_action(patient.jail, &first.file, first.origin.as_ref());
        let change = "actionban = the command that shuts <ip> out, in [Definition]";
        return found.block("action-missing", named, message, change);
    };
    found.block("action-missing", Some(&origin), message, change);
}

/// Where a file of an action has an actionban, which is empty then, or an option that is meant to be
/// it; with what to write there.
fn empty_or_misspelt(file: &RawFile) -> Option<(Origin, String)> {
    let named = |name: &str| file.options.iter().rfind(|option| option.name == name);
    if let Some(empty) = named("actionban") {
        let change = "actionban = the command that shuts <ip> out".to_owned();
        return Some((Origin::at(&file.path, empty.line(), &empty.name), change));
    }
    let names = file.options.iter().map(|option| option.name.as_str());
    let name = nearest("actionban", names.filter(|name| !is_action_option(name)))?;
    let change = format!("actionban in place of {name}");
    Some((Origin::at(&file.path, named(name)?.line(), name), change))
}

/// A section that no file of an action has; with what to write there.
fn unknown_section(file: &RawFile) -> Option<(Origin, String)> {
    let is_known = |name: &str| ["Definition", "Init", "INCLUDES"].contains(&name);
    let (name, line) = file.sections.iter().find(|(name, _)| !is_known(name))?;
    let change = format!("[Definition] in place of [{name}]");
    Some((Origin::at(&file.path, *line, name), change))
}

/// The programs that the action calls are on the machine.
fn commands(found: &mut JailDiagnosis, patient: &Patient, action: &ActionConfig) {
    let root = patient.doctor().root;
    let called = programs::called(&commands_of(action));
    let missing = called
        .iter()
        .filter(|(program, _)| programs::is_there(root, program) == Some(false));
    let missing: Vec<&(String, Purpose)> = missing.collect();
    let calls_ufw = called.iter().any(|(program, _)| program == "ufw");
    if calls_ufw && programs::is_switched_off(root) {
        let message = format!(
            "action {} calls ufw, which is switched off (ENABLED=no in /etc/ufw/ufw.conf): its rules block nobody",
            action.file
        );
        let (_, place) = place_of_action(patient.jail, &action.file, action.origin.as_ref());
        let change = "first what keeps your own way in, such as `ufw allow ssh`, then `ufw enable`";
        found.block("command-missing", place, message, change);
        return;
    }
    let Some((program, _)) = missing
        .iter()
        .find(|(_, purpose)| *purpose == Purpose::Bans)
    else {
        if let Some((program, _)) = missing.first() {
            let message = format!(
                "action {} calls {program}, which is not on this machine; the ban is not hindered",
                action.file
            );
            found.warn("command-missing", message);
        }
        return;
    };
    let (option, place) = place_of_action(patient.jail, &action.file, action.origin.as_ref());
    let message = format!(
        "action {} calls {program}, which is not on this machine: every ban fails",
        action.file
    );
    let other = programs::other_banaction(root, &patient.ward.machine.directory);
    let change = match other.filter(|_| !program.starts_with('/')) {
        Some(other) => {
            let allports = option == "banaction_allports";
            let written = match (allports, other) {
                (true, "nftables") => "nftables[type=allports]",
                (true, "iptables-multiport") => "iptables-allports",
                _ => other,
            };
            format!("{option} = {written}, whose program is there; or install {program}")
        }
        None => format!("install {program}"),
    };
    found.block("command-missing", place, message, change);
}
