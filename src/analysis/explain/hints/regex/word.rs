//! A word that the log writes otherwise: `failed` for `failure`, `by` for `from`.

use super::super::address::ADDRESS_TAGS;
use super::super::prefix::escaped;
use super::super::sides::{Meaning, Side, meaning};
use super::super::words::{self, Sense, sense_of_word};
use super::tree::replaced;
use super::{Case, Offer, Spot};
use crate::pattern::ast::Span;

/// How like each other two words are that are taken for the same, by Jaro and Winkler.
const ALIKE: f64 = 0.84;
/// Letters of a word that is known by its likeness.
const LETTERS: usize = 3;
/// Letters of a word that one letter more or less makes no other one of.
const LONG: usize = 5;
/// Words that must agree where the one that names the service does not.
const OTHERS: usize = 3;

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for run in case.tree.literals() {
        let is_letter = |(_, c): &(Span, char)| c.is_alphabetic() || "_-".contains(*c);
        for word in run.split(|c| !is_letter(c)) {
            let text: String = word.iter().map(|(_, c)| *c).collect();
            if word.len() < 2 || has_word(case.text, &text) {
                continue;
            }
            let span = Span {
                start: word[0].0.start,
                end: word[word.len() - 1].0.end,
            };
            if !is_of_message(case, span) {
                continue;
            }
            let is_alike = |logged: &&str| word.len() >= LETTERS && is_alike(&text, logged);
            let alike = words_of(case.text).filter(is_alike);
            let instead = instead_of(case, span);
            let is_service = is_service(case, span, &text);
            let service = instead.first().copied().filter(|_| is_service);
            let instead = instead
                .into_iter()
                .filter(|logged| is_neutral(&text, logged, case.line));
            all.extend(service.map(|logged| Offer {
                code: "other-daemon",
                why: format!("`{logged}` writes this, the regex asks for `{text}`"),
                regex: replaced(case.source, span, &escaped(logged)),
            }));
            for logged in alike.chain(instead) {
                all.push(Offer {
                    code: "other-word",
                    why: format!("the log writes `{logged}`, the regex asks for `{text}`"),
                    regex: replaced(case.source, span, &escaped(logged)),
                });
            }
        }
    }
    all
}

/// Whether every match has the word, and it is one of the message: not one of several, nor a part
/// of a path or value, which a client chooses.
fn is_of_message(case: &Case, word: Span) -> bool {
    let pieces = case.tree.pieces();
    let is_outermost = pieces.iter().any(|piece| piece.span.start == word.start);
    let before = case.source[..word.start].chars().next_back();
    let behind = case.source[word.end..].chars().next();
    let of_path = |c: Option<char>| c.is_some_and(|c| "/.=-_%?&".contains(c));
    let is_value = before == Some('=') && sense_of_word("", case.tree.text(word)).is_some();
    is_outermost && (is_value || !of_path(before)) && behind != Some('/')
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_alphabetic() || "_-".contains(c)));
    words.filter(|word| word.len() >= 2)
}

fn has_word(text: &str, wanted: &str) -> bool {
    words_of(text).any(|word| word.eq_ignore_ascii_case(wanted))
}

/// Whether a word is another form or spelling of the one that is asked for. What tells a failure
/// is not given up for what does not.
fn is_alike(asked: &str, logged: &str) -> bool {
    let first = |word: &str| word.chars().next();
    let fails = |word: &str| sense_of_word("", word) == Some(Sense::Failure);
    let is_same = fails(asked) == fails(logged);
    is_same
        && first(asked) == first(logged)
        && strsim::jaro_winkler(asked, logged) >= ALIKE
        && (strsim::levenshtein(asked, logged) == 1 && asked.len() > LONG
            || words::tells_failure(asked) == words::tells_failure(logged))
        && !words::tells_success(logged)
}

/// Whether a word names who writes the line, and is all that line and regex differ in:
/// `sshd\[\d+\]:`, `[vaultwarden::api]`.
fn is_service(case: &Case, word: Span, text: &str) -> bool {
    let (before, behind) = (&case.source[..word.start], &case.source[word.end..]);
    // `(mod_auth.c.52)`, `auth.go:190`: the file of the program
    let signs = [r"\[", ":", "(?:", r"\.c\.", r"\.go:", r"\.py:"];
    let is_tag = signs.iter().any(|sign| behind.starts_with(sign));
    // what stands behind the address is told of it, and names nobody
    let is_behind = ADDRESS_TAGS.iter().any(|tag| before.contains(tag));
    let missing = case.tree.missing_words(case.text);
    let lower = text.to_lowercase();
    is_tag
        && !is_behind
        && case.tree.words() >= missing.len() + OTHERS
        && missing.iter().all(|word| lower.contains(word.as_str()))
        && words::tells_failure(case.line)
}

/// Whether two words only say what follows them, or how grave it is.
fn is_neutral(asked: &str, logged: &str, line: &str) -> bool {
    // not `to`, `of`, `via`: behind them stands whom the client spoke to
    const WORDS: [&str; 10] = [
        "from", "by", "for", "at", "client", "host", "address", "addr", "ip", "remote",
    ];
    const LEVELS: [&str; 13] = [
        "emerg", "alert", "crit", "critical", "fatal", "err", "error", "severe", "warn", "warning",
        "notice", "note", "info",
    ];
    let level = |word: &str| LEVELS.contains(&word.to_lowercase().as_str());
    let are_levels = level(asked) && level(logged);
    // `rhost=` where the log has `remote=`
    let names_client = |word| matches!(meaning(word), Meaning::Of(Side::Client));
    if names_client(asked) && names_client(logged) {
        return true;
    }
    WORDS.contains(&asked) && WORDS.contains(&logged) || are_levels && words::tells_failure(line)
}

/// The words that stand in the log where the regex gave up at one of its own, the last place first.
pub(super) fn instead_of<'c>(case: &Case<'c>, word: Span) -> Vec<&'c str> {
    let is_in = |spot: &&Spot| (word.start..word.end).contains(&spot.span.start);
    let Some(spot) = case.spots.iter().find(is_in) else {
        return Vec::new();
    };
    let read = |at: usize| {
        let begin = at.checked_sub(spot.span.start - word.start)?;
        let rest = case.text.get(begin..)?;
        let before = case.text[..begin].chars().next_back();
        let logged = words_of(rest).next().filter(|word| rest.starts_with(*word));
        logged.filter(|_| before.is_none_or(|c| !c.is_alphanumeric()))
    };
    [spot.at.1, spot.at.0]
        .into_iter()
        .filter_map(read)
        .collect()
}
