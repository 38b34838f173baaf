//! The report as a page: what changed in meaning, what both filters cost, part by part.

use super::table::numbers;
use crate::analysis::bench::report::{BenchReport, Side};
use crate::analysis::bench::timing::{FilterTiming, Part};
use crate::analysis::bench::units::Spread;
use crate::report::Format;
use crate::report::diff::counts;
use crate::report::html::{self, Compared, filters};
use crate::report::text::{counted, fit, grouped};
use askama::Template;
use std::io::{self, Write};

/// Addresses told of a kind.
const ADDRESSES: usize = 50;
/// Columns of a regex, and of a line.
const TEXT: usize = 600;

/// See the module.
pub(crate) struct Html;

impl Format<BenchReport> for Html {
    fn write(&self, report: &BenchReport, out: &mut dyn Write) -> io::Result<()> {
        let (data, has_data) = html::data_that_fits(report)?;
        let sides = [Some(&report.filter), report.against.as_ref()];
        let sides: Vec<&Side> = sides.into_iter().flatten().collect();
        let timings = || sides.iter().filter_map(|side| side.timing.as_ref());
        // both sides on one scale
        let whole = scale(timings().map(|timing| &timing.whole));
        let parts = timings().flat_map(|timing| &timing.parts);
        let part = scale(parts.map(|part| &part.in_place.per_line));
        let page = Page {
            data,
            has_data,
            report,
            log: log(report),
            ratio: ratio(report),
            compared: report.comparison.as_ref().map(|found| {
                let said = if found.unchanged {
                    let lines = counted(found.lines, "line", "lines");
                    format!("Nothing changed on {lines}.")
                } else {
                    counts(found)
                };
                Compared::of(found, said, ADDRESSES)
            }),
            moves: moves(report),
            sides: (sides.iter())
                .map(|side| Shown::of(side, whole, part))
                .collect(),
            machine: machine(report),
        };
        html::write(&page, out)
    }
}

#[derive(Template)]
#[template(path = "bench.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    report: &'a BenchReport,
    log: String,
    ratio: String,
    compared: Option<Compared>,
    moves: Vec<(String, u64)>,
    sides: Vec<Shown<'a>>,
    machine: String,
}

/// A filter.
struct Shown<'a> {
    name: String,
    file: &'a str,
    timing: Option<Timing>,
}

struct Timing {
    whole: String,
    picture: String,
    note: String,
    parts: Vec<Row>,
}

/// A part of a filter's work.
struct Row {
    name: String,
    regex: String,
    place: String,
    time: String,
    nanos: f64,
    picture: String,
    share: f64,
    bar: String,
    hit: String,
    miss: String,
    worst: String,
    estimate: String,
    estimate_nanos: f64,
    slope: String,
    slowest: Vec<Slow>,
}

struct Slow {
    line: u64,
    steps: String,
    text: String,
}

/// How long the scale is on which these are drawn.
fn scale<'s>(all: impl Iterator<Item = &'s Spread>) -> f64 {
    let ends = all.map(|spread| spread.median_ns.0 + 2.0 * spread.stddev_ns.0);
    ends.fold(1.0, f64::max)
}

fn picture(spread: &Spread, scale: f64) -> String {
    let times = (spread.min_ns.0, spread.median_ns.0, spread.max_ns.0);
    html::range(times, spread.stddev_ns.0, scale)
}

fn log(report: &BenchReport) -> String {
    let log = &report.log;
    let mut text = format!("{}, {}", log.name, counted(log.lines, "line", "lines"));
    if log.skipped > 0 {
        text += &format!(", {} skipped", grouped(log.skipped));
    }
    if log.cut {
        text += ", the log has more (--lines)";
    }
    text
}

fn ratio(report: &BenchReport) -> String {
    let (Some(ratio), Some(against)) = (&report.ratio, &report.against) else {
        return String::new();
    };
    let python = ratio.fail2ban_python.map_or(String::new(), |python| {
        format!(", {python:.2} times by Python")
    });
    format!(
        "{} takes {:.2} ± {:.2} times as long as {} here; fail2ban's searches {:.2} times by \
         estimate{python}.",
        report.filter.name, ratio.whole, ratio.whole_stddev, against.name, ratio.fail2ban_estimate
    )
}

/// Lines that other failregexes match now.
fn moves(report: &BenchReport) -> Vec<(String, u64)> {
    let moves = report.comparison.iter().flat_map(|found| &found.moves);
    moves
        .map(|one| {
            (
                format!("{} → {}", numbers(&one.from), numbers(&one.to)),
                one.count,
            )
        })
        .collect()
}

fn machine(report: &BenchReport) -> String {
    let Some(machine) = &report.machine else {
        return "No time was measured (--no-time).".into();
    };
    let load = machine
        .load
        .map_or(String::new(), |load| format!(", load {load:.1}"));
    let processors = counted(machine.processors as u64, "processor", "processors");
    format!("Measured on {processors}{load}.")
}

impl<'a> Shown<'a> {
    fn of(side: &'a Side, whole: f64, part: f64) -> Shown<'a> {
        Shown {
            name: fit(&side.name, TEXT),
            file: side.file.as_deref().unwrap_or_default(),
            timing: (side.timing.as_ref()).map(|timing| Timing::of(timing, whole, part)),
        }
    }
}

impl Timing {
    fn of(timing: &FilterTiming, whole: f64, part: f64) -> Timing {
        Timing {
            whole: format!("{} ± {}", timing.whole.median_ns, timing.whole.stddev_ns),
            picture: picture(&timing.whole, whole),
            note: format!(
                "{}, one thread, from {} to {}; the parts add up to {:.0} % of it.",
                counted(timing.whole.runs as u64, "run", "runs"),
                timing.whole.min_ns,
                timing.whole.max_ns,
                timing.covered * 100.0
            ),
            parts: timing.parts.iter().map(|one| Row::of(one, part)).collect(),
        }
    }
}

impl Row {
    fn of(part: &Part, scale: f64) -> Row {
        let place = &part.in_place;
        let spread = |of: &Spread| format!("{} ± {}", of.median_ns, of.stddev_ns);
        let cost = part.fail2ban.as_ref();
        let slope = part.growth.as_ref().and_then(|growth| growth.slope);
        Row {
            name: part.name(),
            regex: fit(part.regex.as_deref().unwrap_or_default(), TEXT),
            place: match (&part.file, part.line) {
                (Some(file), Some(line)) => format!("{file}:{line}"),
                _ => String::new(),
            },
            time: spread(&place.per_line),
            nanos: place.per_line.median_ns.0,
            picture: picture(&place.per_line, scale),
            share: place.share,
            bar: format!(
                "{}{:.0} %",
                html::bar((place.share * 1000.0) as u64, 1000, "s1"),
                place.share * 100.0
            ),
            hit: part
                .hit
                .as_ref()
                .map_or("-".into(), |alone| spread(&alone.time)),
            miss: part
                .miss
                .as_ref()
                .map_or("-".into(), |alone| spread(&alone.time)),
            worst: match place.worst_line {
                Some(line) => format!("{} in line {line}", place.worst_ns),
                None => "-".into(),
            },
            estimate: cost.map_or("-".into(), |cost| cost.estimate_ns.to_string()),
            estimate_nanos: cost.map_or(0.0, |cost| cost.estimate_ns.0),
            slope: slope.map_or("-".into(), |slope| format!("{slope:.1}")),
            slowest: (part.slowest.iter())
                .map(|slow| Slow {
                    line: slow.line,
                    steps: grouped(slow.steps.0),
                    text: fit(&slow.text, TEXT),
                })
                .collect(),
        }
    }
}
