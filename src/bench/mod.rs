//! `f2b-regex bench`: what a filter costs, and how two filters differ.
//!
//! ```text
//! Log ─┬─ verdict ─ compare (pairing)      what changed in meaning: exact
//!      └─ BenchReport ─ table, markdown, JSON
//! ```
//!
//! Stands beside `report` and `check`: uses the engine, is used by the command line only.

pub mod compare;
pub mod log;
pub mod markdown;
pub mod pairing;
pub mod report;
pub mod revision;
pub mod table;
pub mod verdict;

pub use compare::{Comparison, compare};
pub use log::Log;
pub use report::BenchReport;
pub use verdict::Candidate;
