//! The report as a page (`--format html`); `templates/run.html` says what stands where.

use super::table::{addresses, head, regexes};
use crate::analysis::page::{
    ExampleLine, HitHistory, Mark, RunPage, SHOWN_ADDRESSES, Series, Sparkline,
};
use crate::analysis::run::{AddressInfo, AddressRows, RegexCounts, RunReport};
use crate::engine::Verdict;
use crate::report::Format;
use crate::report::html::{self, Segment, filters};
use crate::report::text::{counted, fit, grouped};
use askama::Template;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Rows of a table that may have any number.
const ROWS: usize = 500;
/// Users told of an address.
const USERS: usize = 5;
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

/// A series of the picture.
struct Legend {
    key: String,
    name: String,
    hits: u64,
}

/// A column of the picture, as a row of the table beside it.
struct Column {
    from: String,
    total: u64,
    hits: Vec<u64>,
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

struct AddressRow {
    address: String,
    hits: u64,
    spark: String,
    first: String,
    last: String,
    /// First and last time, epoch seconds.
    span: Option<(f64, f64)>,
    failregex: String,
    users: String,
}

struct Network {
    name: String,
    said: String,
    members: String,
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
            history_note: history_note(history),
            legend: legend(history),
            most: totals.iter().copied().max().unwrap_or(0),
            stack: stack(history),
            axis: axis(history),
            columns: columns(history, &totals),
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
            networks: networks(&shown),
            addresses: (shown.iter().zip(&facts.sparklines))
                .map(|(address, line)| AddressRow::of(address, line.as_ref()))
                .collect(),
            addresses_caption: addresses_caption(report, shown.len()),
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
    let name = |log: &crate::analysis::run::LogInfo| head::log_name(log);
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

fn addresses_caption<A: AddressRows>(report: &RunReport<A>, shown: usize) -> String {
    let all = report.addresses.total();
    let count = counted(all as u64, "address or id", "addresses and ids");
    let in_data = all.saturating_sub(report.more_addresses as usize);
    if shown >= all {
        format!("{count}, most hits first")
    } else {
        format!(
            "{count}: the {} with the most hits; {} are in the data of this file",
            grouped(shown as u64),
            grouped(in_data as u64)
        )
    }
}

/// The class of a series, by its place.
fn series_class(at: usize) -> &'static str {
    const CLASSES: [&str; 8] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
    CLASSES[at.min(CLASSES.len() - 1)]
}

fn series_name(series: &Series) -> String {
    match series.failregex {
        Some(number) => format!("failregex {number}"),
        None => "all others".into(),
    }
}

fn legend(history: &HitHistory) -> Vec<Legend> {
    let all = history.series.iter().enumerate();
    all.map(|(at, series)| Legend {
        key: html::key(series_class(at)),
        name: series_name(series),
        hits: series.hits.iter().sum(),
    })
    .collect()
}

fn stack(history: &HitHistory) -> String {
    let series: Vec<(&str, &[u64])> = (history.series.iter().enumerate())
        .map(|(at, series)| (series_class(at), series.hits.as_slice()))
        .collect();
    html::stack(
        &series,
        "Hits over time as columns, one on top of the other for each failregex; the same is in the \
         table below",
    )
}

fn history_note(history: &HitHistory) -> String {
    let mut note = format!(
        "Each column is {}; helpers (<F-NOFAIL>) are not counted.",
        crate::analysis::simulate::duration::show(history.step as f64)
    );
    if history.undated > 0 {
        let hits = counted(
            history.undated,
            "hit without a date is",
            "hits without a date are",
        );
        note += &format!(" {hits} not here.");
    }
    if history.outside > 0 {
        let hits = counted(history.outside, "hit", "hits");
        note += &format!(" {hits} of a time far from all others left out.");
    }
    note
}

fn axis(history: &HitHistory) -> (String, String, String) {
    let at = |at: usize| history.times.get(at).cloned().unwrap_or_default();
    let last = history.times.len().saturating_sub(1);
    (at(0), at(last / 2), at(last))
}

fn columns(history: &HitHistory, totals: &[u64]) -> Vec<Column> {
    let shown = totals.iter().enumerate().filter(|(_, total)| **total > 0);
    shown
        .map(|(at, total)| Column {
            from: history.times[at].clone(),
            total: *total,
            hits: history
                .series
                .iter()
                .map(|series| series.hits[at])
                .collect(),
        })
        .collect()
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

impl AddressRow {
    fn of(address: &AddressInfo, line: Option<&Sparkline>) -> AddressRow {
        let users = address.users.iter().take(USERS).map(|user| fit(user, 60));
        let mut users = users.collect::<Vec<_>>().join(", ");
        let rest = address.users.len().saturating_sub(USERS);
        if rest > 0 {
            users += &format!(
                " and {rest}{} more",
                if address.more_users { " or" } else { "" }
            );
        }
        let (first, last) = (address.first.as_ref(), address.last.as_ref());
        AddressRow {
            address: fit(&address.address, CELL),
            hits: address.hits,
            spark: line.map_or(String::new(), |line| html::spark(&line.hits)),
            first: addresses::local(first),
            last: addresses::local(last),
            span: first
                .zip(last)
                .map(|(first, last)| (first.epoch, last.epoch)),
            failregex: addresses::numbers(&address.failregex),
            users,
        }
    }
}

/// The networks of which several addresses are shown, those with the most hits first.
fn networks(shown: &[AddressInfo]) -> Vec<Network> {
    let mut all: BTreeMap<IpAddr, Vec<&AddressInfo>> = BTreeMap::new();
    for address in shown {
        if let Some(network) = address.address.parse().ok().map(network) {
            all.entry(network).or_default().push(address);
        }
    }
    let hits = |members: &[&AddressInfo]| -> u64 { members.iter().map(|one| one.hits).sum() };
    let mut all: Vec<_> = all
        .into_iter()
        .filter(|(_, members)| members.len() > 1)
        .collect();
    all.sort_by_key(|(_, members)| std::cmp::Reverse(hits(members)));
    let network = |(network, members): (IpAddr, Vec<&AddressInfo>)| Network {
        name: format!("{network}/{}", if network.is_ipv4() { 24 } else { 64 }),
        said: format!(
            "{}, {}",
            counted(members.len() as u64, "address", "addresses"),
            counted(hits(&members), "hit", "hits")
        ),
        members: (members.iter())
            .map(|one| format!("{} ({})", one.address, grouped(one.hits)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    all.into_iter().map(network).collect()
}

/// The network of an address: its first 24 bits, of IPv6 its first 64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from(u32::from(address) & !0xff).into(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
    }
}

impl LogRow {
    fn of(log: &crate::analysis::run::LogInfo) -> LogRow {
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
