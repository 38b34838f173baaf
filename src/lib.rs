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
//! A [`Session`] takes a log as it comes, piece by piece, and says what looks wrong with its lines and
//! what would help.
//!
//! The feature `cli`, which is on by default, is the program: `default-features = false` leaves it out,
//! with what only it needs (clap, plotters, comfy-table and others).
//!
//! What is shown on these pages is kept by the rules of semantic versioning. The program
//! `f2b-regex` is made of the same modules, and is called by `program`; docs/ARCHITECTURE.md
//! tells what is where.

#![deny(missing_docs)]
// much of the modules is only asked for by the program
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]

mod analysis;
mod api;
#[cfg(feature = "cli")]
mod cli;
mod config;
mod date;
mod engine;
mod files;
mod input;
mod pattern;
mod python;
#[cfg(feature = "cli")]
mod report;
mod work;

pub use api::{Analysis, Counts, Error, Failure, Filter, Hint, Line, Session, Verdict, Warning};

/// The program `f2b-regex`: reads its arguments from the process, and says how it ended.
#[cfg(feature = "cli")]
pub fn program() -> std::process::ExitCode {
    cli::run()
}

/// What the fuzz targets in `fuzz/` run.
#[cfg(any(all(test, feature = "cli"), feature = "internals"))]
#[path = "../tests/internal/fuzzing/mod.rs"]
#[allow(missing_docs, unreachable_pub)]
pub mod fuzzing;

/// What the benchmarks in `benches/` time.
#[cfg(feature = "internals")]
#[path = "../benches/inside.rs"]
pub mod inside;

/// Tests of the whole that look inside: recorded vectors, properties, the replay of fuzz seeds.
#[cfg(all(test, feature = "cli"))]
#[path = "../tests/internal/mod.rs"]
#[allow(unreachable_pub)]
mod internal_tests;
