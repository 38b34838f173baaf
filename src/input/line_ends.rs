//! The lines of a text, and where they end.

use std::ops::Range;
use wide::u8x16;

/// Bytes that are looked at in one step.
const BLOCK: usize = 64;

/// The newlines of a text, one after the other: the text is looked at in steps, not anew for each
/// line, as most lines are short.
#[derive(Clone, Debug, Default)]
struct LineEnds {
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
    fn next(&mut self, text: &[u8]) -> usize {
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

/// The lines of a text, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct LineCursor {
    ends: LineEnds,
    start: usize,
    end: usize,
    number: u32,
}

impl LineCursor {
    /// At the first line of a text.
    pub(crate) fn new(text: &[u8]) -> LineCursor {
        let mut ends = LineEnds::default();
        let end = ends.next(text);
        LineCursor {
            ends,
            start: 0,
            end,
            number: 0,
        }
    }

    /// Where the line stands in the text, which is the same in every call, without its newline; None
    /// behind the last.
    #[inline]
    pub(crate) fn place(&self, text: &[u8]) -> Option<Range<usize>> {
        (self.start < text.len()).then_some(self.start..self.end)
    }

    /// Lines before it.
    #[inline]
    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// Moves on to the next line.
    #[inline]
    pub(crate) fn advance(&mut self, text: &[u8]) {
        self.start = self.end + 1;
        self.end = self.ends.next(text);
        self.number += 1;
    }
}

#[inline(always)]
fn newlines(block: &[u8; BLOCK]) -> u64 {
    let found: [u8x16; BLOCK / 16] = std::array::from_fn(|number| {
        let (vectors, _) = block.as_chunks::<16>();
        u8x16::from(vectors[number]).cmp_eq(u8x16::splat(b'\n'))
    });
    // in most places there is none
    let any = found.iter().fold(u8x16::ZERO, |any, found| any | *found);
    if any.move_mask() == 0 {
        return 0;
    }
    let bits = found.iter().enumerate();
    bits.fold(0, |all, (number, found)| {
        all | u64::from(found.move_mask() as u16) << (16 * number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_line_is_given_in_its_turn(text in prop_oneof!["[a\n]{0,200}", "(.{0,99}\n){0,9}"]) {
            let bytes = text.as_bytes();
            let mut lines = LineCursor::new(bytes);
            for (number, line) in text.split_inclusive('\n').enumerate() {
                let place = lines.place(bytes).expect("there is another");
                prop_assert_eq!(&text[place], line.trim_end_matches('\n'));
                prop_assert_eq!(lines.number() as usize, number);
                lines.advance(bytes);
            }
            prop_assert_eq!(lines.place(bytes), None);
        }
    }
}
