//! Failures over time, in buckets: for pictures and sparklines.

/// Steps a timeline may have, seconds: an hour, or more where that makes too many.
const STEPS: &[i64] = &[
    3600,
    3 * 3600,
    6 * 3600,
    12 * 3600,
    86_400,
    7 * 86_400,
    28 * 86_400,
];

/// Steps of logs of a few hours, of which a bar an hour would show nothing.
const SHORT_STEPS: &[i64] = &[60, 300, 600];

/// Fewer hours than this are a short log.
const FEW_HOURS: i64 = 12;

/// A short log has at most so many buckets.
const SHORT_BUCKETS: i64 = 120;

/// More buckets than this become wider ones.
const MAX_BUCKETS: i64 = 500;

/// A span of time in equal steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// Start of the first bucket, epoch seconds.
    pub(crate) start: i64,
    /// Seconds of a bucket.
    pub(crate) step: i64,
    /// How many.
    pub(crate) buckets: usize,
}

impl Timeline {
    /// Whole hours (or longer steps) around a span of time, epoch seconds. `offset` are the
    /// seconds local time is ahead of UTC: a step of a day begins at midnight.
    pub(crate) fn hourly(first: f64, last: f64, offset: i64) -> Timeline {
        let (first, last) = (first.floor() as i64, last.floor() as i64);
        let aligned = |time: i64, step: i64| {
            let local = time.saturating_add(offset).div_euclid(step);
            local.saturating_mul(step).saturating_sub(offset)
        };
        let count = |step: i64| {
            let span = aligned(last, step).saturating_sub(aligned(first, step));
            span / step + 1
        };
        let short = SHORT_STEPS.iter().copied();
        let short = short.filter(|_| count(3600) < FEW_HOURS);
        let fits = short.map(|step| (step, SHORT_BUCKETS));
        let fits = fits.chain(STEPS.iter().map(|step| (*step, MAX_BUCKETS)));
        let fits = fits.map(|(step, most)| (count(step) <= most).then_some(step));
        let fits = fits.flatten().next();
        let widest = || last.saturating_sub(first) / (MAX_BUCKETS - 1) + 1;
        let step = fits.unwrap_or_else(widest);
        Timeline {
            start: aligned(first, step),
            step,
            buckets: count(step).clamp(1, MAX_BUCKETS + 1) as usize,
        }
    }

    /// A span of time, epoch seconds, in so many buckets.
    pub(crate) fn of(first: f64, last: f64, buckets: usize) -> Timeline {
        let (first, last) = (first.floor() as i64, last.floor() as i64);
        let buckets = buckets.max(1);
        let step = last.saturating_sub(first) / buckets as i64 + 1;
        Timeline {
            start: first,
            step,
            buckets,
        }
    }

    /// The bucket of a moment; before and after the span: the first and the last.
    pub(crate) fn bucket(&self, time: f64) -> usize {
        let at = (time.floor() as i64)
            .saturating_sub(self.start)
            .div_euclid(self.step);
        usize::try_from(at).unwrap_or(0).min(self.buckets - 1)
    }

    /// How many of the moments fall into each bucket.
    pub(crate) fn count(&self, times: impl Iterator<Item = f64>) -> Vec<u64> {
        let mut counts = vec![0; self.buckets];
        for time in times {
            counts[self.bucket(time)] += 1;
        }
        counts
    }
}

/// Counts as a line of blocks, the highest for the highest count; blank for none.
pub(crate) fn sparkline(counts: &[u64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let block = |count: u64| match count {
        0 => ' ',
        // rounded up, so that the highest is full and nothing is nothing
        count => BLOCKS[((count * 8).div_ceil(most) as usize - 1).min(7)],
    };
    counts.iter().copied().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets() {
        let hours = Timeline::hourly(7300.0, 93_599.9, 0);
        assert_eq!((hours.start, hours.step, hours.buckets), (7200, 3600, 24));
        let counts = hours.count([7300.0, 7200.0, 10_800.0].into_iter());
        assert_eq!(counts[..3], [2, 1, 0]);
        let short = Timeline::hourly(7300.0, 14_399.9, 0);
        assert_eq!((short.start, short.step, short.buckets), (7260, 60, 119));
        let year = Timeline::hourly(0.0, 365.0 * 86_400.0, 3600);
        assert_eq!(year.step, 86_400);
        assert_eq!((year.start + 3600).rem_euclid(86_400), 0);
        let ages = Timeline::hourly(-1e15, 1e15, 0);
        assert!(ages.bucket(1e15) < ages.buckets);
    }

    #[test]
    fn sparklines() {
        assert_eq!(sparkline(&[0, 1, 4, 8]), " ▁▄█");
        assert_eq!(sparkline(&[5]), "█");
        assert_eq!(sparkline(&[]), "");
    }
}
