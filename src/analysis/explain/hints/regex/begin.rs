//! What stands between `^` and the first thing the regex asks for: the blank the date leaves,
//! or a host, a daemon, a level nobody thought of.

use super::super::address::{Seen, addresses};
use super::super::date_like;
use super::super::sides::{Side, side};
use super::outcome::Piece;
use super::{Case, Offer, opened};
use crate::pattern::Scratch;

/// Where a regex goes on behind its `^`.
fn behind_caret(source: &str) -> Option<usize> {
    ["^", "(?i)^", "(?im)^"]
        .iter()
        .find(|begin| source.starts_with(**begin))
        .map(|begin| begin.len())
}

/// `^\s*`: the date leaves the blank that stood behind it.
pub(super) fn blank(case: &Case) -> Vec<Offer> {
    let Some(at) = behind_caret(case.source) else {
        return Vec::new();
    };
    if !case.text.starts_with([' ', '\t']) || case.source[at..].starts_with(r"\s") {
        return Vec::new();
    }
    let (begin, rest) = case.source.split_at(at);
    vec![Offer {
        code: "blank-left",
        why: "the date is cut out of the line and leaves a blank in front, where `^` wants the \
              text at once"
            .into(),
        regex: format!(r"{begin}\s*{rest}"),
    }]
}

/// `^` with what all lines have in front of what the regex asks for.
pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let Some(at) = behind_caret(case.source) else {
        return Vec::new();
    };
    let (begin, rest) = case.source.split_at(at);
    // `\s*` in front of the rest would take part in every place
    let rest = rest
        .trim_start_matches(r"\s*")
        .trim_start_matches(r"\s+")
        .trim_start_matches(' ');
    let flags = begin.trim_end_matches('^');
    let Some(regex) = (case.compile)(&format!("{flags}{rest}")) else {
        return Vec::new();
    };
    let mut scratch = Scratch::default();
    let mut found = Vec::new();
    for text in case.texts {
        let line = format!("{text}\n");
        if let Ok(Some(at)) = regex.search(&line, &mut scratch) {
            let (before, behind) = text.split_at(at.start().min(text.len()));
            found.push(Piece {
                before: "",
                text: before,
                behind,
            });
        }
    }
    // what names somebody, or quotes him, may be written by him, and what is behind it, too
    let is_free = |piece: &Piece| {
        // `time=""` is what the date leaves
        let rest = piece.text.replace("=\"\"", "");
        let words = rest.split(' ').filter(|word| !is_numbered(word));
        let rest = words.collect::<String>();
        !addresses(piece.text).is_empty() || rest.contains(['"', '\'', '='])
    };
    if found.iter().any(|piece| has_date(case, piece.text)) {
        return Vec::new();
    }
    // what was asked for, and where a visitor came from, is no client's
    let is_client = |text: &str, seen: &Seen| side(text, seen) != Some(Side::Server);
    let names_two = |text: &&str| {
        let mut all = addresses(text);
        all.retain(|seen| is_client(text, seen));
        all.len() > 1
    };
    if found.iter().any(is_free) || case.texts.iter().any(names_two) {
        return Vec::new();
    }
    let is_there = found.iter().any(|piece| !piece.text.trim().is_empty());
    let Some(opened) = opened::failing(case, &found, true).filter(|_| is_there) else {
        return Vec::new();
    };
    vec![Offer {
        code: "text-before",
        why: format!(
            "`^` stands for the begin of the line, but `{}` comes first{}",
            crate::analysis::explain::hints::shortened(opened.example.trim(), 60),
            opened.left_out()
        ),
        regex: format!("{begin}{}{rest}", opened.regex),
    }]
}

/// `us=323013`: a number that a program counts is none that a client writes.
fn is_numbered(word: &str) -> bool {
    let pair = word.split_once('=');
    pair.is_some_and(|(name, number)| {
        name.chars().all(char::is_alphabetic)
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Whether a piece of the text has a date of the line, or the rest of one: it belongs to the
/// datepattern. Behind a date that was found, another one is text.
pub(super) fn has_date(case: &Case, text: &str) -> bool {
    let Some((start, end)) = case.cut else {
        return date_like::names_date(text);
    };
    let is_before = text.get(..start).is_some_and(date_like::names_date);
    let date_goes_on = |rest: &str| {
        let glued = rest.trim_start_matches(['.', ',', '+', '-', ':']);
        glued.starts_with(|c: char| c.is_ascii_digit())
    };
    let splits = case.line.get(end..).is_some_and(date_goes_on);
    is_before || splits && text.len() > start
}
