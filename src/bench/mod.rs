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
//! Stands beside `report` and `check`: uses the engine, is used by the command line only.

pub mod bencher;
pub mod clock;
pub mod compare;
pub mod cost;
pub mod cost_table;
pub mod growth;
pub mod log;
pub mod markdown;
pub mod measure;
pub mod pairing;
pub mod python;
pub mod report;
pub mod revision;
pub mod stages;
pub mod table;
pub mod timing;
pub mod units;
pub mod verdict;

pub use bencher::Bencher;
pub use compare::{Comparison, compare};
pub use log::Log;
pub use measure::Effort;
pub use report::BenchReport;
pub use timing::FilterTiming;
pub use verdict::Candidate;
