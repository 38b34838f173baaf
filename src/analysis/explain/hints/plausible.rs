//! What a change must lead to before it is proposed: the rules that every finder's candidate
//! passes. More lines that match are not enough.

use super::address::{Seen, addresses, is_whole, parsed};
use super::sides::{Side, place_of, side};
use super::trial::{Trial, TrialLine};
use super::{Search, words};
use crate::engine::address::AddressKind;

const DAY: f64 = 86_400.0;

/// The lines a change makes count, if it is worth saying: it loses and alters nothing, the ids
/// are whole, no success is counted, and it finds at least as much again. Filters leave lines
/// out on purpose; a looser one always finds a few.
pub(super) fn gain(search: &Search, trial: &Trial) -> Option<Vec<usize>> {
    near_gain(search, trial).filter(|gained| gained.len() >= search.now.counting())
}

/// The same for a change that is small beside what already agrees between regex and line:
/// however few the lines are, they are what the regex is for.
pub(super) fn near_gain(search: &Search, trial: &Trial) -> Option<Vec<usize>> {
    let gained = trial.gained(&search.now);
    let is_right = |&at: &usize| {
        let text = &search.evidence.lines[at].text;
        has_right_ids(text, &trial.lines[at])
            && !words::tells_success(text)
            && !is_quoted_by_another(text, &trial.lines[at])
            && !is_far_end(text, &trial.lines[at])
    };
    let holds = !gained.is_empty()
        && trial.lost(&search.now) == 0
        && gained.iter().all(is_right)
        && keeps_ids(search, trial)
        && !is_bystander(search, trial, &gained);
    holds.then_some(gained)
}

/// Whether all lines name one and the same address, each beside another one that is not the same in
/// all: this machine, a proxy.
fn is_bystander(search: &Search, trial: &Trial, gained: &[usize]) -> bool {
    const FEW: usize = 3;
    let ids = &trial.lines[gained[0]].ids;
    let is_it = |seen: &Seen| ids.iter().any(|(id, _)| parsed(id) == Some(seen.ip));
    if gained.len() < FEW || gained.iter().any(|&at| trial.lines[at].ids != *ids) {
        return false;
    }
    let texts = gained.iter().map(|&at| &search.evidence.lines[at].text);
    let others = texts.map(|text| addresses(text).into_iter().find(|seen| !is_it(seen)));
    let others: Option<Vec<_>> = others.map(|seen| seen.map(|seen| seen.ip)).collect();
    others.is_some_and(|all| all.iter().any(|ip| *ip != all[0]))
}

/// Whether the lines that count as things stand name the same ids.
pub(super) fn keeps_ids(search: &Search, trial: &Trial) -> bool {
    let mut pairs = search.now.lines.iter().zip(&trial.lines);
    pairs.all(|(now, then)| !now.counts || now.ids == then.ids)
}

/// Whether the ids of a line that counts are what a person would point at.
pub(super) fn has_right_ids(text: &str, line: &TrialLine) -> bool {
    !line.ids.is_empty()
        && line.ids.iter().all(|(id, kind)| match kind {
            AddressKind::Ip4 | AddressKind::Ip6 => is_whole(text, id),
            // a log that names hosts only has them in full
            AddressKind::Dns => id.contains('.') && addresses(text).is_empty(),
            AddressKind::Id => true,
        })
}

/// Whether the ids stand in a quoted text, or in quotes inside of one, and the address of another
/// outside: a client writes what it likes into its name, its agent, its referrer.
fn is_quoted_by_another(text: &str, line: &TrialLine) -> bool {
    let depth = |seen: &&Seen| {
        let before = &text[..seen.start];
        let escaped = before.matches("\\\"").count();
        (before.matches('"').count() - escaped) % 2 + escaped % 2
    };
    let all = addresses(text);
    let is_id = |seen: &Seen| line.ids.iter().any(|(id, _)| parsed(id) == Some(seen.ip));
    let (of_ids, others): (Vec<&Seen>, Vec<&Seen>) = all.iter().partition(|seen| is_id(seen));
    let least = of_ids.iter().map(depth).min().unwrap_or_default();
    others.iter().any(|seen| depth(seen) < least)
}

/// Whether the line says that the ids are what was asked for, and of another address that it asked, or
/// nothing.
fn is_far_end(text: &str, line: &TrialLine) -> bool {
    let is_server = |seen: &Seen| side(text, seen) == Some(Side::Server);
    let mut ids = line.ids.iter();
    ids.any(|(id, _)| place_of(text, id).is_some_and(|seen| is_server(&seen)))
        && (addresses(text).iter()).any(|seen| !is_server(seen))
}

/// Whether the dates read are times at which the lines can have been written: none in the
/// future, and in order as far as logs are.
pub(super) fn are_times(search: &Search, trial: &Trial) -> bool {
    let limit = search.evidence.clock.now_epoch() + DAY;
    let times: Vec<f64> = trial.lines.iter().filter_map(|line| line.time).collect();
    let ahead = times.iter().filter(|&&time| time > limit).count();
    ahead == 0 && is_ordered(&times)
}

/// Whether times follow each other: of ten steps one may go back.
pub(super) fn is_ordered(times: &[f64]) -> bool {
    let back = times
        .windows(2)
        .filter(|pair| pair[1] < pair[0] - 60.0)
        .count();
    10 * back <= times.len().saturating_sub(1)
}
