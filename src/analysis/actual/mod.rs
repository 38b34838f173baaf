//! What a fail2ban server really did, by its own log or its database, beside what the rules say it
//! should have done. Knows nothing of terminals.
//!
//! ```text
//! fail2ban.log     ─ message ─ log ──────┐
//! fail2ban.sqlite3 ─ database ───────────┴─> Record
//! Record + Simulation ─ sides ─ compare ─> Comparison    bans of both sides aligned, jail by jail
//!                                └ reasons ─ case        what differs, and what may be why
//!                                    └ course            replayed with it
//! ```
//!
//! A reason is given where a replay with it, of the failures of the address, leads to the bans that
//! the server made; else the deviation stays unexplained.

mod align;
mod case;
mod compare;
pub(crate) mod comparison;
mod course;
pub(crate) mod database;
pub(crate) mod geo;
pub(crate) mod history;
pub(crate) mod log;
mod message;
pub(crate) mod reason;
mod reasons;
pub(crate) mod record;
pub(crate) mod runs;
mod sides;
mod sighting;
pub(crate) mod story;

pub(crate) use compare::compare;
pub(crate) use comparison::{Comparison, JailComparison};
pub(crate) use reason::{Deviation, Reason, Side};
pub(crate) use record::Record;
