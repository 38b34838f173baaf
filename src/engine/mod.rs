//! From a filter and lines to verdicts: `Facts` (of lines alone), `Session` (in order), `Stats`.

pub(crate) mod address;
pub(crate) mod dns;
pub(crate) mod facts;
mod fifo_map;
pub(crate) mod filter;
pub(crate) mod filter_regex;
pub(crate) mod find_failure;
pub(crate) mod groups;
pub(crate) mod multiline;
pub(crate) mod pipeline;
pub(crate) mod prefilter;
mod record;
pub(crate) mod session;
mod session_table;
mod speculation;
pub(crate) mod stats;
pub(crate) mod texts;
pub(crate) mod users;
pub(crate) mod verdict;
mod verdict_groups;

pub(crate) use fifo_map::{ASKED as SESSIONS_ASKED, KEPT as SESSIONS_KEPT};
pub(crate) use filter::{Filter, FilterOptions};
pub(crate) use filter_regex::{Detail, FilterRegex, RegexError, RegexRole};
pub(crate) use session::{LineOutcome, Session};
pub(crate) use speculation::{block, worker};
pub(crate) use stats::Stats;
