//! fail2ban's filters, run exactly as fail2ban runs them.
//!
//! A [`Filter`] is loaded as fail2ban loads it, or made of a failregex, and judges text:
//!
//! ```
//! let filter = f2b_regex::Filter::of_failregex(r"Failed \S+ for .* from <HOST> port \d+")?;
//! let log = "Nov 20 03:14:07 gate sshd[2101]: Failed password for root from 203.0.113.7 port 5";
//! // November 2026: the line names no year
//! let analysis = filter.at(1_795_176_000.0).analyze(log);
//! assert_eq!(analysis.matched, 1);
//! # Ok::<(), f2b_regex::Error>(())
//! ```
//!
//! What is shown on these pages is kept by the rules of semantic versioning. The modules that the
//! program `f2b-regex` is made of can be used, too, but are hidden, and change in any version
//! (`RUSTDOCFLAGS="--cfg all_docs" cargo doc` shows them).

#![deny(missing_docs)]

mod api;

#[cfg_attr(not(all_docs), doc(hidden))]
pub mod bench;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod check;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod config;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod date;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod engine;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod explain;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod input;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod merge;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod pattern;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod python;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod report;
#[cfg_attr(not(all_docs), doc(hidden))]
pub mod simulate;

pub use api::{Analysis, Error, Failure, Filter, Line, Verdict};
