//! Lines kept word for word while a log is read, a bounded number of each kind, and looked at once
//! it is read: which parts the regexes took, where a missed line stops.
//!
//! Of matched and ignored lines the first of each regex are kept. The first missed ones are
//! seldom those one would want to see: so of many, one of each shape is kept, and of these the ones
//! are shown that name an address and tell of a failure.

use super::marks::{Cut, Mark, Matches};
use crate::analysis::explain::hints::{names_attacker, tells_failure};
use crate::analysis::explain::missed::nearest;
use crate::analysis::explain::near::Graphs;
use crate::analysis::explain::source::source_span;
use crate::analysis::explain::steps::{DateStep, Explanation, explain};
use crate::analysis::run::role_name;
use crate::analysis::wording::begin;
use crate::date::{Clock, DateDetector};
use crate::engine::groups::TupleLine;
use crate::engine::session::{Found, LineOutcome};
use crate::engine::verdict_sink::LineVerdict;
use crate::engine::{Filter, RegexRole, Session, Verdict};
use crate::pattern::Scratch;
use foldhash::fast::FixedState;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};

/// Lines kept of a kind: of each regex, and of missed ones.
const OF_A_KIND: usize = 20;
/// Lines kept of all failregexes together.
const MATCHED: usize = 400;
/// Missed lines that are looked at, and shapes told apart among them.
const LOOKED_AT: u64 = 5_000;
const SHAPES: usize = 400;
/// Missed lines that are explained, and how many are shown that stop at the same place.
const EXPLAINED: usize = 24;
const ALIKE: usize = 3;
/// Bytes of a line that is shown whole; of one that is longer, those that are shown. No parts are
/// told of it.
const LONGEST: usize = 2 << 10;
const BEGIN: usize = 512;
/// Pieces told of what was expected where a line stops, and bytes of each.
const EXPECTED: usize = 3;
const PIECE: usize = 120;

/// The lines that are asked for in full (`--print-all-matched` and its like).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AllLines {
    /// All matched ones.
    pub(crate) matched: bool,
    /// All ignored ones.
    pub(crate) ignored: bool,
    /// All missed ones.
    pub(crate) missed: bool,
}

/// A line as it was read.
#[derive(Clone, Debug)]
struct Kept {
    log: usize,
    number: u64,
    /// The time an entry brings along.
    time: Option<f64>,
    text: String,
    bytes: usize,
    verdict: Verdict,
    roles: Vec<RegexRole>,
    /// Of a missed line: one of its shape was kept before.
    is_known: bool,
}

/// Keeps lines.
pub(super) struct LineKeeper {
    all: AllLines,
    /// How many more lines of each regex are kept.
    failregexes: Vec<usize>,
    ignoreregexes: Vec<usize>,
    kept: Vec<Kept>,
    missed: Vec<Kept>,
    shapes: HashSet<u64, FixedState>,
    looked_at: u64,
    /// From here on it is not known of which log the lines are.
    unplaced: (usize, usize),
}

impl LineKeeper {
    pub(super) fn new(filter: &Filter, all: AllLines) -> LineKeeper {
        let (fails, ignores) = (filter.failregexes.len(), filter.ignoreregexes.len());
        let share = |regexes: usize| (MATCHED / regexes.max(1)).clamp(1, OF_A_KIND);
        let limit = |all: bool, regexes: usize| {
            let most = if all { usize::MAX } else { share(regexes) };
            vec![most; regexes]
        };
        LineKeeper {
            all,
            failregexes: limit(all.matched, fails),
            ignoreregexes: limit(all.ignored, ignores),
            kept: Vec::new(),
            missed: Vec::new(),
            shapes: HashSet::default(),
            looked_at: 0,
            unplaced: (0, 0),
        }
    }

    pub(super) fn wants_missed(&self) -> bool {
        self.all.missed || self.looked_at < LOOKED_AT && self.missed.len() < SHAPES
    }

    /// The lines since the last call are of that log.
    pub(super) fn block_of(&mut self, log: usize) {
        let (kept, missed) = self.unplaced;
        let new = self.kept.iter_mut().skip(kept);
        let new = new.chain(self.missed.iter_mut().skip(missed));
        new.for_each(|line| line.log = log);
        self.unplaced = (self.kept.len(), self.missed.len());
    }

    /// Whether a line may be one to keep, or complete one that was kept. Of most lines it is known at
    /// once that they are not: their regexes have examples enough.
    #[inline]
    pub(super) fn is_wanted(&self, outcome: &LineOutcome) -> bool {
        let has_room = |found: &Found| self.failregexes.get(found.regex) != Some(&0);
        let keeps_ignored = |index: &usize| self.ignoreregexes.get(*index) != Some(&0);
        outcome.found.iter().any(has_room)
            || outcome.ignored_by.iter().any(keeps_ignored)
            || !outcome.taken.is_empty()
            || outcome.found.is_empty() && outcome.ignored_by.is_empty() && self.wants_missed()
    }

    pub(super) fn line(&mut self, folded: &LineVerdict, time: Option<f64>) {
        let outcome = folded.outcome;
        for taken in &outcome.taken {
            self.completed(taken.joined());
        }
        if outcome.found.is_empty() && outcome.ignored_by.is_empty() {
            self.missed(folded, time);
            return;
        }
        let mut roles: Vec<RegexRole> = Vec::new();
        for found in &outcome.found {
            if take(&mut self.failregexes, found.regex) {
                roles.push(RegexRole::Failregex(found.regex));
            }
        }
        for &index in &outcome.ignored_by {
            if take(&mut self.ignoreregexes, index) {
                roles.push(RegexRole::Ignoreregex(index));
            }
        }
        if !roles.is_empty() {
            let verdict = Verdict::of(outcome);
            self.kept.push(kept(folded, time, verdict, roles));
        }
    }

    /// A missed line is part of a match now, of a regex over several lines.
    fn completed(&mut self, line: &str) {
        let is_it = |known: &Kept| known.bytes == line.len() && line.starts_with(&known.text);
        if let Some(at) = self.missed.iter().rposition(is_it) {
            self.missed.remove(at);
            self.unplaced.1 -= usize::from(at < self.unplaced.1);
        }
    }

    fn missed(&mut self, folded: &LineVerdict, time: Option<f64>) {
        if !self.wants_missed() {
            return;
        }
        self.looked_at += 1;
        let is_known = !self.shapes.insert(shape(folded.line));
        if self.all.missed || !is_known || self.looked_at <= OF_A_KIND as u64 {
            let line = kept(folded, time, Verdict::Missed, Vec::new());
            self.missed.push(Kept { is_known, ..line });
        }
    }

    /// The lines with their parts, in the order they were read, and how many missed ones were
    /// looked at.
    pub(super) fn finish(
        self,
        filter: &Filter,
        clock: &Clock,
        detector: Option<&DateDetector>,
    ) -> (Vec<ExampleLine>, u64) {
        let mut missed: Vec<Kept> = self.missed;
        let chooses = !self.all.missed && self.looked_at > OF_A_KIND as u64;
        if chooses {
            missed.retain(|line| !line.is_known);
            let worth = |line: &Kept| {
                let text = begin(&line.text, LONGEST);
                (names_attacker(text), tells_failure(text))
            };
            missed.sort_by_cached_key(|line| std::cmp::Reverse(worth(line)));
            missed.truncate(EXPLAINED);
        }
        let mut all = self.kept;
        all.extend(missed);
        all.sort_by_key(|line| (line.log, line.number));
        let mut session = Session::new(filter, clock, detector.cloned()).keep_data(true);
        let mut means = (Scratch::default(), Graphs::default());
        let lines = all.into_iter();
        let lines = lines.map(|line| ExampleLine::of(line, filter, &mut session, &mut means));
        let mut lines: Vec<ExampleLine> = lines.collect();
        if chooses {
            leave_out_alike(&mut lines);
        }
        (lines, self.looked_at)
    }
}

/// Leaves out missed lines behind the first that stop at the same place, and behind those that are
/// shown at most.
fn leave_out_alike(lines: &mut Vec<ExampleLine>) {
    let mut stops: HashMap<Option<(String, Vec<String>)>, usize> = HashMap::new();
    let mut left = OF_A_KIND;
    lines.retain(|line| {
        if line.verdict != Verdict::Missed {
            return true;
        }
        let stop = line.near.as_ref();
        let stop = stop.map(|near| (near.regex.clone(), near.expected.clone()));
        let seen = stops.entry(stop).or_default();
        *seen += 1;
        let is_shown = *seen <= ALIKE && left > 0;
        left -= usize::from(is_shown);
        is_shown
    });
}

/// Whether one more is kept of that index.
fn take(left: &mut [usize], index: usize) -> bool {
    let Some(left) = left.get_mut(index).filter(|left| **left > 0) else {
        return false;
    };
    *left -= 1;
    true
}

fn kept(folded: &LineVerdict, time: Option<f64>, verdict: Verdict, roles: Vec<RegexRole>) -> Kept {
    Kept {
        log: 0,
        number: folded.number,
        time,
        text: if folded.line.len() > LONGEST {
            begin(folded.line, BEGIN).to_string()
        } else {
            folded.line.to_string()
        },
        bytes: folded.line.len(),
        verdict,
        roles,
        is_known: false,
    }
}

/// A number for all lines that differ in their digits only.
fn shape(line: &str) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    for piece in begin(line, LONGEST).as_bytes().split(u8::is_ascii_digit) {
        if !piece.is_empty() {
            hasher.write(piece);
            hasher.write_u8(0xff);
        }
    }
    hasher.finish()
}

/// A line word for word.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ExampleLine {
    /// Which of the report's logs it is of, from 0.
    pub(crate) log: usize,
    /// Its number there, from 1.
    pub(crate) number: u64,
    /// The line; of one longer than 2 KiB the begin.
    pub(crate) text: String,
    /// Bytes of all of it.
    pub(crate) bytes: usize,
    /// What became of it.
    pub(crate) verdict: Verdict,
    /// Numbers of the failregexes it is an example of.
    pub(crate) failregex: Vec<usize>,
    /// Numbers of the ignoreregexes.
    pub(crate) ignoreregex: Vec<usize>,
    /// The parts that the date and the regexes took.
    pub(crate) marks: Vec<Mark>,
    /// Of a missed line: where it stops; null: no regex comes near.
    pub(crate) near: Option<NearPlace>,
    /// Of a missed line: no date is found in it.
    pub(crate) undated: bool,
}

/// Where a missed line stops.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NearPlace {
    /// The regex that came nearest, such as `failregex 3`.
    pub(crate) regex: String,
    /// Byte of the line.
    pub(crate) at: usize,
    /// What would have gone on there, as written in the regex; any of these.
    pub(crate) expected: Vec<String>,
}

impl ExampleLine {
    fn of<'f>(
        line: Kept,
        filter: &Filter,
        session: &mut Session<'f>,
        (scratch, graphs): &mut (Scratch, Graphs<'f>),
    ) -> ExampleLine {
        let roles = |wanted: fn(&RegexRole) -> Option<usize>| -> Vec<usize> {
            line.roles.iter().filter_map(wanted).collect()
        };
        let mut example = ExampleLine {
            log: line.log,
            number: line.number,
            bytes: line.bytes,
            verdict: line.verdict,
            failregex: roles(|role| match role {
                RegexRole::Failregex(index) => Some(index + 1),
                _ => None,
            }),
            ignoreregex: roles(|role| match role {
                RegexRole::Ignoreregex(index) => Some(index + 1),
                _ => None,
            }),
            marks: Vec::new(),
            near: None,
            undated: false,
            text: line.text,
        };
        if example.bytes > example.text.len() {
            return example;
        }
        if example.verdict == Verdict::Missed {
            let told = explain(
                session,
                &example.text,
                line.time,
                Some(line.number),
                scratch,
                graphs,
            );
            example.missed(&told, filter, scratch);
            return example;
        }
        let mut matches = Matches::default();
        let outcome = session.observe(&example.text, line.time, scratch, &mut matches);
        // without the lines before it, a date or a regex may take it otherwise: then no part is told
        if line.roles.iter().all(|role| matches.has(*role)) {
            let cut = Cut {
                line: &example.text,
                tuple: &outcome.tuple,
            };
            example.marks = cut.marks(&matches, filter, scratch);
        }
        example
    }

    fn missed(&mut self, told: &Explanation, filter: &Filter, scratch: &mut Scratch) {
        let date = match &told.date {
            DateStep::Found { cut, .. } => cut.clone(),
            DateStep::NotSearched => 0..self.text.find(' ').map_or(0, |at| at + 1),
            DateStep::Missing { .. } => 0..0,
        };
        self.undated = matches!(told.date, DateStep::Missing { .. });
        let part = |range: std::ops::Range<usize>| self.text.get(range).unwrap_or_default();
        let (before, behind) = (0..date.start, date.end..self.text.len());
        let tuple = TupleLine::new([before, date, behind].map(part));
        let cut = Cut {
            line: &self.text,
            tuple: &tuple,
        };
        let mut matches = Matches::default();
        if told.prefregex.as_ref().is_some_and(|step| step.matched()) {
            matches.push(RegexRole::Prefregex, &told.text);
        }
        let marks = cut.marks(&matches, filter, scratch);
        let near = nearest(told).filter(|(_, near)| near.score > 0);
        let near = near.and_then(|(role, near)| {
            let (seen, regex) = match role {
                RegexRole::Failregex(index) => {
                    (told.failregex_text(), filter.failregexes.get(index)?)
                }
                _ => (told.text.as_str(), filter.prefregex.as_ref()?),
            };
            let pieces = near.expected.iter().take(EXPECTED).map(|expected| {
                let span = source_span(filter, regex, expected.span);
                let piece = regex.source.text.get(span.start..span.end);
                begin(piece.unwrap_or_default(), PIECE).to_string()
            });
            Some(NearPlace {
                regex: role_name(role),
                at: cut.place(seen, near.at)?,
                expected: pieces.collect(),
            })
        });
        (self.marks, self.near) = (marks, near);
    }
}
