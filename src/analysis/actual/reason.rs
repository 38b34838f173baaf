//! Why the server's bans of an address are not those of the rules, as values.

use super::runs::{Down, OtherSetting};
use crate::analysis::simulate::{AddressId, Place};

/// A ban that only one side has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    /// The server banned though the rules say no.
    Extra,
    /// It did not though they say yes.
    Missing,
    /// It did at another time.
    Shifted,
}

/// Something the server did otherwise than the rules say.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Deviation {
    /// What.
    pub(crate) side: Side,
    /// Who.
    pub(crate) id: AddressId,
    /// When: of the ban, or of the failure that should have led to it; epoch seconds.
    pub(crate) time: f64,
    /// Where the record has the ban.
    pub(crate) logged: Option<Place>,
    /// The last of the failures that should have led to it, in the jail's log.
    pub(crate) line: Option<Place>,
    /// Why.
    pub(crate) reason: Reason,
}

/// Why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reason {
    /// Banned by hand: the server noted no failure before it, or so few.
    ByHand(usize),
    /// A ban by hand was in force.
    BannedByHand(Place),
    /// Its ban had ended before its time: it was lifted by hand.
    LiftedByHand(Place),
    /// The same, where the record does not tell of bantime: it may have been less.
    EndedEarly(Place),
    /// Its ban ended between the failure and the reading of its line.
    EndedMeanwhile(Place),
    /// The server did not run when the failures were logged.
    Down(Down),
    /// The server was started anew amid the failures: it counts from nothing then.
    Restarted(Down),
    /// The server ignored the address; the line about the first failure ignored.
    IgnoredThen(Place),
    /// The address is ignored now; the entry.
    IgnoredNow(String),
    /// An option was another.
    Setting(OtherSetting),
    /// The ban came of fewer failures than are needed now.
    FewerFailures {
        /// How many.
        then: i64,
        /// What maxretry is.
        now: i64,
        /// The failures are those of the ban, by the database: it was none by hand.
        sure: bool,
    },
    /// The log was rotated before its last lines were read; the first line of the next file.
    Rotated(Place),
    /// The log's times are not those of the server, by so many seconds.
    Clock(f64),
    /// The log and the record have next to no failure in common: the log is not the one that the
    /// jail reads. Where it has the name of that one, its filter may have been another.
    OtherLog {
        /// It has.
        same_name: bool,
    },
    /// The server noted failures that the log has not.
    OnlyServer {
        /// The first of them.
        first: Place,
        /// The log has some under host names, which are not resolved.
        names: bool,
    },
    /// The server noted none of the failures, though it ran.
    NotNoted,
    /// None of these.
    Unexplained,
}
