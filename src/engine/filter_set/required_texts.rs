//! Which filters of a set a text can concern: one look for the texts that all their regexes
//! require.

use crate::engine::filter::Filter;
use crate::engine::text_masks::{Mask, TextMasks, TextMasksBuilder, words};
use crate::engine::texts::Span;
use aho_corasick::BuildError;

/// A table of all states is made of texts of fewer bytes.
const DENSE_BYTES: usize = 64 << 10;
/// Bytes of a text that are looked for. More would tell few filters apart, and the table of states
/// would not fit into the caches near the processor.
const TEXT_BYTES: usize = 16;

/// The texts that the filters of a set require of a line.
///
/// Exactness: a filter finds something in a line only if its prefregex matches it and one of its
/// failregexes matches it or a part of it, or if one of its ignoreregexes does where these come
/// first ([`Filter::ignores_first`]). So a filter can be left out where the line has
/// no text of its prefregex, or of none of its failregexes ([`TextMasks`]). The only character a
/// failregex may see that the line does not have at that place is the "\n" behind what prefregex
/// captured, and no "\n" is looked for.
///
/// What the regexes see is the line without its date, which differs from filter to filter. A text
/// stands in that only if it stands in the line, or goes over the place where the date was cut
/// out. So the line is looked through once, and for each date with something before it the bytes
/// around that place, no more of them than such a text can have on either side. A filter that is
/// found by the date itself, or by what another's date leaves, is only searched for nothing.
#[derive(Debug)]
pub(super) struct RequiredTexts {
    /// In the first half the filters whose prefregex may match, in the second those of whose
    /// other regexes one may.
    masks: TextMasks,
    /// The words of a half.
    half: usize,
}

/// The filters a text concerns, and room to find them.
pub(super) struct Concerned {
    both: Mask,
    half: usize,
    /// Room for the bytes around a date.
    seam: Vec<u8>,
}

impl Concerned {
    /// The filters, a bit each.
    pub(super) fn filters(&self) -> &[u64] {
        &self.both[..self.half]
    }
}

impl RequiredTexts {
    /// The texts that `filters` require. Errors: there are too many texts for an automaton.
    pub(super) fn new<'f>(
        filters: impl ExactSizeIterator<Item = &'f Filter>,
    ) -> Result<RequiredTexts, BuildError> {
        let half = words(filters.len());
        let mut builder = TextMasksBuilder::new(2 * half, TEXT_BYTES);
        for (filter_bit, filter) in filters.enumerate() {
            let others_bit = half * u64::BITS as usize + filter_bit;
            match &filter.prefregex {
                Some(regex) => builder.add(filter_bit, regex),
                None => builder.always(filter_bit),
            }
            for regex in &filter.failregexes {
                builder.add(others_bit, regex);
            }
            if filter.is_multi_line() || filter.ignores_first() {
                // ignoreregexes that come first are tried on the whole line, whether prefregex
                // matches it or not; and another line of a buffer may have the other texts
                builder.always(filter_bit);
                let prefregex = filter.prefregex.iter().filter(|_| filter.is_multi_line());
                for regex in filter.ignoreregexes.iter().chain(prefregex) {
                    builder.add(others_bit, regex);
                }
            }
        }
        let masks = builder.build(DENSE_BYTES)?;
        Ok(RequiredTexts { masks, half })
    }

    /// No filter.
    pub(super) fn nobody(&self) -> Concerned {
        Concerned {
            both: self.masks.nobody(),
            half: self.half,
            seam: Vec::new(),
        }
    }

    /// Begins to find the filters that may find something in a line; of a multi-line filter, in a
    /// buffer because of this line in it.
    pub(super) fn begin(&self, line: &str, found: &mut Concerned) {
        found.both.copy_from_slice(self.masks.always());
        self.masks.find(line.as_bytes(), &mut found.both);
    }

    /// Adds those that may find something in the line without the date that is cut out of it.
    pub(super) fn add_seam(&self, line: &str, cut: Span, found: &mut Concerned) {
        let reach = self.masks.longest().saturating_sub(1);
        let (start, end) = (cut.start as usize, cut.end as usize);
        let before = &line.as_bytes()[start.saturating_sub(reach)..start];
        let behind = &line.as_bytes()[end..line.len().min(end + reach)];
        found.seam.clear();
        found.seam.extend_from_slice(before);
        found.seam.extend_from_slice(behind);
        self.masks.find(&found.seam, &mut found.both);
    }

    /// Leaves those of which both halves were found.
    pub(super) fn end(&self, found: &mut Concerned) {
        let (filters, others) = found.both.split_at_mut(self.half);
        for (filter, other) in filters.iter_mut().zip(others) {
            *filter &= *other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sourced;
    use crate::engine::FilterOptions;
    use crate::engine::text_masks::numbers;

    fn filter(prefregex: &str, failregexes: &[&str], ignoreregexes: &[&str]) -> Filter {
        let mut filter = Filter::new(FilterOptions::default());
        let given = |text: &str| Sourced::given(text);
        (filter.set_prefregex(given(prefregex))).expect("it compiles");
        for regex in failregexes {
            filter.add_failregex(given(regex)).expect("it compiles");
        }
        for regex in ignoreregexes {
            filter.add_ignoreregex(given(regex)).expect("it compiles");
        }
        filter
    }

    #[test]
    fn a_filter_needs_a_text_of_its_prefregex_and_one_of_another_regex() {
        let many = ["a1 <HOST>", "a2 <HOST>", "a3 <HOST>", "a4 <HOST>"];
        let filters = [
            filter("^sshd: <F-CONTENT>.+</F-CONTENT>$", &["bad <HOST>"], &[]),
            filter("", &["bad <HOST>", "bad news\nof <HOST>"], &[]),
            filter("", &["^<HOST>$"], &[]),
            filter("^x <F-CONTENT>.+</F-CONTENT>", &many, &["fine"]),
        ];
        let required_texts = RequiredTexts::new(filters.iter()).expect("few texts");
        let without = |text: &str, cut: Span| {
            let mut found = required_texts.nobody();
            required_texts.begin(text, &mut found);
            required_texts.add_seam(text, cut, &mut found);
            required_texts.end(&mut found);
            numbers(found.filters()).collect::<Vec<_>>()
        };
        let of = |text: &str| without(text, Span::new(0, 0));
        assert_eq!(of("sshd: bad 192.0.2.1\n"), [0, 1, 2]);
        assert_eq!(of("bad 192.0.2.1 sshd:\n"), [1, 2]);
        assert_eq!(of("sshd: good\n"), [2]);
        assert_eq!(of("bad news\n"), [1, 2]);
        assert_eq!(of("all is fine\n"), [2, 3]);
        // texts that a date stands in the middle of
        assert_eq!(of("sshd: b12:00ad 192.0.2.1"), [2]);
        assert_eq!(
            without("sshd: b12:00ad 192.0.2.1", Span::new(7, 12)),
            [0, 1, 2]
        );
    }
}
