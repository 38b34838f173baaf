//! A journalmatch with a unit that other distributions call by another name.
//!
//! `_SYSTEMD_UNIT=sshd.service` finds nothing on Debian, where the unit is `ssh.service`: the
//! jail starts, reads nothing and bans nobody. Name both, with `+` between them, or match
//! `_COMM`, which is the same everywhere.
//!
//! ```text
//! journalmatch = _SYSTEMD_UNIT=sshd.service                                    bad
//! journalmatch = _SYSTEMD_UNIT=sshd.service + _SYSTEMD_UNIT=ssh.service        good
//! journalmatch = _SYSTEMD_UNIT=sshd.service + _COMM=sshd                       good
//! ```

use super::Subject;
use crate::analysis::unit_names;
use crate::config::Setting;
use std::collections::HashSet;

pub(super) fn check(subject: &mut Subject) {
    let mut told = HashSet::new();
    for set in subject.sets.clone() {
        for setting in &set.source.settings {
            let Setting::Journalmatch(words, Some(origin)) = setting else {
                continue;
            };
            // another way to find the entries: the unit's name matters less
            if words
                .iter()
                .any(|word| word.starts_with("_COMM=") || word.starts_with("SYSLOG_"))
            {
                continue;
            }
            let units: Vec<&str> = words
                .iter()
                .filter_map(|word| word.strip_prefix("_SYSTEMD_UNIT="))
                .collect();
            for unit in &units {
                let name = unit.strip_suffix(".service").unwrap_or(unit);
                let Some(same) = unit_names::of_service(name) else {
                    continue;
                };
                let named = |other: &str| {
                    units
                        .iter()
                        .any(|u| u.trim_end_matches(".service") == other)
                };
                let missing: Vec<&str> =
                    same.iter().copied().filter(|other| !named(other)).collect();
                let place = (&*origin.file, origin.line);
                if missing.is_empty() || !told.insert((origin.file.clone(), origin.line)) {
                    continue;
                }
                let message = format!(
                    "journalmatch: {unit} is called {} elsewhere",
                    missing.join(" or ")
                );
                let help = "name these units too, with + between them, or match _COMM";
                subject.report_line(place, Some(unit), (message, "", help));
            }
        }
    }
}
