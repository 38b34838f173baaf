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
use super::verdict_groups::VerdictSpans;
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
    projected: Vec<VerdictSpans>,
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

impl Facts {
    /// No facts yet; `detail` holds for all of them.
    pub(crate) fn new(detail: Detail) -> Facts {
        Facts {
            detail,
            spans: Vec::new(),
            projected: Vec::new(),
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

    /// Whether of matches only the groups that decide a verdict are kept ([`VerdictSpans`]).
    #[inline]
    pub(super) fn projects(&self, filter: &Filter) -> bool {
        self.detail == Detail::Verdict && filter.has_projections()
    }

    /// The groups of a hit with those of prefregex, where matches are projected.
    #[inline]
    pub(super) fn projected(&self, hit: &HitFact) -> &VerdictSpans {
        &self.projected[hit.spans as usize]
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
            let groups = projection.spans(found, place.start);
            let at = self.projected.len() as u32;
            self.projected.push(groups);
            return KeptMatch {
                spans: at,
                identifies: groups.identify(),
            };
        }
        let spans = self.spans.len() as u32;
        let kept = regex.kept(self.detail).iter();
        self.spans
            .extend(kept.map(|&(_, index)| match found.span(index) {
                Some((start, end)) => Span::new(start, end).shifted(place.start),
                None => Span::NONE,
            }));
        KeptMatch {
            spans,
            identifies: regex.identifies(|index| found.span(index)),
        }
    }

    /// Puts the projected groups of a failregex over those of prefregex; where they are then.
    pub(super) fn put_over(&mut self, groups: KeptMatch, below: KeptMatch) -> u32 {
        let below = self.projected[below.spans as usize];
        let mut at = groups.spans;
        if self.memo.is_used() {
            // another filter may have the failregex without the prefregex
            at = self.projected.len() as u32;
            self.projected.push(self.projected[groups.spans as usize]);
        }
        self.projected[at as usize].put_over(&below);
        at
    }
}
