//! The multi-line filters of a set: they search only while a line that concerns them is among
//! the last ones.

use super::dates::SharedDate;
use super::{FilterSet, LineOutcome};
use crate::engine::groups::TupleLine;
use crate::engine::session::Session;
use crate::pattern::Scratch;
use std::collections::VecDeque;

/// The last lines as the filters of one group see them.
#[derive(Default)]
struct LastLines {
    lines: VecDeque<TupleLine>,
    /// As many as the largest buffer of the group's filters has; 0 where it has no multi-line
    /// filter.
    most: usize,
    /// The text of the last date (`Filter.__lastTimeText`).
    date: String,
}

/// A multi-line filter.
struct Buffered {
    member: usize,
    group: usize,
    maxlines: usize,
    /// Lines for which it still has to search, the next one included: one of its texts stands
    /// in a line that may be in its buffer.
    searches: usize,
    /// Lines it has not seen.
    unseen: usize,
}

/// The multi-line filters of a set.
///
/// Exactness: a search of a buffer in which no line has a text of the filter's regexes finds
/// nothing (`required_texts`; a text that goes over the end of a line is cut there), and leaves the lines
/// in the buffer as they are (`LineBuffer::search`). So it can be left out, if the buffer is
/// given the lines before the next search. A buffer has `maxlines` lines at most, so a line stays
/// in it for as many lines at most, counted from where the buffer was last changed otherwise than
/// by a new line. A prefregex that matches changes it even where no failregex does: with one,
/// every line is searched (`RequiredTexts`).
#[derive(Default)]
pub(super) struct Buffers {
    filters: Vec<Buffered>,
    groups: Vec<LastLines>,
}

impl Buffers {
    pub(super) fn new(set: &FilterSet) -> Buffers {
        let mut buffers = Buffers::default();
        (buffers.groups).resize_with(set.groups.len(), LastLines::default);
        for (member, group) in set.group_of.iter().copied().enumerate() {
            let filter = set.members[member].filter;
            if filter.is_multi_line() {
                let maxlines = filter.options.maxlines;
                let most = &mut buffers.groups[group].most;
                *most = maxlines.max(*most);
                buffers.filters.push(Buffered {
                    member,
                    group,
                    maxlines,
                    searches: 0,
                    unseen: 0,
                });
            }
        }
        buffers
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The next line has a text of that filter.
    pub(super) fn is_near(&mut self, member: usize) {
        let filters = self.filters.iter_mut();
        for filter in filters.filter(|filter| filter.member == member) {
            filter.searches = filter.maxlines;
        }
    }

    /// Judges the next line; `judged` is told of filters that found something.
    pub(super) fn line<'d>(
        &mut self,
        text: &str,
        date_of: impl Fn(usize) -> &'d SharedDate,
        sessions: &mut [Session],
        scratch: &mut Scratch,
        mut judged: impl FnMut(usize, LineOutcome),
    ) {
        for (number, group) in self.groups.iter_mut().enumerate() {
            if group.most > 0 {
                group.push(text, date_of(number));
            }
        }
        for filter in &mut self.filters {
            if filter.searches == 0 {
                filter.unseen += 1;
                continue;
            }
            filter.searches -= 1;
            let group = &self.groups[filter.group];
            let session = &mut sessions[filter.member];
            let unseen = std::mem::take(&mut filter.unseen).min(filter.maxlines);
            let before = group.lines.len() - 1;
            let unseen = group.lines.range(before - unseen.min(before)..before);
            session.pass_over(unseen.cloned());
            let Some(line) = group.lines.back() else {
                continue;
            };
            let date = date_of(filter.group);
            let outcome = session.search_buffer(line.clone(), date.date, date.no_date, scratch);
            if !outcome.found.is_empty()
                || !outcome.ignored_by.is_empty()
                || !outcome.taken.is_empty()
                || !outcome.exhausted.is_empty()
            {
                // what is left in the buffer may stay as long as if it were new
                filter.searches = filter.maxlines;
                judged(filter.member, outcome);
            }
        }
    }
}

impl LastLines {
    fn push(&mut self, text: &str, date: &SharedDate) {
        let (start, end) = (date.cut.start as usize, date.cut.end as usize);
        if !date.no_date && start < end {
            self.date.clear();
            self.date.push_str(&text[start..end]);
        }
        let date = if date.stands_in {
            &self.date
        } else {
            &text[start..end]
        };
        self.lines.push_back(TupleLine {
            prefix: text[..start].to_owned(),
            date: date.to_owned(),
            suffix: text[end..].to_owned(),
        });
        if self.lines.len() > self.most.saturating_add(1) {
            self.lines.pop_front();
        }
    }
}
