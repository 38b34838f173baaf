//! The dates of a block's lines: found by the state machine of the date detector, whose
//! questions are written down for the fold, and read.

use super::block::{Answer, DateFact};
use super::facts::Span;
use super::prefilter::Prefilter;
use crate::date::{
    Clock, DateDetector, DateTemplate, DetectorKey, InvalidDate, LastDate, MatchCache, Probe,
    ReadDate, TimeCache,
};
use crate::pattern::Scratch;
use std::ops::Range;
use std::sync::Arc;

/// What a worker remembers of dates from line to line.
pub(super) struct DateFinder<'f> {
    clock: &'f Clock,
    /// The date detector's.
    templates: Arc<[Arc<DateTemplate>]>,
    /// By template.
    found: Vec<MatchCache>,
    times: TimeCache,
    /// By template, the last date read: the next line often has the same, or other seconds of
    /// the same minute.
    last: Vec<Option<LastDate>>,
    gate: DateGate,
}

/// A line's date, and how it was found.
#[derive(Debug)]
pub(super) struct DatedLine {
    /// The winner.
    pub(super) template: Option<usize>,
    /// [`BlockLine::winner`], or the answer that is to be the winner.
    pub(super) winner: u32,
    pub(super) asked: Option<Answer>,
    /// [`BlockLine::refused`]
    pub(super) refused: u64,
    pub(super) cut: Span,
    pub(super) date: DateFact,
    /// The footings before and after the line, if the one follows from the other.
    pub(super) footings: Option<(DetectorKey, DetectorKey)>,
}

impl Default for DatedLine {
    fn default() -> Self {
        DatedLine {
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

impl DatedLine {
    /// The footing after follows from the one before, if nothing was wrong with the date.
    pub(super) fn follow(&mut self, before: Option<DetectorKey>, after: Option<DetectorKey>) {
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
    gate: Option<Prefilter>,
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
            self.gate = regexes.ok().map(|all| Prefilter::new(all.into_iter()));
        }
        match &self.gate {
            Some(gate) if templates.len() <= 64 => {
                gate.candidates(line).fold(0, |bits, at| bits | 1 << at)
            }
            _ => u64::MAX,
        }
    }
}

impl<'f> DateFinder<'f> {
    /// Nothing is known yet.
    pub(super) fn new(clock: &'f Clock) -> DateFinder<'f> {
        DateFinder {
            clock,
            templates: Arc::default(),
            found: Vec::new(),
            times: TimeCache::default(),
            last: Vec::new(),
            gate: DateGate::default(),
        }
    }

    /// Goes on with a detector's templates.
    pub(super) fn begin(&mut self, detector: &DateDetector) {
        // not once per line: all threads count its holders
        self.templates = Arc::clone(detector.all());
        let count = self.templates.len();
        self.found.resize_with(count, MatchCache::default);
        self.last.resize_with(count, || None);
    }

    /// What a template finds in a whole line, no empty text, where that is known without a
    /// search.
    #[inline]
    pub(super) fn again_in_line(&mut self, line: &str, template: usize) -> Option<Range<usize>> {
        let found = self.found[template].again(line, None)?;
        (!found.is_empty()).then_some(found)
    }

    /// Finds and reads the date of a line.
    pub(super) fn date(
        &mut self,
        line: &str,
        detector: &mut DateDetector,
        answers: &mut Vec<Answer>,
        dated: &mut DatedLine,
        scratch: &mut Scratch,
    ) {
        let before = detector.state().footing();
        let mut alone = true;
        match self.again(line, detector) {
            Some(answer) => {
                dated.template = Some(answer.probe.template);
                dated.asked = Some(answer);
            }
            None => {
                let won;
                (won, alone) = self.find(line, detector, answers, &mut dated.refused, scratch);
                (dated.template, dated.winner) = match won {
                    Some((template, winner)) => (Some(template), winner),
                    None => (None, u32::MAX),
                };
            }
        }
        if let Some(template) = dated.template {
            self.read_cut(line, detector, template, dated);
        }
        if alone {
            dated.follow(before, detector.state().footing());
        }
    }

    /// The date of a line in which the template found it without a search.
    #[inline]
    pub(super) fn date_again(
        &mut self,
        line: &str,
        detector: &DateDetector,
        template: usize,
        dated: &mut DatedLine,
    ) {
        self.read_cut(line, detector, template, dated);
        dated.template = Some(template);
    }

    /// Reads the date the template found last.
    #[inline]
    fn read_cut(
        &mut self,
        line: &str,
        detector: &DateDetector,
        template: usize,
        dated: &mut DatedLine,
    ) {
        let group = self.found[template].found().group1.clone().unwrap_or(0..0);
        dated.cut = Span::new(group.start, group.end);
        dated.date = match group.is_empty() {
            true => DateFact::Empty,
            false => self.read(line, detector, template),
        };
    }

    /// What wins a line at once, and is known without a search: the answer to the state
    /// machine's first question, which is moved on then.
    #[inline]
    fn again(&mut self, line: &str, detector: &mut DateDetector) -> Option<Answer> {
        let probe = detector.state().first_question(line)?;
        let found = self.found[probe.template].again(line, probe.part.as_ref())?;
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
        scratch: &mut Scratch,
    ) -> (Option<(usize, u32)>, bool) {
        let current = detector.state().current();
        let DateFinder {
            gate,
            found: dates,
            templates,
            ..
        } = self;
        let first = answers.len();
        let mut possible = None;
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
            || {
                let current = current.and_then(|t| 1u64.checked_shl(t as u32));
                let possible = possible.insert(gate.possible(templates, line));
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
        let won = detector.step(line, |template, probe| {
            let bit = 1u64.checked_shl(probe.template as u32).unwrap_or(0);
            let whole = probe.part.is_none() && bit != 0;
            if whole && *refused & bit != 0 {
                return Ok(None);
            }
            if whole && Some(probe.template) != current {
                let possible = possible.get_or_insert_with(|| gate.possible(templates, line));
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
                let again = templates[template].find_after(line, probe.part, last, scratch);
                debug_assert!(matches!(again, Ok(Some(_))), "the same question again");
            }
        }
        (won, false)
    }

    /// Reads the date the template found last.
    fn read(&mut self, line: &str, detector: &DateDetector, template: usize) -> DateFact {
        let won = &self.found[template];
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
