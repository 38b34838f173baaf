//! Which failregexes may match a text: rejects most of them for a few byte look-ups, and
//! most of the rest by a text they require.
//!
//! A gate never decides that a regex matches; the machine does.

use crate::pattern::heads::{ByteSet, PLACES, heads};
use crate::pattern::literals::required;
use crate::pattern::{Ask, Regex};
use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};
use memchr::memmem;

/// Regexes per word of a mask.
const WORD: usize = 64;

/// The gate of a list of regexes.
///
/// Exactness: a regex is ruled out only if a byte of the text lies outside the set of its
/// place (`pattern::heads`, which says why no match can have it there). Regexes that may
/// match elsewhere than at the start of the text allow every byte everywhere. Or it is ruled
/// out because the text contains none of the texts that every match of it contains
/// (`pattern::literals`).
#[derive(Debug)]
pub struct Gate {
    words: Vec<Word>,
    required: Vec<Required>,
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
    fn new(regex: &Regex) -> Required {
        match required(regex.ast()) {
            None => Required::Nothing,
            Some(texts) => match texts.as_slice() {
                [one] => Required::Text(Box::new(memmem::Finder::new(one).into_owned())),
                // a list no automaton can be made of rejects nothing
                texts => match packed::Searcher::new(texts).filter(|_| texts.len() <= FEW) {
                    Some(searcher) => Required::Few(searcher),
                    None => AhoCorasick::builder()
                        .kind((texts.concat().len() < DENSE_BYTES).then_some(AhoCorasickKind::DFA))
                        .build(texts)
                        .map_or(Required::Nothing, Required::AnyOf),
                },
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
    /// Places at which at least one regex forbids a byte, up to the last.
    masks: Vec<[u64; 256]>,
}

impl Gate {
    /// The gate of those regexes, in their order.
    pub fn new<'r>(regexes: impl Iterator<Item = &'r Regex>) -> Gate {
        let (heads, required): (Vec<_>, Vec<_>) =
            regexes.map(|r| (heads(r.ast()), Required::new(r))).unzip();
        let words = heads.chunks(WORD).map(Word::new).collect();
        Gate { words, required }
    }

    /// The regexes that may match `text`, ascending.
    pub fn candidates<'g>(&'g self, text: &'g str) -> impl Iterator<Item = usize> + 'g {
        self.by_head(text).filter(|&index| self.holds(index, text))
    }

    /// The regexes whose matches may begin as `text` does, ascending.
    pub fn by_head(&self, text: &str) -> ByHead<'_> {
        // all of the regexes of a long list's further words: such lists are rare
        let first = self.words.first();
        ByHead {
            words: &self.words,
            mask: first.map_or(0, |word| word.passing(text.as_bytes())),
            word: 0,
        }
    }

    /// Whether it takes long to see that a text lacks what a regex requires.
    #[inline]
    pub fn is_slow(&self, regex: usize) -> bool {
        matches!(self.required[regex], Required::Few(_) | Required::AnyOf(_))
    }

    /// Whether `text` has what a regex requires.
    #[inline]
    pub fn holds(&self, regex: usize, text: &str) -> bool {
        self.required[regex].holds(text)
    }
}

impl Word {
    fn new(heads: &[Option<[ByteSet; PLACES]>]) -> Word {
        let all = match heads.len() {
            WORD => u64::MAX,
            n => (1 << n) - 1,
        };
        let mut masks = vec![[all; 256]; PLACES];
        for (bit, heads) in heads.iter().enumerate() {
            let Some(heads) = heads else { continue };
            for (place, set) in heads.iter().enumerate() {
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
        Word { all, masks }
    }

    fn passing(&self, text: &[u8]) -> u64 {
        let mut mask = self.all;
        for (masks, &byte) in self.masks.iter().zip(text) {
            mask &= masks[usize::from(byte)];
            if mask == 0 {
                break;
            }
        }
        mask
    }
}

/// Indexes of regexes, ascending.
#[derive(Debug)]
pub struct ByHead<'g> {
    words: &'g [Word],
    mask: u64,
    word: usize,
}

impl Iterator for ByHead<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.mask = self.words.get(self.word + 1)?.all;
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
/// machine itself is asked only about texts that have what is required ([`Ask`]).
#[derive(Debug, Default)]
pub struct Thrift {
    /// By regex: what searches in vain cost beyond [`CHEAP`], in all.
    lost: Vec<u32>,
}

/// Effort of a search in vain that costs less than looking for a text.
const CHEAP: u32 = 6;
/// What may be lost before the texts are looked for first.
const BEARABLE: u32 = 200;

impl Thrift {
    /// When to ask `question` about a text that is searched for a regex.
    #[inline]
    pub fn ask<Q>(&mut self, gate: &Gate, regex: usize, question: Q) -> Ask<Q> {
        if self.lost.len() <= regex {
            self.lost.resize(regex + 1, 0);
        }
        match self.lost[regex] > BEARABLE || !gate.is_slow(regex) {
            true => Ask::First(question),
            false => Ask::BeforeMachine(question),
        }
    }

    /// Notes a search in vain of such an effort.
    #[inline]
    pub fn note(&mut self, regex: usize, effort: u64) {
        let effort = u32::try_from(effort).unwrap_or(u32::MAX);
        let lost = &mut self.lost[regex];
        *lost = lost.saturating_add(effort).saturating_sub(CHEAP);
        *lost = (*lost).min(BEARABLE * 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;

    #[test]
    fn candidates_are_ascending_and_complete() {
        let patterns = ["^Failed", "x", "^Invalid", "^F"];
        let make = |p: &&str| Regex::new(p, Flags::default()).expect("compiles");
        let regexes: Vec<Regex> = patterns.iter().map(make).collect();
        let gate = Gate::new(regexes.iter());
        let of = |text: &str| gate.candidates(text).collect::<Vec<_>>();
        assert_eq!(of("Failed x"), [0, 1, 3]);
        assert_eq!(of("Invalid"), [2]);
        assert_eq!(of(""), [0; 0]);
        let many: Vec<Regex> = (0..130).map(|_| make(&"^a")).collect();
        let gate = Gate::new(many.iter());
        assert_eq!(
            gate.candidates("a").collect::<Vec<_>>(),
            (0..130).collect::<Vec<_>>()
        );
    }
}
