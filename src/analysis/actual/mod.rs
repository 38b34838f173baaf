//! What a fail2ban server really did, by its own log or its database, beside what the rules say it
//! should have done. Knows nothing of terminals.
//!
//! ```text
//! fail2ban.log     ─ message ─ log ──────┐
//! fail2ban.sqlite3 ─ database ───────────┴─> Record
//! Record + Simulation ─ compare ─> Comparison      bans of both sides aligned, jail by jail
//!                        └ reasons ─ course        what differs, replayed with what the record says
//! ```
//!
//! A reason is given where a replay with it, of the failures of the address, leads to the bans that
//! the server made; else the deviation stays unexplained.

pub(crate) mod align;
pub(crate) mod compare;
mod course;
pub(crate) mod database;
pub(crate) mod geo;
pub(crate) mod history;
pub(crate) mod log;
mod message;
pub(crate) mod reasons;
pub(crate) mod record;
pub(crate) mod runs;
mod sighting;
pub(crate) mod story;

pub(crate) use compare::{Comparison, JailComparison, compare};
pub(crate) use reasons::{Deviation, Reason, Side};
pub(crate) use record::Record;
