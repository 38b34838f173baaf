//! The ordered fold: blocks of facts in, verdicts out, in line order.
//!
//! The counterpart of `worker`; `speculation` says why taking a worker's answers over is exact.

use super::block::{BlockFacts, BlockLine, DateFact, Entry, MissedRun, RegexFact, StableRun};
use super::confirm::TakeOver;
use super::course::BufferCourse;
use crate::date::{DateDetector, TimeCache, Timestamp};
use crate::engine::facts::KnownLine;
use crate::engine::groups::TupleLine;
use crate::engine::multiline::BufferFacts;
use crate::engine::session::{BufferLine, LineOutcome, Session};
use crate::engine::texts::Span;
use crate::engine::verdict_sink::{LineVerdict, VerdictSink};
use crate::pattern::Scratch;

/// The date that holds for a line, by the worker's facts.
pub(in crate::engine) enum LineDate {
    Known {
        date: Option<Timestamp>,
        no_date: bool,
    },
    /// It has to be read in line order.
    Unknown,
}

/// The stable runs of a block, one by one.
struct RunCursor<'b> {
    next: &'b [StableRun],
}

impl<'b> RunCursor<'b> {
    fn new(block: &'b BlockFacts) -> RunCursor<'b> {
        RunCursor { next: &block.runs }
    }

    /// Moves the detector on over the run that begins with an entry: where it ends. None if none
    /// begins there, or it does not hold.
    #[inline]
    fn advance(&mut self, entry: usize, detector: Option<&mut DateDetector>) -> Option<usize> {
        let (run, rest) = self.next.split_first()?;
        if run.first as usize != entry {
            return None;
        }
        self.next = rest;
        let applies = detector?.advance_run(run.before, run.hits, run.after);
        applies.then_some(run.end as usize)
    }
}

impl Session<'_> {
    /// Judges the lines of a block, in order; `sink` receives every one, or takes the worker's
    /// counts of them.
    pub(crate) fn fold(
        &mut self,
        block: &mut BlockFacts,
        scratch: &mut Scratch,
        sink: &mut impl VerdictSink,
    ) {
        if block.is_counted && sink.takes(&block.counts.stats) && self.adopt(block, scratch) {
            sink.block(&block.counts.stats);
        } else {
            self.fold_lines(block, scratch, sink);
        }
    }

    /// Takes over what a worker made of a block: false, and nothing has changed, where the dates
    /// or sessions before it are others than it guessed.
    fn adopt(&mut self, block: &mut BlockFacts, scratch: &mut Scratch) -> bool {
        let before = self
            .detector
            .as_ref()
            .map(|detector| detector.state().clone());
        let faults = self.date_faults.clone();
        let confirmed = self.confirm_winners(block, scratch);
        if !confirmed || !self.adopt_sessions(&mut block.counts.sessions) {
            if let (Some(detector), Some(before)) = (&mut self.detector, before) {
                detector.set_state(before);
            }
            self.date_faults = faults;
            return false;
        }
        if let Some((date, place)) = block.counts.last_date {
            self.saw_date(date, block.texts.get(place));
        }
        if let Some(matched) = block.counts.prefregex {
            self.prefregex.matched = matched;
        }
        true
    }

    /// Moves the detector on over a block; false where another answer than the worker's gives a
    /// date.
    fn confirm_winners(&mut self, block: &BlockFacts, scratch: &mut Scratch) -> bool {
        let mut runs = RunCursor::new(block);
        let mut index = 0;
        while let Some(entry) = block.entries.get(index) {
            if let Some(end) = runs.advance(index, self.detector.as_mut()) {
                index = end;
                continue;
            }
            index += 1;
            let Entry::Line(line) = entry else {
                return false;
            };
            let text = block.texts.get(line.line);
            if !matches!(
                self.confirm_winner(block, line, text, scratch),
                TakeOver::Holds
            ) {
                return false;
            }
        }
        true
    }

    fn fold_lines(
        &mut self,
        block: &mut BlockFacts,
        scratch: &mut Scratch,
        sink: &mut impl VerdictSink,
    ) {
        let mut course = BufferCourse::new(block, &self.buffer);
        self.fold_along(block, &mut course, scratch, sink);
        if self.filter.is_multi_line() {
            course.finish(block, &mut self.buffer);
        }
    }

    fn fold_along(
        &mut self,
        block: &BlockFacts,
        course: &mut BufferCourse,
        scratch: &mut Scratch,
        sink: &mut impl VerdictSink,
    ) {
        let mut outcome = LineOutcome::default();
        let (mut index, mut run_end) = (0, 0);
        let mut runs = RunCursor::new(block);
        if self.adopt_detector(block) {
            (runs, run_end) = (RunCursor { next: &[] }, block.entries.len());
        }
        let multi_line = self.filter.is_multi_line();
        while let Some(entry) = block.entries.get(index) {
            if let Some(end) = runs.advance(index, self.detector.as_mut()) {
                run_end = end;
            }
            let in_run = index < run_end;
            match entry {
                Entry::Missed(run) if in_run => {
                    debug_assert!(sink.counts_missed(), "runs are made where they count");
                    sink.missed(u64::from(run.lines), self.count_missed(block, run));
                }
                Entry::Missed(run) => {
                    for (number, text) in block.lines_of(run) {
                        outcome = self.line(text, scratch);
                        sink.line(self.verdict(text, number, &outcome));
                    }
                }
                Entry::Line(line) => {
                    let text = block.texts.get(line.line);
                    let mut said = if in_run {
                        TakeOver::Holds
                    } else {
                        self.confirm_winner(block, line, text, scratch)
                    };
                    if let TakeOver::Holds = said {
                        if multi_line && course.agrees() && sink.counts_missed() {
                            let end = self.pass_quiet(block, index, run_end.max(index + 1));
                            if end > index {
                                sink.missed((end - index) as u64, 0);
                                index = end;
                                continue;
                            }
                        }
                        let mut state = (&mut *course, &mut *scratch);
                        said = self.take_over(block, line, index, text, &mut state, &mut outcome);
                    }
                    if let TakeOver::Redo(found) = said {
                        let cut = self.cut_found(text, found);
                        course.part(self.filter, block, index, &mut self.buffer);
                        outcome = self.find_failure(cut, scratch, &mut ());
                    }
                    course.compare(self.filter, block, index, &self.buffer);
                    sink.line(self.verdict(text, block.number(line), &outcome));
                }
            }
            index += 1;
        }
    }

    fn verdict<'t>(
        &'t self,
        line: &'t str,
        number: u64,
        outcome: &'t LineOutcome,
    ) -> LineVerdict<'t> {
        LineVerdict {
            line,
            number,
            outcome,
            prefregex: &self.prefregex,
            last_date: self.last_date(),
            date_faults: self.date_faults.count,
        }
    }

    /// Goes over missed lines of a run; on how many of them prefregex counts.
    fn count_missed(&mut self, block: &BlockFacts, run: &MissedRun) -> u64 {
        self.saw_date(run.date, block.texts.get(run.date_place));
        match self.filter.prefregex {
            Some(_) => {
                self.prefregex.matched = run.last_matched;
                u64::from(run.matched)
            }
            // what it said last is counted again
            None => u64::from(run.lines) * u64::from(self.prefregex.matched),
        }
    }

    /// Makes the verdict of the worker's facts, where they hold; its date template does.
    fn take_over(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        index: usize,
        text: &str,
        (course, scratch): &mut (&mut BufferCourse, &mut Scratch),
        outcome: &mut LineOutcome,
    ) -> TakeOver {
        let LineDate::Known { date, no_date } = self.line_date(&line.date, line.cut, text) else {
            return TakeOver::Redo(self.noted_winner(block, line, text, scratch));
        };
        outcome.clear();
        let stands_in =
            matches!(line.date, DateFact::None | DateFact::Empty) && self.recent_date().is_some();
        let (start, end) = (line.cut.start as usize, line.cut.end as usize);
        // taken out, because the session cannot be asked while it judges
        let last_date = stands_in.then(|| std::mem::take(&mut self.last_time_text));
        let parts = || match &last_date {
            Some(last_date) => ["", last_date, text],
            None => [&text[..start], &text[start..end], &text[end..]],
        };
        match &line.fact {
            RegexFact::Line(fact) => {
                let known = KnownLine {
                    facts: &block.facts,
                    texts: &block.texts,
                    fact,
                    date,
                    no_date,
                };
                self.judge(known, || TupleLine::new(parts()), outcome);
            }
            &RegexFact::Buffer(fact) if course.agrees() && fact.is_known() && !stands_in => {
                let mut nothing = BufferFacts::nothing(self.filter);
                let found = course.found(fact).unwrap_or(&mut nothing);
                self.take_buffer(found, (date, no_date), parts(), outcome);
            }
            RegexFact::Buffer(fact) => {
                course.part(self.filter, block, index, &mut self.buffer);
                let line = BufferLine {
                    parts: parts(),
                    texts: fact.texts,
                    date,
                    no_date,
                };
                self.search_buffer(line, scratch, &mut (), outcome);
            }
        }
        if let Some(last_date) = last_date {
            self.last_time_text = last_date;
        }
        TakeOver::Holds
    }

    /// The date that holds for a line of which `cut` is the place of its date.
    pub(in crate::engine) fn line_date(
        &mut self,
        date: &DateFact,
        cut: Span,
        text: &str,
    ) -> LineDate {
        let (date, no_date) = match date {
            DateFact::Date(date) => {
                let place = cut.start as usize..cut.end as usize;
                self.saw_date(*date, &text[place]);
                (Some(*date), false)
            }
            DateFact::Empty => (Some(self.optional_date().0), false),
            DateFact::None => (self.recent_date(), true),
            DateFact::Invalid | DateFact::Fault(_) => {
                // with a recent date the regexes see the whole line (Filter.processLine)
                if self.recent_date().is_some() {
                    return LineDate::Unknown;
                }
                if let DateFact::Fault(fault) = date {
                    self.date_faults.add(fault);
                }
                (None, true)
            }
            DateFact::Uncertain => {
                // glibc's mktime remembers the offset of the call before
                if let Some(Timestamp::Float(epoch)) = self.last_date() {
                    self.time_cache = TimeCache::after(self.clock.local(epoch).offset);
                }
                return LineDate::Unknown;
            }
        };
        LineDate::Known { date, no_date }
    }
}
