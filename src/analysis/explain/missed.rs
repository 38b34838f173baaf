//! The missed lines of a log: the one most worth explaining, or all of them in groups.
//!
//! The log is read once, line by line, and what is kept does not grow with it, so that standard
//! input can be looked at as it comes. One session judges the lines; another is a line behind it,
//! and explains from there what was missed. Lines that differ in their digits only are looked at
//! once.

use super::hints::{names_attacker, tells_failure};
use super::near::{Graphs, NearMiss};
use super::steps::{self, Explanation};
use crate::engine::groups::TupleLine;
use crate::engine::{LineOutcome, RegexRole, Session, Verdict};
use crate::pattern::Scratch;
use crate::pattern::ast::Span;
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher};

/// Lines read behind the first that is missed, to find one more worth explaining.
const READ_ON: u64 = 100_000;
/// Lines read behind the one explained, for the line that completes it.
const COMPLETED_WITHIN: u64 = 10_000;
/// Lines explained at the most, to group them or to choose one: those of other shapes are only
/// counted.
const EXPLAINED: usize = 4_000;
const CHOSEN_OF: usize = 500;
/// Shapes of lines that are remembered.
const SHAPES: usize = 100_000;
/// Groups that are told apart.
const GROUPS: usize = 200;
/// Bytes of a line that is put into a group.
const LONGEST: usize = 64 << 10;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The line of that number.
    Line(u64),
    /// The missed line most worth explaining; where nothing is missed, the last line.
    Nearest,
    /// All missed lines, in groups.
    All,
}

/// Lines of a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct VerdictCounts {
    /// Lines tested.
    pub(crate) tested: u64,
    /// Of them matched.
    pub(crate) matched: u64,
    /// Ignored.
    pub(crate) ignored: u64,
    /// Missed.
    pub(crate) missed: u64,
}

/// Missed lines that stop at the same place of the same regex.
#[derive(Clone, Debug)]
pub(crate) struct MissedGroup {
    /// How many.
    pub(crate) lines: u64,
    /// Number of the first, and of the last.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The one of them most worth explaining.
    pub(crate) example: Explanation,
    worth: Worth,
    stop: Stop,
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct MissedLines {
    /// The line explained.
    pub(crate) explained: Option<Explanation>,
    /// The time it brought along.
    pub(crate) time: Option<f64>,
    /// Missed lines in groups, the largest first.
    pub(crate) groups: Vec<MissedGroup>,
    /// Missed lines in none of them: too long, or of too many kinds.
    pub(crate) ungrouped: u64,
    /// Missed lines that do not look like failures, where only such are wanted.
    pub(crate) left_out: u64,
    /// All lines by verdict.
    pub(crate) counts: VerdictCounts,
    /// Number of the last line.
    pub(crate) last: u64,
    /// Number of the line asked for.
    pub(crate) asked: Option<u64>,
}

/// How much a missed line is worth explaining.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    /// It names an address, and tells of no success.
    names: bool,
    fails: bool,
    /// How near the nearest regex came.
    score: u64,
}

/// Where a line stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// At this piece of a regex.
    At(RegexRole, Span),
    /// No regex comes near.
    Nowhere,
}

/// A missed line that a later one may complete, or one that is known to stay missed.
struct Waiting {
    number: u64,
    /// Which of the lines tested it is.
    tested: u64,
    /// The line in its three parts, where a later one may complete it.
    tuple: TupleLine,
    fails: bool,
    what: Looked,
}

/// What is known of a missed line.
enum Looked {
    /// It was explained.
    Explained(Box<Explanation>, Option<f64>),
    /// It is of a shape that was explained before, and in this group.
    Known(Option<usize>),
    /// It is not looked at.
    Ungrouped,
}

/// Looks at a log, line by line.
pub(crate) struct MissedSearch<'f> {
    wanted: Wanted,
    only_failures: bool,
    judge: Session<'f>,
    /// In the state before `held`, or before the line at hand.
    behind: Session<'f>,
    held: Option<(u64, String, Option<f64>)>,
    scratch: Scratch,
    graphs: Graphs<'f>,
    hasher: RandomState,
    shapes: HashMap<u64, Option<usize>>,
    explained: usize,
    /// Lines a later one may complete: as many as a regex may span.
    waiting: VecDeque<Waiting>,
    span: u64,
    best: Option<(Worth, Explanation, Option<f64>)>,
    first_missed: Option<u64>,
    found: MissedLines,
}

impl<'f> MissedSearch<'f> {
    /// `start` gives a session that has seen no line, with data kept.
    pub(crate) fn new(
        wanted: Wanted,
        only_failures: bool,
        start: impl Fn() -> Session<'f>,
    ) -> MissedSearch<'f> {
        let judge = start();
        let span = judge.filter().options.maxlines.max(1) as u64;
        MissedSearch {
            wanted,
            only_failures,
            judge,
            behind: start(),
            held: None,
            scratch: Scratch::default(),
            graphs: Graphs::default(),
            hasher: RandomState::new(),
            shapes: HashMap::new(),
            explained: 0,
            waiting: VecDeque::new(),
            span,
            best: None,
            first_missed: None,
            found: MissedLines {
                asked: match wanted {
                    Wanted::Line(number) => Some(number),
                    Wanted::Nearest | Wanted::All => None,
                },
                ..MissedLines::default()
            },
        }
    }

    /// Takes the next line; false where no further one is needed.
    pub(crate) fn line(&mut self, number: u64, line: &str, time: Option<f64>) -> bool {
        self.found.last = number;
        match self.wanted {
            Wanted::Line(wanted) => self.towards(wanted, number, line, time),
            Wanted::Nearest | Wanted::All => {
                self.look(number, line, time);
                let since = (self.first_missed).map_or(0, |first| self.found.counts.tested - first);
                self.wanted == Wanted::All || since < READ_ON
            }
        }
    }

    /// What was found.
    pub(crate) fn finish(mut self) -> MissedLines {
        self.settle(u64::MAX);
        let mut found = self.found;
        if let Some((_, explanation, time)) = self.best {
            (found.explained, found.time) = (Some(explanation), time);
        } else if self.wanted == Wanted::Nearest
            && found.left_out == 0
            && let Some((number, line, time)) = self.held
        {
            let told = steps::explain(
                &mut self.behind,
                &line,
                time,
                Some(number),
                &mut self.scratch,
                &mut self.graphs,
            );
            (found.explained, found.time) = (Some(told), time);
        }
        let order = |group: &MissedGroup| (std::cmp::Reverse(group.lines), group.first);
        found.groups.sort_by_key(order);
        found
    }

    /// Reads up to the line asked for, and on to the one that completes it.
    fn towards(&mut self, wanted: u64, number: u64, line: &str, time: Option<f64>) -> bool {
        let scratch = &mut self.scratch;
        if let Some(explanation) = &mut self.found.explained {
            let completed =
                steps::completes(explanation, &mut self.judge, line, time, number, scratch);
            return !completed && number.saturating_sub(wanted) < COMPLETED_WITHIN;
        }
        if number != wanted {
            steps::judged(&mut self.judge, line, time, scratch);
            return number < wanted;
        }
        let told = steps::explain(
            &mut self.judge,
            line,
            time,
            Some(number),
            scratch,
            &mut self.graphs,
        );
        let waits = told.may_be_completed(self.span > 1);
        (self.found.explained, self.found.time) = (Some(told), time);
        waits
    }

    /// Judges a line, and looks at it where it is missed.
    fn look(&mut self, number: u64, line: &str, time: Option<f64>) {
        if let Some((_, line, time)) = self.held.take() {
            steps::judged(&mut self.behind, &line, time, &mut self.scratch);
        }
        let outcome = steps::judged(&mut self.judge, line, time, &mut self.scratch);
        self.completed(&outcome);
        let counts = &mut self.found.counts;
        counts.tested += 1;
        match Verdict::of(&outcome) {
            Verdict::Matched => counts.matched += 1,
            Verdict::Ignored => counts.ignored += 1,
            Verdict::Missed => {
                counts.missed += 1;
                let what = self.looked(number, line, time);
                let is_told = matches!(what, Looked::Explained(..));
                let spans = self.span > 1;
                self.waiting.push_back(Waiting {
                    number,
                    tested: self.found.counts.tested,
                    tuple: if spans {
                        outcome.tuple
                    } else {
                        TupleLine::default()
                    },
                    fails: self.only_failures && tells_failure(line),
                    what,
                });
                self.settle(self.found.counts.tested);
                if is_told {
                    return;
                }
            }
        }
        self.held = Some((number, line.to_string(), time));
    }

    /// Explains a missed line, unless one like it was.
    fn looked(&mut self, number: u64, line: &str, time: Option<f64>) -> Looked {
        let shape = self.shape(line);
        if let Some(&known) = self.shapes.get(&shape) {
            return Looked::Known(known);
        }
        let of_interest = !self.only_failures || tells_failure(line);
        let is_long = self.wanted == Wanted::All && line.len() > LONGEST;
        let most = match self.wanted {
            Wanted::All => EXPLAINED,
            Wanted::Nearest | Wanted::Line(_) => CHOSEN_OF,
        };
        if self.explained >= most || is_long || !of_interest {
            return Looked::Ungrouped;
        }
        self.explained += 1;
        let told = steps::explain(
            &mut self.behind,
            line,
            time,
            Some(number),
            &mut self.scratch,
            &mut self.graphs,
        );
        Looked::Explained(Box::new(told), time)
    }

    /// A number for all lines that differ in their digits only.
    fn shape(&self, line: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        let mut shape = [0; 1 << 10];
        for piece in line.as_bytes().chunks(shape.len()) {
            for (at, byte) in piece.iter().enumerate() {
                shape[at] = if byte.is_ascii_digit() { b'0' } else { *byte };
            }
            hasher.write(&shape[..piece.len()]);
        }
        hasher.finish()
    }

    /// Lines that this one completes were not missed.
    fn completed(&mut self, outcome: &LineOutcome) {
        for taken in &outcome.taken {
            let known = self
                .waiting
                .iter()
                .position(|waiting| waiting.tuple == **taken);
            if let Some(at) = known {
                self.waiting.remove(at);
                self.found.counts.missed -= 1;
                self.found.counts.matched += 1;
            }
        }
    }

    /// Takes over the lines that none behind this one of those tested can complete.
    fn settle(&mut self, tested: u64) {
        let span = self.span;
        let is_settled = |waiting: &Waiting| waiting.tested.saturating_add(span - 1) <= tested;
        while self.waiting.front().is_some_and(is_settled) {
            if let Some(waiting) = self.waiting.pop_front() {
                self.missed(waiting);
            }
        }
    }

    /// A line that stays missed.
    fn missed(&mut self, waiting: Waiting) {
        self.first_missed.get_or_insert(waiting.tested);
        match waiting.what {
            Looked::Explained(told, time) => self.explained_line(waiting.number, *told, time),
            Looked::Known(Some(group)) => {
                let group = &mut self.found.groups[group];
                group.lines += 1;
                group.last = group.last.max(waiting.number);
            }
            Looked::Known(None) => {}
            Looked::Ungrouped if self.only_failures && !waiting.fails => {
                self.found.left_out += 1;
            }
            Looked::Ungrouped => self.found.ungrouped += 1,
        }
    }

    fn explained_line(&mut self, number: u64, told: Explanation, time: Option<f64>) {
        let shape = self.shape(&told.line);
        let (worth, stop) = (Worth::of(&told), Stop::of(&told));
        let mut group = None;
        if self.wanted == Wanted::All {
            group = self
                .found
                .groups
                .iter()
                .position(|group| group.stop == stop);
            if group.is_none() && self.found.groups.len() < GROUPS {
                group = Some(self.found.groups.len());
                self.found.groups.push(MissedGroup {
                    lines: 0,
                    first: number,
                    last: number,
                    example: told.clone(),
                    worth,
                    stop,
                });
            }
            match group.map(|group| &mut self.found.groups[group]) {
                Some(group) => {
                    group.lines += 1;
                    group.last = number;
                    if worth > group.worth {
                        (group.worth, group.example) = (worth, told);
                    }
                }
                None => self.found.ungrouped += 1,
            }
        } else if self.best.as_ref().is_none_or(|(best, ..)| worth > *best) {
            self.best = Some((worth, told, time));
        }
        if self.shapes.len() < SHAPES {
            self.shapes.insert(shape, group);
        }
    }
}

impl Worth {
    fn of(told: &Explanation) -> Worth {
        Worth {
            names: names_attacker(&told.line),
            fails: tells_failure(&told.line),
            score: nearest(told).map_or(0, |(_, near)| near.score),
        }
    }
}

impl Stop {
    fn of(told: &Explanation) -> Stop {
        match nearest(told) {
            Some((role, near)) if near.score > 0 => match near.expected.first() {
                Some(expected) => Stop::At(role, expected.span),
                None => Stop::Nowhere,
            },
            _ => Stop::Nowhere,
        }
    }
}

/// The regex that came nearest, and how near.
pub(crate) fn nearest(told: &Explanation) -> Option<(RegexRole, &NearMiss)> {
    let stopped = told.prefregex.as_ref().filter(|step| !step.matched());
    match stopped {
        Some(step) => Some((step.role, step.near()?)),
        None => (told.nearest().into_iter().next()).map(|(step, near)| (step.role, near)),
    }
}
