//! What a record and a simulation say together, as values.

use super::reason::{Deviation, Reason};
use super::runs::Down;
use crate::analysis::simulate::Place;

/// What a record and a simulation say together.
pub(crate) struct Comparison {
    /// The jails of the simulation.
    pub(crate) jails: Vec<JailComparison>,
    /// Jails of the record that were not simulated, with their bans.
    pub(crate) others: Vec<(String, u64)>,
    /// Times in which no server ran.
    pub(crate) downs: Vec<Down>,
    /// Some deviations were not looked into: it would have taken too long.
    pub(crate) cut: bool,
}

/// A jail of both.
#[derive(Clone, Debug, Default)]
pub(crate) struct JailComparison {
    /// Its name.
    pub(crate) name: String,
    /// The record knows it.
    pub(crate) known: bool,
    /// What is compared, epoch seconds: what both the log and the record have.
    pub(crate) window: Option<(f64, f64)>,
    /// Bans the rules lead to in it.
    pub(crate) expected: u64,
    /// Bans the server made in it.
    pub(crate) actual: u64,
    /// Bans of both.
    pub(crate) agreed: u64,
    /// Bans that were restored at a start.
    pub(crate) restored: u64,
    /// Bans of either side outside of it: of the rules, of the server.
    pub(crate) outside: (u64, u64),
    /// Some of the server's are older than the log.
    pub(crate) older: bool,
    /// Failures of both, of the server only, of the log only; None where the record has none.
    pub(crate) failures: Option<Failures>,
    /// What differs, in order of time.
    pub(crate) deviations: Vec<Deviation>,
    /// Logs that the jail reads, by the record.
    pub(crate) reads: Vec<String>,
}

/// Failures beside those the server noted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Failures {
    /// Of both.
    pub(crate) both: u64,
    /// Noted by the server, and not in the log.
    pub(crate) server: u64,
    /// The first of them.
    pub(crate) first_server: Option<Place>,
    /// In the log, and not noted.
    pub(crate) log: u64,
    /// The first of them.
    pub(crate) first_log: Option<Place>,
}

impl JailComparison {
    /// How many deviations have a reason, and how many have none.
    pub(crate) fn explained(&self) -> (usize, usize) {
        let none = |deviation: &&Deviation| deviation.reason == Reason::Unexplained;
        let unexplained = self.deviations.iter().filter(none).count();
        (self.deviations.len() - unexplained, unexplained)
    }
}
