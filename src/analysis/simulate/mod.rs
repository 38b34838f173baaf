//! Who would be banned, when, and why not: the failures a filter finds, replayed through
//! fail2ban's own rules. Knows nothing of files, terminals or pictures.
//!
//! ```text
//! LineOutcome ─> Collector ─> Ticket ─> replay ─> Replay        per jail and address
//!                 │ Ignores               │
//!                 └ Addresses             └ JailState: FailManager ─> BanManager
//!                                                      └ BanHistory (bantime.increment)
//! ```
//!
//! The managers are upstream's, rule for rule; what a server leaves to chance is settled
//! in [`jail`]. [`sweep`] replays the same tickets under many settings.

pub(crate) mod arithmetic;
pub(crate) mod banmanager;
pub(crate) mod collector;
pub(crate) mod duration;
pub(crate) mod failmanager;
pub(crate) mod ignoreip;
pub(crate) mod increment;
pub(crate) mod jail;
pub(crate) mod replay;
mod simulation;
pub(crate) mod sweep;
mod tickets;
pub(crate) mod timeline;

pub(crate) use banmanager::BanManager;
pub(crate) use collector::{Addresses, Collector, Standing};
pub(crate) use failmanager::{FailManager, Failures};
pub(crate) use ignoreip::Ignores;
pub(crate) use increment::{BanHistory, BanIncrement};
pub(crate) use jail::Settings;
pub(crate) use replay::{BanRecord, JailInput, Replay, Tally, replay};
pub(crate) use simulation::{LogRead, SimulatedJail, Simulation, Totals};
pub(crate) use sweep::Sweep;
pub(crate) use tickets::Tickets;
pub(crate) use timeline::Timeline;

/// Where a failure was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub(crate) struct Place {
    /// Index of the log, from 0.
    pub(crate) log: u32,
    /// Number of the line in it, from 1.
    pub(crate) line: u32,
}

/// Who failed: an address or another failure id, by its number in [`Addresses`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct AddressId(pub(crate) u32);

impl AddressId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// One failure: what fail2ban's filter makes a `FailTicket` of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ticket {
    /// Who failed.
    pub(crate) id: AddressId,
    /// When, epoch seconds.
    pub(crate) time: f64,
    /// Failures the ticket says it stands for (`failures`); 0 where it says nothing and
    /// counts once.
    pub(crate) attempts: i64,
    /// The line.
    pub(crate) place: Place,
}
