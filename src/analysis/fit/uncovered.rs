//! Lines that look like failures and that no filter knows.

use super::shapes::{self, Shape, Shapes};
use crate::analysis::explain::hints::address::addresses;
use aho_corasick::AhoCorasick;

/// Words of failures, in whatever case.
const WORDS: [&str; 22] = [
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
    "unsuccess",
    "login_error",
    "_not_found",
    "not have worked",
];

/// Statuses of HTTP that stand for one.
const STATUSES: [&str; 2] = ["401", "403"];

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
            .build(WORDS);
        Uncovered {
            words: words.ok(),
            shapes: Shapes::new(SHAPES),
            lines: 0,
        }
    }

    /// Adds a line that no filter knows, if it looks like a failure.
    pub(super) fn add(&mut self, number: u64, line: &str) {
        let line = crate::analysis::wording::begin(line, BYTES);
        let says = self
            .words
            .as_ref()
            .is_some_and(|words| words.is_match(line));
        if (says || has_status(line)) && !addresses(line).is_empty() {
            self.lines += 1;
            let words: Vec<&str> = match line.starts_with('{') {
                true => shapes::fields(line).take(shapes::WORDS).collect(),
                false => shapes::words(line).take(shapes::WORDS).collect(),
            };
            self.shapes.add_words(number, line, &words);
        }
    }

    /// How many there were, and their shapes, most frequent first.
    pub(super) fn finish(self) -> (u64, Vec<Shape>) {
        (self.lines, self.shapes.finish().0)
    }
}

/// Whether a line has a status of HTTP that stands for a failure: between blanks, or as the value of
/// a key that says what it is.
fn has_status(line: &str) -> bool {
    let statuses = STATUSES
        .iter()
        .flat_map(|status| line.match_indices(status));
    let mut places = statuses.map(|(at, status)| (&line[..at], &line[at + status.len()..]));
    places.any(|(before, behind)| {
        let key = before.trim_end_matches(['"', ' ', '=', ':']);
        let is_key = key.len() < before.trim_end_matches('"').len() && {
            let name = key
                .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            let name = name.unwrap_or_default().to_ascii_lowercase();
            name.ends_with("status") || name.ends_with("code")
        };
        let is_whole = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '.');
        is_whole && (is_key || before.ends_with(' ') && behind.starts_with(' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_those_of_http() {
        for line in [
            "\"GET / HTTP/1.1\" 401 17",
            "path=/login status=401 remote_addr=192.0.2.1",
            r#"{"DownstreamStatus":403,"x":1}"#,
            r#"{"http_code": 401}"#,
        ] {
            assert!(has_status(line), "{line}");
        }
        for line in [
            "port=401",
            r#"{"bytes":401}"#,
            "status=4010",
            "401",
            "x.403 y",
        ] {
            assert!(!has_status(line), "{line}");
        }
    }
}
