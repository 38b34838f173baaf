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

pub mod arithmetic;
pub mod banmanager;
pub mod collector;
pub mod duration;
pub mod failmanager;
pub mod ignoreip;
pub mod increment;
pub mod jail;
pub mod replay;
pub mod sweep;
pub mod timeline;

pub use banmanager::{Ban, BanManager};
pub use collector::{Addresses, Collector, Row, Standing};
pub use failmanager::{FailManager, Failures};
pub use ignoreip::Ignores;
pub use increment::{BanHistory, BanIncrement};
pub use jail::{Event, JailState, Settings};
pub use replay::{BanRecord, JailInput, Replay, Tally, replay};
pub use sweep::Sweep;
pub use timeline::Timeline;

/// Where a failure was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Place {
    /// Index of the log, from 0.
    pub log: u32,
    /// Number of the line in it, from 1.
    pub line: u32,
}

/// Who failed: an address or another failure id, by its number in [`Addresses`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressId(pub u32);

impl AddressId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// One failure: what fail2ban's filter makes a `FailTicket` of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ticket {
    /// Who failed.
    pub id: AddressId,
    /// When, epoch seconds.
    pub time: f64,
    /// Failures the ticket says it stands for (`failures`); 0 where it says nothing and
    /// counts once.
    pub attempts: i64,
    /// The line.
    pub place: Place,
}
