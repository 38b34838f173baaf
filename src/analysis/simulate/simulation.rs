//! All that a simulation shows, as one value.

use super::sweep::{Cell, Sweep};
use super::{Addresses, Collector, Replay, Settings, Tickets};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was read of a log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct LogRead {
    /// As messages name it.
    pub(crate) name: String,
    /// Its lines.
    pub(crate) lines: u64,
    /// Its bytes.
    pub(crate) bytes: u64,
    /// Places that were not valid in the encoding.
    pub(crate) invalid: u64,
}

/// A jail, its failures collected.
pub(crate) struct SimulatedJail {
    /// The jail, or the filter or regex where there is none.
    pub(crate) name: String,
    /// There is a jail of that name.
    pub(crate) is_jail: bool,
    /// Its rules.
    pub(crate) settings: Settings,
    /// Where these come from, as `file:line`; absent: a default.
    pub(crate) sources: BTreeMap<&'static str, String>,
    /// What it found.
    pub(crate) collector: Collector,
    /// It reads the bans of the others in place of a log.
    pub(crate) fed: bool,
    /// Where its failregexes are written, as `file:line`.
    pub(crate) regexes: Vec<Option<String>>,
}

impl SimulatedJail {
    /// The failures in order of time: those found in logs, or those made of others' bans.
    pub(crate) fn tickets<'t>(&'t self, number: usize, replay: &'t Replay) -> &'t Tickets {
        match replay.fed.get(number) {
            Some(fed) if self.fed => fed,
            _ => &self.collector.tickets,
        }
    }
}

/// The whole of it.
pub(crate) struct Simulation {
    /// The logs.
    pub(crate) logs: Vec<LogRead>,
    /// The jails.
    pub(crate) jails: Vec<SimulatedJail>,
    /// The addresses of all jails.
    pub(crate) addresses: Addresses,
    /// What happened.
    pub(crate) replay: Replay,
    /// Other settings tried, of the one jail there is then, and what came of them.
    pub(crate) sweep: Option<(Sweep, Vec<Cell>)>,
    /// What looks wrong.
    pub(crate) warnings: Vec<String>,
}

/// The sums of a jail.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Totals {
    /// Failures that count.
    pub(crate) failures: u64,
    /// Failures of addresses that do not count.
    pub(crate) not_counted: u64,
    /// Failures without a time, not counted.
    pub(crate) undated: u64,
    /// Lines an ignoreregex took back.
    pub(crate) ignored_lines: u64,
    /// Bans made.
    pub(crate) bans: u64,
    /// Of how many addresses.
    pub(crate) banned_addresses: u64,
    /// Failures that came while their address was banned.
    pub(crate) failures_while_banned: u64,
}

impl Simulation {
    /// The sums of the jail of that number.
    pub(crate) fn totals(&self, number: usize) -> Totals {
        let collector = &self.jails[number].collector;
        let tallies = || self.replay.addresses(number).map(|(_, tally)| tally);
        Totals {
            failures: tallies().map(|tally| tally.hits).sum(),
            not_counted: collector.dropped.values().map(|all| all.hits).sum(),
            undated: collector.undated,
            ignored_lines: collector.ignored_lines,
            bans: self
                .replay
                .bans
                .iter()
                .filter(|ban| ban.jail == number)
                .count() as u64,
            banned_addresses: tallies().filter(|tally| tally.bans > 0).count() as u64,
            failures_while_banned: tallies().map(|tally| tally.prevented).sum(),
        }
    }
}
