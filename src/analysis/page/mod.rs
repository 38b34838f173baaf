//! What the page of a main job (`--format html`) shows beside the report: hits over time, and lines
//! word for word with the parts that its regexes took.
//!
//! ```text
//! verdicts ─> PageRecorder ─> PageFacts ─┐
//!               history, lines           ├─ RunPage ─> the page, and the data in it
//!                         RunReport ─────┘
//! ```
//!
//! All of it is kept within bounds while the logs are read, however long they are.

mod history;
mod lines;
mod marks;
mod sparks;

pub(crate) use history::{HitHistory, Series};
pub(crate) use lines::{AllLines, ExampleLine};
pub(crate) use marks::{Mark, MarkKind};
pub(crate) use sparks::Sparkline;

use super::run::{AddressRows, RunReport};
use crate::date::{Clock, DateDetector, Timestamp};
use crate::engine::Filter;
use crate::engine::session::Found;
use crate::engine::verdict_sink::LineVerdict;
use history::HitTimes;
use lines::LineKeeper;
use serde::Serialize;
use sparks::AddressTimes;

/// Where the data of a page begins; it goes up to the next `<`.
pub(crate) const DATA_BEGIN: &str = r#"<script type="application/json" id="report">"#;

/// Addresses a page shows; the data in it may have more.
pub(crate) const SHOWN_ADDRESSES: usize = 200;
/// Bytes of addresses and their users in the data of a page.
pub(crate) const ADDRESS_BYTES: usize = 192 << 10;

/// Hits that are counted together: that is done faster than one by one between lines.
const TOGETHER: usize = 1024;

/// The address of a hit that is none of an address.
const NOBODY: u32 = u32::MAX;

/// A failure that is still to be counted.
struct Hit {
    /// Index of the failregex.
    regex: u32,
    /// Place of the address in the order of appearance, or [`NOBODY`].
    address: u32,
    /// Epoch seconds; no number where there is no date.
    time: f64,
}

/// Watches a run.
pub(crate) struct PageRecorder {
    waiting: Vec<Hit>,
    times: HitTimes,
    addresses: AddressTimes,
    lines: LineKeeper,
    /// Entries bring their times along.
    is_journal: bool,
}

impl PageRecorder {
    /// For a run of that filter.
    pub(crate) fn new(filter: &Filter, all: AllLines, is_journal: bool) -> PageRecorder {
        PageRecorder {
            waiting: Vec::with_capacity(TOGETHER),
            times: HitTimes::default(),
            addresses: AddressTimes::default(),
            lines: LineKeeper::new(filter, all),
            is_journal,
        }
    }

    /// The verdict on the next line.
    #[inline]
    pub(crate) fn line(&mut self, verdict: &LineVerdict) {
        if self.lines.is_wanted(verdict.outcome) {
            let time = verdict.last_date.filter(|_| self.is_journal);
            self.lines.line(verdict, time.map(|date| date.seconds()));
        }
    }

    /// A failure in it; `place`: of its address in the order of appearance, where the line is one
    /// more hit of it.
    #[inline]
    pub(crate) fn failure(&mut self, failure: &Found, place: Option<usize>) {
        self.waiting.push(Hit {
            regex: failure.regex as u32,
            address: place.map_or(NOBODY, |place| place as u32),
            time: failure.date.map_or(f64::NAN, Timestamp::seconds),
        });
        if self.waiting.len() == TOGETHER {
            self.count_waiting();
        }
    }

    #[inline(never)]
    fn count_waiting(&mut self) {
        for hit in self.waiting.drain(..) {
            self.times.add(hit.regex, hit.time);
            if hit.address != NOBODY && !hit.time.is_nan() {
                self.addresses.add(hit.address, hit.time);
            }
        }
    }

    /// Whether lines that are missed have to come one by one.
    pub(crate) fn wants_missed(&self) -> bool {
        self.lines.wants_missed()
    }

    /// The lines since the last call are of the log of that number, from 0.
    pub(crate) fn block_of(&mut self, log: usize) {
        self.lines.block_of(log);
    }

    /// What is shown. `detector` is the one the run began with.
    pub(crate) fn finish<A: AddressRows>(
        mut self,
        filter: &Filter,
        clock: &Clock,
        detector: Option<&DateDetector>,
        report: &RunReport<A>,
    ) -> PageFacts {
        self.count_waiting();
        let addresses = report.addresses.first(SHOWN_ADDRESSES);
        let (kept, looked) = self.lines.finish(filter, clock, detector);
        PageFacts {
            history: self.times.finish(clock),
            sparklines: self.addresses.finish(&addresses),
            parts: RegexParts::of(filter),
            examples: kept,
            missed_looked_at: looked,
        }
    }
}

/// What a page shows beside the report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PageFacts {
    /// Hits of failregexes over time.
    pub(crate) history: HitHistory,
    /// The same of the addresses shown, in their order; null where it is not known.
    pub(crate) sparklines: Vec<Option<Sparkline>>,
    /// The groups of the regexes, as written.
    pub(crate) parts: RegexParts,
    /// Lines word for word, in the order of the logs.
    pub(crate) examples: Vec<ExampleLine>,
    /// The missed lines among which those that are shown were chosen: the first so many.
    pub(crate) missed_looked_at: u64,
}

/// Where the groups of each regex stand in it, as written.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct RegexParts {
    /// Of the prefregex.
    pub(crate) prefregex: Vec<Mark>,
    /// Of each failregex.
    pub(crate) failregex: Vec<Vec<Mark>>,
}

impl RegexParts {
    fn of(filter: &Filter) -> RegexParts {
        let all = filter.failregexes.iter();
        RegexParts {
            prefregex: (filter.prefregex.as_ref())
                .map(|regex| marks::of_regex(filter, regex))
                .unwrap_or_default(),
            failregex: all.map(|regex| marks::of_regex(filter, regex)).collect(),
        }
    }
}

/// A report with what its page shows beside it: serializes as the report does, with more fields.
#[derive(Serialize)]
#[serde(bound = "Addresses: Serialize")]
pub(crate) struct RunPage<'a, Addresses> {
    /// The report.
    #[serde(flatten)]
    pub(crate) report: &'a RunReport<Addresses>,
    /// The rest.
    #[serde(flatten)]
    pub(crate) facts: PageFacts,
}
