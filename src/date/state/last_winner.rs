//! Lines that the template of the line before decides alone: most of a log.
//!
//! What `engine::speculation` builds on: which part of the state such lines depend on, and
//! what many of them in a row do to it.

use super::{DetectorKey, DetectorState, EmptyAtEnd, Probe, Span};
use std::ops::Range;

/// What [`DetectorState::step_last_winner`] makes of a line.
#[derive(Debug)]
pub(crate) enum LastWinnerStep<M> {
    /// Others may match, and would have to be compared. The state has not changed.
    OthersMatter,
    /// No template matches.
    NoDate,
    /// The last winner has a hit: its number, and the match.
    Hit(usize, M),
}

impl DetectorState {
    /// What decides lines that no other template than the last winner matches; None before
    /// the first hit.
    pub(crate) fn key(&self) -> Option<DetectorKey> {
        Some(DetectorKey {
            template: self.current()?,
            last: self.last,
        })
    }

    /// What [`DetectorState::step`] asks first; None before the first hit.
    #[inline]
    pub(crate) fn first_probe(&self, line: &str) -> Option<Probe> {
        Some(Probe {
            template: self.current()?,
            part: self.expected_part(line),
        })
    }

    /// [`DetectorState::step`] for a line whose first probe was answered with this match, not
    /// an empty one, if that settles the line; false, and nothing changed, where others would
    /// have to be asked.
    #[inline]
    pub(crate) fn hit_at_once(&mut self, line: &str, span: &Range<usize>) -> bool {
        let Some(position) = self.current else {
            return false;
        };
        let template = self.order[position];
        if span.is_empty() || !self.settles(line, template, span) {
            return false;
        }
        self.slots[template].matched = true;
        let hit: Result<_, EmptyAtEnd> = self.hit(line, position, span.clone());
        hit.is_ok()
    }

    /// The last winner, if its first probe is always of the whole line, whatever it matched
    /// last, and a match always settles the line.
    pub(crate) fn anchored_winner(&self) -> Option<usize> {
        self.current().filter(|&t| self.slots[t].anchored)
    }

    /// [`DetectorState::hit_at_once`] for so many lines in a row, of which this is the last;
    /// the winner is [`DetectorState::anchored_winner`].
    pub(crate) fn hit_repeatedly(&mut self, line: &str, span: &Range<usize>, lines: u64) {
        if let Some(template) = self.current()
            && self.hit_at_once(line, span)
        {
            self.slots[template].hits += lines - 1;
        }
    }

    /// [`DetectorState::step`] for a line that no other template than the last winner matches,
    /// or that it settles before another is asked. `find` answers its probes, as for `step`;
    /// `no_other` says whether no other template matches anywhere in the line.
    ///
    /// Exactness: what it does is what `step` does where the answers for all others are
    /// None, whatever their order and their counters. It reads only the last winner and its
    /// last hit, which is [`DetectorState::key`]; so a run of such lines ends the same
    /// way from every state of the same key ([`DetectorState::advance_run`]).
    pub(crate) fn step_last_winner<M: Span, E: From<EmptyAtEnd>>(
        &mut self,
        line: &str,
        mut find: impl FnMut(Probe) -> Result<Option<M>, E>,
        no_other: impl FnOnce() -> bool,
    ) -> Result<LastWinnerStep<M>, E> {
        let Some(position) = self.current else {
            return Ok(LastWinnerStep::OthersMatter);
        };
        let template = self.order[position];
        let part = self.expected_part(line);
        let whole = part.is_none();
        let mut found = find(Probe { template, part })?;
        if let Some(here) = &found {
            let settled = self.settles(line, template, &here.span());
            if !(settled || whole && no_other()) {
                return Ok(LastWinnerStep::OthersMatter);
            }
        } else {
            if !no_other() {
                return Ok(LastWinnerStep::OthersMatter);
            }
            if !whole {
                let part = None;
                found = find(Probe { template, part })?;
            }
        }
        let Some(found) = found else {
            return Ok(LastWinnerStep::NoDate);
        };
        self.slots[template].matched = true;
        let (template, found) = self.hit(line, position, found)?;
        Ok(LastWinnerStep::Hit(template, found))
    }

    /// A run of lines through [`DetectorState::step_last_winner`] at once: `hits` of them had
    /// a date, and `after` is the key it ended with. The key it began with must be this
    /// state's.
    pub(crate) fn advance_run(&mut self, hits: u64, after: DetectorKey) {
        let Some(position) = self.current.filter(|_| hits > 0) else {
            return;
        };
        let slot = &mut self.slots[after.template];
        slot.hits += hits;
        slot.distance = after.last.start;
        slot.matched = true;
        if self.first_unused == position {
            self.first_unused += 1;
        }
        self.last = after.last;
    }
}
