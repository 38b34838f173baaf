//! `--history`: the bans of a record for people, counted by day, jail, address, network, country.

use super::Result;
use crate::analysis::actual::history::{Group, History, Network};
use crate::report::Format;
use crate::report::columns::{keep_whole, print, right_align, sharing_table};
use crate::report::text::{Screen, counted, grouped, of_all, printable, wrapped};
use clap::ValueEnum;
use std::io::{self, Write};

/// All tables, short.
pub(crate) struct Table {
    /// Rows of each.
    pub(crate) top: usize,
    /// Where.
    pub(crate) screen: Screen,
}

/// What the bans of a record are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupBy {
    /// Days, local time.
    Day,
    /// Jails.
    Jail,
    /// Addresses that were banned more than once.
    Address,
    /// Networks: /24 and /48, and what a ban of the whole would have saved.
    Network,
    /// Countries, by --mmdb.
    Country,
    /// Autonomous systems, by --mmdb.
    Asn,
}

/// What a history lacks for a table, if it does.
pub(crate) fn lacks(history: &History, by: GroupBy) -> Option<&'static str> {
    let is_there = groups(history, by).is_some();
    (!is_there).then_some(
        "--group-by country needs --mmdb with a database of countries, --group-by asn one of \
         autonomous systems",
    )
}

/// One table, whole; nothing where the history lacks it.
pub(crate) struct OneTable {
    /// Which.
    pub(crate) by: GroupBy,
    /// Where.
    pub(crate) screen: Screen,
}

/// Names up to this width are not broken: `203.0.113.0/24` with its blank.
const NETWORK_WIDTH: usize = 19;

/// Rows of each table where there are several, so that all are on one screen.
const SHORT: usize = 5;

impl Format<Result<'_>> for Table {
    fn write(&self, result: &Result<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Some(history) = &result.history else {
            return Ok(());
        };
        head(out, result, history, self.screen)?;
        let top = self.top.min(SHORT);
        for by in GroupBy::value_variants().iter().copied() {
            if let Some(groups) = groups(history, by).filter(|groups| !groups.is_empty()) {
                // of days the last are of interest
                let skipped = match by {
                    GroupBy::Day => groups.len().saturating_sub(top),
                    _ => 0,
                };
                let shown = groups.iter().skip(skipped).take(top).copied();
                let shown: Vec<Row> = shown.collect();
                let count = of_all(groups.len(), shown.len()).replace("--top N", &option(by));
                writeln!(out, "\n{}  {count}", self.screen.heading(title(by)))?;
                table(out, result, (column(by), &shown), self.screen)?;
            }
        }
        Ok(())
    }
}

impl Format<Result<'_>> for OneTable {
    fn write(&self, result: &Result<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Some(history) = &result.history else {
            return Ok(());
        };
        let Some(groups) = groups(history, self.by) else {
            return Ok(());
        };
        head(out, result, history, self.screen)?;
        let count = grouped(groups.len() as u64);
        writeln!(out, "\n{}  {count}", self.screen.heading(title(self.by)))?;
        table(out, result, (column(self.by), &groups), self.screen)?;
        if self.by == GroupBy::Network {
            let bans: u64 = history
                .networks
                .iter()
                .map(|network| network.saved_bans)
                .sum();
            let failures: Option<u64> = history
                .networks
                .iter()
                .map(|network| network.saved_failures)
                .sum();
            let mut text = format!(
                "Had each ban been one of the whole network, {} of {} would not have been needed",
                counted(bans, "ban", "bans"),
                grouped(history.bans)
            );
            if let Some(failures) = failures {
                let failures = counted(failures, "failure", "failures");
                text += &format!(", and {failures} would not have come");
            }
            writeln!(out, "\n{}", wrapped(&text, self.screen.width, 0).join("\n"))?;
        }
        Ok(())
    }
}

fn head(out: &mut dyn Write, result: &Result, history: &History, screen: Screen) -> io::Result<()> {
    let record = super::table::record(result);
    let text = said(history);
    for (head, text) in [("Record", record), ("History", text)] {
        let gap = " ".repeat(9 - head.len());
        let lines = wrapped(&text, screen.width.saturating_sub(9), 0);
        writeln!(
            out,
            "{}{gap}{}",
            screen.heading(head),
            lines.join("\n         ")
        )?;
    }
    Ok(())
}

/// The history in a sentence.
pub(super) fn said(history: &History) -> String {
    format!(
        "{} of {}, {} more restored at starts",
        counted(history.bans, "ban", "bans"),
        counted(history.addresses, "address", "addresses"),
        grouped(history.restored)
    )
}

pub(super) fn title(by: GroupBy) -> &'static str {
    match by {
        GroupBy::Day => "Days",
        GroupBy::Jail => "Jails",
        GroupBy::Address => "Repeat offenders",
        GroupBy::Network => "Networks",
        GroupBy::Country => "Countries",
        GroupBy::Asn => "Autonomous systems",
    }
}

/// The head of the column of names.
pub(super) fn column(by: GroupBy) -> &'static str {
    match by {
        GroupBy::Day => "Day",
        GroupBy::Jail => "Jail",
        GroupBy::Address => "Address",
        GroupBy::Network => "Network",
        GroupBy::Country => "Country",
        GroupBy::Asn => "System",
    }
}

/// The option that shows a table whole.
fn option(by: GroupBy) -> String {
    let word = by.to_possible_value();
    let word = word.map(|word| word.get_name().to_string());
    format!("--group-by {}", word.unwrap_or_default())
}

#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) group: &'a Group,
    pub(super) saved: Option<&'a Network>,
}

/// The rows of a table; None where there is none.
pub(super) fn groups(history: &History, by: GroupBy) -> Option<Vec<Row<'_>>> {
    Some(match by {
        GroupBy::Day => rows(&history.days),
        GroupBy::Jail => rows(&history.jails),
        GroupBy::Address => rows(&history.repeated),
        GroupBy::Network => {
            let networks = history.networks.iter();
            networks
                .map(|network| Row {
                    group: &network.group,
                    saved: Some(network),
                })
                .collect()
        }
        GroupBy::Country => rows(history.countries.as_ref()?),
        GroupBy::Asn => rows(history.systems.as_ref()?),
    })
}

fn rows(groups: &[Group]) -> Vec<Row<'_>> {
    let row = |group| Row { group, saved: None };
    groups.iter().map(row).collect()
}

fn table(
    out: &mut dyn Write,
    result: &Result,
    (name, rows): (&str, &[Row]),
    screen: Screen,
) -> io::Result<()> {
    let with_saved = rows.iter().any(|row| row.saved.is_some());
    let mut table = sharing_table(screen);
    let mut header = vec!["Bans", "Addresses", name, "First", "Last"];
    if with_saved {
        header.push("Saved");
    }
    table.set_header(&header);
    for row in rows {
        let group = row.group;
        let minutes = |time: f64| {
            let text = result.clock.iso(time);
            text.get(..16).unwrap_or(&text).to_owned()
        };
        let mut cells = vec![
            grouped(group.bans),
            grouped(group.addresses),
            printable(&group.name).into_owned(),
            minutes(group.first),
            minutes(group.last),
        ];
        if let Some(network) = row.saved {
            cells.push(grouped(network.saved_bans));
        }
        table.add_row(cells);
    }
    right_align(&mut table, &[0, 1, 5]);
    keep_whole(&mut table, &[0, 1, 3, 4, 5]);
    let widest = rows.iter().map(|row| row.group.name.chars().count()).max();
    if widest.is_some_and(|widest| widest <= NETWORK_WIDTH) {
        keep_whole(&mut table, &[2]);
    }
    print(out, &table)
}
