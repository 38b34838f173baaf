//! How a search grows with its line: the line doubled by repeating, and doubled again.
//!
//! The slope is the exponent that steps follow: 1 is linear, 2 quadratic. Steps, not times:
//! they are the same on every machine, and with the memo table off they are fail2ban's.

use super::cost::{CostCounter, MOST_STEPS, Steps, Walk};
use super::units::Nanos;
use crate::pattern::{Regex, Scratch};
use serde::Serialize;
use std::time::Instant;

/// Lines longer than this are not made.
const LONGEST: usize = 1 << 16;
/// Nor more of them than this.
const DOUBLINGS: usize = 8;

/// Steps and time on a line repeated 1, 2, 4, … times.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Growth {
    /// The points, shortest first.
    pub(crate) points: Vec<GrowthPoint>,
    /// The exponent: twice the line takes 2 to this power times the steps. From the last
    /// doublings; null where even the line itself is too dear or too long to be doubled.
    pub(crate) slope: Option<f64>,
    /// A repeated line took more steps than would ever be waited for.
    pub(crate) endless: bool,
}

/// One length.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct GrowthPoint {
    /// Bytes of the line.
    pub(crate) bytes: u64,
    /// Steps with prefilter and memo table off: what fail2ban goes through.
    pub(crate) steps: Steps,
    /// Our time, memory on; the least of three.
    pub(crate) time_ns: Nanos,
}

/// Repeats `text` (a line with its "\n") and counts.
pub(crate) fn of(regex: &Regex, text: &str) -> Growth {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let mut counter = CostCounter::default();
    let walk = Walk::of(regex.ast());
    let mut scratch = Scratch::default();
    let mut growth = Growth {
        points: Vec::new(),
        slope: None,
        endless: false,
    };
    for doubling in 0..=DOUBLINGS {
        let mut text = line.repeat(1 << doubling);
        if doubling > 0 && text.len() > LONGEST {
            break;
        }
        text.push('\n');
        let steps = counter.count(regex, walk, &text).steps;
        let time = (0..3).map(|_| {
            let start = Instant::now();
            let _ = std::hint::black_box(regex.is_match(&text, &mut scratch));
            Nanos::from(start.elapsed()).0
        });
        growth.points.push(GrowthPoint {
            bytes: text.len() as u64 - 1,
            steps,
            time_ns: Nanos(time.fold(f64::INFINITY, f64::min)),
        });
        if steps.0 >= MOST_STEPS {
            growth.endless = true;
            break;
        }
    }
    growth.slope = slope(&growth.points);
    growth
}

/// The exponent over the last half of the points: short lines tell of constants.
fn slope(points: &[GrowthPoint]) -> Option<f64> {
    // where a search was cut off, its true steps are not known
    let known: Vec<&GrowthPoint> = points.iter().filter(|p| p.steps.0 < MOST_STEPS).collect();
    let last = known.last()?;
    let first = known.get(known.len() / 2).filter(|p| p.bytes < last.bytes);
    let first = first.or_else(|| known.first().filter(|p| p.bytes < last.bytes))?;
    let steps = (last.steps.0.max(1) as f64 / first.steps.0.max(1) as f64).ln();
    Some(steps / (last.bytes as f64 / first.bytes.max(1) as f64).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;

    fn slope_of(pattern: &str, text: &str) -> Growth {
        let regex = Regex::new(pattern, Flags::default()).expect("a good pattern");
        of(&regex, text)
    }

    #[test]
    fn an_anchored_miss_does_not_grow() {
        let slope = slope_of("^no such", "a line of some length\n").slope;
        assert!(slope.expect("it was doubled").abs() < 0.1, "{slope:?}");
    }

    #[test]
    fn two_stars_are_quadratic_and_three_cubic() {
        let two = slope_of("^.*x.*x!$", "xxxxxxxxxxxxxxxx\n").slope;
        assert!(
            (1.7..2.3).contains(&two.expect("it was doubled")),
            "{two:?}"
        );
        let three = slope_of("^.*x.*x.*x!$", &("x".repeat(24) + "\n")).slope;
        let (two, three) = (two.expect("it was doubled"), three.expect("it was doubled"));
        assert!(three > two + 0.2 && three < 3.5, "{two} and {three}");
    }

    #[test]
    fn an_exponential_regex_is_endless() {
        let growth = slope_of("^(?:a|aa)+!", "aaaaaaaaaaaaaaaaaaaaaaaa\n");
        assert!(growth.endless && growth.points.len() < 4, "{growth:?}");
    }
}
