//! One look through a block for the texts that a list of regexes requires, line by line.

use super::texts::Span;
use std::ops::Range;

/// Where one of several texts begins next, in a block whose lines are asked about in their order:
/// most lines are ruled out without a search of their own.
///
/// Exactness: what is known is the first place at or behind `from` where a text begins. So none
/// begins in a line that lies between that place and `from`; and one that begins before the line
/// and ends in it has a "\n", which those that are looked for here do not
/// ([`super::prefilter::Prefilter`]). A line that begins elsewhere is searched from anew: behind
/// the place, so that each byte of a block is mostly looked at once, or before `from`.
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
    /// Whether one of the texts stands in that place of a block; None where it has to be looked
    /// at. `find` says where the first stands in what it is given.
    #[inline]
    pub(super) fn stands_in(
        &mut self,
        block: &str,
        place: Span,
        find: impl FnOnce(&[u8]) -> Option<Range<usize>>,
    ) -> Option<bool> {
        let (start, end) = (place.start as usize, place.end as usize);
        let holds = |known: &&Known| known.from <= start && start <= known.next.start;
        let next = match self.known.as_ref().filter(holds) {
            Some(known) => known.next.clone(),
            None => {
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
        if next.start >= end {
            Some(false)
        } else {
            (next.end <= end).then_some(true)
        }
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
        fn a_text_is_said_to_stand_where_it_does(
            block in "[abc\n]{0,60}",
            asked in prop::collection::vec((0usize..61, 0usize..61), 1..12),
        ) {
            let mut ahead = TextsAhead::default();
            let mut searched = 0;
            for (start, length) in asked {
                let start = start.min(block.len());
                let line = block[start..].find('\n').map_or(block.len(), |at| start + at + 1);
                let end = line.min(start + length);
                let text = &block[start..end];
                let stands = ahead.stands_in(&block, Span::new(start, end), |rest| {
                    searched += 1;
                    find(rest)
                });
                match stands {
                    Some(stands) => prop_assert_eq!(stands, text.contains("ab")),
                    // it begins in it, and goes on behind
                    None => prop_assert!(text.ends_with('a') && block[end..].starts_with('b')),
                }
            }
            prop_assert!(searched > 0);
        }
    }

    #[test]
    fn lines_in_order_cost_a_search_for_each_text() {
        let block = "one\ntwo\nab\nthree\nfour\nab\nfive\n";
        let mut ahead = TextsAhead::default();
        let (mut start, mut searched, mut found) = (0, 0, Vec::new());
        for line in block.split_inclusive('\n') {
            let place = Span::new(start, start + line.len());
            found.push(ahead.stands_in(block, place, |rest| {
                searched += 1;
                find(rest)
            }));
            start += line.len();
        }
        let expected = [false, false, true, false, false, true, false];
        assert_eq!(found, expected.map(Some));
        assert_eq!(searched, 3);
    }
}
