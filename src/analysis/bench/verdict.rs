//! What a filter says of every line of a log: the raw material of a comparison.
//!
//! Runs the engine itself, in order, sessions and buffers included. Not for counts and
//! reports (`engine::stats`), and it measures nothing.

use super::log::Log;
use crate::date::{Clock, DateDetector};
use crate::engine::groups::{Key, Value};
use crate::engine::session::Found;
use crate::engine::{Filter, LineOutcome, Session, Verdict};
use crate::pattern::Scratch;
use std::collections::BTreeMap;

/// A failregex's hit in a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hit {
    /// Index of the failregex, from 0.
    pub(crate) regex: usize,
    /// The failure id: the address fail2ban would ban; None while a session lacks one.
    pub(crate) id: Option<String>,
    /// The time of the failure, epoch seconds.
    pub(crate) time: Option<f64>,
    /// Helps, but does not count.
    pub(crate) nofail: bool,
    /// The failure dictionary by name, without what is fail2ban's own book-keeping.
    pub(crate) groups: BTreeMap<String, String>,
}

/// The verdict on one line with what led to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct BenchLine {
    /// Missed, ignored or matched.
    pub(crate) verdict: Verdict,
    /// The hits, NOFAIL ones among them.
    pub(crate) hits: Vec<Hit>,
    /// A regex gave no answer within its step budget.
    pub(crate) exhausted: bool,
}

impl BenchLine {
    /// The ids that count, each once, in order.
    pub(crate) fn addresses(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for hit in self.hits.iter().filter(|hit| !hit.nofail) {
            if let Some(id) = hit.id.as_deref().filter(|id| !all.contains(id)) {
                all.push(id);
            }
        }
        all
    }
}

/// A filter and what a run of it starts from.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    /// The filter.
    pub(crate) filter: &'a Filter,
    /// Its date detector, fresh; None where lines bring their dates.
    pub(crate) detector: Option<&'a DateDetector>,
    /// The clock.
    pub(crate) clock: &'a Clock,
}

/// Runs a filter over a log: one verdict per line, in the lines' order.
pub(crate) fn verdicts(candidate: Candidate, log: &Log) -> Vec<BenchLine> {
    let Candidate {
        filter,
        detector,
        clock,
    } = candidate;
    let mut session = Session::new(filter, clock, detector.cloned()).keep_data(true);
    let mut scratch = Scratch::default();
    let mut all: Vec<BenchLine> = Vec::with_capacity(log.lines.len());
    for line in &log.lines {
        let outcome = match line.time {
            Some(time) => session.entry(&line.text, time, &mut scratch),
            None => session.line(&line.text, &mut scratch),
        };
        take_from_missed(&mut all, &outcome, log);
        all.push(judged(&outcome, filter));
    }
    all
}

fn judged(outcome: &LineOutcome, filter: &Filter) -> BenchLine {
    BenchLine {
        verdict: Verdict::of(outcome),
        hits: outcome
            .found
            .iter()
            .map(|found| hit(found, filter))
            .collect(),
        exhausted: !outcome.exhausted.is_empty(),
    }
}

fn hit(found: &Found, filter: &Filter) -> Hit {
    // what fail2ban keeps for itself between the lines of a session
    let own = [
        Key::MATCHES,
        Key::NOFAIL_MATCHES,
        Key::MLFPENDING,
        Key::CONTENT,
    ];
    let groups = (found.data.iter().flat_map(|data| data.iter()))
        .filter(|(key, value)| !own.contains(key) && **value != Value::None)
        .map(|(key, value)| {
            (
                filter.names.name(key).to_string(),
                value.to_text().to_string(),
            )
        })
        .collect();
    Hit {
        regex: found.regex,
        id: found.id.as_ref().map(|id| id.text.to_string()),
        time: found.date.map(|date| date.seconds()),
        nofail: found.nofail,
        groups,
    }
}

/// Lines of the buffer that this line's match took out of it were missed before and count
/// as matched now (`Fail2banRegex.testRegex`); the latest missed line of that text is it.
fn take_from_missed(all: &mut [BenchLine], outcome: &LineOutcome, log: &Log) {
    for taken in &outcome.taken {
        let text = taken.joined();
        let is_it = |at: &usize| {
            let earlier: &BenchLine = &all[*at];
            earlier.verdict == Verdict::Missed && log.lines[*at].text == text
        };
        if let Some(at) = (0..all.len()).rev().find(is_it) {
            all[at].verdict = Verdict::Matched;
        }
    }
}
