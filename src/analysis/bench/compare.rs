//! Filters compared on one log: line by line, what one says and the other does not.

use super::address_counts::AddressCounts;
use super::captures::GroupNames;
use super::comparison::{
    AddressLines, CaptureChange, CaptureLine, ChangedLine, Comparison, Move, MovedLine, TimeLine,
};
use super::log::{Log, LogLine};
use super::pairing;
use super::verdict::{BenchLine, Candidate, Run};
use crate::engine::Verdict;
use crate::engine::session::Found;
use crate::work;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Lines judged at once: what is kept of their hits is bounded by that, however long the log is.
pub(crate) const BLOCK: usize = 512;

/// Compares two filters on one log; at most `examples` lines are kept of each kind.
pub(crate) fn compare(
    filter: Candidate,
    against: Candidate,
    log: &Log,
    examples: usize,
) -> Comparison {
    compare_each(&[filter, against], &[(0, 1)], log, examples).swap_remove(0)
}

/// Compares filters in pairs, the filter and the other one by index, on one log: each filter
/// runs once, whatever the number of pairs it is in.
pub(crate) fn compare_each(
    filters: &[Candidate],
    pairs: &[(usize, usize)],
    log: &Log,
    examples: usize,
) -> Vec<Comparison> {
    let works = pairs
        .iter()
        .map(|&pair| Work::new(filters, pair, log, examples));
    let mut works: Vec<Work> = works.collect();
    let runs = filters.par_iter().map(|&filter| Run::new(filter, log));
    let mut runs: Vec<Run> = runs.collect();
    let mut named = AddressCounts::default();
    for lines in log.lines.chunks(BLOCK) {
        let judged = runs.par_iter_mut().map(|run| run.block(lines));
        let judged: Vec<Vec<BenchLine>> = judged.collect();
        work::count(work::Work::JudgedLines, lines.len() * judged.len());
        named.add(&judged);
        works.par_iter_mut().for_each(|work| {
            let (filter, against) = work.pair;
            let verdicts = judged[filter].iter().zip(&judged[against]);
            for (line, (mine, theirs)) in lines.iter().zip(verdicts) {
                work.line(line, mine, theirs);
            }
        });
    }
    let named = named.sorted();
    let works = works.into_iter();
    works.map(|work| work.finish(&named)).collect()
}

struct Work<'a> {
    /// The filter and the other one, by index.
    pair: (usize, usize),
    /// Index in the other filter to index in this one.
    partner: BTreeMap<usize, usize>,
    names: GroupNames<'a>,
    examples: usize,
    found: Comparison,
    moves: BTreeMap<(Vec<usize>, Vec<usize>), u64>,
}

impl<'a> Work<'a> {
    fn new(
        filters: &[Candidate<'a>],
        pair: (usize, usize),
        log: &Log,
        examples: usize,
    ) -> Work<'a> {
        fn texts<'a>(candidate: Candidate<'a>) -> Vec<&'a str> {
            let regexes = candidate.filter.failregexes.iter();
            regexes.map(|r| r.regex.as_str()).collect()
        }
        let (filter, against) = (filters[pair.0], filters[pair.1]);
        let pairs = pairing::pair(&texts(filter), &texts(against));
        Work {
            pair,
            partner: pairs
                .iter()
                .filter_map(|p| Some((p.against? - 1, p.filter? - 1)))
                .collect(),
            names: GroupNames::new(&filter.filter.names, &against.filter.names),
            examples,
            found: Comparison::empty(log.lines.len() as u64, pairs),
            moves: BTreeMap::new(),
        }
    }

    fn line(&mut self, line: &LogLine, mine: &BenchLine, theirs: &BenchLine) {
        self.found.unanswered += u64::from(mine.exhausted || theirs.exhausted);
        if mine.verdict == theirs.verdict {
            self.found.matched_by_both += u64::from(mine.verdict == Verdict::Matched);
            if !mine.hits.is_empty() || !theirs.hits.is_empty() {
                self.inside(line, mine, theirs);
            }
            return;
        }
        let changed = |hits: &BenchLine| ChangedLine {
            log: line.log(),
            line: line.number,
            text: line.text.clone(),
            filter: mine.verdict,
            against: theirs.verdict,
            failregex: numbers(hits),
            addresses: hits.addresses().iter().map(ToString::to_string).collect(),
        };
        let (kind, hits) = match (mine.verdict, theirs.verdict) {
            (Verdict::Matched, _) => (&mut self.found.gained, mine),
            (_, Verdict::Matched) => (&mut self.found.lost, theirs),
            (Verdict::Ignored, _) => (&mut self.found.ignored, mine),
            _ => (&mut self.found.ignored, theirs),
        };
        kind.add(self.examples, || changed(hits));
    }

    /// A line of equal verdict: do the same regexes match it, with the same groups?
    fn inside(&mut self, line: &LogLine, mine: &BenchLine, theirs: &BenchLine) {
        let (here, there) = (indexes(mine), indexes(theirs));
        let there: BTreeSet<_> = there.iter().map(|at| self.partner.get(at)).collect();
        if there != here.iter().map(Some).collect() {
            let (from, to) = (numbers(theirs), numbers(mine));
            *self.moves.entry((from.clone(), to.clone())).or_default() += 1;
            self.found.moved.add(self.examples, || MovedLine {
                log: line.log(),
                line: line.number,
                text: line.text.clone(),
                from,
                to,
            });
        }
        let changes = self.capture_changes(mine, theirs);
        if !changes.is_empty() {
            self.found.captures.add(self.examples, || CaptureLine {
                log: line.log(),
                line: line.number,
                text: line.text.clone(),
                groups: changes,
            });
        }
        let time = |verdict: &BenchLine| {
            let hit = verdict.hits.first();
            hit.map(|hit| hit.date.map(|date| date.seconds()))
        };
        if let (Some(filter), Some(against)) = (time(mine), time(theirs))
            && filter != against
        {
            self.found.times.add(self.examples, || TimeLine {
                log: line.log(),
                line: line.number,
                text: line.text.clone(),
                filter,
                against,
            });
        }
    }

    /// Groups that differ between hits of paired regexes; where none of a line's are paired,
    /// between the first hits.
    fn capture_changes(&mut self, mine: &BenchLine, theirs: &BenchLine) -> Vec<CaptureChange> {
        let mut both: Vec<(&Found, &Found)> = Vec::new();
        for their in &theirs.hits {
            let partner = self.partner.get(&their.regex);
            let here = mine.hits.iter().find(|hit| Some(&hit.regex) == partner);
            both.extend(here.map(|here| (here, their)));
        }
        if both.is_empty() {
            both.extend(mine.hits.first().zip(theirs.hits.first()));
        }
        let names = &mut self.names;
        let changes = both
            .into_iter()
            .flat_map(|(here, there)| names.changes(here, there));
        changes.collect()
    }

    /// The result; `addresses`: those named by any filter, with their lines in each.
    fn finish(mut self, addresses: &[(String, Vec<u64>)]) -> Comparison {
        let mut moves: Vec<Move> = (self.moves.into_iter())
            .map(|((from, to), count)| Move { from, to, count })
            .collect();
        moves.sort_by(|a, b| b.count.cmp(&a.count).then(a.from.cmp(&b.from)));
        self.found.moves = moves;
        let changes = &mut self.found.addresses;
        for (address, counts) in addresses {
            let (filter, against) = (counts[self.pair.0], counts[self.pair.1]);
            let list = match (filter, against) {
                (same, other) if same == other => continue,
                (_, 0) => &mut changes.gained,
                (0, _) => &mut changes.lost,
                _ => &mut changes.recounted,
            };
            list.push(AddressLines {
                address: address.clone(),
                filter,
                against,
            });
        }
        self.found.unchanged = !self.found.has_changes();
        self.found
    }
}

fn indexes(verdict: &BenchLine) -> BTreeSet<usize> {
    verdict.hits.iter().map(|hit| hit.regex).collect()
}

/// Numbers of the failregexes that matched, from 1, each once.
fn numbers(verdict: &BenchLine) -> Vec<usize> {
    indexes(verdict).iter().map(|at| at + 1).collect()
}
