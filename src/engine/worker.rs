//! What a worker does: the facts of a block, line by line. `block` says why the fold may take
//! them over.

use super::block::{Answer, BlockFacts, BlockLine, DateFact, Entry, PlainRun, is_tested};
use super::facts::{Detail, LineFact, PrefregexFact, Span};
use super::filter::Filter;
use super::gate::{Gate, Thrift};
use crate::date::{
    Clock, DateDetector, DateTemplate, Footing, InvalidDate, LastDate, LastFound, Probe, ReadDate,
    TimeCache, Timestamp,
};
use crate::input::{Block, place};
use crate::pattern::Scratch;
use std::ops::Range;
use std::sync::Arc;

/// Computes the facts of blocks; one per thread.
pub struct Worker<'f> {
    filter: &'f Filter,
    clock: &'f Clock,
    detail: Detail,
    scratch: Scratch,
    thrift: Thrift,
    /// The date detector's.
    templates: Arc<[Arc<DateTemplate>]>,
    /// By template.
    dates: Vec<LastFound>,
    times: TimeCache,
    /// By template, the last date read: the next line often has the same, or other seconds of
    /// the same minute.
    last: Vec<Option<LastDate>>,
    gate: DateGate,
    /// Plain lines of a row are only counted.
    counts_plain: bool,
    /// A block that was folded: its room is used over again.
    used: Option<BlockFacts>,
    /// The block's last entry goes on.
    run: Option<OpenRun>,
}

/// A run of plain lines that goes on: the date detector is still where it was before them.
///
/// Exactness: their winner is asked about whole lines, whatever it found last, and wins at
/// once (`DetectorState::winner_asks_all`). So what the detector remembers of the lines of
/// the run decides nothing before the run's end, and there it is what the last of them left
/// behind, and their number (`DetectorState::win_again`).
#[derive(Debug)]
struct OpenRun {
    template: usize,
    /// Lines the detector has not seen yet, the last of them, and what was found in it.
    lines: u64,
    place: Span,
    found: Range<usize>,
}

impl OpenRun {
    fn new(template: usize) -> OpenRun {
        OpenRun {
            template,
            lines: 0,
            place: Span::NONE,
            found: 0..0,
        }
    }
}

/// A line's date, and how it was found.
#[derive(Debug)]
struct Dated {
    /// The winner.
    template: Option<usize>,
    /// [`BlockLine::winner`], or the answer that is to be the winner.
    winner: u32,
    asked: Option<Answer>,
    /// [`BlockLine::refused`]
    refused: u64,
    cut: Span,
    date: DateFact,
    /// The footings before and after the line, if the one follows from the other.
    footings: Option<(Footing, Footing)>,
}

impl Default for Dated {
    fn default() -> Self {
        Dated {
            template: None,
            winner: u32::MAX,
            asked: None,
            refused: 0,
            cut: Span::new(0, 0),
            date: DateFact::None,
            footings: None,
        }
    }
}

impl Dated {
    /// The footing after follows from the one before, if nothing was wrong with the date.
    fn follow(&mut self, before: Option<Footing>, after: Option<Footing>) {
        let read = matches!(
            self.date,
            DateFact::Date(_) | DateFact::None | DateFact::Empty
        );
        self.footings = before.zip(after).filter(|_| read);
    }
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

impl<'f> Worker<'f> {
    /// A worker for a filter without a buffer (`maxlines` 1).
    pub fn new(filter: &'f Filter, clock: &'f Clock, detail: Detail) -> Worker<'f> {
        Worker {
            filter,
            clock,
            detail,
            scratch: Scratch::for_lines(),
            thrift: Thrift::default(),
            templates: Arc::default(),
            dates: Vec::new(),
            times: TimeCache::default(),
            last: Vec::new(),
            gate: DateGate::default(),
            counts_plain: false,
            used: None,
            run: None,
        }
    }

    /// From now on plain lines need not be told one by one (`Verdicts::counts_missed`).
    pub fn count_plain(&mut self) {
        self.counts_plain = true;
    }

    /// Uses the room of a block that was folded.
    pub fn reuse(&mut self, used: BlockFacts) {
        self.used = Some(used);
    }

    /// The facts of a block. `detector`: the guess, moved on by the block's lines; None for
    /// lines whose dates are not searched.
    pub fn block(&mut self, block: Block, detector: Option<&mut DateDetector>) -> BlockFacts {
        let mut result = match self.used.take() {
            Some(mut used) if used.facts.detail() == self.detail => {
                used.renew(block);
                used
            }
            _ => BlockFacts::new(block, self.detail),
        };
        let mut detector = detector;
        if let Some(detector) = &detector {
            // not once per line: all threads count its holders
            self.templates = Arc::clone(detector.all());
            let count = self.templates.len();
            self.dates.resize_with(count, LastFound::default);
            self.last.resize_with(count, || None);
        }
        self.run = None;
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
        let mut dated = Dated::default();
        let mut again = None;
        if let Some(detector) = detector.as_deref_mut() {
            let line = block.texts.get(place);
            again = self.again_in_run(line);
            match again {
                Some(_) => self.read_cut(line, detector, &mut dated),
                None => {
                    self.close_run(block, detector);
                    self.date(block, place, detector, &mut dated);
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
        let plain = |date| PlainRun {
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
                self.run = goes_on.and_then(asks_all).map(OpenRun::new);
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
    fn again_in_run(&mut self, line: &str) -> Option<Range<usize>> {
        let run = self.run.as_ref()?;
        let found = self.dates[run.template].again(line, None)?;
        (!found.is_empty()).then_some(found)
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

    /// Finds and reads the date of a line.
    fn date(
        &mut self,
        block: &mut BlockFacts,
        place: Span,
        detector: &mut DateDetector,
        dated: &mut Dated,
    ) {
        let before = detector.state().footing();
        let line = block.texts.get(place);
        let mut alone = true;
        match self.again(line, detector) {
            Some(answer) => {
                dated.template = Some(answer.probe.template);
                dated.asked = Some(answer);
            }
            None => {
                let won;
                (won, alone) = self.find(line, detector, &mut block.answers, &mut dated.refused);
                (dated.template, dated.winner) = match won {
                    Some((template, winner)) => (Some(template), winner),
                    None => (None, u32::MAX),
                };
            }
        }
        if dated.template.is_some() {
            self.read_cut(line, detector, dated);
        }
        if alone {
            dated.follow(before, detector.state().footing());
        }
    }

    /// Reads the date the winning template found last. In a run that is the run's template.
    #[inline]
    fn read_cut(&mut self, line: &str, detector: &DateDetector, dated: &mut Dated) {
        let of_run = || self.run.as_ref().map(|run| run.template);
        let Some(template) = dated.template.or_else(of_run) else {
            return;
        };
        dated.template = Some(template);
        let group = self.dates[template].found().group1.clone().unwrap_or(0..0);
        dated.cut = Span::new(group.start, group.end);
        dated.date = match group.is_empty() {
            true => DateFact::Empty,
            false => self.read(line, detector, template),
        };
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

    /// What wins a line at once, and is known without a search: the answer to the state
    /// machine's first question, which is moved on then.
    #[inline]
    fn again(&mut self, line: &str, detector: &mut DateDetector) -> Option<Answer> {
        let probe = detector.state().first_question(line)?;
        let found = self.dates[probe.template].again(line, probe.part.as_ref())?;
        detector.win_at_once(line, &found).then_some(Answer {
            probe,
            found: Some(found),
        })
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
        let current = detector.state().current();
        let Worker {
            scratch,
            gate,
            dates,
            templates: all,
            ..
        } = self;
        let first = answers.len();
        let mut possible = None;
        let templates = dates.len();
        let mut ask = |template: &DateTemplate,
                       probe: Probe,
                       answers: &mut Vec<Answer>,
                       refused: &mut u64| {
            let bit = 1u64.checked_shl(probe.template as u32).unwrap_or(0);
            let whole = probe.part.is_none() && bit != 0;
            let last = &mut dates[probe.template];
            let found = template.find_after(line, probe.part.clone(), last, scratch)?;
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
            |template, probe| ask(template, probe, answers, refused),
            |templates| {
                let current = current.and_then(|t| 1u64.checked_shl(t as u32));
                let possible = possible.insert(gate.possible(templates, line));
                current.is_some_and(|current| *possible & !current == 0)
            },
        );
        match alone {
            Ok(Some(won)) => {
                if let Some(possible) = possible {
                    // what stands for the others, should the fold have to ask
                    *refused |= !possible & all_of(templates);
                }
                return (won.map(told), true);
            }
            Ok(None) => {}
            Err(_) => return (None, false),
        }
        let won = detector.step(line, |template, probe| {
            let bit = 1u64.checked_shl(probe.template as u32).unwrap_or(0);
            let whole = probe.part.is_none() && bit != 0;
            if whole && *refused & bit != 0 {
                return Ok(None);
            }
            if whole && Some(probe.template) != current {
                let possible = possible.get_or_insert_with(|| gate.possible(all, line));
                if *possible & bit == 0 {
                    *refused |= bit;
                    return Ok(None);
                }
            }
            let missed = |a: &Answer| a.probe == probe && a.found.is_none();
            if answers[first..].iter().any(missed) {
                return Ok(None);
            }
            ask(template, probe, answers, refused)
        });
        let won = won.ok().flatten().map(told);
        if let Some((template, answer)) = won {
            // the template may have been asked again since
            let probe = answers[answer as usize].probe.clone();
            let last = answers.iter().rposition(|a| a.probe.template == template);
            if last != Some(answer as usize) {
                let last = &mut dates[template];
                let again = all[template].find_after(line, probe.part, last, scratch);
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
        let last = &mut self.last[template];
        if let Some(date) = (last.as_ref()).and_then(|last| last.later(template_of, line, won)) {
            return DateFact::Date(date);
        }
        let offset = detector.default_offset();
        let date = template_of.read(line, found, self.clock, offset, &mut self.times);
        if self.times.take_uncertain() {
            return DateFact::Uncertain;
        }
        match date {
            Ok(ReadDate { date, by_seconds }) => {
                let told = by_seconds && found.reads_date_only();
                *last = told.then(|| LastDate::new(template_of, line, won, date));
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
