//! A line taken apart: words, signs, what stands in quotes, the addresses, and what is chosen by
//! who writes to the server.

use super::users;
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
    /// A user's name.
    User(String),
    /// The name of the client's host, right before its address.
    Host(String),
    /// What a browser calls itself.
    Agent(String),
}

/// A word of a line with what stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The blanks before it.
    pub(super) gap: String,
    /// Its bytes in the message.
    place: Range<usize>,
    pub(super) tokens: Vec<Token>,
}

impl Word {
    /// Whether signs stand before and behind it: `[eve]`.
    pub(super) fn is_in_signs(&self) -> bool {
        let ends = [self.tokens.first(), self.tokens.last()];
        let is_sign = |token: &Option<&Token>| matches!(token, Some(Token::Sign(_)));
        self.tokens.len() > 2 && ends.iter().all(is_sign)
    }

    /// Where it stands without the signs around it.
    pub(super) fn inner(&self) -> Range<usize> {
        let sign = |token: &Token| match token {
            Token::Sign(c) => Some(c.len_utf8()),
            _ => None,
        };
        let before: usize = self.tokens.iter().map_while(sign).sum();
        let behind: usize = self.tokens.iter().rev().map_while(sign).sum();
        if before + behind >= self.place.len() {
            return self.place.clone();
        }
        self.place.start + before..self.place.end - behind
    }
}

/// A part of a message that an attacker may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Free {
    pub(super) place: Range<usize>,
    /// It stands in double quotes.
    pub(super) quoted: bool,
}

/// A message, and where its parts stand in it.
#[derive(Debug)]
pub(super) struct Message<'a> {
    text: &'a str,
    /// The client's address, in brackets where they are part of how it is written.
    pub(super) client: Range<usize>,
    addresses: Vec<Range<usize>>,
    users: Vec<Range<usize>>,
    agents: Vec<Range<usize>>,
    host: Option<Range<usize>>,
    /// Quotes that are signs of the message: what stands in them are words.
    open: Vec<usize>,
    pairs: Vec<(usize, usize)>,
}

impl<'a> Message<'a> {
    /// Finds the parts of a message. `bracketed`: an IPv6 address before a port stands in brackets,
    /// and an IPv4 one does not. `names`: users' names that the words around them do not tell.
    pub(super) fn new(
        text: &'a str,
        client: Seen,
        all: &[Seen],
        bracketed: bool,
        names: &[Range<usize>],
    ) -> Message<'a> {
        let widened = |seen: &Seen| match bracketed && in_brackets(text, seen) {
            true => seen.start - 1..seen.end + 1,
            false => seen.start..seen.end,
        };
        let place = widened(&client);
        let host = host(text, client);
        let mut users = users::users(text, &place, names);
        users.retain(|user| {
            let is_host = |host: &Range<usize>| host.start < user.end && user.start < host.end;
            !host.as_ref().is_some_and(is_host)
        });
        let agents: Vec<Range<usize>> = users::agents(text)
            .into_iter()
            .filter(|agent| !agent.contains(&place.start))
            .filter(|agent| !users.iter().any(|user| agent.contains(&user.start)))
            .collect();
        let pairs = pairs(text);
        let holds_words = |&(open, close): &(usize, usize)| {
            let parts = users.iter().map(|user| user.start).chain([place.start]);
            parts.into_iter().any(|part| (open..close).contains(&part))
        };
        let open = pairs.iter().copied().filter(holds_words);
        Message {
            text,
            host,
            addresses: all
                .iter()
                .filter(|seen| **seen != client)
                .map(widened)
                .collect(),
            open: open.flat_map(|(open, close)| [open, close]).collect(),
            client: place,
            users,
            agents,
            pairs,
        }
    }

    /// Its words.
    pub(super) fn words(&self) -> Vec<Word> {
        let mut all = Vec::new();
        let mut end = 0;
        while end < self.text.len() {
            let rest = &self.text[end..];
            let start = end + (rest.len() - rest.trim_start().len());
            let gap = self.text[end..start].to_owned();
            let tokens;
            (tokens, end) = self.word(start);
            all.push(Word {
                gap,
                place: start..end,
                tokens,
            });
        }
        all
    }

    /// The parts that an attacker may choose: names of users, what browsers call themselves, and
    /// texts in quotes that are no key.
    pub(super) fn free(&self) -> Vec<Free> {
        let in_quotes = |place: &Range<usize>| {
            let mut pairs = self.pairs.iter();
            pairs.any(|&(open, close)| open < place.start && place.end <= close)
        };
        let parts = self.users.iter().chain(&self.agents).map(|place| Free {
            place: place.clone(),
            quoted: in_quotes(place),
        });
        let closed = self
            .pairs
            .iter()
            .filter(|(open, _)| !self.open.contains(open));
        // a key is none, nor is an address
        let values = closed.filter(|&&(open, close)| {
            !self.text[close + 1..].starts_with([':', '='])
                && self.text[open + 1..close]
                    .parse::<std::net::IpAddr>()
                    .is_err()
        });
        let values = values.map(|&(open, close)| Free {
            place: open + 1..close,
            quoted: true,
        });
        parts.chain(values).collect()
    }

    /// The tokens of the word at `start`, and where it ends.
    fn word(&self, start: usize) -> (Vec<Token>, usize) {
        let mut all = Vec::new();
        let mut at = start;
        while let Some(c) = self.text[at..]
            .chars()
            .next()
            .filter(|c| !c.is_whitespace())
        {
            if let Some((token, end)) = self.part(at) {
                all.push(token);
                at = end;
                continue;
            }
            let rest = &self.text[at..];
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            if is_word(c) {
                let mut end = at + rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                // an address may begin in the middle: `\x5c192.0.2.1`
                let starts = self.parts().map(|place| place.start);
                if let Some(next) = starts.filter(|next| (at + 1..end).contains(next)).min() {
                    end = next;
                }
                all.push(Token::Word(self.text[at..end].to_owned()));
                at = end;
            } else {
                all.push(Token::Sign(c));
                at += c.len_utf8();
            }
        }
        (all, at)
    }

    fn parts(&self) -> impl Iterator<Item = &Range<usize>> {
        let lists = self.addresses.iter().chain(&self.users).chain(&self.agents);
        lists.chain([&self.client]).chain(&self.host)
    }

    /// The part of the message that begins at a place, and where it ends.
    fn part(&self, at: usize) -> Option<(Token, usize)> {
        let text = |place: &Range<usize>| self.text[place.clone()].to_owned();
        let starts = |place: &&Range<usize>| place.start == at && place.end > at;
        if at == self.client.start {
            return Some((Token::Client, self.client.end));
        }
        if let Some(user) = self.users.iter().find(starts) {
            return Some((Token::User(text(user)), user.end));
        }
        if let Some(host) = self.host.iter().find(starts) {
            return Some((Token::Host(text(host)), host.end));
        }
        if let Some(other) = self.addresses.iter().find(starts) {
            return Some((Token::Address(text(other)), other.end));
        }
        if let Some(agent) = self.agents.iter().find(starts) {
            return Some((Token::Agent(text(agent)), agent.end));
        }
        let &(open, close) = self.pairs.iter().find(|(open, _)| *open == at)?;
        let quoted = &self.text[open + 1..close];
        (!self.open.contains(&open)).then(|| (Token::Quoted(quoted.to_owned()), close + 1))
    }
}

/// Whether an address is IPv6 in brackets, a port behind them: `[2001:db8::1]:22`.
pub(super) fn in_brackets(text: &str, seen: &Seen) -> bool {
    has_brackets(text, seen) && seen.ip.is_ipv6()
}

/// Whether an address stands in brackets, a port behind them.
pub(super) fn has_brackets(text: &str, seen: &Seen) -> bool {
    let behind = text[seen.end..].strip_prefix("]:");
    text[..seen.start].ends_with('[')
        && behind.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The name of the client's host: `unknown[192.0.2.1]`, `gate.example.com (192.0.2.1)`.
fn host(text: &str, client: Seen) -> Option<Range<usize>> {
    let before = &text[..client.start];
    let before = before.strip_suffix(['[', '('])?;
    let trimmed = before.trim_end_matches(' ');
    let is_glued = trimmed.len() == before.len();
    let start = trimmed
        .rfind(|c: char| !(c.is_alphanumeric() || "._:-".contains(c)))
        .map_or(0, |at| {
            at + trimmed[at..].chars().next().map_or(1, char::len_utf8)
        });
    let name = &trimmed[start..];
    let is_host = name.contains('.') && !name.ends_with(['.', ':', '-'])
        || is_glued && ["unknown", "localhost"].contains(&name)
        || name.parse::<std::net::IpAddr>().is_ok();
    is_host.then_some(start..trimmed.len())
}

/// The quotes that open and close, in order; escaped ones do neither.
fn pairs(text: &str) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('"').map(|open| at + open) {
        let is_escaped = text[..open].ends_with('\\');
        let close = if is_escaped {
            None
        } else {
            closing(text, open)
        };
        at = match close {
            Some(close) => {
                all.push((open, close));
                close + 1
            }
            None => open + 1,
        };
    }
    all
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

impl Token {
    /// Its text as it stands in the line; the client's address has none.
    pub(super) fn text(&self) -> String {
        match self {
            Token::Quoted(text) => format!("\"{text}\""),
            Token::Sign(c) => c.to_string(),
            other => other.bare(),
        }
    }

    /// Its text without quotes.
    pub(super) fn bare(&self) -> String {
        match self {
            Token::Word(text)
            | Token::Address(text)
            | Token::Quoted(text)
            | Token::User(text)
            | Token::Host(text)
            | Token::Agent(text) => text.clone(),
            Token::Sign(_) | Token::Client => String::new(),
        }
    }

    /// Its text as the groups of lines see it: what differs by nature has none.
    pub(super) fn shown(&self) -> String {
        match self {
            Token::User(_) | Token::Host(_) | Token::Agent(_) => String::new(),
            other => other.text(),
        }
    }

    /// Whether two of different lines are the same part of a message.
    pub(super) fn is_same(&self, other: &Token) -> bool {
        match self {
            Token::Word(_) | Token::Quoted(_) => self == other,
            _ => self.is_alike(other),
        }
    }

    /// Whether two of different lines may be the same part of a message.
    pub(super) fn is_alike(&self, other: &Token) -> bool {
        match (self, other) {
            (Token::Sign(one), Token::Sign(other)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::explain::hints::address::addresses;

    fn texts(line: &str) -> Vec<Vec<Token>> {
        let all = addresses(line);
        let message = Message::new(line, all[0], &all, true, &[]);
        message
            .words()
            .into_iter()
            .map(|word| word.tokens)
            .collect()
    }

    #[test]
    fn quotes_around_the_address_hold_no_words_together() {
        let line = r#"a="x y" m="from 192.0.2.1" v="b c""#;
        let words = texts(line);
        assert_eq!(words.len(), 4);
        assert_eq!(words[2], [Token::Client, Token::Sign('"')]);
        assert_eq!(words[3][2], Token::Quoted("b c".to_owned()));
    }

    #[test]
    fn hosts_users_and_brackets_are_parts() {
        let line = "user bob k from a.example[192.0.2.1]";
        assert_eq!(texts(line)[1], [Token::User("bob".to_owned())]);
        let host = Token::Host("a.example".to_owned());
        assert_eq!(texts(line)[4][..2], [host, Token::Sign('[')]);
        assert_eq!(
            texts("x [2001:db8::1]:22")[1],
            [
                Token::Client,
                Token::Sign(':'),
                Token::Word("22".to_owned())
            ]
        );
        assert_eq!(texts("user 'bob k' 192.0.2.1").len(), 3);
    }
}
