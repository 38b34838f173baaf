//! Which filters of a set a text can concern: one look for the texts that all their regexes
//! require.

use crate::engine::filter::Filter;
use crate::engine::filter_regex::FilterRegex;
use crate::pattern::literals::required;
use aho_corasick::{AhoCorasick, BuildError};
use indexmap::IndexMap;

/// Filters per word of a mask.
const WORD: usize = 64;

/// A set of filters, a bit each.
pub(super) type Mask = Box<[u64]>;

/// The texts that the filters of a set require of a line.
///
/// Exactness: a filter finds something in a line only if its prefregex matches it and one of its
/// failregexes matches it or a part of it, or if one of its ignoreregexes does where these come
/// first ([`Filter::ignores_first`]). Each match contains one of the texts its regex requires
/// (`pattern::literals` says why). So a filter can be left out where the line has no text of its
/// prefregex, or of none of its failregexes, as long as a regex that requires nothing counts as
/// if its text were there. The only character a failregex may see that the line does not have at
/// that place is the "\n" behind what prefregex captured: of a required text with a "\n" only its
/// longest piece without one is looked for.
#[derive(Debug)]
pub(super) struct RequiredTexts {
    automaton: AhoCorasick,
    /// By text: the filters whose prefregex it can satisfy, and those of whose other regexes.
    texts: Vec<[Mask; 2]>,
    /// The same for regexes that require nothing.
    always: [Mask; 2],
}

/// Puts the masks together.
struct Builder {
    words: usize,
    texts: IndexMap<Vec<u8>, [Mask; 2]>,
    always: [Mask; 2],
}

impl RequiredTexts {
    /// The texts that `filters` require. Errors: there are too many texts for an automaton.
    pub(super) fn new<'f>(
        filters: impl ExactSizeIterator<Item = &'f Filter>,
    ) -> Result<RequiredTexts, BuildError> {
        let words = filters.len().div_ceil(WORD);
        let empty = || vec![0; words].into_boxed_slice();
        let mut builder = Builder {
            words,
            texts: IndexMap::new(),
            always: [empty(), empty()],
        };
        for (number, filter) in filters.enumerate() {
            match &filter.prefregex {
                Some(regex) => builder.add(number, 0, regex),
                None => set(&mut builder.always[0], number),
            }
            for regex in &filter.failregexes {
                builder.add(number, 1, regex);
            }
            if filter.is_multi_line() && filter.prefregex.is_some() {
                // a match of prefregex changes the buffer, whatever the others say
                (0..2).for_each(|role| set(&mut builder.always[role], number));
            } else if filter.is_multi_line() {
                set(&mut builder.always[0], number);
            }
            if filter.ignores_first() {
                // they are tried on the whole line, whether prefregex matches it or not
                set(&mut builder.always[0], number);
                for regex in &filter.ignoreregexes {
                    builder.add(number, 1, regex);
                }
            }
        }
        let automaton = AhoCorasick::new(builder.texts.keys())?;
        Ok(RequiredTexts {
            automaton,
            texts: builder.texts.into_values().collect(),
            always: builder.always,
        })
    }

    /// A mask without filters.
    pub(super) fn nobody(&self) -> Mask {
        vec![0; self.always[0].len()].into_boxed_slice()
    }

    /// The filters that may find something in `text`.
    pub(super) fn concerned(&self, text: &str, found: &mut [Mask; 2]) {
        for (found, always) in found.iter_mut().zip(&self.always) {
            found.copy_from_slice(always);
        }
        for hit in self.automaton.find_overlapping_iter(text) {
            let texts = &self.texts[hit.pattern().as_usize()];
            for (found, of_text) in found.iter_mut().zip(texts) {
                for (found, of_text) in found.iter_mut().zip(of_text) {
                    *found |= of_text;
                }
            }
        }
        let [found, others] = found;
        for (found, other) in found.iter_mut().zip(others) {
            *found &= *other;
        }
    }
}

impl Builder {
    /// Adds a regex of a filter; `role`: 0 for prefregex.
    fn add(&mut self, number: usize, role: usize, regex: &FilterRegex) {
        let texts = required(regex.regex.ast()).unwrap_or_default();
        let pieces: Vec<&[u8]> = texts.iter().map(|text| longest_piece(text)).collect();
        if pieces.is_empty() || pieces.iter().any(|piece| piece.is_empty()) {
            return set(&mut self.always[role], number);
        }
        let empty = || vec![0; self.words].into_boxed_slice();
        for piece in pieces {
            let masks = self.texts.entry(piece.to_vec());
            let masks = masks.or_insert_with(|| [empty(), empty()]);
            set(&mut masks[role], number);
        }
    }
}

/// The longest piece of a text without a "\n".
fn longest_piece(text: &[u8]) -> &[u8] {
    let pieces = text.split(|&byte| byte == b'\n');
    pieces.max_by_key(|piece| piece.len()).unwrap_or_default()
}

fn set(mask: &mut [u64], number: usize) {
    mask[number / WORD] |= 1 << (number % WORD);
}

/// The numbers in the intersection of two masks, ascending.
pub(super) fn both<'m>(one: &'m [u64], other: &'m [u64]) -> impl Iterator<Item = usize> + 'm {
    let words = one.iter().zip(other).enumerate();
    words.flat_map(|(at, (one, other))| {
        let mut word = one & other;
        std::iter::from_fn(move || {
            let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
            word &= word - 1;
            Some(at * WORD + bit)
        })
    })
}

/// The mask of those numbers.
pub(super) fn mask_of(count: usize, numbers: impl Iterator<Item = usize>) -> Mask {
    let mut mask = vec![0; count.div_ceil(WORD)].into_boxed_slice();
    numbers.for_each(|number| set(&mut mask, number));
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sourced;
    use crate::engine::FilterOptions;

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
        let all = mask_of(filters.len(), 0..filters.len());
        let of = |text: &str| {
            let mut found = [required_texts.nobody(), required_texts.nobody()];
            required_texts.concerned(text, &mut found);
            both(&found[0], &all).collect::<Vec<_>>()
        };
        assert_eq!(of("sshd: bad 192.0.2.1\n"), [0, 1, 2]);
        assert_eq!(of("bad 192.0.2.1 sshd:\n"), [1, 2]);
        assert_eq!(of("sshd: good\n"), [2]);
        assert_eq!(of("bad news\n"), [1, 2]);
        assert_eq!(of("all is fine\n"), [2, 3]);
    }
}
