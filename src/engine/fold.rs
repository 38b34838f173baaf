//! The ordered fold: blocks of facts in, verdicts out, in line order.
//!
//! The counterpart of `block`: see there why taking a worker's answers over is exact.

use super::block::{BlockFacts, BlockLine, DateFact};
use super::facts::{PrefregexFact, Span};
use super::groups::{Groups, Key, TupleLine};
use super::lean::Deciding;
use super::session::{LineOutcome, PrefregexState, Session, merged};
use crate::date::{self, DateMatch, DetectError, Found, TimeCache, Timestamp};
use crate::pattern::Scratch;
use std::ops::Range;

/// A line and its verdict.
pub struct Folded<'a> {
    /// The line.
    pub line: &'a str,
    /// Its number in its log, from 1.
    pub number: u64,
    /// The verdict. Its `tuple` is filled in only where the failures' lines are kept.
    pub outcome: &'a LineOutcome,
    /// What prefregex last said.
    pub prefregex: &'a PrefregexState,
    /// The last date seen.
    pub last_date: Option<Timestamp>,
}

/// An answer the state machine got: from the worker, or just searched.
enum Won {
    Noted(u32, Range<usize>),
    Searched(Found),
}

impl date::Span for Won {
    fn span(&self) -> Range<usize> {
        match self {
            Won::Noted(_, span) => span.clone(),
            Won::Searched(found) => found.start..found.end,
        }
    }
}

impl Session<'_> {
    /// Judges the lines of a block, in order; `each` sees every one with its verdict.
    pub fn fold(
        &mut self,
        block: &BlockFacts,
        scratch: &mut Scratch,
        mut each: impl FnMut(Folded),
    ) {
        let mut outcome = LineOutcome::default();
        for line in &block.lines {
            let text = block.texts.get(line.line);
            if !self.take_over(block, line, text, scratch, &mut outcome) {
                outcome = self.line_again(text, scratch);
            }
            each(Folded {
                line: text,
                number: block.number(line),
                outcome: &outcome,
                prefregex: &self.prefregex,
                last_date: self.last_date(),
            });
        }
    }

    /// The verdict from the worker's facts; false where they do not hold. The detector's
    /// state has been moved on only if they do, or its answer is in `self.searched`.
    fn take_over(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
        scratch: &mut Scratch,
        outcome: &mut LineOutcome,
    ) -> bool {
        self.searched = None;
        match self.step(block, line, text, scratch) {
            Ok(None) if line.winner == u32::MAX => {}
            Ok(Some((_, Won::Noted(index, _)))) if index == line.winner => {}
            Ok(won) => {
                self.searched = Some(won.map(|(template, won)| {
                    let found = match won {
                        Won::Searched(found) => Some(found),
                        Won::Noted(index, _) => self.search_again(block, index, text, scratch),
                    };
                    (template, found)
                }));
                return false;
            }
            Err(fault) => {
                self.date_faults.add(&fault);
                self.searched = Some(None);
                return false;
            }
        }
        let place = |span: Span| &text[span.start as usize..span.end as usize];
        let mut no_date = false;
        let date = match &line.date {
            DateFact::Date(date) => {
                self.saw_date(*date, place(line.cut));
                Some(*date)
            }
            DateFact::Empty => Some(self.optional_date().0),
            DateFact::None => {
                no_date = true;
                self.recent_date()
            }
            DateFact::Invalid | DateFact::Fault(_) => {
                // with a recent date the regexes see the whole line (Filter.processLine)
                if self.recent_date().is_some() {
                    self.noted_winner(block, line, text, scratch);
                    return false;
                }
                if let DateFact::Fault(fault) = &line.date {
                    self.date_faults.add(fault);
                }
                no_date = true;
                None
            }
            DateFact::Uncertain => {
                // glibc's mktime remembers the offset of the call before
                if let Some(Timestamp::Float(epoch)) = self.last_date() {
                    self.time_cache = TimeCache::after(self.clock.local(epoch).offset);
                }
                self.noted_winner(block, line, text, scratch);
                return false;
            }
        };
        self.judge_facts(block, line, text, date, no_date, outcome);
        true
    }

    /// Runs the detector's state machine over a line with the worker's answers.
    fn step(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
        scratch: &mut Scratch,
    ) -> Result<Option<(usize, Won)>, DetectError> {
        let Some(detector) = &mut self.detector else {
            return Ok(None);
        };
        let templates = detector.all().clone();
        detector.step(text, |probe| match block.answer(line, &probe) {
            Some((index, found)) => Ok(found.map(|span| Won::Noted(index, span))),
            None => {
                let found = templates[probe.template].find(text, probe.part, scratch)?;
                Ok(found.map(Won::Searched))
            }
        })
    }

    /// Notes the worker's winner, with its groups, as the answer to judge the line by.
    fn noted_winner(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
        scratch: &mut Scratch,
    ) {
        let template = block.probe(line.winner).template;
        let found = self.search_again(block, line.winner, text, scratch);
        self.searched = Some(Some((template, found)));
    }

    fn search_again(
        &self,
        block: &BlockFacts,
        answer: u32,
        text: &str,
        scratch: &mut Scratch,
    ) -> Option<Found> {
        let probe = block.probe(answer);
        let template = self.detector.as_ref()?.all()[probe.template].clone();
        template.find(text, probe.part, scratch).ok().flatten()
    }

    /// The verdict on a line the worker's facts do not hold for.
    fn line_again(&mut self, text: &str, scratch: &mut Scratch) -> LineOutcome {
        let found = self.searched.take().flatten();
        let found =
            found.and_then(|(template, found)| found.map(|found| DateMatch { template, found }));
        let cut = self.cut_found(text, found);
        self.find_failure(cut, scratch)
    }

    /// Turns the facts of a line into its verdict.
    fn judge_facts(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        text: &str,
        date: Option<Timestamp>,
        no_date: bool,
        outcome: &mut LineOutcome,
    ) {
        outcome.clear();
        let facts = &block.facts;
        let fact = &line.fact;
        outcome
            .ignored_by
            .extend(facts.ignored_by(fact).iter().map(|&i| i as usize));
        outcome.exhausted.extend_from_slice(facts.exhausted(fact));
        let hits = facts.hits(fact);
        let filter = self.filter;
        let lean = !hits.is_empty() && self.goes_lean(facts.detail());
        let mut pre_deciding = Deciding::default();
        let mut pre_groups = Groups::default();
        match (fact.prefregex, &filter.prefregex) {
            (PrefregexFact::Matched(spans), Some(regex)) => {
                self.prefregex.matched = true;
                if self.keeps_prefregex() {
                    self.prefregex.groups = facts.groups(regex, spans, &block.texts);
                }
                if lean {
                    facts.lay(regex, spans, &block.texts, &mut pre_deciding);
                } else if !hits.is_empty() {
                    pre_groups = facts.groups(regex, spans, &block.texts);
                    pre_groups.take(Key::CONTENT);
                }
            }
            (PrefregexFact::Missed, _) => self.prefregex.matched = false,
            _ => {}
        }
        for hit in hits {
            let index = hit.regex as usize;
            if lean {
                let mut fail = pre_deciding;
                let regex = &filter.failregexes[index];
                facts.lay(regex, hit.spans, &block.texts, &mut fail);
                outcome.undated_match |= no_date;
                if !self.judge_lean(index, &fail, date, outcome) {
                    break;
                }
                continue;
            }
            let groups = facts.groups(&filter.failregexes[index], hit.spans, &block.texts);
            let fail = merged(&pre_groups, groups);
            let lines = self.kept_lines(|| {
                let (start, end) = (line.cut.start as usize, line.cut.end as usize);
                let mut tuple = TupleLine {
                    prefix: text[..start].to_string(),
                    date: text[start..end].to_string(),
                    suffix: text[end..].to_string(),
                };
                if matches!(line.date, DateFact::None | DateFact::Empty) && date.is_some() {
                    // the text of the date that was taken over stands in for one
                    tuple = self.undated_tuple(text);
                }
                vec![tuple]
            });
            outcome.undated_match |= no_date;
            if !self.judge_hit(index, fail, lines, date, outcome) {
                break;
            }
        }
    }
}
