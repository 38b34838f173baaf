//! Verdicts on lines, and what receives them.

use super::session::{LineOutcome, PrefregexState};
use super::stats::Stats;
use crate::date::Timestamp;

/// A line and its verdict.
pub(crate) struct LineVerdict<'a> {
    /// The line.
    pub(crate) line: &'a str,
    /// Its number in its log, from 1.
    pub(crate) number: u64,
    /// The verdict. Its `tuple` is filled in only where the failures' lines are kept.
    pub(crate) outcome: &'a LineOutcome,
    /// What prefregex last said.
    pub(crate) prefregex: &'a PrefregexState,
    /// The last date seen.
    pub(crate) last_date: Option<Timestamp>,
    /// Lines up to this one whose date upstream would have died of ([`DateFaults`]).
    ///
    /// [`DateFaults`]: super::session::DateFaults
    pub(crate) date_faults: u64,
}

/// What receives the verdicts on the lines, in order.
pub(crate) trait VerdictSink {
    /// A line and its verdict.
    fn line(&mut self, verdict: LineVerdict);

    /// Whether missed lines may come as a number from now on: once they may, they always may.
    fn counts_missed(&self) -> bool {
        false
    }

    /// So many lines, missed and with a date; `prefregex`: on how many of them prefregex
    /// matched, or would be counted again (`Session::prefregex`).
    fn missed(&mut self, lines: u64, prefregex: u64) {
        let _ = (lines, prefregex);
    }

    /// Whether the verdicts of whole blocks may come as their counts from now on, if it
    /// [takes](VerdictSink::takes) them: once they may, they always may.
    fn counts_blocks(&self) -> bool {
        false
    }

    /// Whether these counts will do for the lines that follow.
    fn takes(&self, counts: &Stats) -> bool {
        let _ = counts;
        false
    }

    /// The counts of the lines that follow.
    fn block(&mut self, counts: &Stats) {
        let _ = counts;
    }
}

impl<F: FnMut(LineVerdict)> VerdictSink for F {
    fn line(&mut self, verdict: LineVerdict) {
        self(verdict);
    }
}
