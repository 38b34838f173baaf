//! All tests of the whole, in one program: one link instead of thirty.
//!
//! A file tests what its name says. `cargo test --test suite check::` runs one file's.

mod bench_compare;
mod bench_cost;
mod check;
mod check_formats;
mod config_corpus;
mod config_dialect;
mod contrib;
mod crash;
mod date_clock;
mod date_detector;
mod documentation;
mod explain;
mod explain_hints;
mod fuzz_replay;
mod fuzzing;
mod golden;
mod hostile;
mod input_kinds;
mod likeness;
mod main_job;
mod manual;
mod merge;
mod native;
mod parallel;
mod pattern_limits;
mod pattern_vectors;
mod pattern_wraps;
mod pieces;
mod recorded;
mod schema;
mod simulate;
mod simulate_managers;
mod terminal;
mod util;
