//! The report as a page (`--format html`); `templates/run.html` says what stands where.

mod addresses;
mod history;

use super::table::{head, regexes};
use crate::analysis::page::{ExampleLine, Mark, RunPage, SHOWN_ADDRESSES};
use crate::analysis::run::{AddressRows, LogInfo, RegexCounts, RunReport};
use crate::engine::Verdict;
use crate::report::Format;
use crate::report::html::{self, Segment, filters};
use crate::report::text::{counted, fit, grouped};
use addresses::{AddressRow, Network};
use askama::Template;
use history::{Column, Legend};
use serde::Serialize;
use std::io::{self, Write};

/// Rows of a table that may have any number.
const ROWS: usize = 500;
/// Columns of a text in a cell.
const CELL: usize = 200;

/// The page.
pub(crate) struct Html;

impl<Addresses: AddressRows + Serialize> Format<RunPage<'_, Addresses>> for Html {
    fn write(&self, page: &RunPage<Addresses>, out: &mut dyn Write) -> io::Result<()> {
        html::write(&Page::of(page, html::data(page)?), out)
    }
}

#[derive(Template)]
#[template(path = "run.html")]
struct Page<'a, Addresses> {
    report: &'a RunReport<Addresses>,
    data: String,
    filter: String,
    read: String,
    address_count: u64,
    shares: String,
    skipped: String,
    history_note: String,
    legend: Vec<Legend>,
    most: u64,
    stack: String,
    axis: (String, String, String),
    columns: Vec<Column>,
    prefregex: Option<RegexRow>,
    failregex: Vec<RegexRow>,
    failregex_caption: String,
    ignoreregex: Vec<RegexRow>,
    missed: Vec<Line>,
    missed_note: String,
    addresses: Vec<AddressRow>,
    addresses_caption: String,
    networks: Vec<Network>,
    no_dates: &'static str,
    logs: Vec<LogRow>,
    logs_caption: String,
    bounds: String,
}

struct RegexRow {
    number: usize,
    hits: u64,
    share: String,
    bar: String,
    place: String,
    pieces: Vec<Segment>,
    examples: Vec<Line>,
    /// How many of its lines these are.
    note: String,
}

/// A line word for word.
struct Line {
    place: String,
    pieces: Vec<Segment>,
    note: String,
    /// What would have gone on where it stops.
    expected: Vec<String>,
}

struct LogRow {
    name: String,
    lines: u64,
    matched: i64,
    ignored: i64,
    missed: i64,
    facts: String,
}

impl<'a, Addresses: AddressRows> Page<'a, Addresses> {
    fn of(page: &RunPage<'a, Addresses>, data: String) -> Self {
        let (report, facts) = (page.report, &page.facts);
        let history = &facts.history;
        let totals = history.totals();
        let lines = |wanted: &dyn Fn(&ExampleLine) -> bool| -> Vec<Line> {
            let all = facts.examples.iter().filter(|line| wanted(line));
            all.map(|line| Line::of(line, report)).collect()
        };
        let missed = lines(&|line| line.verdict == Verdict::Missed);
        let shown = report.addresses.first(SHOWN_ADDRESSES);
        let sums = |counts: &[RegexCounts]| -> u64 { counts.iter().map(|one| one.hits).sum() };
        let row = |regex: &RegexCounts, whole: u64, marks: &[Mark], examples: Vec<Line>| {
            RegexRow::of(regex, whole, marks, examples)
        };
        let no_marks = Vec::new();
        let fails = sums(&report.failregex);
        let ignores = sums(&report.ignoreregex);
        Page {
            report,
            data,
            filter: head::filter_name(&report.filter, CELL),
            read: read(report),
            address_count: report.addresses.total() as u64,
            shares: shares(report),
            skipped: skipped(report),
            history_note: history::note(history),
            legend: history::legend(history),
            most: totals.iter().copied().max().unwrap_or(0),
            stack: history::stack(history),
            axis: history::axis(history),
            columns: history::columns(history, &totals),
            prefregex: (report.prefregex.as_ref())
                .map(|regex| RegexRow::of_prefregex(regex, report, &facts.parts.prefregex)),
            failregex: most_hits_first(&report.failregex)
                .map(|(index, regex)| {
                    let marks = facts.parts.failregex.get(index).unwrap_or(&no_marks);
                    let examples = lines(&|line| line.failregex.contains(&regex.number));
                    row(regex, fails, marks, examples)
                })
                .collect(),
            failregex_caption: failregex_caption(report),
            ignoreregex: most_hits_first(&report.ignoreregex)
                .map(|(_, regex)| {
                    let examples = lines(&|line| line.ignoreregex.contains(&regex.number));
                    row(regex, ignores, &no_marks, examples)
                })
                .collect(),
            missed_note: missed_note(report, missed.len(), facts.missed_looked_at),
            missed,
            networks: addresses::networks(&shown),
            addresses: (shown.iter().zip(&facts.sparklines))
                .map(|(address, line)| AddressRow::of(address, line.as_ref()))
                .collect(),
            addresses_caption: addresses::caption(report, shown.len()),
            no_dates: if report
                .seam
                .as_ref()
                .is_some_and(|seam| seam.dates.is_some())
            {
                "None found a date."
            } else {
                "The entries bring their times along; no template was asked."
            },
            logs: report.logs.iter().take(ROWS).map(LogRow::of).collect(),
            logs_caption: of_all("log", "logs", report.logs.len(), ROWS),
            bounds:
                "Left out, so that the page stays small: lines but for the first of each regex \
                     and some missed ones (--print-all-matched, --print-all-ignored and \
                     --print-all-missed show all), of a line longer than 2 KiB all behind its begin, addresses behind \
                     those with the most hits (--top N has N of them in the data), users behind \
                     the first five, and how long the run took."
                    .to_string(),
        }
    }
}

/// Regexes with their places, those with the most hits first.
fn most_hits_first(regexes: &[RegexCounts]) -> impl Iterator<Item = (usize, &RegexCounts)> {
    let mut all: Vec<_> = regexes.iter().enumerate().collect();
    all.sort_by_key(|(_, regex)| std::cmp::Reverse(regex.hits));
    all.into_iter()
}

/// How many there are, and how many of them are shown.
fn of_all(one: &str, many: &str, all: usize, most: usize) -> String {
    let count = counted(all as u64, one, many);
    match all.saturating_sub(most) {
        0 => count,
        rest => format!(
            "{count}: the first {most}; {} are left out",
            grouped(rest as u64)
        ),
    }
}

fn read<A>(report: &RunReport<A>) -> String {
    let name = |log: &LogInfo| head::log_name(log);
    match report.logs.as_slice() {
        [] => "no log".into(),
        [log] => name(log),
        [first, .., last] => format!(
            "{}: {} to {}",
            counted(report.logs.len() as u64, "log", "logs"),
            name(first),
            name(last)
        ),
    }
}

fn shares<A>(report: &RunReport<A>) -> String {
    let count = |count: i64| u64::try_from(count).unwrap_or(0);
    let lines = &report.lines;
    html::share(&[
        (count(lines.matched), "f-good"),
        (count(lines.ignored), "f-warn"),
        (count(lines.missed), "f-none"),
    ])
}

fn skipped<A>(report: &RunReport<A>) -> String {
    let skipped = report.lines.skipped;
    match skipped {
        0 => String::new(),
        _ => format!(
            "{} skipped",
            counted(skipped, "empty or # line", "empty or # lines")
        ),
    }
}

fn failregex_caption<A>(report: &RunReport<A>) -> String {
    let helpers: u64 = report.failregex.iter().map(|regex| regex.helper_hits).sum();
    let all = counted(report.failregex.len() as u64, "failregex", "failregexes");
    let helpers = match helpers {
        0 => String::new(),
        _ => format!(
            "; {} of the hits by helpers (<F-NOFAIL>), which are no failures",
            grouped(helpers)
        ),
    };
    format!("{all}{helpers}. Open one to see lines it matched.")
}

fn missed_note<A>(report: &RunReport<A>, shown: usize, looked_at: u64) -> String {
    let all = u64::try_from(report.lines.missed).unwrap_or(0);
    let count = counted(all, "line was missed", "lines were missed");
    if shown as u64 >= all {
        return format!("{count}, all are shown.");
    }
    format!(
        "{count}, {shown} are shown: of the first {}, those that name an address and tell of a \
         failure before others, and a few of those that stop at the same place. The marked \
         character is where the nearest regex could not go on; f2b-regex explain --all has all \
         missed lines in groups.",
        grouped(looked_at)
    )
}

impl RegexRow {
    fn of(regex: &RegexCounts, whole: u64, marks: &[Mark], examples: Vec<Line>) -> RegexRow {
        let shown = examples.len() as u64;
        RegexRow {
            number: regex.number,
            hits: regex.hits,
            share: regexes::share(regex.hits, whole),
            bar: html::bar(regex.hits, whole, "s0"),
            place: regexes::short_place(regex),
            pieces: html::segments(&regex.regex, marks, None),
            note: if shown < regex.hits {
                format!(
                    "The first {} of {}.",
                    counted(shown, "line", "lines"),
                    counted(regex.hits, "hit", "hits")
                )
            } else {
                String::new()
            },
            examples,
        }
    }

    fn of_prefregex<A>(regex: &RegexCounts, report: &RunReport<A>, marks: &[Mark]) -> RegexRow {
        let total = report.lines.total;
        RegexRow {
            share: format!(
                "{} of {} ({}), {}",
                grouped(regex.hits),
                counted(total, "line passes", "lines pass"),
                regexes::share(regex.hits, total),
                regexes::short_place(regex)
            ),
            ..RegexRow::of(regex, total, marks, Vec::new())
        }
    }
}

impl Line {
    fn of<A>(line: &ExampleLine, report: &RunReport<A>) -> Line {
        let log = report.logs.get(line.log).filter(|_| report.logs.len() > 1);
        let place = match log {
            Some(log) => format!("{}:{}", head::log_name(log), line.number),
            None => format!("line {}", line.number),
        };
        let mut notes: Vec<String> = Vec::new();
        let rest = line.bytes - line.text.len();
        if rest > 0 {
            let rest = counted(rest as u64, "more byte", "more bytes");
            notes.push(format!("… and {rest}; no part of so long a line is marked"));
        }
        if line.undated {
            notes.push("no date is found in it".into());
        }
        let near = line.near.as_ref();
        notes.extend(near.map(|near| format!("stops in {}", near.regex)));
        let stop = line.near.as_ref().map(|near| near.at);
        Line {
            place,
            pieces: html::segments(&line.text, &line.marks, stop),
            note: notes.join("; "),
            expected: near.map_or(Vec::new(), |near| near.expected.clone()),
        }
    }
}

impl LogRow {
    fn of(log: &LogInfo) -> LogRow {
        let mut facts = head::facts(log, false).join(", ");
        if let Some(error) = &log.error {
            facts += &format!("; {}", fit(error, CELL));
        }
        LogRow {
            name: fit(&head::log_name(log), CELL),
            lines: log.lines,
            matched: log.matched,
            ignored: log.ignored,
            missed: log.missed,
            facts,
        }
    }
}
