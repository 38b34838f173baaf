//! The texts that regexes require, and looking for them.

use super::texts::Span;
use super::texts_ahead::TextsAhead;
use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};
use memchr::memmem;
use std::ops::Range;

/// What a regex requires of a text.
#[derive(Debug)]
pub(super) enum Required {
    Nothing,
    Text(Box<memmem::Finder<'static>>),
    Few(packed::Searcher),
    AnyOf(AhoCorasick),
}

/// Texts looked for with vector instructions, at most.
pub(super) const FEW: usize = 32;
/// Texts of more bytes in all are not made into a table of all states: it would take long.
pub(super) const DENSE_BYTES: usize = 4 << 10;
/// Of a longer text only the end is looked for: up to here `memmem` uses vector instructions alone.
const LONGEST: usize = 32;

impl Required {
    pub(super) fn new(texts: Option<&Vec<Vec<u8>>>) -> Required {
        match texts.map(Vec::as_slice) {
            None => Required::Nothing,
            Some([one]) => {
                // what ends differently often begins alike
                let end = &one[one.len().saturating_sub(LONGEST)..];
                Required::Text(Box::new(memmem::Finder::new(end).into_owned()))
            }
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

    /// Where the first of the texts stands.
    fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        match self {
            Required::Nothing => Some(0..0),
            Required::Text(finder) => {
                let at = finder.find(text)?;
                Some(at..at + finder.needle().len())
            }
            Required::Few(searcher) => searcher.find(text).map(|found| found.range()),
            Required::AnyOf(automaton) => automaton.find(text).map(|found| found.range()),
        }
    }

    pub(super) fn is_met_by(&self, text: &[u8]) -> bool {
        match self {
            Required::Nothing => true,
            Required::Text(finder) => finder.find(text).is_some(),
            Required::Few(searcher) => searcher.find(text).is_some(),
            Required::AnyOf(automaton) => automaton.is_match(text),
        }
    }
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
    texts: Required,
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
        let texts = match Required::new(Some(&shortest)) {
            Required::Nothing | Required::AnyOf(_) => return None,
            fast => fast,
        };
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
        let required = Required::new(Some(&vec![long.clone().into_bytes()]));
        assert!(required.is_met_by(format!("User {long}\n").as_bytes()));
        assert!(!required.is_met_by(b"is listed in AllowUsers"));
    }
}
