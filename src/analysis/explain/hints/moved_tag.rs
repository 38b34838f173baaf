//! The regex with its tag at another place: where the address of the client stands, before what the
//! regex matches, in it, or behind.

use super::address::{ADDRESS_TAGS, Seen};
use super::lead::around;
use super::prefix::escaped;
use super::regex::{Tree, common};
use super::sides::{Side, side};
use crate::config::Sourced;
use crate::pattern::{Regex, Scratch};
use std::sync::Arc;

/// A regex, and the texts it matches with the addresses that may be the client's in each.
pub(super) struct Misplaced<'a> {
    pub(super) source: &'a Sourced,
    pub(super) texts: &'a [(String, Vec<Seen>)],
    /// Compiles a regex as the filter would.
    pub(super) compile: &'a dyn Fn(&str) -> Option<Arc<Regex>>,
}

/// Places of the address inside of a match that are tried.
const PLACES: usize = 3;

/// The regexes to try, the likeliest first.
pub(super) fn candidates(misplaced: &Misplaced, scratch: &mut Scratch) -> Vec<String> {
    let inside = (0..PLACES)
        .filter_map(|nth| moved(misplaced, nth, scratch))
        .collect::<Vec<_>>();
    let behind = appended(misplaced, scratch);
    let before = prepended(misplaced, scratch);
    let whole = completed(misplaced, scratch);
    let all = inside.into_iter().chain(behind).chain(before);
    all.chain(whole).collect()
}

/// Characters between a match and the right address; more where a word says that it is the client's.
const FAR: usize = 24;
const FAR_TOLD: usize = 48;

/// Whether what lies between a match and an address is little enough, and leads to nobody else: of
/// two names in a sentence the second may be a server's.
fn is_near(between: &str, text: &str, seen: &Seen, alone: bool) -> bool {
    let told = matches!(side(text, seen), Some(Side::Client | Side::Forwarded));
    let most = if told { FAR_TOLD } else { FAR };
    let says_words = between.contains(char::is_alphanumeric);
    !between.is_empty() && between.chars().count() <= most && (told || !alone || !says_words)
}

/// The regex with the right address behind its end, and no tag before: `\S+ \(<ADDR>\)`. What
/// stands between is alike in every line, and behind a name signs only.
fn appended(misplaced: &Misplaced, scratch: &mut Scratch) -> Option<String> {
    let source = &misplaced.source.text;
    let (before, rest) = around_tag(source)?;
    let regex = (misplaced.compile)(source)?;
    if regex.as_str().ends_with('$') {
        return None;
    }
    let dns = regex.group_index("dns");
    let (mut betweens, mut behind) = (Vec::new(), None::<Option<char>>);
    for (text, targets) in misplaced.texts {
        let found = regex.search(text, scratch).ok()??;
        let seen = targets.iter().find(|seen| seen.start >= found.end())?;
        let between = &text[found.end()..seen.start];
        let is_name = dns.and_then(|group| found.span(group)).is_some();
        let alone = is_name || misplaced.texts.len() < 2;
        if !is_near(between, text, seen, alone) {
            return None;
        }
        let next = text[seen.end..].chars().next();
        let closing = next.filter(|c| ")]>\"".contains(*c));
        if *behind.get_or_insert(closing) != closing {
            return None;
        }
        betweens.push(between.to_string());
    }
    let between = alike(&betweens)?;
    let closing = behind?.map_or(String::new(), |c| escaped(&c.to_string()));
    let rest = rest.strip_suffix(r"\b").unwrap_or(rest);
    Some(format!(r"{before}\S+{rest}{between}<ADDR>{closing}"))
}

/// The regex with the right address before its begin: `<ADDR> DENIED`. A tag that stood at the end
/// goes, with the wildcard that led to it.
fn prepended(misplaced: &Misplaced, scratch: &mut Scratch) -> Option<String> {
    let source = &misplaced.source.text;
    let (before, rest) = around_tag(source)?;
    let regex = (misplaced.compile)(source)?;
    let mut betweens = Vec::new();
    for (text, targets) in misplaced.texts {
        let found = regex.search(text, scratch).ok()??;
        let seen = targets.iter().rfind(|seen| seen.end <= found.start())?;
        let between = &text[seen.end..found.start()];
        if !is_near(between, text, seen, misplaced.texts.len() < 2) {
            return None;
        }
        betweens.push(between.to_string());
    }
    let between = alike(&betweens)?;
    let led = before.strip_suffix(".*").or(before.strip_suffix(".+"));
    Some(match led.filter(|_| rest.is_empty()) {
        Some(led) if led.len() > 1 => format!("<ADDR>{between}{}", led.trim_end_matches(' ')),
        _ => format!(r"<ADDR>{between}{before}\S+{rest}"),
    })
}

/// The regex with the whole of the address whose end its tag begins with, and what stands between
/// that address and the rest: `<ADDR>:\d+\] AH1`.
fn completed(misplaced: &Misplaced, scratch: &mut Scratch) -> Option<String> {
    let source = &misplaced.source.text;
    let (before, rest) = around_tag(source)?;
    let tag = &source[before.len()..source.len() - rest.len()];
    let regex = (misplaced.compile)(&format!("{before}(?P<zz>{tag}){rest}"))?;
    let group = regex.group_index("zz")?;
    let mut betweens = Vec::new();
    for (text, targets) in misplaced.texts {
        let (start, end) = regex.search(text, scratch).ok()??.span(group)?;
        let is_cut = |seen: &&Seen| seen.start < start && start < seen.end && seen.end <= end;
        let seen = targets.iter().find(is_cut)?;
        betweens.push(text[seen.end..end].to_string());
    }
    let texts: Vec<&str> = betweens.iter().map(String::as_str).collect();
    let between = common(&texts, false)?;
    Some(format!("{before}<ADDR>{between}{rest}"))
}

/// A regex before and behind its only tag.
fn around_tag(source: &str) -> Option<(&str, &str)> {
    let mut hosts = ADDRESS_TAGS
        .iter()
        .flat_map(|tag| source.match_indices(tag));
    let (at, tag) = hosts.next().filter(|_| hosts.next().is_none())?;
    Some((&source[..at], &source[at + tag.len()..]))
}

/// The text itself where it is the same in all lines, or else what is alike.
fn alike(texts: &[String]) -> Option<String> {
    let first = texts.first()?;
    if texts.iter().all(|text| text == first) {
        return Some(escaped(first));
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    common(&texts, false)
}

/// The pieces of a regex that the right address stands in, and what else those catch there.
struct Covered {
    first: usize,
    last: usize,
    befores: Vec<String>,
    behinds: Vec<String>,
}

/// The regex with its tag where the right address stands; the `nth` such place in a line.
fn moved(misplaced: &Misplaced, nth: usize, scratch: &mut Scratch) -> Option<String> {
    let tree = Tree::new(&misplaced.source.text)?;
    let pieces = tree.pieces();
    let is_host = |text: &str| matches!(text, "<HOST>" | "<ADDR>");
    let mut hosts = (0..pieces.len()).filter(|&at| is_host(tree.text(pieces[at].span)));
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    // every piece in a group of its own tells where it matched
    let grouped: String = (pieces.iter().enumerate())
        .map(|(at, piece)| format!("(?P<zz{at}>{})", tree.text(piece.span)))
        .collect();
    let regex = (misplaced.compile)(&grouped)?;
    let covered = covered(&regex, pieces.len(), misplaced.texts, nth, scratch)?;
    let (before, behind) = around(&covered.befores, &covered.behinds)?;
    let written = |range: std::ops::Range<usize>| -> String {
        range
            .map(|at| {
                if at == host {
                    r"\S+"
                } else {
                    tree.text(pieces[at].span)
                }
            })
            .collect()
    };
    let head = written(0..covered.first);
    if host > covered.last && host + 1 == pieces.len() {
        // what only led to the old place goes with it
        let sign = behind.strip_suffix(".*").unwrap_or(&behind);
        return Some(format!("{head}{before}<ADDR>{sign}"));
    }
    let rest = written(covered.last + 1..pieces.len());
    Some(format!("{head}{before}<ADDR>{behind}{rest}"))
}

/// Which pieces the `nth` target covers: the same in every text, or None.
fn covered(
    regex: &Regex,
    pieces: usize,
    texts: &[(String, Vec<Seen>)],
    nth: usize,
    scratch: &mut Scratch,
) -> Option<Covered> {
    let groups: Vec<usize> = (0..pieces)
        .map(|at| regex.group_index(&format!("zz{at}")))
        .collect::<Option<_>>()?;
    let mut all: Option<Covered> = None;
    for (text, targets) in texts {
        let found = regex.search(text, scratch).ok()??;
        let spans: Vec<(usize, usize)> = groups
            .iter()
            .map(|&group| found.span(group).unwrap_or((found.end(), found.end())))
            .collect();
        let inside = |seen: &&Seen| seen.start >= found.start() && seen.end <= found.end();
        let mut inside_of: Vec<&Seen> = targets.iter().filter(inside).collect();
        // a target the match ends in the middle of still begins in it
        if inside_of.is_empty() {
            inside_of = targets
                .iter()
                .filter(|seen| seen.start >= found.start() && seen.start < found.end())
                .collect();
        }
        let seen = inside_of.get(nth)?;
        let covers = |at: &usize| spans[*at].0 < seen.end && seen.start < spans[*at].1;
        let first = (0..pieces).find(covers)?;
        let last = (0..pieces).rfind(covers)?;
        let known = all.get_or_insert_with(|| Covered {
            first,
            last,
            befores: Vec::new(),
            behinds: Vec::new(),
        });
        if (known.first, known.last) != (first, last) {
            return None;
        }
        let before = spans[first].0.min(seen.start)..seen.start;
        known.befores.push(text[before].to_string());
        let behind = seen.end..spans[last].1.max(seen.end);
        known.behinds.push(text[behind].to_string());
    }
    all
}
