//! A text that the guard of a match applies to matches in the same way.

use super::pieces;

use crate::pattern::{Flags, MatchGuard, Regex, Scratch};
use pieces::{cases, piece, spans};
use proptest::prelude::*;

/// What an attempt at `start` finds, places told by their distance from the start or, from
/// the anchor on, from that.
fn attempt(
    regex: &Regex,
    text: &str,
    start: usize,
    anchor: usize,
) -> Option<Vec<Option<(i64, i64)>>> {
    let mut scratch = Scratch::default();
    let found = regex
        .match_at(text, start, &mut scratch)
        .expect("few steps");
    let from = |at: usize| {
        if at >= anchor {
            at as i64 - anchor as i64
        } else {
            -1_000 - (at as i64 - start as i64)
        }
    };
    let spans = spans(found, regex.group_count())?;
    Some(
        spans
            .into_iter()
            .map(|span| span.map(|(a, b)| (from(a), from(b))))
            .collect(),
    )
}

/// A text like another, with other digits, letters, lengths, surroundings.
fn varied(text: &str, edits: &[(usize, char)], before: &str, behind: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for &(at, new) in edits {
        if let Some(old) = chars.get_mut(at)
            && (old.is_ascii_digit() == new.is_ascii_digit())
        {
            *old = new;
        }
    }
    format!("{before}{}{behind}", chars.into_iter().collect::<String>())
}

/// None if the guard of the match does not apply to the other text, else whether the other
/// text matches in the same way.
fn compare(
    regex: &Regex,
    text: &str,
    start: usize,
    other: &str,
    at: usize,
    end: usize,
) -> Option<bool> {
    let guard: MatchGuard = regex.match_guard(text, start)?;
    if at > end || !other.is_char_boundary(at) || !other.is_char_boundary(end) {
        return None;
    }
    let anchor = guard.applies_to(other.as_bytes(), at, end)?;
    let expected = attempt(regex, text, start, guard.anchor());
    let found = attempt(regex, &other[..end], at, anchor);
    // behind an empty run the start is the anchor: either distance is the same place
    let is_start = |place: i64| {
        if at == anchor && place == -1_000 {
            0
        } else {
            place
        }
    };
    let expected = expected.map(|spans| {
        let spans = spans.into_iter();
        let spans = spans.map(|span| span.map(|(a, b)| (is_start(a), is_start(b))));
        spans.collect::<Vec<_>>()
    });
    Some(found == expected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn guarded_texts_match_in_the_same_way(
        begin in prop::sample::select(vec!["", "^", "^[^:]*:", "(^[^ ]* )", "(?P<x>\\d)", "\\b"]),
        pieces in prop::collection::vec(piece(), 1..6),
        text in "[ab1 :.2é]{0,6}(12:1\\.|ab b|1 a:)[ab1 :.2\n]{0,8}",
        start in 0..8usize,
        edits in prop::collection::vec((0..16usize, prop::sample::select(vec!['0', '7', 'a', 'Q', ' ', 'é', ':'])), 0..3),
        (before, behind) in prop::sample::select(vec![("", ""), ("", " b"), ("a ", ""), ("1", "1"), ("b:", "\n")]),
        (ignore_case, multi_line) in any::<(bool, bool)>(),
    ) {
        let pattern = format!("{begin}{}", pieces.concat());
        let flags = Flags { ignore_case, multi_line, ..Flags::default() };
        let Ok(regex) = Regex::new(&pattern, flags) else { return Ok(()) };
        let start = if text.is_char_boundary(start) { start.min(text.len()) } else { 0 };
        let other = varied(&text, &edits, before, behind);
        for at in [start, start + before.len(), 0] {
            for end in [other.len(), text.len() + before.len(), text.len().min(other.len())] {
                prop_assert_ne!(
                    compare(&regex, &text, start, &other, at, end.min(other.len())), Some(false),
                    "{:?} on {:?} from {}, {:?} from {} to {}", &pattern, text, start, other, at, end
                );
            }
        }
    }
}

/// What the test above relies on: there are guards, and they apply to what they are for.
#[test]
fn dates_have_guards() {
    let date =
        r"(?:3[01]|[12]\d|[ 0]?[1-9])/(?:Nov|Dec)/20[2-3]\d:\d{2}:[0-5]\d(?: [+-]\d{2}:?\d{2})?";
    let cases = [
        (
            date,
            "x 21/Nov/2026:20:03 +0000]",
            2,
            "21/Nov/2026:21:47 +0000] more",
            0,
            true,
        ),
        (
            date,
            "x 21/Nov/2026:20:03 +0000]",
            2,
            "x 21/Dec/2026:21:47 +0000] more",
            2,
            false,
        ),
        (
            date,
            "x 21/Nov/2026:20:03 +0000]",
            2,
            "x 21/Nov/2026:21:67 +0000] more",
            2,
            false,
        ),
        (
            date,
            "x 21/Nov/2026:20:03",
            2,
            "x 21/Nov/2026:20:03 +0000",
            2,
            false,
        ),
        (r"^[^\[]*\[(\d)", "abc [1", 0, "abcdef ghi [7]", 0, true),
        (r"^[^\[]*\[(\d)", "abc [1", 0, "abcdef ghi [x]", 0, false),
        (r"(?P<s>[-/])\d(?P=s)\d", "-1-1", 0, "-2-7", 0, true),
        (r"(?P<s>[-/])\d(?P=s)\d", "-1-1", 0, "/2-7", 0, false),
    ];
    for (pattern, text, start, other, at, applies) in cases {
        let regex = Regex::new(pattern, Flags::default()).expect("compiles");
        let guard = regex.match_guard(text, start).expect("is told");
        let found = guard.applies_to(other.as_bytes(), at, other.len());
        assert_eq!(found.is_some(), applies, "{pattern}: {text:?}, {other:?}");
        assert_ne!(
            compare(&regex, text, start, other, at, other.len()),
            Some(false)
        );
    }
}
