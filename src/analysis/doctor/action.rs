//! The actions of a jail: is there one, can it be run, does it stand where the traffic passes.

use super::commands::commands_of;
use super::configuration::place_of_action;
use super::containers;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::ports;
use super::programs::{self, Purpose};
use crate::config::ActionConfig;

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
    ports::check_names(found, patient);
    for action in actions {
        containers::check(found, patient, action);
    }
}

/// The programs that the action calls are on the machine.
fn commands(found: &mut JailDiagnosis, patient: &Patient, action: &ActionConfig) {
    let root = patient.doctor().root;
    let called = programs::called(&commands_of(action));
    let missing = called
        .iter()
        .filter(|(program, _)| programs::is_there(root, program) == Some(false));
    let missing: Vec<&(String, Purpose)> = missing.collect();
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
