//! The texts that regexes require, and looking for them.

use super::text_automaton::TextAutomaton;
use super::texts::Span;
use super::texts_ahead::TextsAhead;
use crate::pattern::ast::Ast;
use crate::pattern::literals::also_required;
use crate::pattern::suffixes::suffixes;
use aho_corasick::packed;
use memchr::memmem;
use std::ops::{ControlFlow, Range, RangeInclusive};
use std::sync::OnceLock;

/// One thing that a regex requires of a text.
#[derive(Debug)]
pub(super) enum Required {
    Nothing,
    /// One of a few texts.
    Few(FewTexts),
    /// One of many texts.
    AnyOf(Box<TextAutomaton>),
    /// One of some texts, at its end.
    AtEnd(Endings),
}

/// Things that are looked for beside the main one, at most, where a regex takes long to search for.
pub(super) const FURTHER: usize = 3;

/// All that a regex requires of a text.
#[derive(Debug)]
pub(super) struct Requirements {
    pub(super) main: Required,
    /// It takes long to see that a text lacks it.
    pub(super) is_slow: bool,
    further: OnceLock<Vec<Required>>,
}

impl Requirements {
    /// What the regex of a pattern requires mainly: one of these texts; of many, how a text ends is
    /// told sooner.
    pub(super) fn new(pattern: &Ast, texts: Option<&Vec<Vec<u8>>>) -> Requirements {
        let main = match texts {
            None => Required::Nothing,
            Some(texts) => match FewTexts::new(texts).map(Required::Few) {
                Some(few) => few,
                None => {
                    Required::end(pattern).unwrap_or_else(|| Required::many(texts, DENSE_BYTES))
                }
            },
        };
        Requirements {
            is_slow: matches!(main, Required::Few(FewTexts::AnyOf(_)) | Required::AnyOf(_)),
            main,
            further: OnceLock::new(),
        }
    }

    /// What the regex of this pattern requires beside that, [`FURTHER`] things at most: found out
    /// when it is first asked for.
    pub(super) fn further(&self, pattern: &Ast) -> &[Required] {
        self.further.get_or_init(|| {
            let end = Required::end(pattern);
            let elsewhere = also_required(pattern, FURTHER - end.iter().len());
            let elsewhere = elsewhere.iter().map(|texts| {
                let few = FewTexts::new(texts).map(Required::Few);
                few.unwrap_or_else(|| Required::many(texts, FURTHER_DENSE_BYTES))
            });
            // what is told soonest comes first
            end.into_iter().chain(elsewhere).collect()
        })
    }
}

/// Texts that are looked for with vector instructions.
#[derive(Debug)]
pub(super) enum FewTexts {
    One(Box<memmem::Finder<'static>>),
    AnyOf(packed::Searcher),
}

/// Texts looked for with vector instructions, at most.
pub(super) const FEW: usize = 32;
/// Texts of more bytes in all are not made into a table of all states: it would take long.
pub(super) const DENSE_BYTES: usize = 4 << 10;
/// The same for texts that are looked for only where searches take long.
const FURTHER_DENSE_BYTES: usize = 64 << 10;
/// Of a longer text only the end is looked for: up to here `memmem` uses vector instructions alone.
const LONGEST: usize = 32;

impl Required {
    /// One of many texts; `dense`: as for [`TextAutomaton::new`].
    fn many(texts: &[Vec<u8>], dense: usize) -> Required {
        // a list no automaton can be made of rejects nothing
        TextAutomaton::new(texts.iter(), dense)
            .map_or(Required::Nothing, |all| Required::AnyOf(Box::new(all)))
    }

    /// How a text must end in which the pattern matches, if that says much.
    fn end(pattern: &Ast) -> Option<Required> {
        let endings = suffixes(pattern).and_then(|texts| Endings::new(&texts))?;
        Some(Required::AtEnd(endings))
    }

    #[inline]
    pub(super) fn is_met_by(&self, text: &[u8]) -> bool {
        match self {
            Required::Nothing => true,
            Required::Few(few) => few.is_met_by(text),
            Required::AnyOf(automaton) => {
                let first = automaton.each_in(text, |_| ControlFlow::Break(()));
                first.map_or(true, |first| first.is_break())
            }
            Required::AtEnd(endings) => endings.are_met_by(text),
        }
    }
}

impl FewTexts {
    /// None where there are too many of them.
    fn new(texts: &[Vec<u8>]) -> Option<FewTexts> {
        match texts {
            [one] => {
                // what ends differently often begins alike
                let end = &one[one.len().saturating_sub(LONGEST)..];
                let finder = memmem::Finder::new(end).into_owned();
                Some(FewTexts::One(Box::new(finder)))
            }
            texts if texts.len() <= FEW => packed::Searcher::new(texts).map(FewTexts::AnyOf),
            _ => None,
        }
    }

    /// Where the first of the texts stands.
    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        match self {
            FewTexts::One(finder) => {
                let at = finder.find(text)?;
                Some(at..at + finder.needle().len())
            }
            FewTexts::AnyOf(searcher) => searcher.find(text).map(|found| found.range()),
        }
    }

    #[inline]
    fn is_met_by(&self, text: &[u8]) -> bool {
        match self {
            FewTexts::One(finder) => finder.find(text).is_some(),
            FewTexts::AnyOf(searcher) => searcher.find(text).is_some(),
        }
    }
}

/// Suffixes of which a text must have one, but for a newline behind it (`pattern::suffixes`): their
/// last bytes, as many as all of them have.
#[derive(Debug)]
pub(super) struct Endings {
    length: usize,
    /// As numbers, in order.
    known: Vec<u64>,
}

/// Last bytes that are compared: with fewer too many texts end so, more are no number.
const COMPARED: RangeInclusive<usize> = 4..=8;

impl Endings {
    /// None where a suffix is so short that many texts would have it.
    fn new(suffixes: &[Vec<u8>]) -> Option<Endings> {
        let shortest = suffixes.iter().map(Vec::len).min()?;
        let length = shortest.min(*COMPARED.end());
        if !COMPARED.contains(&length) {
            return None;
        }
        let ends = suffixes.iter().map(|text| &text[text.len() - length..]);
        let mut known: Vec<u64> = ends.map(as_number).collect();
        known.sort_unstable();
        known.dedup();
        Some(Endings { length, known })
    }

    #[inline]
    fn are_met_by(&self, text: &[u8]) -> bool {
        let line = text.strip_suffix(b"\n").unwrap_or(text);
        let start = line.len().checked_sub(self.length);
        start.is_some_and(|at| self.known.binary_search(&as_number(&line[at..])).is_ok())
    }
}

/// Eight bytes at most, as a number.
fn as_number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |all, &byte| all << 8 | u64::from(byte))
}

/// The longest piece of a text without a "\n".
pub(super) fn longest_piece(text: &[u8]) -> &[u8] {
    let pieces = text.split(|&byte| byte == b'\n');
    pieces.max_by_key(|piece| piece.len()).unwrap_or_default()
}

/// What all regexes of a list that require something require together: a text without any of it
/// is matched by none of them.
#[derive(Debug)]
pub(super) struct RequiredTogether {
    /// None of them has a "\n".
    texts: FewTexts,
    /// A bit for each two bytes that stand side by side in one of the texts.
    pairs: Box<[u64]>,
}

/// The bit of two bytes: its word, and its place there.
fn pair(first: u8, second: u8) -> (usize, u64) {
    let number = usize::from(first) << 8 | usize::from(second);
    (number >> 6, 1 << (number & 63))
}

impl RequiredTogether {
    /// Of the texts that each regex requires; None where that takes long to look for. Of a text with
    /// newlines the longest piece in a line: regexes see parts of a line with a newline behind them.
    pub(super) fn new(texts: &[Option<Vec<Vec<u8>>>]) -> Option<RequiredTogether> {
        let texts = texts.iter().flatten().flatten();
        let mut texts: Vec<Vec<u8>> = texts.map(|text| longest_piece(text).to_vec()).collect();
        if texts.iter().any(Vec::is_empty) {
            return None;
        }
        // a text that contains another requires no more
        texts.sort_by_key(Vec::len);
        let mut shortest: Vec<Vec<u8>> = Vec::new();
        for text in texts {
            if !shortest.iter().any(|s| memmem::find(&text, s).is_some()) {
                shortest.push(text);
            }
            if shortest.len() > FEW {
                return None;
            }
        }
        if shortest.is_empty() {
            return None;
        }
        let texts = FewTexts::new(&shortest)?;
        let mut pairs = vec![0; 1 << 10].into_boxed_slice();
        for two in shortest.iter().flat_map(|text| text.windows(2)) {
            let (word, bit) = pair(two[0], two[1]);
            pairs[word] |= bit;
        }
        Some(RequiredTogether { texts, pairs })
    }

    /// Whether one of the texts stands in a text.
    #[inline]
    pub(super) fn is_met_by(&self, text: &[u8]) -> bool {
        self.texts.is_met_by(text)
    }

    /// Whether one of the texts stands in what is left of a line of a block once its date is taken
    /// out: what stands `before` it and what stands `behind` it.
    ///
    /// Exactness: a text that stands there stands in one of the parts, and so in the line; or it has
    /// the last byte of the one part and the first of the other side by side. Where that cannot be
    /// told from the line, the parts are put together.
    #[inline]
    pub(super) fn may_be_in(
        &self,
        block: &str,
        before: Span,
        behind: Span,
        ahead: Option<&mut TextsAhead>,
    ) -> bool {
        let Some(ahead) = ahead else {
            return self.is_in_parts(block, before, behind);
        };
        let line = before.start as usize..behind.end as usize;
        let next = ahead.next_in(block, line, |rest| self.texts.find(rest));
        let Some(next) = next else {
            let is_seam = before.start < before.end && self.may_straddle(block, before, behind);
            return is_seam && self.is_in_parts(block, before, behind);
        };
        let is_part =
            |part: Span| part.start as usize <= next.start && next.end <= part.end as usize;
        is_part(behind) || is_part(before) || self.is_in_parts(block, before, behind)
    }

    /// Whether one of the texts may begin in the one part and end in the other.
    #[inline]
    fn may_straddle(&self, block: &str, before: Span, behind: Span) -> bool {
        // behind the line comes a newline, which no text has
        behind.start < behind.end && self.seam(block, before, behind).is_none()
    }

    /// The last byte before a line's date and the first behind it, if there are both and none of the
    /// texts has them side by side.
    #[inline]
    pub(super) fn seam(&self, block: &str, before: Span, behind: Span) -> Option<[u8; 2]> {
        if before.start == before.end || behind.start == behind.end {
            return None;
        }
        let bytes = [before.end - 1, behind.start].map(|at| block.as_bytes()[at as usize]);
        let (word, bit) = pair(bytes[0], bytes[1]);
        (self.pairs[word] & bit == 0).then_some(bytes)
    }

    #[cold]
    fn is_in_parts(&self, block: &str, before: Span, behind: Span) -> bool {
        let part = |part: Span| &block.as_bytes()[part.start as usize..part.end as usize];
        self.is_met_by(&[part(before), part(behind)].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn together(texts: &[&str]) -> RequiredTogether {
        let texts = texts
            .iter()
            .map(|text| Some(vec![text.as_bytes().to_vec()]));
        RequiredTogether::new(&texts.collect::<Vec<_>>()).expect("they are few")
    }

    #[test]
    fn of_suffixes_the_last_bytes_are_compared() {
        let endings = |suffixes: &[&str]| {
            let suffixes = suffixes.iter().map(|text| text.as_bytes().to_vec());
            Endings::new(&suffixes.collect::<Vec<_>>())
        };
        let robots = endings(&["Robot\"", "a long name of a spider\"", "a bot\""]).expect("long");
        for (line, ends) in [
            ("GET / \"a Robot\"", true),
            ("GET / \"a Robot\"\n", true),
            ("GET / \"spider\"", true),
            ("GET / \"Robot\"\n\n", false),
            ("GET / \"robot\"", false),
            ("GET / \"Robot 2\"", false),
            ("Robot\"", true),
            ("obot\"", false),
            ("", false),
        ] {
            assert_eq!(robots.are_met_by(line.as_bytes()), ends, "{line:?}");
        }
        assert!(endings(&["Robot\"", "ab\""]).is_none());
    }

    proptest! {
        /// What is said of a line without its date is what is said of the text that is left.
        #[test]
        fn a_cut_line_has_what_its_text_has(
            lines in prop::collection::vec(("[abc ]{0,8}", "[abc ]{0,3}", "[abc\r ]{0,8}"), 1..9),
            texts in prop::sample::subsequence(vec!["ab", "bca", "cc", "a b", "c\r"], 1..6),
        ) {
            let together = together(&texts);
            let whole: Vec<String> = lines.iter().map(|(a, b, c)| format!("{a}{b}{c}\n")).collect();
            let block = whole.concat();
            let mut ahead = TextsAhead::default();
            let mut start = 0;
            for (before, date, behind) in &lines {
                let behind = behind.trim_end_matches('\r');
                let middle = start + before.len();
                let end = middle + date.len();
                let parts = [Span::new(start, middle), Span::new(end, end + behind.len())];
                let said = together.may_be_in(&block, parts[0], parts[1], Some(&mut ahead));
                let text = format!("{before}{behind}");
                prop_assert_eq!(said, texts.iter().any(|one| text.contains(one)), "{:?}", text);
                let rest = block.get(start..).unwrap_or_default();
                start += rest.find('\n').map_or(rest.len(), |at| at + 1);
            }
        }
    }

    #[test]
    fn of_a_text_over_lines_a_part_in_one_is_looked_for() {
        let together = together(&["ab\nabc"]);
        assert!(together.is_met_by(b"xabc") && !together.is_met_by(b"ab"));
        let newline = [Some(vec![b"\n".to_vec()]), Some(vec![b"ab".to_vec()])];
        assert!(RequiredTogether::new(&newline).is_none());
    }

    #[test]
    fn of_a_long_text_the_end_is_looked_for() {
        let long = format!(
            "{} is listed in DenyUsers",
            "not allowed because ".repeat(3)
        );
        let required = FewTexts::new(&[long.clone().into_bytes()]).expect("it is one");
        assert!(required.is_met_by(format!("User {long}\n").as_bytes()));
        assert!(!required.is_met_by(b"is listed in AllowUsers"));
    }
}
