//! Random patterns, and what tests of the regex engine compare. Not every test uses all of it.
#![allow(dead_code)]

use crate::pattern::Match;
use proptest::prelude::*;

/// The spans of a match's groups.
pub(crate) fn spans(found: Option<Match>, groups: usize) -> Option<Vec<Option<(usize, usize)>>> {
    found.map(|found| (0..=groups).map(|group| found.span(group)).collect())
}

/// Pieces of patterns: runs that end where they must, runs that give back, anchors at both
/// ends, lookarounds, backreferences, conditionals, loops over groups.
pub(crate) fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(
        [
            "a",
            "b",
            "1",
            " ",
            ":",
            "ab",
            "\\.",
            "[ab]",
            "[^ ]",
            "\\w",
            "\\d",
            "\\s",
            "é",
            ".",
            "\\S+ ",
            "\\d+:",
            "\\d{1,3}\\.",
            "\\d{0,3}",
            "[0-9]{1,5}",
            "[ab]{1,7}b",
            "\\S+",
            "[^b]+",
            "[ab]*",
            "a{2,4}1",
            "\\w+",
            ".*",
            ".*?",
            "\\S+?",
            "[^:]+",
            "[^:]+ ab",
            "\\d{2,}",
            "a*+",
            "(?>\\d+)",
            "(?:a|b1| )",
            "(?:ab|a)?",
            "(?:\\d+\\.){3}",
            "(?:[ab]{1,2}:){1,3}",
            "(?:a?)*",
            "(?: (?:a \\d+|b \\S+)){0,2}",
            "(?!b)",
            "(?<!a)",
            "(?<=\\d)",
            "(?=1)",
            "\\b",
            "\\B",
            "(\\w)",
            "(\\d+)",
            "(a)?",
            "([ab]+) ",
            "(?:(?! a).)*",
            "(?P=x)",
            "(?(x)a|b)",
            "(?i:A)",
            "$",
            "\\Z",
            "^",
            "(?:\\w:)*+",
        ]
        .map(str::to_string)
        .to_vec(),
    )
}

/// Quick in the suite; `PROPTEST_CASES=1000000 cargo test --lib jit::` takes minutes.
pub(crate) fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|n| n.parse().ok()).unwrap_or(3000)
}
