//! See `tests/internal/fuzzing/machine.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| f2b_regex_fuzz::machine::run(data));
