//! Regexes for what stands before an address and behind it, where a wildcard took it.

use super::prefix::escaped;
use super::regex::{common, numbers};

/// Stands for the name of a host, as long as texts are compared.
const NAME: char = '\u{1}';

/// A regex for the texts before an address, and one for those behind it.
pub(super) fn around(befores: &[String], behinds: &[String]) -> Option<(String, String)> {
    // `[2001:db8::1]:22` beside `192.0.2.1:22`
    let is_bracketed = |text: &String| text.ends_with('[');
    let some = befores.iter().any(is_bracketed) && !befores.iter().all(is_bracketed);
    if !some {
        return Some((lead(befores)?, behind(behinds)));
    }
    let trimmed = |text: &String| text.strip_suffix('[').unwrap_or(text).to_string();
    let befores: Vec<String> = befores.iter().map(trimmed).collect();
    let trimmed = |text: &String| text.strip_prefix(']').unwrap_or(text).to_string();
    let behinds: Vec<String> = behinds.iter().map(trimmed).collect();
    let before = lead(&befores)?;
    let behind = match behind(&behinds) {
        word if word.starts_with(r"\b") => word,
        sign => format!(r"\]?{sign}"),
    };
    Some((format!(r"{before}\[?"), behind))
}

/// A regex for what stands before the address: the words that are the same, or a wildcard and the
/// last of them.
fn lead(texts: &[String]) -> Option<String> {
    let texts: Vec<String> = texts.iter().map(|text| with_names_open(text)).collect();
    let (heads, ends): (Vec<&str>, Vec<&str>) = texts
        .iter()
        .map(|text| text.split_at(text.trim_end_matches(|c: char| !c.is_whitespace()).len()))
        .unzip();
    let words = common(&heads, true).and_then(|head| Some(head + &last_word(&ends)?));
    let regex = words.or_else(|| Some(format!(".*{}", last_in_common(&texts)?)))?;
    Some(regex.replace(NAME, r"\S+"))
}

/// A regex for the words that the address is glued to: `anna[/`, `bert[/`.
fn last_word(words: &[&str]) -> Option<String> {
    let shape = numbers(words.first()?);
    if words.iter().all(|word| numbers(word) == shape) {
        return Some(shape);
    }
    let signs = ending(words)?;
    let is_all = words.iter().any(|word| word.len() == signs.len());
    Some(format!(
        r"\S{}{}",
        if is_all { '*' } else { '+' },
        escaped(signs)
    ))
}

/// A regex for the end that all texts have, from a word on.
fn last_in_common(texts: &[String]) -> Option<String> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let end = ending(&texts).filter(|end| end.contains(char::is_alphabetic))?;
    let words: Vec<String> = end.split_whitespace().map(escaped).collect();
    let blank = |is_blank: bool| if is_blank { r"\s+" } else { "" };
    Some(format!(
        "{}{}{}",
        blank(end.starts_with(char::is_whitespace)),
        words.join(r"\s+"),
        blank(end.ends_with(char::is_whitespace))
    ))
}

/// The end that all texts have, not from the middle of a word on.
fn ending<'t>(texts: &[&'t str]) -> Option<&'t str> {
    let first = texts.first()?;
    let is_common = |at: &usize| texts.iter().all(|text| text.ends_with(&first[*at..]));
    let (at, _) = first.char_indices().find(|(at, _)| is_common(at))?;
    let is_word = |c: char| c.is_alphanumeric() || c == NAME;
    let end = first[at..].trim_start_matches(is_word);
    (!end.is_empty()).then_some(end)
}

/// The text with the names of hosts and of users before an `@` left open: those of customers.
fn with_names_open(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "-._".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c| is_part(c) != is_part(first))
            .unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        // `'root'@'192.0.2.1'`: who it was this time
        let is_user = is_part(first) && behind.trim_start_matches(['\'', '"']).starts_with('@');
        if is_user || is_host_name(run) {
            out.push(NAME);
        } else {
            out += run;
        }
        rest = behind;
    }
    out
}

fn is_host_name(run: &str) -> bool {
    let last = run.rsplit_once('.').map_or("", |(_, last)| last);
    last.len() > 1 && last.chars().all(char::is_alphabetic) && !run.starts_with('.')
}

/// A regex for what a wildcard takes behind the address: the sign next to it, and any text.
fn behind(texts: &[String]) -> String {
    if texts.iter().all(String::is_empty) {
        return String::new();
    }
    let first = texts[0].chars().next();
    let same = texts.iter().all(|text| text.chars().next() == first);
    let sign = first.filter(|c| same && !c.is_alphanumeric());
    let Some(sign) = sign else {
        return r"\b.*".into();
    };
    let alone = texts.iter().all(|text| text.chars().count() == 1);
    format!(
        "{}{}",
        escaped(&sign.to_string()),
        if alone { "" } else { ".*" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead_of(texts: &[&str]) -> Option<String> {
        let texts: Vec<String> = texts.iter().map(|text| text.to_string()).collect();
        lead(&texts)
    }

    #[test]
    fn names_are_left_open_before_an_address() {
        let one = lead_of(&[" (host1.example.net[", " (host1.example.net["]);
        assert_eq!(one.as_deref(), Some(r"\s+\(\S+\["));
        let two = lead_of(&["anna[/", "bert[/"]);
        assert_eq!(two.as_deref(), Some(r"\S+\[/"));
        assert_eq!(lead_of(&["'root'@'"]).as_deref(), Some(r"'\S+'@'"));
        let words = lead_of(&["a b, rip=", "a, rip="]);
        assert_eq!(words.as_deref(), Some(r".*,\s+rip="));
        assert_eq!(lead_of(&["anna", "bert x"]), None);
    }
}
