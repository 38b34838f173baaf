//! A long text cut to the screen around the part that matters, in columns.

use super::value::Seen;
use crate::report::text::printable;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// As much of a text as fits, around a part of it.
pub(super) struct Window {
    /// What stands before the part, the part (at least a character, if there is one), the rest.
    pub(super) parts: [String; 3],
    /// Column of the part, and how many columns it takes.
    pub(super) start: usize,
    pub(super) length: usize,
}

/// A character that is shown, and the bytes of the text it stands for begin there.
struct Shown {
    at: usize,
    c: char,
    width: usize,
}

impl Window {
    /// `part`: bytes of the text that `seen` is a part of.
    pub(super) fn of(seen: &Seen, part: Range<usize>, width: usize) -> Window {
        let inside = |at: usize| at.saturating_sub(seen.start).min(seen.text.len());
        let part = inside(part.start)..inside(part.end);
        let mut shown: Vec<Shown> = Vec::new();
        for (at, c) in seen.text.char_indices() {
            let escaped = printable(c.encode_utf8(&mut [0; 4])).into_owned();
            shown.extend(escaped.chars().map(|c| Shown {
                at,
                c,
                width: c.width().unwrap_or(0),
            }));
        }
        let columns = |range: &[Shown]| range.iter().map(|shown| shown.width).sum::<usize>();
        let first = shown.partition_point(|shown| shown.at < part.start);
        let behind = shown
            .partition_point(|shown| shown.at < part.end)
            .max(first);
        // the part a little right of the middle, as what led to it says more
        let (before, length) = (columns(&shown[..first]), columns(&shown[first..behind]));
        let cut_before = before + length.min(width / 2) + width / 4 > width;
        let mut from = 0;
        if cut_before {
            let room = (width * 2 / 3).saturating_sub(1);
            from = first;
            let mut taken = 0;
            while from > 0 && taken + shown[from - 1].width <= room {
                from -= 1;
                taken += shown[from].width;
            }
        }
        let mark = usize::from(from > 0 || seen.start > 0 && cut_before);
        let mut to = from;
        let mut taken = mark;
        let whole = mark + columns(&shown[from..]) <= width;
        while to < shown.len() && taken + shown[to].width <= width - usize::from(!whole) {
            taken += shown[to].width;
            to += 1;
        }
        let text = |range: &[Shown]| range.iter().map(|shown| shown.c).collect::<String>();
        let behind = behind.clamp(first.min(to), to);
        let shown_behind = behind.max((first + 1).min(to));
        let dots = |cut: bool| if cut { "…" } else { "" };
        let before = dots(mark > 0).to_string() + &text(&shown[from..first.min(to)]);
        Window {
            start: mark + columns(&shown[from..first.min(to)]),
            length: columns(&shown[first.min(to)..behind]),
            parts: [
                before,
                text(&shown[first.min(to)..shown_behind]),
                text(&shown[shown_behind..to]) + dots(!whole),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Seen, Window};

    fn window(text: &str, part: std::ops::Range<usize>, width: usize) -> (String, usize, usize) {
        let seen = Seen {
            start: 0,
            text: text.into(),
        };
        let window = Window::of(&seen, part, width);
        (window.parts.concat(), window.start, window.length)
    }

    #[test]
    fn the_part_stays_in_sight() {
        assert_eq!(window("abcdef", 2..4, 10), ("abcdef".into(), 2, 2));
        assert_eq!(window("abc", 3..3, 10), ("abc".into(), 3, 0));
        let text = "0123456789".repeat(5);
        let (shown, start, length) = window(&text, 40..42, 20);
        assert_eq!((shown.chars().count(), length), (20, 2));
        assert!(shown.starts_with('…') && shown.ends_with("23456…") || shown.ends_with('…'));
        assert_eq!(shown.chars().skip(start).take(2).collect::<String>(), "01");
        // escapes are wider than what they stand for
        assert_eq!(window("a\x1bb", 2..3, 20), ("a\\u{1b}b".into(), 7, 1));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(
            window("認証失敗 x", 13..14, 20),
            ("認証失敗 x".into(), 9, 1)
        );
        assert_eq!(window("認証", 3..6, 20), ("認証".into(), 2, 2));
        let text = "認証失敗".repeat(10);
        let (shown, start, _) = window(&text, 60..63, 20);
        assert!(
            unicode_width::UnicodeWidthStr::width(shown.as_str()) <= 20,
            "{shown}"
        );
        assert!(start < 20);
    }
}
