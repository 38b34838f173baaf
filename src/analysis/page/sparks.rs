//! When an address came: its hits over time, kept for the addresses with the most hits.
//!
//! As many addresses as fit are watched; where there is no more room, those with the fewest hits
//! are forgotten. One that comes again then has lost its beginning, which its hits tell: it has no
//! picture, rather than a wrong one.
//!
//! A log may name an address in each line, so little is done there: the hit is noted, by the place
//! the counters have given the address. Many hits are counted at once, which keeps what they need
//! close together.

use crate::analysis::run::AddressInfo;
use serde::Serialize;

/// Addresses that are watched.
const WATCHED: usize = 16_384;
/// Hits that are noted before they are counted.
const NOTED: usize = 4096;
/// Buckets of an address; they become twice as wide where there are more.
const BUCKETS: usize = 64;
/// Columns of a picture.
const COLUMNS: i64 = 32;

/// Watches addresses, each by its place in the order of appearance.
#[derive(Debug, Default)]
pub(super) struct AddressTimes {
    /// Hits to be counted: the address and its time.
    noted: Vec<(u32, u32)>,
    /// Of each address: where it is among the watched, from 1; 0: nowhere.
    places: Vec<u32>,
    watched: Vec<Watched>,
}

/// An address: hits in buckets of `1 << level` seconds.
#[derive(Debug)]
struct Watched {
    address: u32,
    level: u32,
    /// Number of the first bucket.
    first: u32,
    hits: u64,
    buckets: [u32; BUCKETS],
}

impl Watched {
    /// An address that comes first at that time.
    fn new(address: u32, time: u32) -> Watched {
        Watched {
            address,
            level: 0,
            first: time,
            hits: 0,
            buckets: [0; BUCKETS],
        }
    }

    fn add(&mut self, time: u32) {
        self.hits += 1;
        let mut at = (time >> self.level).wrapping_sub(self.first) as usize;
        if at >= BUCKETS {
            self.reach(time);
            at = ((time >> self.level) - self.first) as usize;
        }
        let count = &mut self.buckets[at];
        *count = count.saturating_add(1);
    }

    /// Makes the buckets so wide that a time before or behind them is in one of them.
    fn reach(&mut self, time: u32) {
        let hit = |count: &u32| *count > 0;
        let (Some(begin), Some(end)) = (
            self.buckets.iter().position(hit),
            self.buckets.iter().rposition(hit),
        ) else {
            self.first = time >> self.level;
            return;
        };
        let (first, last) = (self.first + begin as u32, self.first + end as u32);
        let time = time >> self.level;
        let (low, high) = (first.min(time), last.max(time));
        let mut more = 0;
        while (high >> more) - (low >> more) >= BUCKETS as u32 {
            more += 1;
        }
        let mut buckets = [0u32; BUCKETS];
        for (number, count) in (first..=last).zip(&self.buckets[begin..=end]) {
            let count_there = &mut buckets[((number >> more) - (low >> more)) as usize];
            *count_there = count_there.saturating_add(*count);
        }
        self.level += more;
        self.first = low >> more;
        self.buckets = buckets;
    }

    /// Buckets with hits: when they begin, and how many.
    fn counts(&self) -> impl DoubleEndedIterator<Item = (i64, u32)> {
        let all = self.buckets.iter().enumerate();
        let begin = move |at: usize| (i64::from(self.first) + at as i64) << self.level;
        all.filter(|(_, count)| **count > 0)
            .map(move |(at, count)| (begin(at), *count))
    }

    /// Seconds of a bucket.
    fn width(&self) -> i64 {
        1 << self.level
    }
}

impl AddressTimes {
    /// A line that names an address; `time` in epoch seconds.
    pub(super) fn add(&mut self, address: usize, time: f64) {
        // of dates before 1970 and behind 2106 nobody draws a picture
        self.noted.push((address as u32, time as u32));
        if self.noted.len() >= NOTED {
            self.count();
        }
    }

    /// Counts the hits that are noted.
    fn count(&mut self) {
        let mut noted = std::mem::take(&mut self.noted);
        for (address, time) in noted.drain(..) {
            let at = address as usize;
            if at >= self.places.len() {
                self.places.resize(at + 1, 0);
            }
            if self.places[at] == 0 {
                if self.watched.len() >= WATCHED {
                    self.forget();
                }
                self.watched.push(Watched::new(address, time));
                self.places[at] = self.watched.len() as u32;
            }
            self.watched[self.places[at] as usize - 1].add(time);
        }
        self.noted = noted;
    }

    /// Forgets half of the addresses, and more where many have as few hits.
    fn forget(&mut self) {
        let mut hits: Vec<u64> = self.watched.iter().map(|known| known.hits).collect();
        let (_, median, _) = hits.select_nth_unstable(WATCHED / 2);
        let median = *median;
        let places = &mut self.places;
        let mut next = 1;
        self.watched.retain(|known| {
            let stays = known.hits > median;
            places[known.address as usize] = if stays { next } else { 0 };
            next += u32::from(stays);
            stays
        });
    }

    /// The pictures of these addresses, all over the same time.
    pub(super) fn finish(mut self, addresses: &[AddressInfo]) -> Vec<Option<Sparkline>> {
        self.count();
        let watched: Vec<Option<&Watched>> = (addresses.iter())
            .map(|info| {
                let place = self.places.get(info.appeared.checked_sub(1)?)?;
                let known = self.watched.get((*place as usize).checked_sub(1)?)?;
                // lines without a date are in no picture
                (known.hits == info.hits).then_some(known)
            })
            .collect();
        let known = || watched.iter().flatten();
        let starts = known().filter_map(|w| Some(w.counts().next()?.0));
        let ends = known().filter_map(|w| Some(w.counts().next_back()?.0 + w.width()));
        let (Some(first), Some(last)) = (starts.min(), ends.max()) else {
            return vec![None; addresses.len()];
        };
        let step = ((last - first) / COLUMNS + 1).max(1);
        let draw = |watched: &Watched| {
            let mut hits = vec![0; COLUMNS as usize];
            for (begin, count) in watched.counts() {
                let middle = begin + watched.width() / 2;
                let column = ((middle - first) / step).clamp(0, COLUMNS - 1);
                hits[column as usize] += u64::from(count);
            }
            Sparkline { hits }
        };
        watched.iter().map(|watched| watched.map(draw)).collect()
    }
}

/// Hits of an address over the time of all addresses shown.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Sparkline {
    /// In each column.
    pub(crate) hits: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::address::AddressKind;

    fn info(appeared: usize, hits: u64) -> AddressInfo {
        AddressInfo {
            address: format!("x{appeared}"),
            kind: AddressKind::Ip4,
            appeared,
            hits,
            first: None,
            last: None,
            failregex: Vec::new(),
            users: Vec::new(),
            more_users: false,
        }
    }

    #[test]
    fn hits_are_where_they_were() {
        let mut times = AddressTimes::default();
        for second in 0..3200 {
            times.add(0, f64::from(second));
        }
        times.add(1, 3199.0);
        times.add(2, 3199.0);
        // of the third more hits than were seen; a fourth never came
        let all = times.finish(&[info(1, 3200), info(2, 1), info(3, 2), info(4, 1)]);
        let hits = |at: usize| all[at].as_ref().map(|line| line.hits.clone());
        let (a, b) = (hits(0).expect("known"), hits(1).expect("known"));
        assert_eq!(a.iter().sum::<u64>(), 3200);
        assert!(a[..25].iter().all(|hits| *hits > 60), "{a:?}");
        assert_eq!(
            b.iter().position(|hits| *hits == 1),
            a.iter().rposition(|hits| *hits > 0)
        );
        assert!(hits(2).is_none() && hits(3).is_none());
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_and_a_frequent_one_is_not() {
        let mut times = AddressTimes::default();
        for number in 1..=100_000 {
            times.add(number, 1.0);
            times.add(0, number as f64);
        }
        times.count();
        assert!(times.watched.len() <= WATCHED);
        assert!(times.finish(&[info(1, 100_000)])[0].is_some());
    }
}
