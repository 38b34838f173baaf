//! Text with parts of it marked, as pieces one behind the other: where parts are inside of others,
//! the innermost shows.

use crate::analysis::page::{Mark, MarkKind};
use crate::analysis::wording::begin;
use std::ops::Range;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// The class of its mark; empty: it has none.
    pub(crate) class: &'static str,
    /// What it is, for those who do not see the mark.
    pub(crate) title: String,
    /// The text.
    pub(crate) text: String,
}

impl Segment {
    /// A piece.
    pub(crate) fn new(class: &'static str, title: &str, text: impl Into<String>) -> Segment {
        Segment {
            class,
            title: title.into(),
            text: text.into(),
        }
    }
}

fn class(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Date => "m-date",
        MarkKind::Content => "m-content",
        MarkKind::Ignore => "m-ignore",
        MarkKind::Host => "m-host",
        MarkKind::User => "m-user",
        MarkKind::Session => "m-session",
        MarkKind::Group => "m-group",
    }
}

/// The pieces of a text; `stop` is the place where a regex could not go on.
pub(crate) fn segments(text: &str, marks: &[Mark], stop: Option<usize>) -> Vec<Segment> {
    let stop = stop
        .map(|at| at.min(text.len()))
        .filter(|at| text.is_char_boundary(*at));
    let behind_stop = stop.map(|at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let mut places: Vec<usize> = vec![0, text.len()];
    places.extend(marks.iter().flat_map(|mark| [mark.start, mark.end]));
    places.extend(stop.into_iter().chain(behind_stop));
    places.retain(|&at| text.is_char_boundary(at));
    places.sort_unstable();
    places.dedup();
    let mut all = Vec::new();
    for (&start, &end) in places.iter().zip(places.iter().skip(1)) {
        if stop == Some(start) {
            all.push(Segment::new("m-stop", "stops here", &text[start..end]));
            continue;
        }
        let around = marks
            .iter()
            .filter(|mark| mark.start <= start && end <= mark.end);
        let innermost = around.min_by_key(|mark| mark.end - mark.start);
        all.push(match innermost {
            Some(mark) => Segment::new(class(mark.kind), &mark.name, &text[start..end]),
            None => Segment::new("", "", &text[start..end]),
        });
    }
    if stop == Some(text.len()) {
        all.push(Segment::new("m-stop", "the line ends here", "⏎"));
    }
    all
}

/// Bytes shown on either side of a marked part.
const AROUND: usize = 1 << 10;

/// A text with one part marked, and as much around it as there is room for. A part without length
/// is the character it stands before.
pub(crate) fn excerpt(
    text: &str,
    part: Range<usize>,
    class: &'static str,
    title: &str,
) -> Vec<Segment> {
    let floor = |at: usize| begin(text, at).len();
    let start = floor(part.start);
    let next = text[start..].chars().next().map_or(0, char::len_utf8);
    let end = floor(part.end.min(start.saturating_add(AROUND))).max(start + next);
    let (from, to) = (
        floor(start.saturating_sub(AROUND)),
        floor(end.saturating_add(AROUND)),
    );
    let dots = |cut: bool| if cut { "…" } else { "" };
    let marked = match &text[start..end] {
        "" => Segment::new(class, title, "⏎"),
        inside => Segment::new(class, title, inside),
    };
    vec![
        Segment::new("", "", format!("{}{}", dots(from > 0), &text[from..start])),
        marked,
        Segment::new(
            "",
            "",
            format!("{}{}", &text[end..to], dots(to < text.len())),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_bounded() {
        let told = |text: &str, part| -> Vec<String> {
            let all = excerpt(text, part, "m-stop", "here");
            all.into_iter().map(|segment| segment.text).collect()
        };
        assert_eq!(told("0é2", 1..1), ["0", "é", "2"]);
        assert_eq!(told("012", 3..9), ["012", "⏎", ""]);
        let long = told(&"é".repeat(100_000), 50_000..150_000);
        assert!(long.concat().len() < 4 * AROUND, "{}", long.concat().len());
        assert!(long[0].starts_with('…') && long[2].ends_with('…'));
    }

    #[test]
    fn the_innermost_mark_shows() {
        let mark = |kind, start, end| Mark {
            kind,
            name: "x".into(),
            start,
            end,
        };
        let marks = [mark(MarkKind::Content, 2, 8), mark(MarkKind::Host, 4, 6)];
        let told = |stop| {
            let all = segments("0123456789", &marks, stop);
            all.iter()
                .map(|s| format!("{}:{}", s.class, s.text))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(told(None), ":01 m-content:23 m-host:45 m-content:67 :89");
        assert_eq!(
            told(Some(8)),
            ":01 m-content:23 m-host:45 m-content:67 m-stop:8 :9"
        );
        assert!(told(Some(10)).ends_with(":89 m-stop:⏎"));
    }
}
