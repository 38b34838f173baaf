//! The diagnosis of a log: what to change so that more of its lines match.
//!
//! Each finder has an idea and tries it on a sample of the log ([`lab`]); only what helped
//! is said. Ideas that helped are kept for the finders after it, so that two faults at once
//! are found too. The order of the finders is the order in which a line is read: the bytes,
//! the date, what stands before the message, the filter's options, who failed.
//!
//! A finder is one file with one function. A new one is added to [`FINDERS`].

mod ansi;
mod brackets;
mod daemon;
mod datepattern;
mod helpers;
mod host;
mod line_begin;
mod months;
mod options;
mod percent;
mod prefix;
pub(crate) mod trials;
mod zone;

use crate::pattern::Scratch;
pub(crate) use trials::{Change, Evidence, FilterRebuilder, RegexSources};
use trials::{HintTrials, Trial};

/// What to change, and what it would bring.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Hint {
    /// A stable name for programs.
    pub(crate) code: String,
    /// What was found, what to change.
    pub(crate) message: String,
    /// The text to write, where there is one: an option, a datepattern, a regex.
    pub(crate) change: Option<String>,
    /// Lines of the sample it is about.
    pub(crate) lines: u64,
    /// One of them: its number in the log and its text.
    pub(crate) example: Option<Example>,
}

/// A line a hint is about.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Example {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// The line.
    pub(crate) text: String,
}

/// The hints for a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diagnosis {
    /// What helps, the order in which to do it.
    pub(crate) hints: Vec<Hint>,
    /// Lines looked at.
    pub(crate) sampled: u64,
    /// Lines the log has.
    pub(crate) total: u64,
}

type Finder = fn(&mut Search) -> Option<Hint>;

/// The finders, in order.
const FINDERS: [Finder; 12] = [
    ansi::find,
    percent::find,
    months::find,
    line_begin::find,
    datepattern::find,
    brackets::find,
    daemon::find,
    options::find,
    prefix::find,
    host::find,
    helpers::find,
    zone::find,
];

/// Finds what would help. Nothing is said where nothing helps, or nothing is wrong.
pub(crate) fn diagnose(evidence: &Evidence, workshop: &dyn FilterRebuilder) -> Diagnosis {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(trials::SEARCH_STEPS);
    let lab = HintTrials::new(evidence, workshop);
    let Some(mut now) = lab.run(&[], &mut scratch) else {
        return Diagnosis::default();
    };
    // who asks for a journal's filter on text has lines without dates, and knows it
    let is = |name: &str, value: &str| {
        evidence
            .options
            .iter()
            .any(|(n, v)| n == name && v == value)
    };
    now.searched &= !is("logtype", "journal");
    let mut search = Search {
        evidence,
        lab,
        changes: Vec::new(),
        now,
        scratch,
    };
    let hints = match evidence.lines.is_empty() {
        true => Vec::new(),
        false => FINDERS
            .iter()
            .filter_map(|find| find(&mut search))
            .collect(),
    };
    Diagnosis {
        hints,
        sampled: evidence.lines.len() as u64,
        total: evidence.total.max(evidence.lines.len() as u64),
    }
}

/// A diagnosis under way: what finders work with.
pub(crate) struct Search<'a> {
    /// What is known of the run.
    pub(crate) evidence: &'a Evidence<'a>,
    lab: HintTrials<'a>,
    /// What helped so far.
    pub(crate) changes: Vec<Change>,
    /// How the lines fare with it.
    pub(crate) now: Trial,
    scratch: Scratch,
}

impl Search<'_> {
    /// Tries one more change.
    pub(crate) fn attempt(&mut self, change: Change) -> Option<Trial> {
        let scratch = &mut self.scratch;
        if matches!(change, Change::Option { .. })
            && !(self.lab).is_promising(&self.changes, &change, &self.now, scratch)
        {
            return None;
        }
        let mut changes = self.changes.clone();
        changes.push(change);
        self.lab.run(&changes, &mut self.scratch)
    }

    /// Keeps a change that helped.
    pub(crate) fn keep(&mut self, change: Change, trial: Trial) {
        self.changes.push(change);
        self.now = trial;
    }

    /// The sampled line of an index, as an example.
    pub(crate) fn example(&self, index: usize) -> Option<Example> {
        self.evidence.lines.get(index).map(|line| Example {
            number: line.number,
            text: line.text.clone(),
        })
    }

    /// Whether a change to what matches is worth saying: it loses nothing, and finds at least
    /// as much again. Filters leave lines out on purpose; a looser one always finds a few.
    pub(crate) fn is_worth(&self, trial: &Trial) -> bool {
        let gained = trial.gained(&self.now).len();
        gained > 0 && gained >= self.now.counting() && trial.lost(&self.now) == 0
    }

    /// Whether dates found lie in the future: then the numbers were read wrongly, or the log
    /// is from another time than the clock, and no pattern mends that.
    pub(crate) fn is_ahead(&self, trial: &Trial) -> bool {
        const DAY: f64 = 86_400.0;
        let limit = self.evidence.clock.now_epoch() + DAY;
        let found = trial.newly_dated(&self.now);
        let ahead = found
            .iter()
            .filter(|&&at| trial.lines[at].time.is_some_and(|t| t > limit));
        2 * ahead.count() > found.len()
    }

    /// Lines of the sample that do not count as things stand.
    pub(crate) fn missed(&self) -> usize {
        self.now.lines.iter().filter(|line| !line.counts).count()
    }
}

/// "1 line", "2 lines"; with a verb for one or many.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    crate::analysis::wording::counted(number as u64, one, many)
}
