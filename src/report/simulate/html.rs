//! The result as a page: a lane for each address with its failures and bans, other settings as a
//! heat map.

use super::json;
use super::reasons::{dropped_reason, minutes, reason};
use super::table::rules_text;
use crate::analysis::simulate::sweep::{Cell, Sweep};
use crate::analysis::simulate::{
    AddressId, BanRecord, SimulatedJail, Simulation, Tally, Totals, duration,
};
use crate::date::Clock;
use crate::report::Format;
use crate::report::html::{self, Lane, filters};
use crate::report::text::{counted, fit, grouped};
use askama::Template;
use std::collections::HashMap;
use std::io::{self, Write};

/// Lanes of all jails together, and of one.
const LANES: usize = 160;
const MOST_LANES: usize = 40;
/// Bans and addresses listed of a jail.
const ROWS: usize = 200;
/// Failures of an address that are drawn.
const FAILURES: usize = 20_000;

/// See the module.
pub(crate) struct Html<'a> {
    /// Bans and addresses listed at least.
    pub(crate) top: usize,
    /// For the times that are told.
    pub(crate) clock: &'a Clock,
}

impl Format<Simulation> for Html<'_> {
    fn write(&self, simulation: &Simulation, out: &mut dyn Write) -> io::Result<()> {
        let (data, has_data) = html::data_that_fits(&json::object(simulation, None, self.clock))?;
        let lanes = (LANES / simulation.jails.len().max(1)).clamp(5, MOST_LANES);
        let jails = simulation.jails.iter().enumerate();
        let jails: Vec<Jail> = jails
            .map(|(number, jail)| self.jail(simulation, number, jail, lanes))
            .collect();
        let sum = |what: fn(&Totals) -> u64| jails.iter().map(|jail| what(&jail.totals)).sum();
        let page = Page {
            data,
            has_data,
            logs: logs(simulation),
            failures: sum(|totals| totals.failures),
            bans: sum(|totals| totals.bans),
            saved: sum(|totals| totals.failures_while_banned),
            warnings: &simulation.warnings,
            heat: simulation
                .sweep
                .as_ref()
                .map_or(Vec::new(), |(sweep, cells)| heat(sweep, cells, simulation)),
            jails,
        };
        html::write(&page, out)
    }
}

#[derive(Template)]
#[template(path = "simulate.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    logs: String,
    failures: u64,
    bans: u64,
    saved: u64,
    warnings: &'a [String],
    jails: Vec<Jail<'a>>,
    heat: Vec<Heat>,
}

struct Jail<'a> {
    name: &'a str,
    kind: &'static str,
    rules: String,
    totals: Totals,
    shares: String,
    note: String,
    lanes: Vec<Shown>,
    lanes_note: String,
    axis: (String, String),
    addresses: Vec<Address>,
    addresses_caption: String,
    bans: Vec<Ban>,
    bans_caption: String,
}

/// A lane.
struct Shown {
    address: String,
    picture: String,
    failures: u64,
    bans: u64,
    said: String,
}

struct Address {
    address: String,
    failures: u64,
    bans: u64,
    first: String,
    last: String,
    reason: String,
}

struct Ban {
    address: String,
    time: String,
    until: String,
    failures: i64,
    saved: u64,
    again: u64,
}

/// A table of settings tried.
struct Heat {
    title: String,
    corner: String,
    columns: Vec<String>,
    rows: Vec<(String, Vec<Tried>)>,
}

struct Tried {
    class: String,
    bans: u64,
    share: String,
}

fn logs(simulation: &Simulation) -> String {
    let lines: u64 = simulation.logs.iter().map(|log| log.lines).sum();
    let lines = counted(lines, "line", "lines");
    match simulation.logs.as_slice() {
        [] => "no log".into(),
        [log] => format!("{}, {lines}", log.name),
        all => format!("{}, {lines}", counted(all.len() as u64, "log", "logs")),
    }
}

/// How many there are, and how many of them are listed.
fn caption(one: &str, many: &str, all: usize, shown: usize) -> String {
    let count = counted(all as u64, one, many);
    match all - shown {
        0 => count,
        _ => format!("{count}, {} are listed (--top N)", grouped(shown as u64)),
    }
}

impl Html<'_> {
    fn jail<'s>(
        &self,
        simulation: &'s Simulation,
        number: usize,
        jail: &'s SimulatedJail,
        lanes: usize,
    ) -> Jail<'s> {
        let totals = simulation.totals(number);
        let replay = &simulation.replay;
        let mut ids: Vec<(AddressId, &Tally)> = replay.addresses(number).collect();
        // who was banned, then who came nearest
        ids.sort_by_key(|(_, tally)| std::cmp::Reverse((tally.bans, tally.hits, tally.peak)));
        let bans: Vec<&BanRecord> = (replay.bans.iter())
            .filter(|ban| ban.jail == number)
            .collect();
        let span = span(&ids);
        let shown = &ids[..ids.len().min(lanes)];
        let most = self.top.max(ROWS);
        let addresses = self.addresses(simulation, jail, &ids, most);
        let all = ids.len() + jail.collector.dropped.len();
        Jail {
            name: &jail.name,
            kind: if jail.is_jail { "Jail" } else { "Filter" },
            rules: rules_text(&jail.settings),
            shares: html::share(&[
                (totals.failures - totals.failures_while_banned, "s0"),
                (totals.failures_while_banned, "f-ban"),
            ]),
            note: note(&totals, jail.fed),
            lanes: self.lanes(simulation, (number, jail), shown, &bans, span),
            lanes_note: format!(
                "{} of {}, those that were banned most first. Marks are failures, red is a ban, the \
                 thin line before it the {} in which failures count.",
                grouped(shown.len() as u64),
                counted(ids.len() as u64, "address", "addresses"),
                duration::show(jail.settings.findtime)
            ),
            axis: (self.clock.iso(span.0), self.clock.iso(span.1)),
            addresses_caption: caption("address", "addresses", all, addresses.len()),
            addresses,
            bans_caption: caption("ban", "bans", bans.len(), bans.len().min(most)),
            bans: (bans.iter().take(most))
                .map(|ban| self.ban(simulation, ban))
                .collect(),
            totals,
        }
    }

    fn ban(&self, simulation: &Simulation, ban: &BanRecord) -> Ban {
        Ban {
            address: fit(simulation.addresses.text(ban.id), 200),
            time: self.clock.iso(ban.time),
            until: if ban.end.is_finite() {
                self.clock.iso(ban.end)
            } else {
                "ever".into()
            },
            failures: ban.attempts,
            saved: ban.prevented,
            again: ban.again,
        }
    }

    fn addresses(
        &self,
        simulation: &Simulation,
        jail: &SimulatedJail,
        ids: &[(AddressId, &Tally)],
        most: usize,
    ) -> Vec<Address> {
        let counted = ids.iter().map(|(id, tally)| Address {
            address: fit(simulation.addresses.text(*id), 200),
            failures: tally.hits,
            bans: tally.bans,
            first: minutes(self.clock, tally.first),
            last: minutes(self.clock, tally.last),
            reason: reason(tally, &jail.settings, self.clock),
        });
        let dropped = jail.collector.dropped.iter().map(|(id, dropped)| {
            let time =
                |time: Option<f64>| time.map_or(String::new(), |time| minutes(self.clock, time));
            Address {
                address: fit(simulation.addresses.text(*id), 200),
                failures: dropped.hits,
                bans: 0,
                first: time(dropped.span.map(|span| span.0)),
                last: time(dropped.span.map(|span| span.1)),
                reason: dropped_reason(dropped),
            }
        });
        counted.chain(dropped).take(most).collect()
    }

    fn lanes(
        &self,
        simulation: &Simulation,
        (number, jail): (usize, &SimulatedJail),
        shown: &[(AddressId, &Tally)],
        bans: &[&BanRecord],
        (first, last): (f64, f64),
    ) -> Vec<Shown> {
        let part = |time: f64| (time - first) / (last - first).max(1.0);
        let places: HashMap<u32, usize> = (shown.iter().enumerate())
            .map(|(at, (id, _))| (id.0, at))
            .collect();
        let mut lanes: Vec<Lane> = shown.iter().map(|_| Lane::default()).collect();
        for ticket in jail.tickets(number, &simulation.replay) {
            if let Some(lane) = places.get(&ticket.id.0).map(|at| &mut lanes[*at])
                && lane.failures.len() < FAILURES
            {
                lane.failures.push(part(ticket.time));
            }
        }
        for ban in bans {
            if let Some(lane) = places.get(&ban.id.0).map(|at| &mut lanes[*at]) {
                lane.bans.push((part(ban.time), part(ban.end.min(last))));
                let begin = part(ban.time - jail.settings.findtime);
                lane.windows.push((begin, part(ban.time)));
            }
        }
        let all = shown.iter().zip(lanes);
        all.map(|((id, tally), lane)| Shown {
            address: fit(simulation.addresses.text(*id), 60),
            picture: html::lane(&lane),
            failures: tally.hits,
            bans: tally.bans,
            said: reason(tally, &jail.settings, self.clock),
        })
        .collect()
    }
}

/// The time from the first failure to the last.
fn span(ids: &[(AddressId, &Tally)]) -> (f64, f64) {
    let first = ids.iter().map(|(_, tally)| tally.first);
    let last = ids.iter().map(|(_, tally)| tally.last);
    let (first, last) = (first.reduce(f64::min), last.reduce(f64::max));
    (first.unwrap_or(0.0), last.unwrap_or(0.0))
}

fn note(totals: &Totals, fed: bool) -> String {
    let mut text = if fed {
        format!("{} of other jails", counted(totals.failures, "ban", "bans"))
    } else {
        counted(totals.failures, "failure", "failures")
    };
    let more = [
        (totals.not_counted, "that do not count"),
        (totals.undated, "without a time"),
    ];
    for (count, what) in more.into_iter().filter(|(count, _)| *count > 0) {
        text += &format!(", {} {what}", grouped(count));
    }
    let share = totals.failures_while_banned as f64 * 100.0 / totals.failures.max(1) as f64;
    text + &format!(
        "; {} of {}; {} ({share:.1} %) came while their address was banned: what the bans would \
         have saved.",
        counted(totals.bans, "ban", "bans"),
        counted(totals.banned_addresses, "address", "addresses"),
        grouped(totals.failures_while_banned)
    )
}

/// A table for each value of the axes before the last two.
fn heat(sweep: &Sweep, cells: &[Cell], simulation: &Simulation) -> Vec<Heat> {
    let jails = simulation.jails.iter();
    let hits = jails
        .map(|jail| jail.collector.tickets.len())
        .sum::<usize>()
        .max(1);
    let Some(((across, columns), before)) = sweep.axes.split_last() else {
        return Vec::new();
    };
    let (down, rows) = match before.last() {
        Some((axis, rows)) => (Some(*axis), rows.len()),
        None => (None, 1),
    };
    let tried = |cell: &Cell| {
        let share = cell.prevented as f64 / hits as f64;
        Tried {
            class: format!("h{}", (share * 9.99).clamp(0.0, 9.0) as usize),
            bans: cell.bans,
            share: format!("{:.0} %", share * 100.0),
        }
    };
    let block = |block: &[Cell]| {
        let point = block.first().map_or(&[][..], |cell| cell.point.as_slice());
        let outer = sweep.axes.iter().zip(point);
        let outer = outer.take(sweep.axes.len().saturating_sub(2));
        let title: Vec<String> = outer
            .map(|((axis, _), value)| format!("{} {}", axis.name(), axis.show(*value)))
            .collect();
        let row = |row: &[Cell]| {
            let name = down.zip(row.first()).map_or(String::new(), |(down, cell)| {
                down.show(cell.point[cell.point.len() - 2])
            });
            (name, row.iter().map(tried).collect())
        };
        Heat {
            title: title.join(", "),
            corner: match down {
                Some(down) => format!("{} / {}", down.name(), across.name()),
                None => across.name().into(),
            },
            columns: columns.iter().map(|value| across.show(*value)).collect(),
            rows: block.chunks(columns.len()).map(row).collect(),
        }
    };
    cells.chunks(columns.len() * rows).map(block).collect()
}
