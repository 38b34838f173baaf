//! Where the lines of a text end.

use wide::u8x16;

/// Bytes that are looked at in one step.
const BLOCK: usize = 64;

/// The newlines of a text, one after the other: the text is looked at in steps, not anew for each
/// line, as most lines are short.
#[derive(Debug, Default)]
pub(crate) struct LineEnds {
    /// The newlines among the last bytes that were looked at, a bit for each; less those given.
    newlines: u64,
    /// Where these bytes begin, and where those behind them do.
    from: usize,
    next: usize,
}

impl LineEnds {
    /// Where the next newline of the text is, which is the same text in every call; its length
    /// where there is none any more.
    #[inline]
    pub(crate) fn next(&mut self, text: &[u8]) -> usize {
        while self.newlines == 0 {
            let Some(rest) = text.get(self.next..).filter(|rest| !rest.is_empty()) else {
                return text.len();
            };
            self.newlines = match rest.first_chunk() {
                Some(block) => newlines(block),
                None => {
                    let mut block = [0; BLOCK];
                    block[..rest.len()].copy_from_slice(rest);
                    newlines(&block)
                }
            };
            self.from = self.next;
            self.next += BLOCK;
        }
        let at = self.from + self.newlines.trailing_zeros() as usize;
        self.newlines &= self.newlines - 1;
        at
    }
}

#[inline(always)]
fn newlines(block: &[u8; BLOCK]) -> u64 {
    let (vectors, _) = block.as_chunks::<16>();
    let bits = vectors.iter().enumerate().map(|(number, vector)| {
        let found = u8x16::from(*vector).cmp_eq(u8x16::splat(b'\n'));
        u64::from(found.move_mask() as u16) << (16 * number)
    });
    bits.fold(0, |all, bits| all | bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_newline_is_given_in_its_turn(text in prop_oneof!["[a\n]{0,200}", "(.{0,99}\n){0,9}"]) {
            let text = text.as_bytes();
            let mut ends = LineEnds::default();
            for at in memchr::memchr_iter(b'\n', text) {
                prop_assert_eq!(ends.next(text), at);
            }
            prop_assert_eq!(ends.next(text), text.len());
        }
    }
}
