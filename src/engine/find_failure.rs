//! The order of searches in a line: upstream's `Filter.findFailure`.
//!
//! Ignoreregexes first, where the filter says so; then prefregex, which may leave a part of
//! the text to the rest; then failregex by failregex, and the ignoreregexes again behind the
//! first that matches. What is searched, and what is kept of a match, is the [`Subject`]'s: a
//! single line (`facts`) or the buffer of a multi-line filter (`multiline`). Who wants to see
//! each search is a [`SearchObserver`]: `explain` and `bench`, and `()` in all other runs.

use super::filter::Filter;
use super::filter_regex::{FilterRegex, RegexRole};
use crate::pattern::Scratch;

/// What came of one search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It matched.
    Matched,
    /// It did not.
    Missed,
    /// It cannot match, which was seen without a search.
    RuledOut,
    /// It gave no answer within its budget of steps.
    Exhausted,
}

/// Sees every search, in order.
pub(crate) trait SearchObserver {
    /// Whether regexes are searched for that a prefilter could rule out. The verdict is the
    /// same.
    const SEARCHES_ALL: bool = false;

    /// The prefilter has been asked which regexes may match; `possible` says whether one may.
    fn prefiltered(&mut self, possible: impl FnOnce() -> bool) {
        let _ = possible;
    }

    /// A regex has been tried on a text, which costs nothing where nobody looks at it.
    fn searched<'t>(&mut self, role: RegexRole, text: impl FnOnce() -> &'t str, said: Said) {
        let _ = (role, text, said);
    }
}

impl SearchObserver for () {}

/// A match of a failregex, or why there is none.
pub(super) enum Searched<M> {
    Matched(M),
    Missed,
    RuledOut,
    Exhausted,
}

impl<M> Searched<M> {
    fn said(&self) -> Said {
        match self {
            Searched::Matched(_) => Said::Matched,
            Searched::Missed => Said::Missed,
            Searched::RuledOut => Said::RuledOut,
            Searched::Exhausted => Said::Exhausted,
        }
    }
}

/// What a prefilter says before prefregex is searched for.
pub(super) enum BeforePrefregex {
    /// It may match, and failregexes behind it.
    MayMatch,
    /// It matches, but no failregex can match anything it leaves.
    NoFailregexCan,
    /// It cannot match.
    PrefregexCannot,
}

/// What a match of a failregex means for those behind it.
pub(super) enum Next {
    /// They are tried too.
    TryOthers,
    /// They are tried on what is left of the text, which is another text now.
    TryOnTheRest,
    /// They are not tried.
    Stop,
}

/// The text that is searched, and what is kept of its matches.
pub(super) trait Subject {
    /// A match of a failregex.
    type Match;
    /// Failregexes, by their index.
    type Candidates: Iterator<Item = usize> + Clone;

    /// The text as it is searched now, with its "\n".
    fn text(&self) -> &str;

    /// Tries the ignoreregexes, on account of a match or before all else; whether one matches
    /// (`Filter._ignoreLine`).
    fn ignored<O: SearchObserver>(
        &mut self,
        matched: Option<&Self::Match>,
        observer: &mut O,
    ) -> bool;

    /// What is known of prefregex and failregexes without a search.
    fn before_prefregex(&mut self, regex: &FilterRegex) -> BeforePrefregex;

    /// Notes that prefregex matches, or does not, where it was not searched for.
    fn skip_prefregex(&mut self, matches: bool);

    /// Searches with prefregex.
    fn search_prefregex(&mut self, regex: &FilterRegex) -> Said;

    /// Leaves the failregexes what prefregex captured as content, if it did.
    fn narrow(&mut self);

    /// The failregexes that may match, in order.
    fn candidates(&mut self) -> Self::Candidates;

    /// Searches with a failregex.
    fn search(&mut self, index: usize) -> Searched<Self::Match>;

    /// An ignoreregex took the match back.
    fn take_back(&mut self);

    /// The match stands.
    fn keep(&mut self, index: usize, found: Self::Match) -> Next;
}

/// Runs the filter's regexes over a text.
#[inline]
pub(super) fn find_failure<S: Subject, O: SearchObserver>(
    filter: &Filter,
    subject: &mut S,
    observer: &mut O,
) {
    if filter.ignores_first() && subject.ignored(None, observer) {
        return;
    }
    if let Some(regex) = &filter.prefregex
        && !passes_prefregex(regex, subject, observer)
    {
        return;
    }
    let all = filter.failregexes.len();
    let mut rest = if O::SEARCHES_ALL {
        try_failregexes(filter, subject, 0..all, observer)
    } else {
        let candidates = subject.candidates();
        observer.prefiltered(|| candidates.clone().next().is_some());
        try_failregexes(filter, subject, candidates, observer)
    };
    while let Some(next) = rest {
        rest = try_failregexes(filter, subject, next..all, observer);
    }
}

#[inline]
fn passes_prefregex<S: Subject, O: SearchObserver>(
    regex: &FilterRegex,
    subject: &mut S,
    observer: &mut O,
) -> bool {
    if !O::SEARCHES_ALL {
        let matches = match subject.before_prefregex(regex) {
            BeforePrefregex::MayMatch => None,
            BeforePrefregex::NoFailregexCan => Some(true),
            BeforePrefregex::PrefregexCannot => Some(false),
        };
        if let Some(matches) = matches {
            subject.skip_prefregex(matches);
            observer.prefiltered(|| false);
            return false;
        }
    }
    let said = subject.search_prefregex(regex);
    observer.searched(RegexRole::Prefregex, || subject.text(), said);
    if said != Said::Matched {
        return false;
    }
    subject.narrow();
    true
}

/// Tries failregexes until the search ends, or until a match leaves another text to those
/// behind it: then the first of them.
#[inline]
fn try_failregexes<S: Subject>(
    filter: &Filter,
    subject: &mut S,
    indexes: impl Iterator<Item = usize>,
    observer: &mut impl SearchObserver,
) -> Option<usize> {
    for index in indexes {
        let searched = subject.search(index);
        observer.searched(
            RegexRole::Failregex(index),
            || subject.text(),
            searched.said(),
        );
        let Searched::Matched(found) = searched else {
            continue;
        };
        if !filter.ignoreregexes.is_empty() && subject.ignored(Some(&found), observer) {
            if !filter.options.check_all {
                return None;
            }
            subject.take_back();
            continue;
        }
        match subject.keep(index, found) {
            Next::TryOthers => {}
            Next::TryOnTheRest => return Some(index + 1),
            Next::Stop => return None,
        }
    }
    None
}

/// Tries the ignoreregexes on a text: all of them, or up to the first that matches. `found` hears
/// of those that matched or gave no answer (`Filter._ignoreLine`).
pub(super) fn search_ignoreregexes(
    filter: &Filter,
    text: &str,
    scratch: &mut Scratch,
    observer: &mut impl SearchObserver,
    mut found: impl FnMut(usize, Said),
) {
    for (index, regex) in filter.ignoreregexes.iter().enumerate() {
        let said = match regex.regex.is_match(text, scratch) {
            Ok(true) => Said::Matched,
            Ok(false) => Said::Missed,
            Err(_) => Said::Exhausted,
        };
        observer.searched(RegexRole::Ignoreregex(index), || text, said);
        if said != Said::Missed {
            found(index, said);
        }
        if said == Said::Matched && !filter.options.check_all {
            break;
        }
    }
}
