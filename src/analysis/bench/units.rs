//! Times and their spread: units in the types, the statistics hyperfine reports.

use serde::{Serialize, Serializer};
use std::fmt;
use std::time::Duration;

/// A time in nanoseconds; a fraction where it is a mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub(crate) struct Nanos(pub(crate) f64);

impl Nanos {
    /// This time spread over so many lines.
    pub(crate) fn per(self, lines: usize) -> Nanos {
        match lines {
            0 => Nanos(0.0),
            lines => Nanos(self.0 / lines as f64),
        }
    }
}

impl From<Duration> for Nanos {
    fn from(duration: Duration) -> Nanos {
        Nanos(duration.as_nanos() as f64)
    }
}

impl Serialize for Nanos {
    /// A number; the field's name ends in `_ns` or stands in an object that says so.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64((self.0 * 10.0).round() / 10.0)
    }
}

impl fmt::Display for Nanos {
    /// Three digits or so, and the unit that suits them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            n if n < 9.95 => format!("{n:.1} ns"),
            n if n < 9_999.5 => format!("{n:.0} ns"),
            n if n < 9_999_500.0 => format!("{:.1} µs", n / 1e3),
            n if n < 9_999_500_000.0 => format!("{:.1} ms", n / 1e6),
            n => format!("{:.1} s", n / 1e9),
        };
        f.pad(&text)
    }
}

/// Repeated measurements of one thing, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// How often it was measured, warm-up left out.
    pub(crate) runs: usize,
    /// The middle one: what the report shows.
    pub(crate) median_ns: Nanos,
    /// Arithmetic mean.
    pub(crate) mean_ns: Nanos,
    /// Standard deviation (of a sample).
    pub(crate) stddev_ns: Nanos,
    /// The least.
    pub(crate) min_ns: Nanos,
    /// The most.
    pub(crate) max_ns: Nanos,
    /// Runs further from the median than ten robust standard deviations: something else
    /// ran on the machine.
    pub(crate) outliers: usize,
}

/// Ten times 1.4826 median absolute deviations: hyperfine's bound.
const OUTLIER: f64 = 14.826;

impl Spread {
    /// The statistics of some measurements; all zero where there are none.
    pub(crate) fn of(times: &[Nanos]) -> Spread {
        let mut sorted: Vec<f64> = times.iter().map(|t| t.0).collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(min), Some(max)) = (sorted.first(), sorted.last()) else {
            return Spread::default();
        };
        let count = sorted.len() as f64;
        let mean = sorted.iter().sum::<f64>() / count;
        let squares: f64 = sorted.iter().map(|t| (t - mean).powi(2)).sum();
        let middle = median(&sorted);
        let mut away: Vec<f64> = sorted.iter().map(|t| (t - middle).abs()).collect();
        away.sort_by(f64::total_cmp);
        let bound = OUTLIER * median(&away);
        Spread {
            runs: sorted.len(),
            median_ns: Nanos(middle),
            mean_ns: Nanos(mean),
            stddev_ns: Nanos((squares / (count - 1.0).max(1.0)).sqrt()),
            min_ns: Nanos(*min),
            max_ns: Nanos(*max),
            outliers: away.iter().filter(|d| bound > 0.0 && **d > bound).count(),
        }
    }
}

/// The middle of sorted numbers; 0 where there are none.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// Spearman's rank correlation of pairs, ties at their mean rank; None for fewer than three
/// pairs or where one side is all equal.
pub(crate) fn rank_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < 3 {
        return None;
    }
    let a = ranks(pairs.iter().map(|p| p.0).collect());
    let b = ranks(pairs.iter().map(|p| p.1).collect());
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(&b).map(|(x, y)| f(x - mean, y - mean)).sum()
    };
    let both = sum(&|x, y| x * y);
    let (left, right) = (sum(&|x, _| x * x), sum(&|_, y| y * y));
    (left > 0.0 && right > 0.0).then(|| both / (left * right).sqrt())
}

fn ranks(values: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let value = values[order[from]];
        let ties = order[from..]
            .iter()
            .take_while(|at| values[**at] == value)
            .count();
        for &at in &order[from..from + ties] {
            ranks[at] = from as f64 + (ties as f64 + 1.0) / 2.0;
        }
        from += ties;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_follow_the_size() {
        let shown = |n: f64| Nanos(n).to_string();
        assert_eq!(shown(3.21), "3.2 ns");
        assert_eq!(shown(123.4), "123 ns");
        assert_eq!(shown(12_345.0), "12.3 µs");
        assert_eq!(shown(12_345_678.0), "12.3 ms");
        assert_eq!(shown(1.2e10), "12.0 s");
    }

    #[test]
    fn one_wild_run_is_an_outlier_and_does_not_move_the_median() {
        let times = [10.0, 11.0, 10.5, 10.2, 10.8, 900.0].map(Nanos);
        let spread = Spread::of(&times);
        assert_eq!(spread.outliers, 1);
        assert_eq!(spread.median_ns, Nanos(10.65));
        assert_eq!(spread.max_ns, Nanos(900.0));
        assert_eq!(Spread::of(&[]), Spread::default());
        assert_eq!(Spread::of(&[Nanos(5.0)]).stddev_ns, Nanos(0.0));
    }

    #[test]
    fn rank_correlation_sees_order_only() {
        let rising = [(1.0, 10.0), (2.0, 11.0), (3.0, 1000.0)];
        assert_eq!(rank_correlation(&rising), Some(1.0));
        let falling = [(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)];
        assert_eq!(rank_correlation(&falling), Some(-1.0));
        assert_eq!(
            rank_correlation(&[(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]),
            None
        );
        // ties share a rank: scipy.stats.spearmanr gives 0.9486832980505138
        let ties = [(1.0, 1.0), (2.0, 2.0), (2.0, 3.0), (3.0, 4.0)];
        let found = rank_correlation(&ties).expect("four pairs");
        assert!((found - 0.948_683_298_050_513_8).abs() < 1e-12, "{found}");
    }
}
