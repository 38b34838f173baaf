//! The verdicts of a block counted by a worker, so that the fold adds counts instead of lines.
//!
//! A worker does what the fold would do, on a session of its own that begins with a guess of the
//! sessions (`<F-MLFID>`) in front of the block; `FifoMap::adopt` says when that may be taken
//! over. All else that a verdict takes from earlier lines stands in the block itself; else there
//! are no such counts, and the fold judges the block line by line.

use super::block::{BlockFacts, BlockLine, DateFact, Entry, MissedRun, RegexFact};
use super::counts::BlockCounts;
use crate::date::{Clock, Timestamp};
use crate::engine::facts::{KnownLine, LineFact, PrefregexFact};
use crate::engine::filter::Filter;
use crate::engine::groups::TupleLine;
use crate::engine::session::{LineOutcome, Session};
use crate::engine::session_table::SessionTable;

/// Entries at the end of a block that tell which sessions the next one may go on with. A session
/// whose lines lie further apart is guessed wrong, which costs time and no verdict.
const TAIL_ENTRIES: usize = 250;

/// Judges the lines of blocks for their counts.
pub(super) struct BlockCounter<'f> {
    session: Session<'f>,
    outcome: LineOutcome,
}

impl<'f> BlockCounter<'f> {
    pub(super) fn new(filter: &'f Filter, clock: &'f Clock) -> BlockCounter<'f> {
        BlockCounter {
            session: Session::new(filter, clock, None),
            outcome: LineOutcome::default(),
        }
    }

    /// A guess of the sessions behind a block: those of its last lines.
    pub(super) fn tail(&mut self, block: &BlockFacts) -> SessionTable {
        self.session.set_sessions(SessionTable::default());
        let start = block.entries.len().saturating_sub(TAIL_ENTRIES);
        for entry in &block.entries[start..] {
            if let Entry::Line(line) = entry
                && let RegexFact::Line(fact) = &line.fact
            {
                self.judge(block, fact, None);
            }
        }
        self.session.set_sessions(SessionTable::default())
    }

    /// Counts the verdicts of a block that may go on with the sessions of `guess`. False if more
    /// has to be known of the lines before it than these.
    pub(super) fn count(
        &mut self,
        block: &BlockFacts,
        mut guess: SessionTable,
        counts: &mut BlockCounts,
    ) -> bool {
        guess.assume();
        self.session.set_sessions(guess);
        counts.begin(self.session.filter);
        let counted = block.entries.iter().all(|entry| match entry {
            Entry::Missed(run) => {
                self.missed(run, counts);
                true
            }
            Entry::Line(line) => self.line(block, line, counts),
        });
        counts.sessions = self.session.set_sessions(SessionTable::default());
        counted
    }

    fn missed(&mut self, run: &MissedRun, counts: &mut BlockCounts) {
        if self.session.filter.prefregex.is_some() {
            self.session.prefregex.matched = run.last_matched;
            counts.prefregex = Some(run.last_matched);
        }
        counts.last_date = Some((run.date, run.date_place));
        counts.stats.missed(run.lines.into(), run.matched.into());
    }

    /// Counts a line; false if its verdict is not known by the block alone.
    fn line(&mut self, block: &BlockFacts, line: &BlockLine, counts: &mut BlockCounts) -> bool {
        let RegexFact::Line(fact) = &line.fact else {
            return false;
        };
        let date = match line.date {
            DateFact::Date(date) => {
                counts.last_date = Some((date, line.cut.shifted(line.line.start)));
                Some(date)
            }
            // it may have the date of a line before it, if somebody asked
            DateFact::None if fact.is_missed() => None,
            _ => return false,
        };
        if !block.facts.exhausted(fact).is_empty() {
            return false;
        }
        let filter = self.session.filter;
        match fact.prefregex {
            // what it said last is counted again
            PrefregexFact::NotTried if filter.prefregex.is_some() && counts.prefregex.is_none() => {
                return false;
            }
            PrefregexFact::NotTried => {}
            PrefregexFact::Missed => counts.prefregex = Some(false),
            PrefregexFact::Matched(_) => counts.prefregex = Some(true),
        }
        self.judge(block, fact, date);
        let prefregex = filter.prefregex.is_some().then(|| self.session.prefregex());
        let (text, number) = (block.texts.get(line.line), block.number(line));
        (counts.stats).record(text, number, &self.outcome, prefregex);
        true
    }

    fn judge(&mut self, block: &BlockFacts, fact: &LineFact, date: Option<Timestamp>) {
        let line = KnownLine {
            facts: &block.facts,
            texts: &block.texts,
            fact,
            date,
            no_date: false,
        };
        self.outcome.clear();
        self.session
            .judge(line, TupleLine::default, &mut self.outcome);
    }
}
