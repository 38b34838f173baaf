//! What is remembered of a date template from line to line.

use super::block::DateFact;
use crate::date::{
    Clock, DateAtBegin, DateTemplate, InvalidDate, LastDate, MatchCache, Patience, ReadDate,
    SameMinute, TimeCache,
};
use crate::engine::texts::Span;

/// The last date a template found.
///
/// Exactness: it only saves work. What a line before left behind changes no answer
/// ([`MatchCache`], [`LastDate`]), and a time that depends on the time read before is
/// [`DateFact::Uncertain`].
#[derive(Debug, Default)]
pub(in crate::engine) struct TemplateCache {
    pub(in crate::engine) matches: MatchCache,
    /// The last date read: the next line often has the same, or other seconds of the same
    /// minute.
    last_date: Option<LastDate>,
    patience: Patience,
    same_minute: Option<Box<SameMinute>>,
    same_minutes: Patience,
}

/// A date that is the last for fewer others is not worth being kept.
const MIN_USES: u32 = 2;

impl TemplateCache {
    /// Where the date stands that was matched last, and what it says: by a clock, in the zone of
    /// dates that name none.
    #[inline]
    pub(in crate::engine) fn read(
        &mut self,
        template: &DateTemplate,
        line: &str,
        reader: (&Clock, Option<i32>, &mut TimeCache),
    ) -> (Span, DateFact) {
        let group = self.matches.found().group1.clone().unwrap_or(0..0);
        let date = if group.is_empty() {
            DateFact::Empty
        } else {
            self.date(template, line, reader)
        };
        (Span::new(group.start, group.end), date)
    }

    /// The date at the begin of a line, if its first bytes are those of a line before.
    #[inline]
    pub(super) fn at_begin(&mut self, line: &str) -> Option<DateAtBegin> {
        let date = self.same_minute.as_ref()?.of(line)?;
        self.same_minutes.used();
        // they would have been of use as well
        self.matches.used_at_begin();
        self.patience.used();
        Some(date)
    }

    /// Remembers the first bytes of a line that was just read, if lines like it are to be expected.
    pub(super) fn expect_same_minute(&mut self, line: &str) {
        if let Some(last) = &self.last_date
            && self.same_minutes.is_due(MIN_USES)
        {
            self.same_minute = SameMinute::new(&self.matches, last, line).map(Box::new);
        }
    }

    fn date(
        &mut self,
        template: &DateTemplate,
        line: &str,
        (clock, offset, times): (&Clock, Option<i32>, &mut TimeCache),
    ) -> DateFact {
        let TemplateCache {
            matches,
            last_date,
            patience,
            ..
        } = self;
        let later = last_date
            .as_ref()
            .and_then(|last| last.later(template, line, matches));
        if let Some(date) = later {
            patience.used();
            return DateFact::Date(date);
        }
        let found = matches.found();
        let date = template.read(line, found, clock, offset, times);
        if times.take_uncertain() {
            return DateFact::Uncertain;
        }
        match date {
            Ok(ReadDate { date, by_seconds }) => {
                let comparable = by_seconds && found.reads_date_only();
                let is_due = comparable && patience.is_due(MIN_USES);
                *last_date = is_due.then(|| LastDate::new(template, line, matches, date));
                DateFact::Date(date)
            }
            Err(InvalidDate::Value) => DateFact::Invalid,
            Err(InvalidDate::Uncaught(fault)) => DateFact::Fault(fault),
        }
    }
}
