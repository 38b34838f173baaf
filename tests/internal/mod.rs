//! Tests that look inside the library, compiled into it (`src/lib.rs`): `cargo test --lib parallel::`
//! runs those of one file.

mod advice;
mod compared_filters;
mod config_corpus;
mod config_dialect;
mod config_jails;
mod counts;
mod date_clock;
mod date_detector;
mod filter_set;
mod fuzz_replay;
mod jit;
mod match_guard;
mod multi_line;
mod parallel;
mod pattern_limits;
mod pattern_vectors;
mod pattern_wraps;
mod pieces;
mod quiet_logs;
mod simulate_managers;
mod unwrap;
