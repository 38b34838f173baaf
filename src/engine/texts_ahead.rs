//! One look through a block for the texts that a list of regexes requires, line by line.

use super::texts::Span;

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

#[derive(Debug)]
struct Known {
    from: usize,
    next: usize,
}

impl TextsAhead {
    /// Whether one of the texts may stand in that place of a block; `find` says where the first
    /// begins in what it is given.
    #[inline]
    pub(super) fn may_stand_in(
        &mut self,
        block: &str,
        place: Span,
        find: impl FnOnce(&[u8]) -> Option<usize>,
    ) -> bool {
        let (start, end) = (place.start as usize, place.end as usize);
        match &self.known {
            Some(known) if known.from <= start && start <= known.next => known.next < end,
            _ => {
                let found = find(&block.as_bytes()[start..]);
                let next = found.map_or(block.len(), |at| start + at);
                self.known = Some(Known { from: start, next });
                next < end
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A line in which a text stands is never ruled out, whatever was asked before; one that
        /// has none mostly is.
        #[test]
        fn no_line_with_a_text_is_ruled_out(
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
                let may = ahead.may_stand_in(&block, Span::new(start, end), |rest| {
                    searched += 1;
                    rest.windows(2).position(|at| at == b"ab")
                });
                prop_assert!(may || !text.contains("ab"));
                prop_assert!(!may || text.contains("ab") || block[..end].contains("ab")
                    || text.ends_with('a') && block[end..].starts_with('b'));
            }
            prop_assert!(searched > 0);
        }
    }

    #[test]
    fn lines_in_order_cost_a_search_for_each_text() {
        let block = "one\ntwo\nab\nthree\nfour\nab\nfive\n";
        let mut ahead = TextsAhead::default();
        let (mut start, mut searched, mut may) = (0, 0, Vec::new());
        for line in block.split_inclusive('\n') {
            let place = Span::new(start, start + line.len());
            may.push(ahead.may_stand_in(block, place, |rest| {
                searched += 1;
                rest.windows(2).position(|at| at == b"ab")
            }));
            start += line.len();
        }
        assert_eq!(may, [false, false, true, false, false, true, false]);
        assert_eq!(searched, 3);
    }
}
