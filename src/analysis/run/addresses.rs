//! The addresses of a report: a list read back from JSON, or made one by one from the
//! counters, so that millions of them are never in memory twice.

use crate::date::Clock;
use crate::engine::Stats;
use crate::engine::address::AddressKind;
use serde::{Deserialize, Serialize, Serializer};
use std::cmp::Reverse;

/// An address or other id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AddressInfo {
    /// The address as fail2ban would ban it.
    pub(crate) address: String,
    /// What it is.
    pub(crate) kind: AddressKind,
    /// Its rank by first appearance in the logs, from 1.
    #[serde(default)]
    pub(crate) appeared: usize,
    /// Matched lines that named it.
    pub(crate) hits: u64,
    /// Time of the earliest of them; null where none has a date.
    pub(crate) first: Option<Moment>,
    /// Time of the latest.
    pub(crate) last: Option<Moment>,
    /// Numbers of the failregexes that found it, from 1.
    pub(crate) failregex: Vec<usize>,
    /// Users tried from it, first seen first, at most 100.
    pub(crate) users: Vec<String>,
    /// There were more users.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) more_users: bool,
}

/// A point in time, twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// RFC 3339, in the machine's zone.
    pub(crate) time: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) epoch: f64,
}

/// Addresses of a report, most hits first.
pub(crate) trait AddressRows {
    /// How many there are.
    fn total(&self) -> usize;

    /// The first ones.
    fn first(&self, most: usize) -> Vec<AddressInfo>;
}

impl AddressRows for Vec<AddressInfo> {
    fn total(&self) -> usize {
        self.len()
    }

    fn first(&self, most: usize) -> Vec<AddressInfo> {
        self.iter().take(most).cloned().collect()
    }
}

/// The addresses a run counted; serializes as the list of them.
pub(crate) struct CountedAddresses<'s> {
    stats: &'s Stats,
    clock: &'s Clock,
    /// Their places in the order of appearance, most hits first.
    order: Vec<u32>,
    /// How many are listed.
    listed: usize,
}

impl<'s> CountedAddresses<'s> {
    /// The addresses of `stats`, of which the first `top` are listed; None for all.
    pub(super) fn new(stats: &'s Stats, clock: &'s Clock, top: Option<usize>) -> Self {
        let all = &stats.addresses;
        // the hits beside the places: sorting by what stands elsewhere misses the cache each time
        let mut order: Vec<(u64, u32)> = all.values().map(|known| known.hits).zip(0..).collect();
        // stable: those of equal hits stay in order of appearance
        order.sort_by_key(|&(hits, _)| Reverse(hits));
        let order: Vec<u32> = order.into_iter().map(|(_, at)| at).collect();
        CountedAddresses {
            stats,
            clock,
            listed: top.map_or(order.len(), |top| top.min(order.len())),
            order,
        }
    }

    /// Lists only as many as take so many bytes with their users, and one at least.
    pub(super) fn list_within(&mut self, bytes: usize) {
        let size = |&at: &u32| {
            let (address, known) = self.stats.addresses.get_index(at as usize)?;
            let users = known.users.names(&self.stats.users);
            let users: usize = users.map(|user| user.len() + 3).sum();
            // names and times of a row of JSON are about as long
            Some(address.len() + users + 200)
        };
        let mut left = bytes;
        let sizes = self.order.iter().take(self.listed).filter_map(size);
        let fitting = sizes.take_while(|size| {
            let fits = left >= *size;
            left = left.saturating_sub(*size);
            fits
        });
        self.listed = fitting.count().max(1).min(self.listed);
    }

    /// Addresses not listed.
    pub(super) fn unlisted(&self) -> u64 {
        (self.order.len() - self.listed) as u64
    }

    fn rows(&self, most: usize) -> impl Iterator<Item = AddressInfo> {
        let places = self.order.iter().take(most);
        places.filter_map(|&at| self.row(at as usize))
    }

    fn row(&self, at: usize) -> Option<AddressInfo> {
        let (address, known) = self.stats.addresses.get_index(at)?;
        let moment = |epoch: f64| Moment {
            time: self.clock.rfc3339(epoch),
            epoch,
        };
        Some(AddressInfo {
            address: address.to_string(),
            kind: known.kind,
            appeared: at + 1,
            hits: known.hits,
            first: known.span().map(|(first, _)| moment(first)),
            last: known.span().map(|(_, last)| moment(last)),
            failregex: (self.stats.failregexes_of(known).iter())
                .map(|&index| index as usize + 1)
                .collect(),
            users: (known.users.names(&self.stats.users))
                .map(str::to_string)
                .collect(),
            more_users: known.more_users,
        })
    }
}

impl AddressRows for CountedAddresses<'_> {
    fn total(&self) -> usize {
        self.order.len()
    }

    fn first(&self, most: usize) -> Vec<AddressInfo> {
        self.rows(most).collect()
    }
}

impl Serialize for CountedAddresses<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows(self.listed))
    }
}
