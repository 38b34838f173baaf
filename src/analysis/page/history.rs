//! Hits over time, counted while the logs are read, in a bounded number of buckets.
//!
//! A bucket begins as a second wide. Where more than [`MOST_BUCKETS`] have hits in them, all become
//! wider, a step of [`width`] at a time, each step a multiple of the one before: so counts are only
//! added up, never guessed. A stray date years away takes one bucket and widens none. At the end
//! the buckets are put into at most [`MOST_COLUMNS`] columns.

use crate::date::Clock;
use serde::Serialize;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::ops::Range;

/// Buckets that are told apart while reading.
const MOST_BUCKETS: usize = 4096;
/// Columns of the picture.
const MOST_COLUMNS: i64 = 160;
/// Regexes that are told apart in it, those with the most hits; the others are one series.
const MOST_SERIES: usize = 7;
/// Of so many hits one may be left out of the picture, where that makes it four times as fine.
const STRAYS: u64 = 100;

/// Widths of buckets in seconds, up to a day; then it doubles.
const WIDTHS: [i64; 12] = [
    1, 5, 15, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400,
];

/// The width of that step.
fn width(step: usize) -> i64 {
    let last = WIDTHS.len() - 1;
    match WIDTHS.get(step) {
        Some(width) => *width,
        None => WIDTHS[last] << (step - last).min(24),
    }
}

/// Hits of one bucket by failregex.
type Counts = SmallVec<[(u32, u64); 4]>;

#[inline]
fn add(counts: &mut Counts, regex: u32, hits: u64) {
    match counts.iter_mut().find(|(known, _)| *known == regex) {
        Some((_, count)) => *count += hits,
        None => counts.push((regex, hits)),
    }
}

/// Counts hits.
#[derive(Debug, Default)]
pub(super) struct HitTimes {
    step: usize,
    buckets: BTreeMap<i64, Counts>,
    /// The bucket that was hit last: logs are mostly in order.
    hot: i64,
    /// Hits of it that are still to be added, by failregex.
    hot_hits: Vec<u64>,
    /// From when to when it goes, so that most hits need no division; empty where there is none.
    hot_span: Range<f64>,
    undated: u64,
}

impl HitTimes {
    /// A hit of the failregex of that index, at that time in epoch seconds; no number: without a
    /// date.
    #[inline]
    pub(super) fn add(&mut self, regex: u32, time: f64) {
        if !self.hot_span.contains(&time) {
            if !time.is_finite() {
                self.undated += 1;
                return;
            }
            self.go_to(time);
        }
        match self.hot_hits.get_mut(regex as usize) {
            Some(hits) => *hits += 1,
            None => {
                self.hot_hits.resize(regex as usize + 1, 0);
                self.hot_hits[regex as usize] = 1;
            }
        }
    }

    /// Leaves the bucket that was hit last for that of another time.
    #[inline(never)]
    fn go_to(&mut self, time: f64) {
        self.cool();
        while self.buckets.len() >= MOST_BUCKETS {
            self.widen();
        }
        let width = width(self.step);
        self.hot = (time.floor() as i64).div_euclid(width);
        self.hot_span = (self.hot * width) as f64..((self.hot + 1) * width) as f64;
    }

    /// Adds the hits of the bucket that was hit last.
    fn cool(&mut self) {
        self.hot_span = 0.0..0.0;
        let all = self.hot_hits.iter_mut().zip(0..);
        let mut hits = all.filter(|(hits, _)| **hits > 0).peekable();
        if hits.peek().is_some() {
            let counts = self.buckets.entry(self.hot).or_default();
            hits.for_each(|(hits, regex)| add(counts, regex, std::mem::take(hits)));
        }
    }

    fn widen(&mut self) {
        let factor = width(self.step + 1) / width(self.step);
        self.step += 1;
        for (bucket, counts) in std::mem::take(&mut self.buckets) {
            let known = self.buckets.entry(bucket.div_euclid(factor)).or_default();
            counts
                .into_iter()
                .for_each(|(regex, hits)| add(known, regex, hits));
        }
    }

    /// The picture.
    pub(super) fn finish(mut self, clock: &Clock) -> HitHistory {
        self.cool();
        let mut history = HitHistory {
            undated: self.undated,
            ..HitHistory::default()
        };
        let all: Vec<(i64, Counts)> = self.buckets.into_iter().collect();
        let (shown, strays) = without_strays(&all);
        history.outside = strays;
        let (Some((first, _)), Some((last, _))) = (shown.first(), shown.last()) else {
            return history;
        };
        // columns of a day begin at midnight, those of an hour on the hour
        let unit = width(self.step);
        let offset = clock.local((first * unit) as f64).offset;
        let column = |bucket: i64, step: usize| {
            (bucket * unit)
                .saturating_add(offset)
                .div_euclid(width(step))
        };
        let mut step = self.step;
        while column(*last, step) - column(*first, step) >= MOST_COLUMNS {
            step += 1;
        }
        let begin = column(*first, step);
        let columns = (column(*last, step) - begin + 1).max(1) as usize;
        history.step = width(step);
        history.start = begin * width(step) - offset;
        let ends = (0..=columns as i64).map(|at| history.start + at * width(step));
        history.times = ends.map(|time| clock.iso(time as f64)).collect();
        history.series = series(shown, columns, |bucket| {
            (column(bucket, step) - begin) as usize
        });
        history
    }
}

/// The buckets without those few that lie far from all others, and how many hits these have.
fn without_strays(all: &[(i64, Counts)]) -> (&[(i64, Counts)], u64) {
    let hits = |part: &[(i64, Counts)]| -> u64 {
        part.iter()
            .flat_map(|(_, counts)| counts)
            .map(|(_, hits)| hits)
            .sum()
    };
    let span = |part: &[(i64, Counts)]| match part {
        [first, .., last] => last.0 - first.0,
        _ => 0,
    };
    let (total, mut rest) = (hits(all), all);
    loop {
        let gap = |at: usize| rest[at].0 - rest[at - 1].0;
        let Some(widest) = (1..rest.len()).max_by_key(|&at| gap(at)) else {
            break;
        };
        let (before, behind) = rest.split_at(widest);
        let more = if hits(before) < hits(behind) {
            behind
        } else {
            before
        };
        if gap(widest) < span(rest) / 3 || (total - hits(more)) * STRAYS > total {
            break;
        }
        rest = more;
    }
    if span(all) < MOST_COLUMNS || span(rest) > span(all) / 4 {
        rest = all;
    }
    (rest, total - hits(rest))
}

fn series(shown: &[(i64, Counts)], columns: usize, column: impl Fn(i64) -> usize) -> Vec<Series> {
    let mut totals: BTreeMap<u32, u64> = BTreeMap::new();
    for (regex, hits) in shown.iter().flat_map(|(_, counts)| counts) {
        *totals.entry(*regex).or_default() += hits;
    }
    let mut order: Vec<(u32, u64)> = totals.into_iter().collect();
    order.sort_by_key(|(_, hits)| std::cmp::Reverse(*hits));
    let alone = if order.len() > MOST_SERIES + 1 {
        MOST_SERIES
    } else {
        order.len()
    };
    let mut all: Vec<Series> = (order.iter().take(alone))
        .map(|(regex, _)| Series {
            failregex: Some(*regex as usize + 1),
            hits: vec![0; columns],
        })
        .collect();
    if order.len() > alone {
        all.push(Series {
            failregex: None,
            hits: vec![0; columns],
        });
    }
    let place = |regex: u32| {
        order
            .iter()
            .take(alone)
            .position(|(known, _)| *known == regex)
    };
    for (bucket, counts) in shown {
        for (regex, hits) in counts {
            all[place(*regex).unwrap_or(alone)].hits[column(*bucket)] += hits;
        }
    }
    all
}

/// Hits of failregexes over time; helpers (`<F-NOFAIL>`) are not counted.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct HitHistory {
    /// Begin of the first column, epoch seconds.
    pub(crate) start: i64,
    /// Seconds a column stands for.
    pub(crate) step: i64,
    /// Begin of each column and end of the last, in local time.
    pub(crate) times: Vec<String>,
    /// The failregexes, most hits first.
    pub(crate) series: Vec<Series>,
    /// Hits without a date.
    pub(crate) undated: u64,
    /// Hits whose dates lie so far from the others that the picture leaves them out.
    pub(crate) outside: u64,
}

/// Hits of a failregex.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Series {
    /// Its number, from 1; null: all others.
    pub(crate) failregex: Option<usize>,
    /// Hits in each column.
    pub(crate) hits: Vec<u64>,
}

impl HitHistory {
    /// Hits of each column.
    pub(crate) fn totals(&self) -> Vec<u64> {
        let columns = self.times.len().saturating_sub(1);
        let sum = |at| self.series.iter().map(|series| series.hits[at]).sum();
        (0..columns).map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::TimeZone;

    fn history(hits: impl IntoIterator<Item = (u32, f64)>) -> HitHistory {
        let mut times = HitTimes::default();
        for (regex, time) in hits {
            times.add(regex, time);
        }
        times.finish(&Clock::in_zone(0.0, TimeZone::utc()))
    }

    #[test]
    fn buckets_grow_and_no_hit_is_lost() {
        let all = history((0..50_000).map(|n| (n % 3, n as f64 * 7.0)));
        assert_eq!(all.totals().iter().sum::<u64>(), 50_000);
        assert!(all.totals().len() <= MOST_COLUMNS as usize);
        assert_eq!(all.times.len(), all.totals().len() + 1);
        assert_eq!(all.series.len(), 3);
        assert_eq!(all.step, 3600);
        // backwards it is the same
        let back = history((0..50_000).rev().map(|n| (n % 3, n as f64 * 7.0)));
        assert_eq!(back.totals(), all.totals());
    }

    #[test]
    fn a_stray_date_does_not_make_the_picture_coarse() {
        let day = (0..5_000).map(|n| (0, 1_795_000_000.0 + f64::from(n)));
        let all = history(day.chain([(0, 0.0), (0, 4_000_000_000.0)]));
        assert_eq!(all.outside, 2);
        assert!(all.step <= 60, "{}", all.step);
        assert_eq!(all.totals().iter().sum::<u64>(), 5_000);
    }

    #[test]
    fn half_of_the_hits_are_no_strays() {
        let all = history([(0, 0.0), (0, 1e9), (1, f64::NAN)]);
        assert_eq!((all.outside, all.undated), (0, 1));
        assert_eq!(all.totals().iter().sum::<u64>(), 2);
    }

    #[test]
    fn rare_regexes_are_one_series() {
        let all = history((0..20).flat_map(|regex| (0..=regex).map(move |n| (regex, n as f64))));
        let numbers: Vec<_> = all.series.iter().map(|series| series.failregex).collect();
        assert_eq!(numbers.len(), MOST_SERIES + 1);
        assert_eq!((numbers[0], numbers[MOST_SERIES]), (Some(20), None));
        assert_eq!(all.totals().iter().sum::<u64>(), 210);
    }
}
