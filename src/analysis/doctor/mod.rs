//! Would a jail ban, on this machine, and if not, what stops it first?
//!
//! The steps are those of a diagnosis by hand, each in a file of its own:
//!
//! ```text
//! configuration ─> input ─> dates ─> matching ─> counting ─> exemption ─> action
//!                   │ files                        (simulate)              │ programs
//!                   └ journal                                              └ ports
//! ```
//!
//! What is found has a code (a *finding*: a *blocker* keeps the jail from banning, a *warning* does
//! not); which step says which:
//!
//! | step | codes |
//! |---|---|
//! | `misspelt` | `option-unknown` |
//! | `continued` | `option-continued` |
//! | `configuration`, `values`, `choices` | `config-refused`, `filter-missing`, `action-missing`, `disabled`, `mode-unused` |
//! | `input` | `log-missing`, `jail-skipped`, `log-unreadable`, `log-empty`, `logpath-ignored`, `journal-none-selected`, `journal-unread`, `journalmatch-missing` |
//! | `stale` | `log-stale` |
//! | `dates`, `other_dates` | `no-date`, `clock-skew` |
//! | `matching`, `filter_file`, `overrides` | `no-match` (of the filter and of the log), `nofail-only`, `nothing-to-match`, `regex-replaced` |
//! | `counting` | `below-maxretry`, `ban-expired` |
//! | `exemption`, `ignoreip`, `header_address` | `exempt`, `hostname-only`, `proxy-address`, `private-address` |
//! | `unselected` | `journal-unselected` |
//! | `action`, `action_ports`, `ban_rules`, `port_lists`, `chain_names`, `containers`, `ports` | `action-missing`, `command-missing`, `chain-docker`, `port-mismatch` |
//!
//! That a jail reads the wrong log is said by `input` where it sees that by the files alone
//! (`ignored_logpath`, `missing`, `stale`), else by `matching`.
//!
//! What fail2ban makes of the configuration is `config::Machine`'s; what a filter finds is the
//! engine's; every change proposed has been tried with both, where it can be.

mod action;
mod action_ports;
mod ban_rules;
mod chain_names;
mod choices;
mod commands;
mod compose;
mod configuration;
mod containers;
mod continued;
mod counting;
mod daemons;
mod dated_logs;
mod datepattern;
mod dates;
mod encoding;
mod exemption;
mod files;
mod filter;
mod filter_file;
mod finding;
mod header_address;
mod hints;
mod ignoreip;
mod input;
mod journal;
mod journal_hints;
mod journal_input;
mod line_begin;
mod listening;
mod log_level;
mod log_programs;
mod log_target;
mod logpaths;
mod matching;
mod misspelt;
mod other_dates;
mod other_filter;
mod other_logs;
mod overrides;
mod patient;
mod place;
mod port_lists;
mod port_names;
mod ports;
mod programs;
mod reading;
mod rules;
mod service_list;
mod service_logs;
mod services;
mod sshd_units;
mod stale;
mod units;
mod unread;
mod unselected;
mod values;
mod ward;

pub(crate) use configuration::no_truth;
pub(crate) use continued::told as continues;
pub(crate) use finding::{Blocker, Figures, InputSeen, JailDiagnosis, Notice};
pub(crate) use unread::unread_files;
pub(crate) use ward::Doctor;

use crate::config::{JailConfig, JailParts, JailState, Machine, Origin, Setting, Source};
use crate::input::journal::JournalMatch;

use patient::Patient;
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::OnceLock;
use ward::Ward;

/// Diagnoses the jails of a machine, those that are enabled or were asked for by name.
pub(crate) fn diagnose(
    doctor: &Doctor,
    machine: &Machine,
    jails: &[&JailConfig],
) -> Vec<JailDiagnosis> {
    let matches = jails.iter().map(|jail| jail.parts().and_then(journalmatch));
    let ward = Ward {
        doctor,
        machine,
        matches: matches.collect(),
        journal: OnceLock::new(),
        misspelt: OnceLock::new(),
        continued: OnceLock::new(),
        filters: OnceLock::new(),
        threads: (doctor.threads / jails.len().max(1)).max(1),
        config_dir: PathBuf::from(&machine.directory),
    };
    let all = || {
        let numbered = jails.par_iter().enumerate();
        numbered
            .map(|(number, jail)| {
                let mut found = one(&ward, jail, number);
                misspelt::check(&mut found, &ward, jail);
                continued::check(&mut found, &ward, jail);
                found
            })
            .collect()
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(doctor.threads);
    // where no threads are to be had, those there are do
    match pool.build() {
        Ok(pool) => pool.install(all),
        Err(_) => all(),
    }
}

/// Which entries of the journal a jail reads; `None`: all.
fn journalmatch(parts: &JailParts) -> Option<JournalMatch> {
    let settings = parts.filter_commands.iter().flatten();
    let words = settings.filter_map(|setting| match setting {
        Setting::Journalmatch(words, _) => Some(words.clone()),
        _ => None,
    });
    JournalMatch::parse(&words.collect::<Vec<_>>())
        .ok()
        .flatten()
}

/// The diagnosis of one jail.
fn one(ward: &Ward, jail: &JailConfig, number: usize) -> JailDiagnosis {
    let mut found = JailDiagnosis::new(&jail.name, jail.enabled);
    let parts = match &jail.state {
        JailState::Refused(fault) => {
            configuration::refused(&mut found, ward, jail, fault);
            return found;
        }
        JailState::Disabled => {
            configuration::disabled(&mut found, ward, jail);
            return found;
        }
        JailState::Read(parts) => &**parts,
    };
    let input = &parts.input;
    found.backend = Some((input.configured.clone(), input.backend().to_owned()));
    if !jail.enabled {
        configuration::disabled(&mut found, ward, jail);
    }
    if values::check(&mut found, ward, (jail, parts)) {
        return found;
    }
    let patient = match Patient::admit(ward, jail, parts, number) {
        Ok(patient) => patient,
        Err(fault) => {
            refused_by_server(&mut found, ward, (jail, parts), fault);
            return found;
        }
    };
    configuration::mode_without_use(&mut found, &patient);
    if let Some(unknown) = choices::unknown(ward, jail, parts) {
        let message = format!(
            "{}: what it would choose is missing from the filter: {}",
            unknown.message, unknown.change
        );
        found.warn("mode-unused", message);
    }
    if ward.doctor.environment {
        look(&mut found, &patient);
    }
    if input.source != Source::Skipped {
        action::check(&mut found, &patient);
    }
    found
}

/// A filter that the server cannot build.
fn refused_by_server(
    found: &mut JailDiagnosis,
    ward: &Ward,
    (jail, parts): (&JailConfig, &JailParts),
    (message, origin): (String, Option<Origin>),
) {
    const REFUSES: &str = "the server refuses that, and starts no jail at all";
    /// The groups of `<HOST>` and `<ADDR>`.
    const ADDRESSES: [&str; 3] = ["ip4", "ip6", "dns"];
    if let Some(unknown) = choices::unknown(ward, jail, parts) {
        let place = unknown.place.as_ref().or(origin.as_ref());
        let message = format!("{}: {message}; {REFUSES}", unknown.message);
        found.block("config-refused", place, message, unknown.change);
        return;
    }
    let directory = &ward.machine.directory;
    if let Some(fault) = filter_file::faults(ward, jail).first() {
        let message = format!("{message}: {REFUSES}; {}", fault.message);
        let change = filter_file::change(fault, directory);
        found.block("config-refused", Some(&fault.place), message, change);
        return;
    }
    let journal = parts.input.backend().starts_with("systemd");
    let costs = overrides::unbuildable(ward, jail, journal).filter(|costs| {
        // a regex of the user's own that is at fault itself is placed already
        origin
            .as_ref()
            .is_none_or(|origin| origin.file != costs.place.file)
    });
    if let Some(costs) = costs {
        let message = format!("{message}: {REFUSES}; {}", costs.told(directory));
        let change = costs.change(directory);
        found.block("config-refused", Some(&costs.place), message, change);
        return;
    }
    let twice = |name: &str| message.contains(&format!("redefinition of group name '{name}'"));
    let change = if message.contains("No failure-id group") {
        "`<HOST>` or `<ADDR>` where the address stands in it"
    } else if message.starts_with("datepattern") && message.contains("redefinition of group") {
        "each part of the date once: %%m is the month, %%M the minute, %%S the second"
    } else if message.starts_with("failregex") && ADDRESSES.iter().any(|name| twice(name)) {
        "one `<HOST>` or `<ADDR>` in a failregex: what is joined by `|` as lines of its own"
    } else {
        "what fail2ban's server accepts: f2b-regex check shows the place"
    };
    let message = format!("{message}: {REFUSES}");
    found.block("config-refused", origin.as_ref(), message, change);
}

/// Looks at what the jail reads, up to the step that stops it.
fn look(found: &mut JailDiagnosis, patient: &Patient) {
    if !input::check(found, patient) {
        return;
    }
    let reading = patient.read();
    let replay = reading.replay(&patient.rules.settings);
    found.lines = Some(reading.lines);
    found.dated = Some(reading.dated);
    found.matched = Some(reading.matched);
    let bans = replay.bans.iter();
    let bans = bans.map(|ban| reading.addresses.text(ban.id).to_owned());
    found.bans = Some(bans.collect());
    found.closest = counting::closest(&reading, &replay);
    for (seen, part) in found.inputs.iter_mut().zip(&reading.parts) {
        seen.lines = Some(part.lines);
        seen.newest = part.newest;
    }
    let go_on = journal_input::check_read(found, patient, &reading)
        && stale::check(found, patient, &reading)
        && dates::check(found, patient, &reading)
        && matching::check(found, patient, &reading);
    if go_on {
        counting::check(found, patient, &reading, &replay);
        exemption::check_addresses(found, patient, &reading);
        header_address::warn(found, patient);
        exemption::ignorecommand(found, patient);
        ignoreip::warn(found, patient);
        ports::check(found, patient, &reading);
        unselected::check(found, patient, &replay);
        overrides::warn(found, patient, reading.matched);
    }
}
