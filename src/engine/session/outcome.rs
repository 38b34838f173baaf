//! What a session says of a line, and of its date.

use crate::date::Timestamp;
use crate::engine::address::{Address, AddressKind};
use crate::engine::filter_regex::RegexRole;
use crate::engine::groups::{Groups, TupleLine};
use compact_str::CompactString;
use smallvec::SmallVec;
use std::sync::Arc;

/// A failure found in a line: one entry of upstream's `failList`.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Index of the failregex, from 0.
    pub(crate) regex: usize,
    /// Who failed; None while a session still lacks an address.
    pub(crate) id: Option<Address>,
    /// What kind of id it is.
    pub(crate) kind: AddressKind,
    /// When; None where neither the line nor one shortly before it has a date.
    pub(crate) date: Option<Timestamp>,
    /// Helps, but does not count (`<F-NOFAIL>`).
    pub(crate) nofail: bool,
    /// The whole failure dictionary; only with `Session::keep_data`.
    pub(crate) data: Option<Box<Groups>>,
    /// The users named so far; of the session, if there is one.
    pub(crate) users: SmallVec<[CompactString; 1]>,
}

/// What prefregex says of a line, for the report's count.
#[derive(Clone, Debug, Default)]
pub(crate) struct PrefregexState {
    /// Whether it matched.
    pub(crate) matched: bool,
    /// Its groups, if it did.
    pub(crate) groups: Groups,
}

/// The verdict on one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineOutcome {
    /// The failures, NOFAIL ones among them.
    pub(crate) found: Vec<Found>,
    /// Ignoreregexes that matched, once per failregex they took back.
    pub(crate) ignored_by: Vec<usize>,
    /// Regexes that gave no answer within their budget.
    pub(crate) exhausted: Vec<RegexRole>,
    /// The line in its three parts.
    pub(crate) tuple: TupleLine,
    /// A regex matched, but no date was found.
    pub(crate) undated_match: bool,
    /// Buffered lines that this line's match took out of the buffer, oldest first
    /// (multi-line filters: missed before, matched now).
    pub(crate) taken: Vec<Arc<TupleLine>>,
}

impl LineOutcome {
    /// Whether the line counts as ignored: by an ignoreregex, or by a NOFAIL match.
    pub(crate) fn is_ignored(&self) -> bool {
        !self.ignored_by.is_empty() || self.found.iter().any(|f| f.nofail)
    }

    /// Whether nothing was found, taken back or given up, so that the line is missed.
    pub(in crate::engine) fn is_nothing(&self) -> bool {
        self.found.is_empty()
            && self.ignored_by.is_empty()
            && self.taken.is_empty()
            && self.exhausted.is_empty()
    }

    /// Forgets everything, but keeps the allocations.
    pub(in crate::engine) fn clear(&mut self) {
        self.found.clear();
        self.ignored_by.clear();
        self.exhausted.clear();
        self.taken.clear();
        self.undated_match = false;
        self.tuple = TupleLine::default();
    }

    /// The failures that count.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|f| !f.nofail)
    }
}

/// The part of a line a date template cut, and the date read from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateCut {
    /// The line in its three parts.
    pub(crate) tuple: TupleLine,
    /// The date that holds for the line.
    pub(crate) date: Option<Timestamp>,
    /// Nothing in the line gave a date (upstream's `noDate`).
    pub(crate) no_date: bool,
}

/// Lines whose date could not be searched or read where upstream would have ended in a
/// traceback; we go on as if they had no date, and say so.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateFaults {
    /// How many.
    pub(crate) count: u64,
    /// What was wrong with the first.
    pub(crate) first: Option<String>,
}

impl DateFaults {
    pub(in crate::engine) fn add(&mut self, fault: &dyn std::fmt::Display) {
        self.count += 1;
        self.first.get_or_insert_with(|| fault.to_string());
    }
}
