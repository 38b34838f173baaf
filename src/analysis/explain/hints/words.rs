//! Words by which a log tells that somebody failed, or that all went well. Not for verdicts:
//! a hint that would make the success of a user count is not given.

use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Parts of words that tell of a failure, in lower case.
const FAILURE: [&str; 53] = [
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
    "n't match",
    "not match",
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
const REFUSAL: [&str; 13] = [
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
    "n't match",
    "not match",
];

/// Words that what is left of a regex must have for lines to be told by it, and letters of each.
const TELLING_WORDS: usize = 2;
const LETTERS: usize = 3;

/// Whether a part of a regex has words enough for lines to be told by it.
pub(super) fn is_told_by_words(source: &str) -> bool {
    let words = source.split(|c: char| !c.is_alphabetic());
    words.filter(|word| word.len() >= LETTERS).count() >= TELLING_WORDS
}

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

/// Whether a line tells of nothing but a success; who is disconnected is not connected, and
/// `success=false` is none.
pub(super) fn tells_success(line: &str) -> bool {
    let begins = |at: usize| !line[..at].ends_with(char::is_alphabetic);
    let is_denied = |at: usize| {
        let value = line[at..].trim_start_matches(['"', '\'']);
        let value = value.strip_prefix(['=', ':']).unwrap_or_default();
        let value = value.trim_start_matches(['"', '\'', ' ']).to_lowercase();
        let no = ["false", "no", "0"].iter();
        no.filter_map(|no| value.strip_prefix(no))
            .any(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    let mut words = SUCCESS_WORDS.find_overlapping_iter(line);
    words.any(|word| begins(word.start()) && !is_denied(word.end())) && !tells_failure(line)
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

/// What one word of a line tells of how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// Somebody was turned away.
    Failure,
    /// All went well.
    Success,
    /// A level from a warning on.
    Grave,
    /// A level below.
    Mild,
}

/// What words begin with that tell of somebody who was turned away.
const FAILING: [&str; 23] = [
    "fail",
    "denied",
    "deny",
    "denial",
    "refus",
    "reject",
    "invalid",
    "wrong",
    "incorrect",
    "unauth",
    "forbid",
    "blocked",
    "banned",
    "locked",
    "timeout",
    "abort",
    "dropped",
    "mismatch",
    "expired",
    "disallow",
    "illegal",
    "unsuccess",
    "unknown",
];
/// Words that tell of it, and begin others.
const FAILURES: [&str; 7] = ["bad", "nok", "nack", "nak", "ko", "drop", "block"];

/// Words that tell of a success.
const SUCCEEDING: [&str; 25] = [
    "ok",
    "okay",
    "success",
    "successful",
    "successfully",
    "succeeded",
    "granted",
    "grant",
    "accepted",
    "accept",
    "allowed",
    "allow",
    "permitted",
    "permit",
    "passed",
    "pass",
    "welcome",
    "authenticated",
    "authorized",
    "opened",
    "connected",
    "valid",
    "good",
    "correct",
    "ack",
];

/// Words for levels.
const GRAVE: [&str; 11] = [
    "emerg",
    "emergency",
    "alert",
    "crit",
    "critical",
    "fatal",
    "severe",
    "err",
    "error",
    "warn",
    "warning",
];
const MILD: [&str; 11] = [
    "info",
    "information",
    "inf",
    "notice",
    "note",
    "debug",
    "dbg",
    "trace",
    "fine",
    "verbose",
    "log",
];

/// What a number says of how it ended stands behind these; 0 is a success.
const CODES: [&str; 19] = [
    "result", "res", "rc", "ret", "retval", "return", "returned", "code", "status", "exit",
    "errno", "error", "err", "rv", "failed", "failure", "reply", "response", "answer",
];
/// And behind these; 0 is a failure.
const FLAGS: [&str; 11] = [
    "success",
    "ok",
    "auth",
    "authenticated",
    "authorized",
    "granted",
    "allowed",
    "accepted",
    "valid",
    "permitted",
    "passed",
];

/// What a number tells: a status of HTTP or SMTP, the code of a result, 0 or 1 for a question.
pub(super) fn sense_of_number(key: &str, number: &str, is_behind_request: bool) -> Option<Sense> {
    /// Replies of SMTP and FTP to who may not.
    const REFUSED: [u32; 8] = [530, 534, 535, 538, 550, 551, 553, 554];
    /// Statuses that hardly anything else is.
    const KNOWN: [u32; 5] = [200, 302, 303, 401, 403];
    let number: u32 = number.parse().ok()?;
    let outcome = |fails: bool| {
        Some(if fails {
            Sense::Failure
        } else {
            Sense::Success
        })
    };
    let is_code = CODES.contains(&key);
    if FLAGS.contains(&key) {
        return outcome(number == 0);
    }
    // a number behind another is a size, or what the client counts
    let is_size = key == "port" || key.parse::<u32>().is_ok();
    let is_free = !is_size && KNOWN.contains(&number);
    if (100..600).contains(&number) && (is_code || is_behind_request || is_free) {
        return outcome((400..500).contains(&number) || REFUSED.contains(&number));
    }
    if is_code { outcome(number != 0) } else { None }
}

/// What a word tells, behind a key: `false` behind `success`, `true` behind `failed`.
pub(super) fn sense_of_word(key: &str, word: &str) -> Option<Sense> {
    let lower = word.to_lowercase();
    let asks = FLAGS.contains(&key) || CODES.contains(&key);
    let truth = match lower.as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" | "none" => Some(false),
        _ => None,
    };
    if let Some(truth) = truth.filter(|_| asks) {
        // an error that is none
        let is_negative = ["failed", "failure", "error", "err", "errno"].contains(&key);
        let fails = truth == is_negative;
        return Some(if fails {
            Sense::Failure
        } else {
            Sense::Success
        });
    }
    let parts = parts(word);
    let has = |known: &[&str]| parts.iter().any(|part| known.contains(&part.as_str()));
    let fails = |part: &String| FAILING.iter().any(|begin| part.starts_with(begin));
    if parts.iter().any(fails) || has(&FAILURES) {
        Some(Sense::Failure)
    } else if has(&SUCCEEDING) {
        Some(Sense::Success)
    } else if has(&GRAVE) {
        Some(Sense::Grave)
    } else if has(&MILD) {
        Some(Sense::Mild)
    } else {
        None
    }
}

/// The parts of `auth_failed` and `LoginFailed`, in small letters.
fn parts(word: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut was_small = false;
    for c in word.chars() {
        if !c.is_alphabetic() || c.is_uppercase() && was_small {
            all.push(String::new());
        }
        was_small = c.is_lowercase();
        if c.is_alphabetic()
            && let Some(last) = all.last_mut()
        {
            last.extend(c.to_lowercase());
        }
    }
    all.retain(|part| !part.is_empty());
    all
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
        assert!(!tells_success(r#"{"user":"ann","success":false}"#));
        assert!(tells_success("login success=true"));
    }

    #[test]
    fn words_and_numbers_have_a_sense() {
        assert_eq!(sense_of_word("", "LoginFailed"), Some(Sense::Failure));
        assert_eq!(sense_of_word("", "auth_ok"), Some(Sense::Success));
        assert_eq!(sense_of_word("success", "false"), Some(Sense::Failure));
        assert_eq!(sense_of_word("error", "none"), Some(Sense::Success));
        assert_eq!(sense_of_word("", "anna"), None);
        assert_eq!(sense_of_number("result", "1", false), Some(Sense::Failure));
        assert_eq!(sense_of_number("port", "302", false), None);
        assert_eq!(sense_of_number("", "404", true), Some(Sense::Failure));
        assert_eq!(sense_of_number("", "512", false), None);
    }
}
