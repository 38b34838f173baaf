//! From a filter and lines to verdicts: `LineFacts` (pure), `Session` (ordered), `Stats`.

pub(crate) mod address;
pub(crate) mod block;
mod dating;
pub(crate) mod dns;
pub(crate) mod facts;
pub(crate) mod filter;
pub(crate) mod fold;
mod gate;
pub(crate) mod groups;
mod lean;
pub(crate) mod line;
mod mlfid;
mod multiline;
pub(crate) mod pipeline;
mod recent;
pub(crate) mod session;
pub(crate) mod stats;
pub(crate) mod users;
pub(crate) mod worker;

pub(crate) use filter::{Filter, FilterOptions, FilterRegex, RegexError};
pub(crate) use line::RegexRole;
pub(crate) use recent::{ASKED as SESSIONS_ASKED, KEPT as SESSIONS_KEPT};
pub(crate) use session::{LineOutcome, Session};
pub(crate) use stats::Stats;
