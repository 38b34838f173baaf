//! Text that the log has in the midst of what the regex asks for, and pieces of the regex that
//! take too little of it: `\d` where several digits stand, `[a-z]+` where a name has others.

use super::super::address::ADDRESS_TAGS;
use super::super::words;
use super::outcome::{self, Piece};
use super::tree::{class, has_wildcard, replaced};
use super::{Case, Offer, begin, opened};
use crate::pattern::ast::{Kind, Node, Span};

/// The code of a piece that takes the names of some users only.
pub(super) const NAME: &str = "name-too-narrow";

/// Characters of the regex that are looked for behind what is inserted.
const AHEAD: usize = 12;

/// Asks for what stands in the log where the regex gave up, up to where it can go on.
pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for spot in case.spots {
        let before = |node: &&Node| node.span.end == spot.span.start;
        let nodes = case.tree.nodes();
        let ending = nodes.iter().copied().filter(before);
        let begins = |node: &&Node| node.span.start == spot.span.start;
        let starting = nodes.iter().copied().filter(begins);
        // outer nodes come first: a repeat before what it repeats
        let narrow = ending.chain(starting).find_map(|node| taken(case, node));
        all.extend(narrow.map(|(node, wider)| wider_offer(case, node, wider)));
        all.extend(inserted(case, spot.span.start));
    }
    all
}

/// The literals of the regex from a place on, as text.
fn literals_from(case: &Case, at: usize) -> String {
    let runs = case.tree.literals().into_iter();
    let mut runs = runs.filter_map(|run| {
        let from = run.iter().position(|(span, _)| span.start == at)?;
        let text = run[from..].iter().map(|(_, c)| *c);
        Some(text.take(AHEAD).collect::<String>())
    });
    runs.next().unwrap_or_default()
}

fn inserted(case: &Case, at: usize) -> Option<Offer> {
    let wanted = literals_from(case, at);
    let (open, rest) = (case.source.get(..at)?, case.source.get(at..)?);
    // what stands in front of all is another matter
    if ["", "^", "^ ", r"^\s", r"^\s*", r"^\s+"].contains(&open) {
        return None;
    }
    // a blank alone is found anywhere
    if wanted.trim().is_empty() {
        return None;
    }
    let is_free = has_wildcard(open);
    let mut pieces: Vec<Piece> = Vec::new();
    for (text, end) in case.ends_of(open)? {
        let (before, behind) = text.split_at(end);
        let Some(to) = behind.find(&wanted) else {
            continue;
        };
        let text = &behind[..to];
        let piece = Piece {
            before,
            text,
            behind: &behind[to..],
        };
        let is_date = case.cut.is_none() && begin::has_date(case, text);
        if text.is_empty() || splits(&piece) || is_date || piece.names_another() {
            return None;
        }
        if is_free && !is_told_of_address(open, text) || outcome::denies(text) {
            return None;
        }
        // `(0 failed before)`: what is told in brackets is another thing
        let is_open = text.matches('(').count() > text.matches(')').count();
        if is_open && words::tells_failure(&wanted) {
            return None;
        }
        pieces.push(piece);
    }
    if pieces.iter().any(fills_brackets) {
        let (example, regex) = (pieces.first()?.text, inside_brackets(&pieces)?);
        return Some(offer((example, ""), (open, regex, rest)));
    }
    let (example, others, regex) = match opened::failing(case, &pieces, false) {
        Some(opened) => (opened.example, opened.left_out(), opened.regex),
        None => (
            pieces.first()?.text,
            String::new(),
            up_to(&pieces, &wanted)?,
        ),
    };
    Some(offer((example, &others), (open, &regex, rest)))
}

/// The offer of a text, `others` told of lines without it, for which a regex stands between two parts.
fn offer((text, others): (&str, &str), (open, regex, rest): (&str, &str, &str)) -> Offer {
    Offer {
        code: "text-between",
        why: format!(
            "the log has `{}` where the regex goes on with `{}`{others}",
            crate::analysis::explain::hints::shortened(text.trim(), 60),
            crate::analysis::explain::hints::shortened(rest, 30),
        ),
        regex: format!("{open}{regex}{rest}"),
    }
}

/// Whether a text goes on in the midst of a word or path: it is more of what somebody chose.
fn splits(piece: &Piece) -> bool {
    !piece.before.ends_with(char::is_whitespace)
        && !piece.text.starts_with([' ', '\t', '[', '('])
        && !is_numbered(piece.text)
        && !fills_brackets(piece)
}

/// Brackets, and what takes any text inside of them.
const BRACKETS: [(char, char, &str); 2] = [('[', ']', r"[^\]]*"), ('(', ')', "[^)]*")];

/// Whether a text is all that stands in brackets for which the regex asks: `[f1b2]` for `[]`.
fn fills_brackets(piece: &Piece) -> bool {
    BRACKETS.iter().any(|(open, close, _)| {
        let is_inside = piece.before.ends_with(*open) && piece.behind.starts_with(*close);
        is_inside && !piece.text.contains([*open, *close])
    })
}

/// A regex for what stands in brackets, where the rest tells that somebody was turned away.
fn inside_brackets(pieces: &[Piece]) -> Option<&'static str> {
    let first = pieces.first()?;
    let kept = outcome::failing(pieces)?;
    let are_refused = outcome::is_refused(pieces) && kept.len() == pieces.len();
    let fill = are_refused && pieces.iter().all(fills_brackets);
    let mut brackets = BRACKETS.iter();
    let (.., inside) = brackets.find(|(open, ..)| first.before.ends_with(*open))?;
    fill.then_some(*inside)
}

/// `:1551` behind the name of a file, `:tid 7041`, `port=43632,`: a number that a program counts.
fn is_numbered(piece: &str) -> bool {
    let number = piece.trim_start_matches([':', ',', ';']);
    let number = number.trim_end_matches([',', ';']);
    let is_set_off = number.len() < piece.len();
    let digits = number.trim_start_matches(|c: char| c.is_ascii_alphabetic() || "_= ".contains(c));
    is_set_off && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text in brackets stands behind the address: a `.*` in front of that, which leaves it to
/// the client what is found, is left as it is.
fn is_told_of_address(open: &str, piece: &str) -> bool {
    let behind = ADDRESS_TAGS.iter().find_map(|tag| open.split_once(tag));
    let is_bracketed = [('(', ')'), ('[', ']')]
        .iter()
        .any(|(open, close)| piece.trim().starts_with(*open) && piece.trim().ends_with(*close));
    is_bracketed && behind.is_some_and(|(_, rest)| !has_wildcard(rest))
}

/// Texts of different words, up to the bracket that the regex goes on with and that none of them
/// has; only where the regex tells that somebody was turned away.
fn up_to(pieces: &[Piece], wanted: &str) -> Option<String> {
    let bracket = wanted.trim_start().chars().next()?;
    let is_in_none = pieces.iter().all(|piece| !piece.text.contains(bracket));
    let is_end = ['[', '('].contains(&bracket) && is_in_none;
    let is_done = !pieces.iter().any(|piece| outcome::is_qualified(piece.text));
    (is_end && is_done && outcome::is_refused(pieces)).then(|| format!(r"[^\{bracket}]*"))
}

/// A piece of the regex that takes characters of a class, and what takes more of them; not a class
/// that says what it does not take, which takes enough.
fn taken<'n>(case: &Case, node: &'n Node) -> Option<(&'n Node, &'static str)> {
    let (inner, several) = match &node.kind {
        Kind::Repeat(repeat) => (&*repeat.node, true),
        _ => (node, false),
    };
    let class = class(inner)?;
    let text = case.tree.text(inner.span);
    if class.negated || [r"\S", r"\s", "."].contains(&text) {
        return None;
    }
    let repeated = case.source[node.span.end..].starts_with(['+', '*', '{', '?']);
    match (several, text) {
        (false, r"\d") if !repeated => Some((node, r"\d+")),
        (false, r"\w") if !repeated => Some((node, r"\w+")),
        // a part of a path or value is chosen by the client, and by who looks for some of them
        (true, _) if !case.source[..node.span.start].ends_with(['/', '.', '?', '&', '%']) => {
            Some((node, r"\S+"))
        }
        _ => None,
    }
}

fn wider_offer(case: &Case, node: &Node, wider: &str) -> Offer {
    let span = Span { ..node.span };
    let (code, why) = if wider == r"\S+" && is_name(case, span.start) {
        (NAME, "takes the names of some users only")
    } else {
        ("takes-too-little", "takes less than the log has there")
    };
    Offer {
        code,
        why: format!("`{}` {why}", case.tree.text(span)),
        regex: replaced(case.source, span, wider),
    }
}

/// Whether what stands before a place says that the name of a user follows, in a line that tells of
/// a failure.
fn is_name(case: &Case, at: usize) -> bool {
    const BEFORE: [&str; 8] = [
        "user", "username", "login", "account", "name", "logname", "for", "ruser",
    ];
    let before = case.source[..at].trim_end_matches(|c: char| " :='\"".contains(c));
    let before = before.trim_end_matches(r"\s+").trim_end_matches(r"\s*");
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next();
    let word = word.unwrap_or_default().to_lowercase();
    BEFORE.contains(&word.as_str()) && words::tells_failure(case.line)
}
