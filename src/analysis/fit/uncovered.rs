//! Lines that look like failures and that no filter knows.

use super::shapes::{Shape, Shapes};
use crate::analysis::explain::hints::address::addresses;
use aho_corasick::AhoCorasick;

/// Words of failures, in whatever case.
const WORDS: [&str; 18] = [
    "fail",
    "denied",
    "deny",
    "invalid",
    "unauthori",
    "forbidden",
    "refused",
    "reject",
    "incorrect",
    "not allowed",
    "bad password",
    "bad user",
    "wrong password",
    "unknown user",
    "illegal",
    "blocked",
    "brute",
    "attack",
];

/// Statuses of HTTP that stand for one, between blanks.
const STATUSES: [&str; 2] = [" 401 ", " 403 "];

/// Shapes kept.
const SHAPES: usize = 2000;
/// Bytes of a line that are looked at.
const BYTES: usize = 4096;

/// What nobody covers so far.
#[derive(Debug)]
pub(super) struct Uncovered {
    words: Option<AhoCorasick>,
    shapes: Shapes,
    lines: u64,
}

impl Uncovered {
    pub(super) fn new() -> Uncovered {
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(WORDS.iter().chain(&STATUSES));
        Uncovered {
            words: words.ok(),
            shapes: Shapes::new(SHAPES),
            lines: 0,
        }
    }

    /// Adds a line that no filter knows, if it looks like a failure.
    pub(super) fn add(&mut self, number: u64, line: &str) {
        let line = crate::analysis::wording::begin(line, BYTES);
        let fails = self
            .words
            .as_ref()
            .is_some_and(|words| words.is_match(line));
        if fails && !addresses(line).is_empty() {
            self.lines += 1;
            self.shapes.add(number, line);
        }
    }

    /// How many there were, and their shapes, most frequent first.
    pub(super) fn finish(self) -> (u64, Vec<Shape>) {
        (self.lines, self.shapes.finish().0)
    }
}
