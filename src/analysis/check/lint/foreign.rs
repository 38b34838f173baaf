//! Whose text a part of a regex is: the program's that writes the log, or somebody else's.

use super::chars;
use super::parts::has_address;
use crate::pattern::ast::{Kind, Node};

/// Words that text of others stands behind.
const OF_OTHERS: &[&str] = &[
    "account",
    "agent",
    "email",
    "for",
    "id",
    "identifier",
    "ident",
    "login",
    "mail",
    "mailbox",
    "method",
    "name",
    "password",
    "path",
    "referer",
    "referrer",
    "request",
    "ruser",
    "sender",
    "uri",
    "url",
    "user",
    "useragent",
    "userid",
    "username",
];

/// Words that the name of a client stands behind, which comes from the DNS and has no brackets:
/// `connect from mail.example[192.0.2.1]`.
const OF_CLIENTS: &[&str] = &["from", "client", "host", "relay", "badlogin", "connect"];

/// Words that a quoted name of the program's own configuration stands behind.
const OF_PROGRAMS: &[&str] = &["zone", "server", "upstream", "module", "section", "jail"];

/// Whether the free text at `at` of the path may be another's than the program's.
///
/// Where it ends at a character it cannot hold, as in `\[[^\]]*\]`, it is a field. What is in
/// fields the program writes (a level, a thread, the name of a jail), but for those in quotes and
/// those behind a word that says otherwise.
pub(super) fn is_foreign(path: &[&Node], at: usize) -> bool {
    let word = word_before(path, at);
    if is_client_name(path, at, &word) {
        return false;
    }
    let Some(end) = path.get(at + 1).and_then(|node| literal(node)) else {
        return true;
    };
    // the name in `name@address` is that of a session, not what somebody typed
    let is_session = end == '@' && address_follows(path, at + 2);
    if may_hold(path[at], end) {
        return !is_session;
    }
    let word = word.as_str();
    (['"', '\'', '`'].contains(&end) && !OF_PROGRAMS.contains(&word)) || OF_OTHERS.contains(&word)
}

/// Whether it is the name in `name[address]`.
fn is_client_name(path: &[&Node], at: usize, word: &str) -> bool {
    let is_bracket = path.get(at + 1).and_then(|node| literal(node)) == Some('[');
    let is_address = address_follows(path, at + 2);
    let is_at_start = path[..at].iter().all(|node| node.width.max == 0);
    is_bracket && is_address && (OF_CLIENTS.contains(&word) || is_at_start)
}

/// Whether the next of these parts that must be there is the address.
fn address_follows(path: &[&Node], from: usize) -> bool {
    // `<HOST>` itself begins with `\[?`
    let mut behind = path.iter().skip(from);
    behind
        .find(|node| node.width.min > 0 || has_address(node))
        .is_some_and(|node| has_address(node))
}

/// The last word, in lower case, of the text that stands right before a part.
fn word_before(path: &[&Node], at: usize) -> String {
    let literals = path[..at].iter().rev().map_while(|node| literal(node));
    let text: String = literals.collect();
    // reversed, as the parts are
    let text = text.trim_start_matches(|c: char| !c.is_alphabetic());
    let word = text.split(|c: char| !c.is_alphabetic()).next();
    word.unwrap_or_default()
        .chars()
        .rev()
        .flat_map(char::to_lowercase)
        .collect()
}

fn literal(node: &Node) -> Option<char> {
    match &node.kind {
        Kind::Literal(code) => char::from_u32(*code),
        _ => None,
    }
}

/// Whether free text may hold the character itself.
fn may_hold(text: &Node, c: char) -> bool {
    match &text.kind {
        // all of a line
        Kind::Repeat(repeat) if matches!(repeat.node.kind, Kind::Any) => true,
        Kind::Repeat(repeat) => chars::takes(&repeat.node, c) == Some(true),
        Kind::Group(group) => may_hold(&group.node, c),
        _ => true,
    }
}
