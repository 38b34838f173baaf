//! The facts of many lines, packed: what the workers compute and the fold consumes.
//!
//! Everything here depends on single lines alone. Captured text is kept as spans into the
//! block it was found in, so that a line costs no allocation; dictionaries are built from
//! them only where a session needs one.

use super::filter::{Filter, FilterRegex};
use super::groups::Groups;
use super::line::RegexRole;
use super::prefilter::AdaptivePrefilter;
use super::verdict_groups::VerdictGroups;
use crate::pattern::{Captures, Match, Scratch};
use std::ops::Range;

/// A place in [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// First byte.
    pub(crate) start: u32,
    /// Byte after the last.
    pub(crate) end: u32,
}

impl Span {
    /// A group that took no part.
    pub(crate) const NONE: Span = Span {
        start: u32::MAX,
        end: u32::MAX,
    };

    /// A span of `usize` ends; they fit, a block is far below 4 GiB.
    pub(crate) fn new(start: usize, end: usize) -> Span {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    fn shifted(self, by: u32) -> Span {
        Span {
            start: self.start + by,
            end: self.end + by,
        }
    }
}

/// The text of a block, and what had to be put together beside it: a line whose date was
/// cut out of its middle is no piece of the block. Places in the second part are counted on
/// from the end of the first.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    block: String,
    aside: String,
}

impl Texts {
    /// The texts of a block.
    pub(crate) fn new(block: String) -> Texts {
        Texts {
            block,
            aside: String::new(),
        }
    }

    /// The texts of another block, in the same room.
    pub(super) fn renew(&mut self, block: String) {
        self.block = block;
        self.aside.clear();
    }

    /// Takes the block away.
    pub(super) fn take_block(&mut self) -> String {
        std::mem::take(&mut self.block)
    }

    /// The text of a span.
    pub(crate) fn get(&self, span: Span) -> &str {
        let (start, end) = (span.start as usize, span.end as usize);
        match start.checked_sub(self.block.len()) {
            Some(start) if end > self.block.len() => &self.aside[start..end - self.block.len()],
            _ => &self.block[start..end],
        }
    }

    /// The block itself.
    pub(crate) fn block(&self) -> &str {
        &self.block
    }

    /// Puts texts together aside; returns where.
    pub(crate) fn join(&mut self, parts: &[&str]) -> Span {
        let start = self.block.len() + self.aside.len();
        for part in parts {
            self.aside.push_str(part);
        }
        Span::new(start, self.block.len() + self.aside.len())
    }

    /// Puts a copy of a span and a newline aside, unless the newline already follows it.
    fn with_newline(&mut self, span: Span) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        let from = self.block.len();
        if end < from && self.block.as_bytes()[end] == b'\n' {
            return Span::new(start, end + 1);
        }
        if start >= from && self.aside.as_bytes().get(end - from) == Some(&b'\n') {
            return Span::new(start, end + 1);
        }
        if end <= from {
            let at = self.block.len() + self.aside.len();
            self.aside.push_str(&self.block[start..end]);
            self.aside.push('\n');
            return Span::new(at, self.block.len() + self.aside.len());
        }
        let copy = self.get(span).to_string();
        self.join(&[&copy, "\n"])
    }

    /// The text the regexes see of a line without its date: the parts before and behind the
    /// date and a newline. A piece of the block where it can be. Both parts are in the block.
    pub(crate) fn cut(&mut self, before: Span, behind: Span) -> Span {
        if before.start == before.end {
            return self.with_newline(behind);
        }
        let start = self.block.len() + self.aside.len();
        let Texts { block, aside } = self;
        for part in [before, behind] {
            aside.push_str(&block[part.start as usize..part.end as usize]);
        }
        aside.push('\n');
        Span::new(start, self.block.len() + self.aside.len())
    }
}

/// Which groups are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Those that decide a verdict.
    Verdict,
    /// All that have a name.
    All,
}

/// What prefregex said of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PrefregexFact {
    /// Not tried: the filter has none, or an ignoreregex came first.
    #[default]
    NotTried,
    /// Tried, no match: the line is missed.
    Missed,
    /// Matched; its groups begin at this place of the list of spans, or were not kept as no
    /// failregex hit.
    Matched(u32),
}

/// A failregex that matched; its groups begin at `spans` in the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HitFact {
    /// Index of the failregex, from 0.
    pub(crate) regex: u32,
    /// Where its groups begin in the list of spans.
    pub(crate) spans: u32,
}

/// The facts of one line, as ranges of the lists of [`Facts`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineFact {
    /// What prefregex said.
    pub(crate) prefregex: PrefregexFact,
    hits: (u32, u32),
    ignored_by: (u32, u32),
    exhausted: (u32, u32),
}

impl LineFact {
    /// Nothing hit the line, took a hit back or gave up.
    pub(super) fn is_plain(&self) -> bool {
        let none = |(start, end): (u32, u32)| start == end;
        none(self.hits) && none(self.ignored_by) && none(self.exhausted)
    }
}

/// A match of prefregex.
#[derive(Debug)]
struct Prefix {
    /// Its groups are still to be kept, from `Facts::prefix`.
    later: bool,
    /// Where its groups begin.
    spans: u32,
    /// They name a failure or a session.
    identifies: bool,
    content: Span,
}

/// In the place of a list's index: groups nobody asks for.
const NOT_KEPT: u32 = u32::MAX;

impl Default for Prefix {
    fn default() -> Prefix {
        Prefix {
            later: false,
            spans: NOT_KEPT,
            identifies: false,
            content: Span::NONE,
        }
    }
}

/// The facts of many lines.
#[derive(Debug)]
pub(crate) struct Facts {
    detail: Detail,
    spans: Vec<Span>,
    hits: Vec<HitFact>,
    ignored_by: Vec<u32>,
    exhausted: Vec<RegexRole>,
    /// The last match of prefregex whose groups were left for later.
    prefix: Captures,
}

fn range((start, end): (u32, u32)) -> Range<usize> {
    start as usize..end as usize
}

impl Facts {
    /// No facts yet; `detail` holds for all of them.
    pub(crate) fn new(detail: Detail) -> Facts {
        Facts {
            detail,
            spans: Vec::new(),
            hits: Vec::new(),
            ignored_by: Vec::new(),
            exhausted: Vec::new(),
            prefix: Captures::default(),
        }
    }

    /// Forgets all of them, and keeps the room.
    pub(super) fn clear(&mut self) {
        self.spans.clear();
        self.hits.clear();
        self.ignored_by.clear();
        self.exhausted.clear();
    }

    /// The failregexes that matched a line.
    pub(crate) fn hits(&self, line: &LineFact) -> &[HitFact] {
        &self.hits[range(line.hits)]
    }

    /// The ignoreregexes that took it back.
    pub(crate) fn ignored_by(&self, line: &LineFact) -> &[u32] {
        &self.ignored_by[range(line.ignored_by)]
    }

    /// The regexes that gave no answer.
    pub(crate) fn exhausted(&self, line: &LineFact) -> &[RegexRole] {
        &self.exhausted[range(line.exhausted)]
    }

    /// The groups of a regex whose spans begin at `spans`.
    pub(crate) fn groups(&self, regex: &FilterRegex, spans: u32, texts: &Texts) -> Groups {
        let spans = &self.spans[spans as usize..];
        regex.groups_of(self.detail, |at| {
            let span = spans[at];
            (span != Span::NONE).then(|| texts.get(span))
        })
    }

    /// Which groups are kept.
    pub(super) fn detail(&self) -> Detail {
        self.detail
    }

    /// Lays the groups of a match whose spans begin at `spans` over others; for
    /// [`Detail::Verdict`] and regexes with a layout.
    #[inline]
    pub(super) fn lay<'a>(
        &self,
        regex: &FilterRegex,
        spans: u32,
        texts: &'a Texts,
        onto: &mut VerdictGroups<'a>,
    ) {
        let spans = &self.spans[spans as usize..];
        if let Some(layout) = regex.layout() {
            let text = |at: usize| (spans[at] != Span::NONE).then(|| texts.get(spans[at]));
            layout.lay(text, onto);
        }
    }

    /// Runs the filter's regexes over one line: `text` is the place of the line without its
    /// date and with a newline. The order of everything is `Filter.findFailure`'s.
    pub(crate) fn add(
        &mut self,
        filter: &Filter,
        texts: &mut Texts,
        text: Span,
        thrift: &mut AdaptivePrefilter,
        scratch: &mut Scratch,
    ) -> LineFact {
        let (hits, ignored) = (self.hits.len() as u32, self.ignored_by.len() as u32);
        let exhausted = self.exhausted.len() as u32;
        let prefregex = self.search(filter, texts, text, thrift, scratch);
        LineFact {
            prefregex,
            hits: (hits, self.hits.len() as u32),
            ignored_by: (ignored, self.ignored_by.len() as u32),
            exhausted: (exhausted, self.exhausted.len() as u32),
        }
    }

    fn search(
        &mut self,
        filter: &Filter,
        texts: &mut Texts,
        text: Span,
        thrift: &mut AdaptivePrefilter,
        scratch: &mut Scratch,
    ) -> PrefregexFact {
        if filter.ignores_first() && self.ignoring(filter, texts.get(text), scratch) > 0 {
            return PrefregexFact::NotTried;
        }
        let mut said = PrefregexFact::NotTried;
        let mut text = text;
        let whole = text;
        let mut prefix = Prefix::default();
        let gate = filter.gate();
        let mut sifted = false;
        if let Some(regex) = &filter.prefregex {
            let line = texts.get(text);
            if self.detail == Detail::Verdict && regex.matches_every_line && line.len() > 1 {
                // what the failregexes would see is a part of this line
                if gate.rules_out(line, &mut thrift.failregexes) {
                    return PrefregexFact::Matched(NOT_KEPT);
                }
                sifted = true;
            }
            if let Some(gate) = filter.prefregex_gate()
                && gate.rules_out(line, &mut thrift.prefregex)
            {
                return PrefregexFact::Missed;
            }
            match self.prefix(regex, texts.get(text), text, scratch) {
                Some(found) => prefix = found,
                None => return PrefregexFact::Missed,
            }
            said = PrefregexFact::Matched(prefix.spans);
            let content = prefix.content;
            if content != Span::NONE && content.start < content.end {
                text = texts.with_newline(content);
            }
        }
        let texts = &*texts;
        let line = texts.get(text);
        let mut ignoring = None;
        let candidates = match sifted {
            true => gate.by_prefix(line),
            false => gate.by_prefix_checked(line, &mut thrift.failregexes),
        };
        for index in candidates {
            let regex = &filter.failregexes[index];
            let may_match = thrift.timing(gate, index, || gate.has_required(index, line));
            let found = match regex.regex.search_unless(line, may_match, scratch) {
                Ok(found) => found.map(|found| self.keep(regex, &found, text)),
                Err(_) => {
                    self.exhausted.push(RegexRole::Failregex(index));
                    None
                }
            };
            let Some((spans, identifies)) = found else {
                thrift.record_miss(index, scratch.effort());
                continue;
            };
            if !filter.ignoreregexes.is_empty() {
                let first = self.ignored_by.len();
                let count = *ignoring.get_or_insert_with(|| self.ignoring(filter, line, scratch));
                if count > 0 {
                    if first == self.ignored_by.len() {
                        // the same text again: the same ignoreregexes
                        let from = first - count;
                        self.ignored_by.extend_from_within(from..);
                    }
                    if filter.options.check_all {
                        continue;
                    }
                    return said;
                }
            }
            if std::mem::take(&mut prefix.later)
                && let Some(regex) = &filter.prefregex
            {
                let captures = std::mem::take(&mut self.prefix);
                (prefix.spans, prefix.identifies) = self.keep(regex, &captures.get(), whole);
                self.prefix = captures;
                said = PrefregexFact::Matched(prefix.spans);
            }
            // a match that names nobody is an error upstream logs and drops (getFailID)
            if !prefix.identifies && !identifies {
                continue;
            }
            self.hits.push(HitFact {
                regex: index as u32,
                spans,
            });
            if !filter.options.check_all {
                return said;
            }
        }
        said
    }

    /// Searches with prefregex. Where only verdicts are asked for, its groups are kept no
    /// sooner than a failregex hits.
    fn prefix(
        &mut self,
        regex: &FilterRegex,
        line: &str,
        place: Span,
        scratch: &mut Scratch,
    ) -> Option<Prefix> {
        let Ok(found) = regex.regex.search(line, scratch) else {
            self.exhausted.push(RegexRole::Prefregex);
            return None;
        };
        let found = found?;
        let content = regex.content.and_then(|group| found.span(group));
        let content = content.map_or(Span::NONE, |(start, end)| {
            Span::new(start, end).shifted(place.start)
        });
        if self.detail == Detail::Verdict {
            self.prefix.set(&found);
            return Some(Prefix {
                later: true,
                content,
                ..Prefix::default()
            });
        }
        let (spans, identifies) = self.keep(regex, &found, place);
        Some(Prefix {
            later: false,
            spans,
            identifies,
            content,
        })
    }

    /// Keeps the groups of a match: where they begin, and whether they name a failure or a
    /// session.
    fn keep(&mut self, regex: &FilterRegex, found: &Match, place: Span) -> (u32, bool) {
        let first = self.spans.len() as u32;
        let kept = regex.kept(self.detail).iter();
        self.spans
            .extend(kept.map(|&(_, index)| match found.span(index) {
                Some((start, end)) => Span::new(start, end).shifted(place.start),
                None => Span::NONE,
            }));
        (first, regex.identifies(|index| found.span(index)))
    }

    /// The ignoreregexes that match: all of them, or the first (`Filter._ignoreLine`).
    /// Returns how many.
    fn ignoring(&mut self, filter: &Filter, line: &str, scratch: &mut Scratch) -> usize {
        let before = self.ignored_by.len();
        for (index, regex) in filter.ignoreregexes.iter().enumerate() {
            match regex.regex.is_match(line, scratch) {
                Ok(false) => continue,
                Ok(true) => self.ignored_by.push(index as u32),
                Err(_) => {
                    self.exhausted.push(RegexRole::Ignoreregex(index));
                    continue;
                }
            }
            if !filter.options.check_all {
                break;
            }
        }
        self.ignored_by.len() - before
    }
}
