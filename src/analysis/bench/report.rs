//! What a bench has to say: the types are the schema of its JSON report.
//!
//! Fields are added, never renamed or removed, under one number.

use super::comparison::Comparison;
use super::log::Log;
use super::timing::FilterTiming;
use crate::analysis::warning::{Tool, Warning};
use serde::Serialize;

/// The number of the schema these types are.
pub(crate) const SCHEMA: u32 = 1;

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BenchReport {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The log.
    pub(crate) log: BenchLog,
    /// The filter.
    pub(crate) filter: Side,
    /// The filter it is compared against.
    pub(crate) against: Option<Side>,
    /// What changed in meaning; null without `--against`.
    pub(crate) comparison: Option<Comparison>,
    /// The filter's time over the other's, per line of this log: above 1 it is slower.
    pub(crate) ratio: Option<Ratio>,
    /// The machine it was measured on; null with `--no-time`.
    pub(crate) machine: Option<Machine>,
    /// Budgets asked for.
    pub(crate) budgets: Vec<Budget>,
    /// What looks wrong.
    pub(crate) warnings: Vec<Warning>,
}

/// The log that was used.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct BenchLog {
    /// Its path, or what stands for it.
    pub(crate) name: String,
    /// Lines tested.
    pub(crate) lines: u64,
    /// Lines not tested: empty, or beginning with `#`.
    pub(crate) skipped: u64,
    /// The log has more lines than `--lines` allows.
    pub(crate) cut: bool,
}

impl From<&Log> for BenchLog {
    fn from(log: &Log) -> BenchLog {
        BenchLog {
            name: log.name.clone(),
            lines: log.lines.len() as u64,
            skipped: log.skipped,
            cut: log.cut,
        }
    }
}

/// A filter that takes part.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Side {
    /// As given on the command line.
    pub(crate) name: String,
    /// The file that was read; null for a regex given as text. Of a git revision:
    /// `REV:path`.
    pub(crate) file: Option<String>,
    /// The failregexes in order.
    pub(crate) failregex: Vec<RegexText>,
    /// What it costs; null with `--no-time`.
    pub(crate) timing: Option<FilterTiming>,
}

/// A regex and where it stands.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegexText {
    /// Number in its list, from 1.
    pub(crate) number: usize,
    /// As written in the filter.
    pub(crate) regex: String,
    /// The file it stands in; null from the command line.
    pub(crate) file: Option<String>,
    /// The line it stands in, from 1.
    pub(crate) line: Option<u32>,
}

/// How much dearer the filter is than the other.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ratio {
    /// Our engine: the medians' ratio.
    pub(crate) whole: f64,
    /// Its standard deviation, from both filters' spreads.
    pub(crate) whole_stddev: f64,
    /// fail2ban's searches, dates included, by estimate.
    pub(crate) fail2ban_estimate: f64,
    /// fail2ban's searches as Python measured them; null without `--python`.
    pub(crate) fail2ban_python: Option<f64>,
    /// The standard deviation of that.
    pub(crate) fail2ban_python_stddev: Option<f64>,
}

/// What else matters to a measurement.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    /// Processors this program may use.
    pub(crate) processors: usize,
    /// Load average of the last minute, where the system tells it.
    pub(crate) load: Option<f64>,
}

/// A limit asked for, and whether it held.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Budget {
    /// The option that set it.
    pub(crate) option: String,
    /// The limit.
    pub(crate) limit: f64,
    /// What was measured.
    pub(crate) measured: f64,
    /// Whether the measured value is within the limit.
    pub(crate) held: bool,
}

impl Budget {
    /// A budget that holds up to its limit.
    pub(crate) fn new(option: &str, limit: f64, measured: f64) -> Budget {
        Budget {
            option: option.to_string(),
            limit,
            measured,
            held: measured <= limit,
        }
    }
}

impl Ratio {
    /// The ratio of two filters' times on one log; None where the other took no time.
    pub(crate) fn of(filter: &FilterTiming, against: &FilterTiming) -> Option<Ratio> {
        let (a, b) = (&filter.whole, &against.whole);
        let (whole, whole_stddev) = ratio(
            (a.median_ns.0, a.stddev_ns.0),
            (b.median_ns.0, b.stddev_ns.0),
        )?;
        let measured = filter.python_total().zip(against.python_total());
        let measured = measured.and_then(|(a, b)| ratio(a, b));
        Some(Ratio {
            whole,
            whole_stddev,
            fail2ban_estimate: filter.estimate_total() / against.estimate_total().max(1.0),
            fail2ban_python: measured.map(|m| m.0),
            fail2ban_python_stddev: measured.map(|m| m.1),
        })
    }
}

/// The ratio of two (value, standard deviation) pairs, with its own standard deviation.
fn ratio(a: (f64, f64), b: (f64, f64)) -> Option<(f64, f64)> {
    if a.0 <= 0.0 || b.0 <= 0.0 {
        return None;
    }
    let value = a.0 / b.0;
    Some((
        value,
        value * ((a.1 / a.0).powi(2) + (b.1 / b.0).powi(2)).sqrt(),
    ))
}

impl Machine {
    /// This machine, now.
    pub(crate) fn now() -> Machine {
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        let load = load.and_then(|text| text.split(' ').next()?.parse().ok());
        Machine {
            processors: std::thread::available_parallelism().map_or(1, |n| n.get()),
            load,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_carries_both_spreads() {
        assert_eq!(
            ratio((1.621, 0.0), (0.367, 0.0)).map(|r| (r.0 * 100.0).round()),
            Some(442.0)
        );
        let (value, deviation) = ratio((200.0, 20.0), (100.0, 10.0)).expect("both took time");
        assert_eq!(value, 2.0);
        assert!((deviation - 2.0 * 0.02f64.sqrt()).abs() < 1e-12);
        assert_eq!(ratio((1.0, 0.0), (0.0, 0.0)), None);
    }

    #[test]
    fn a_budget_holds_up_to_its_limit() {
        assert!(Budget::new("--max-ratio", 1.1, 1.1).held);
        assert!(!Budget::new("--max-ratio", 1.1, 1.2).held);
    }
}
