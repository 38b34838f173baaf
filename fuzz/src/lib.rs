//! The bodies of the targets, which `tests/internal/fuzz_replay.rs` runs as well.

pub use f2b_regex::fuzzing::*;
