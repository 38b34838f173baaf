//! The multi-line filters of a set: their buffers see every line.

use super::FilterSet;
use super::block_dates::SharedDate;
use crate::engine::buffer_texts::RegexMask;
use crate::engine::session::{BufferLine, LineOutcome, Session};
use crate::pattern::Scratch;

/// The multi-line filters of a set.
#[derive(Default)]
pub(super) struct Buffers {
    filters: Vec<Buffered>,
}

/// A multi-line filter.
struct Buffered {
    member: usize,
    group: usize,
    /// The next line has a text of one of its regexes.
    is_concerned: bool,
    /// The text of the last date (`Filter.__lastTimeText`).
    last_date: String,
}

impl Buffers {
    pub(super) fn new(set: &FilterSet) -> Buffers {
        let members = set.group_of.iter().copied().enumerate();
        let multi_line = members.filter(|(member, _)| set.members[*member].filter.is_multi_line());
        let filters = multi_line.map(|(member, group)| Buffered {
            member,
            group,
            is_concerned: false,
            last_date: String::new(),
        });
        Buffers {
            filters: filters.collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The next line has a text of that filter.
    pub(super) fn concerns(&mut self, member: usize) {
        let filters = self.filters.iter_mut();
        for filter in filters.filter(|filter| filter.member == member) {
            filter.is_concerned = true;
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
        for filter in &mut self.filters {
            let date = date_of(filter.group);
            let (start, end) = (date.cut.start as usize, date.cut.end as usize);
            if !date.no_date && start < end {
                filter.last_date.clear();
                filter.last_date.push_str(&text[start..end]);
            }
            let (prefix, suffix) = (&text[..start], &text[end..]);
            let session = &mut sessions[filter.member];
            let texts = if std::mem::take(&mut filter.is_concerned) {
                session.filter().texts_of(&format!("{prefix}{suffix}"))
            } else {
                RegexMask::default()
            };
            let date_text = if date.stands_in {
                &filter.last_date
            } else {
                &text[start..end]
            };
            let line = BufferLine {
                parts: [prefix, date_text, suffix],
                texts,
                date: date.date,
                no_date: date.no_date,
            };
            let mut outcome = LineOutcome::default();
            session.search_buffer(line, scratch, &mut (), &mut outcome);
            if !outcome.is_nothing() {
                judged(filter.member, outcome);
            }
        }
    }
}
