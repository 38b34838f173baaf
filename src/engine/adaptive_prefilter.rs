//! Whether it pays to ask a prefilter, and what has been settled by asking it.

use super::line_fact::PrefregexFact;
use super::prefilter::{Prefilter, TextCheck};
use super::prefilter_state::PrefilterState;
use super::required::FURTHER;
use super::settled_lines::{Settled, SettledLines};
use super::texts::Span;
use crate::pattern::Regex;

/// Which regexes are searched for before the texts they require are: where there are many
/// such texts and a search that finds nothing mostly ends after a few steps, that costs less.
///
/// The verdict does not depend on it: a check only ever rules out texts that the search would
/// not match either, so that any order, and leaving the check out, give the same result.
#[derive(Debug, Default)]
pub(crate) struct AdaptivePrefilter {
    by_regex: Vec<RegexCost>,
    /// Of the texts that prefregex requires, and of those that the failregexes require.
    pub(super) prefregex: PrefilterState,
    pub(super) failregexes: PrefilterState,
    /// Lines that need not be asked about.
    settled: SettledLines,
}

/// What is known of one regex.
#[derive(Debug, Default)]
struct RegexCost {
    /// What searches that found nothing cost beyond [`CHEAP`], in all.
    wasted: u32,
    state: PrefilterState,
    /// Of what is looked for beside, where searches take long.
    further: [PrefilterState; FURTHER],
}

/// Effort of a search that found nothing, but cost less than a look for a text.
const CHEAP: u32 = 6;
/// What may be wasted on a regex before its texts are looked for first.
const BEARABLE: u32 = 200;

impl AdaptivePrefilter {
    /// The lines of another block come, in their order. To be called at the begin of each block,
    /// or never.
    pub(super) fn begin_block(&mut self) {
        self.prefregex.begin_block();
        self.failregexes.begin_block();
        self.settled = SettledLines::default();
    }

    /// What the texts are required by that settle this.
    #[inline]
    fn deciding(&mut self, what: Settled) -> &mut PrefilterState {
        match what {
            Settled::Missed(PrefregexFact::Missed) => &mut self.prefregex,
            _ => &mut self.failregexes,
        }
    }

    /// This is settled of a line that begins there, since none of those texts stands in it: up to
    /// the next one, it is of others as well. `seam`: as in [`SettledLines`].
    pub(super) fn settle(&mut self, start: u32, what: Settled, seam: Option<[u8; 2]>) {
        let end = self.deciding(what).none_before() as u32;
        self.settled = SettledLines {
            place: start..end,
            what,
            seam,
        };
    }

    /// What is settled of a line of a block, given what stands before its date and behind it.
    #[inline]
    pub(super) fn settled(&mut self, block: &[u8], parts: [Span; 2]) -> Option<Settled> {
        if !self.settled.has(block, parts) {
            return None;
        }
        let what = self.settled.what;
        self.count_settled(1);
        if what == Settled::ForFailregexes && self.prefregex.skip() {
            // what prefregex requires is to be looked for again
            self.settled = SettledLines::default();
        }
        Some(what)
    }

    /// The lines that are settled.
    #[inline]
    pub(super) fn settled_lines(&self) -> &SettledLines {
        &self.settled
    }

    /// There were so many more lines that are settled.
    #[inline]
    pub(super) fn count_settled(&mut self, lines: u32) {
        self.deciding(self.settled.what).count_missed(lines);
    }

    /// Whether what prefregex requires is looked for at present.
    #[inline]
    pub(super) fn looks_for_prefregex(&self, prefilter: &Prefilter) -> bool {
        prefilter.looks_for_texts() && !self.prefregex.is_paused()
    }

    /// Whether the next text is looked at.
    #[cfg(test)]
    pub(super) fn checks_all(&self) -> bool {
        !self.prefregex.is_paused() && !self.failregexes.is_paused()
    }

    /// Looks for what a regex, given by its number too, requires in a text that is about to be searched
    /// with it; not made where that is to be done once machine code could not do the search.
    #[inline]
    pub(super) fn check_first(
        &mut self,
        prefilter: &Prefilter,
        (index, regex): (usize, &Regex),
        text: &[u8],
    ) -> TextCheck {
        if self.by_regex.len() <= index {
            self.by_regex.resize_with(index + 1, RegexCost::default);
        }
        let RegexCost { wasted, state, .. } = &mut self.by_regex[index];
        let is_slow = prefilter.is_slow(index);
        let check = if is_slow {
            TextCheck::NotMade
        } else {
            TextCheck::of(state.check(|_| prefilter.has_required(index, text)))
        };
        if *wasted <= BEARABLE || check == TextCheck::NoText {
            return check;
        }
        self.check_all(prefilter, (index, regex), text)
    }

    /// Looks for all that a regex requires in a text, as far as that pays: the search takes long.
    #[cold]
    fn check_all(
        &mut self,
        prefilter: &Prefilter,
        (index, regex): (usize, &Regex),
        text: &[u8],
    ) -> TextCheck {
        let further = prefilter.further_required((index, regex)).iter();
        let mut checks = further.zip(&mut self.by_regex[index].further);
        let has_further = checks.all(|(one, state)| state.check(|_| one.is_met_by(text)));
        let is_slow = prefilter.is_slow(index);
        TextCheck::of(has_further && (!is_slow || prefilter.has_required(index, text)))
    }

    /// A text was ruled out: now and then a search is tried all the same, of which less may be wasted
    /// by now.
    #[inline]
    pub(super) fn record_ruled_out(&mut self, index: usize) {
        let wasted = &mut self.by_regex[index].wasted;
        *wasted = wasted.saturating_sub(1);
    }

    /// A search found nothing and took so much effort.
    #[inline]
    pub(crate) fn record_miss(&mut self, regex: usize, effort: u64) {
        let effort = u32::try_from(effort).unwrap_or(u32::MAX);
        let wasted = &mut self.by_regex[regex].wasted;
        *wasted = wasted.saturating_add(effort).saturating_sub(CHEAP);
        *wasted = (*wasted).min(BEARABLE * 64);
    }
}
