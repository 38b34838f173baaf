//! What the fuzz targets do with an input, so that `fuzz/` and the replay of seeds and
//! crashers (`tests/internal/fuzz_replay.rs`) run the very same functions.
//!
//! Inputs are text a person can read and write: see each target for its form. A target
//! panics where something is wrong; errors the program reports are not wrong.

pub mod config;
pub mod dates;
pub mod decompress;
pub mod journal;
pub mod lines;
pub mod machine;
pub mod regex_parser;
pub(crate) mod verdicts;

use std::path::PathBuf;

/// A target: its name, which is that of its seeds' directory, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 7] = [
    ("config", config::run),
    ("regex_parser", regex_parser::run),
    ("machine", machine::run),
    ("dates", dates::run),
    ("journal", journal::run),
    ("decompress", decompress::run),
    ("lines", lines::run),
];

/// A directory for the files of one thread's inputs, in memory where the system has such a
/// place: an input is written and read many times a second.
fn scratch_directory() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    let made = tempfile::Builder::new()
        .prefix("f2b-fuzz")
        .tempdir_in(place);
    made.expect("a temporary directory can be made")
}
