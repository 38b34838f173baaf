//! What a worker does: the facts of a block, line by line. `block` says why the fold may take
//! them over.

use super::block::{Answer, BlockFacts, BlockLine, DateFact, Entry, MissedRun};
use super::date_finder::{DateFinder, DatedLine};
use super::facts::{Detail, LineFact, PrefregexFact, Span};
use super::filter::Filter;
use super::prefilter::AdaptivePrefilter;
use crate::date::{Clock, DateDetector, Probe, Timestamp};
use crate::input::block::is_tested;
use crate::input::{Block, panic_context};
use crate::pattern::Scratch;
use std::ops::Range;

/// Computes the facts of blocks; one per thread.
pub(crate) struct Worker<'f> {
    filter: &'f Filter,
    detail: Detail,
    scratch: Scratch,
    thrift: AdaptivePrefilter,
    dating: DateFinder<'f>,
    /// Plain lines of a row are only counted.
    counts_plain: bool,
    /// A block that was folded: its room is used over again.
    used: Option<BlockFacts>,
    /// The block's last entry goes on.
    run: Option<PendingRun>,
}

/// A run of plain lines that goes on: the date detector is still where it was before them.
///
/// Exactness: their winner is asked about whole lines, whatever it found last, and wins at
/// once (`DetectorState::winner_asks_all`). So what the detector remembers of the lines of
/// the run decides nothing before the run's end, and there it is what the last of them left
/// behind, and their number (`DetectorState::win_again`).
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

impl<'f> Worker<'f> {
    /// A worker for a filter without a buffer (`maxlines` 1).
    pub(crate) fn new(filter: &'f Filter, clock: &'f Clock, detail: Detail) -> Worker<'f> {
        Worker {
            filter,
            detail,
            scratch: Scratch::for_lines(),
            thrift: AdaptivePrefilter::default(),
            dating: DateFinder::new(clock),
            counts_plain: false,
            used: None,
            run: None,
        }
    }

    /// From now on plain lines need not be told one by one (`VerdictSink::counts_missed`).
    pub(crate) fn count_plain(&mut self) {
        self.counts_plain = true;
    }

    /// Uses the room of a block that was folded.
    pub(crate) fn reuse(&mut self, used: BlockFacts) {
        self.used = Some(used);
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
        if let Some(detector) = &detector {
            self.dating.begin(detector);
        }
        self.run = None;
        let mut start = 0;
        for offset in 0.. {
            panic_context::at(u64::from(offset));
            let text = result.texts.block();
            let rest = &text.as_bytes()[start..];
            if rest.is_empty() {
                break;
            }
            result.line_count += 1;
            let end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| start + at);
            let time = (result.block.entries.as_ref())
                .map(|entries| entries.times.get(offset as usize).copied().unwrap_or(0.0));
            if let Some(time) = time {
                self.entry(&mut result, Span::new(start, end), offset, time);
                start = end + 1;
                if start >= result.texts.block().len() {
                    break;
                }
                continue;
            }
            let line = text[start..end].trim_end_matches('\r');
            let place = Span::new(start, start + line.len());
            start = end + 1;
            if is_tested(line) {
                result.tested += 1;
                self.line(&mut result, place, offset, detector.as_deref_mut());
            }
            if start >= result.texts.block().len() {
                break;
            }
        }
        if let Some(detector) = detector {
            self.close_run(&mut result, detector);
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
        let text = block.texts.cut(before, behind);
        let fact = self.facts(block, text);
        block.entries.push(Entry::Line(BlockLine {
            line: place,
            offset,
            answers: (0, 0),
            refused: 0,
            winner: u32::MAX,
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
        let mut again = None;
        if let Some(detector) = detector.as_deref_mut() {
            let line = block.texts.get(place);
            match self.again_in_run(line) {
                Some((template, found)) => {
                    (self.dating).date_again(line, detector, template, &mut dated);
                    again = Some(found);
                }
                None => {
                    self.close_run(block, detector);
                    let line = block.texts.get(place);
                    let (answers, scratch) = (&mut block.answers, &mut self.scratch);
                    (self.dating).date(line, detector, answers, &mut dated, scratch);
                }
            }
        }
        let cut = dated.cut;
        let at = |at: u32| place.start + at;
        let [before, behind] = [(0, cut.start), (cut.end, place.end - place.start)];
        let part = |(start, end)| Span {
            start: at(start),
            end: at(end),
        };
        let text = block.texts.cut(part(before), part(behind));
        let fact = self.facts(block, text);
        let matched = matches!(fact.prefregex, PrefregexFact::Matched(_));
        let plain = |date| MissedRun {
            place,
            offset,
            lines: 1,
            matched: u32::from(matched),
            last_matched: matched,
            date,
            date_place: part((cut.start, cut.end)),
        };
        let counts = self.counts_plain && fact.is_plain();
        if let (Some(found), Some(detector)) = (again, detector.as_deref_mut()) {
            if let (DateFact::Date(date), true) = (&dated.date, counts) {
                block.extend_plain(plain(*date));
                if let Some(open) = &mut self.run {
                    (open.lines, open.place, open.found) = (open.lines + 1, place, found);
                }
                return;
            }
            self.close_run(block, detector);
            let before = detector.state().footing();
            let line = block.texts.get(place);
            detector.win_at_once(line, &found);
            dated.asked = dated.template.map(|template| Answer {
                probe: Probe {
                    template,
                    part: None,
                },
                found: Some(found),
            });
            dated.follow(before, detector.state().footing());
        }
        if let Some((before, after)) = dated.footings {
            if let (DateFact::Date(date), true) = (&dated.date, counts) {
                block.answers.truncate(first as usize);
                block.add_plain(plain(*date), before, after);
                let asks_all = |detector: &mut DateDetector| detector.state().winner_asks_all();
                let goes_on = detector.filter(|_| block.goes_on(after));
                self.run = goes_on.and_then(asks_all).map(PendingRun::new);
                return;
            }
            block.in_row(before, after, dated.template.is_some());
        }
        let mut winner = dated.winner;
        if let Some(answer) = dated.asked {
            winner = first;
            block.answers.push(answer);
        }
        let answers = (first, block.answers.len() as u32);
        block.entries.push(Entry::Line(BlockLine {
            line: place,
            offset,
            answers,
            refused: dated.refused,
            winner,
            cut,
            date: dated.date,
            fact,
        }));
    }

    /// What the winner of an open run finds in a line, where that is known without a search.
    #[inline]
    fn again_in_run(&mut self, line: &str) -> Option<(usize, Range<usize>)> {
        let template = self.run.as_ref()?.template;
        let found = self.dating.again_in_line(line, template)?;
        Some((template, found))
    }

    /// Moves the detector on over the lines of an open run.
    fn close_run(&mut self, block: &mut BlockFacts, detector: &mut DateDetector) {
        let Some(run) = self.run.take().filter(|run| run.lines > 0) else {
            return;
        };
        detector.win_again(block.texts.get(run.place), &run.found, run.lines);
        if let Some(after) = detector.state().footing() {
            block.extend_row(run.lines, after);
        }
    }

    fn facts(&mut self, block: &mut BlockFacts, text: Span) -> LineFact {
        let BlockFacts { facts, texts, .. } = block;
        facts.add(
            self.filter,
            texts,
            text,
            &mut self.thrift,
            &mut self.scratch,
        )
    }
}
