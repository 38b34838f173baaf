//! What a filter says of every line of a log: the raw material of a comparison.
//!
//! Runs the engine itself, in order, sessions and buffers included. Not for counts and
//! reports (`engine::stats`), and it measures nothing.

use super::log::{Log, LogLine};
use crate::date::{Clock, DateDetector};
use crate::engine::session::Found;
use crate::engine::{Filter, LineOutcome, Session, Verdict};
use crate::pattern::Scratch;
use std::collections::HashMap;

/// The verdict on one line with what led to it.
#[derive(Debug)]
pub(super) struct BenchLine {
    /// Missed, ignored or matched.
    pub(super) verdict: Verdict,
    /// The failregexes' hits, NOFAIL ones among them, with their failure dictionaries.
    pub(super) hits: Vec<Found>,
    /// A regex gave no answer within its step budget.
    pub(super) exhausted: bool,
}

impl BenchLine {
    /// The ids that count, each once, in order.
    pub(super) fn addresses(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for hit in self.hits.iter().filter(|hit| !hit.nofail) {
            let id = hit.id.as_ref().map(|id| id.text.as_str());
            all.extend(id.filter(|id| !all.contains(id)));
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

impl<'a> Candidate<'a> {
    fn session(self) -> Session<'a> {
        Session::new(self.filter, self.clock, self.detector.cloned())
    }
}

/// A filter on its way through a log, in the lines' order.
pub(super) struct Run<'a> {
    session: Session<'a>,
    scratch: Scratch,
    /// The verdicts of a multi-line filter: later lines change those on earlier ones, so that
    /// they are known only behind the last line.
    settled: Option<Vec<Verdict>>,
    /// Lines judged.
    judged: usize,
}

impl<'a> Run<'a> {
    /// A run at the begin of a log.
    pub(super) fn new(candidate: Candidate<'a>, log: &Log) -> Run<'a> {
        let is_multi_line = candidate.filter.is_multi_line();
        Run {
            session: candidate.session().keep_data(true),
            scratch: Scratch::fast(),
            settled: is_multi_line.then(|| settled(candidate, log)),
            judged: 0,
        }
    }

    /// The verdicts on the next lines.
    pub(super) fn block(&mut self, lines: &[LogLine]) -> Vec<BenchLine> {
        lines.iter().map(|line| self.line(line)).collect()
    }

    fn line(&mut self, line: &LogLine) -> BenchLine {
        let outcome = outcome(&mut self.session, line, &mut self.scratch);
        let settled = self.settled.as_ref().and_then(|all| all.get(self.judged));
        self.judged += 1;
        BenchLine {
            verdict: settled.copied().unwrap_or_else(|| Verdict::of(&outcome)),
            hits: outcome.found,
            exhausted: !outcome.exhausted.is_empty(),
        }
    }
}

fn outcome(session: &mut Session, line: &LogLine, scratch: &mut Scratch) -> LineOutcome {
    match line.time {
        Some(time) => session.entry(&line.text, time, scratch),
        None => session.line(&line.text, scratch),
    }
}

/// The verdicts of a multi-line filter, as they are behind the last line. Lines of the buffer
/// that a line's match took out of it were missed before and count as matched now
/// (`Fail2banRegex.testRegex`); the latest missed line of that text is it.
fn settled(candidate: Candidate, log: &Log) -> Vec<Verdict> {
    let (mut session, mut scratch) = (candidate.session(), Scratch::fast());
    let mut all: Vec<Verdict> = Vec::with_capacity(log.lines.len());
    let mut missed: HashMap<&str, Vec<usize>> = HashMap::new();
    for line in &log.lines {
        let outcome = outcome(&mut session, line, &mut scratch);
        for taken in &outcome.taken {
            if let Some(at) = missed.get_mut(taken.joined()).and_then(Vec::pop) {
                all[at] = Verdict::Matched;
            }
        }
        let verdict = Verdict::of(&outcome);
        if verdict == Verdict::Missed {
            missed.entry(&line.text).or_default().push(all.len());
        }
        all.push(verdict);
    }
    all
}
