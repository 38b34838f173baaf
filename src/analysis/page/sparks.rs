//! When an address came: its hits over time, kept for the addresses with the most hits.
//!
//! As many addresses as fit are watched; where there is no more room, those with the fewest hits
//! are forgotten. One that comes again then has lost its beginning, which its hits tell: it has no
//! picture, rather than a wrong one.

use crate::analysis::run::AddressInfo;
use compact_str::CompactString;
use foldhash::fast::RandomState;
use serde::Serialize;
use smallvec::SmallVec;
use std::collections::HashMap;

/// Addresses that are watched.
const WATCHED: usize = 16_384;
/// Buckets of an address; they become twice as wide where there are more.
const BUCKETS: usize = 64;
/// Columns of a picture.
const COLUMNS: i64 = 32;

/// Watches addresses.
#[derive(Debug, Default)]
pub(super) struct AddressTimes(HashMap<CompactString, Watched, RandomState>);

/// An address: hits in buckets of `1 << level` seconds, in order of time.
#[derive(Debug, Default)]
struct Watched {
    level: u32,
    hits: u64,
    buckets: SmallVec<[(u32, u32); 4]>,
}

impl Watched {
    fn add(&mut self, time: u32) {
        self.hits += 1;
        let bucket = time >> self.level;
        match self.buckets.last_mut() {
            Some((last, count)) if *last == bucket => *count = count.saturating_add(1),
            _ => {
                match self.buckets.binary_search_by_key(&bucket, |known| known.0) {
                    Ok(at) => self.buckets[at].1 = self.buckets[at].1.saturating_add(1),
                    Err(at) => self.buckets.insert(at, (bucket, 1)),
                }
                while self.buckets.len() > BUCKETS {
                    self.widen();
                }
            }
        }
    }

    /// Seconds of a bucket.
    fn width(&self) -> i64 {
        1 << self.level
    }

    /// When a bucket begins.
    fn begin(&self, bucket: u32) -> i64 {
        i64::from(bucket) << self.level
    }

    fn widen(&mut self) {
        self.level += 1;
        for bucket in &mut self.buckets {
            bucket.0 >>= 1;
        }
        self.buckets.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = kept.1.saturating_add(next.1);
            }
            same
        });
    }
}

impl AddressTimes {
    /// A line that names an address; `time` in epoch seconds.
    pub(super) fn add(&mut self, address: &CompactString, time: f64) {
        // of dates before 1970 and behind 2106 nobody draws a picture
        let time = time as u32;
        if let Some(known) = self.0.get_mut(address) {
            known.add(time);
            return;
        }
        if self.0.len() >= WATCHED {
            self.forget();
        }
        self.0.entry(address.clone()).or_default().add(time);
    }

    /// Forgets half of the addresses, and more where many have as few hits.
    fn forget(&mut self) {
        let mut hits: Vec<u64> = self.0.values().map(|known| known.hits).collect();
        let (_, median, _) = hits.select_nth_unstable(WATCHED / 2);
        let median = *median;
        self.0.retain(|_, known| known.hits > median);
    }

    /// The pictures of these addresses, all over the same time.
    pub(super) fn finish(&self, addresses: &[AddressInfo]) -> Vec<Option<Sparkline>> {
        let watched: Vec<Option<&Watched>> = (addresses.iter())
            .map(|info| {
                let known = self.0.get(info.address.as_str())?;
                // lines without a date are in no picture
                (known.hits == info.hits).then_some(known)
            })
            .collect();
        let known = || watched.iter().flatten();
        let starts = known().filter_map(|w| w.buckets.first().map(|first| w.begin(first.0)));
        let ends = known().filter_map(|w| w.buckets.last().map(|last| w.begin(last.0) + w.width()));
        let (Some(first), Some(last)) = (starts.min(), ends.max()) else {
            return vec![None; addresses.len()];
        };
        let step = ((last - first) / COLUMNS + 1).max(1);
        let draw = |watched: &Watched| {
            let mut hits = vec![0; COLUMNS as usize];
            for (bucket, count) in &watched.buckets {
                let middle = watched.begin(*bucket) + watched.width() / 2;
                let column = ((middle - first) / step).clamp(0, COLUMNS - 1);
                hits[column as usize] += u64::from(*count);
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

    fn info(address: &str, hits: u64) -> AddressInfo {
        AddressInfo {
            address: address.into(),
            kind: AddressKind::Ip4,
            appeared: 1,
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
            times.add(&"a".into(), f64::from(second));
        }
        times.add(&"b".into(), 3199.0);
        let all = times.finish(&[info("a", 3200), info("b", 1), info("b", 2), info("c", 1)]);
        let hits = |at: usize| all[at].as_ref().map(|line| line.hits.clone());
        let (a, b) = (hits(0).expect("known"), hits(1).expect("known"));
        assert_eq!(a.iter().sum::<u64>(), 3200);
        assert!(a[..25].iter().all(|hits| *hits > 60), "{a:?}");
        assert_eq!(
            b.iter().position(|hits| *hits == 1),
            a.iter().rposition(|hits| *hits > 0)
        );
        // more hits than were seen, and an address that was not
        assert!(hits(2).is_none() && hits(3).is_none());
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_and_a_frequent_one_is_not() {
        let mut times = AddressTimes::default();
        for number in 0..100_000u32 {
            times.add(&CompactString::from(format!("x{number}")), 1.0);
            times.add(&"often".into(), f64::from(number));
        }
        assert!(times.0.len() <= WATCHED);
        assert!(times.finish(&[info("often", 100_000)])[0].is_some());
    }
}
