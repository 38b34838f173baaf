//! See `tests/internal/fuzzing/lines.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| f2b_regex_fuzz::lines::run(data));
