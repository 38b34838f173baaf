//! The comparison as a page: the verdict, a row for each jail, each ban that differs with its reason;
//! with `--why` the story of an address, with `--history` the bans of the record.

use super::history::{GroupBy, column, groups, title};
use super::table::{count, notes, record, verdict};
use super::{Result, story, words};
use crate::analysis::actual::{Deviation, JailComparison, Side};
use crate::report::Format;
use crate::report::html::{self, filters};
use crate::report::simulate::json;
use crate::report::text::{fit, grouped};
use askama::Template;
use clap::ValueEnum;
use std::io::{self, Write};

/// Rows of a table that may have any number.
const ROWS: usize = 500;
/// Columns of an address, of a name.
const CELL: usize = 200;

/// See the module.
pub(crate) struct Html {
    /// Rows of each table at least.
    pub(crate) top: usize,
}

impl Format<Result<'_>> for Html {
    fn write(&self, result: &Result<'_>, out: &mut dyn Write) -> io::Result<()> {
        let actual = Some(super::json::object(result));
        let whole = json::object(result.simulation, actual, result.clock);
        let (data, has_data) = html::data_that_fits(&whole)?;
        html::write(&self.page(result, data, has_data), out)
    }
}

#[derive(Template)]
#[template(path = "actual.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    record: String,
    verdict: String,
    class: &'static str,
    by_rules: u64,
    banned: u64,
    agreed: u64,
    shares: String,
    differ: u64,
    unexplained: u64,
    jails: Vec<Jail<'a>>,
    with_shifted: bool,
    with_failures: bool,
    stories: Vec<Story<'a>>,
    /// Whose story was asked for, and is not there.
    unknown: Option<String>,
    history: Option<Past>,
    notes: Vec<String>,
    warnings: &'a [String],
}

struct Jail<'a> {
    name: &'a str,
    /// Where its deviations stand on the page; 0: it has none.
    place: usize,
    by_rules: u64,
    banned: u64,
    agreed: u64,
    missing: u64,
    extra: u64,
    shifted: u64,
    restored: u64,
    /// Failures that the server noted, of how many.
    noted: Option<(u64, u64)>,
    rows: Vec<Row>,
    caption: String,
}

/// A ban that only one side has.
struct Row {
    kind: &'static str,
    class: &'static str,
    address: String,
    time: String,
    reason: String,
    record: String,
    line: String,
}

struct Story<'a> {
    jail: &'a str,
    ignored_by: Option<&'a str>,
    deviations: Vec<String>,
    entries: Vec<[String; 4]>,
    caption: String,
}

/// The bans of the record, counted.
struct Past {
    said: String,
    tables: Vec<Counted>,
}

struct Counted {
    title: &'static str,
    column: &'static str,
    caption: String,
    with_saved: bool,
    rows: Vec<Group>,
}

struct Group {
    name: String,
    bans: u64,
    addresses: u64,
    first: String,
    last: String,
    saved: u64,
}

/// How many there are, and how many of them are listed.
fn caption(what: &str, all: usize, shown: usize) -> String {
    match all.saturating_sub(shown) {
        0 => format!("{what}: {}", grouped(all as u64)),
        _ => format!(
            "{what}: {}, of which {} are listed (--top N)",
            grouped(all as u64),
            grouped(shown as u64)
        ),
    }
}

impl Html {
    fn page<'a>(&self, result: &'a Result, data: String, has_data: bool) -> Page<'a> {
        let all = &result.comparison.jails;
        let sum = |of: fn(&JailComparison) -> u64| all.iter().map(of).sum::<u64>();
        let (by_rules, banned) = (sum(|jail| jail.expected), sum(|jail| jail.actual));
        let agreed = sum(|jail| jail.agreed);
        let unexplained: usize = all.iter().map(|jail| jail.explained().1).sum();
        let differ = sum(|jail| jail.deviations.len() as u64);
        let explained = differ - unexplained as u64;
        let mut places = 1..;
        let jails: Vec<Jail> = (all.iter())
            .map(|jail| self.jail(result, jail, &mut places))
            .collect();
        let why = result.why.as_ref();
        let is_compared = all.iter().any(|jail| jail.window.is_some());
        Page {
            data,
            has_data,
            record: record(result),
            verdict: verdict(result),
            class: match (is_compared, differ, unexplained) {
                (true, 0, _) => "good",
                (true, _, 0) => "warn",
                _ => "bad",
            },
            by_rules,
            banned,
            agreed,
            shares: html::share(&[
                (agreed, "f-good"),
                (explained, "f-warn"),
                (unexplained as u64, "f-bad"),
            ]),
            differ,
            unexplained: unexplained as u64,
            with_shifted: jails.iter().any(|jail| jail.shifted > 0),
            with_failures: jails.iter().any(|jail| jail.noted.is_some()),
            jails,
            stories: why.map_or(Vec::new(), |why| {
                let stories = why.stories.iter();
                stories.map(|one| self.story(result, one)).collect()
            }),
            unknown: (why.filter(|why| why.stories.is_empty())).map(|why| fit(&why.address, CELL)),
            history: self.history(result),
            notes: notes(result),
            warnings: &result.simulation.warnings,
        }
    }

    fn most(&self) -> usize {
        self.top.max(ROWS)
    }

    fn jail<'a>(
        &self,
        result: &Result,
        jail: &'a JailComparison,
        places: &mut impl Iterator<Item = usize>,
    ) -> Jail<'a> {
        let shown = jail.deviations.iter().take(self.most());
        let rows: Vec<Row> = shown.map(|one| row(result, one)).collect();
        Jail {
            name: &jail.name,
            place: if rows.is_empty() {
                0
            } else {
                places.next().unwrap_or(0)
            },
            by_rules: jail.expected,
            banned: jail.actual,
            agreed: jail.agreed,
            missing: count(jail, Side::Missing),
            extra: count(jail, Side::Extra),
            shifted: count(jail, Side::Shifted),
            restored: jail.restored,
            noted: (jail.failures).map(|noted| (noted.both, noted.both + noted.log)),
            caption: caption("What differs", jail.deviations.len(), rows.len()),
            rows,
        }
    }

    fn story<'a>(
        &self,
        result: &Result,
        story: &'a crate::analysis::actual::story::Story,
    ) -> Story<'a> {
        let all = story.entries.len();
        // the last ones, as in the table
        let hidden = all.saturating_sub(self.most());
        let entries = story.entries.iter().skip(hidden);
        let deviations = story.deviations.iter();
        Story {
            jail: story.jail,
            ignored_by: story.ignored_by.as_deref(),
            deviations: deviations
                .map(|one| story::deviation(one, result))
                .collect(),
            entries: entries.map(|entry| story::row(entry, result)).collect(),
            caption: caption("What happened, in order of time", all, all - hidden),
        }
    }

    fn history(&self, result: &Result) -> Option<Past> {
        let history = result.history.as_ref()?;
        let table = |by: GroupBy| -> Option<Counted> {
            let all = groups(history, by).filter(|all| !all.is_empty())?;
            let shown = all.iter().take(self.most());
            Some(Counted {
                title: title(by),
                column: column(by),
                caption: caption("Bans counted", all.len(), all.len().min(self.most())),
                with_saved: by == GroupBy::Network,
                rows: shown
                    .map(|row| Group {
                        name: fit(&row.group.name, CELL),
                        bans: row.group.bans,
                        addresses: row.group.addresses,
                        first: result.clock.iso(row.group.first),
                        last: result.clock.iso(row.group.last),
                        saved: row.saved.map_or(0, |network| network.saved_bans),
                    })
                    .collect(),
            })
        };
        Some(Past {
            said: super::history::said(history),
            tables: GroupBy::value_variants()
                .iter()
                .copied()
                .filter_map(table)
                .collect(),
        })
    }
}

fn row(result: &Result, deviation: &Deviation) -> Row {
    let place = |text: Option<String>| text.map_or(String::new(), |text| fit(&text, CELL));
    Row {
        kind: words::side(deviation.side),
        class: match deviation.side {
            Side::Missing => "bad",
            Side::Extra => "warn",
            Side::Shifted => "",
        },
        address: fit(result.simulation.addresses.text(deviation.id), CELL),
        time: result.clock.iso(deviation.time),
        reason: words::reason(&deviation.reason, deviation.side, result),
        record: place(deviation.logged.map(|place| result.at(place))),
        line: place(deviation.line.map(|place| result.line(place))),
    }
}
