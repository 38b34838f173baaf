//! Lines ahead of which all is known that is to be known.

use super::line_fact::PrefregexFact;
use super::texts::Span;
use std::ops::Range;

/// Lines of a block that are missed as the one before them is: no text that is required begins
/// before they end.
///
/// Exactness: [`TextsAhead`](super::texts_ahead::TextsAhead) says where the next text begins, and
/// the regexes see of a line that begins with its date what stands behind the date alone.
#[derive(Debug, Default)]
pub(super) struct SettledLines {
    /// Where in the block they begin and end.
    pub(super) place: Range<u32>,
    /// What prefregex says of them.
    pub(super) said: PrefregexFact,
}

impl SettledLines {
    /// What prefregex says of a line, if it is one of them: given what stands before its date and
    /// behind it. An empty one is none.
    #[inline]
    pub(super) fn of(&self, [before, behind]: [Span; 2]) -> Option<PrefregexFact> {
        let is_settled = before.start == before.end
            && behind.start < behind.end
            && self.place.start <= before.start
            && behind.end <= self.place.end;
        is_settled.then_some(self.said)
    }
}
