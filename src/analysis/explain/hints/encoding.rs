//! The encoding of the log: UTF-16, which is read as such here, but of which the server must be told;
//! or another one than it is read in, where the regexes ask for letters that ASCII has not.

use super::{Change, Hint, Proposal, Search, count};
use crate::input::Encoding;

/// Encodings that are tried, those most logs are in first, by the names of CPython.
const TRIED: [&str; 7] = [
    "utf-8",
    "iso-8859-1",
    "cp1252",
    "cp1250",
    "cp1251",
    "koi8-r",
    "iso-8859-15",
];

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    utf16(search).or_else(|| other(search))
}

fn utf16(search: &Search) -> Option<Hint> {
    let name = search.evidence.found_encoding.as_deref()?;
    Some(Hint {
        code: "log-encoding".into(),
        message: format!(
            "the log is in {name}: read as such here, but the server reads nothing in it unless \
             `logencoding = {}` stands in the jail (encoding -e here)",
            name.to_lowercase()
        ),
        change: Some(format!("logencoding = {}", name.to_lowercase())),
        apply: None,
        lines: search.evidence.lines.len() as u64,
        example: None,
    })
}

fn other(search: &mut Search) -> Option<Hint> {
    let begin = search
        .evidence
        .begin
        .as_ref()
        .filter(|_| is_asked_for_letters(search))?;
    let read_as = begin.head().encoding.clone();
    let names = TRIED.iter().filter(|name| {
        let other = Encoding::for_label(name);
        other.is_some_and(|other| !begin.is_in(other))
    });
    let changes: Vec<Change> = names
        .map(|name| Change::Encoding((*name).to_string()))
        .collect();
    let (best, gained, trial) = search.best_of(&changes)?;
    let Change::Encoding(name) = &changes[best] else {
        return None;
    };
    Some(search.propose(Proposal {
        code: "log-encoding",
        message: format!(
            "the log is read as {read_as}, and {} if it is read as {name}: -e {name} here, \
             `logencoding = {name}` in the jail",
            count(gained.len(), "line more matches", "lines more match")
        ),
        change: Some(format!("logencoding = {name}")),
        changes: vec![changes[best].clone()],
        trial,
        lines: gained,
    }))
}

/// Whether another encoding may make a difference to the filter: a regex asks for letters that ASCII
/// has not, or bytes of the log are none of its encoding.
fn is_asked_for_letters(search: &Search) -> bool {
    let mut regexes = search.now.regexes.iter().chain(&search.now.prefregex);
    let mut lines = search.evidence.lines.iter();
    regexes.any(|regex| !regex.text.is_ascii())
        || lines.any(|line| line.text.contains(char::REPLACEMENT_CHARACTER))
}
