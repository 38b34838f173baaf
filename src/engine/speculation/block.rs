//! The facts of a block of lines, dates included: what a worker computes, and the fold takes
//! over where it may. `speculation` says when that is.

use super::counts::BlockCounts;
use super::searched::{BlockBuffers, BufferFact};
use crate::date::{DetectorKey, DetectorState, Probe, Timestamp};
use crate::engine::facts::{Facts, LineFact, PrefregexFact};
use crate::engine::filter_regex::Detail;
use crate::engine::texts::{Span, Texts};
use crate::input::Block;
use crate::input::block::is_tested;
use std::ops::Range;

/// What became of a line's date.
#[derive(Clone, Debug)]
pub(in crate::engine) enum DateFact {
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

/// The answer to a probe of the date detector.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Answer {
    pub(in crate::engine) probe: Probe,
    pub(super) found: Option<Range<usize>>,
}

impl Answer {
    /// What a template matches in a whole line.
    pub(super) fn in_whole_line(template: usize, found: Range<usize>) -> Answer {
        Answer {
            probe: Probe {
                template,
                part: None,
            },
            found: Some(found),
        }
    }
}

/// What a block's answers say to a probe.
pub(super) enum NotedAnswer {
    /// The worker did not ask.
    Unknown,
    /// The template matches nothing there.
    NoMatch,
    /// It matches here; the answer's number.
    Match(u32, Range<usize>),
}

/// What a block has, in line order.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// A line.
    Line(BlockLine),
    /// Lines that are only counted.
    Missed(MissedRun),
}

/// Lines of a [`StableRun`] without anything between them that is tested: each has a date, and
/// no regex hit it, took it back or gave up.
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

impl MissedRun {
    /// A single line: the places of its text and its date, the number of lines before it, its date,
    /// and what prefregex says.
    #[inline]
    pub(super) fn of_line(
        (place, date_place, offset): (Span, Span, u32),
        date: Timestamp,
        prefregex: PrefregexFact,
    ) -> MissedRun {
        let matched = matches!(prefregex, PrefregexFact::Matched(_));
        MissedRun {
            place,
            offset,
            lines: 1,
            matched: u32::from(matched),
            last_matched: matched,
            date,
            date_place,
        }
    }
}

/// One line of a block.
#[derive(Clone, Debug)]
pub(super) struct BlockLine {
    /// Its text, without the line end.
    pub(super) line: Span,
    /// Lines before it in the block.
    pub(super) offset: u32,
    pub(super) answers: (u32, u32),
    /// A bit for each template that matches nowhere in the line, by its number.
    pub(super) no_match: u64,
    /// Which of the answers gave the date, counted from the block's first.
    pub(super) winner: Option<u32>,
    /// The date's place in the line.
    pub(super) cut: Span,
    /// The date.
    pub(super) date: DateFact,
    /// What the regexes say.
    pub(super) fact: RegexFact,
}

/// What the regexes say of a line.
#[derive(Clone, Copy, Debug)]
pub(super) enum RegexFact {
    /// What they find in it.
    Line(LineFact),
    /// What those of a multi-line filter find in the buffer that it ends.
    Buffer(BufferFact),
}

/// Lines in a row that the last winner decides alone: the detector's key after each follows
/// from the one before it (`DetectorState::step_last_winner`).
#[derive(Clone, Copy, Debug)]
pub(super) struct StableRun {
    /// Index of the first entry, and of the one behind the last.
    pub(super) first: u32,
    pub(super) end: u32,
    /// Lines of them that have a date.
    pub(super) hits: u64,
    pub(super) before: DetectorKey,
    pub(super) after: DetectorKey,
    /// No run stands before it, so that the worker does not know which key the fold will come
    /// with: it ends with its first hit. Example: in a new format's first line the fold may
    /// come with any key and has to judge that line by itself; behind it the key is where the
    /// date stood in that line, for worker and fold alike, and the run that follows can be
    /// taken over whole.
    opening: bool,
}

/// The facts of a block of lines.
#[derive(Debug)]
pub(crate) struct BlockFacts {
    pub(super) texts: Texts,
    pub(super) facts: Facts,
    pub(super) entries: Vec<Entry>,
    pub(super) answers: Vec<Answer>,
    /// In order; entries between them are judged line by line.
    pub(super) runs: Vec<StableRun>,
    pub(super) first_line: u64,
    /// All lines, skipped ones included.
    pub(crate) line_count: u64,
    /// Lines that are tested.
    pub(crate) tested: u64,
    /// The block, its text taken out.
    pub(crate) block: Block,
    /// Its verdicts, counted; they mean something where `is_counted`.
    pub(super) counts: BlockCounts,
    pub(super) is_counted: bool,
    /// The buffers of a multi-line filter.
    pub(super) buffers: BlockBuffers,
    /// The date detector before the block and behind it, as the worker guessed it.
    pub(super) detectors: Option<[DetectorState; 2]>,
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
            runs: Vec::new(),
            texts: Texts::new(text),
            counts: BlockCounts::default(),
            is_counted: false,
            buffers: BlockBuffers::default(),
            detectors: None,
        }
    }

    /// Nothing yet of another block, in the allocations of this one.
    pub(super) fn renew(&mut self, mut block: Block) {
        let text = std::mem::take(&mut block.text);
        (self.line_count, self.tested) = (0, 0);
        self.is_counted = false;
        self.first_line = block.first_line;
        self.block = block;
        self.facts.clear();
        self.entries.clear();
        self.answers.clear();
        self.runs.clear();
        self.buffers.clear();
        self.detectors = None;
        self.texts.renew(text);
    }

    /// Gives the block's text back to those who read; the rest can be used for another.
    pub(in crate::engine) fn give_back(&mut self) {
        self.block.spares.give(self.texts.take_block().into_bytes());
    }

    /// Whether a line with this key before it goes on with the last run.
    pub(super) fn continues_run(&self, before: DetectorKey) -> bool {
        let is_open = |run: &StableRun| !run.opening || run.hits == 0;
        !self.opens_run(before) && self.runs.last().is_some_and(is_open)
    }

    /// Whether a line with this key before it would begin a run before which there is none. The
    /// fold may have to confirm it by itself: it is to be an entry of its own.
    pub(super) fn opens_run(&self, before: DetectorKey) -> bool {
        let entry = self.entries.len() as u32;
        let last = self.runs.last();
        last.is_none_or(|run| run.end != entry || run.after != before)
    }

    /// Notes that the next entry is a line that the last winner decides alone; `hit`: it has a
    /// date.
    pub(super) fn add_to_run(&mut self, before: DetectorKey, after: DetectorKey, hit: bool) {
        let entry = self.entries.len() as u32;
        let continues = self.continues_run(before);
        let opening = self.opens_run(before);
        match self.runs.last_mut() {
            Some(run) if continues => {
                run.end = entry + 1;
                run.hits += u64::from(hit);
                run.after = after;
            }
            _ => {
                self.runs.push(StableRun {
                    first: entry,
                    end: entry + 1,
                    hits: u64::from(hit),
                    before,
                    after,
                    opening,
                });
            }
        }
    }

    /// Adds a missed line that the last winner decides alone.
    pub(super) fn add_missed(&mut self, line: MissedRun, before: DetectorKey, after: DetectorKey) {
        if self.continues_run(before) && matches!(self.entries.last(), Some(Entry::Missed(_))) {
            self.extend_missed(line);
            return self.extend_run(1, after);
        }
        self.add_to_run(before, after, true);
        self.entries.push(Entry::Missed(line));
    }

    /// Adds a line to the missed lines that are the last entry.
    #[inline]
    pub(super) fn extend_missed(&mut self, line: MissedRun) {
        if let Some(Entry::Missed(run)) = self.entries.last_mut() {
            run.place.end = line.place.end;
            run.lines += line.lines;
            run.matched += line.matched;
            run.last_matched = line.last_matched;
            run.date = line.date;
            run.date_place = line.date_place;
        }
    }

    /// The next entry is a line of the last run.
    #[inline]
    pub(super) fn add_pending(&mut self) {
        if let Some(run) = self.runs.last_mut() {
            run.end = self.entries.len() as u32 + 1;
        }
    }

    /// Adds a missed line to the last run; whether it has a date is told later.
    #[inline]
    pub(super) fn add_pending_missed(&mut self, line: MissedRun) {
        if let Some(Entry::Missed(_)) = self.entries.last() {
            self.extend_missed(line);
        } else {
            self.add_pending();
            self.entries.push(Entry::Missed(line));
        }
    }

    /// So many more lines of the last run have dates.
    pub(super) fn extend_run(&mut self, hits: u64, after: DetectorKey) {
        if let Some(run) = self.runs.last_mut() {
            run.hits += hits;
            run.after = after;
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

    /// The probe of an answer.
    pub(super) fn probe(&self, answer: u32) -> Probe {
        self.answers[answer as usize].probe.clone()
    }

    /// The worker's answer to a probe of a line.
    pub(super) fn answer(&self, line: &BlockLine, probe: &Probe) -> NotedAnswer {
        if probe.part.is_none() && line.no_match & template_bit(probe.template) != 0 {
            return NotedAnswer::NoMatch;
        }
        let (first, end) = line.answers;
        let answers = &self.answers[first as usize..end as usize];
        let Some(at) = answers.iter().position(|answer| answer.probe == *probe) else {
            return NotedAnswer::Unknown;
        };
        match &answers[at].found {
            Some(span) => NotedAnswer::Match(first + at as u32, span.clone()),
            None => NotedAnswer::NoMatch,
        }
    }
}

/// A line's parts, by the place of its date in it: what stands before that, the date, and what
/// stands behind.
#[inline]
pub(super) fn parts_of(place: Span, cut: Span) -> [Span; 3] {
    let (start, end) = (place.start + cut.start, place.start + cut.end);
    let part = |start, end| Span { start, end };
    [
        part(place.start, start),
        part(start, end),
        part(end, place.end),
    ]
}

/// The bit of a template in [`BlockLine::no_match`]; none for those beyond the 64th.
pub(super) fn template_bit(template: usize) -> u64 {
    1u64.checked_shl(template as u32).unwrap_or(0)
}

/// A bit for each of so many templates.
pub(super) fn all_of(templates: usize) -> u64 {
    match templates {
        64.. => u64::MAX,
        some => (1 << some) - 1,
    }
}
