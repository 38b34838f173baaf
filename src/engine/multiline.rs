//! The buffer of filters with `maxlines` above 1: a match may span several lines.
//!
//! Upstream's `Regex.search` over a list of lines, its matched, skipped and unmatched lines,
//! and the way `Filter.findFailure` moves them about. Runs in line order, on one thread.

use super::filter::Filter;
use super::filter_regex::{FilterRegex, RegexRole};
use super::find_failure::{
    BeforePrefregex, Next, Said, SearchObserver, Searched, Subject, find_failure,
    search_ignoreregexes,
};
use super::groups::{Groups, Key, TupleLine};
use crate::pattern::Scratch;
use crate::python;
use std::ops::Range;

/// What prefregex said of the buffer.
#[derive(Debug, Default)]
#[allow(clippy::large_enum_variant)] // one at a time, short-lived
pub(crate) enum Prefregex {
    /// Not tried: the filter has none, or an ignoreregex came first.
    #[default]
    NotTried,
    /// Tried, no match.
    Missed,
    /// Matched, with these groups, `content` among them.
    Matched(Groups),
}

/// A failregex that matched and names who failed.
#[derive(Debug)]
pub(crate) struct BufferHit {
    /// Index of the failregex, from 0.
    pub(super) regex: usize,
    /// Its groups and the prefregex's.
    pub(super) fail: Groups,
    /// The lines it matched.
    pub(super) lines: Vec<TupleLine>,
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
    pub(super) taken: Vec<TupleLine>,
}

/// The last lines, oldest first.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    lines: Vec<TupleLine>,
}

/// Where a regex matched in a buffer: upstream's `_matchedTupleLines` and the rest.
struct BufferMatch {
    groups: Groups,
    matched: Vec<TupleLine>,
    unmatched: Vec<TupleLine>,
}

impl LineBuffer {
    /// The lines waiting, oldest first.
    pub(crate) fn lines(&self) -> &[TupleLine] {
        &self.lines
    }

    /// Adds lines that are not searched for; the buffer has room for `size`.
    pub(super) fn pass_over(&mut self, size: usize, lines: impl Iterator<Item = TupleLine>) {
        self.lines.extend(lines);
        let surplus = self.lines.len().saturating_sub(size);
        self.lines.drain(..surplus);
    }

    /// Adds `line` and searches the buffer with all regexes of `filter`.
    pub(crate) fn search(
        &mut self,
        filter: &Filter,
        line: TupleLine,
        scratch: &mut Scratch,
        observer: &mut impl SearchObserver,
    ) -> BufferFacts {
        let mut taken = self.lines.clone();
        let size = filter.options.maxlines;
        if taken.len() >= size {
            taken.remove(0);
        }
        self.lines.push(line);
        let surplus = self.lines.len().saturating_sub(size);
        self.lines.drain(..surplus);
        let original = self.lines.clone();
        let mut search = BufferSearch {
            filter,
            text: buffer_text(&original),
            original,
            lines: &mut self.lines,
            scratch,
            prefregex_groups: Groups::default(),
            facts: BufferFacts::default(),
        };
        find_failure(filter, &mut search, observer);
        let mut facts = search.facts;
        taken.retain(|line| !self.lines.contains(line));
        facts.taken = taken;
        facts
    }
}

/// The search of a buffer.
struct BufferSearch<'a> {
    filter: &'a Filter,
    /// What is searched now, and the lines it was made of at first.
    text: String,
    original: Vec<TupleLine>,
    /// What stays in the buffer.
    lines: &'a mut Vec<TupleLine>,
    scratch: &'a mut Scratch,
    /// Prefregex's groups but `content`.
    prefregex_groups: Groups,
    facts: BufferFacts,
}

impl Subject for BufferSearch<'_> {
    type Match = BufferMatch;
    type Candidates = Range<usize>;

    fn text(&self) -> &str {
        &self.text
    }

    /// Tried on the lines a failregex matched, or on the whole buffer.
    fn ignored(
        &mut self,
        matched: Option<&BufferMatch>,
        observer: &mut impl SearchObserver,
    ) -> bool {
        let matched_text = matched.map(|found| buffer_text(&found.matched));
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
            self.lines.clone_from(&found.unmatched);
        }
        any
    }

    fn before_prefregex(&mut self, _: &FilterRegex) -> BeforePrefregex {
        BeforePrefregex::MayMatch
    }

    fn skip_prefregex(&mut self, _: bool) {}

    fn search_prefregex(&mut self, regex: &FilterRegex) -> Said {
        let (said, prefregex) = match search(regex, &self.text, &self.original, self.scratch) {
            Searched::Matched(found) => (Said::Matched, Prefregex::Matched(found.groups)),
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
        self.prefregex_groups = groups.clone();
        let content = self.prefregex_groups.take(Key::CONTENT);
        if let Some(content) = content.filter(|content| content.is_true()) {
            *self.lines = vec![TupleLine {
                suffix: content.to_text().to_string(),
                ..TupleLine::default()
            }];
            self.text = buffer_text(self.lines);
        }
    }

    fn candidates(&mut self) -> Range<usize> {
        0..self.filter.failregexes.len()
    }

    fn search(&mut self, index: usize) -> Searched<BufferMatch> {
        let regex = &self.filter.failregexes[index];
        let searched = search(regex, &self.text, &self.original, self.scratch);
        if let Searched::Exhausted = searched {
            self.facts.exhausted.push(RegexRole::Failregex(index));
        }
        searched
    }

    fn take_back(&mut self) {
        self.text = buffer_text(self.lines);
    }

    fn keep(&mut self, index: usize, found: BufferMatch) -> Next {
        *self.lines = found.unmatched;
        self.text = buffer_text(self.lines);
        let fail = found.groups.over(&self.prefregex_groups);
        // a match that names nobody is an error upstream logs and drops (getFailID)
        if !fail.identify() {
            return Next::TryOthers;
        }
        self.facts.hits.push(BufferHit {
            regex: index,
            fail,
            lines: found.matched,
        });
        if self.filter.options.check_all {
            Next::TryOthers
        } else {
            Next::Stop
        }
    }
}

/// The text of a buffer: its lines without their dates, each with "\n".
fn buffer_text(lines: &[TupleLine]) -> String {
    let texts: Vec<String> = lines.iter().map(TupleLine::without_date).collect();
    texts.join("\n") + "\n"
}

/// Searches `text` and sorts the original lines into matched and unmatched ones
/// (`Regex.search`). `text` need not be the text of `lines`: after a first match
/// upstream searches what is left, but still counts lines in the original buffer.
fn search(
    regex: &FilterRegex,
    text: &str,
    lines: &[TupleLine],
    scratch: &mut Scratch,
) -> Searched<BufferMatch> {
    let found = match regex.regex.search(text, scratch) {
        Ok(Some(found)) => found,
        Ok(None) => return Searched::Missed,
        Err(_) => return Searched::Exhausted,
    };
    let groups = regex.groups(text, &found);
    let (start, end) = (found.start(), found.end());
    let mut result = BufferMatch {
        groups,
        matched: lines.to_vec(),
        unmatched: Vec::new(),
    };
    if lines.len() <= 1 {
        return Searched::Matched(result);
    }
    let bytes = text.as_bytes();
    let first = (start + 1).min(bytes.len());
    let line_start = memchr::memrchr(b'\n', &bytes[..first]).map_or(0, |at| at + 1);
    // an empty match at 0 searches from -1, which is the last character in Python
    let from = end.checked_sub(1).unwrap_or(bytes.len() - 1);
    let line_end = memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1);
    let count = |to: usize| {
        memchr::memchr_iter(b'\n', &bytes[..to])
            .count()
            .min(lines.len())
    };
    let (first_line, end_line) = (count(line_start), count(line_end));
    result.matched = lines[first_line.min(end_line)..end_line].to_vec();
    result.unmatched = lines[..first_line].to_vec();
    let mut skipped_text = String::new();
    for number in 0.. {
        let Some(group) = regex.regex.group_index(&format!("skiplines{number}")) else {
            break;
        };
        if let Some((a, b)) = found.span(group) {
            skipped_text.push_str(&text[a..b]);
        }
    }
    let mut from = 0;
    for skipped in python::splitlines(&skipped_text) {
        let rest = result.matched.get(from..).unwrap_or_default();
        if let Some(at) = rest.iter().position(|l| l.without_date() == skipped) {
            result.unmatched.push(result.matched.remove(from + at));
            from += at;
        }
    }
    result.unmatched.extend_from_slice(&lines[end_line..]);
    Searched::Matched(result)
}
