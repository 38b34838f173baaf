//! Lines that are only counted, gone over by a loop of their own: most lines of most logs.

use super::block::{MissedRun, parts_of};
use crate::date::{SameMinute, SameMinuteDate, SameMinuteLook};
use crate::engine::line_fact::PrefregexFact;
use crate::engine::settled_lines::SettledLines;
use crate::engine::texts::Span;
use crate::input::LineCursor;
use crate::input::block::tested_line;

/// Lines one behind the other that are settled, and have the date of a line before them but for the
/// seconds.
///
/// Exactness: each is what a worker makes of such a line in a pending run ([`SettledLines`],
/// [`SameMinute`]); here that is added up for all of them. `tests/internal/quiet_logs.rs`.
#[derive(Debug, PartialEq)]
pub(super) struct PassedLines {
    pub(super) lines: u32,
    /// Lines of the block before the first.
    offset: u32,
    /// Where the first of them begins.
    start: u32,
    /// The last of them.
    pub(super) last: Span,
    /// The last one's date.
    pub(super) date: SameMinuteDate,
}

impl PassedLines {
    /// Goes over such lines, of a block with this text, from the cursor's line on; None if that is
    /// none.
    #[inline(never)]
    pub(super) fn pass(
        text: &[u8],
        cursor: &mut LineCursor,
        settled: &SettledLines,
        dates: &SameMinute,
    ) -> Option<PassedLines> {
        // a copy of its own is kept in registers
        let mut lines = cursor.clone();
        let mut last = None;
        while let Some(line) = look(text, &lines, settled, dates) {
            last = Some(line);
            lines.advance(text);
        }
        let begin = std::mem::replace(cursor, lines);
        let (last, look) = last?;
        Some(PassedLines {
            lines: cursor.number() - begin.number(),
            offset: begin.number(),
            start: begin.place(text)?.start as u32,
            last,
            date: dates.date(look),
        })
    }

    /// What is counted of them, by what prefregex says of each.
    pub(super) fn missed(self, said: PrefregexFact) -> MissedRun {
        let date = Span::new(self.date.date.start, self.date.date.end);
        let last = MissedRun::of_line(
            (self.last, date.shifted(self.last.start), self.offset),
            self.date.time,
            said,
        );
        MissedRun {
            place: Span {
                start: self.start,
                end: self.last.end,
            },
            lines: self.lines,
            matched: last.matched * self.lines,
            ..last
        }
    }
}

/// The place of the cursor's line, and what its first bytes tell of its date, if it is passed over.
#[inline(always)] // once for every line: a call costs as much as what it does
fn look(
    text: &[u8],
    cursor: &LineCursor,
    settled: &SettledLines,
    dates: &SameMinute,
) -> Option<(Span, SameMinuteLook)> {
    let place = cursor.place(text)?;
    let line = tested_line(&text[place.clone()])?;
    let look = dates.look(line)?;
    let place = Span::new(place.start, place.start + line.len());
    let cut = dates.cut(look);
    let [before, _, behind] = parts_of(place, Span::new(cut.start, cut.end));
    let is_passed = settled.has(text, [before, behind]);
    is_passed.then_some((place, look))
}
