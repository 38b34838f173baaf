//! The counts of a block of lines added to those of all lines before it.

use super::{AddressStats, AllUsers, Keep, RegexStats, Retention, Stats, keeps};
use crate::engine::address_stats::SetNumbers;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};

impl Stats {
    /// Whether the counts of blocks may come in by [`Stats::absorb`] from here on: none of their
    /// lines is wanted word for word, but ignored ones perhaps.
    pub(crate) fn takes_blocks(&self) -> bool {
        self.counts_missed() && self.retention.matched != Keep::All && !self.retention.hits
    }

    /// Whether [`Stats::absorb`] of these counts gives what [`Stats::record`] would give line by
    /// line. It does not where one of the lines is wanted word for word or by its number, and
    /// where addresses would have to be left out.
    pub(crate) fn can_absorb(&self, block: &Stats) -> bool {
        let Retention { ignored, limit, .. } = self.retention;
        self.takes_blocks()
            && (block.ignored == 0 || !keeps(ignored, self.ignored + 1, limit))
            && self.addresses.len() + block.addresses.len() <= self.retention.addresses
            && block.exhausted.is_empty()
            && block.undated_matches.is_none()
    }

    /// Adds the counts of the lines that follow: in every number, and in the order of addresses
    /// and of their users, as if [`Stats::record`] had seen these lines itself. Only where
    /// [`Stats::can_absorb`] says so.
    pub(crate) fn absorb(&mut self, block: &Stats) {
        self.tested += block.tested;
        self.matched += block.matched;
        self.ignored += block.ignored;
        self.missed += block.missed;
        self.prefregex_hits += block.prefregex_hits;
        self.pending_matches += block.pending_matches;
        for (all, block) in self.failregexes.iter_mut().zip(&block.failregexes) {
            all.hits += block.hits;
            all.helper_hits += block.helper_hits;
        }
        for (all, block) in self.ignoreregexes.iter_mut().zip(&block.ignoreregexes) {
            *all += block;
        }
        let mut numbers = UserNumbers::new(&block.users);
        let mut sets = SetNumbers::new(&block.regex_sets);
        for (text, later) in &block.addresses {
            let stats = match self.addresses.raw_entry_mut_v1().from_key(text) {
                RawEntryMut::Occupied(known) => known.into_mut(),
                RawEntryMut::Vacant(new) => {
                    let stats = AddressStats::new(later.kind);
                    new.insert(text.clone(), stats).1
                }
            };
            let (users, sets) = (&mut self.users, (&mut sets, &mut self.regex_sets));
            stats.absorb(later, sets, |user, add| numbers.among(users, user, add));
        }
    }

    /// Forgets all counts, but keeps the allocations.
    pub(crate) fn clear(&mut self) {
        let mut old = std::mem::take(self);
        old.failregexes.fill(RegexStats::default());
        old.ignoreregexes.fill(0);
        old.addresses.clear();
        old.users.clear();
        *self = Stats {
            retention: old.retention,
            failregexes: old.failregexes,
            ignoreregexes: old.ignoreregexes,
            addresses: old.addresses,
            users: old.users,
            regex_sets: old.regex_sets,
            ..Stats::default()
        };
    }
}

/// The numbers that the users of a block have among all users.
struct UserNumbers<'b> {
    users: &'b AllUsers,
    /// By their number in the block, as far as they were looked up and found.
    known: Vec<Option<u32>>,
}

impl<'b> UserNumbers<'b> {
    fn new(users: &'b AllUsers) -> UserNumbers<'b> {
        UserNumbers {
            users,
            known: vec![None; users.len()],
        }
    }

    /// The number of a user among `all`; if `add`, it is added where it is new.
    fn among(&mut self, all: &mut AllUsers, user: u32, add: bool) -> Option<u32> {
        let known = self.known.get_mut(user as usize)?;
        if known.is_none() {
            let name = self.users.get_index(user as usize)?;
            *known = match all.get_index_of(name) {
                None if add => Some(all.insert_full(name.clone()).0 as u32),
                number => number.map(|number| number as u32),
            };
        }
        *known
    }
}
