//! What changed in meaning between two filters on one log. No running times, no guesses but the
//! pairing of regexes: line by line, what one says and the other does not.
//!
//! Gained and lost are the filter's, seen from the one it is compared against: `bench LOG
//! FILTER --against git:HEAD~1` says what the working copy gained.

use super::log::{Log, LogLine};
use super::pairing::{self, Pair};
use super::verdict::{BenchLine, Candidate, Hit, verdicts};
use crate::engine::Verdict;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// All that changed; counts are of lines, but for addresses.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    /// Nothing below changed.
    pub(crate) unchanged: bool,
    /// Lines tested.
    pub(crate) lines: u64,
    /// Lines both match.
    pub(crate) matched_by_both: u64,
    /// Lines the filter matches and the other does not.
    pub(crate) gained: Lines<ChangedLine>,
    /// Lines the other matches and the filter does not.
    pub(crate) lost: Lines<ChangedLine>,
    /// Lines neither matches and only one ignores.
    pub(crate) ignored: Lines<ChangedLine>,
    /// Lines of equal verdict that other failregexes match.
    pub(crate) moved: Lines<MovedLine>,
    /// The same by regexes: how many lines moved from where to where.
    pub(crate) moves: Vec<Move>,
    /// Lines of equal verdict with other groups captured.
    pub(crate) captures: Lines<CaptureLine>,
    /// Lines matched by both, at another time: the date templates differ.
    pub(crate) times: Lines<TimeLine>,
    /// Addresses and other failure ids.
    pub(crate) addresses: AddressChanges,
    /// Lines on which a regex of either gave no answer within its step budget.
    pub(crate) unanswered: u64,
    /// Which failregex is which.
    pub(crate) pairs: Vec<Pair>,
}

/// Lines of one kind: how many, and the first few.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Lines<T> {
    /// How many.
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) examples: Vec<T>,
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Lines {
            count: 0,
            examples: Vec::new(),
        }
    }
}

impl<T> Lines<T> {
    fn add(&mut self, limit: usize, example: impl FnOnce() -> T) {
        self.count += 1;
        if self.examples.len() < limit {
            self.examples.push(example());
        }
    }
}

/// A line with another verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ChangedLine {
    /// The log, where several are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
    /// Number in the log, from 1.
    pub(crate) line: u64,
    /// The line.
    pub(crate) text: String,
    /// What the filter says of it.
    pub(crate) filter: Verdict,
    /// What the other says.
    pub(crate) against: Verdict,
    /// Numbers, from 1, of the failregexes that match it, in the one that does.
    pub(crate) failregex: Vec<usize>,
    /// The failure ids it names there.
    pub(crate) addresses: Vec<String>,
}

impl ChangedLine {
    fn without_numbers(self) -> ChangedLine {
        ChangedLine {
            failregex: Vec::new(),
            ..self
        }
    }
}

/// A line other failregexes match.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct MovedLine {
    /// The log, where several are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
    /// Number in the log, from 1.
    pub(crate) line: u64,
    /// The line.
    pub(crate) text: String,
    /// Numbers in the filter compared against.
    pub(crate) from: Vec<usize>,
    /// Numbers in the filter.
    pub(crate) to: Vec<usize>,
}

/// Lines that went from these failregexes to those.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Move {
    /// Numbers in the filter compared against.
    pub(crate) from: Vec<usize>,
    /// Numbers in the filter.
    pub(crate) to: Vec<usize>,
    /// How many lines.
    pub(crate) count: u64,
}

/// A group with another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CaptureChange {
    /// Number of the failregex in the filter, from 1.
    pub(crate) failregex: usize,
    /// The group's name.
    pub(crate) group: String,
    /// Its text in the filter; null: it took no part.
    pub(crate) filter: Option<String>,
    /// Its text in the other.
    pub(crate) against: Option<String>,
}

/// A line with other groups captured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct CaptureLine {
    /// The log, where several are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
    /// Number in the log, from 1.
    pub(crate) line: u64,
    /// The line.
    pub(crate) text: String,
    /// The groups that differ.
    pub(crate) groups: Vec<CaptureChange>,
}

/// A line matched at another time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct TimeLine {
    /// The log, where several are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
    /// Number in the log, from 1.
    pub(crate) line: u64,
    /// The line.
    pub(crate) text: String,
    /// Epoch seconds in the filter; null: no date.
    pub(crate) filter: Option<f64>,
    /// Epoch seconds in the other.
    pub(crate) against: Option<f64>,
}

/// Addresses that one filter names and the other does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct AddressChanges {
    /// Named by the filter only.
    pub(crate) gained: Vec<AddressLines>,
    /// Named by the other only.
    pub(crate) lost: Vec<AddressLines>,
    /// Named by both, in another number of lines.
    pub(crate) recounted: Vec<AddressLines>,
}

/// An address and the matched lines that name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AddressLines {
    /// The address or other failure id.
    pub(crate) address: String,
    /// Lines in the filter.
    pub(crate) filter: u64,
    /// Lines in the other.
    pub(crate) against: u64,
}

/// Compares two filters on one log; at most `examples` lines are kept of each kind.
pub(crate) fn compare(
    filter: Candidate,
    against: Candidate,
    log: &Log,
    examples: usize,
) -> Comparison {
    fn texts<'a>(candidate: Candidate<'a>) -> Vec<&'a str> {
        let regexes = candidate.filter.failregexes.iter();
        regexes.map(|r| r.regex.as_str()).collect()
    }
    let pairs = pairing::pair(&texts(filter), &texts(against));
    let mut work = Work {
        partner: pairs
            .iter()
            .filter_map(|p| Some((p.against? - 1, p.filter? - 1)))
            .collect(),
        examples,
        found: Comparison::empty(log.lines.len() as u64, pairs),
        moves: BTreeMap::new(),
        addresses: BTreeMap::new(),
    };
    let (mine, theirs) = (verdicts(filter, log), verdicts(against, log));
    for (line, (mine, theirs)) in log.lines.iter().zip(mine.iter().zip(&theirs)) {
        work.line(line, mine, theirs);
    }
    work.finish()
}

impl Comparison {
    /// Whether the same lines and addresses changed alike, by whichever failregexes; seen by the
    /// examples, and how many there are.
    pub(crate) fn is_like(&self, other: &Comparison) -> bool {
        let counts = |of: &Comparison| {
            let inside = [of.moved.count, of.captures.count, of.times.count];
            let lines = [of.gained.count, of.lost.count, of.ignored.count];
            (of.lines, lines, inside, of.unanswered)
        };
        let changed = |of: &Comparison| -> Vec<ChangedLine> {
            let lines = [&of.gained, &of.lost, &of.ignored].into_iter();
            let lines = lines.flat_map(|lines| lines.examples.iter().cloned());
            lines.map(ChangedLine::without_numbers).collect()
        };
        let moved = |of: &Comparison| -> Vec<(Option<String>, u64)> {
            let lines = of.moved.examples.iter();
            lines.map(|line| (line.log.clone(), line.line)).collect()
        };
        let groups = |of: &Comparison| -> Vec<(u64, Vec<CaptureChange>)> {
            let lines = of.captures.examples.iter();
            let lines = lines.map(|line| {
                let groups = line.groups.iter().cloned();
                let groups = groups.map(|group| CaptureChange {
                    failregex: 0,
                    ..group
                });
                (line.line, groups.collect())
            });
            lines.collect()
        };
        counts(self) == counts(other)
            && changed(self) == changed(other)
            && moved(self) == moved(other)
            && groups(self) == groups(other)
            && self.times == other.times
            && self.addresses == other.addresses
    }

    fn empty(lines: u64, pairs: Vec<Pair>) -> Comparison {
        Comparison {
            unchanged: true,
            lines,
            matched_by_both: 0,
            gained: Lines::default(),
            lost: Lines::default(),
            ignored: Lines::default(),
            moved: Lines::default(),
            moves: Vec::new(),
            captures: Lines::default(),
            times: Lines::default(),
            addresses: AddressChanges::default(),
            unanswered: 0,
            pairs,
        }
    }

    /// Whether any line's meaning or any address changed.
    fn has_changes(&self) -> bool {
        let lines = self.gained.count + self.lost.count + self.ignored.count;
        let inside = self.moved.count + self.captures.count + self.times.count;
        let addresses = &self.addresses;
        let named = addresses.gained.len() + addresses.lost.len() + addresses.recounted.len();
        lines + inside > 0 || named > 0
    }
}

struct Work {
    /// Index in the other filter to index in this one.
    partner: BTreeMap<usize, usize>,
    examples: usize,
    found: Comparison,
    moves: BTreeMap<(Vec<usize>, Vec<usize>), u64>,
    /// Lines that name an address: in the filter, in the other.
    addresses: BTreeMap<String, (u64, u64)>,
}

impl Work {
    fn line(&mut self, line: &LogLine, mine: &BenchLine, theirs: &BenchLine) {
        self.found.unanswered += u64::from(mine.exhausted || theirs.exhausted);
        for (which, verdict) in [(0, mine), (1, theirs)] {
            // an ignored line's hits ban nobody
            if verdict.verdict != Verdict::Matched {
                continue;
            }
            for address in verdict.addresses() {
                let counts = self.addresses.entry(address.to_string()).or_default();
                match which {
                    0 => counts.0 += 1,
                    _ => counts.1 += 1,
                }
            }
        }
        if mine.verdict == theirs.verdict {
            self.found.matched_by_both += u64::from(mine.verdict == Verdict::Matched);
            self.inside(line, mine, theirs);
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
        let time = |verdict: &BenchLine| verdict.hits.first().map(|hit| hit.time);
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
    fn capture_changes(&self, mine: &BenchLine, theirs: &BenchLine) -> Vec<CaptureChange> {
        let mut both: Vec<(&Hit, &Hit)> = Vec::new();
        for their in &theirs.hits {
            let partner = self.partner.get(&their.regex);
            let here = mine.hits.iter().find(|hit| Some(&hit.regex) == partner);
            both.extend(here.map(|here| (here, their)));
        }
        if both.is_empty() {
            both.extend(mine.hits.first().zip(theirs.hits.first()));
        }
        let mut changes = Vec::new();
        for (here, there) in both {
            let names: BTreeSet<&String> = here.groups.keys().chain(there.groups.keys()).collect();
            for name in names {
                let (filter, against) = (here.groups.get(name), there.groups.get(name));
                if filter != against {
                    changes.push(CaptureChange {
                        failregex: here.regex + 1,
                        group: name.clone(),
                        filter: filter.cloned(),
                        against: against.cloned(),
                    });
                }
            }
        }
        changes
    }

    fn finish(mut self) -> Comparison {
        let mut moves: Vec<Move> = (self.moves.into_iter())
            .map(|((from, to), count)| Move { from, to, count })
            .collect();
        moves.sort_by(|a, b| b.count.cmp(&a.count).then(a.from.cmp(&b.from)));
        self.found.moves = moves;
        let changes = &mut self.found.addresses;
        for (address, (filter, against)) in self.addresses {
            let counted = AddressLines {
                address,
                filter,
                against,
            };
            match (filter, against) {
                (_, 0) => changes.gained.push(counted),
                (0, _) => changes.lost.push(counted),
                (a, b) if a != b => changes.recounted.push(counted),
                _ => {}
            }
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
