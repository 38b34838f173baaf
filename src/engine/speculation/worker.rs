//! What a worker does: the facts of a block, line by line. `speculation` says why the fold may
//! take them over.

use super::block::{BlockFacts, BlockLine, DateFact, Entry, MissedRun, RegexFact};
use super::counter::BlockCounter;
use super::date_finder::{DateFinder, DatedLine, Winner};
use super::searched::BufferFact;
use crate::date::{Clock, DateDetector, DetectorKey, Timestamp};
use crate::engine::facts::PrefregexFact;
use crate::engine::filter::Filter;
use crate::engine::filter_regex::Detail;
use crate::engine::line_buffer::LineBuffer;
use crate::engine::prefilter::AdaptivePrefilter;
use crate::engine::session_table::SessionTable;
use crate::engine::text_checks::TextChecks;
use crate::engine::texts::Span;
use crate::input::block::is_tested;
use crate::input::{Block, LineEnds, panic_context};
use crate::pattern::Scratch;
use std::ops::Range;

/// Computes the facts of blocks; one per thread.
pub(crate) struct Worker<'f> {
    filter: &'f Filter,
    detail: Detail,
    scratch: Scratch,
    /// For texts of several lines.
    buffer_scratch: Scratch,
    adaptive: AdaptivePrefilter,
    dates: DateFinder<'f>,
    /// Missed lines of a run are only counted.
    counts_missed: bool,
    /// A block that was folded: its allocations are used again.
    used: Option<BlockFacts>,
    /// The block's last entry goes on.
    pending: Option<PendingRun>,
    counter: BlockCounter<'f>,
    /// The buffer that the next block begins with.
    buffer: LineBuffer,
}

/// Lines of the block's last run whose dates the date detector has not been told of: it is still
/// where it was before them.
///
/// Exactness: their template's first probe is always of the whole line, and its match settles
/// the line (`DetectorState::anchored_winner`). So what the detector remembers of these lines
/// decides nothing before the run's end; there it is what the last of them left behind, and
/// their number (`DetectorState::hit_repeatedly`).
#[derive(Debug)]
struct PendingRun {
    template: usize,
    /// Lines the detector has not seen yet, the last of them, and what was found in it.
    lines: u64,
    place: Span,
    found: Range<usize>,
}

impl PendingRun {
    fn new(template: usize) -> PendingRun {
        PendingRun {
            template,
            lines: 0,
            place: Span::NONE,
            found: 0..0,
        }
    }
}

/// A line without the carriage returns at its end.
#[inline]
fn without_returns(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b'\r'] = line {
        line = rest;
    }
    line
}

impl<'f> Worker<'f> {
    /// A worker for a filter.
    pub(crate) fn new(filter: &'f Filter, clock: &'f Clock, detail: Detail) -> Worker<'f> {
        Worker {
            filter,
            detail,
            scratch: Scratch::for_lines(),
            buffer_scratch: Scratch::fast(),
            adaptive: AdaptivePrefilter::default(),
            dates: DateFinder::new(clock),
            counts_missed: false,
            used: None,
            pending: None,
            counter: BlockCounter::new(filter, clock),
            buffer: LineBuffer::default(),
        }
    }

    /// From now on missed lines are only counted where they can be
    /// (`VerdictSink::counts_missed`).
    pub(crate) fn count_missed(&mut self) {
        self.counts_missed = true;
    }

    /// Uses the allocations of a block that was folded.
    pub(crate) fn reuse(&mut self, used: BlockFacts) {
        self.used = Some(used);
    }

    /// The next block is searched from this buffer on (multi-line filters).
    pub(crate) fn begin_with(&mut self, buffer: LineBuffer) {
        self.buffer = buffer;
    }

    /// A guess of the sessions that the block behind this one may go on with.
    pub(in crate::engine) fn sessions_behind(&mut self, block: &BlockFacts) -> SessionTable {
        self.counter.tail(block)
    }

    /// Counts the verdicts of a block that begins with a guess of the sessions.
    pub(in crate::engine) fn count(&mut self, block: &mut BlockFacts, guess: SessionTable) {
        let mut counts = std::mem::take(&mut block.counts);
        block.is_counted = self.counter.count(block, guess, &mut counts);
        block.counts = counts;
    }

    /// The facts of a block. `detector`: the guess, moved on by the block's lines; None for
    /// lines whose dates are not searched.
    pub(crate) fn block(
        &mut self,
        block: Block,
        detector: Option<&mut DateDetector>,
    ) -> BlockFacts {
        let mut result = match self.used.take() {
            Some(mut used) if used.facts.detail() == self.detail => {
                used.renew(block);
                used
            }
            _ => BlockFacts::new(block, self.detail),
        };
        let mut detector = detector;
        let before = detector.as_ref().map(|guess| guess.state().clone());
        if let Some(detector) = &detector {
            self.dates.begin(detector);
        }
        if self.filter.is_multi_line() {
            let buffer = std::mem::take(&mut self.buffer);
            result.buffers.end = buffer.clone();
            result.buffers.begin = buffer;
        }
        self.pending = None;
        self.adaptive.begin_block();
        let (mut ends, mut start) = (LineEnds::default(), 0);
        for offset in 0.. {
            panic_context::at(u64::from(offset));
            let text = result.texts.block().as_bytes();
            if start >= text.len() {
                break;
            }
            result.line_count += 1;
            let end = ends.next(text);
            let line = &text[start..end];
            let time = (result.block.entries.as_ref())
                .map(|entries| entries.times.get(offset as usize).copied().unwrap_or(0.0));
            if let Some(time) = time {
                self.entry(&mut result, Span::new(start, end), offset, time);
            } else if let line = without_returns(line)
                && is_tested(line)
            {
                let place = Span::new(start, start + line.len());
                result.tested += 1;
                self.line(&mut result, place, offset, detector.as_deref_mut());
            }
            start = end + 1;
        }
        if let Some(detector) = detector {
            self.close_pending(&mut result, detector);
            let behind = detector.state().clone();
            let is_sure = !self.dates.has_fault;
            result.detectors = before.filter(|_| is_sure).map(|before| [before, behind]);
        }
        result
    }

    /// A journal entry: its date stands before the first blank, and is known.
    fn entry(&mut self, block: &mut BlockFacts, place: Span, offset: u32, time: f64) {
        block.tested += 1;
        let date_end = block.texts.get(place).find(' ').map_or(0, |at| at + 1);
        let before = Span {
            start: place.start,
            end: place.start,
        };
        let behind = Span {
            start: place.start + date_end as u32,
            end: place.end,
        };
        let date = Span {
            start: place.start,
            end: behind.start,
        };
        let fact = self.facts(block, [before, date, behind]);
        block.entries.push(Entry::Line(BlockLine {
            line: place,
            offset,
            answers: (0, 0),
            no_match: 0,
            winner: None,
            cut: Span::new(0, date_end),
            date: DateFact::Date(Timestamp::Float(time)),
            fact,
        }));
    }

    fn line(
        &mut self,
        block: &mut BlockFacts,
        place: Span,
        offset: u32,
        mut detector: Option<&mut DateDetector>,
    ) {
        let first = block.answers.len() as u32;
        let mut dated = DatedLine::default();
        // what the template of the pending run matches, if it does
        let mut pending = None;
        if let Some(detector) = detector.as_deref_mut() {
            pending = self.date(block, place, detector, &mut dated);
        }
        let part = |start, end| Span {
            start: place.start + start,
            end: place.start + end,
        };
        let (before, date) = (
            part(0, dated.cut.start),
            part(dated.cut.start, dated.cut.end),
        );
        let behind = part(dated.cut.end, place.end - place.start);
        let fact = self.facts(block, [before, date, behind]);
        let missed = self.missed((place, date), offset, &dated.date, &fact);
        if let (Some(found), Some(detector)) = (pending, detector.as_deref_mut()) {
            if let Some(missed) = missed {
                self.extend_pending(place, found);
                return block.add_pending_missed(missed);
            }
            if dated.is_read() {
                dated.winner = dated.whole_match(found.clone());
                self.extend_pending(place, found);
                block.add_pending();
            } else {
                self.leave_pending(block, place, detector, &mut dated, found);
            }
        }
        if let Some((before, after)) = dated.keys {
            if let Some(missed) = missed.filter(|_| !block.opens_run(before)) {
                block.answers.truncate(first as usize);
                block.add_missed(missed, before, after);
                return self.begin_pending(block, detector, after);
            }
            block.add_to_run(before, after, dated.template.is_some());
        }
        let winner = match dated.winner {
            Winner::Nobody => None,
            Winner::Noted(answer) => Some(answer),
            Winner::Unnoted(answer) => {
                block.answers.push(answer);
                Some(first)
            }
        };
        block.entries.push(Entry::Line(BlockLine {
            line: place,
            offset,
            answers: (first, block.answers.len() as u32),
            no_match: dated.no_match,
            winner,
            cut: dated.cut,
            date: dated.date,
            fact,
        }));
        if let Some((_, after)) = dated.keys {
            self.begin_pending(block, detector, after);
        }
    }

    /// A line that is only counted, if it is one; given with the places of its text and its date.
    #[inline]
    fn missed(
        &self,
        (place, date_place): (Span, Span),
        offset: u32,
        date: &DateFact,
        fact: &RegexFact,
    ) -> Option<MissedRun> {
        let (DateFact::Date(date), RegexFact::Line(fact)) = (date, fact) else {
            return None;
        };
        let matched = matches!(fact.prefregex, PrefregexFact::Matched(_));
        (self.counts_missed && fact.is_missed()).then_some(MissedRun {
            place,
            offset,
            lines: 1,
            matched: u32::from(matched),
            last_matched: matched,
            date: *date,
            date_place,
        })
    }

    /// From the next line on the detector need not be told of each, if the run can go on so.
    /// `after`: its key now.
    #[inline]
    fn begin_pending(
        &mut self,
        block: &BlockFacts,
        detector: Option<&mut DateDetector>,
        after: DetectorKey,
    ) {
        let winner = detector.filter(|_| block.continues_run(after));
        let winner = winner.and_then(|detector| detector.state().anchored_winner());
        self.pending = winner.map(PendingRun::new);
    }

    /// Finds the date of a line: what the template of the pending run matches, if it does;
    /// or else by the date detector, behind that run.
    #[inline]
    fn date(
        &mut self,
        block: &mut BlockFacts,
        place: Span,
        detector: &mut DateDetector,
        dated: &mut DatedLine,
    ) -> Option<Range<usize>> {
        if let Some(pending) = &self.pending {
            let (template, line) = (pending.template, block.texts.get(place));
            if let Some(found) = self.dates.cached_date(line, detector, template, dated) {
                return Some(found);
            }
            self.close_pending(block, detector);
        }
        let line = block.texts.get(place);
        let (answers, scratch) = (&mut block.answers, &mut self.scratch);
        self.dates.date(line, detector, answers, dated, scratch);
        None
    }

    /// Adds a line to the pending run: its place, and what its template found in it.
    #[inline]
    fn extend_pending(&mut self, place: Span, found: Range<usize>) {
        if let Some(pending) = &mut self.pending {
            pending.lines += 1;
            (pending.place, pending.found) = (place, found);
        }
    }

    /// Ends the pending run before a line in which its template found something, but no date.
    fn leave_pending(
        &mut self,
        block: &mut BlockFacts,
        place: Span,
        detector: &mut DateDetector,
        dated: &mut DatedLine,
        found: Range<usize>,
    ) {
        self.close_pending(block, detector);
        let before = detector.state().key();
        detector.hit_at_once(block.texts.get(place), &found);
        dated.winner = dated.whole_match(found);
        dated.set_keys(before, detector.state().key());
    }

    /// Moves the detector on over the lines of the pending run.
    fn close_pending(&mut self, block: &mut BlockFacts, detector: &mut DateDetector) {
        let Some(run) = self.pending.take().filter(|run| run.lines > 0) else {
            return;
        };
        detector.hit_repeatedly(block.texts.get(run.place), &run.found, run.lines);
        if let Some(after) = detector.state().key() {
            block.extend_run(run.lines, after);
        }
    }

    /// What the regexes say of a line, given as what stands before its date, the date, and what
    /// stands behind.
    #[inline(always)] // once for every line: a call costs as much as what it does
    fn facts(&mut self, block: &mut BlockFacts, parts: [Span; 3]) -> RegexFact {
        let [before, _, behind] = parts;
        if self.filter.is_multi_line() {
            let text = block.texts.cut(before, behind);
            return RegexFact::Buffer(self.buffer_fact(block, parts, text));
        }
        let BlockFacts { facts, texts, .. } = block;
        let (filter, adaptive) = (self.filter, &mut self.adaptive);
        let mut checks = TextChecks::NOT_MADE;
        if self.detail == Detail::Verdict {
            match TextChecks::of_line(filter, texts, [before, behind], adaptive) {
                Ok(fact) => return RegexFact::Line(fact),
                Err(made) => checks = made,
            }
        }
        let text = texts.cut(before, behind);
        let state = (checks, adaptive, &mut self.scratch);
        RegexFact::Line(facts.add_checked(filter, texts, text, state, &mut ()))
    }

    /// What the regexes find in the buffer with a line; `text` is the line without its date.
    fn buffer_fact(&mut self, block: &mut BlockFacts, parts: [Span; 3], text: Span) -> BufferFact {
        let BlockFacts { texts, buffers, .. } = block;
        let mask = self.filter.texts_of(texts.get(text));
        let parts = parts.map(|part| texts.get(part));
        buffers.search(self.filter, parts, mask, &mut self.buffer_scratch)
    }
}
