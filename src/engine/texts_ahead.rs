//! One look through a block for the texts that a list of regexes requires, line by line.

use std::ops::Range;

/// Where one of several texts begins next, in a block whose lines are asked about in their order:
/// most lines are ruled out without a search of their own.
///
/// Exactness: what is known is the first place at or behind `from` where a text begins. So none
/// begins between that place and `from`. What begins elsewhere is searched from anew: behind the
/// place, so that each byte of a block is mostly looked at once, or before `from`.
#[derive(Debug, Default)]
pub(super) struct TextsAhead {
    known: Option<Known>,
}

/// The first text at or behind `from`.
#[derive(Debug)]
struct Known {
    from: usize,
    next: Range<usize>,
}

impl TextsAhead {
    /// The first of the texts that begin in that place of a block. `find` says where the first
    /// stands in what it is given.
    #[inline]
    pub(super) fn next_in(
        &mut self,
        block: &str,
        place: Range<usize>,
        find: impl FnOnce(&[u8]) -> Option<Range<usize>>,
    ) -> Option<Range<usize>> {
        let holds = |known: &&Known| known.from <= place.start && place.start <= known.next.start;
        let next = match self.known.as_ref().filter(holds) {
            Some(known) => known.next.clone(),
            None => {
                let start = place.start;
                let found = find(&block.as_bytes()[start..]);
                let nowhere = block.len()..block.len();
                let next = found.map_or(nowhere, |at| start + at.start..start + at.end);
                self.known = Some(Known {
                    from: start,
                    next: next.clone(),
                });
                next
            }
        };
        (next.start < place.end).then_some(next)
    }

    /// The first place at or behind the begin of the last place asked about where a text begins.
    pub(super) fn none_before(&self) -> usize {
        self.known.as_ref().map_or(0, |known| known.next.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn find(text: &[u8]) -> Option<Range<usize>> {
        let at = text.windows(2).position(|at| at == b"ab")?;
        Some(at..at + 2)
    }

    proptest! {
        /// Whatever was asked before.
        #[test]
        fn the_next_text_is_the_first_behind_the_begin(
            block in "[abc\n]{0,60}",
            asked in prop::collection::vec((0usize..61, 0usize..61), 1..12),
        ) {
            let mut ahead = TextsAhead::default();
            for (start, length) in asked {
                let start = start.min(block.len());
                let end = block.len().min(start + length);
                let first = find(&block.as_bytes()[start..]);
                let first = first.map(|at| start + at.start..start + at.end);
                let next = ahead.next_in(&block, start..end, find);
                prop_assert_eq!(next, first.filter(|at| at.start < end));
            }
        }
    }

    #[test]
    fn lines_in_order_cost_a_search_for_each_text() {
        let block = "one\ntwo\nab\nthree\nfour\nab\nfive\n";
        let mut ahead = TextsAhead::default();
        let (mut start, mut searched, mut found) = (0, 0, Vec::new());
        for line in block.split_inclusive('\n') {
            let next = ahead.next_in(block, start..start + line.len(), |rest| {
                searched += 1;
                find(rest)
            });
            found.push(next.is_some());
            start += line.len();
        }
        let expected = [false, false, true, false, false, true, false];
        assert_eq!(found, expected);
        assert_eq!(searched, 3);
    }
}
