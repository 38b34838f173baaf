//! What changed in meaning between two filters on one log. No running times, no guesses but the
//! pairing of regexes.
//!
//! Gained and lost are the filter's, seen from the one it is compared against: `bench LOG
//! FILTER --against git:HEAD~1` says what the working copy gained.

use super::pairing::Pair;
use crate::engine::Verdict;
use serde::Serialize;

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
    pub(super) fn add(&mut self, limit: usize, example: impl FnOnce() -> T) {
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

    /// Of so many lines, nothing changed yet.
    pub(super) fn empty(lines: u64, pairs: Vec<Pair>) -> Comparison {
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
    pub(super) fn has_changes(&self) -> bool {
        let lines = self.gained.count + self.lost.count + self.ignored.count;
        let inside = self.moved.count + self.captures.count + self.times.count;
        let addresses = &self.addresses;
        let named = addresses.gained.len() + addresses.lost.len() + addresses.recounted.len();
        lines + inside > 0 || named > 0
    }
}
