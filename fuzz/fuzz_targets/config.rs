//! See `tests/internal/fuzzing/config.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| f2b_regex_fuzz::config::run(data));
