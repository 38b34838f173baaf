//! The facts of many lines, packed: what the workers compute and the fold consumes.
//!
//! Everything here depends on single lines alone. Captured text is kept as spans into the
//! block it was found in, so that a line costs no allocation; dictionaries are built from
//! them only where a session needs one.

use super::filter::Filter;
use super::filter_regex::{Detail, FilterRegex, RegexRole};
use super::groups::Groups;
use super::line_memo::{KeptMatch, LineMemo};
use super::texts::{Span, Texts};
use super::verdict_groups::{Projection, SlotSpan, Slots, VerdictGroups};
use crate::date::Timestamp;
use crate::pattern::{Captures, Match};
use std::ops::Range;

pub(crate) use super::line_fact::{HitFact, LineFact, PrefregexFact};

/// A line whose facts are known, with the date that holds for it: what a verdict is made of.
#[derive(Clone, Copy)]
pub(super) struct KnownLine<'a> {
    /// All facts, the line's among them.
    pub(super) facts: &'a Facts,
    /// The texts they are spans of.
    pub(super) texts: &'a Texts,
    /// The line's facts.
    pub(super) fact: &'a LineFact,
    /// The date that holds for it.
    pub(super) date: Option<Timestamp>,
    /// Nothing in it gave a date.
    pub(super) no_date: bool,
}

/// The facts of many lines.
#[derive(Debug)]
pub(crate) struct Facts {
    detail: Detail,
    spans: Vec<Span>,
    projected: Vec<SlotSpan>,
    /// The groups of prefregex in the line at hand, where matches are projected.
    prefregex_groups: Vec<SlotSpan>,
    pub(super) hits: Vec<HitFact>,
    pub(super) ignored_by: Vec<u32>,
    pub(super) exhausted: Vec<RegexRole>,
    /// The last match of prefregex whose groups were left for later.
    pub(super) prefregex: Captures,
    /// For several filters on one line; only where verdicts alone are asked for.
    pub(super) memo: LineMemo,
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

/// Adds the groups of a match that decide a verdict to a list; `place`: where its text is.
#[inline]
fn project(
    projection: &Projection,
    found: &Match,
    place: Span,
    all: &mut Vec<SlotSpan>,
) -> KeptMatch {
    let first = all.len() as u32;
    let slots = projection.add_spans(found, place.start, all);
    KeptMatch {
        spans: (first, all.len() as u32),
        slots,
        identifies: slots.identify(),
    }
}

impl Facts {
    /// No facts yet; `detail` holds for all of them.
    pub(crate) fn new(detail: Detail) -> Facts {
        Facts {
            detail,
            spans: Vec::new(),
            projected: Vec::new(),
            prefregex_groups: Vec::new(),
            hits: Vec::new(),
            ignored_by: Vec::new(),
            exhausted: Vec::new(),
            prefregex: Captures::default(),
            memo: LineMemo::default(),
        }
    }

    /// Forgets all of them, and keeps the allocations.
    pub(crate) fn clear(&mut self) {
        self.spans.clear();
        self.projected.clear();
        self.hits.clear();
        self.ignored_by.clear();
        self.exhausted.clear();
    }

    /// The failregexes that matched a line.
    pub(crate) fn hits(&self, line: &LineFact) -> &[HitFact] {
        &self.hits[range(line.hits)]
    }

    /// The ignoreregexes that took it back.
    pub(crate) fn ignored_by(&self, line: &LineFact) -> &[u32] {
        &self.ignored_by[range(line.ignored_by)]
    }

    /// The regexes that gave no answer.
    pub(crate) fn exhausted(&self, line: &LineFact) -> &[RegexRole] {
        &self.exhausted[range(line.exhausted)]
    }

    /// The groups of a regex whose spans begin at `spans`.
    pub(crate) fn groups(&self, regex: &FilterRegex, spans: u32, texts: &Texts) -> Groups {
        let spans = &self.spans[spans as usize..];
        regex.groups_of(self.detail, |at| {
            let span = spans[at];
            (span != Span::NONE).then(|| texts.get(span))
        })
    }

    /// Which groups are kept.
    pub(super) fn detail(&self) -> Detail {
        self.detail
    }

    /// Whether of matches only the groups that decide a verdict are kept ([`SlotSpan`]).
    #[inline]
    pub(super) fn projects(&self, filter: &Filter) -> bool {
        self.detail == Detail::Verdict && filter.has_projections()
    }

    /// The groups of a hit with those of prefregex, where matches are projected.
    #[inline(always)] // made where it is read: it is large
    pub(super) fn projected<'t>(&self, hit: &HitFact, texts: &'t Texts) -> VerdictGroups<'t> {
        VerdictGroups::of_spans(&self.projected[range(hit.spans)], texts)
    }

    /// Keeps the groups of a match: where they are, and whether they name a failure or a session.
    pub(super) fn keep(
        &mut self,
        regex: &FilterRegex,
        found: &Match,
        place: Span,
        projects: bool,
    ) -> KeptMatch {
        if let Some(projection) = regex.projection().filter(|_| projects) {
            return project(projection, found, place, &mut self.projected);
        }
        let first = self.spans.len() as u32;
        let kept = regex.kept(self.detail).iter();
        self.spans
            .extend(kept.map(|&(_, index)| match found.span(index) {
                Some((start, end)) => Span::new(start, end).shifted(place.start),
                None => Span::NONE,
            }));
        KeptMatch {
            spans: (first, self.spans.len() as u32),
            slots: Slots::default(),
            identifies: regex.identifies(|index| found.span(index)),
        }
    }

    /// Keeps the groups of prefregex in the line at hand.
    pub(super) fn keep_prefregex(
        &mut self,
        regex: &FilterRegex,
        found: &Match,
        place: Span,
        projects: bool,
    ) -> KeptMatch {
        let Some(projection) = regex.projection().filter(|_| projects) else {
            return self.keep(regex, found, place, false);
        };
        self.prefregex_groups.clear();
        project(projection, found, place, &mut self.prefregex_groups)
    }

    /// The projected groups of a failregex with those of prefregex that it does not have itself, as
    /// [`Groups::over`] does it with dictionaries.
    #[inline]
    pub(super) fn joined(&mut self, groups: KeptMatch) -> (u32, u32) {
        let mut first = groups.spans.0;
        if groups.spans.1 as usize != self.projected.len() {
            // what stands behind them is another's
            first = self.projected.len() as u32;
            self.projected.extend_from_within(range(groups.spans));
        }
        let below = self.prefregex_groups.iter();
        let below = below.filter(|group| !groups.slots.has(group.slot));
        self.projected.extend(below);
        (first, self.projected.len() as u32)
    }
}
