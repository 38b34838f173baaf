//! What stands between `^` and the first thing the regex asks for: the blank the date leaves,
//! or a host, a daemon, a level nobody thought of.

use super::super::address::addresses;
use super::{Case, Offer};
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
            found.push(&text[..at.start().min(text.len())]);
        }
    }
    // what names somebody, or quotes him, may be written by him, and what is behind it, too
    let is_free = |text: &&str| {
        // `time=""` is what the date leaves
        let rest = text.replace("=\"\"", "");
        !addresses(text).is_empty() || rest.contains(['"', '\'', '='])
    };
    let names_two = |text: &&str| addresses(text).len() > 1;
    if found.iter().any(is_free) || case.texts.iter().any(names_two) {
        return Vec::new();
    }
    let Some(common) =
        common(&found, true).filter(|_| found.iter().any(|text| !text.trim().is_empty()))
    else {
        return Vec::new();
    };
    vec![Offer {
        code: "text-before",
        why: format!(
            "`^` stands for the begin of the line, but `{}` comes first",
            crate::analysis::explain::hints::shortened(found[0].trim(), 60)
        ),
        regex: format!("{begin}{common}{rest}"),
    }]
}

/// A regex for texts of the same words: words that differ are any word, numbers any number.
/// `open`: names are left open even where all are the same, as a host's is.
pub(in super::super) fn common(texts: &[&str], open: bool) -> Option<String> {
    const MOST: usize = 8;
    let first: Vec<&str> = words(texts.first()?);
    let all: Vec<Vec<&str>> = texts.iter().map(|text| words(text)).collect();
    if first.len() > 2 * MOST || all.iter().any(|words| words.len() != first.len()) {
        return None;
    }
    let mut out = String::new();
    for at in 0..first.len() {
        let column: Vec<&str> = all.iter().map(|words| words[at]).collect();
        out += &shape(&column, open)?;
    }
    Some(out)
}

/// Words and the blanks between them.
fn words(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c: char| c.is_whitespace() != first.is_whitespace())
            .unwrap_or(rest.len());
        all.push(&rest[..end]);
        rest = &rest[end..];
    }
    all
}

fn shape(column: &[&str], open: bool) -> Option<String> {
    let blank = column[0].starts_with(char::is_whitespace);
    if column
        .iter()
        .any(|word| word.starts_with(char::is_whitespace) != blank)
    {
        return None;
    }
    if blank {
        return Some(r"\s+".into());
    }
    let shapes: Vec<String> = column.iter().map(|word| numbers(word)).collect();
    // the host's name is another on another machine, what ends in a colon is the daemon's
    let same = shapes.iter().all(|shape| *shape == shapes[0]);
    Some(if same && !(open && is_name(column[0])) {
        shapes[0].clone()
    } else {
        r"\S+".into()
    })
}

fn is_name(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_alphanumeric() || c == '-' || c == '.')
}

/// A word with its numbers as `\d+`.
pub(in super::super) fn numbers(word: &str) -> String {
    let mut out = String::new();
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            while chars.next_if(char::is_ascii_digit).is_some() {}
            out += r"\d+";
        } else {
            out += &super::super::prefix::escaped(&c.to_string());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn what_differs_is_left_open() {
        let both = common(&[" gate ftpd[81]: ", " lb ftpd[9]: "], true);
        assert_eq!(both.as_deref(), Some(r"\s+\S+\s+ftpd\[\d+\]:\s+"));
        assert_eq!(common(&["a b", "a"], true), None);
    }
}
