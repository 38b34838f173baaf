//! Lines ahead of which all is known that is to be known.

use super::line_fact::PrefregexFact;
use super::texts::Span;
use std::ops::Range;

/// What is settled of a line without looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// It is missed, and prefregex says this.
    Missed(PrefregexFact),
    /// No failregex matches what prefregex leaves of it; whether that matches is not known.
    ForFailregexes,
}

impl Default for Settled {
    fn default() -> Settled {
        Settled::Missed(PrefregexFact::default())
    }
}

/// Lines of a block of which the same is settled as of the one before them: no text that is required
/// begins before they end.
///
/// Exactness: [`TextsAhead`](super::texts_ahead::TextsAhead) says where the next text begins, so none
/// begins before a date, and none behind it. The regexes see these two parts side by side: what
/// stands in both has the last byte of the one and the first of the other next to each other, and
/// `seam` are two bytes that no text has so.
#[derive(Debug, Default)]
pub(super) struct SettledLines {
    /// Where in the block they begin and end.
    pub(super) place: Range<u32>,
    /// What is settled of each.
    pub(super) what: Settled,
    /// The bytes before a date and behind it in lines of theirs; None if only lines that begin
    /// with their dates are.
    pub(super) seam: Option<[u8; 2]>,
}

impl SettledLines {
    /// Whether a line that begins there may be one of them.
    #[inline]
    pub(super) fn may_begin_at(&self, start: usize) -> bool {
        start < self.place.end as usize
    }

    /// Whether a line of the block is one of them: given what stands before its date and behind it.
    /// An empty one is none.
    #[inline]
    pub(super) fn has(&self, block: &[u8], [before, behind]: [Span; 2]) -> bool {
        behind.start < behind.end
            && self.place.start <= before.start
            && behind.end <= self.place.end
            && (before.start == before.end || self.has_seam(block, before, behind))
    }

    #[inline]
    fn has_seam(&self, block: &[u8], before: Span, behind: Span) -> bool {
        let bytes = [before.end - 1, behind.start].map(|at| block[at as usize]);
        self.seam == Some(bytes)
    }
}
