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
//! state with the same footing (`DetectorState::step_alone`). A row of them ([`DateRow`]) the
//! fold takes at once, if its state has the footing the row began with; the lines of the row
//! follow one from the other. Where it has not, they are lines like all others.
//!
//! A line that nothing was found in and whose date was read is told as [`BlockLine::plain`]:
//! in such a row it changes nothing but the last date and the counts.

use super::facts::{Detail, Facts, LineFact, Span, Texts};
use super::filter::Filter;
use super::gate::{Gate, Thrift};
use crate::date::{
    Clock, DateDetector, DateTemplate, Footing, Found, InvalidDate, LastFound, Probe, ReadDate,
    TimeCache, Timestamp,
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
    /// It has a date, no regex hit it, took it back or gave up.
    pub(super) plain: bool,
}

/// Lines in a row whose dates follow from the footing of the date detector before them.
#[derive(Clone, Copy, Debug)]
pub(super) struct DateRow {
    /// Index of the first, and of the line behind the last.
    pub(super) first: u32,
    pub(super) end: u32,
    /// Those of them that have a date.
    pub(super) wins: u64,
    pub(super) before: Footing,
    pub(super) after: Footing,
    /// It does not continue another row, and ends with its first win: whatever state the
    /// fold comes with, once that line is won it has the footing of the row that continues.
    opens: bool,
}

/// The facts of a block of lines.
#[derive(Debug)]
pub struct BlockFacts {
    pub(super) texts: Texts,
    pub(super) facts: Facts,
    pub(super) lines: Vec<BlockLine>,
    answers: Vec<Answer>,
    /// In order; lines between them are judged one by one.
    pub(super) rows: Vec<DateRow>,
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
            rows: Vec::new(),
            texts: Texts::default(),
        }
    }

    /// Notes a line whose date follows from the footing before it.
    fn in_row(&mut self, before: Footing, after: Footing, won: bool) {
        let line = self.lines.len() as u32;
        let last = self.rows.last_mut();
        let mut last = last.filter(|row| row.end == line && row.after == before);
        match &mut last {
            Some(row) if !row.opens || row.wins == 0 => {
                row.end = line + 1;
                row.wins += u64::from(won);
                row.after = after;
            }
            _ => {
                let opens = last.is_none();
                self.rows.push(DateRow {
                    first: line,
                    end: line + 1,
                    wins: u64::from(won),
                    before,
                    after,
                    opens,
                });
            }
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

/// Bytes of a line, about: how much room a block's lists are given at first.
const LINE_BYTES: usize = 96;

/// Computes the facts of blocks; one per thread.
pub struct Worker<'f> {
    filter: &'f Filter,
    clock: &'f Clock,
    detail: Detail,
    scratch: Scratch,
    thrift: Thrift,
    /// By template.
    dates: Vec<LastFound>,
    times: TimeCache,
    /// The last date read, and its text: the next line often has the same, or other seconds
    /// of the same minute.
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
    /// [`LastFound::places`] then.
    places: u64,
    text: String,
    date: Timestamp,
    by_seconds: bool,
}

impl<'f> Worker<'f> {
    /// A worker for a filter without a buffer (`maxlines` 1).
    pub fn new(filter: &'f Filter, clock: &'f Clock, detail: Detail) -> Worker<'f> {
        Worker {
            filter,
            clock,
            detail,
            scratch: Scratch::fast(),
            thrift: Thrift::default(),
            dates: Vec::new(),
            times: TimeCache::default(),
            last: None,
            gate: DateGate::default(),
        }
    }

    /// The facts of a block. `detector`: the guess, moved on by the block's lines; None for
    /// lines whose dates are not searched.
    pub fn block(&mut self, mut block: Block, detector: Option<&mut DateDetector>) -> BlockFacts {
        let text = std::mem::take(&mut block.text);
        let mut result = BlockFacts {
            line_count: 0,
            first_line: block.first_line,
            block,
            tested: 0,
            facts: Facts::new(self.detail),
            lines: Vec::with_capacity(text.len() / LINE_BYTES),
            answers: Vec::with_capacity(text.len() / LINE_BYTES),
            rows: Vec::new(),
            texts: Texts::new(text),
        };
        let mut detector = detector;
        if let Some(detector) = &detector {
            let templates = detector.all().len();
            self.dates.resize_with(templates, LastFound::default);
        }
        let mut start = 0;
        for offset in 0.. {
            place::at(u64::from(offset));
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
            fact: self.facts(block, text),
            plain: false,
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
            let before = detector.state().footing();
            let line = block.texts.get(place);
            let (won, alone) = self.find(line, detector, &mut block.answers, &mut refused);
            if let Some((template, answer)) = won {
                winner = answer;
                let group = self.dates[template].found().group1.clone().unwrap_or(0..0);
                cut = Span::new(group.start, group.end);
                date = match group.is_empty() {
                    true => DateFact::Empty,
                    false => self.read(line, detector, template),
                };
            }
            let read = matches!(date, DateFact::Date(_) | DateFact::None | DateFact::Empty);
            if let (true, true, Some(before), Some(after)) =
                (alone, read, before, detector.state().footing())
            {
                block.in_row(before, after, winner != u32::MAX);
            }
        }
        let at = |at: u32| place.start + at;
        let before = Span {
            start: place.start,
            end: at(cut.start),
        };
        let behind = Span {
            start: at(cut.end),
            end: place.end,
        };
        let text = block.texts.cut(before, behind);
        let fact = self.facts(block, text);
        BlockLine {
            line: place,
            offset,
            answers: (first, block.answers.len() as u32),
            refused,
            winner,
            cut,
            plain: matches!(date, DateFact::Date(_)) && fact.is_plain(),
            date,
            fact,
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

    /// Runs the state machine over a line, writing its questions down: what won, and whether
    /// that follows from the footing before alone.
    fn find(
        &mut self,
        line: &str,
        detector: &mut DateDetector,
        answers: &mut Vec<Answer>,
        refused: &mut u64,
    ) -> (Option<(usize, u32)>, bool) {
        let templates = detector.all().clone();
        let current = detector.state().current();
        let Worker {
            scratch,
            gate,
            dates,
            ..
        } = self;
        let first = answers.len();
        let mut possible = None;
        let mut ask = |probe: Probe, answers: &mut Vec<Answer>, refused: &mut u64| {
            let bit = 1u64.checked_shl(probe.template as u32).unwrap_or(0);
            let whole = probe.part.is_none() && bit != 0;
            let found = templates[probe.template].find_after(
                line,
                probe.part.clone(),
                &mut dates[probe.template],
                scratch,
            )?;
            if found.is_none() && whole {
                *refused |= bit;
                return Ok(None);
            }
            let span = found.clone();
            answers.push(Answer { probe, found: span });
            let index = answers.len() as u32 - 1;
            Ok(found.map(|span| Answered { span, index }))
        };
        let told = |(template, won): (usize, Answered)| (template, won.index);
        let alone = detector.step_alone(
            line,
            |probe| ask(probe, answers, refused),
            || {
                let current = current.and_then(|t| 1u64.checked_shl(t as u32));
                let possible = possible.insert(gate.possible(&templates, line));
                current.is_some_and(|current| *possible & !current == 0)
            },
        );
        match alone {
            Ok(Some(won)) => {
                if let Some(possible) = possible {
                    // what stands for the others, should the fold have to ask
                    *refused |= !possible & all_of(templates.len());
                }
                return (won.map(told), true);
            }
            Ok(None) => {}
            Err(_) => return (None, false),
        }
        let won = detector.step(line, |probe| {
            let bit = 1u64.checked_shl(probe.template as u32).unwrap_or(0);
            let whole = probe.part.is_none() && bit != 0;
            if whole && *refused & bit != 0 {
                return Ok(None);
            }
            if whole && Some(probe.template) != current {
                let possible = possible.get_or_insert_with(|| gate.possible(&templates, line));
                if *possible & bit == 0 {
                    *refused |= bit;
                    return Ok(None);
                }
            }
            let missed = |a: &Answer| a.probe == probe && a.found.is_none();
            if answers[first..].iter().any(missed) {
                return Ok(None);
            }
            ask(probe, answers, refused)
        });
        let won = won.ok().flatten().map(told);
        if let Some((template, answer)) = won {
            // the template may have been asked again since
            let probe = answers[answer as usize].probe.clone();
            let last = answers.iter().rposition(|a| a.probe.template == template);
            if last != Some(answer as usize) {
                let last = &mut dates[template];
                let again = templates[template].find_after(line, probe.part, last, scratch);
                debug_assert!(matches!(again, Ok(Some(_))), "the same question again");
            }
        }
        (won, false)
    }

    /// Reads the date the template found last.
    fn read(&mut self, line: &str, detector: &DateDetector, template: usize) -> DateFact {
        let won = &self.dates[template];
        let found = won.found();
        let template_of = &detector.all()[template];
        if let Some(last) = &mut self.last
            && last.template == template
            && last.by_seconds
        {
            let alike = last.places == won.places() || found.is_alike(&last.found);
            if alike {
                last.places = won.places();
            }
            let later = template_of.seconds_between(&last.text, &last.found, line, found, alike);
            if let Some(later) = later {
                return DateFact::Date(last.date.later(later));
            }
        }
        let offset = detector.default_offset();
        let date = template_of.read(line, found, self.clock, offset, &mut self.times);
        if self.times.take_uncertain() {
            return DateFact::Uncertain;
        }
        match date {
            Ok(ReadDate { date, by_seconds }) => {
                let mut kept = self.last.take().map(|last| last.text).unwrap_or_default();
                kept.clear();
                kept.push_str(&line[found.date()]);
                self.last = Some(LastDate {
                    template,
                    found: found.clone(),
                    places: won.places(),
                    text: kept,
                    date,
                    by_seconds: by_seconds && found.reads_date_only(),
                });
                DateFact::Date(date)
            }
            Err(InvalidDate::Value) => DateFact::Invalid,
            Err(InvalidDate::Uncaught(fault)) => DateFact::Fault(fault),
        }
    }
}

/// A bit for each of so many templates.
fn all_of(templates: usize) -> u64 {
    match templates {
        64.. => u64::MAX,
        some => (1 << some) - 1,
    }
}

/// A match and the number of its answer.
struct Answered {
    span: Range<usize>,
    index: u32,
}

impl crate::date::Span for Answered {
    fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}
