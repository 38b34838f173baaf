//! The search of one line: what it finds is added to the facts of its block.

use super::adaptive_prefilter::AdaptivePrefilter;
use super::facts::{Facts, HitFact, LineFact, PrefregexFact};
use super::filter::Filter;
use super::filter_regex::{Detail, FilterRegex, RegexRole};
use super::find_failure::{
    BeforePrefregex, Next, Said, SearchObserver, Searched, Subject, find_failure,
    search_ignoreregexes,
};
use super::line_fact::NOT_KEPT;
use super::line_memo::KeptMatch;
use super::prefilter::{Prefilter, PrefixByteSets, TextCheck};
use super::text_checks::TextChecks;
use super::texts::{Span, Texts};
use super::verdict_groups::Slots;
use crate::pattern::Scratch;

/// A match of prefregex.
#[derive(Debug)]
struct PrefregexMatch {
    /// Its groups are still to be kept, from [`Facts::prefregex`].
    later: bool,
    groups: KeptMatch,
    content: Span,
}

impl Default for PrefregexMatch {
    fn default() -> PrefregexMatch {
        PrefregexMatch {
            later: false,
            groups: KeptMatch {
                spans: (NOT_KEPT, NOT_KEPT),
                slots: Slots::default(),
                identifies: false,
            },
            content: Span::NONE,
        }
    }
}

impl Facts {
    /// Runs the filter's regexes over one line: `text` is the place of the line without its
    /// date and with a newline.
    pub(crate) fn add(
        &mut self,
        filter: &Filter,
        texts: &mut Texts,
        text: Span,
        adaptive: &mut AdaptivePrefilter,
        scratch: &mut Scratch,
        observer: &mut impl SearchObserver,
    ) -> LineFact {
        let state = (TextChecks::NOT_MADE, adaptive, scratch);
        self.add_checked(filter, texts, text, state, observer)
    }

    /// [`Facts::add`] of a line of which something is known already.
    pub(super) fn add_checked(
        &mut self,
        filter: &Filter,
        texts: &mut Texts,
        text: Span,
        (checks, adaptive, scratch): (TextChecks, &mut AdaptivePrefilter, &mut Scratch),
        observer: &mut impl SearchObserver,
    ) -> LineFact {
        let (hits, ignored) = (self.hits.len() as u32, self.ignored_by.len() as u32);
        let exhausted = self.exhausted.len() as u32;
        let projects = self.projects(filter);
        let mut search = LineSearch {
            facts: self,
            filter,
            prefilter: filter.prefilter(),
            texts,
            line: text,
            text,
            adaptive,
            scratch,
            projects,
            said: PrefregexFact::NotTried,
            prefregex: PrefregexMatch::default(),
            ignored_by: None,
            checks,
        };
        find_failure(filter, &mut search, observer);
        let prefregex = search.said;
        LineFact {
            prefregex,
            hits: (hits, self.hits.len() as u32),
            ignored_by: (ignored, self.ignored_by.len() as u32),
            exhausted: (exhausted, self.exhausted.len() as u32),
        }
    }
}

/// The search of one line.
struct LineSearch<'a> {
    facts: &'a mut Facts,
    filter: &'a Filter,
    prefilter: &'a Prefilter,
    texts: &'a mut Texts,
    /// The whole line, and the part of it that is searched now.
    line: Span,
    text: Span,
    adaptive: &'a mut AdaptivePrefilter,
    scratch: &'a mut Scratch,
    projects: bool,
    said: PrefregexFact,
    prefregex: PrefregexMatch,
    /// How many ignoreregexes matched the text behind the first failregex that did.
    ignored_by: Option<usize>,
    checks: TextChecks,
}

impl LineSearch<'_> {
    /// Whether what the failregexes require stands in the text that is searched now, or in one that
    /// this is a part of.
    #[inline]
    fn check_failregexes(&mut self) -> TextCheck {
        let (prefilter, texts, text) = (self.prefilter, &*self.texts, self.text);
        let (check, state) = (&mut self.checks.failregexes, &mut self.adaptive.failregexes);
        check.or_make(|| prefilter.check(texts, text, state))
    }

    #[cold]
    fn give_up_prefregex(&mut self) -> Said {
        self.facts.exhausted.push(RegexRole::Prefregex);
        Said::Exhausted
    }
}

impl<'a> Subject for LineSearch<'a> {
    type Match = KeptMatch;
    type Candidates = PrefixByteSets<'a>;

    #[inline]
    fn text(&self) -> &str {
        self.texts.get(self.text)
    }

    /// All that match are noted, or the first.
    fn ignored<O: SearchObserver>(
        &mut self,
        matched: Option<&KeptMatch>,
        observer: &mut O,
    ) -> bool {
        let first = self.facts.ignored_by.len();
        if let (Some(_), Some(count)) = (matched, self.ignored_by) {
            // the same text again: the same ignoreregexes
            self.facts.ignored_by.extend_from_within(first - count..);
            return count > 0;
        }
        let (text, facts) = (self.texts.get(self.text), &mut *self.facts);
        search_ignoreregexes(self.filter, text, self.scratch, observer, |index, said| {
            if said == Said::Matched {
                facts.ignored_by.push(index as u32);
            } else {
                facts.exhausted.push(RegexRole::Ignoreregex(index));
            }
        });
        let count = self.facts.ignored_by.len() - first;
        if matched.is_some() {
            self.ignored_by = Some(count);
        }
        count > 0
    }

    #[inline]
    fn before_prefregex(&mut self, regex: &FilterRegex) -> BeforePrefregex {
        let is_empty = self.text.end - self.text.start <= 1;
        if self.facts.detail() == Detail::Verdict && regex.matches_every_line && !is_empty {
            // what the failregexes would see is a part of this line
            let check = self.check_failregexes();
            if self.prefilter.rules_out(check) {
                return BeforePrefregex::NoFailregexCan;
            }
        }
        let Some(prefilter) = self.filter.prefregex_prefilter() else {
            return BeforePrefregex::MayMatch;
        };
        let (texts, text, state) = (&*self.texts, self.text, &mut self.adaptive.prefregex);
        let check = &mut self.checks.prefregex;
        let check = check.or_make(|| prefilter.check(texts, text, state));
        if prefilter.rules_out(check) {
            return BeforePrefregex::PrefregexCannot;
        }
        BeforePrefregex::MayMatch
    }

    #[inline]
    fn skip_prefregex(&mut self, matches: bool) {
        self.said = if matches {
            PrefregexFact::MATCHED
        } else {
            PrefregexFact::Missed
        };
    }

    /// Where only verdicts are asked for, its groups are kept no sooner than a failregex
    /// hits.
    #[inline]
    fn search_prefregex(&mut self, regex: &FilterRegex) -> Said {
        self.said = PrefregexFact::Missed;
        let Facts {
            prefregex, memo, ..
        } = &mut *self.facts;
        if let Some(known) = memo.prefregex(regex, self.text, prefregex) {
            let Some(content) = known else {
                return Said::Missed;
            };
            (self.prefregex.content, self.prefregex.later) = (content, true);
            self.said = PrefregexFact::MATCHED;
            return Said::Matched;
        }
        let line = self.texts.bytes(self.text);
        let found = match regex.regex.search(line, self.scratch) {
            Ok(Some(found)) => found,
            Ok(None) => {
                memo.note_prefregex(regex, self.text, None);
                return Said::Missed;
            }
            Err(_) => return self.give_up_prefregex(),
        };
        let content = regex.content.and_then(|group| found.span(group));
        let place = self.text;
        self.prefregex.content = content.map_or(Span::NONE, |(start, end)| {
            Span::new(start, end).shifted(place.start)
        });
        if self.facts.detail() == Detail::Verdict {
            let (content, facts) = (self.prefregex.content, &mut *self.facts);
            facts.prefregex.take_from(self.scratch);
            let found = (&facts.prefregex.get(), content);
            facts.memo.note_prefregex(regex, place, Some(found));
            self.prefregex.later = true;
        } else {
            self.prefregex.groups = self.facts.keep(regex, &found, place, false);
        }
        self.said = PrefregexFact::Matched(self.prefregex.groups.spans.0);
        Said::Matched
    }

    #[inline]
    fn narrow(&mut self) {
        let content = self.prefregex.content;
        if content != Span::NONE && content.start < content.end {
            let (regex, texts) = (self.filter.prefregex.as_ref(), &mut *self.texts);
            let join = || texts.with_newline(content);
            self.text = self.facts.memo.narrowed(regex, self.text, join);
        }
    }

    #[inline]
    fn candidates(&mut self) -> PrefixByteSets<'a> {
        let check = self.check_failregexes();
        let text = self.texts.bytes(self.text);
        self.prefilter.by_prefix_checked(text, check)
    }

    #[inline]
    fn search(&mut self, index: usize) -> Searched<KeptMatch> {
        let regex = &self.filter.failregexes[index];
        if let Some(known) = self.facts.memo.failregex(regex, self.text) {
            return known.map_or(Searched::Missed, Searched::Matched);
        }
        let (prefilter, text) = (self.prefilter, self.texts.bytes(self.text));
        let check = self
            .adaptive
            .check_first(prefilter, (index, &regex.regex), text);
        if check == TextCheck::NoText {
            self.facts.memo.note_failregex(regex, self.text, None);
            self.adaptive.record_ruled_out(index);
            return Searched::RuledOut;
        }
        let mut ruled_out = false;
        let may_match = || {
            ruled_out = check == TextCheck::NotMade && !prefilter.has_required(index, text);
            !ruled_out
        };
        let searched = match regex.regex.search_unless(text, may_match, self.scratch) {
            Ok(Some(found)) => {
                let kept = (self.facts).keep(regex, &found, self.text, self.projects);
                self.facts.memo.note_failregex(regex, self.text, Some(kept));
                return Searched::Matched(kept);
            }
            Ok(None) if ruled_out => Searched::RuledOut,
            Ok(None) => Searched::Missed,
            Err(_) => {
                self.facts.exhausted.push(RegexRole::Failregex(index));
                Searched::Exhausted
            }
        };
        if !matches!(searched, Searched::Exhausted) {
            self.facts.memo.note_failregex(regex, self.text, None);
        }
        self.adaptive.record_miss(index, self.scratch.effort());
        searched
    }

    fn take_back(&mut self) {}

    #[inline]
    fn keep(&mut self, index: usize, found: KeptMatch) -> Next {
        if std::mem::take(&mut self.prefregex.later)
            && let Some(regex) = &self.filter.prefregex
        {
            let captures = std::mem::take(&mut self.facts.prefregex);
            let kept =
                (self.facts).keep_prefregex(regex, &captures.get(), self.line, self.projects);
            self.facts.prefregex = captures;
            self.prefregex.groups = kept;
            self.said = PrefregexFact::Matched(kept.spans.0);
        }
        let check_all = self.filter.options.check_all;
        // a match that names nobody is an error upstream logs and drops (getFailID)
        let below = self.prefregex.groups;
        if !below.identifies && !found.identifies {
            if check_all {
                return Next::TryOthers;
            }
            // it has used up the line all the same: an empty buffer's text is one "\n"
            self.text = self.texts.join(&["\n"]);
            self.ignored_by = None;
            return Next::TryOnTheRest;
        }
        let spans = if self.projects && below.spans.0 != NOT_KEPT {
            self.facts.joined(found)
        } else {
            found.spans
        };
        self.facts.hits.push(HitFact {
            regex: index as u32,
            spans,
        });
        if check_all {
            Next::TryOthers
        } else {
            Next::Stop
        }
    }
}
