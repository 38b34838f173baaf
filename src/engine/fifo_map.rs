//! The last things under an id: what sessions are kept in.
//!
//! Holds [`KEPT`] entries, first in, first out, whatever was used last. Entries and their
//! ids are used over again, so a table that is full allocates nothing.

mod assumptions;

use assumptions::{Assumptions, Origin};
use compact_str::CompactString;
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hasher};

/// Entries kept at a time: upstream's `mlfidCache`.
pub(crate) const KEPT: usize = 100;
// entries are numbered by bytes, of which one says that there is none
const _: () = assert!(KEPT < NONE as usize);

/// Unknown ids noted at the start of a run, at most.
pub(crate) const ASKED: usize = 1000;

/// Chains entries are found by; few have more than one.
const CHAINS: usize = 256;

/// No entry.
const NONE: u8 = u8::MAX;

/// An entry of the table, or one that waits to be used again.
#[derive(Clone, Debug, Default)]
struct Entry<V> {
    hash: u64,
    id: String,
    /// The next entry of its chain.
    chained: u8,
    older: u8,
    newer: u8,
    /// Where it comes from, in a run over a guessed table.
    origin: Origin,
    value: V,
}

/// What the lines so far would have asked of sessions that were there before them: for
/// reports of shards, whose sessions may go on from one into the next.
///
/// The oldest sessions go first, so those of before are all gone once the table is full of
/// the run's own, and of its own none is gone sooner for their sake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionStart {
    /// Ids asked for and not known, each with the most sessions alive at once before it; as
    /// long as that is below [`KEPT`], and at most [`ASKED`] of them.
    pub(crate) asked: Vec<(CompactString, usize)>,
    /// There were more than that.
    pub(crate) more: bool,
    /// The most sessions alive at once.
    pub(crate) peak: usize,
}

impl SessionStart {
    /// Nothing asked from here on would be noted.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        self.peak >= KEPT || self.more
    }

    #[inline]
    fn ask(&mut self, id: &str) {
        if !self.is_over() {
            self.note(id);
        }
    }

    fn note(&mut self, id: &str) {
        if self.asked.len() < ASKED {
            self.asked.push((id.into(), self.peak));
        } else {
            self.more = true;
        }
    }
}

/// The last [`KEPT`] values by their ids.
#[derive(Clone, Debug)]
pub(crate) struct FifoMap<V> {
    entries: Vec<Entry<V>>,
    /// The first entry of every chain: entries whose hashes end alike. So few need no
    /// table that grows.
    chains: Box<[u8; CHAINS]>,
    oldest: u8,
    newest: u8,
    /// Entries not in use.
    idle: Vec<u8>,
    start: SessionStart,
    /// What a run over a guessed table relies on; None where the table is no guess.
    assumptions: Option<Box<Assumptions<V>>>,
}

impl<V> Default for FifoMap<V> {
    fn default() -> Self {
        FifoMap {
            entries: Vec::new(),
            chains: Box::new([NONE; CHAINS]),
            oldest: NONE,
            newest: NONE,
            idle: Vec::new(),
            start: SessionStart::default(),
            assumptions: None,
        }
    }
}

/// An id that has no entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vacant {
    hash: u64,
}

/// The hash of an id. Fixed seeds will do: there are too few entries for collisions to hurt.
#[inline]
fn hash_of(id: &str) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(id.as_bytes());
    hasher.finish()
}

impl<V: Default> FifoMap<V> {
    /// Where the entry of an id is, or what [`FifoMap::insert`] needs to know to make one.
    #[inline]
    pub(crate) fn find(&self, id: &str) -> Result<usize, Vacant> {
        self.find_hashed(id, hash_of(id))
    }

    #[inline]
    fn find_hashed(&self, id: &str, hash: u64) -> Result<usize, Vacant> {
        let mut at = usize::from(self.chains[hash as usize % CHAINS]);
        while let Some(entry) = self.entries.get(at) {
            if entry.hash == hash && entry.id == id {
                return Ok(at);
            }
            at = usize::from(entry.chained);
        }
        Err(Vacant { hash })
    }

    /// What was asked of entries from before the first.
    pub(crate) fn start(&self) -> &SessionStart {
        &self.start
    }

    /// Notes an id that has no entry and gets none; [`FifoMap::insert`] does so itself.
    #[inline]
    pub(crate) fn ask(&mut self, id: &str, vacant: Vacant) {
        match &mut self.assumptions {
            Some(assumptions) => assumptions.ask(id, vacant.hash),
            None => self.start.ask(id),
        }
    }

    /// Makes an entry for an id that has none; the oldest goes for it, not the one longest
    /// unused (`Utils.Cache.set`). The value is a default one or that of an entry that is
    /// no more, to be written over.
    pub(crate) fn insert(&mut self, id: &str, vacant: Vacant) -> usize {
        self.ask(id, vacant);
        let at = self.add(id, vacant.hash);
        match &mut self.assumptions {
            Some(assumptions) => assumptions.grow(),
            None => self.start.peak = self.start.peak.max(self.len()),
        }
        at
    }

    /// Entries in use.
    fn len(&self) -> usize {
        self.entries.len() - self.idle.len()
    }

    /// Makes an entry, the newest; the oldest goes for it where there is no room.
    fn add(&mut self, id: &str, hash: u64) -> usize {
        if self.idle.is_empty() {
            if self.entries.len() < KEPT {
                self.idle.push(self.entries.len() as u8);
                self.entries.push(Entry::default());
            } else {
                self.evict_oldest();
            }
        }
        let at = self.idle.pop().expect("an entry has just been freed");
        let older = std::mem::replace(&mut self.newest, at);
        match self.entries.get_mut(usize::from(older)) {
            Some(entry) => entry.newer = at,
            None => self.oldest = at,
        }
        let entry = &mut self.entries[usize::from(at)];
        entry.hash = hash;
        entry.id.clear();
        entry.id.push_str(id);
        (entry.older, entry.newer) = (older, NONE);
        entry.origin = Origin::Own;
        let chain = &mut self.chains[hash as usize % CHAINS];
        entry.chained = std::mem::replace(chain, at);
        usize::from(at)
    }

    /// Ends an entry. Its value can still be looked at until the next one is inserted.
    pub(crate) fn remove(&mut self, at: usize) {
        if let Some(assumptions) = &mut self.assumptions {
            assumptions.end(self.entries[at].origin);
        }
        self.unlink(at);
    }

    fn evict_oldest(&mut self) {
        let oldest = usize::from(self.oldest);
        if let Some(assumptions) = &mut self.assumptions {
            assumptions.evict(self.entries[oldest].origin);
        }
        self.unlink(oldest);
    }

    fn unlink(&mut self, at: usize) {
        let place = at as u8;
        let entry = &self.entries[at];
        let (older, newer, chained) = (entry.older, entry.newer, entry.chained);
        let first = &mut self.chains[entry.hash as usize % CHAINS];
        if *first == place {
            *first = chained;
        } else {
            let mut before = usize::from(*first);
            while self.entries[before].chained != place {
                before = usize::from(self.entries[before].chained);
            }
            self.entries[before].chained = chained;
        }
        match self.entries.get_mut(usize::from(older)) {
            Some(entry) => entry.newer = newer,
            None => self.oldest = newer,
        }
        match self.entries.get_mut(usize::from(newer)) {
            Some(entry) => entry.older = older,
            None => self.newest = older,
        }
        self.idle.push(place);
    }

    /// The value of an entry.
    #[inline]
    pub(crate) fn value(&self, at: usize) -> &V {
        &self.entries[at].value
    }

    /// The value of an entry, to be changed.
    #[inline]
    pub(crate) fn value_mut(&mut self, at: usize) -> &mut V {
        &mut self.entries[at].value
    }

    /// Ids and values, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        let first = self.entries.get(usize::from(self.oldest));
        std::iter::successors(first, |entry| self.entries.get(usize::from(entry.newer)))
            .map(|entry| (entry.id.as_str(), &entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(50))]

        /// Against the plain way: a list in which everything is looked for from its front.
        #[test]
        fn is_a_queue_with_ids(steps in prop::collection::vec((0u32..300, 0u8..4), 0..900)) {
            let mut table: FifoMap<u32> = FifoMap::default();
            let mut list: Vec<(String, u32)> = Vec::new();
            for (stamp, (id, what)) in (0..).zip(steps) {
                let id = format!("sshd[{id}]");
                let known = list.iter().position(|(other, _)| *other == id);
                prop_assert_eq!(
                    table.find(&id).ok().map(|at| *table.value(at)),
                    known.map(|at| list[at].1)
                );
                if what == 0 {
                    if let Some(at) = known {
                        list.remove(at);
                        let at = table.find(&id).expect("it was found above");
                        table.remove(at);
                    }
                    continue;
                }
                match known {
                    Some(at) => list[at].1 = stamp,
                    None => {
                        if list.len() == KEPT {
                            list.remove(0);
                        }
                        list.push((id.clone(), stamp));
                    }
                }
                let at = match table.find(&id) {
                    Ok(at) => at,
                    Err(vacant) => table.insert(&id, vacant),
                };
                *table.value_mut(at) = stamp;
                let all: Vec<(String, u32)> =
                    table.iter().map(|(id, stamp)| (id.to_string(), *stamp)).collect();
                prop_assert_eq!(&all, &list);
            }
        }
    }
}
