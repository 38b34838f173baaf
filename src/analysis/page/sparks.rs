//! When an address came: its hits over time, kept for the addresses with the most hits.
//!
//! A log may name an address in each line, so all that is done there is to note the hit, by the
//! place the counters have given the address. Of most logs all notes fit into memory, and at the end
//! they are gone through once, for the few addresses that are shown. Where they do not fit, those of
//! addresses with many hits are put into buckets. The notes of the others stay; where there are too
//! many of these, the addresses with the fewest hits are forgotten. One that comes again then has
//! lost its beginning, which its hits tell: it has no picture, rather than a wrong one.

use crate::analysis::run::AddressInfo;
use serde::Serialize;

/// Hits that are noted before some are put into buckets: 16 MiB of them.
const NOTED: usize = 1 << 21;
/// Addresses that have buckets.
const WATCHED: usize = 16_384;
/// Buckets of an address; they become twice as wide where there are more.
const SLOTS: usize = 64;
/// Columns of a picture.
const COLUMNS: i64 = 32;

/// A hit: the place of its address, and its time in epoch seconds.
type Note = (u32, u32);

/// Watches addresses, each by its place in the order of appearance.
#[derive(Debug, Default)]
pub(super) struct AddressTimes {
    /// Hits that are in no bucket.
    noted: Vec<Note>,
    /// Of each address: where it is among those that have buckets, from 1; 0: nowhere.
    places: Vec<u32>,
    watched: Vec<Watched>,
}

/// An address: its hits, in buckets of `1 << level` seconds once there are more than slots.
#[derive(Debug)]
struct Watched {
    address: u32,
    hits: u64,
    level: u32,
    /// Number of the first bucket.
    first: u32,
    /// As long as there are that few hits, the times of them; then the hits of each bucket.
    slots: [u32; SLOTS],
}

impl Watched {
    fn new(address: u32) -> Watched {
        Watched {
            address,
            hits: 0,
            level: 0,
            first: 0,
            slots: [0; SLOTS],
        }
    }

    #[inline]
    fn add(&mut self, time: u32) {
        if self.hits < SLOTS as u64 {
            self.slots[self.hits as usize] = time;
            self.hits += 1;
            return;
        }
        if self.hits == SLOTS as u64 {
            self.count_times();
        }
        self.hits += 1;
        let at = (time >> self.level).wrapping_sub(self.first) as usize;
        match self.slots.get_mut(at) {
            Some(count) => *count = count.saturating_add(1),
            None => self.add_outside(time),
        }
    }

    /// Puts the times into buckets.
    fn count_times(&mut self) {
        let times = self.slots;
        self.slots = [0; SLOTS];
        let (low, high) = ends(&times);
        self.level = wider(low, high);
        self.first = low >> self.level;
        for time in times {
            self.slots[((time >> self.level) - self.first) as usize] += 1;
        }
    }

    /// Counts a hit before the first bucket or behind the last: they become as wide as that takes.
    fn add_outside(&mut self, time: u32) {
        let taken = (self.first..)
            .zip(self.slots)
            .filter(|(_, count)| *count > 0);
        let time = (time >> self.level, 1);
        let all: Vec<(u32, u32)> = taken.chain([time]).collect();
        let numbers: Vec<u32> = all.iter().map(|(number, _)| *number).collect();
        let (low, high) = ends(&numbers);
        let more = wider(low, high);
        self.level += more;
        self.first = low >> more;
        self.slots = [0; SLOTS];
        for (number, count) in all {
            let slot = &mut self.slots[((number >> more) - self.first) as usize];
            *slot = slot.saturating_add(count);
        }
    }

    /// Its hits: when each bucket of them begins, and how many.
    fn counts(&self) -> impl Iterator<Item = (i64, u32)> {
        let are_times = self.hits <= SLOTS as u64;
        let taken = if are_times { self.hits as usize } else { SLOTS };
        let all = self.slots[..taken].iter().enumerate();
        all.map(move |(at, slot)| {
            if are_times {
                (i64::from(*slot), 1)
            } else {
                ((i64::from(self.first) + at as i64) << self.level, *slot)
            }
        })
        .filter(|(_, count)| *count > 0)
    }

    /// Seconds of a bucket.
    fn width(&self) -> i64 {
        1 << self.level
    }
}

/// The least and the greatest.
fn ends(numbers: &[u32]) -> (u32, u32) {
    let least = numbers.iter().copied().min();
    let greatest = numbers.iter().copied().max();
    (least.unwrap_or(0), greatest.unwrap_or(0))
}

/// How much wider buckets of these numbers have to be, so that there is a slot for each.
fn wider(low: u32, high: u32) -> u32 {
    let mut more = 0;
    while (high >> more) - (low >> more) >= SLOTS as u32 {
        more += 1;
    }
    more
}

impl AddressTimes {
    /// A line that names an address; `time` in epoch seconds.
    #[inline]
    pub(super) fn add(&mut self, address: u32, time: f64) {
        if self.noted.len() >= NOTED {
            self.make_room();
        }
        // of dates before 1970 and behind 2106 nobody draws a picture
        self.noted.push((address, time as u32));
    }

    /// Puts hits into buckets or forgets them, until half of the notes are free.
    #[cold]
    fn make_room(&mut self) {
        let addresses = self.noted.iter().map(|(address, _)| *address as usize + 1);
        let addresses = addresses.max().unwrap_or(0);
        if self.places.len() < addresses {
            self.places.resize(addresses, 0);
        }
        let mut hits: Vec<u32> = vec![0; addresses];
        for &(address, _) in &self.noted {
            hits[address as usize] += 1;
        }
        let is_frequent = |hits: u32| hits > SLOTS as u32;
        let new = (hits.iter().zip(&self.places))
            .filter(|(hits, place)| **place == 0 && is_frequent(**hits));
        if self.watched.len() + new.count() > WATCHED {
            self.forget();
        }
        self.noted.retain(|&(address, time)| {
            let place = &mut self.places[address as usize];
            if *place == 0 {
                if !is_frequent(hits[address as usize]) || self.watched.len() >= WATCHED {
                    return true;
                }
                self.watched.push(Watched::new(address));
                *place = self.watched.len() as u32;
            }
            self.watched[*place as usize - 1].add(time);
            false
        });
        self.forget_rare(&hits);
    }

    /// Forgets the notes of the addresses with the fewest of them, where they would fill more than
    /// half of the room; `hits`: the notes of each.
    fn forget_rare(&mut self, hits: &[u32]) {
        let level = |address: u32| (hits[address as usize] as usize).min(SLOTS + 1);
        let mut notes = [0; SLOTS + 2];
        for &(address, _) in &self.noted {
            notes[level(address)] += 1;
        }
        let mut left = self.noted.len();
        let mut fewest = 0;
        while left > NOTED / 2 {
            left -= notes[fewest];
            fewest += 1;
        }
        if fewest > 0 {
            self.noted.retain(|(address, _)| level(*address) >= fewest);
        }
    }

    /// Forgets half of the addresses that have buckets, and more where many have as few hits.
    fn forget(&mut self) {
        let mut hits: Vec<u64> = self.watched.iter().map(|known| known.hits).collect();
        let half = hits.len() / 2;
        if half == 0 {
            return;
        }
        let (_, median, _) = hits.select_nth_unstable(half);
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

    /// What is known of these addresses.
    fn watch(mut self, addresses: &[AddressInfo]) -> Vec<Watched> {
        let place = |info: &AddressInfo| info.appeared.saturating_sub(1);
        let known = addresses.iter().map(place).max().map_or(0, |last| last + 1);
        // where each of them is among those that are shown, from 1
        let mut shown: Vec<u32> = vec![0; known];
        let mut all: Vec<Watched> = Vec::with_capacity(addresses.len());
        for (at, info) in (1..).zip(addresses) {
            shown[place(info)] = at;
            let new = Watched::new(place(info) as u32);
            let watched = (self.places.get(place(info)).copied())
                .and_then(|place| self.watched.get_mut((place as usize).checked_sub(1)?));
            all.push(match watched {
                Some(watched) => std::mem::replace(watched, new),
                None => new,
            });
        }
        for (address, time) in self.noted {
            let at = shown.get(address as usize).copied().unwrap_or(0);
            if let Some(at) = (at as usize).checked_sub(1) {
                all[at].add(time);
            }
        }
        all
    }

    /// The pictures of these addresses, all over the same time.
    pub(super) fn finish(self, addresses: &[AddressInfo]) -> Vec<Option<Sparkline>> {
        let watched = self.watch(addresses);
        let watched: Vec<Option<&Watched>> = (addresses.iter().zip(&watched))
            // lines without a date are in no picture
            .map(|(info, known)| (known.hits == info.hits).then_some(known))
            .collect();
        let known = || watched.iter().flatten();
        let starts = known().flat_map(|one| one.counts().map(|(begin, _)| begin));
        let ends = known().flat_map(|one| one.counts().map(|(begin, _)| begin + one.width()));
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
    fn the_order_of_hits_is_all_the_same() {
        let picture = |order: &dyn Fn(usize) -> usize| {
            let mut times = AddressTimes::default();
            for number in 0..5_000 {
                // some of them years away
                let number = order(number);
                let step = if number.is_multiple_of(1000) { 9000 } else { 7 };
                let time = number * step;
                times.add(0, time as f64);
            }
            let all = times.finish(&[info(1, 5_000)]);
            all[0].as_ref().map(|line| line.hits.clone())
        };
        let in_order = picture(&|number| number);
        let sum: Option<u64> = in_order.as_ref().map(|hits| hits.iter().sum());
        assert_eq!(sum, Some(5_000));
        assert_eq!(in_order, picture(&|number| 4_999 - number));
        assert_eq!(in_order, picture(&|number| number * 1_237 % 5_000));
    }

    #[test]
    fn pictures_are_the_same_where_notes_do_not_fit() {
        let pictures = |often: usize| {
            let mut times = AddressTimes::default();
            for number in 0..20_000_usize {
                // some in order, some not, some rare
                let address = (number * 7_919 % 20_000).isqrt();
                times.add(address as u32, (number * 31 % 9_000) as f64);
                if number % often == often - 1 {
                    times.make_room();
                }
            }
            let hits = |address: usize| 2 * address as u64 + 1;
            let all: Vec<_> = (1..142).map(|n| info(n, hits(n - 1))).collect();
            let all = times.finish(&all);
            all.into_iter()
                .map(|line| line.map(|line| line.hits))
                .collect::<Vec<_>>()
        };
        let whole = pictures(usize::MAX);
        assert!(whole.iter().all(Option::is_some));
        assert_eq!(pictures(3_000), whole);
        assert_eq!(pictures(100), whole);
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_and_a_frequent_one_is_not() {
        let mut times = AddressTimes::default();
        let many = NOTED * 3 / 2;
        for number in 1..=many {
            times.add(number as u32, 1.0);
            times.add(0, f64::from(number as u32 % 100_000));
        }
        assert!(times.noted.len() <= NOTED && times.watched.len() == 1);
        let all = times.finish(&[info(1, many as u64), info(2, 1), info(many + 1, 1)]);
        let is_known: Vec<bool> = all.iter().map(Option::is_some).collect();
        assert_eq!(is_known, [true, false, true]);
    }

    #[test]
    fn there_are_not_more_buckets_than_are_watched() {
        let mut times = AddressTimes::default();
        // each one comes often for a while, the first all the time
        for number in 0..3_000_000 {
            times.add(1 + number / 70, number as f64);
            times.add(0, number as f64);
        }
        assert!(times.watched.len() <= WATCHED, "{}", times.watched.len());
        assert!(times.finish(&[info(1, 3_000_000)])[0].is_some());
    }
}
