//! Whether looking for the texts that regexes require pays.

use super::texts_ahead::TextsAhead;

/// Whether a check for required texts pays: it does if it rules out half of the texts.
#[derive(Debug, Default)]
pub(super) struct PrefilterState {
    /// Texts of the present sample of [`SAMPLE`] or more that were checked, and those that passed.
    checked: u32,
    passed: u32,
    /// Texts that are still let through without a check, since most of the sample passed.
    unchecked: u32,
    /// What is known of the block whose lines are searched, in order; None where it is not told
    /// when another begins.
    ahead: Option<TextsAhead>,
}

/// Texts after which it is decided whether the check pays.
const SAMPLE: u32 = 256;
/// Texts that are then let through without a check, if it does not.
const PAUSE: u32 = 1 << 13;

impl PrefilterState {
    /// The lines of another block come, in their order.
    pub(super) fn begin_block(&mut self) {
        self.ahead = Some(TextsAhead::default());
    }

    /// Calls `may_match` for a text, or answers true without the call while that was mostly
    /// the answer.
    #[inline(always)] // once for every line: a call costs as much as what it does
    pub(super) fn check(
        &mut self,
        may_match: impl FnOnce(Option<&mut TextsAhead>) -> bool,
    ) -> bool {
        if self.unchecked > 0 {
            self.unchecked -= 1;
            return true;
        }
        let may_match = may_match(self.ahead.as_mut());
        self.count(1, u32::from(may_match));
        may_match
    }

    /// Up to where in the block no text is required any more that begins where the last line that
    /// was checked does, or behind it; 0 where that is not known.
    pub(super) fn none_before(&self) -> usize {
        self.ahead.as_ref().map_or(0, TextsAhead::none_before)
    }

    /// Lets a text through; whether the next one is to be checked again.
    #[inline]
    pub(super) fn skip(&mut self) -> bool {
        let was_paused = self.is_paused();
        self.unchecked = self.unchecked.saturating_sub(1);
        was_paused && !self.is_paused()
    }

    /// Whether texts are let through without a check.
    #[inline]
    pub(super) fn is_paused(&self) -> bool {
        self.unchecked > 0
    }

    /// Counts texts that were checked and did not pass.
    #[inline]
    pub(super) fn count_missed(&mut self, texts: u32) {
        self.count(texts, 0);
    }

    /// Counts texts that were checked, and those of them that passed.
    #[inline]
    fn count(&mut self, checked: u32, passed: u32) {
        self.passed += passed;
        self.checked += checked;
        if self.checked >= SAMPLE {
            if self.passed * 2 > self.checked {
                self.unchecked = PAUSE;
            }
            (self.checked, self.passed) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_most_texts_pass_no_more_are_checked_for_a_while() {
        let mut state = PrefilterState::default();
        for _ in 0..SAMPLE {
            assert!(state.check(|_| true));
        }
        assert!(state.check(|_| unreachable!("most passed")));
    }
}
