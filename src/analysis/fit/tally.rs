//! The verdicts of all filters on a log, counted, and ranked at the end.

use super::exactness::worths;
use super::uncovered::Uncovered;
use super::{Candidates, FilterFit, Fit, SetFit, UncoveredShape};
use crate::analysis::check::sets::LoadedSet;
use crate::engine::filter_set::{FilterSetSink, MemberVerdict};
use crate::engine::stats::{Keep, Retention};
use crate::engine::{LineOutcome, Stats};
use crate::input::Block;
use std::cmp::Ordering;

/// Addresses that one option set knows; more are only counted.
const ADDRESSES: usize = 100_000;

/// What is counted of one option set.
struct MemberTally {
    stats: Stats,
    /// By failregex, what a match is worth.
    worths: Vec<f64>,
    worth: f64,
    /// Lines that it matched, and no other filter.
    only: u64,
    /// Matched lines by the date template that found their date.
    templates: Vec<(String, u64)>,
}

/// What is counted of a run of [`Candidates`].
pub(crate) struct Tally<'c> {
    candidates: &'c Candidates,
    members: Vec<MemberTally>,
    tested: u64,
    covered: u64,
    uncovered: Uncovered,
    /// Bytes read of the logs before, and of the one at hand.
    bytes: (u64, u64),
}

impl<'c> Tally<'c> {
    /// Nothing yet.
    pub(crate) fn new(candidates: &'c Candidates) -> Tally<'c> {
        let retention = Retention {
            matched: Keep::None,
            ignored: Keep::None,
            missed: Keep::None,
            addresses: ADDRESSES,
            ..Retention::default()
        };
        let members = candidates.members.iter().map(|&(filter, set)| {
            let filter = &candidates.filters[filter].sets[set].loaded.filter;
            let (failregexes, ignoreregexes) =
                (filter.failregexes.len(), filter.ignoreregexes.len());
            MemberTally {
                stats: Stats::new(failregexes, ignoreregexes, retention),
                worths: worths(filter),
                worth: 0.0,
                only: 0,
                templates: Vec::new(),
            }
        });
        Tally {
            members: members.collect(),
            tested: 0,
            covered: 0,
            uncovered: Uncovered::new(),
            bytes: (0, 0),
            candidates,
        }
    }

    /// Lines tested so far, bytes read of all logs, and lines that a filter matches.
    pub(crate) fn progress(&self) -> (u64, u64, i64) {
        let bytes = self.bytes.0 + self.bytes.1;
        (
            self.tested,
            bytes,
            i64::try_from(self.covered).unwrap_or(i64::MAX),
        )
    }

    /// The counts of one option set among those run together: those of its own run.
    fn set_fit(&self, member: usize, set: &LoadedSet) -> SetFit {
        let tally = &self.members[member];
        let stats = &tally.stats;
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        let (matched, ignored) = (count(stats.matched), count(stats.ignored));
        let templates = tally.templates.iter();
        let template = templates.max_by(|one, other| one.1.cmp(&other.1).then(other.0.cmp(&one.0)));
        SetFit {
            filter: set.label(&self.candidates.filters[self.candidates.members[member].0].name),
            matched,
            ignored,
            missed: self.tested.saturating_sub(matched).saturating_sub(ignored),
            worth: tally.worth,
            only: tally.only,
            addresses: stats.addresses.len() as u64 + stats.untracked,
            undated: stats.undated_matches.map_or(0, |(count, _)| count),
            date_template: template.map(|(name, _)| name.clone()),
        }
    }

    /// The filters ranked, and what none of them knows.
    pub(crate) fn finish(self) -> Fit {
        let candidates = self.candidates;
        let filters = candidates.filters.iter().enumerate();
        let fits = filters.filter_map(|(number, filter)| {
            let sets = candidates.sets(number);
            let sets: Vec<SetFit> = sets
                .map(|(member, set)| self.set_fit(member, set))
                .collect();
            // the first of equal ones
            let best = sets
                .iter()
                .rev()
                .max_by(|one, other| order(one, other))?
                .clone();
            (best.matched > 0).then(|| FilterFit {
                name: filter.name.clone(),
                file: filter.path.clone(),
                best,
                has_jail: candidates.jails.contains(&filter.name),
                sets,
            })
        });
        let mut fits: Vec<FilterFit> = fits.collect();
        fits.sort_by(|one, other| {
            let by_worth = order(&other.best, &one.best);
            by_worth.then(other.best.only.cmp(&one.best.only))
        });
        let (uncovered, shapes) = self.uncovered.finish();
        let shapes = shapes.into_iter().map(|shape| UncoveredShape {
            shape: shape.text(),
            lines: shape.lines,
            number: shape.number,
            example: shape.example,
        });
        let faults = candidates.filters.iter();
        let faults = faults.flat_map(|filter| {
            let said = filter.faults.iter();
            said.map(|fault| format!("{}: {fault}", filter.name))
        });
        Fit {
            tested: self.tested,
            tried: candidates.count(),
            filters: fits,
            covered: self.covered,
            uncovered,
            shapes: shapes.collect(),
            faults: faults.collect(),
        }
    }
}

/// The better one is greater.
fn order(one: &SetFit, other: &SetFit) -> Ordering {
    let by_worth = one.worth.total_cmp(&other.worth);
    by_worth.then(one.matched.cmp(&other.matched))
}

/// Whether a line counts as matched (`Fail2banRegex.process`).
fn is_matched(outcome: &LineOutcome) -> bool {
    !outcome.is_ignored() && outcome.failures().next().is_some()
}

impl FilterSetSink for Tally<'_> {
    fn line(&mut self, line: &str, number: u64, verdicts: &[MemberVerdict]) {
        self.tested += 1;
        let mut matching = None;
        let mut several = false;
        for verdict in verdicts {
            let MemberVerdict {
                member,
                outcome,
                template,
            } = verdict;
            let tally = &mut self.members[*member];
            tally.stats.record(line, number, outcome, None);
            if !is_matched(outcome) {
                continue;
            }
            let worths = outcome.failures().map(|found| tally.worths[found.regex]);
            let worth = worths.fold(0.0, f64::max);
            tally.worth += worth * if outcome.undated_match { 0.5 } else { 1.0 };
            if let Some(template) = template {
                let mut known = tally.templates.iter_mut();
                match known.find(|(name, _)| name == template) {
                    Some((_, lines)) => *lines += 1,
                    None => tally.templates.push(((*template).to_owned(), 1)),
                }
            }
            let filter = self.candidates.members[*member].0;
            several |= matching.is_some_and(|other| other != filter);
            matching = Some(filter);
        }
        self.covered += u64::from(matching.is_some());
        match matching {
            Some(_) if !several => {
                let matched = verdicts.iter().filter(|v| is_matched(&v.outcome));
                matched.for_each(|verdict| self.members[verdict.member].only += 1);
            }
            None if verdicts.is_empty() => self.uncovered.add(number, line),
            _ => {}
        }
    }

    fn block(&mut self, block: &Block) {
        // the next log begins at 0 again
        if block.position < self.bytes.1 {
            self.bytes.0 += self.bytes.1;
        }
        self.bytes.1 = block.position;
    }
}
