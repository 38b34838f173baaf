//! The bodies of the targets, which `tests/suite/fuzz_replay.rs` runs as well.

#[path = "../../tests/suite/fuzzing/mod.rs"]
mod fuzzing;

pub use fuzzing::*;
