//! The dates of a set's lines, found once for all filters that find dates alike.

use crate::date::{Clock, DateDetector, DateMatch, Timestamp};
use crate::engine::filter::Filter;
use crate::engine::session::Session;
use crate::engine::speculation::{Answer, DateFact, DateFinder, DatedLine, LineDate, Winner};
use crate::engine::texts::Span;
use crate::pattern::Scratch;

/// The date of a line, as all filters of one detector see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SharedDate {
    /// What is cut out of the line, in bytes.
    pub(super) cut: Span,
    /// The date that holds for it.
    pub(super) date: Option<Timestamp>,
    /// Nothing in it gave a date.
    pub(super) no_date: bool,
    /// The date of an earlier line stands in for it.
    pub(super) stands_in: bool,
    /// The template that found it.
    pub(super) template: Option<u32>,
}

/// Finds the dates of lines, in their order, with one detector.
///
/// Exactness: the detector, the last date and the cache of times go on from line to line as in a
/// run of one filter; no regex of a filter has a part in them (`Filter.processLine`). So the
/// filters of one datepattern see the same dates.
pub(super) struct SharedDates<'f> {
    session: Session<'f>,
    finder: DateFinder<'f>,
    answers: Vec<Answer>,
    scratch: Scratch,
}

impl<'f> SharedDates<'f> {
    /// `nothing` is a filter without regexes.
    pub(super) fn new(nothing: &'f Filter, clock: &'f Clock, detector: DateDetector) -> Self {
        let mut finder = DateFinder::new(clock);
        finder.begin(&detector);
        SharedDates {
            session: Session::new(nothing, clock, Some(detector)),
            finder,
            answers: Vec::new(),
            scratch: Scratch::for_lines(),
        }
    }

    /// The name of a template.
    pub(super) fn template_name(&self, template: u32) -> &str {
        let detector = self.session.detector.as_ref();
        let template = detector.and_then(|detector| detector.all().get(template as usize));
        template.map_or("", |template| template.name())
    }

    /// The date of the next line, in which only the templates `possible` can match.
    pub(super) fn next(&mut self, line: &str, possible: u64) -> SharedDate {
        if possible == 0 {
            return self.none();
        }
        self.finder.set_possible(possible);
        let mut dated = DatedLine::default();
        self.answers.clear();
        let scratch = &mut self.scratch;
        if let Some(detector) = &mut self.session.detector {
            if detector.is_stateless() {
                (self.finder).stateless_date(line, detector, &mut dated, scratch);
            } else {
                let answers = &mut self.answers;
                (self.finder).date(line, detector, answers, &mut dated, scratch);
            }
        }
        let template = dated.template.map(|template| template as u32);
        match self.session.line_date(&dated.date, dated.cut, line) {
            LineDate::Known { date, no_date } => SharedDate {
                cut: dated.cut,
                date,
                no_date,
                stands_in: matches!(dated.date, DateFact::None | DateFact::Empty)
                    && self.session.recent_date().is_some(),
                template,
            },
            LineDate::Unknown => self.read_anew(line, &dated),
        }
    }

    /// The date of a line in which no template matches; it changes nothing.
    fn none(&self) -> SharedDate {
        let date = self.session.recent_date();
        SharedDate {
            cut: Span::new(0, 0),
            date,
            no_date: true,
            stands_in: date.is_some(),
            template: None,
        }
    }

    /// Reads a date as one line after the other does.
    fn read_anew(&mut self, line: &str, dated: &DatedLine) -> SharedDate {
        let answer = match &dated.winner {
            Winner::Nobody => None,
            Winner::Noted(number) => self.answers.get(*number as usize),
            Winner::Unnoted(answer) => Some(answer),
        };
        let found = answer.and_then(|answer| {
            let template = answer.probe.template;
            let detector = self.session.detector.as_ref()?;
            let found =
                detector.all()[template].find(line, answer.probe.part.clone(), &mut self.scratch);
            let found = found.ok().flatten()?;
            Some(DateMatch { template, found })
        });
        let cut = self.session.cut_found(line, found);
        let (prefix, suffix) = (cut.tuple.prefix.len(), cut.tuple.suffix.len());
        // where another date stands in, nothing is cut out
        let whole = suffix == line.len();
        SharedDate {
            cut: if whole {
                Span::new(0, 0)
            } else {
                Span::new(prefix, line.len() - suffix)
            },
            date: cut.date,
            no_date: cut.no_date,
            stands_in: whole && cut.date.is_some(),
            template: dated.template.map(|template| template as u32),
        }
    }
}
