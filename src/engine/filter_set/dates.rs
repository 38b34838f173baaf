//! The dates of a set's lines, found once for all filters that find dates alike.

use super::block_dates::SharedDate;
use super::templates::Templates;
use crate::date::{Clock, DateDetector, DateMatch};
use crate::engine::filter::Filter;
use crate::engine::session::Session;
use crate::engine::speculation::{DateFact, LineDate};
use crate::engine::texts::Span;
use std::ops::Range;

/// Finds the dates of lines, in their order, with one detector.
///
/// Exactness: the detector, the last date and the cache of times go on from line to line as in a
/// run of one filter; no regex of a filter has a part in them (`Filter.processLine`). So the
/// filters of one datepattern see the same dates.
pub(super) struct GroupDates<'f> {
    session: Session<'f>,
    /// By template of the detector, its number among those of the set.
    numbers: Vec<usize>,
}

impl<'f> GroupDates<'f> {
    /// `nothing` is a filter without regexes.
    pub(super) fn new(
        nothing: &'f Filter,
        clock: &'f Clock,
        detector: DateDetector,
        templates: &mut Templates,
    ) -> Self {
        GroupDates {
            numbers: templates.add(&detector),
            session: Session::new(nothing, clock, Some(detector)),
        }
    }

    /// By template of the detector, its number among those of the set.
    pub(super) fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// The name of a template.
    pub(super) fn template_name(&self, template: u32) -> &str {
        let detector = self.session.detector.as_ref();
        let template = detector.and_then(|detector| detector.all().get(template as usize));
        template.map_or("", |template| template.name())
    }

    /// The date of the next line, in which of the detector's first 64 templates only `possible`
    /// can match.
    pub(super) fn next(
        &mut self,
        line: &str,
        possible: u64,
        templates: &mut Templates,
    ) -> SharedDate {
        let numbers = &self.numbers;
        let hit = match &mut self.session.detector {
            // where no template matches, nothing changes
            Some(detector) if possible != 0 => {
                let bit = |template: usize| 1u64.checked_shl(template as u32);
                let may_match = |template| bit(template).is_none_or(|bit| possible & bit != 0);
                detector.step_among(line, may_match, |probe| {
                    templates.ask(numbers[probe.template], line, probe)
                })
            }
            _ => Ok(None),
        };
        let Some((template, answer)) = hit.ok().flatten() else {
            let date = self.session.recent_date();
            return SharedDate {
                cut: Span::new(0, 0),
                date,
                no_date: true,
                stands_in: date.is_some(),
                template: None,
            };
        };
        let (cut, date) = templates.read(numbers[template], line, &answer);
        match self.session.line_date(&date, cut, line) {
            LineDate::Known {
                date: known,
                no_date,
            } => SharedDate {
                cut,
                date: known,
                no_date,
                stands_in: matches!(date, DateFact::Empty) && self.session.recent_date().is_some(),
                template: Some(template as u32),
            },
            LineDate::Unknown => self.read_anew(line, template, answer.into_part(), templates),
        }
    }

    /// Reads a date as one line after the other does.
    fn read_anew(
        &mut self,
        line: &str,
        template: usize,
        part: Option<Range<usize>>,
        templates: &mut Templates,
    ) -> SharedDate {
        let found = templates.found(self.numbers[template], line, part);
        let found = found.map(|found| DateMatch { template, found });
        let cut = self.session.cut_found(line, found);
        let (prefix, suffix) = (cut.tuple.prefix().len(), cut.tuple.suffix().len());
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
            template: Some(template as u32),
        }
    }
}
