//! The search of the buffer of filters with `maxlines` above 1: a match may span several lines.
//!
//! Upstream's `Regex.search` over a list of lines, its matched, skipped and unmatched lines,
//! and the way `Filter.findFailure` moves them about.

use super::buffer_texts::RegexMask;
use super::filter::Filter;
use super::filter_regex::{FilterRegex, RegexRole};
use super::find_failure::{
    BeforePrefregex, Next, Said, SearchObserver, Searched, Subject, find_failure,
    search_ignoreregexes,
};
use super::groups::{Groups, Key, TupleLine};
use super::line_buffer::{BufferedLine, Left, LineBuffer};
use crate::pattern::Scratch;
use crate::python;
use crate::work::{self, Work};
use std::sync::Arc;

/// What prefregex said of the buffer.
#[derive(Debug, Default)]
pub(crate) enum Prefregex {
    /// Not tried: the filter has none, or an ignoreregex came first.
    #[default]
    NotTried,
    /// Tried, no match.
    Missed,
    /// Matched, with these groups, `content` among them.
    Matched(Box<Groups>),
}

/// A failregex that matched and names who failed.
#[derive(Debug)]
pub(crate) struct BufferHit {
    /// Index of the failregex, from 0.
    pub(super) regex: usize,
    /// Its groups and the prefregex's.
    pub(super) fail: Groups,
    /// The lines it matched, if failures keep theirs.
    pub(super) lines: Vec<Arc<TupleLine>>,
}

/// What the regexes say of a buffer.
#[derive(Debug, Default)]
pub(crate) struct BufferFacts {
    /// What prefregex said.
    pub(super) prefregex: Prefregex,
    /// The failregexes that matched, in their order.
    pub(super) hits: Vec<BufferHit>,
    /// Ignoreregexes that matched, once per failregex they took back.
    pub(super) ignored_by: Vec<usize>,
    /// Regexes that gave no answer.
    pub(super) exhausted: Vec<RegexRole>,
    /// The earlier lines that are no longer in the buffer, without the one that fell out
    /// because the buffer was full (`Fail2banRegex.testRegex`).
    pub(super) taken: Vec<Arc<TupleLine>>,
    /// What stays in the buffer.
    pub(super) left: Left,
}

impl BufferFacts {
    /// What is said of a buffer in which no regex can match.
    pub(super) fn nothing(filter: &Filter) -> BufferFacts {
        let prefregex = if filter.prefregex.is_some() {
            Prefregex::Missed
        } else {
            Prefregex::NotTried
        };
        BufferFacts {
            prefregex,
            ..BufferFacts::default()
        }
    }

    /// Nothing was found, and the buffer is as it was but for the new line: what
    /// [`BufferFacts::nothing`] says.
    pub(super) fn is_nothing(&self) -> bool {
        self.hits.is_empty()
            && self.ignored_by.is_empty()
            && self.exhausted.is_empty()
            && matches!(self.left, Left::All)
            && !matches!(self.prefregex, Prefregex::Matched(_))
    }
}

/// Where a regex matched in a buffer: upstream's `_matchedTupleLines` and the rest.
struct BufferMatch {
    groups: Groups,
    matched: Vec<BufferedLine>,
    unmatched: Vec<BufferedLine>,
}

impl LineBuffer {
    /// Adds a line, given as what stands before its date, the date, and what stands behind, and
    /// searches the buffer with all regexes of `filter`. `texts`: those that may match because
    /// of the line ([`Filter::texts_of`]).
    ///
    /// Exactness: a regex is searched for only where the masks of the lines together have it, for
    /// each match contains a text that stands in one of the lines (`TextMasks`). Where no regex is
    /// left to be searched for, nothing is found, and the lines stay in the buffer as they are.
    pub(crate) fn search<O: SearchObserver>(
        &mut self,
        filter: &Filter,
        parts: [&str; 3],
        texts: RegexMask,
        scratch: &mut Scratch,
        observer: &mut O,
    ) -> BufferFacts {
        work::count(Work::BufferSearch, 1);
        self.push(filter.options.maxlines, parts, texts);
        let texts = RegexMask::union(self.lines.iter().map(|line| line.texts));
        if !O::SEARCHES_ALL && !may_match_any(filter, texts) {
            observer.prefiltered(|| false);
            return BufferFacts::nothing(filter);
        }
        let mut text = std::mem::take(&mut self.text);
        set_text(&mut text, &self.lines);
        let mut search = BufferSearch {
            filter,
            text,
            texts,
            lines: &mut self.lines,
            original: None,
            scratch,
            prefregex_groups: Groups::default(),
            searches_all: O::SEARCHES_ALL,
            is_old: false,
            facts: BufferFacts::default(),
        };
        find_failure(filter, &mut search, observer);
        let BufferSearch {
            mut facts,
            text,
            original,
            ..
        } = search;
        self.text = text;
        if let Some(original) = original {
            facts.left = self.left_of(&original);
            facts.taken = self.taken_from(&original, &facts.left);
        }
        facts
    }
}

/// The search of a buffer.
struct BufferSearch<'a> {
    filter: &'a Filter,
    /// What is searched now.
    text: String,
    /// The regexes that may match because of the lines.
    texts: RegexMask,
    /// What stays in the buffer.
    lines: &'a mut Vec<BufferedLine>,
    /// The lines the search began with, once others stay.
    original: Option<Vec<BufferedLine>>,
    scratch: &'a mut Scratch,
    /// Prefregex's groups but `content`.
    prefregex_groups: Groups,
    /// Masks are not asked.
    searches_all: bool,
    /// The text is still that of lines of before.
    is_old: bool,
    facts: BufferFacts,
}

impl BufferSearch<'_> {
    /// Leaves other lines in the buffer.
    fn leave(&mut self, lines: Vec<BufferedLine>) {
        let before = std::mem::replace(self.lines, lines);
        self.original.get_or_insert(before);
    }

    fn search_text(&mut self, role: RegexRole, regex: &FilterRegex) -> Searched<BufferMatch> {
        let Some(start) = self.first_start(role, regex) else {
            return Searched::RuledOut;
        };
        let original = self.original.as_deref().unwrap_or(self.lines);
        search(regex, (&self.text, start), original, self.scratch)
    }

    /// The first place at which a match may begin, in the text that is searched now; None where
    /// there is none.
    ///
    /// Exactness: the text is that of `lines`, and each match contains a text because of which the
    /// mask of a line in it has the regex. If matches lie in one line but for white space, there
    /// is nothing else between the begin of one and that line. (Without lines the text is "\n".)
    fn first_start(&mut self, role: RegexRole, regex: &FilterRegex) -> Option<usize> {
        let first = if self.searches_all {
            Some(0)
        } else if self.lines.is_empty() {
            self.texts.may_match(role).then_some(0)
        } else {
            let mut lines = self.lines.iter();
            lines.position(|line| line.texts.may_match(role))
        }?;
        if std::mem::take(&mut self.is_old) {
            set_text(&mut self.text, self.lines);
        }
        if self.searches_all || !regex.matches_one_line {
            return Some(0);
        }
        let before = self.lines.get(..first).unwrap_or_default().iter();
        let start = before.map(|line| line.tuple.without_date_len() + 1).sum();
        Some(self.text[..start].trim_end_matches(python::is_space).len())
    }
}

/// The failregexes of a mask, ascending.
#[derive(Clone)]
struct MaskedRegexes {
    mask: RegexMask,
    indexes: std::ops::Range<usize>,
}

impl Iterator for MaskedRegexes {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let mask = self.mask;
        self.indexes
            .find(|index| mask.may_match(RegexRole::Failregex(*index)))
    }
}

impl Subject for BufferSearch<'_> {
    type Match = BufferMatch;
    type Candidates = MaskedRegexes;

    fn text(&self) -> &str {
        &self.text
    }

    /// Tried on the lines a failregex matched, or on the whole buffer.
    fn ignored<O: SearchObserver>(
        &mut self,
        matched: Option<&BufferMatch>,
        observer: &mut O,
    ) -> bool {
        let texts = match matched {
            Some(BufferMatch { matched, .. }) if !matched.is_empty() => {
                RegexMask::union(matched.iter().map(|line| line.texts))
            }
            _ => self.texts,
        };
        if !O::SEARCHES_ALL && !texts.may_match(RegexRole::Ignoreregex(0)) {
            return false;
        }
        let matched_text = matched.map(|found| {
            let mut text = String::new();
            set_text(&mut text, &found.matched);
            text
        });
        let text = matched_text.as_deref().unwrap_or(&self.text);
        let facts = &mut self.facts;
        let mut any = false;
        search_ignoreregexes(self.filter, text, self.scratch, observer, |index, said| {
            if said == Said::Matched {
                any = true;
                facts.ignored_by.push(index);
            } else {
                facts.exhausted.push(RegexRole::Ignoreregex(index));
            }
        });
        if any && let Some(found) = matched {
            self.leave(found.unmatched.clone());
        }
        any
    }

    fn before_prefregex(&mut self, _: &FilterRegex) -> BeforePrefregex {
        if self.texts.may_match(RegexRole::Prefregex) {
            BeforePrefregex::MayMatch
        } else {
            BeforePrefregex::PrefregexCannot
        }
    }

    fn skip_prefregex(&mut self, _: bool) {
        self.facts.prefregex = Prefregex::Missed;
    }

    fn search_prefregex(&mut self, regex: &FilterRegex) -> Said {
        let (said, prefregex) = match self.search_text(RegexRole::Prefregex, regex) {
            Searched::Matched(found) => (Said::Matched, Prefregex::Matched(Box::new(found.groups))),
            Searched::Exhausted => {
                self.facts.exhausted.push(RegexRole::Prefregex);
                (Said::Exhausted, Prefregex::Missed)
            }
            Searched::Missed | Searched::RuledOut => (Said::Missed, Prefregex::Missed),
        };
        self.facts.prefregex = prefregex;
        said
    }

    /// The content takes the buffer's place, also for the lines to come.
    fn narrow(&mut self) {
        let Prefregex::Matched(groups) = &self.facts.prefregex else {
            return;
        };
        self.prefregex_groups = Groups::clone(groups);
        let content = self.prefregex_groups.take(Key::CONTENT);
        if let Some(content) = content.filter(|content| content.is_true()) {
            let tuple = TupleLine::new(["", "", &content.to_text()]);
            self.leave(vec![BufferedLine {
                tuple: Arc::new(tuple),
                texts: self.texts,
            }]);
            set_text(&mut self.text, self.lines);
        }
    }

    fn candidates(&mut self) -> MaskedRegexes {
        MaskedRegexes {
            mask: self.texts,
            indexes: 0..self.filter.failregexes.len(),
        }
    }

    fn search(&mut self, index: usize) -> Searched<BufferMatch> {
        let regex = &self.filter.failregexes[index];
        let searched = self.search_text(RegexRole::Failregex(index), regex);
        if let Searched::Exhausted = searched {
            self.facts.exhausted.push(RegexRole::Failregex(index));
        }
        searched
    }

    fn take_back(&mut self) {
        self.is_old = true;
    }

    fn keep(&mut self, index: usize, found: BufferMatch) -> Next {
        self.leave(found.unmatched);
        self.is_old = true;
        let fail = found.groups.over(&self.prefregex_groups);
        // a match that names nobody is an error upstream logs and drops (getFailID)
        if !fail.identify() {
            return Next::TryOthers;
        }
        let lines = if self.filter.options.keep_matches {
            found.matched
        } else {
            Vec::new()
        };
        let lines = lines.into_iter().map(|line| line.tuple);
        // mostly the only one
        self.facts.hits.reserve_exact(1);
        self.facts.hits.push(BufferHit {
            regex: index,
            fail,
            lines: lines.collect(),
        });
        if self.filter.options.check_all {
            Next::TryOthers
        } else {
            Next::Stop
        }
    }
}

/// Whether a search of a buffer may find anything, if only these regexes may match.
fn may_match_any(filter: &Filter, texts: RegexMask) -> bool {
    if filter.ignores_first() && texts.may_match(RegexRole::Ignoreregex(0)) {
        return true;
    }
    match &filter.prefregex {
        Some(_) => texts.may_match(RegexRole::Prefregex),
        None => texts.may_match_failregex(),
    }
}

/// Makes `text` that of a buffer: its lines without their dates, each with "\n"; one "\n" where
/// there is none.
fn set_text(text: &mut String, lines: &[BufferedLine]) {
    text.clear();
    for line in lines {
        let [before, _, behind] = line.tuple.parts();
        if !before.is_empty() {
            text.push_str(before);
        }
        text.push_str(behind);
        text.push('\n');
    }
    if lines.is_empty() {
        text.push('\n');
    }
}

/// Searches a text from a place on and sorts the original lines into matched and unmatched ones
/// (`Regex.search`). `text` need not be the text of `lines`: after a first match
/// upstream searches what is left, but still counts lines in the original buffer.
fn search(
    regex: &FilterRegex,
    (text, start): (&str, usize),
    lines: &[BufferedLine],
    scratch: &mut Scratch,
) -> Searched<BufferMatch> {
    let found = match regex.regex.search_at(text, start, scratch) {
        Ok(Some(found)) => found,
        Ok(None) => return Searched::Missed,
        Err(_) => return Searched::Exhausted,
    };
    let groups = regex.groups(text, &found);
    let (start, end) = (found.start(), found.end());
    if lines.len() <= 1 {
        return Searched::Matched(BufferMatch {
            groups,
            matched: lines.to_vec(),
            unmatched: Vec::new(),
        });
    }
    let bytes = text.as_bytes();
    let first = (start + 1).min(bytes.len());
    let line_start = memchr::memrchr(b'\n', &bytes[..first]).map_or(0, |at| at + 1);
    // an empty match at 0 searches from -1, which is the last character in Python
    let from = end.checked_sub(1).unwrap_or(bytes.len() - 1);
    let line_end = memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1);
    let count = |bytes| memchr::memchr_iter(b'\n', bytes).count();
    let first_line = count(&bytes[..line_start]);
    let end_line = match bytes.get(line_start..line_end) {
        Some(matched) => first_line + count(matched),
        // an empty match behind a newline
        None => count(&bytes[..line_end]),
    };
    let (first_line, end_line) = (first_line.min(lines.len()), end_line.min(lines.len()));
    let mut matched = lines[first_line.min(end_line)..end_line].to_vec();
    let mut unmatched = Vec::with_capacity(lines.len());
    unmatched.extend_from_slice(&lines[..first_line]);
    let mut skipped_text = String::new();
    for group in &regex.skipped_lines {
        if let Some((a, b)) = found.span(*group) {
            skipped_text.push_str(&text[a..b]);
        }
    }
    let mut from = 0;
    for skipped in python::splitlines(&skipped_text) {
        let rest = matched.get(from..).unwrap_or_default();
        if let Some(at) = rest.iter().position(|l| l.tuple.without_date() == skipped) {
            unmatched.push(matched.remove(from + at));
            from += at;
        }
    }
    unmatched.extend_from_slice(&lines[end_line..]);
    Searched::Matched(BufferMatch {
        groups,
        matched,
        unmatched,
    })
}
