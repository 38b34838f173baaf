//! What stands in double quotes and is no user's name: a key, a message, a request, an agent.

use super::classes::{AGREE, JSON_TEXT, escaped};
use super::users;
use regex::Regex;
use std::sync::OnceLock;

/// Words that a text must have in common with others to be a message, and not a value.
const MESSAGE: usize = 2;

/// The regex of a text in quotes, in all lines; in `Err` where it is a class of which the words
/// seen could be listed instead.
pub(super) fn class(
    texts: &[String],
    json: bool,
    is_key: bool,
    is_status: bool,
) -> Result<String, String> {
    let first = &texts[0];
    let same = texts.iter().all(|text| text == first);
    let digits = first.bytes().any(|b| b.is_ascii_digit());
    let chance = is_dated(first) || users::is_agent(first);
    let agree = !digits || !chance && (texts.len() >= AGREE || is_status);
    if same && (is_key || agree) {
        return Ok(format!("\"{}\"", escaped(first)));
    }
    let escapes = json || texts.iter().any(|text| text.contains('\\'));
    let class = if escapes { JSON_TEXT } else { r#"[^"]*"# };
    match same {
        false => match common(texts) {
            Some((head, tail)) => Ok(format!("\"{}{class}{}\"", escaped(head), escaped(tail))),
            None => Err(format!("\"{class}\"")),
        },
        true => Ok(format!("\"{class}\"")),
    }
}

/// Whether a date or a time stands in a text.
fn is_dated(text: &str) -> bool {
    static DATED: OnceLock<Option<Regex>> = OnceLock::new();
    let dated = DATED.get_or_init(|| Regex::new(r"\d\d:\d\d|\d{4}-\d\d-\d\d|\d{9}").ok());
    dated.as_ref().is_some_and(|dated| dated.is_match(text))
}

/// The words that messages have in common, at their beginning and at their end.
fn common(texts: &[String]) -> Option<(&str, &str)> {
    let first = texts[0].as_str();
    let (mut head, mut tail) = (first.len(), first.len());
    for text in texts {
        let same = first.bytes().zip(text.bytes()).take_while(|(a, b)| a == b);
        head = head.min(same.count());
        let same = first.bytes().rev().zip(text.bytes().rev());
        tail = tail.min(same.take_while(|(a, b)| a == b).count());
    }
    let shortest = texts.iter().map(String::len).min().unwrap_or(0);
    // what both would take is left to neither
    if head + tail > shortest {
        tail = shortest.saturating_sub(head);
    }
    let limit = first.find(|c: char| c.is_ascii_digit() || c == '\\');
    let head = &first.as_bytes()[..head.min(limit.unwrap_or(head))];
    let head = head.iter().rposition(|b| *b == b' ').map_or(0, |at| at + 1);
    let from = first.len() - tail;
    let limit = first.rfind(|c: char| c.is_ascii_digit() || c == '\\');
    let from = from.max(limit.map_or(0, |at| at + 1));
    let behind = &first.as_bytes()[from..];
    let from = behind
        .iter()
        .position(|b| *b == b' ')
        .map_or(first.len(), |at| from + at);
    let (head, tail) = (&first[..head], &first[from..]);
    let word = |word: &&str| {
        let word = word.trim_matches(|c: char| ":,.;'()[]".contains(c));
        word.len() > 2 && word.chars().all(char::is_alphabetic)
    };
    let words = [head, tail].into_iter().flat_map(str::split_whitespace);
    (words.filter(word).count() >= MESSAGE).then_some((head, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_keep_their_words() {
        let of = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            class(&texts, false, false, false).unwrap_or_else(|class| class)
        };
        let said = ["Login failed: a (x)", "Login failed: b (y)"];
        assert_eq!(of(&said), r#""Login failed: [^"]*""#);
        let said = ["Login failed for a (door)", "Login failed for b (door)"];
        assert_eq!(of(&said), r#""Login failed for [^"]* \(door\)""#);
        assert_eq!(of(&["GET /a HTTP/1.1", "GET /b HTTP/1.1"]), r#""[^"]*""#);
        assert_eq!(of(&["Mozilla/5.0 (X11)"; 4]), r#""[^"]*""#);
        assert_eq!(of(&["at 10:00", "at 10:00", "at 10:00"]), r#""[^"]*""#);
        assert_eq!(of(&["no such door"]), r#""no such door""#);
    }
}
