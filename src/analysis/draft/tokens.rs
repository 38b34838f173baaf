//! A line taken apart: words, signs, what stands in quotes, and the addresses.

use crate::analysis::explain::hints::address::Seen;
use std::ops::Range;

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Token {
    /// Letters, digits and underscores.
    Word(String),
    /// Any other character.
    Sign(char),
    /// What stands between double quotes.
    Quoted(String),
    /// The client's address.
    Client,
    /// Another address.
    Address(String),
}

/// A word of a line with what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The blanks before it.
    pub(super) gap: String,
    /// Its bytes in the line.
    pub(super) place: Range<usize>,
    pub(super) tokens: Vec<Token>,
}

/// Takes a text apart; `client` is the place of the client's address in it, `others` those of
/// all addresses.
pub(super) fn words(text: &str, client: Seen, others: &[Seen]) -> Vec<Word> {
    let mut all = Vec::new();
    let mut end = 0;
    // the quotes around the address are signs, and what stands in them are words
    let around = quotes_around(text, client.start);
    while end < text.len() {
        let start = end + (text[end..].len() - text[end..].trim_start().len());
        let gap = text[end..start].to_owned();
        end = word_end(text, start, around);
        all.push(Word {
            gap,
            place: start..end,
            tokens: tokens(text, start..end, client, others, around),
        });
    }
    all
}

/// Where the word ends that begins at `start`; what stands in other quotes than those `around`
/// the address is one.
fn word_end(text: &str, start: usize, around: [Option<usize>; 2]) -> usize {
    let mut at = start;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            return at;
        }
        let opens = c == '"' && !around.contains(&Some(at));
        let close = if opens { closing(text, at) } else { None };
        at = close.map_or(at + c.len_utf8(), |close| close + 1);
    }
    text.len()
}

/// The quote that closes the one at `open`; escaped ones close nothing.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut escaped = false;
    let rest = text[open + 1..].char_indices();
    let close = rest.into_iter().find(|&(_, c)| {
        let was_escaped = std::mem::take(&mut escaped);
        escaped = c == '\\' && !was_escaped;
        c == '"' && !was_escaped
    });
    close.map(|(at, _)| open + 1 + at)
}

/// Where the quotes open and close that a place stands in.
fn quotes_around(text: &str, place: usize) -> [Option<usize>; 2] {
    let mut at = 0;
    while let Some(open) = text[at..].find('"').map(|open| at + open) {
        let Some(close) = closing(text, open).filter(|_| open < place) else {
            break;
        };
        if close > place {
            return [Some(open), Some(close)];
        }
        at = close + 1;
    }
    [None, None]
}

fn tokens(
    text: &str,
    place: Range<usize>,
    client: Seen,
    others: &[Seen],
    around: [Option<usize>; 2],
) -> Vec<Token> {
    let mut all = Vec::new();
    let mut at = place.start;
    while at < place.end {
        if at == client.start {
            all.push(Token::Client);
            at = client.end;
            continue;
        }
        if let Some(other) = others.iter().find(|other| other.start == at) {
            all.push(Token::Address(text[at..other.end].to_owned()));
            at = other.end;
            continue;
        }
        let rest = &text[at..place.end];
        let Some(c) = rest.chars().next() else { break };
        if c == '"'
            && !around.contains(&Some(at))
            && let Some(close) = closing(text, at).filter(|close| *close < place.end)
        {
            all.push(Token::Quoted(text[at + 1..close].to_owned()));
            at = close + 1;
            continue;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if is_word(c) {
            let mut end = at + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            // an address may begin in the middle: `\x5c192.0.2.1`
            let next = others.iter().map(|other| other.start).chain([client.start]);
            if let Some(next) = next.filter(|next| (at + 1..end).contains(next)).min() {
                end = next;
            }
            all.push(Token::Word(text[at..end].to_owned()));
            at = end;
        } else {
            all.push(Token::Sign(c));
            at += c.len_utf8();
        }
    }
    all
}

impl Token {
    /// Its text; the client's address has none.
    pub(super) fn text(&self) -> String {
        match self {
            Token::Word(text) | Token::Address(text) => text.clone(),
            Token::Sign(c) => c.to_string(),
            Token::Quoted(text) => format!("\"{text}\""),
            Token::Client => String::new(),
        }
    }

    /// Whether two of different lines may be the same part of a message.
    pub(super) fn is_alike(&self, other: &Token) -> bool {
        match (self, other) {
            (Token::Word(_), Token::Word(_))
            | (Token::Quoted(_), Token::Quoted(_))
            | (Token::Address(_), Token::Address(_))
            | (Token::Client, Token::Client) => true,
            (Token::Sign(one), Token::Sign(other)) => one == other,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::explain::hints::address::addresses;

    #[test]
    fn quotes_around_the_address_hold_no_words_together() {
        let line = r#"a="x y" m="from 192.0.2.1" u="b c""#;
        let all = addresses(line);
        let words = words(line, all[0], &all);
        let texts: Vec<&str> = words.iter().map(|word| &line[word.place.clone()]).collect();
        let wanted = [r#"a="x y""#, r#"m="from"#, r#"192.0.2.1""#, r#"u="b c""#];
        assert_eq!(texts, wanted);
        assert_eq!(words[2].tokens, [Token::Client, Token::Sign('"')]);
        assert_eq!(words[3].tokens[2], Token::Quoted("b c".to_owned()));
    }
}
