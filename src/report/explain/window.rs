//! A long text cut to the screen around the part that matters.

use crate::report::text::{self, printable};
use std::ops::Range;

/// As much of a text as fits, around a part of it.
pub(super) struct Window {
    pub(super) shown: Vec<char>,
    /// Column of the part, and how many columns it takes.
    pub(super) start: usize,
    pub(super) length: usize,
}

impl Window {
    pub(super) fn of(text: &str, part: Range<usize>, width: usize) -> Window {
        // what is that far from the part is out of sight, whatever it is
        let far = 8 * width;
        let before = text::begin(text, part.start.saturating_sub(far)).len();
        let text = text::begin(&text[before..], part.start - before.min(part.start) + far);
        let part = part.start - before..part.end - before;
        let (mut shown, mut start, mut end) = (Vec::new(), None, None);
        for (at, c) in text.char_indices() {
            if at >= part.start {
                start.get_or_insert(shown.len());
            }
            if at >= part.end {
                end.get_or_insert(shown.len());
            }
            shown.extend(printable(c.encode_utf8(&mut [0; 4])).chars());
        }
        let start = start.unwrap_or(shown.len());
        let length = end.unwrap_or(shown.len()) - start;
        // the part a little right of the middle, as what led to it says more
        let mut from = 0;
        if start + length.min(width / 2) + width / 4 > width {
            from = start.saturating_sub(width * 2 / 3);
        }
        let cut_end = shown.len() - from > width;
        shown.drain(..from);
        if cut_end {
            shown.truncate(width.saturating_sub(1));
            shown.push('…');
        }
        if from > 0 && start > from {
            shown[0] = '…';
        }
        let start = start - from;
        Window {
            length: length.min(shown.len().saturating_sub(start)),
            shown,
            start,
        }
    }

    /// What stands before the part, the part, and the rest.
    pub(super) fn parts(&self) -> (String, String, String) {
        let end = (self.start + self.length.max(1)).min(self.shown.len());
        let start = self.start.min(end);
        let text = |part: &[char]| part.iter().collect();
        (
            text(&self.shown[..start]),
            text(&self.shown[start..end]),
            text(&self.shown[end..]),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    fn window(text: &str, part: std::ops::Range<usize>, width: usize) -> (String, usize, usize) {
        let window = Window::of(text, part, width);
        (window.shown.iter().collect(), window.start, window.length)
    }

    #[test]
    fn the_part_stays_in_sight() {
        assert_eq!(window("abcdef", 2..4, 10), ("abcdef".into(), 2, 2));
        assert_eq!(window("abc", 3..3, 10), ("abc".into(), 3, 0));
        let text = "0123456789".repeat(5);
        let (shown, start, length) = window(&text, 40..42, 20);
        assert_eq!((shown.chars().count(), length), (20, 2));
        assert_eq!(shown.chars().skip(start).take(2).collect::<String>(), "01");
        // escapes are wider than what they stand for
        assert_eq!(window("a\x1bb", 2..3, 20), ("a\\u{1b}b".into(), 7, 1));
    }
}
