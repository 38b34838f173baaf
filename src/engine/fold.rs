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

/// Who is told the verdicts on the lines, in order.
pub trait Verdicts {
    /// A line and its verdict.
    fn line(&mut self, folded: Folded);

    /// Whether missed lines may be told as a number for now, without being seen.
    fn counts_missed(&self) -> bool {
        false
    }

    /// So many lines, missed and with a date; `prefregex`: on how many of them prefregex
    /// matched, or would be counted again (`Session::prefregex`).
    fn missed(&mut self, lines: u64, prefregex: u64) {
        let _ = (lines, prefregex);
    }
}

impl<F: FnMut(Folded)> Verdicts for F {
    fn line(&mut self, folded: Folded) {
        self(folded);
    }
}

impl Session<'_> {
    /// Judges the lines of a block, in order; `each` is told every one.
    pub fn fold(&mut self, block: &BlockFacts, scratch: &mut Scratch, each: &mut impl Verdicts) {
        let mut outcome = LineOutcome::default();
        let mut rows = block.rows.iter();
        let mut next_row = rows.next();
        let (mut index, mut row_end) = (0, 0);
        while let Some(line) = block.lines.get(index) {
            if let Some(row) = next_row.filter(|row| row.first as usize == index) {
                let known = match &mut self.detector {
                    Some(detector) => detector.win_row(row.before, row.wins, row.after),
                    None => false,
                };
                row_end = if known { row.end as usize } else { index };
                next_row = rows.next();
            }
            let in_row = index < row_end;
            if in_row && line.plain && !self.keeps_prefregex() && each.counts_missed() {
                let rest = &block.lines[index..row_end];
                let plain = rest.iter().take_while(|line| line.plain);
                let (lines, prefregex) = self.missed(block, plain);
                each.missed(lines, prefregex);
                index += lines as usize;
                continue;
            }
            let text = block.texts.get(line.line);
            if !self.take_over(block, line, in_row, text, scratch, &mut outcome) {
                outcome = self.line_again(text, scratch);
            }
            each.line(Folded {
                line: text,
                number: block.number(line),
                outcome: &outcome,
                prefregex: &self.prefregex,
                last_date: self.last_date(),
            });
            index += 1;
        }
    }

    /// Plain lines of a row: how many, and on how many of them prefregex counts.
    fn missed<'b>(
        &mut self,
        block: &BlockFacts,
        lines: impl Iterator<Item = &'b BlockLine>,
    ) -> (u64, u64) {
        let (mut count, mut prefregex) = (0, 0);
        let mut last = None;
        for line in lines {
            match line.fact.prefregex {
                PrefregexFact::Matched(_) => self.prefregex.matched = true,
                PrefregexFact::Missed => self.prefregex.matched = false,
                PrefregexFact::NotTried => {}
            }
            count += 1;
            prefregex += u64::from(self.prefregex.matched);
            last = Some(line);
        }
        if let Some(line) = last
            && let DateFact::Date(date) = line.date
        {
            let text = block.texts.get(line.line);
            self.saw_date(date, &text[line.cut.start as usize..line.cut.end as usize]);
        }
        (count, prefregex)
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
