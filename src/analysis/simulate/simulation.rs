//! All that a simulation shows, as one value.

use super::sweep::{Cell, Sweep};
use super::{Addresses, Collector, Replay, Settings, Ticket};
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
}

impl SimulatedJail {
    /// The failures in order of time: those found in logs, or those made of others' bans.
    pub(crate) fn tickets<'t>(&'t self, number: usize, replay: &'t Replay) -> &'t [Ticket] {
        if self.fed {
            replay.fed.get(number).map_or(&[], Vec::as_slice)
        } else {
            &self.collector.tickets
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
