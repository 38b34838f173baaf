//! What regexes that several filters have said of the texts of one line.

use super::filter_regex::FilterRegex;
use super::texts::Span;
use super::verdict_groups::Slots;
use crate::pattern::{Captures, Match};
use std::sync::Arc;

/// Where the groups of a match are, and whether they name a failure or a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeptMatch {
    /// Of which list, says [`Facts::projects`](super::facts::Facts::projects).
    pub(super) spans: (u32, u32),
    /// Of a projected match: which groups.
    pub(super) slots: Slots,
    pub(super) identifies: bool,
}

/// The searches of a line that may come again: filters of a set, such as one filter with several
/// option sets, often have some regexes in common.
///
/// Exactness: what a search finds is decided by the compiled regex and the text. A text is known
/// by its place, which is that of no other text of the line as long as nothing is taken off the
/// texts of a block; the memo is cleared before that. Which groups of a match are kept, in which
/// order, and which of them name somebody is decided by the names in the regex
/// (`FilterRegex::new`), so that the groups kept for one filter serve another. A search that was
/// given up is not noted.
#[derive(Debug, Default)]
pub(super) struct LineMemo {
    is_used: bool,
    failregexes: Vec<(Key, Option<KeptMatch>)>,
    prefregexes: Vec<(Key, Option<KnownPrefregex>)>,
    /// Room for captures.
    spares: Vec<Captures>,
}

/// A compiled regex, by its address, which holds while its filters live, and a text.
type Key = (usize, Span);

/// A match of a prefregex.
#[derive(Debug)]
struct KnownPrefregex {
    /// The group it leaves for the failregexes.
    content: Span,
    captures: Captures,
    /// That group with a newline, once put together.
    narrowed: Option<Span>,
}

fn key(regex: &FilterRegex, text: Span) -> Key {
    (Arc::as_ptr(&regex.regex) as usize, text)
}

fn known<T>(list: &[(Key, T)], key: Key) -> Option<usize> {
    list.iter().position(|(known, _)| *known == key)
}

impl LineMemo {
    /// Begins another line; from the first on, searches are noted.
    pub(super) fn next_line(&mut self) {
        self.is_used = true;
        self.failregexes.clear();
        let known = self.prefregexes.drain(..).filter_map(|(_, found)| found);
        self.spares.extend(known.map(|found| found.captures));
    }

    /// What a failregex is known to match in a text.
    #[inline]
    pub(super) fn failregex(&self, regex: &FilterRegex, text: Span) -> Option<Option<KeptMatch>> {
        if !self.is_used {
            return None;
        }
        let at = known(&self.failregexes, key(regex, text))?;
        Some(self.failregexes[at].1)
    }

    /// Notes what a failregex matches.
    #[inline]
    pub(super) fn note_failregex(
        &mut self,
        regex: &FilterRegex,
        text: Span,
        found: Option<KeptMatch>,
    ) {
        if self.is_used {
            self.failregexes.push((key(regex, text), found));
        }
    }

    /// What a prefregex is known to match in a text: the group it leaves for the failregexes, and
    /// its captures, put into `captures`.
    #[inline]
    pub(super) fn prefregex(
        &self,
        regex: &FilterRegex,
        text: Span,
        captures: &mut Captures,
    ) -> Option<Option<Span>> {
        if !self.is_used {
            return None;
        }
        let at = known(&self.prefregexes, key(regex, text))?;
        Some(self.prefregexes[at].1.as_ref().map(|found| {
            captures.set(&found.captures.get());
            found.content
        }))
    }

    /// Notes what a prefregex matches, and the group it leaves for the failregexes.
    #[inline]
    pub(super) fn note_prefregex(
        &mut self,
        regex: &FilterRegex,
        text: Span,
        found: Option<(&Match, Span)>,
    ) {
        if !self.is_used {
            return;
        }
        let found = found.map(|(found, content)| {
            let mut captures = self.spares.pop().unwrap_or_default();
            captures.set(found);
            KnownPrefregex {
                content,
                captures,
                narrowed: None,
            }
        });
        self.prefregexes.push((key(regex, text), found));
    }

    /// The content of a prefregex with a newline: `join` puts it together where that has not been
    /// done for another filter.
    #[inline]
    pub(super) fn narrowed(
        &mut self,
        regex: Option<&FilterRegex>,
        text: Span,
        join: impl FnOnce() -> Span,
    ) -> Span {
        let known = regex.filter(|_| self.is_used).and_then(|regex| {
            let at = known(&self.prefregexes, key(regex, text))?;
            self.prefregexes[at].1.as_mut()
        });
        match known {
            Some(found) => *found.narrowed.get_or_insert_with(join),
            None => join(),
        }
    }
}
