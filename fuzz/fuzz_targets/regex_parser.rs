//! See `tests/internal/fuzzing/regex_parser.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| f2b_regex_fuzz::regex_parser::run(data));
