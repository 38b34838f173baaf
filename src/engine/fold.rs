//! The ordered fold: blocks of facts in, verdicts out, in line order.
//!
//! The counterpart of `block`: see there why taking a worker's answers over is exact.

use super::block::{BlockFacts, BlockLine, DateFact, Entry, MissedRun};
use super::facts::{PrefregexFact, Span};
use super::groups::{Groups, Key, TupleLine};
use super::session::{LineOutcome, PrefregexState, Session, merged};
use super::verdict_groups::VerdictGroups;
use crate::date::{self, DateMatch, DetectError, Found, TimeCache, Timestamp};
use crate::pattern::Scratch;
use std::ops::Range;

/// A line and its verdict.
pub(crate) struct LineVerdict<'a> {
    /// The line.
    pub(crate) line: &'a str,
    /// Its number in its log, from 1.
    pub(crate) number: u64,
    /// The verdict. Its `tuple` is filled in only where the failures' lines are kept.
    pub(crate) outcome: &'a LineOutcome,
    /// What prefregex last said.
    pub(crate) prefregex: &'a PrefregexState,
    /// The last date seen.
    pub(crate) last_date: Option<Timestamp>,
}

/// An answer the state machine got: from the worker, or just searched.
enum ProbeResult {
    Noted(u32, Range<usize>),
    Searched(Found),
}

impl date::Span for ProbeResult {
    fn span(&self) -> Range<usize> {
        match self {
            ProbeResult::Noted(_, span) => span.clone(),
            ProbeResult::Searched(found) => found.start..found.end,
        }
    }
}

/// Who is told the verdicts on the lines, in order.
pub(crate) trait VerdictSink {
    /// A line and its verdict.
    fn line(&mut self, folded: LineVerdict);

    /// Whether missed lines may be told as a number from now on, without being seen: once
    /// they may, they always may.
    fn counts_missed(&self) -> bool {
        false
    }

    /// So many lines, missed and with a date; `prefregex`: on how many of them prefregex
    /// matched, or would be counted again (`Session::prefregex`).
    fn missed(&mut self, lines: u64, prefregex: u64) {
        let _ = (lines, prefregex);
    }
}

impl<F: FnMut(LineVerdict)> VerdictSink for F {
    fn line(&mut self, folded: LineVerdict) {
        self(folded);
    }
}

impl Session<'_> {
    /// Judges the lines of a block, in order; `each` is told every one.
    pub(crate) fn fold(
        &mut self,
        block: &BlockFacts,
        scratch: &mut Scratch,
        each: &mut impl VerdictSink,
    ) {
        let mut outcome = LineOutcome::default();
        let mut rows = block.rows.iter();
        let mut next_row = rows.next();
        let (mut index, mut row_end) = (0, 0);
        while let Some(entry) = block.entries.get(index) {
            if let Some(row) = next_row.filter(|row| row.first as usize == index) {
                let known = match &mut self.detector {
                    Some(detector) => detector.advance_run(row.before, row.wins, row.after),
                    None => false,
                };
                row_end = if known { row.end as usize } else { index };
                next_row = rows.next();
            }
            let in_row = index < row_end;
            index += 1;
            match entry {
                Entry::Plain(run) if in_row => {
                    debug_assert!(each.counts_missed(), "runs are made where they count");
                    each.missed(u64::from(run.lines), self.missed(block, run));
                }
                Entry::Plain(run) => {
                    for (number, text) in block.lines_of(run) {
                        outcome = self.line(text, scratch);
                        each.line(self.told(text, number, &outcome));
                    }
                }
                Entry::Line(line) => {
                    let text = block.texts.get(line.line);
                    if !self.take_over(block, line, in_row, text, scratch, &mut outcome) {
                        outcome = self.line_again(text, scratch);
                    }
                    each.line(self.told(text, block.number(line), &outcome));
                }
            }
        }
    }

    /// A verdict as it is told.
    fn told<'t>(&'t self, line: &'t str, number: u64, outcome: &'t LineOutcome) -> LineVerdict<'t> {
        LineVerdict {
            line,
            number,
            outcome,
            prefregex: &self.prefregex,
            last_date: self.last_date(),
        }
    }

    /// Plain lines of a row: on how many of them prefregex counts.
    fn missed(&mut self, block: &BlockFacts, run: &MissedRun) -> u64 {
        self.saw_date(run.date, block.texts.get(run.date_place));
        match self.filter.prefregex {
            Some(_) => {
                self.prefregex.matched = run.last_matched;
                u64::from(run.matched)
            }
            // what it said last is counted again
            None => u64::from(run.lines) * u64::from(self.prefregex.matched),
        }
    }

    /// The verdict from the worker's facts; false where they do not hold. `in_row`: the
    /// detector has been moved on over this line already. The detector's
    /// state has been moved on only if they do, or its answer is in `self.searched`.
    fn take_over(
        &mut self,
        block: &BlockFacts,
        line: &BlockLine,
        in_row: bool,
        text: &str,
        scratch: &mut Scratch,
        outcome: &mut LineOutcome,
    ) -> bool {
        self.searched = None;
        let step = match in_row {
            true => None,
            false => Some(self.step(block, line, text, scratch)),
        };
        match step.unwrap_or(Ok(None)) {
            _ if in_row => {}
            Ok(None) if line.winner == u32::MAX => {}
            Ok(Some((_, ProbeResult::Noted(index, _)))) if index == line.winner => {}
            Ok(won) => {
                self.searched = Some(won.map(|(template, won)| {
                    let found = match won {
                        ProbeResult::Searched(found) => Some(found),
                        ProbeResult::Noted(index, _) => {
                            self.search_again(block, index, text, scratch)
                        }
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
    ) -> Result<Option<(usize, ProbeResult)>, DetectError> {
        let Some(detector) = &mut self.detector else {
            return Ok(None);
        };
        detector.step(text, |template, probe| match block.answer(line, &probe) {
            Some((index, found)) => Ok(found.map(|span| ProbeResult::Noted(index, span))),
            None => {
                let found = template.find(text, probe.part, scratch)?;
                Ok(found.map(ProbeResult::Searched))
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
        let template = &self.detector.as_ref()?.all()[probe.template];
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
        let mut pre_deciding = VerdictGroups::default();
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
