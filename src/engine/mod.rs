//! From a filter and lines to verdicts: `Facts` (of lines alone), `Session` (in order), `Stats`.
//!
//! A line is a `LineFact` while only its regexes have been tried, a `BlockLine` with its date
//! beside that, a `LineOutcome` once the session has judged it, a `LineVerdict` with its text
//! and number where somebody receives it. A date is a `Probe` of a template and its `Answer`, a
//! `date::Found` with its groups, a `DateMatch` with its template, a `DateFact` once it is read,
//! and a `DateCut` where it is cut out of its line.
//!
//! `find_failure` has the order in which the regexes are searched, `speculation` what threads
//! may do before the lines in front of theirs are judged, `pipeline` the threads.

pub(crate) mod adaptive_prefilter;
pub(crate) mod address;
pub(crate) mod address_stats;
pub(crate) mod buffer_texts;
pub(crate) mod builder;
pub(crate) mod dns;
pub(crate) mod facts;
mod fifo_map;
pub(crate) mod filter;
pub(crate) mod filter_regex;
pub(crate) mod filter_set;
pub(crate) mod find_failure;
pub(crate) mod groups;
pub(crate) mod line_buffer;
mod line_fact;
mod line_memo;
mod line_search;
pub(crate) mod multiline;
pub(crate) mod pipeline;
pub(crate) mod prefilter;
mod prefilter_state;
mod record;
mod regex_cache;
mod required;
pub(crate) mod session;
mod session_table;
mod settled_lines;
mod speculation;
pub(crate) mod stats;
mod text_automaton;
mod text_checks;
mod text_masks;
pub(crate) mod texts;
mod texts_ahead;
pub(crate) mod users;
pub(crate) mod verdict;
mod verdict_groups;
pub(crate) mod verdict_sink;

pub(crate) use fifo_map::{ASKED as SESSIONS_ASKED, KEPT as SESSIONS_KEPT};
pub(crate) use filter::{Filter, FilterOptions};
pub(crate) use filter_regex::{Detail, FilterRegex, RegexError, RegexRole};
pub(crate) use session::{LineOutcome, Session};
pub(crate) use speculation::{block, worker};
pub(crate) use stats::Stats;
pub use verdict::Verdict;
