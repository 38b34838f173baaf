//! See `tests/internal/fuzzing/journal.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| f2b_regex_fuzz::journal::run(data));
