//! Failures counted until they are enough: upstream's `FailManager` and `FailTicket`.

use super::{AddressId, Place, Ticket};
use foldhash::fast::RandomState;
use smallvec::{SmallVec, smallvec};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Fewer entries than this are not worth looking through.
const LEAST_CROWDED: usize = 1_024;

/// The failures of one address: upstream's `FailTicket` in the fail list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failures {
    /// Who.
    pub(crate) id: AddressId,
    /// Start of the interval that is counted, epoch seconds.
    pub(crate) first: f64,
    /// Last failure, epoch seconds.
    pub(crate) time: f64,
    /// What is compared with maxretry; estimated from the rate where the failures span more
    /// than findtime, raised for known bad addresses.
    pub(crate) retry: i64,
    /// Failures really seen (`<failures>`).
    pub(crate) attempts: i64,
    /// Bans of this address known before this one.
    pub(crate) ban_count: i64,
    /// The last lines, at most maxmatches.
    pub(crate) matches: SmallVec<[Place; 2]>,
}

impl Failures {
    /// Those of a ban by hand: none, at its time.
    pub(crate) fn none(id: AddressId, time: f64) -> Failures {
        Failures {
            id,
            first: time,
            time,
            retry: 0,
            attempts: 0,
            ban_count: 0,
            matches: SmallVec::new(),
        }
    }

    /// Counts on from `time` (`FailTicket.adjustTime`).
    fn adjust_time(&mut self, time: f64, findtime: f64) {
        if time > self.time {
            if self.first < time - findtime {
                let rate = self.retry as f64 / (time - self.first);
                self.retry = (rate * findtime).round_ties_even() as i64;
                self.first = time - findtime;
            }
            self.time = time;
        }
    }
}

/// What became of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Added {
    /// The address's count now: upstream's return value of `addFailure`.
    pub(crate) retry: i64,
    /// The ticket opened the address's entry. Upstream then counts the same object again
    /// where its observer does.
    pub(crate) opened: bool,
}

/// The failures of one jail, by address.
#[derive(Clone, Debug)]
pub(crate) struct FailManager {
    maxretry: i64,
    findtime: f64,
    maxmatches: usize,
    /// Boxed: the room that a table keeps free must not be that of whole entries.
    entries: HashMap<AddressId, Box<Failures>, RandomState>,
    /// Entries at which those that are forgotten make room.
    crowded: usize,
    /// What has not failed after this moment is forgotten.
    horizon: f64,
}

impl FailManager {
    /// No failures yet. `findtime` in seconds; `maxmatches` 0 keeps no lines.
    pub(crate) fn new(maxretry: i64, findtime: f64, maxmatches: usize) -> FailManager {
        FailManager {
            maxretry,
            findtime,
            maxmatches,
            entries: HashMap::default(),
            crowded: LEAST_CROWDED,
            horizon: f64::NEG_INFINITY,
        }
    }

    /// Sets maxretry and findtime; what is counted stays.
    pub(crate) fn change(&mut self, maxretry: i64, findtime: f64) {
        (self.maxretry, self.findtime) = (maxretry, findtime);
    }

    /// Forgets addresses whose last failure is findtime or more before `now`
    /// (`FailManager.cleanup`). They are dropped when next looked at: `now` must not
    /// decrease from call to call, and a failure must not be older than `now` says.
    pub(crate) fn cleanup(&mut self, now: f64) {
        self.horizon = self.horizon.max(now - self.findtime);
    }

    fn entry(&mut self, id: AddressId) -> Entry<'_, AddressId, Box<Failures>> {
        let horizon = self.horizon;
        // each entry is looked at once for one that came since: no more work than adding
        if self.entries.len() >= self.crowded {
            self.entries.retain(|_, failures| failures.time > horizon);
            self.crowded = LEAST_CROWDED.max(2 * self.entries.len());
        }
        if (self.entries.get(&id)).is_some_and(|failures| failures.time <= horizon) {
            self.entries.remove(&id);
        }
        self.entries.entry(id)
    }

    /// Counts a failure (`FailManager.addFailure`).
    pub(crate) fn add(&mut self, ticket: &Ticket) -> Added {
        let (findtime, maxmatches) = (self.findtime, self.maxmatches);
        match self.entry(ticket.id) {
            Entry::Occupied(mut entry) => {
                let failures = entry.get_mut();
                failures.adjust_time(ticket.time, findtime);
                failures.retry += 1;
                failures.attempts += if ticket.attempts <= 0 {
                    1
                } else {
                    ticket.attempts
                };
                keep(&mut failures.matches, Some(ticket.place), maxmatches);
                Added {
                    retry: failures.retry,
                    opened: false,
                }
            }
            Entry::Vacant(entry) => {
                let retry = ticket.attempts.max(1);
                entry.insert(Box::new(Failures {
                    id: ticket.id,
                    first: ticket.time,
                    time: ticket.time,
                    retry,
                    attempts: retry,
                    ban_count: 0,
                    // not cut yet: upstream does that from the second on
                    matches: smallvec![ticket.place],
                }));
                Added {
                    retry,
                    opened: true,
                }
            }
        }
    }

    /// Counts a failure again, `count` times more, for an address known from earlier bans
    /// (`addFailure` called by the observer). None where it is not counted any more.
    pub(crate) fn add_observed(
        &mut self,
        ticket: &Ticket,
        count: i64,
        opened: bool,
    ) -> Option<i64> {
        let maxmatches = self.maxmatches;
        let failures = self.get(ticket.id)?;
        failures.retry += count;
        let (attempts, place) = if opened {
            (1, None)
        } else {
            (
                if ticket.attempts <= 0 {
                    1
                } else {
                    ticket.attempts
                },
                Some(ticket.place),
            )
        };
        failures.attempts += attempts;
        keep(&mut failures.matches, place, maxmatches);
        Some(failures.retry)
    }

    /// The failures of an address, if any are counted.
    pub(crate) fn get(&mut self, id: AddressId) -> Option<&mut Failures> {
        match self.entry(id) {
            Entry::Occupied(entry) => Some(&mut **entry.into_mut()),
            Entry::Vacant(_) => None,
        }
    }

    /// Takes the failures of an address out if they reach maxretry (`FailManager.toBan`).
    pub(crate) fn take_ban(&mut self, id: AddressId) -> Option<Failures> {
        let maxretry = self.maxretry;
        match self.entry(id) {
            Entry::Occupied(entry) if entry.get().retry >= maxretry => Some(*entry.remove()),
            _ => None,
        }
    }

    /// All that is counted.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &Failures> {
        let live = |failures: &&Failures| failures.time > self.horizon;
        let entries = self.entries.values().map(|failures| &**failures);
        let mut all: Vec<&Failures> = entries.filter(live).collect();
        all.sort_by_key(|failures| failures.id);
        all.into_iter()
    }
}

/// Appends a line and drops those beyond maxmatches.
fn keep(matches: &mut SmallVec<[Place; 2]>, place: Option<Place>, maxmatches: usize) {
    if maxmatches == 0 {
        matches.clear();
        return;
    }
    matches.extend(place);
    let surplus = matches.len().saturating_sub(maxmatches);
    matches.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgotten_addresses_leave_their_room() {
        let mut fails = FailManager::new(5, 600.0, 5);
        for number in 0..100_000 {
            let time = f64::from(number);
            fails.cleanup(time);
            fails.add(&Ticket {
                id: AddressId(number),
                time,
                attempts: 0,
                place: Place {
                    log: 0,
                    line: number,
                },
            });
        }
        // one fails every second: 600 count at a time
        assert_eq!(fails.all().count(), 600);
        assert!(fails.entries.len() <= 1_200, "{}", fails.entries.len());
        assert!(fails.entries.capacity() < 4_000);
    }
}
