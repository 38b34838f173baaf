//! `<HOST>` catches something beside the address of the client: a name with the address behind
//! it, a piece of an address or of a version (`.*<HOST>`), the proxy, the port behind an IPv6
//! address. The regex is kept but for the pieces around both places.

use super::address::{Seen, addresses, is_private, is_whole, parsed};
use super::change::{RegexChange, RegexOption};
use super::prefix::escaped;
use super::regex::Tree;
use super::trials::{Trial, content};
use super::{Change, Hint, Proposal, Search, count};
use crate::config::Sourced;
use crate::engine::address::AddressKind;
use crate::pattern::Regex;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// A line that counts with the wrong id: where the right address stands.
struct Wrong {
    at: usize,
    text: String,
    targets: Vec<Seen>,
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let wrong = wrong(search);
    if wrong.is_empty() || 2 * wrong.len() < search.now.counting() {
        return None;
    }
    behind_port(search, &wrong)
        .or_else(|| elsewhere(search, &wrong))
        .or_else(|| piece(search, &wrong))
}

/// The lines that count for something that is no whole address, or for this machine, though
/// an address of another stands in them.
fn wrong(search: &Search) -> Vec<Wrong> {
    let counting: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].counts && !search.now.lines[at].ids.is_empty())
        .collect();
    // the address that stands in every line is the server's
    let mut lines_of: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for &at in &counting {
        let mut seen: Vec<IpAddr> = addresses(&search.now.lines[at].text)
            .iter()
            .map(|s| s.ip)
            .collect();
        seen.sort_unstable();
        seen.dedup();
        seen.into_iter()
            .for_each(|ip| *lines_of.entry(ip).or_default() += 1);
    }
    let everywhere = |ip: IpAddr| counting.len() > 1 && lines_of.get(&ip) == Some(&counting.len());
    let mut all = Vec::new();
    for &at in &counting {
        let line = &search.now.lines[at];
        let ids: Vec<Option<IpAddr>> = line.ids.iter().map(|(id, _)| parsed(id)).collect();
        let mut targets = addresses(&line.text);
        if targets.iter().any(|seen| !everywhere(seen.ip)) {
            targets.retain(|seen| !everywhere(seen.ip));
        }
        targets.retain(|seen| !ids.contains(&Some(seen.ip)));
        // this machine or a proxy, where the address of somebody outside stands, too
        let outside = targets
            .iter()
            .all(|seen| !is_private(seen.ip) && !everywhere(seen.ip));
        let right = line.ids.iter().all(|(id, kind)| match kind {
            AddressKind::Id => true,
            AddressKind::Dns => false,
            _ => {
                let own = parsed(id).is_some_and(|ip| is_private(ip) && everywhere(ip));
                is_whole(&line.text, id) && !(own && outside)
            }
        });
        if !right && !targets.is_empty() {
            all.push(Wrong {
                at,
                text: line.text.clone(),
                targets,
            });
        }
    }
    all
}

/// Whether a trial puts right every line that was wrong and leaves the others as they are.
fn holds(search: &Search, trial: &Trial, wrong: &[Wrong]) -> bool {
    let is_wrong = |at: usize| wrong.iter().any(|wrong| wrong.at == at);
    let mut pairs = search.now.lines.iter().zip(&trial.lines).enumerate();
    pairs.all(|(at, (now, then))| {
        if !is_wrong(at) {
            return now.counts == then.counts && now.ids == then.ids;
        }
        let whole = then.ids.iter().all(|(id, _)| is_whole(&now.text, id));
        let target = wrong
            .iter()
            .find(|wrong| wrong.at == at)
            .is_some_and(|wrong| {
                then.ids
                    .iter()
                    .all(|(id, _)| wrong.targets.iter().any(|seen| Some(seen.ip) == parsed(id)))
            });
        then.counts && !then.ids.is_empty() && whole && target
    })
}

/// `<HOST>:\d+`: the digits of the port were taken for a part of the address.
fn behind_port(search: &mut Search, wrong: &[Wrong]) -> Option<Hint> {
    let with_port = |text: &str| {
        let text = text
            .replace("<HOST>", r"<HOST>:\d+")
            .replace("<ADDR>", r"<ADDR>:\d+");
        text.replace(r":\d+:\d+", r":\d+")
    };
    let mut changes = Vec::new();
    for source in &search.now.regexes {
        let to = with_port(&source.text);
        if to != source.text {
            let change = RegexChange::new(RegexOption::Failregex, source, Some(to));
            changes.push(Change::Regex(change));
        }
    }
    let trial = search.attempt_all(&changes)?;
    if !holds(search, &trial, wrong) {
        return None;
    }
    let first = &wrong[0];
    let (caught, _) = search.now.lines[first.at].ids.first()?.clone();
    let (right, _) = trial.lines[first.at].ids.first()?.clone();
    let regex = trial
        .regexes
        .get(trial.lines[first.at].regex?)?
        .text
        .clone();
    Some(search.propose(Proposal {
        code: "port-taken",
        message: format!(
            "`{caught}` is {right} with digits of the port behind it: {} right with `{regex}`",
            count(wrong.len(), "line is", "lines are")
        ),
        change: Some(regex),
        changes,
        trial,
        lines: wrong.iter().map(|wrong| wrong.at).collect(),
    }))
}

/// The tag stands at another place of the regex.
fn elsewhere(search: &mut Search, wrong: &[Wrong]) -> Option<Hint> {
    let index = search.now.lines[wrong[0].at].regex?;
    let source = search.now.regexes.get(index)?.clone();
    let prefregex = search.now.prefregex.clone();
    let compile = |text: &str| search.evidence.filter.compile(text).ok();
    let prefregex = prefregex.and_then(|source| compile(&source.text));
    let mut texts: Vec<(String, Vec<Seen>)> = Vec::new();
    for wrong in wrong
        .iter()
        .filter(|wrong| search.now.lines[wrong.at].regex == Some(index))
    {
        let line = format!("{}\n", wrong.text);
        let seen = content(prefregex.as_deref(), &line, &mut search.scratch)?;
        let of_text = addresses(&seen);
        let is_target = |seen: &&Seen| wrong.targets.iter().any(|target| target.ip == seen.ip);
        let targets = of_text.iter().filter(is_target).copied().collect();
        texts.push((seen, targets));
    }
    for nth in 0..4 {
        let regex = match nth {
            3 => appended(&source, &texts, &compile, search),
            nth => moved(&source, &texts, nth, &compile, search),
        };
        let Some(regex) = regex else {
            continue;
        };
        let change = RegexChange::new(RegexOption::Failregex, &source, Some(regex.clone()));
        let changes = vec![Change::Regex(change)];
        let Some(trial) = search.attempt_all(&changes) else {
            continue;
        };
        if !holds(search, &trial, wrong) {
            continue;
        }
        let first = &wrong[0];
        let (caught, kind) = search.now.lines[first.at].ids.first()?.clone();
        let (right, _) = trial.lines[first.at].ids.first()?.clone();
        let what = match kind {
            AddressKind::Dns if caught.contains('.') => format!("the name {caught}"),
            AddressKind::Ip4 | AddressKind::Ip6 if is_whole(&first.text, &caught) => {
                format!("{caught}, which is in every line: this machine or a proxy")
            }
            _ => format!("`{caught}`, a piece of something"),
        };
        return Some(search.propose(Proposal {
            code: "wrong-address",
            message: format!(
                "`<HOST>` caught {what}; the client is {right}: {} it with `{regex}`",
                count(wrong.len(), "line names", "lines name")
            ),
            change: Some(regex),
            changes,
            trial,
            lines: wrong.iter().map(|wrong| wrong.at).collect(),
        }));
    }
    None
}

/// Characters between the end of a match and the right address.
const FAR: usize = 24;

/// The regex with the right address behind its end, and no tag before: `\S+ \(<ADDR>\)`. What
/// stands between is the same in every line, and behind a name signs only: of two names in a
/// sentence the second may be a server's.
fn appended(
    source: &Sourced,
    texts: &[(String, Vec<Seen>)],
    compile: &dyn Fn(&str) -> Option<Arc<Regex>>,
    search: &mut Search,
) -> Option<String> {
    let tags = ["<HOST>", "<ADDR>"];
    let mut hosts = tags.iter().flat_map(|tag| source.text.match_indices(tag));
    let (at, tag) = hosts.next().filter(|_| hosts.next().is_none())?;
    let regex = compile(&source.text)?;
    let (dns, end) = (regex.group_index("dns"), regex.as_str().ends_with('$'));
    let (mut between, mut behind) = (None::<String>, None::<Option<char>>);
    for (text, targets) in texts {
        let found = regex.search(text, &mut search.scratch).ok()??;
        let seen = targets.iter().find(|seen| seen.start >= found.end())?;
        let here = &text[found.end()..seen.start];
        let is_name = dns.and_then(|group| found.span(group)).is_some();
        let far = here.chars().count() > FAR;
        if far || here.is_empty() || is_name && here.contains(char::is_alphanumeric) {
            return None;
        }
        let closing = text[seen.end..]
            .chars()
            .next()
            .filter(|c| ")]>\"".contains(*c));
        let known = between.get_or_insert_with(|| here.to_string());
        if known != here || *behind.get_or_insert(closing) != closing {
            return None;
        }
    }
    let (between, closing) = (between?, behind?);
    if end || texts.len() < 2 && between.contains(char::is_alphanumeric) {
        return None;
    }
    let closing = closing.map_or(String::new(), |c| escaped(&c.to_string()));
    let (before, rest) = (&source.text[..at], &source.text[at + tag.len()..]);
    let rest = rest.strip_suffix(r"\b").unwrap_or(rest);
    Some(format!(
        r"{before}\S+{rest}{}<ADDR>{closing}",
        escaped(&between)
    ))
}

/// The pieces of a regex that the right address stands in, and what else those catch there.
struct Covered {
    first: usize,
    last: usize,
    befores: Vec<String>,
    behinds: Vec<String>,
}

/// The regex with its tag where the right address stands; the `nth` such place in a line.
fn moved(
    source: &Sourced,
    texts: &[(String, Vec<Seen>)],
    nth: usize,
    compile: &dyn Fn(&str) -> Option<Arc<Regex>>,
    search: &mut Search,
) -> Option<String> {
    let tree = Tree::new(&source.text)?;
    let pieces = tree.pieces();
    let is_host = |text: &str| matches!(text, "<HOST>" | "<ADDR>");
    let mut hosts = (0..pieces.len()).filter(|&at| is_host(tree.text(pieces[at].span)));
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    // every piece in a group of its own tells where it matched
    let grouped: String = (pieces.iter().enumerate())
        .map(|(at, piece)| format!("(?P<zz{at}>{})", tree.text(piece.span)))
        .collect();
    let covered = covered(&*compile(&grouped)?, pieces.len(), texts, nth, search)?;
    let befores: Vec<&str> = covered.befores.iter().map(String::as_str).collect();
    let before = super::regex::common(&befores, true)?;
    let behind = behind(&covered.behinds);
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
    search: &mut Search,
) -> Option<Covered> {
    let groups: Vec<usize> = (0..pieces)
        .map(|at| regex.group_index(&format!("zz{at}")))
        .collect::<Option<_>>()?;
    let mut all: Option<Covered> = None;
    for (text, targets) in texts {
        let found = regex.search(text, &mut search.scratch).ok()??;
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

/// What is caught is a piece, and no regex is known that does better.
fn piece(search: &Search, wrong: &[Wrong]) -> Option<Hint> {
    let is_piece = |wrong: &&Wrong| {
        let (caught, kind) = &search.now.lines[wrong.at].ids[0];
        match kind {
            AddressKind::Ip4 | AddressKind::Ip6 => !is_whole(&wrong.text, caught),
            // a name has a dot, and stands between blanks or brackets
            AddressKind::Dns => !caught.contains('.'),
            AddressKind::Id => false,
        }
    };
    let pieces: Vec<&Wrong> = wrong.iter().filter(is_piece).collect();
    let first = pieces.first()?;
    let (caught, _) = search.now.lines[first.at].ids.first()?;
    Some(Hint {
        code: "piece-of-address".into(),
        message: format!(
            "`<HOST>` caught `{caught}`, a piece of what stands there: a `.*` in front of it took \
             the rest; write what stands right before the address (as in `from <HOST>`), and \
             `<ADDR>` for addresses only"
        ),
        change: None,
        apply: None,
        lines: pieces.len() as u64,
        example: search.example(first.at),
    })
}
