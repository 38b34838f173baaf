//! The date detector of a filter: its templates and its state, put together.

use std::ops::Range;
use std::sync::Arc;

use super::catalog::{self, Catalog};
use super::clock::{Clock, TimeCache};
use super::state::{DetectorKey, DetectorState, LastWinnerStep, Probe, Span};
use super::template::{DateTemplate, Found};
use super::{DateError, DetectError, InvalidDate, Timestamp, zone};
use crate::pattern::Scratch;

/// A date found by a detector.
#[derive(Clone, Debug)]
pub(crate) struct DateMatch {
    /// Number of the template in [`DateDetector::all`].
    pub(crate) template: usize,
    /// Where it stands, and its fields.
    pub(crate) found: Found,
}

impl DateMatch {
    /// What is cut out of the line, in bytes. `None` and an empty range are alike
    /// to upstream's `processLine`: it does not ask for the time then but takes
    /// the last known one, or now.
    pub(crate) fn group1(&self) -> Option<Range<usize>> {
        self.found.group1.clone()
    }
}

/// A template with its counters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TemplateStats<'d> {
    /// The template.
    pub(crate) template: &'d DateTemplate,
    /// Lines whose date it found.
    pub(crate) hits: u64,
    /// Hits times weight by distance.
    pub(crate) weight: f64,
    /// Characters before its last hit.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) distance: Option<usize>,
}

/// Finds the date of each line with the template that fits best so far.
#[derive(Clone, Debug)]
pub(crate) struct DateDetector {
    templates: Arc<[Arc<DateTemplate>]>,
    state: DetectorState,
    default_offset: Option<i32>,
    /// Without a datepattern upstream adds the default templates when the first
    /// line comes; before, it has none.
    defaults_pending: bool,
}

impl DateDetector {
    /// Upstream's default templates; `year` is the local year of now, from which
    /// `%ExY` takes the years it accepts.
    pub(crate) fn default_templates(year: i32) -> DateDetector {
        let mut catalog = Catalog::new(year);
        let added = catalog.append_all_defaults();
        debug_assert!(added.is_ok(), "the default templates are good: {added:?}");
        DateDetector::of(catalog, true)
    }

    /// The templates of a `datepattern`: one per line; `{^LN-BEG}` alone is all
    /// line-anchored default templates, `{DATE}` inside a pattern every default
    /// one, `{NONE}` no date at all, `EPOCH`, `LEPOCH`, `TAI64N`.
    ///
    /// Errors: Python's or upstream's message for a bad `%` field or two templates
    /// of one name. A bad regex shows only when a line is searched.
    pub(crate) fn from_datepattern(
        pattern: &str,
        clock: &Clock,
    ) -> Result<DateDetector, DateError> {
        let mut catalog = Catalog::new(clock.now_year());
        for line in catalog::lines(pattern) {
            catalog.append(line)?;
        }
        let detector = DateDetector::of(catalog, false);
        if detector.templates.is_empty() {
            return Ok(DateDetector::default_templates(clock.now_year()));
        }
        Ok(detector)
    }

    fn of(catalog: Catalog, defaults_pending: bool) -> DateDetector {
        let templates: Arc<[_]> = catalog.finish().into();
        let state = DetectorState::new(templates.iter().map(|t| (t.anchors().line(), t.weight())));
        DateDetector {
            templates,
            state,
            default_offset: None,
            defaults_pending,
        }
    }

    /// The zone of dates that name none (`--timezone`, `logtimezone`): `UTC+0200`,
    /// `CET`, `-05:00`. Errors: upstream's message.
    pub(crate) fn set_default_tz(&mut self, zone: &str) -> Result<(), DateError> {
        self.default_offset =
            Some(zone::offset_minutes(zone).map_err(|error| error.of_option(zone))?);
        Ok(())
    }

    /// The default zone, minutes east of UTC.
    pub(crate) fn default_offset(&self) -> Option<i32> {
        self.default_offset
    }

    /// The templates in their original order, by which matches name them.
    pub(crate) fn all(&self) -> &Arc<[Arc<DateTemplate>]> {
        &self.templates
    }

    /// The state alone, for a fold over spans computed elsewhere.
    pub(crate) fn state(&self) -> &DetectorState {
        &self.state
    }

    /// Goes on from another state of the same templates.
    pub(crate) fn set_state(&mut self, state: DetectorState) {
        self.state = state;
    }

    /// Goes on behind lines that led from this very state to another.
    pub(crate) fn advance_to(&mut self, behind: &DetectorState) {
        self.defaults_pending = false;
        self.state.clone_from(behind);
    }

    /// One line through the state machine, the searching left to `find`, which is given the
    /// template that is asked; see [`DetectorState::step`].
    pub(crate) fn step<M: Span>(
        &mut self,
        line: &str,
        mut find: impl FnMut(&DateTemplate, Probe) -> Result<Option<M>, DetectError>,
    ) -> Result<Option<(usize, M)>, DetectError> {
        self.defaults_pending = false;
        let templates = &self.templates;
        let find = |probe: Probe| find(&templates[probe.template], probe);
        self.state.step(line, find)
    }

    /// [`DetectorState::step_among`].
    pub(crate) fn step_among<M: Span>(
        &mut self,
        line: &str,
        possible: impl Fn(usize) -> bool,
        find: impl FnMut(Probe) -> Result<Option<M>, DetectError>,
    ) -> Result<Option<(usize, M)>, DetectError> {
        self.defaults_pending = false;
        self.state.step_among(line, possible, find)
    }

    /// [`DetectorState::step_alone`].
    pub(crate) fn step_alone(
        &mut self,
        line: &str,
        only: Option<(usize, Range<usize>)>,
    ) -> Option<Result<(), DetectError>> {
        self.defaults_pending = false;
        self.state.step_alone(line, only)
    }

    /// [`DetectorState::hit_at_once`].
    #[inline]
    pub(crate) fn hit_at_once(&mut self, line: &str, span: &Range<usize>) -> bool {
        self.defaults_pending = false;
        self.state.hit_at_once(line, span)
    }

    /// [`DetectorState::hit_repeatedly`].
    pub(crate) fn hit_repeatedly(&mut self, line: &str, span: &Range<usize>, lines: u64) {
        self.defaults_pending = false;
        self.state.hit_repeatedly(line, span, lines);
    }

    /// [`DetectorState::step_last_winner`]; `find` as for [`DateDetector::step`].
    #[inline]
    pub(crate) fn step_last_winner<M: Span>(
        &mut self,
        line: &str,
        mut find: impl FnMut(&DateTemplate, Probe) -> Result<Option<M>, DetectError>,
        no_other: impl FnOnce() -> bool,
    ) -> Result<LastWinnerStep<M>, DetectError> {
        self.defaults_pending = false;
        let templates = &self.templates;
        let find = |probe: Probe| find(&templates[probe.template], probe);
        self.state.step_last_winner(line, find, no_other)
    }

    /// [`DetectorState::advance_run`]; false where the run began with another key.
    pub(crate) fn advance_run(
        &mut self,
        before: DetectorKey,
        hits: u64,
        after: DetectorKey,
    ) -> bool {
        if self.state.key() != Some(before) {
            return false;
        }
        self.state.advance_run(hits, after);
        true
    }

    /// The date of a line, if any (upstream's `DateDetector.matchTime`).
    pub(crate) fn match_time(
        &mut self,
        line: &str,
        scratch: &mut Scratch,
    ) -> Result<Option<DateMatch>, DetectError> {
        let hit = self.step(line, |template, probe| {
            template.find(line, probe.part, scratch)
        })?;
        Ok(hit.map(|(template, found)| DateMatch { template, found }))
    }

    /// The time of a date found in this line (upstream's `getTime`).
    pub(crate) fn time_of(
        &self,
        line: &str,
        date: &DateMatch,
        clock: &Clock,
        cache: &mut TimeCache,
    ) -> Result<Timestamp, InvalidDate> {
        let template = &self.templates[date.template];
        template.parse(line, &date.found, clock, self.default_offset, cache)
    }

    /// The templates in their current order, for the report; none before the first
    /// line if no datepattern was given.
    pub(crate) fn templates(&self) -> impl Iterator<Item = TemplateStats<'_>> {
        let order = if self.defaults_pending {
            &[][..]
        } else {
            self.state.order()
        };
        order.iter().map(|&template| TemplateStats {
            template: &self.templates[template],
            hits: self.state.hits(template),
            weight: self.state.rank(template),
            #[cfg(any(test, feature = "internals"))]
            distance: self.state.distance(template),
        })
    }

    /// Pattern and name for "Use datepattern" (upstream's `getDatePattern`): those
    /// of the first template if there are one or two.
    pub(crate) fn display(&self) -> (Option<String>, String) {
        let first = self.templates().next().map(|stats| stats.template);
        match first {
            Some(first) if self.templates.len() <= 2 => (first.pattern.clone(), first.name.clone()),
            _ => (None, "Default Detectors".to_owned()),
        }
    }
}
