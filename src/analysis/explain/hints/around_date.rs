//! What stands around a date, as a datepattern has it: before it, between day and time, and behind
//! the seconds.

/// A datepattern for a part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateCandidate {
    /// The pattern, `%` not doubled.
    pub(crate) pattern: String,
    /// It reads a zone.
    pub(crate) zone: bool,
    /// The order of day and month is one of two that the signs allow.
    pub(crate) day_or_month_first: bool,
}

/// A part in front of the date that long is not described; the signs next to the date are.
const LONG: usize = 32;
/// What stands between date and time; blanks of any number.
pub(super) fn separator(text: &str) -> String {
    if text.len() > 1 && text.chars().all(char::is_whitespace) || text == "\t" {
        r"\s+".into()
    } else {
        escaped(text)
    }
}

/// What belongs to the time behind its seconds: the fraction, the zone, the closing bracket.
pub(super) fn tail(rest: &str, before: &str) -> (String, bool) {
    let mut out = String::new();
    let mut rest = rest;
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let number = digits(fraction);
        if number > 0 {
            out += &escaped(&rest[..1]);
            out += "%f";
            if number > 6 {
                out += r"\d*";
            }
            rest = &fraction[number..];
        }
    }
    let (zone, length) = zone(rest);
    out += &zone;
    rest = &rest[length..];
    let pairs = [('[', ']'), ('(', ')'), ('<', '>'), ('"', '"'), ('|', '|')];
    let open = before.trim_end().chars().next_back();
    for (opening, closing) in pairs {
        if open == Some(opening) {
            let blanks = rest.len() - rest.trim_start().len();
            if rest.trim_start().starts_with(closing) && blanks <= 1 {
                out += &rest[..blanks];
                out += &escaped(&closing.to_string());
            }
        }
    }
    (out, !zone.is_empty())
}

/// The zone that follows a time: how it is read, and its length with what is before it.
pub(crate) fn zone(rest: &str) -> (String, usize) {
    let text = rest.trim_start_matches([' ', '\t']);
    let blanks = rest.len() - text.len();
    let gap = match &rest[..blanks] {
        "" => "",
        " " => " ",
        _ => r"\s+",
    };
    let ends = |at: usize| !text[at..].starts_with(|c: char| c.is_alphanumeric());
    if blanks == 0 && text.starts_with('Z') && ends(1) {
        return ("%z".into(), 1);
    }
    if let Some((read, length)) = offset(text).filter(|&(_, length)| ends(length)) {
        return (format!("{gap}{read}"), blanks + length);
    }
    if let Some((read, length)) = zone_name(text).filter(|_| blanks > 0) {
        return (format!("{gap}{read}"), blanks + length);
    }
    if let Some(inner) = text.strip_prefix('(')
        && let Some((read, length)) = offset(inner).or_else(|| zone_name(inner))
        && inner[length..].starts_with(')')
    {
        return (format!(r"{gap}\({read}\)"), blanks + length + 2);
    }
    (String::new(), 0)
}

/// A zone as its difference from Greenwich, which may be named before it: `+0200`, `GMT+02:00`.
fn offset(text: &str) -> Option<(&'static str, usize)> {
    let number = ["GMT", "UTC"]
        .iter()
        .find_map(|name| text.strip_prefix(name));
    let read = if number.is_some() { "%Exz" } else { "%z" };
    let number = number.unwrap_or(text);
    let digits = number.strip_prefix(['+', '-'])?;
    let end = digits
        .find(|c: char| !c.is_ascii_digit() && c != ':')
        .unwrap_or(digits.len());
    let is_whole = digits[..end].replace(':', "").len() == 4;
    is_whole.then_some((read, text.len() - digits.len() + end))
}

/// A zone by its name.
fn zone_name(text: &str) -> Option<(&'static str, usize)> {
    const NAMES: [&str; 22] = [
        "UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "CET", "CEST", "MSK",
        "JST", "EET", "EEST", "WET", "WEST", "AEST", "AEDT", "NZST", "NZDT",
    ];
    let is_it = |name: &&&str| {
        let rest = text.strip_prefix(**name);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    let name = NAMES.iter().find(is_it)?;
    let read = if matches!(*name, "UTC" | "GMT") {
        "%Z"
    } else {
        "%ExZ"
    };
    Some((read, name.len()))
}

/// A regex for what stands before the date: tied to the begin of the line, numbers and words
/// of any kind in their places; or the key or the signs next to it. `bare`: a time without a
/// date follows, and no part of one may be passed over.
pub(super) fn front(text: &str, bare: bool) -> Option<String> {
    if let Some(key) = key(text) {
        return Some(escaped(key));
    }
    if text.len() <= LONG
        && let Some(front) = described(text, bare)
    {
        return Some(front);
    }
    let signs = text.len() - text.trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    let signs: String = text[text.len() - signs..].chars().rev().take(2).collect();
    let signs: String = signs.chars().rev().collect();
    (!signs.trim().is_empty() && !bare).then(|| escaped(&signs))
}

/// The same, and the word before the date where the begin of the line is too far away to be
/// described: `at `, `logged=`. Several dates of a line may have the same signs before them.
pub(super) fn fronts(text: &str, bare: bool) -> Vec<String> {
    let front = front(text, bare);
    let is_near = key(text).is_some() || front.as_ref().is_some_and(|front| front.starts_with('^'));
    let word = if bare || is_near { None } else { word(text) };
    front.into_iter().chain(word).collect()
}

/// The word a text ends with and the signs behind it, as a datepattern has them.
fn word(text: &str) -> Option<String> {
    let signs = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let begin = signs.trim_end_matches(is_name).len();
    let word = &signs[begin..];
    let behind = &text[signs.len()..];
    if word.is_empty() || word.contains(|c: char| c.is_numeric()) || behind.chars().count() > 3 {
        return None;
    }
    Some(escaped(word) + &separator(behind))
}

/// The key of a JSON object that a text ends with: `"time":"`.
pub(super) fn key(text: &str) -> Option<&str> {
    let before = text.strip_suffix('"').unwrap_or(text).trim_end();
    let before = before.strip_suffix(':')?.trim_end().strip_suffix('"')?;
    let open = before.rfind('"')?;
    Some(&text[open..])
}

fn described(text: &str, bare: bool) -> Option<String> {
    let mut out = String::from("^");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            let mut number = 1;
            while chars.next_if(|c| c.is_ascii_digit()).is_some() {
                number += 1;
            }
            // what may be a day, a month or a year is not passed over
            let closed = chars.peek().is_some_and(|c| matches!(c, ']' | '>' | ')'));
            if number <= 4 && (bare || !closed) {
                return None;
            }
            out.push_str(r"\d+");
        } else if c.is_alphabetic() || c == '_' {
            while chars
                .next_if(|c| c.is_alphanumeric() || *c == '_')
                .is_some()
            {}
            out.push_str(r"\w+");
        } else if c == ' ' || c == '\t' {
            while chars.next_if(|c| *c == ' ' || *c == '\t').is_some() {}
            out.push_str(r"\s+");
        } else {
            out.push_str(&escaped(&c.to_string()));
        }
    }
    Some(out)
}

/// Literal text in a datepattern.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '%' => out.push_str("%%"),
            c if r"\.+*?()|[]{}^$".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
