//! Which failregexes may match a text: rejects most of them for a few byte look-ups, and
//! most of the rest by a text they require.
//!
//! A gate never decides that a regex matches; the machine does.

use crate::pattern::literals::required;
use crate::pattern::prefix_sets::{ByteSet, PLACES, prefix_sets};
use crate::pattern::{PrefilterTiming, Regex};
use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};
use memchr::memmem;

/// Regexes per word of a mask.
const WORD: usize = 64;

/// The gate of a list of regexes.
///
/// Exactness: a regex is ruled out only if a byte of the text lies outside the set of its
/// place (`pattern::prefix_sets`, which says why no match can have it there). Regexes that may
/// match elsewhere than at the start of the text allow every byte everywhere. Or it is ruled
/// out because the text contains none of the texts that every match of it contains
/// (`pattern::literals`); all regexes that require something, because it contains none of
/// the texts any of them requires.
#[derive(Debug)]
pub(crate) struct Prefilter {
    words: Vec<Word>,
    required: Vec<Required>,
    /// What all regexes that require something require together.
    any: Required,
}

/// What a regex requires of a text.
#[derive(Debug)]
enum Required {
    Nothing,
    Text(Box<memmem::Finder<'static>>),
    Few(packed::Searcher),
    AnyOf(AhoCorasick),
}

/// Texts looked for with vector instructions, at most.
const FEW: usize = 32;
/// Texts of more bytes in all are not made into a table of all states: it would take long.
const DENSE_BYTES: usize = 4 << 10;

impl Required {
    fn new(texts: Option<&Vec<Vec<u8>>>) -> Required {
        match texts.map(Vec::as_slice) {
            None => Required::Nothing,
            Some([one]) => Required::Text(Box::new(memmem::Finder::new(one).into_owned())),
            // a list no automaton can be made of rejects nothing
            Some(texts) => match packed::Searcher::new(texts).filter(|_| texts.len() <= FEW) {
                Some(searcher) => Required::Few(searcher),
                None => AhoCorasick::builder()
                    .kind((texts.concat().len() < DENSE_BYTES).then_some(AhoCorasickKind::DFA))
                    .build(texts)
                    .map_or(Required::Nothing, Required::AnyOf),
            },
        }
    }

    /// One of what several require; nothing where that takes long to look for.
    fn any(texts: &[Option<Vec<Vec<u8>>>]) -> Required {
        let mut texts: Vec<Vec<u8>> = texts.iter().flatten().flatten().cloned().collect();
        // a text that contains another requires no more
        texts.sort_by_key(Vec::len);
        let mut shortest: Vec<Vec<u8>> = Vec::new();
        for text in texts {
            if !shortest.iter().any(|s| memmem::find(&text, s).is_some()) {
                shortest.push(text);
            }
            if shortest.len() > FEW {
                return Required::Nothing;
            }
        }
        match shortest.is_empty() {
            true => Required::Nothing,
            false => match Required::new(Some(&shortest)) {
                Required::AnyOf(_) => Required::Nothing,
                fast => fast,
            },
        }
    }

    fn holds(&self, text: &str) -> bool {
        match self {
            Required::Nothing => true,
            Required::Text(finder) => finder.find(text.as_bytes()).is_some(),
            Required::Few(searcher) => searcher.find(text).is_some(),
            Required::AnyOf(automaton) => automaton.is_match(text),
        }
    }
}

/// The masks of up to 64 regexes: by place and byte, which of them allow it.
#[derive(Debug)]
struct Word {
    all: u64,
    /// Those that require nothing.
    free: u64,
    /// Places at which at least one regex forbids a byte, up to the last.
    masks: Vec<[u64; 256]>,
}

impl Prefilter {
    /// The gate of those regexes, in their order.
    pub(crate) fn new<'r>(regexes: impl Iterator<Item = &'r Regex>) -> Prefilter {
        let (prefix_sets, texts): (Vec<_>, Vec<_>) = regexes
            .map(|r| (prefix_sets(r.ast()), required(r.ast())))
            .unzip();
        let words = prefix_sets.chunks(WORD).zip(texts.chunks(WORD));
        Prefilter {
            words: words
                .map(|(prefix_sets, texts)| Word::new(prefix_sets, texts))
                .collect(),
            required: texts.iter().map(|t| Required::new(t.as_ref())).collect(),
            any: Required::any(&texts),
        }
    }

    /// The regexes that may match `text`, ascending.
    pub(crate) fn candidates<'g>(&'g self, text: &'g str) -> impl Iterator<Item = usize> + 'g {
        self.by_head(text).filter(|&index| self.holds(index, text))
    }

    /// The regexes whose matches may begin as `text` does, ascending.
    #[inline]
    pub(crate) fn by_head(&self, text: &str) -> PrefixByteSets<'_> {
        self.by_head_of(false, text)
    }

    /// [`Prefilter::by_head`] without those that require something the text does not have,
    /// where it pays to ask that of all of them at once.
    #[inline]
    pub(super) fn sifted(&self, text: &str, sieve: &mut PrefilterState) -> PrefixByteSets<'_> {
        let holds = match self.any {
            Required::Nothing => true,
            _ => sieve.sift(|| self.any.holds(text)),
        };
        self.by_head_of(!holds, text)
    }

    /// Whether no regex can match `text` or a part of it, as far as that is soon seen.
    #[inline]
    pub(super) fn refuses(&self, text: &str, sieve: &mut PrefilterState) -> bool {
        let all_require = self.words.iter().all(|word| word.free == 0);
        all_require
            && !matches!(self.any, Required::Nothing)
            && !sieve.sift(|| self.any.holds(text))
    }

    /// `free`: only of those that require nothing.
    #[inline]
    fn by_head_of(&self, free: bool, text: &str) -> PrefixByteSets<'_> {
        // all of the regexes of a long list's further words: such lists are rare
        let mask = self.words.first().map_or(0, |word| {
            let all = word.allowed(free);
            match all {
                0 => 0,
                all => word.passing(all, text.as_bytes()),
            }
        });
        PrefixByteSets {
            words: &self.words,
            mask,
            word: 0,
            free,
        }
    }

    /// Whether it takes long to see that a text lacks what a regex requires.
    #[inline]
    pub(crate) fn is_slow(&self, regex: usize) -> bool {
        matches!(self.required[regex], Required::Few(_) | Required::AnyOf(_))
    }

    /// Whether `text` has what a regex requires.
    #[inline]
    pub(crate) fn holds(&self, regex: usize, text: &str) -> bool {
        self.required[regex].holds(text)
    }
}

impl Word {
    fn new(prefix_sets: &[Option<[ByteSet; PLACES]>], texts: &[Option<Vec<Vec<u8>>>]) -> Word {
        let all = match prefix_sets.len() {
            WORD => u64::MAX,
            n => (1 << n) - 1,
        };
        let mut masks = vec![[all; 256]; PLACES];
        for (bit, prefix_sets) in prefix_sets.iter().enumerate() {
            let Some(prefix_sets) = prefix_sets else {
                continue;
            };
            for (place, set) in prefix_sets.iter().enumerate() {
                for byte in 0..=255u8 {
                    if !set.has(byte) {
                        masks[place][usize::from(byte)] &= !(1 << bit);
                    }
                }
            }
        }
        let useful = masks
            .iter()
            .rposition(|m| m.iter().any(|mask| *mask != all));
        masks.truncate(useful.map_or(0, |last| last + 1));
        let free = texts.iter().enumerate().filter(|(_, t)| t.is_none());
        Word {
            all,
            free: free.fold(0, |bits, (bit, _)| bits | 1 << bit),
            masks,
        }
    }

    /// All, or those that require nothing.
    #[inline]
    fn allowed(&self, free: bool) -> u64 {
        match free {
            true => self.free,
            false => self.all,
        }
    }

    /// Those of `mask` whose matches may begin so.
    fn passing(&self, mut mask: u64, text: &[u8]) -> u64 {
        for (masks, &byte) in self.masks.iter().zip(text) {
            mask &= masks[usize::from(byte)];
            // none, or one that the search looks at itself
            if mask & mask.wrapping_sub(1) == 0 {
                break;
            }
        }
        mask
    }
}

/// Indexes of regexes, ascending.
#[derive(Debug)]
pub(crate) struct PrefixByteSets<'g> {
    words: &'g [Word],
    mask: u64,
    word: usize,
    free: bool,
}

impl Iterator for PrefixByteSets<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.mask = self.words.get(self.word + 1)?.allowed(self.free);
            self.word += 1;
        }
        let bit = self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(self.word * WORD + bit)
    }
}

/// Which regexes are searched for before the texts they require are: where there are many
/// such texts and a search in vain mostly ends after a few steps, it costs less.
///
/// Of no consequence for any verdict: both orders end in the machine's answer, and the
/// machine itself is asked only about texts that have what is required ([`PrefilterTiming`]). So do
/// sifting and not sifting.
#[derive(Debug, Default)]
pub(crate) struct AdaptivePrefilter {
    by_regex: Vec<Odds>,
    /// Of prefregex's and of the failregexes' texts.
    pub(super) prefregex: PrefilterState,
    pub(super) failregexes: PrefilterState,
}

/// What is known of one regex.
#[derive(Debug, Default)]
struct Odds {
    /// What searches in vain cost beyond [`CHEAP`], in all.
    lost: u32,
    sieve: PrefilterState,
}

/// Whether it pays to ask about what is required.
#[derive(Debug, Default)]
pub(super) struct PrefilterState {
    /// Texts of [`SIFTED`] in a row that were asked about, and those of them that had it.
    sifted: u32,
    held: u32,
    /// Texts that are not asked about: most had it.
    unsifted: u32,
}

/// Texts after which it is seen how many had what is required.
const SIFTED: u32 = 256;
/// Texts that are then not asked about, where most had it.
const UNSIFTED: u32 = 1 << 13;

/// Effort of a search in vain that costs less than looking for a text.
const CHEAP: u32 = 6;
/// What may be lost before the texts are looked for first.
const BEARABLE: u32 = 200;

impl AdaptivePrefilter {
    /// When to ask `question` about a text that is searched for a regex, if at all.
    #[inline]
    pub(crate) fn ask<'a>(
        &'a mut self,
        gate: &Prefilter,
        regex: usize,
        question: impl FnOnce() -> bool + 'a,
    ) -> PrefilterTiming<impl FnOnce() -> bool + 'a> {
        if self.by_regex.len() <= regex {
            self.by_regex.resize_with(regex + 1, Odds::default);
        }
        let Odds { lost, sieve } = &mut self.by_regex[regex];
        let slow = gate.is_slow(regex);
        let question = move || match slow {
            true => question(),
            false => sieve.sift(question),
        };
        match *lost > BEARABLE || !slow {
            true => PrefilterTiming::First(question),
            false => PrefilterTiming::BeforeMachine(question),
        }
    }

    /// Notes a search in vain of such an effort.
    #[inline]
    pub(crate) fn note(&mut self, regex: usize, effort: u64) {
        let effort = u32::try_from(effort).unwrap_or(u32::MAX);
        let lost = &mut self.by_regex[regex].lost;
        *lost = lost.saturating_add(effort).saturating_sub(CHEAP);
        *lost = (*lost).min(BEARABLE * 64);
    }
}

impl PrefilterState {
    /// Asks `question` about a text for all regexes together, or takes yes for an answer where
    /// it mostly is.
    #[inline]
    fn sift(&mut self, question: impl FnOnce() -> bool) -> bool {
        if self.unsifted > 0 {
            self.unsifted -= 1;
            return true;
        }
        let holds = question();
        self.held += u32::from(holds);
        self.sifted += 1;
        if self.sifted == SIFTED {
            if self.held * 2 > SIFTED {
                self.unsifted = UNSIFTED;
            }
            (self.sifted, self.held) = (0, 0);
        }
        holds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;

    #[test]
    fn what_requires_nothing_is_never_sifted() {
        let patterns = ["^Failed \\S+", "\\d+", "Invalid", "^F.*d"];
        let make = |p: &&str| Regex::new(p, Flags::default()).expect("compiles");
        let regexes: Vec<Regex> = patterns.iter().map(make).collect();
        let gate = Prefilter::new(regexes.iter());
        let of = |text: &str| {
            gate.sifted(text, &mut PrefilterState::default())
                .collect::<Vec<_>>()
        };
        assert_eq!(of("Failed x"), [0, 1, 2, 3]);
        assert_eq!(of("Foul"), [1, 2, 3]);
        assert_eq!(of("all Invali"), [1]);
        assert_eq!(of("an Invalid"), [1, 2]);
        // not every regex needs the text that is looked for
        let mut sieve = PrefilterState::default();
        for _ in 0..SIFTED {
            assert!(sieve.sift(|| true));
        }
        assert!(sieve.sift(|| unreachable!("most had it")));
    }

    #[test]
    fn candidates_are_ascending_and_complete() {
        let patterns = ["^Failed", "x", "^Invalid", "^F"];
        let make = |p: &&str| Regex::new(p, Flags::default()).expect("compiles");
        let regexes: Vec<Regex> = patterns.iter().map(make).collect();
        let gate = Prefilter::new(regexes.iter());
        let of = |text: &str| gate.candidates(text).collect::<Vec<_>>();
        assert_eq!(of("Failed x"), [0, 1, 3]);
        assert_eq!(of("Invalid"), [2]);
        assert_eq!(of(""), [0; 0]);
        let many: Vec<Regex> = (0..130).map(|_| make(&"^a")).collect();
        let gate = Prefilter::new(many.iter());
        assert_eq!(
            gate.candidates("a").collect::<Vec<_>>(),
            (0..130).collect::<Vec<_>>()
        );
    }
}
