//! `<HOST>` catches something beside the address of the client: a name with the address behind
//! it, a piece of an address or of a version (`.*<HOST>`), the proxy, the port behind an IPv6
//! address. The regex is kept but for the pieces around both places.

use super::address::{ADDRESS_TAGS, Seen, addresses, is_private, is_whole, parsed};
use super::change::{RegexChange, RegexOption};
use super::moved_tag::{self, Misplaced};
use super::sample_sides::Sides;
use super::sides::{Side, place_of, side};
use super::trial::{Trial, TrialLine};
use super::trials::content;
use super::{Change, Hint, Proposal, Search, count, plausible, words};
use crate::engine::address::AddressKind;
use std::net::IpAddr;

/// A line that counts with the wrong id: where the right address stands.
struct Wrong {
    at: usize,
    text: String,
    targets: Vec<Seen>,
}

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let sides = Sides::of(search);
    let wrong = wrong(search, &sides);
    if wrong.is_empty() || 2 * wrong.len() < search.now.counting() {
        return None;
    }
    behind_port(search, &wrong)
        .or_else(|| elsewhere(search, &sides, &wrong))
        .or_else(|| piece(search, &wrong))
}

/// The lines that count for something that is no whole address, for this machine or for the far end
/// of a connection, though an address of the client stands in them.
fn wrong(search: &Search, sides: &Sides) -> Vec<Wrong> {
    let mut all = Vec::new();
    for at in 0..search.now.lines.len() {
        let line = &search.now.lines[at];
        if !line.counts || line.ids.is_empty() {
            continue;
        }
        let ids: Vec<Option<IpAddr>> = line.ids.iter().map(|(id, _)| parsed(id)).collect();
        let mut targets = sides.clients(search, at);
        targets.retain(|seen| !ids.contains(&Some(seen.ip)));
        let whole = whole_of(line);
        if !whole.is_empty() {
            targets = whole;
        }
        let right = line.ids.iter().all(|(id, kind)| match kind {
            AddressKind::Id => true,
            AddressKind::Dns => false,
            _ => match place_of(&line.text, id) {
                Some(seen) => !is_of_another(search, sides, (at, &seen), &targets),
                None => false,
            },
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

/// The addresses that pieces were caught of: `192.0.2` of `192.0.2.7`. They are what the regex is
/// for, whoever else the line names, but for that of a proxy.
fn whole_of(line: &TrialLine) -> Vec<Seen> {
    let is_of = |seen: &Seen| {
        let text = &line.text[seen.start..seen.end];
        let is_piece = |id: &str| id.contains(['.', ':']) && id != text && text.contains(id);
        line.ids.iter().any(|(id, _)| is_piece(id)) && !is_private(seen.ip)
    };
    let mut all = addresses(&line.text);
    all.retain(is_of);
    all
}

/// Whether an address that was caught is not the client's, and the targets are: the line says so, or
/// it is that of this machine or of a proxy, where the address of somebody outside stands, too.
fn is_of_another(
    search: &Search,
    sides: &Sides,
    (at, caught): (usize, &Seen),
    targets: &[Seen],
) -> bool {
    let is_told = |seen: &Seen| sides.side(search, at, seen) > Some(Side::Server);
    if sides.side(search, at, caught) == Some(Side::Server) && targets.iter().any(is_told) {
        return true;
    }
    let mut others = targets.iter().filter(|seen| !sides.is_everywhere(seen.ip));
    if !sides.is_everywhere(caught.ip) || others.clone().count() < targets.len() {
        return false;
    }
    // of the one nothing is said, and of others that change that they are the clients'
    let is_unsaid = sides.side(search, at, caught).is_none() && sides.is_common(caught.ip);
    is_unsaid && others.clone().all(is_told)
        || is_private(caught.ip) && others.all(|seen| !is_private(seen.ip))
}

/// Whether a trial puts right every line that was wrong and leaves the others as they are. A line
/// for which the proxy alone was found is lost: it tells of nobody.
fn holds(search: &Search, trial: &Trial, wrong: &[Wrong]) -> bool {
    let is_wrong = |at: usize| wrong.iter().any(|wrong| wrong.at == at);
    let mut pairs = search.now.lines.iter().zip(&trial.lines).enumerate();
    pairs.all(|(at, (now, then))| {
        if !is_wrong(at) {
            let is_same = now.counts == then.counts && now.ids == then.ids;
            return is_same
                || !now.counts && is_rightly_gained(search, at, then)
                || is_told_better(now, then)
                || now.counts && !then.counts && is_of_proxy(search, &now.ids, wrong);
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

/// Whether a line that counts with the tag at its right place is one that it is for, too.
fn is_rightly_gained(search: &Search, at: usize, then: &TrialLine) -> bool {
    let text = &search.evidence.lines[at].text;
    then.counts && plausible::has_right_ids(text, then) && words::tells_failure(text)
}

/// Whether a line names the id it had without a word, and says of the new one that it is the
/// client's: a user who is called like an address.
fn is_told_better(now: &TrialLine, then: &TrialLine) -> bool {
    let side_of = |id: &str| place_of(&now.text, id).and_then(|seen| side(&now.text, &seen));
    let is_told = |(id, _): &(String, AddressKind)| side_of(id) > Some(Side::Server);
    now.counts
        && then.counts
        && !then.ids.is_empty()
        && then.ids.iter().all(is_told)
        && now.ids.iter().all(|(id, _)| side_of(id).is_none())
}

/// Whether ids are private addresses that were caught in the wrong lines, too.
fn is_of_proxy(search: &Search, ids: &[(String, AddressKind)], wrong: &[Wrong]) -> bool {
    let is_caught = |wrong: &Wrong| search.now.lines[wrong.at].ids == ids;
    ids.iter().all(|(id, _)| parsed(id).is_some_and(is_private)) && wrong.iter().any(is_caught)
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
fn elsewhere(search: &mut Search, sides: &Sides, wrong: &[Wrong]) -> Option<Hint> {
    // of two addresses of which nothing tells the sides none is proposed
    let is_settled = |wrong: &Wrong| {
        wrong
            .targets
            .iter()
            .all(|seen| seen.ip == wrong.targets[0].ip)
    };
    if !wrong.iter().all(is_settled) {
        return None;
    }
    let index = search.now.lines[wrong[0].at].regex?;
    let source = search.now.regexes.get(index)?.clone();
    let compile = |text: &str| search.evidence.filter.compile(text).ok();
    let texts = texts_of(search, wrong, index)?;
    let misplaced = Misplaced {
        source: &source,
        texts: &texts,
        compile: &compile,
    };
    for regex in moved_tag::candidates(&misplaced, &mut search.scratch) {
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
            AddressKind::Dns if !is_led_by_wildcard(search, first.at) => {
                format!("`{caught}`, which is no address")
            }
            AddressKind::Ip4 | AddressKind::Ip6 if is_whole(&first.text, &caught) => {
                let everywhere = parsed(&caught).is_some_and(|ip| sides.is_everywhere(ip));
                let why = if everywhere {
                    "is in every line: this machine or a proxy"
                } else {
                    "the line names as the server's"
                };
                format!("{caught}, which {why}")
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

/// What a failregex sees of the wrong lines that it matches, with the right addresses in it.
fn texts_of(
    search: &mut Search,
    wrong: &[Wrong],
    index: usize,
) -> Option<Vec<(String, Vec<Seen>)>> {
    let prefregex = search.now.prefregex.clone();
    let prefregex = prefregex.and_then(|p| search.evidence.filter.compile(&p.text).ok());
    let mut texts = Vec::new();
    for wrong in wrong {
        if search.now.lines[wrong.at].regex != Some(index) {
            continue;
        }
        let line = format!("{}\n", wrong.text);
        let text = content(prefregex.as_deref(), &line, &mut search.scratch)?;
        let is_target = |seen: &Seen| wrong.targets.iter().any(|target| target.ip == seen.ip);
        let targets = addresses(&text).into_iter().filter(is_target).collect();
        texts.push((text, targets));
    }
    Some(texts)
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
    let reason = if is_led_by_wildcard(search, first.at) {
        "a piece of what stands there: a `.*` in front of it took the rest"
    } else {
        "which is no address"
    };
    Some(Hint {
        code: "piece-of-address".into(),
        message: format!(
            "`<HOST>` caught `{caught}`, {reason}; write what stands right before the address (as \
             in `from <HOST>`), and `<ADDR>` for addresses only"
        ),
        change: None,
        apply: None,
        lines: pieces.len() as u64,
        example: search.example(first.at),
    })
}

/// Whether the regex that matched a line has a wildcard in front of its tag, which takes what it can.
fn is_led_by_wildcard(search: &Search, at: usize) -> bool {
    let index = search.now.lines[at].regex;
    let source = index.and_then(|index| search.now.regexes.get(index));
    source.is_some_and(|source| {
        let tag = ADDRESS_TAGS.iter().find_map(|tag| source.text.find(tag));
        let before = &source.text[..tag.unwrap_or(0)];
        [".*", ".+", r"\S+", r"\S*"]
            .iter()
            .any(|free| before.ends_with(free))
    })
}
