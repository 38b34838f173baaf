//! From a filter and lines to verdicts: `LineFacts` (pure), `Session` (ordered), `Stats`.

pub(crate) mod address;
pub(crate) mod block;
pub(crate) mod builder;
mod date_finder;
pub(crate) mod dns;
pub(crate) mod facts;
mod fifo_map;
pub(crate) mod filter;
pub(crate) mod fold;
pub(crate) mod groups;
pub(crate) mod line;
mod mlfid;
mod multiline;
pub(crate) mod pipeline;
mod prefilter;
pub(crate) mod session;
pub(crate) mod stats;
pub(crate) mod users;
mod verdict_groups;
pub(crate) mod worker;

pub(crate) use fifo_map::{ASKED as SESSIONS_ASKED, KEPT as SESSIONS_KEPT};
pub(crate) use filter::{Filter, FilterOptions, FilterRegex, RegexError};
pub(crate) use line::RegexRole;
pub(crate) use session::{LineOutcome, Session};
pub(crate) use stats::Stats;
