//! Words by which a log tells that somebody failed, or that all went well. Not for verdicts:
//! a hint that would make the success of a user count is not given.

use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Parts of words that tell of a failure, in lower case.
const FAILURE: [&str; 51] = [
    "fail",
    "invalid",
    "denied",
    "deny",
    "error",
    "reject",
    "refus",
    "wrong",
    "bad ",
    "unauthor",
    "unknown",
    "not found",
    "no such",
    "illegal",
    "abus",
    "attack",
    "forbid",
    "incorrect",
    "mismatch",
    "banned",
    "spam",
    "unable",
    "exceed",
    "limit",
    "probe",
    "scan",
    "intru",
    "attempt",
    "not allowed",
    "unsuccess",
    "break-in",
    "violat",
    "warn",
    "unexpected",
    "not permit",
    "not author",
    "negotiat",
    "timeout",
    "too many",
    "blocked",
    "malformed",
    "missing",
    "non-existent",
    "not exist",
    "disallow",
    "suspicious",
    "hack",
    "flood",
    "no auth",
    "preauth",
    "locked",
];

/// Words that tell of a success.
const SUCCESS: [&str; 20] = [
    "accepted",
    "success",
    "succeeded",
    "granted",
    "logged in",
    "login ok",
    "welcome",
    "passed",
    "authenticated",
    "allowed",
    "authorized",
    "connected",
    "opened",
    "login:",
    "right",
    "ok for",
    "permitted",
    "log in from",
    "login of",
    "logged on",
];

/// Words that tell of somebody who was turned away, whatever level a line is of.
const REFUSAL: [&str; 11] = [
    "fail",
    "invalid",
    "denied",
    "refused",
    "unauthorized",
    "not found",
    "bad password",
    "incorrect",
    "mismatch",
    "wrong",
    "reject",
];

static FAILURE_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&FAILURE));
static SUCCESS_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&SUCCESS));
static REFUSAL_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&REFUSAL));

/// One look for all of them, whatever their case.
fn automaton(words: &[&str]) -> AhoCorasick {
    let mut builder = AhoCorasick::builder();
    let built = builder.ascii_case_insensitive(true).build(words);
    built.expect("they are few")
}

/// Whether a line tells of a failure.
pub(crate) fn tells_failure(line: &str) -> bool {
    FAILURE_WORDS.is_match(line)
}

/// Whether a line tells of somebody who was turned away.
pub(crate) fn tells_refusal(line: &str) -> bool {
    REFUSAL_WORDS.is_match(line)
}

/// Whether a line tells of nothing but a success; who is disconnected is not connected.
pub(super) fn tells_success(line: &str) -> bool {
    let begins = |at: usize| !line[..at].ends_with(char::is_alphabetic);
    let mut words = SUCCESS_WORDS.find_overlapping_iter(line);
    words.any(|word| begins(word.start())) && !tells_failure(line)
}

/// Whether a word or a key says that the address is the service's own, or one behind it.
pub(super) fn names_server(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "server", "local", "dest", "dst", "target", "upstream", "backend", "listen", "bind",
        "proxy", "gateway", "node", "lip", "laddr",
    ];
    let word = word.to_lowercase();
    word == "to" || WORDS.iter().any(|known| word.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_and_failure_are_told_apart() {
        assert!(tells_success("Accepted publickey for anna"));
        assert!(!tells_success("Failed password: not accepted"));
        assert!(tells_failure("Login FAILED"));
        assert!(!tells_failure("session opened"));
        assert!(tells_success("client connected from"));
        assert!(!tells_success("client disconnected"));
    }
}
