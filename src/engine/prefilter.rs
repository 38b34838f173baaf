//! Which regexes of a list may match a text: most are ruled out by a look at the text's first
//! bytes, most of the rest by a text they require. `^Failed \S+` needs an `F` at the start,
//! `.*: authentication failure` the text ` authentication failure`.
//!
//! A prefilter never decides that a regex matches; the machine does.

use super::prefilter_state::PrefilterState;
use super::required::{Required, RequiredTogether, Requirements};
use super::texts::{Span, Texts};
use crate::pattern::Regex;
use crate::pattern::literals::required;
use crate::pattern::prefix_sets::{PLACES, PrefixSets};

/// Regexes per word of a mask.
const WORD: usize = 64;

/// The prefilter of a list of regexes.
///
/// Exactness: a regex is ruled out only if a byte of the text lies outside the set of its
/// place (`pattern::prefix_sets`, which says why no match can have it there). Regexes that may
/// match elsewhere than at the start of the text allow every byte everywhere. Or it is ruled
/// out because the text contains none of the texts that every match of it contains
/// (`pattern::literals`), or does not end as one must in which it matches (`pattern::suffixes`);
/// all regexes that require something, because it contains none of the texts any of them requires.
#[derive(Debug)]
pub(crate) struct Prefilter {
    words: Vec<Word>,
    required: Vec<Requirements>,
    /// What all regexes that require something require together, if that is quickly looked for.
    together: Option<RequiredTogether>,
}

/// What is known of the texts that regexes require, before any of them is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextCheck {
    /// They have not been looked for.
    NotMade,
    /// One of them may be there.
    MayMatch,
    /// None of them is there: only regexes that require nothing can match.
    NoText,
}

/// The masks of up to 64 regexes: by place and byte, which of them allow it.
#[derive(Debug)]
struct Word {
    all: u64,
    /// Those that require nothing.
    without_required: u64,
    /// Places at which at least one regex forbids a byte, up to the last.
    masks: Vec<[u64; 256]>,
}

impl Prefilter {
    /// The prefilter of those regexes, in their order.
    pub(crate) fn new<'r>(regexes: impl Iterator<Item = &'r Regex>) -> Prefilter {
        let (regexes, texts): (Vec<_>, Vec<_>) = regexes.map(|r| (r, required(r.ast()))).unzip();
        let prefix_sets: Vec<_> = regexes.iter().map(|r| r.prefix_sets()).collect();
        let required = regexes.iter().zip(&texts);
        let required = required.map(|(r, texts)| Requirements::new(r.ast(), texts.as_ref()));
        let words = prefix_sets.chunks(WORD).zip(texts.chunks(WORD));
        Prefilter {
            words: words
                .map(|(prefix_sets, texts)| Word::new(prefix_sets, texts))
                .collect(),
            required: required.collect(),
            together: RequiredTogether::new(&texts),
        }
    }

    /// The regexes that may match `text`, ascending.
    pub(crate) fn candidates<'g>(&'g self, text: &'g str) -> impl Iterator<Item = usize> + 'g {
        let text = text.as_bytes();
        self.by_prefix(text)
            .filter(|&index| self.has_required(index, text))
    }

    /// The regexes whose matches may begin as `text` does, ascending.
    #[inline]
    pub(crate) fn by_prefix(&self, text: &[u8]) -> PrefixByteSets<'_> {
        self.by_prefix_of(false, text)
    }

    /// [`Prefilter::by_prefix`] without those that are known to require something the text does
    /// not have.
    #[inline]
    pub(super) fn by_prefix_checked(&self, text: &[u8], check: TextCheck) -> PrefixByteSets<'_> {
        self.by_prefix_of(check == TextCheck::NoText, text)
    }

    /// Whether, by that check, no regex can match the text or a part of it: each requires something,
    /// and nothing of it is there.
    #[inline]
    pub(super) fn rules_out(&self, check: TextCheck) -> bool {
        check == TextCheck::NoText && self.words.iter().all(|word| word.without_required == 0)
    }

    /// Looks for all that is required in a text, while that mostly rules texts out.
    #[inline]
    pub(super) fn check(&self, texts: &Texts, text: Span, state: &mut PrefilterState) -> TextCheck {
        let Some(together) = &self.together else {
            return TextCheck::MayMatch;
        };
        TextCheck::of(state.check(|_| together.is_met_by(texts.bytes(text))))
    }

    /// The same for a line of a block without its date: what is left is the part `before` it and
    /// the part `behind` it, which are not put together for that.
    #[inline]
    pub(super) fn check_line(
        &self,
        texts: &Texts,
        before: Span,
        behind: Span,
        state: &mut PrefilterState,
    ) -> TextCheck {
        let Some(together) = &self.together else {
            return TextCheck::MayMatch;
        };
        let block = texts.block();
        TextCheck::of(state.check(|ahead| together.may_be_in(block, before, behind, ahead)))
    }

    /// The bytes on both sides of a line's date, if none of the texts that are required has them side
    /// by side.
    pub(super) fn seam(&self, texts: &Texts, before: Span, behind: Span) -> Option<[u8; 2]> {
        let together = self.together.as_ref()?;
        together.seam(texts.block(), before, behind)
    }

    /// `only_without_required`: only of those that require nothing.
    #[inline]
    fn by_prefix_of(&self, only_without_required: bool, text: &[u8]) -> PrefixByteSets<'_> {
        // all of the regexes of a long list's further words: such lists are rare
        let mask = self.words.first().map_or(0, |word| {
            let all = word.allowed(only_without_required);
            if all == 0 { 0 } else { word.passing(all, text) }
        });
        PrefixByteSets {
            words: &self.words,
            mask,
            word: 0,
            only_without_required,
        }
    }

    /// Whether it takes long to see that a text lacks what a regex requires.
    #[inline]
    pub(crate) fn is_slow(&self, regex: usize) -> bool {
        self.required[regex].is_slow
    }

    /// Whether `text` has what a regex requires.
    #[inline]
    pub(crate) fn has_required(&self, regex: usize, text: &[u8]) -> bool {
        self.required[regex].main.is_met_by(text)
    }

    /// What a regex, given by its number too, requires beside that.
    pub(super) fn further_required(&self, (index, regex): (usize, &Regex)) -> &[Required] {
        self.required[index].further(regex.ast())
    }

    /// Whether what all regexes require is looked for in texts at all.
    #[inline]
    pub(super) fn looks_for_texts(&self) -> bool {
        self.together.is_some()
    }
}

impl TextCheck {
    /// The check, which is made if it has not been.
    #[inline]
    pub(super) fn or_make(&mut self, make: impl FnOnce() -> TextCheck) -> TextCheck {
        if *self == TextCheck::NotMade {
            *self = make();
        }
        *self
    }

    pub(super) fn of(may_match: bool) -> TextCheck {
        if may_match {
            TextCheck::MayMatch
        } else {
            TextCheck::NoText
        }
    }
}

impl Word {
    fn new(prefix_sets: &[Option<&PrefixSets>], texts: &[Option<Vec<Vec<u8>>>]) -> Word {
        let all = match prefix_sets.len() {
            WORD => u64::MAX,
            n => (1 << n) - 1,
        };
        let mut masks = vec![[all; 256]; PLACES];
        for (bit, prefix_sets) in prefix_sets.iter().enumerate() {
            let Some(prefix_sets) = prefix_sets else {
                continue;
            };
            for (masks, set) in masks.iter_mut().zip(prefix_sets.iter()) {
                masks.iter_mut().for_each(|mask| *mask &= !(1 << bit));
                set.each(|byte| masks[usize::from(byte)] |= 1 << bit);
            }
        }
        let useful = masks
            .iter()
            .rposition(|m| m.iter().any(|mask| *mask != all));
        masks.truncate(useful.map_or(0, |last| last + 1));
        let none = texts.iter().enumerate().filter(|(_, t)| t.is_none());
        Word {
            all,
            without_required: none.fold(0, |bits, (bit, _)| bits | 1 << bit),
            masks,
        }
    }

    /// All, or those that require nothing.
    #[inline]
    fn allowed(&self, only_without_required: bool) -> u64 {
        if only_without_required {
            self.without_required
        } else {
            self.all
        }
    }

    /// Those of `mask` whose matches may begin so.
    fn passing(&self, mut mask: u64, mut text: &[u8]) -> u64 {
        let mut places = &self.masks[..];
        // four at a time: a look at what is left after each costs more than it saves
        while let (Some((four, rest)), Some((bytes, behind))) = (
            places.split_first_chunk::<4>(),
            text.split_first_chunk::<4>(),
        ) {
            for (masks, &byte) in four.iter().zip(bytes) {
                mask &= masks[usize::from(byte)];
            }
            // none, or one that the search looks at itself
            if mask & mask.wrapping_sub(1) == 0 {
                return mask;
            }
            (places, text) = (rest, behind);
        }
        for (masks, &byte) in places.iter().zip(text) {
            mask &= masks[usize::from(byte)];
        }
        mask
    }
}

/// Indexes of regexes, ascending.
#[derive(Clone, Debug)]
pub(crate) struct PrefixByteSets<'g> {
    words: &'g [Word],
    mask: u64,
    word: usize,
    only_without_required: bool,
}

impl Iterator for PrefixByteSets<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.mask = self
                .words
                .get(self.word + 1)?
                .allowed(self.only_without_required);
            self.word += 1;
        }
        let bit = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(self.word * WORD + bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;

    #[test]
    fn what_requires_nothing_is_never_ruled_out() {
        let patterns = ["^Failed \\S+", "\\d+", "Invalid", "^F.*d"];
        let make = |p: &&str| Regex::new(p, Flags::default()).expect("compiles");
        let regexes: Vec<Regex> = patterns.iter().map(make).collect();
        let prefilter = Prefilter::new(regexes.iter());
        let of = |text: &str| {
            let (texts, place) = (Texts::new(text.to_string()), Span::new(0, text.len()));
            let check = prefilter.check(&texts, place, &mut PrefilterState::default());
            let candidates = prefilter.by_prefix_checked(text.as_bytes(), check);
            candidates.collect::<Vec<_>>()
        };
        assert_eq!(of("Failed x"), [0, 1, 2, 3]);
        assert_eq!(of("Foul"), [1, 2, 3]);
        assert_eq!(of("all Invali"), [1]);
        assert_eq!(of("an Invalid"), [1, 2]);
    }

    #[test]
    fn candidates_are_ascending_and_complete() {
        let patterns = ["^Failed", "x", "^Invalid", "^F"];
        let make = |p: &&str| Regex::new(p, Flags::default()).expect("compiles");
        let regexes: Vec<Regex> = patterns.iter().map(make).collect();
        let prefilter = Prefilter::new(regexes.iter());
        let of = |text: &str| prefilter.candidates(text).collect::<Vec<_>>();
        assert_eq!(of("Failed x"), [0, 1, 3]);
        assert_eq!(of("Invalid"), [2]);
        assert_eq!(of(""), [0; 0]);
        let many: Vec<Regex> = (0..130).map(|_| make(&"^a")).collect();
        let prefilter = Prefilter::new(many.iter());
        assert_eq!(
            prefilter.candidates("a").collect::<Vec<_>>(),
            (0..130).collect::<Vec<_>>()
        );
    }
}
