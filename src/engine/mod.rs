//! From a filter and lines to verdicts: `LineFacts` (pure), `Session` (ordered), `Stats`.

pub mod address;
pub mod block;
mod dating;
pub mod dns;
pub mod facts;
pub mod filter;
pub mod fold;
mod gate;
pub mod groups;
mod lean;
pub mod line;
mod mlfid;
mod multiline;
pub mod pipeline;
mod recent;
pub mod session;
pub mod stats;
pub mod users;
pub mod worker;

pub use filter::{Filter, FilterOptions, FilterRegex, RegexError};
pub use line::{LineFacts, RegexRole};
pub use recent::{ASKED as SESSIONS_ASKED, KEPT as SESSIONS_KEPT, SessionStart};
pub use session::{LineOutcome, Session};
pub use stats::Stats;
