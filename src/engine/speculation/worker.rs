//! What a worker does: the facts of a block, line by line. `speculation` says why the fold may
//! take them over.

use super::block::{
    Answer, BlockFacts, BlockLine, DateFact, Entry, MissedRun, RegexFact, parts_of,
};
use super::counter::BlockCounter;
use super::date_finder::{DateFinder, DatedLine, Winner};
use super::passed_lines::PassedLines;
use super::pending_run::PendingRun;
use super::searched::BufferFact;
use crate::date::{Clock, DateDetector, SameMinuteDate, Timestamp};
use crate::engine::adaptive_prefilter::AdaptivePrefilter;
use crate::engine::facts::{LineFact, PrefregexFact};
use crate::engine::filter::Filter;
use crate::engine::filter_regex::Detail;
use crate::engine::line_buffer::LineBuffer;
use crate::engine::session_table::SessionTable;
use crate::engine::settled_lines::Settled;
use crate::engine::text_checks::TextChecks;
use crate::engine::texts::{Span, Texts};
use crate::input::block::tested_line;
use crate::input::{Block, LineCursor, panic_context};
use crate::pattern::Scratch;
use std::ops::Range;

/// Computes the facts of blocks; one per thread.
pub(crate) struct Worker<'f> {
    filter: &'f Filter,
    detail: Detail,
    /// Verdicts alone are asked for, of one line at a time.
    checks_texts: bool,
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

impl<'f> Worker<'f> {
    /// A worker for a filter.
    pub(crate) fn new(filter: &'f Filter, clock: &'f Clock, detail: Detail) -> Worker<'f> {
        Worker {
            filter,
            detail,
            checks_texts: detail == Detail::Verdict && !filter.is_multi_line(),
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
        let mut lines = LineCursor::new(result.texts.block().as_bytes());
        loop {
            self.pass(&mut result, &mut lines);
            let (text, offset) = (result.texts.block().as_bytes(), lines.number());
            panic_context::at(u64::from(offset));
            let Some(place) = lines.place(text) else {
                break;
            };
            let start = place.start;
            let time = (result.block.entries.as_ref())
                .map(|entries| entries.times.get(offset as usize).copied().unwrap_or(0.0));
            if let Some(time) = time {
                let place = Span::new(start, place.end);
                self.entry(&mut result, place, offset, time);
            } else if let Some(line) = tested_line(&text[place]) {
                let place = Span::new(start, start + line.len());
                result.tested += 1;
                self.line(&mut result, place, offset, detector.as_deref_mut());
            }
            lines.advance(result.texts.block().as_bytes());
        }
        result.line_count = u64::from(lines.number());
        if let Some(detector) = detector {
            self.close_pending(&mut result, detector);
            let behind = detector.state().clone();
            let is_sure = !self.dates.has_fault;
            result.detectors = before.filter(|_| is_sure).map(|before| [before, behind]);
        }
        result
    }

    /// Goes over lines that are only counted, from the cursor's on, if that is one.
    #[inline]
    fn pass(&mut self, block: &mut BlockFacts, lines: &mut LineCursor) {
        let Some(run) = &mut self.pending else { return };
        let (settled, text) = (
            self.adaptive.settled_lines(),
            block.texts.block().as_bytes(),
        );
        let may_pass = |place: Range<usize>| settled.may_begin_at(place.start);
        let Settled::Missed(said) = settled.what else {
            return;
        };
        if !self.counts_missed || !lines.place(text).is_some_and(may_pass) {
            return;
        }
        let template = run.template();
        let dates = self.dates.same_minute(template);
        let passed = dates.and_then(|dates| PassedLines::pass(text, lines, settled, dates));
        if let Some(passed) = passed {
            run.extend(passed.lines, passed.last, &passed.date.found);
            self.dates.used_same_minute(template, passed.lines);
            block.tested += u64::from(passed.lines);
            self.adaptive.count_settled(passed.lines);
            block.add_pending_missed(passed.missed(said));
        }
    }

    /// A journal entry: its date stands before the first blank, and is known.
    fn entry(&mut self, block: &mut BlockFacts, place: Span, offset: u32, time: f64) {
        block.tested += 1;
        let date_end = block.texts.get(place).find(' ').map_or(0, |at| at + 1);
        let cut = Span::new(0, date_end);
        let parts = parts_of(place, cut);
        let checked = self.check(&block.texts, parts);
        let fact = self.facts(block, parts, checked);
        block.entries.push(Entry::Line(BlockLine {
            line: place,
            offset,
            answers: (0, 0),
            no_match: 0,
            winner: None,
            cut,
            date: DateFact::Date(Timestamp::Float(time)),
            fact,
        }));
    }

    /// A line whose date stands in its text.
    #[inline]
    fn line(
        &mut self,
        block: &mut BlockFacts,
        place: Span,
        offset: u32,
        detector: Option<&mut DateDetector>,
    ) {
        if let Some(run) = &mut self.pending {
            let template = run.template();
            let date = (self.dates).of_same_minute(block.texts.bytes(place), template);
            if let Some(date) = date {
                run.extend(1, place, &date.found);
                return self.line_of_same_minute(block, (place, offset), template, date);
            }
        }
        self.other_line(block, place, offset, detector);
    }

    /// A line that the pending run was just extended by, since its date is known by its first bytes:
    /// most lines of most logs.
    #[inline(always)] // once for every line: a call costs as much as what it does
    fn line_of_same_minute(
        &mut self,
        block: &mut BlockFacts,
        (place, offset): (Span, u32),
        template: usize,
        date: SameMinuteDate,
    ) {
        let cut = Span::new(date.date.start, date.date.end);
        let parts = parts_of(place, cut);
        let checked = self.check(&block.texts, parts);
        let line = (place, parts[1], offset);
        let fact = match checked {
            Ok(said) if self.counts_missed => {
                return block.add_pending_missed(MissedRun::of_line(line, date.time, said));
            }
            checked => self.facts(block, parts, checked),
        };
        let time = DateFact::Date(date.time);
        if let Some(missed) = self.missed(line, &time, &fact) {
            return block.add_pending_missed(missed);
        }
        block.add_pending();
        let first = block.answers.len() as u32;
        block
            .answers
            .push(Answer::in_whole_line(template, date.found));
        block.entries.push(Entry::Line(BlockLine {
            line: place,
            offset,
            answers: (first, first + 1),
            no_match: 0,
            winner: Some(first),
            cut,
            date: time,
            fact,
        }));
    }

    /// A line whose date has to be found.
    #[inline]
    fn other_line(
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
        let parts = parts_of(place, dated.cut);
        let checked = self.check(&block.texts, parts);
        let fact = self.facts(block, parts, checked);
        let missed = self.missed((place, parts[1], offset), &dated.date, &fact);
        if let (Some(found), Some(detector)) = (pending, detector.as_deref_mut()) {
            match &mut self.pending {
                Some(run) if dated.is_read() => {
                    run.extend(1, place, &found);
                    if let Some(missed) = missed {
                        return block.add_pending_missed(missed);
                    }
                    dated.winner = dated.whole_match(found);
                    block.add_pending();
                }
                _ => self.leave_pending(block, place, detector, &mut dated, found),
            }
        }
        if let Some((before, after)) = dated.keys {
            if let Some(missed) = missed.filter(|_| !block.opens_run(before)) {
                block.answers.truncate(first as usize);
                block.add_missed(missed, before, after);
                self.pending = PendingRun::begin(block, detector, after);
                return;
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
            self.pending = PendingRun::begin(block, detector, after);
        }
    }

    /// A line that is only counted, if it is one; given with the places of its text and its date,
    /// and the number of lines before it.
    #[inline]
    fn missed(
        &self,
        line: (Span, Span, u32),
        date: &DateFact,
        fact: &RegexFact,
    ) -> Option<MissedRun> {
        let (DateFact::Date(date), RegexFact::Line(fact)) = (date, fact) else {
            return None;
        };
        let is_counted = self.counts_missed && fact.is_missed();
        is_counted.then(|| MissedRun::of_line(line, *date, fact.prefregex))
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
            let (template, line) = (pending.template(), block.texts.get(place));
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
        if let Some(run) = self.pending.take() {
            run.close(block, detector);
        }
    }

    /// What is known of a line before its text is put together and any regex is searched for, as far
    /// as verdicts go.
    #[inline(always)] // once for every line
    fn check(&mut self, texts: &Texts, parts: [Span; 3]) -> Result<PrefregexFact, TextChecks> {
        if !self.checks_texts {
            return Err(TextChecks::NOT_MADE);
        }
        let [before, _, behind] = parts;
        TextChecks::of_line(self.filter, texts, [before, behind], &mut self.adaptive)
    }

    /// What the regexes say of a line, given as what stands before its date, the date, and what
    /// stands behind.
    #[inline]
    fn facts(
        &mut self,
        block: &mut BlockFacts,
        parts: [Span; 3],
        checked: Result<PrefregexFact, TextChecks>,
    ) -> RegexFact {
        let checks = match checked {
            Ok(said) => return RegexFact::Line(LineFact::missed(said)),
            Err(checks) => checks,
        };
        let [before, _, behind] = parts;
        let end = block.texts.end();
        let text = block.texts.cut(before, behind);
        if self.filter.is_multi_line() {
            return RegexFact::Buffer(self.buffer_fact(block, parts, text));
        }
        let BlockFacts { facts, texts, .. } = block;
        let scratch = &mut self.scratch;
        if let Some(said) = checks.prefregex_alone(self.filter, (texts, text), scratch) {
            texts.forget_from(end);
            return RegexFact::Line(LineFact::missed(said));
        }
        let state = (checks, &mut self.adaptive, scratch);
        RegexFact::Line(facts.add_checked(self.filter, texts, text, state, &mut ()))
    }

    /// What the regexes find in the buffer with a line; `text` is the line without its date.
    fn buffer_fact(&mut self, block: &mut BlockFacts, parts: [Span; 3], text: Span) -> BufferFact {
        let BlockFacts { texts, buffers, .. } = block;
        let mask = self.filter.texts_of(texts.get(text));
        let parts = parts.map(|part| texts.get(part));
        buffers.search(self.filter, parts, mask, &mut self.buffer_scratch)
    }
}
