//! What a run counts of each address.

use super::address::AddressKind;
use super::session::Found;
use super::users::{AllUsers, Users};
use foldhash::fast::RandomState;
use indexmap::IndexSet;
use smallvec::SmallVec;
use std::collections::HashMap;

/// Users remembered per address: the first ones seen. Keeping the first makes shards merge
/// exactly: of their lists, in shard order, the first this many are those of one run.
pub(crate) const USERS_PER_ADDRESS: usize = 100;

/// Addresses a run knows at most, unless told otherwise: 0.6 GB of them.
pub(crate) const MAX_ADDRESSES: usize = 5_000_000;

/// What is known of one address or id: 48 bytes, since an attack may come from millions.
#[derive(Clone, Debug)]
pub(crate) struct AddressStats {
    /// Matched lines that named it.
    pub(crate) hits: u64,
    /// Earliest and latest time of those lines, epoch seconds; NaN where none has a date.
    first: f64,
    last: f64,
    /// Users tried from it, first seen first, at most [`USERS_PER_ADDRESS`].
    pub(crate) users: Users,
    /// The failregexes that found it, as [`RegexSets`] numbers them.
    failregexes: RegexSet,
    /// What it is.
    pub(crate) kind: AddressKind,
    /// There were more users.
    pub(crate) more_users: bool,
}

impl AddressStats {
    pub(super) fn new(kind: AddressKind) -> AddressStats {
        AddressStats {
            hits: 0,
            first: f64::NAN,
            last: f64::NAN,
            users: Users::default(),
            failregexes: RegexSet::default(),
            kind,
            more_users: false,
        }
    }

    /// Earliest and latest time of its lines, epoch seconds; None where none has a date.
    pub(crate) fn span(&self) -> Option<(f64, f64)> {
        (!self.first.is_nan()).then_some((self.first, self.last))
    }

    pub(super) fn add(&mut self, found: &Found, sets: &mut RegexSets, users: &mut AllUsers) {
        self.failregexes = sets.with(self.failregexes, found.regex as u32);
        for user in &found.users {
            self.more_users |= !self.users.add(user, users, USERS_PER_ADDRESS);
        }
        if let Some(date) = found.date {
            self.widen(date.seconds(), date.seconds());
        }
    }

    /// Adds what later lines have counted for the same address, with sets and users of their
    /// own; for `renumber` see [`Users::absorb`].
    ///
    /// The users are those of a count line by line: what theirs has left out was the hundred and
    /// first or later of their own, so it is that here too.
    pub(super) fn absorb(
        &mut self,
        later: &AddressStats,
        (theirs, sets): (&mut SetNumbers, &mut RegexSets),
        renumber: impl FnMut(u32, bool) -> Option<u32>,
    ) {
        self.hits += later.hits;
        self.failregexes = theirs.joined(self.failregexes, later.failregexes, sets);
        let all_added = (self.users).absorb(&later.users, USERS_PER_ADDRESS, renumber);
        self.more_users |= later.more_users || !all_added;
        self.widen(later.first, later.last);
    }

    fn widen(&mut self, first: f64, last: f64) {
        // the other one, where one is NaN
        (self.first, self.last) = (self.first.min(first), self.last.max(last));
    }
}

/// A set of failregexes, by its number in [`RegexSets`]; the default is the empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct RegexSet(u32);

/// All sets of failregexes that found some address. Most addresses are found by the same few
/// regexes, so a number is all an address needs to keep.
#[derive(Clone, Default)]
pub(crate) struct RegexSets {
    /// Number 1 and on: indexes, ascending.
    sets: IndexSet<SmallVec<[u32; 4]>, RandomState>,
    /// The set with one more regex; what is found again there, for speed.
    wider: HashMap<(RegexSet, u32), RegexSet, RandomState>,
}

impl std::fmt::Debug for RegexSets {
    /// Without the look-up table, whose order is chance: equal counts print alike.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.sets.fmt(f)
    }
}

impl RegexSets {
    /// Indexes of the failregexes that found an address, ascending.
    pub(super) fn indexes_of(&self, address: &AddressStats) -> &[u32] {
        self.indexes(address.failregexes)
    }

    fn indexes(&self, set: RegexSet) -> &[u32] {
        let known = (set.0 as usize).checked_sub(1);
        known
            .and_then(|at| self.sets.get_index(at))
            .map_or(&[], |set| set)
    }

    /// `set` and `regex`.
    fn with(&mut self, set: RegexSet, regex: u32) -> RegexSet {
        let Err(at) = self.indexes(set).binary_search(&regex) else {
            return set;
        };
        if let Some(&wider) = self.wider.get(&(set, regex)) {
            return wider;
        }
        let mut indexes = SmallVec::from_slice(self.indexes(set));
        indexes.insert(at, regex);
        let (at, _) = self.sets.insert_full(indexes);
        let wider = RegexSet(at as u32 + 1);
        self.wider.insert((set, regex), wider);
        wider
    }
}

/// The sets of one count among those of another.
pub(super) struct SetNumbers<'s> {
    theirs: &'s RegexSets,
    /// By their number, as far as they were asked for.
    ours: Vec<Option<RegexSet>>,
    /// Two sets of ours that were joined, and what that gave: mostly the same as last time.
    last: ((RegexSet, RegexSet), RegexSet),
}

impl<'s> SetNumbers<'s> {
    pub(super) fn new(theirs: &'s RegexSets) -> SetNumbers<'s> {
        SetNumbers {
            theirs,
            ours: vec![None; theirs.sets.len() + 1],
            last: Default::default(),
        }
    }

    /// A set of ours joined with one of theirs.
    fn joined(&mut self, one: RegexSet, other: RegexSet, sets: &mut RegexSets) -> RegexSet {
        let regexes = self.theirs.indexes(other).iter();
        let known = &mut self.ours[other.0 as usize];
        let other = *known.get_or_insert_with(|| {
            let empty = RegexSet::default();
            regexes
                .clone()
                .fold(empty, |set, &regex| sets.with(set, regex))
        });
        if one == RegexSet::default() || one == other {
            return other;
        }
        if self.last.0 != (one, other) {
            let joined = regexes.fold(one, |set, &regex| sets.with(set, regex));
            self.last = ((one, other), joined);
        }
        self.last.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compact_str::CompactString;

    #[test]
    fn an_address_takes_few_bytes() {
        assert_eq!(size_of::<AddressStats>(), 48);
        assert_eq!(size_of::<(CompactString, AddressStats)>(), 72);
    }

    #[test]
    fn sets_of_regexes_are_kept_once() {
        let mut sets = RegexSets::default();
        let [a, b] = [[70, 3, 3], [3, 70, 70]].map(|regexes| {
            regexes
                .iter()
                .fold(RegexSet::default(), |set, &regex| sets.with(set, regex))
        });
        assert_eq!(a, b);
        assert_eq!(sets.indexes(a), [3, 70]);
        assert_eq!(sets.indexes(RegexSet::default()), [0u32; 0]);
        assert_eq!(sets.sets.len(), 3);
    }
}
