//! From a filter and lines to verdicts: `LineFacts` (pure), `Session` (ordered), `Stats`.

pub mod address;
pub mod dns;
pub mod filter;
pub mod groups;
pub mod line;
pub mod facts;
mod gate;
mod mlfid;
mod multiline;
pub mod session;
pub mod stats;

pub use filter::{Filter, FilterOptions, FilterRegex, RegexError};
pub use line::{LineFacts, RegexRole};
pub use session::{LineOutcome, Session};
pub use stats::Stats;
