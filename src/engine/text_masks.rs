//! One look at a text for all the texts that many regexes require of it.

use super::filter_regex::FilterRegex;
use super::required::{FEW, longest_piece};
use super::text_automaton::TextAutomaton;
use crate::pattern::literals::required;
use aho_corasick::{BuildError, packed};
use indexmap::IndexMap;
use std::ops::ControlFlow;

/// Bits per word of a mask.
const WORD: usize = 64;

/// A set of numbers, a bit each.
pub(super) type Mask = Box<[u64]>;

/// Which bits a text sets: those of the regexes that may match in it, as far as the texts tell
/// that these regexes require.
///
/// Exactness: each match of a regex contains one of the texts it requires (`pattern::literals`
/// says why). A regex that requires nothing sets its bit whatever the text is. A piece of a required
/// text is looked for instead where that is told sooner; always so of a text with a "\n": only its
/// longest piece without one is looked for, so that a match that goes over
/// the end of a line, or sees a "\n" the text does not have, sets its bit by one of the lines.
#[derive(Debug)]
pub(super) struct TextMasks {
    /// Finds the first text, where they are few: most lines have none.
    first: Option<packed::Searcher>,
    automaton: TextAutomaton,
    /// Text by text that is looked for, the bits it sets.
    masks: Vec<u64>,
    always: Mask,
    longest: usize,
}

/// Puts the masks together.
pub(super) struct TextMasksBuilder {
    masks: IndexMap<Vec<u8>, Mask>,
    always: Mask,
    most: usize,
}

impl TextMasksBuilder {
    /// Masks of so many words, without regexes; of longer texts than `most` bytes the first ones
    /// are looked for.
    pub(super) fn new(words: usize, most: usize) -> TextMasksBuilder {
        TextMasksBuilder {
            masks: IndexMap::new(),
            always: vec![0; words].into_boxed_slice(),
            most,
        }
    }

    /// What is looked for of a required text.
    fn piece<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let piece = longest_piece(text);
        &piece[..piece.len().min(self.most)]
    }

    /// Sets a bit whatever the text is.
    pub(super) fn always(&mut self, bit: usize) {
        set(&mut self.always, bit);
    }

    /// Sets a bit where the text may be one in which `regex` matches.
    pub(super) fn add(&mut self, bit: usize, regex: &FilterRegex) {
        let texts = required(regex.regex.ast()).unwrap_or_default();
        let pieces: Vec<&[u8]> = texts.iter().map(|text| self.piece(text)).collect();
        if pieces.is_empty() || pieces.iter().any(|piece| piece.is_empty()) {
            return self.always(bit);
        }
        for piece in pieces {
            let masks = self.masks.entry(piece.to_vec());
            let nobody = || vec![0; self.always.len()].into_boxed_slice();
            set(masks.or_insert_with(nobody), bit);
        }
    }

    /// The masks; texts of more bytes than `dense` are found more slowly, but sooner. Errors: there
    /// are too many texts for an automaton.
    pub(super) fn build(self, dense: usize) -> Result<TextMasks, BuildError> {
        let automaton = TextAutomaton::new(self.masks.keys(), dense)?;
        let few = self.masks.len() <= FEW;
        let first = few.then(|| packed::Searcher::new(self.masks.keys()));
        Ok(TextMasks {
            longest: self.masks.keys().map(Vec::len).max().unwrap_or(0),
            first: first.flatten(),
            automaton,
            masks: self.masks.into_values().flatten().collect(),
            always: self.always,
        })
    }
}

impl TextMasks {
    /// A mask without bits.
    pub(super) fn nobody(&self) -> Mask {
        vec![0; self.always.len()].into_boxed_slice()
    }

    /// The bits that are set whatever the text is.
    pub(super) fn always(&self) -> &[u64] {
        &self.always
    }

    /// Bytes of the longest text that is looked for.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Adds the bits that `text` sets, to a mask of [`TextMasks::nobody`]'s size.
    pub(super) fn find(&self, text: &[u8], found: &mut [u64]) {
        let start = match &self.first {
            Some(first) => first.find(text).map(|first| first.start()),
            None => Some(0),
        };
        let Some(start) = start else { return };
        let text = &text[start..];
        let read = self.automaton.each_in(text, |number| {
            let of_text = &self.masks[number * self.always.len()..];
            for (found, of_text) in found.iter_mut().zip(of_text) {
                *found |= of_text;
            }
            ControlFlow::Continue(())
        });
        if read.is_err() {
            found.fill(u64::MAX);
        }
    }
}

fn set(mask: &mut [u64], bit: usize) {
    mask[bit / WORD] |= 1 << (bit % WORD);
}

/// The numbers in a mask, ascending.
pub(super) fn numbers(mask: &[u64]) -> impl Iterator<Item = usize> + '_ {
    mask.iter().enumerate().flat_map(|(at, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
            word &= word - 1;
            Some(at * WORD + bit)
        })
    })
}

/// The words of a mask of so many bits.
pub(super) fn words(bits: usize) -> usize {
    bits.div_ceil(WORD)
}
