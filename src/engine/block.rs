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

use super::facts::{Detail, Facts, LineFact, Span, Texts};
use super::filter::Filter;
use super::gate::Gate;
use crate::date::{
    Clock, DateDetector, DateTemplate, Found, InvalidDate, Probe, TimeCache, Timestamp,
};
use crate::input::{Block, place};
use crate::pattern::Scratch;
use std::ops::Range;
use std::sync::Arc;

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
struct Answer {
    probe: Probe,
    found: Option<Range<usize>>,
}

/// One line of a block.
#[derive(Clone, Debug)]
pub(super) struct BlockLine {
    /// Its text, without the line end.
    pub(super) line: Span,
    /// Lines before it in the block.
    pub(super) offset: u32,
    answers: (u32, u32),
    /// Templates, by their number, that matched nowhere in the line.
    refused: u64,
    /// Which of the answers won, counted from the block's first; `u32::MAX` for none.
    pub(super) winner: u32,
    /// The date's place in the line.
    pub(super) cut: Span,
    /// The date.
    pub(super) date: DateFact,
    /// What the regexes say.
    pub(super) fact: LineFact,
}

/// The facts of a block of lines.
#[derive(Debug)]
pub struct BlockFacts {
    pub(super) texts: Texts,
    pub(super) facts: Facts,
    pub(super) lines: Vec<BlockLine>,
    answers: Vec<Answer>,
    pub(super) first_line: u64,
    /// All lines, skipped ones included.
    pub line_count: u64,
    /// Lines that are tested.
    pub tested: u64,
    /// The block, its text taken out.
    pub block: Block,
}

impl BlockFacts {
    /// The counts of a block whose lines were judged without facts.
    pub(super) fn empty(block: Block, tested: u64) -> BlockFacts {
        BlockFacts {
            line_count: block.line_count(),
            first_line: block.first_line,
            block,
            tested,
            facts: Facts::new(Detail::Verdict),
            lines: Vec::new(),
            answers: Vec::new(),
            texts: Texts::default(),
        }
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

/// Computes the facts of blocks; one per thread.
pub struct Worker<'f> {
    filter: &'f Filter,
    clock: &'f Clock,
    detail: Detail,
    scratch: Scratch,
    times: TimeCache,
    /// The last date read, and its text: the next line often has the same.
    last: Option<LastDate>,
    gate: DateGate,
}

/// Which date templates may match somewhere in a line: made once enough lines wanted it.
///
/// Exactness: `gate` says why what it rules out cannot match.
#[derive(Debug, Default)]
struct DateGate {
    asked: u32,
    gate: Option<Gate>,
}

impl DateGate {
    /// Lines that are searched without a gate: a few are done before one is made.
    const PATIENCE: u32 = 16;

    /// A bit per template, by its number.
    fn possible(&mut self, templates: &[Arc<DateTemplate>], line: &str) -> u64 {
        self.asked = self.asked.saturating_add(1);
        if self.asked == Self::PATIENCE {
            let regexes = templates.iter().map(|t| t.compiled_regex());
            let regexes: Result<Vec<_>, _> = regexes.collect();
            self.gate = regexes.ok().map(|all| Gate::new(all.into_iter()));
        }
        match &self.gate {
            Some(gate) if templates.len() <= 64 => {
                gate.candidates(line).fold(0, |bits, at| bits | 1 << at)
            }
            _ => u64::MAX,
        }
    }
}

#[derive(Debug)]
struct LastDate {
    template: usize,
    found: Found,
    text: String,
    date: Timestamp,
}

impl<'f> Worker<'f> {
    /// A worker for a filter without a buffer (`maxlines` 1).
    pub fn new(filter: &'f Filter, clock: &'f Clock, detail: Detail) -> Worker<'f> {
        Worker {
            filter,
            clock,
            detail,
            scratch: Scratch::default(),
            times: TimeCache::default(),
            last: None,
            gate: DateGate::default(),
        }
    }

    /// The facts of a block. `detector`: the guess, moved on by the block's lines; None for
    /// lines whose dates are not searched.
    pub fn block(&mut self, mut block: Block, detector: Option<&mut DateDetector>) -> BlockFacts {
        let line_count = block.line_count();
        let text = std::mem::take(&mut block.text);
        let mut result = BlockFacts {
            line_count,
            first_line: block.first_line,
            block,
            tested: 0,
            facts: Facts::new(self.detail),
            lines: Vec::new(),
            answers: Vec::new(),
            texts: Texts::new(text),
        };
        let mut detector = detector;
        let mut start = 0;
        for offset in 0.. {
            place::at(u64::from(offset));
            let text = result.texts.block();
            let rest = &text.as_bytes()[start..];
            if rest.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', rest).map_or(text.len(), |at| start + at);
            let time = (result.block.entries.as_ref())
                .map(|entries| entries.times.get(offset as usize).copied().unwrap_or(0.0));
            if let Some(time) = time {
                let entry = self.entry(&mut result, Span::new(start, end), offset, time);
                result.lines.push(entry);
                start = end + 1;
                if start >= result.texts.block().len() {
                    break;
                }
                continue;
            }
            let line = text[start..end].trim_end_matches('\r');
            let place = Span::new(start, start + line.len());
            start = end + 1;
            if !line.is_empty() && !line.starts_with('#') {
                let line = self.line(&mut result, place, offset, detector.as_deref_mut());
                result.lines.push(line);
            }
            if start >= result.texts.block().len() {
                break;
            }
        }
        result.tested = result.lines.len() as u64;
        result
    }

    /// A journal entry: its date stands before the first blank, and is known.
    fn entry(&mut self, block: &mut BlockFacts, place: Span, offset: u32, time: f64) -> BlockLine {
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
        BlockLine {
            line: place,
            offset,
            answers: (0, 0),
            refused: 0,
            winner: u32::MAX,
            cut: Span::new(0, date_end),
            date: DateFact::Date(Timestamp::Float(time)),
            fact: block
                .facts
                .add(self.filter, &mut block.texts, text, &mut self.scratch),
        }
    }

    fn line(
        &mut self,
        block: &mut BlockFacts,
        place: Span,
        offset: u32,
        detector: Option<&mut DateDetector>,
    ) -> BlockLine {
        let first = block.answers.len() as u32;
        let mut refused = 0;
        let (mut cut, mut date, mut winner) = (Span::new(0, 0), DateFact::None, u32::MAX);
        if let Some(detector) = detector {
            let line = block.texts.get(place);
            let won = self.find(line, detector, &mut block.answers, &mut refused);
            if let Some((template, found, answer)) = won {
                winner = answer;
                let group = found.group1.clone().unwrap_or(0..0);
                cut = Span::new(group.start, group.end);
                date = match group.is_empty() {
                    true => DateFact::Empty,
                    false => self.read(line, detector, template, &found),
                };
            }
        }
        let (before, behind) = (
            Span {
                start: place.start,
                end: place.start + cut.start,
            },
            Span {
                start: place.start + cut.end,
                end: place.end,
            },
        );
        let text = block.texts.cut(before, behind);
        BlockLine {
            line: place,
            offset,
            answers: (first, block.answers.len() as u32),
            refused,
            winner,
            cut,
            date,
            fact: block
                .facts
                .add(self.filter, &mut block.texts, text, &mut self.scratch),
        }
    }

    /// Runs the state machine over a line, writing its questions down; what won.
    fn find(
        &mut self,
        line: &str,
        detector: &mut DateDetector,
        answers: &mut Vec<Answer>,
        refused: &mut u64,
    ) -> Option<(usize, Found, u32)> {
        let templates = detector.all().clone();
        let current = detector.state().current();
        let Worker { scratch, gate, .. } = self;
        let mut possible = None;
        let won = detector.step(line, |probe| {
            let bit = 1u64.checked_shl(probe.template as u32).unwrap_or(0);
            let whole = probe.part.is_none() && bit != 0;
            if whole && Some(probe.template) != current {
                let possible = possible.get_or_insert_with(|| gate.possible(&templates, line));
                if *possible & bit == 0 {
                    *refused |= bit;
                    return Ok(None);
                }
            }
            let found = templates[probe.template].find(line, probe.part.clone(), scratch)?;
            if found.is_none() && whole {
                *refused |= bit;
                return Ok(None);
            }
            let span = found.as_ref().map(|f| f.start..f.end);
            answers.push(Answer { probe, found: span });
            let index = answers.len() as u32 - 1;
            Ok(found.map(|found| Answered { found, index }))
        });
        let (template, won) = won.ok()??;
        Some((template, won.found, won.index))
    }

    fn read(
        &mut self,
        line: &str,
        detector: &DateDetector,
        template: usize,
        found: &Found,
    ) -> DateFact {
        let text = &line[found.start..found.end];
        if let Some(last) = &self.last
            && last.template == template
            && last.text == text
            && found.reads_like(&last.found)
        {
            return DateFact::Date(last.date);
        }
        let template_of = &detector.all()[template];
        let offset = detector.default_offset();
        let date = template_of.parse(line, found, self.clock, offset, &mut self.times);
        if self.times.take_uncertain() {
            return DateFact::Uncertain;
        }
        match date {
            Ok(date) => {
                let mut kept = self.last.take().map(|last| last.text).unwrap_or_default();
                kept.clear();
                kept.push_str(text);
                self.last = Some(LastDate {
                    template,
                    found: found.clone(),
                    text: kept,
                    date,
                });
                DateFact::Date(date)
            }
            Err(InvalidDate::Value) => DateFact::Invalid,
            Err(InvalidDate::Uncaught(fault)) => DateFact::Fault(fault),
        }
    }
}

/// A match and the number of its answer.
struct Answered {
    found: Found,
    index: u32,
}

impl crate::date::Span for Answered {
    fn span(&self) -> Range<usize> {
        self.found.start..self.found.end
    }
}
