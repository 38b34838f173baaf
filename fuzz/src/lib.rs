//! The bodies of the targets, which `tests/fuzz_replay.rs` runs as well.

#[path = "../../tests/fuzzing/mod.rs"]
mod fuzzing;

pub use fuzzing::*;
