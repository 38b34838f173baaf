//! See `tests/internal/fuzzing/decompress.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| f2b_regex_fuzz::decompress::run(data));
