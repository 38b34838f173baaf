//! What a failregex is put together of: classes of characters, text escaped, tags.

use super::tokens::{Token, Word};

/// So many lines that agree in a number or a name with digits say that it is always so.
pub(super) const AGREE: usize = 3;
/// What stands in a string of JSON.
pub(super) const JSON_TEXT: &str = r#"(?:[^"\\]|\\.)*"#;

/// The blanks before a word.
pub(super) fn gap(words: &[&Word], first: bool) -> String {
    let same = words.iter().all(|word| word.gap == words[0].gap);
    match words[0].gap.as_str() {
        _ if first => r"\s*".to_owned(),
        "" if same => String::new(),
        " " if same => " ".to_owned(),
        _ if words.iter().any(|word| word.gap.is_empty()) => r"\s*".to_owned(),
        _ => r"\s+".to_owned(),
    }
}

/// Any text of a word up to what comes next in it.
pub(super) fn until(next: Option<&Token>, times: &str) -> String {
    match next {
        Some(Token::Sign(c)) => format!(r"[^\s{}]{times}", in_class(*c)),
        Some(Token::Quoted(_)) => format!(r#"[^\s"]{times}"#),
        // an address must not be a part of it
        Some(Token::Client | Token::Address(_)) => format!(r"[^\s\da-fA-F:.]{times}"),
        _ => format!(r"\S{times}"),
    }
}

/// Texts that have nothing in common.
pub(super) fn some_of(texts: &[String], next: Option<&Token>) -> String {
    let times = if texts.iter().any(String::is_empty) {
        "*"
    } else {
        "+"
    };
    if texts.iter().any(|text| text.contains(char::is_whitespace)) {
        return format!(r#"(?:[^\s"]|"[^"]*"){times}"#);
    }
    let sign = match next {
        Some(Token::Sign(c)) => Some(*c),
        Some(Token::Quoted(_)) => Some('"'),
        _ => None,
    };
    match sign {
        // the sign that comes next may stand in the text as well
        Some(c) if texts.iter().any(|text| text.contains(c)) => format!(r"\S{times}"),
        Some(c) => format!(r"[^\s{}]{times}", in_class(c)),
        None => format!(r"\S{times}"),
    }
}

pub(super) fn in_class(c: char) -> String {
    match c {
        '\\' | ']' | '[' | '^' | '-' => format!("\\{c}"),
        '%' => "%%".to_owned(),
        c => c.to_string(),
    }
}

/// Text as a failregex of a file has it: signs of the regex escaped, `%` doubled, no `<` that
/// could begin a tag, no `;` that could begin a comment.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '%' => out.push_str("%%"),
            '<' => out.push_str("[<]"),
            ' ' => out.push(' '),
            c if c.is_whitespace() => out.push_str(r"\s"),
            c if r"\.+*?()|[]{}^$;#".contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
