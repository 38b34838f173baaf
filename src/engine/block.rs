//! The facts of a block of lines, dates included: what a worker computes.
//!
//! A worker does not know which state the date detector will be in when the fold comes to
//! its lines. It runs the state machine from a state of its own, the newest it could get,
//! and writes down each question the machine asked (a [`Probe`]: which template, on which
//! part of the line) with the answer.
//!
//! Exactness: an answer depends on the template, the part and the line alone, whatever the
//! state that asked. The fold (`Session::fold`) runs the machine again from the true state
//! and takes written-down answers only for the very same questions; every other it searches
//! itself. So the true machine sees the true answers to all its questions, and the guess
//! decides only how much is searched twice. What the worker has worked out beyond (the date,
//! the facts of the text without it) the fold takes over only if the machine's winning
//! answer is the one the worker worked with.
//!
//! Most lines are won by the template that won the line before, and by no other in any
//! state with the same footing (`DetectorState::step_alone`). A row of them ([`StableRun`]) the
//! fold takes at once, if its state has the footing the row began with; the lines of the row
//! follow one from the other. Where it has not, they are lines like all others.
//!
//! A line in such a row that nothing was found in and whose date was read changes nothing but
//! the last date and the counts. Where missed lines are only counted, a run of them
//! ([`MissedRun`]) is all the fold gets to see; if it comes with another footing, it judges
//! them from their text.

use super::facts::{Detail, Facts, LineFact, Span, Texts};
use crate::date::{DetectorKey, Probe, Timestamp};
use crate::input::Block;
use crate::input::block::is_tested;
use std::ops::Range;

/// What became of a line's date.
#[derive(Clone, Debug)]
pub(super) enum DateFact {
    /// No template matched.
    None,
    /// One matched an empty text: the date is optional there.
    Empty,
    /// It was read.
    Date(Timestamp),
    /// It was read near a change of the zone's offset: to be read again in line order.
    Uncertain,
    /// It is no date (30 February).
    Invalid,
    /// Upstream dies of it.
    Fault(String),
}

/// An answer to a question of the date detector.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) probe: Probe,
    pub(super) found: Option<Range<usize>>,
}

/// What a block has, in line order.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Line(BlockLine),
    Plain(MissedRun),
}

/// Lines of a date row without anything between them that is tested: each has a date, no
/// regex hit it, took it back or gave up.
#[derive(Clone, Debug)]
pub(super) struct MissedRun {
    /// From the first line's begin to the last one's end.
    pub(super) place: Span,
    /// Lines before the first in the block.
    pub(super) offset: u32,
    pub(super) lines: u32,
    /// On how many of them prefregex matched, and whether on the last.
    pub(super) matched: u32,
    pub(super) last_matched: bool,
    /// The last line's date, and the place of its text.
    pub(super) date: Timestamp,
    pub(super) date_place: Span,
}

/// One line of a block.
#[derive(Clone, Debug)]
pub(super) struct BlockLine {
    /// Its text, without the line end.
    pub(super) line: Span,
    /// Lines before it in the block.
    pub(super) offset: u32,
    pub(super) answers: (u32, u32),
    /// Templates, by their number, that matched nowhere in the line.
    pub(super) refused: u64,
    /// Which of the answers won, counted from the block's first; `u32::MAX` for none.
    pub(super) winner: u32,
    /// The date's place in the line.
    pub(super) cut: Span,
    /// The date.
    pub(super) date: DateFact,
    /// What the regexes say.
    pub(super) fact: LineFact,
}

/// Lines in a row whose dates follow from the footing of the date detector before them.
#[derive(Clone, Copy, Debug)]
pub(super) struct StableRun {
    /// Index of the first entry, and of the one behind the last.
    pub(super) first: u32,
    pub(super) end: u32,
    /// Lines of them that have a date.
    pub(super) wins: u64,
    pub(super) before: DetectorKey,
    pub(super) after: DetectorKey,
    /// It does not continue another row, and ends with its first win: whatever state the
    /// fold comes with, once that line is won it has the footing of the row that continues.
    opens: bool,
}

/// The facts of a block of lines.
#[derive(Debug)]
pub(crate) struct BlockFacts {
    pub(super) texts: Texts,
    pub(super) facts: Facts,
    pub(super) entries: Vec<Entry>,
    pub(super) answers: Vec<Answer>,
    /// In order; entries between them are judged line by line.
    pub(super) rows: Vec<StableRun>,
    pub(super) first_line: u64,
    /// All lines, skipped ones included.
    pub(crate) line_count: u64,
    /// Lines that are tested.
    pub(crate) tested: u64,
    /// The block, its text taken out.
    pub(crate) block: Block,
}

impl BlockFacts {
    /// Nothing yet of a block.
    pub(super) fn new(mut block: Block, detail: Detail) -> BlockFacts {
        let text = std::mem::take(&mut block.text);
        BlockFacts {
            line_count: 0,
            first_line: block.first_line,
            block,
            tested: 0,
            facts: Facts::new(detail),
            entries: Vec::new(),
            answers: Vec::new(),
            rows: Vec::new(),
            texts: Texts::new(text),
        }
    }

    /// Nothing yet of another block, in the room of this one.
    pub(super) fn renew(&mut self, mut block: Block) {
        let text = std::mem::take(&mut block.text);
        (self.line_count, self.tested) = (0, 0);
        self.first_line = block.first_line;
        self.block = block;
        self.facts.clear();
        self.entries.clear();
        self.answers.clear();
        self.rows.clear();
        self.texts.renew(text);
    }

    /// The counts of a block whose lines were judged without facts.
    pub(super) fn empty(block: Block, tested: u64) -> BlockFacts {
        BlockFacts {
            line_count: block.line_count(),
            tested,
            ..BlockFacts::new(block, Detail::Verdict)
        }
    }

    /// Gives the block's text back to those who read; the rest can be used for another.
    pub(super) fn give_back(&mut self) {
        self.block.spares.give(self.texts.take_block().into_bytes());
    }

    /// Whether a line with this footing before goes on with the last row.
    pub(super) fn goes_on(&self, before: DetectorKey) -> bool {
        self.rows.last().is_some_and(|row| {
            let open = !row.opens || row.wins == 0;
            open && row.end == self.entries.len() as u32 && row.after == before
        })
    }

    /// Notes that the next entry is a line whose date follows from the footing before it.
    pub(super) fn in_row(&mut self, before: DetectorKey, after: DetectorKey, won: bool) {
        let entry = self.entries.len() as u32;
        let goes_on = self.goes_on(before);
        match self.rows.last_mut() {
            Some(row) if goes_on => {
                row.end = entry + 1;
                row.wins += u64::from(won);
                row.after = after;
            }
            last => {
                let opens = last.is_none_or(|row| row.end != entry || row.after != before);
                self.rows.push(StableRun {
                    first: entry,
                    end: entry + 1,
                    wins: u64::from(won),
                    before,
                    after,
                    opens,
                });
            }
        }
    }

    /// Adds a plain line of a date row.
    pub(super) fn add_plain(&mut self, line: MissedRun, before: DetectorKey, after: DetectorKey) {
        if self.goes_on(before) && matches!(self.entries.last(), Some(Entry::Plain(_))) {
            self.extend_plain(line);
            return self.extend_row(1, after);
        }
        self.in_row(before, after, true);
        self.entries.push(Entry::Plain(line));
    }

    /// Adds a line to the run of plain lines that is the last entry.
    #[inline]
    pub(super) fn extend_plain(&mut self, line: MissedRun) {
        if let Some(Entry::Plain(run)) = self.entries.last_mut() {
            run.place.end = line.place.end;
            run.lines += line.lines;
            run.matched += line.matched;
            run.last_matched = line.last_matched;
            run.date = line.date;
            run.date_place = line.date_place;
        }
    }

    /// So many more lines of the last row were won.
    pub(super) fn extend_row(&mut self, wins: u64, after: DetectorKey) {
        if let Some(row) = self.rows.last_mut() {
            row.wins += wins;
            row.after = after;
        }
    }

    /// The lines of a run that are tested, with their numbers.
    pub(super) fn lines_of(&self, run: &MissedRun) -> impl Iterator<Item = (u64, &str)> {
        let first = self.first_line + u64::from(run.offset);
        let lines = self.texts.get(run.place).split('\n').zip(first..);
        lines
            .map(|(line, number)| (number, line.trim_end_matches('\r')))
            .filter(|(_, line)| is_tested(line))
    }

    /// The number of a line in its log, from 1.
    pub(super) fn number(&self, line: &BlockLine) -> u64 {
        let offset = u64::from(line.offset);
        match &self.block.entries {
            Some(entries) => entries
                .numbers
                .get(line.offset as usize)
                .copied()
                .unwrap_or(0),
            None => self.first_line + offset,
        }
    }

    /// The question of an answer.
    pub(super) fn probe(&self, answer: u32) -> Probe {
        self.answers[answer as usize].probe.clone()
    }

    /// The written-down answer to a question about a line.
    pub(super) fn answer(
        &self,
        line: &BlockLine,
        probe: &Probe,
    ) -> Option<(u32, Option<Range<usize>>)> {
        // a template that found nothing in the whole line is written down as a bit
        let bit = 1u64.checked_shl(probe.template as u32).unwrap_or(0);
        if probe.part.is_none() && line.refused & bit != 0 {
            return Some((u32::MAX, None));
        }
        let (first, end) = line.answers;
        let answers = &self.answers[first as usize..end as usize];
        let at = answers.iter().position(|answer| answer.probe == *probe)?;
        Some((first + at as u32, answers[at].found.clone()))
    }
}
