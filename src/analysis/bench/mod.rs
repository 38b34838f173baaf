//! `f2b-regex bench`: what a filter costs, and how two filters differ.
//!
//! ```text
//! Log ─┬─ verdict ─ compare (pairing)            what changed in meaning: exact
//!      ├─ stages ─ measure (clock, units)        what it costs us: measured
//!      ├─ cost, growth                           what it costs fail2ban: counted
//!      ├─ python                                 … and measured
//!      └─ bencher ─ timing ─ BenchReport ─ table, markdown, JSON
//! ```
//!
//! Beside `check` and `run`: uses the engine. What compares (`Log`, `compare`, `revision`) is
//! `diff`'s too.

mod address_counts;
pub(crate) mod bencher;
mod captures;
pub(crate) mod clock;
mod compare;
pub(crate) mod comparison;
pub(crate) mod cost;
pub(crate) mod growth;
pub(crate) mod log;
pub(crate) mod measure;
pub(crate) mod pairing;
pub(crate) mod python;
pub(crate) mod report;
pub(crate) mod revision;
pub(crate) mod stages;
pub(crate) mod timing;
pub(crate) mod units;
pub(crate) mod verdict;

pub(crate) use bencher::Bencher;
#[cfg(test)]
pub(crate) use compare::BLOCK;
pub(crate) use compare::{compare, compare_each};
pub(crate) use log::Log;
pub(crate) use measure::Effort;
pub(crate) use timing::FilterTiming;
pub(crate) use verdict::Candidate;
