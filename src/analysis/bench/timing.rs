//! What a bench says of one filter's cost: the types of the JSON report.
//!
//! Times here are ours, per line; what fail2ban pays is told beside them, per search. The
//! report is made in `bencher`.

use super::cost::{Steps, Walk};
use super::growth::Growth;
use super::units::{Nanos, Spread};
use crate::analysis::wording::counted;
use serde::Serialize;

/// What a filter costs on a log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FilterTiming {
    /// Lines of the log.
    pub(crate) lines: u64,
    /// The engine on the whole log, one thread; per line.
    pub(crate) whole: Spread,
    /// The parts' times in place over the whole's.
    pub(crate) covered: f64,
    /// The parts, in the order in which a line meets them.
    pub(crate) parts: Vec<Part>,
    /// Failregexes ranked by what they cost fail2ban, dearest first: their numbers.
    pub(crate) fail2ban_rank: Vec<usize>,
    /// What measured Python.
    pub(crate) python: Option<PythonInfo>,
}

/// What `--python` was run with.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PythonInfo {
    /// `CPython 3.11.7`.
    pub(crate) version: String,
    /// Spearman's rank correlation of estimate and measurement per search, over the
    /// failregexes; null for fewer than three.
    pub(crate) rank_correlation: Option<f64>,
}

/// What kind of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartKind {
    /// The search of a date template.
    DateTemplate,
    /// The time of a date that was found.
    DateReading,
    /// The prefregex.
    Prefregex,
    /// The prefilter before the failregexes.
    #[serde(rename = "gate")]
    Prefilter,
    /// A failregex.
    Failregex,
    /// An ignoreregex.
    Ignoreregex,
    /// What is no search: cutting lines, sessions, addresses.
    Rest,
}

/// A part of a filter's work.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Part {
    /// What it is.
    pub(crate) kind: PartKind,
    /// Number in its list, from 1; of a date template, its place among the templates.
    pub(crate) number: Option<usize>,
    /// As written in the filter; of a date template, its name.
    pub(crate) regex: Option<String>,
    /// The file it stands in; null from the command line.
    pub(crate) file: Option<String>,
    /// The line it stands in, from 1.
    pub(crate) line: Option<u32>,
    /// What the prefilter does for it; null for all but failregexes.
    #[serde(rename = "gate")]
    pub(crate) prefilter: Option<PrefilterInfo>,
    /// Among all other parts, as the engine runs it.
    pub(crate) in_place: InPlace,
    /// Alone, on lines it matches.
    pub(crate) hit: Option<AloneTime>,
    /// Alone, on lines it does not match.
    pub(crate) miss: Option<AloneTime>,
    /// What fail2ban pays.
    pub(crate) fail2ban: Option<Fail2banCost>,
    /// The lines that cost fail2ban most, dearest first.
    pub(crate) slowest: Vec<SlowLine>,
    /// How steps and time grow when the dearest line is repeated.
    pub(crate) growth: Option<Growth>,
}

/// What the prefilter does for a failregex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PrefilterInfo {
    /// What its matches begin with, as far as the prefilter looks: `·` for a character
    /// that several can be. Null where they may begin anywhere, and the prefilter lets all through.
    pub(crate) begins: Option<String>,
    /// Every match contains one of these texts; empty where none is known to be required.
    pub(crate) requires: Vec<String>,
    /// Lines the prefilter lets through to it.
    pub(crate) passed: u64,
    /// Lines that came to the prefilter.
    pub(crate) lines: u64,
}

/// A part's time among all others.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct InPlace {
    /// Time per line of the log, whether it ran there or not, over the rounds.
    pub(crate) per_line: Spread,
    /// Share of the parts' sum, 0 to 1.
    pub(crate) share: f64,
    /// Times it ran.
    pub(crate) tries: u64,
    /// Times it matched.
    pub(crate) hits: u64,
    /// Per try, the middle of all tries.
    pub(crate) median_ns: Nanos,
    /// Per try, the worst.
    pub(crate) worst_ns: Nanos,
    /// The line of the worst.
    pub(crate) worst_line: Option<u64>,
}

/// A part's time alone.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AloneTime {
    /// Lines of this kind.
    pub(crate) lines: u64,
    /// Lines it was measured on, sampled of all.
    pub(crate) measured: u64,
    /// Time per line, over the runs.
    pub(crate) time: Spread,
}

/// What fail2ban pays for a regex on this log, by CPython's `re`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fail2banCost {
    /// Searches fail2ban makes with it.
    pub(crate) searches: u64,
    /// Steps of our machine per search, prefilter and memo table off: mean.
    pub(crate) steps: f64,
    /// The most steps of one search.
    pub(crate) worst_steps: Steps,
    /// The line of that search.
    pub(crate) worst_line: Option<u64>,
    /// Searches cut off because they took too many steps; fail2ban would hang there.
    pub(crate) endless: u64,
    /// How CPython finds where to try it.
    pub(crate) walk: Walk,
    /// Characters before the match, or of the whole text where there is none: mean.
    pub(crate) walked: f64,
    /// Searches that match.
    pub(crate) hits: u64,
    /// Estimated time per search.
    pub(crate) estimate_ns: Nanos,
    /// Share of all searches' estimated time, 0 to 1.
    pub(crate) share: f64,
    /// Measured by Python, per search; null without `--python`.
    pub(crate) python: Option<Spread>,
    /// Python's hits differ from ours by so many texts; 0 unless something is wrong.
    pub(crate) python_disagrees: u64,
    /// Why Python cannot measure it.
    pub(crate) python_error: Option<String>,
}

/// A line that takes long.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SlowLine {
    /// Number in the log, from 1.
    pub(crate) line: u64,
    /// Our time, in place, the least of all rounds; null where the gate kept the regex from
    /// running.
    pub(crate) time_ns: Option<Nanos>,
    /// Steps with prefilter and memo table off: what the lines are ordered by.
    pub(crate) steps: Steps,
    /// The line.
    pub(crate) text: String,
}

impl Part {
    /// What it is called: `failregex #2`.
    pub(crate) fn name(&self) -> String {
        let kind = match self.kind {
            PartKind::DateTemplate => "date",
            PartKind::DateReading => "reading dates",
            PartKind::Prefregex => "prefregex",
            PartKind::Prefilter => "gate",
            PartKind::Failregex => "failregex",
            PartKind::Ignoreregex => "ignoreregex",
            PartKind::Rest => "sessions, rest",
        };
        match self.number {
            Some(number) => format!("{kind} #{number}"),
            None => kind.to_string(),
        }
    }
}

impl FilterTiming {
    /// What looks wrong about the measurements: a code for programs, a text for people.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = (&'static str, String)> {
        let outliers = match self.whole.outliers {
            0 => None,
            n => Some((
                "outliers",
                format!(
                    "{n} of {} far off: something else ran",
                    counted(self.whole.runs as u64, "run", "runs")
                ),
            )),
        };
        let percent = self.covered * 100.0;
        let apart = (self.lines > 0 && !(85.0..=115.0).contains(&percent)).then(|| {
            let text = format!(
                "the parts add up to {percent:.0} % of the whole: the log is short, or the \
                 machine too busy to measure"
            );
            ("parts-apart", text)
        });
        let parts = self.parts.iter().filter_map(|part| {
            let (cost, name) = (part.fail2ban.as_ref()?, part.name());
            if let Some(error) = &cost.python_error {
                return Some(("python-error", format!("Python refuses {name}: {error}")));
            }
            let count = cost.python_disagrees;
            let lines = || counted(count, "line", "lines");
            let text = || format!("Python's hits of {name} differ from ours by {}", lines());
            (count > 0).then(|| ("python-disagrees", text()))
        });
        outliers.into_iter().chain(apart).chain(parts)
    }

    /// Estimated time of all searches fail2ban makes on the log, nanoseconds.
    pub(crate) fn estimate_total(&self) -> f64 {
        self.parts.iter().map(Part::fail2ban_total).sum()
    }

    /// The same as Python measured it, with its standard deviation; None where it did not
    /// measure every part that is searched for.
    pub(crate) fn python_total(&self) -> Option<(f64, f64)> {
        let (mut sum, mut variance) = (0.0, 0.0);
        for cost in self.parts.iter().filter_map(|part| part.fail2ban.as_ref()) {
            let python = cost.python.as_ref()?;
            let searches = cost.searches as f64;
            sum += python.median_ns.0 * searches;
            variance += (python.stddev_ns.0 * searches).powi(2);
        }
        Some((sum, variance.sqrt()))
    }
}

impl Part {
    /// A part of which nothing is known yet.
    pub(super) fn of(kind: PartKind) -> Part {
        Part {
            kind,
            number: None,
            regex: None,
            file: None,
            line: None,
            prefilter: None,
            in_place: InPlace::default(),
            hit: None,
            miss: None,
            fail2ban: None,
            slowest: Vec::new(),
            growth: None,
        }
    }

    /// Estimated time fail2ban spends with it on the whole log.
    pub(crate) fn fail2ban_total(&self) -> f64 {
        let cost = self.fail2ban.as_ref();
        cost.map_or(0.0, |cost| cost.estimate_ns.0 * cost.searches as f64)
    }
}
