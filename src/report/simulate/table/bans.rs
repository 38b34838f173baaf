//! The bans in order of time, with the lines that led to each.

use crate::analysis::simulate::{BanRecord, Place, Simulation};
use crate::date::Clock;
use crate::report::columns::{keep_whole, print, right_align, sharing_table};
use crate::report::text::{Screen, grouped, of_all, printable};
use std::io::{self, Write};

/// Writes the first bans.
pub(super) fn write(
    out: &mut dyn Write,
    simulation: &Simulation,
    bans: &[&BanRecord],
    top: usize,
    clock: &Clock,
    screen: Screen,
) -> io::Result<()> {
    let shown = &bans[..bans.len().min(top)];
    writeln!(
        out,
        "\n{}  {}",
        screen.heading("Bans"),
        of_all(bans.len(), shown.len())
    )?;
    if shown.is_empty() {
        return Ok(());
    }
    let numbered = bans.iter().any(|ban| ban.count > 1);
    let mut header = vec!["Banned", "Address", "Until", "Saved", "After lines"];
    if numbered {
        header.insert(2, "#");
    }
    let rows = shown.iter().map(|ban| {
        let until = match ban.end {
            f64::INFINITY => "for ever".into(),
            end => short(clock, end, ban.time),
        };
        let mut row = vec![
            clock.iso(ban.time),
            printable(simulation.addresses.text(ban.id)).into_owned(),
            until,
            grouped(ban.prevented),
        ];
        if numbered {
            row.insert(2, ban.count.to_string());
        }
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let last = header.len() - 1;
    let widths = (0..last).map(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([header[column].len()]).max().unwrap_or(0) + 2
    });
    // a blank at the left, one on each side of the last cell
    let room = screen.width.saturating_sub(widths.sum::<usize>() + 4);
    let mut table = sharing_table(screen);
    table.set_header(&header);
    for (mut row, ban) in rows.into_iter().zip(shown) {
        row.push(places(simulation, &ban.lines, room));
        table.add_row(row);
    }
    right_align(&mut table, &[last - 1]);
    let all: Vec<usize> = (0..=last).collect();
    keep_whole(&mut table, &all);
    print(out, &table)
}

/// A time; of the same day as `day` without the date.
fn short(clock: &Clock, time: f64, day: f64) -> String {
    let (text, day) = (clock.iso(time), clock.iso(day));
    match (text.split_once(' '), day.split_once(' ')) {
        (Some((date, time)), Some((same, _))) if date == same => time.to_string(),
        _ => text,
    }
}

/// Line numbers, with the log where it changes and there are several; only the first and
/// the last where there is no room.
fn places(simulation: &Simulation, places: &[Place], room: usize) -> String {
    let mut places = places.to_vec();
    // the observer notes a line of a known offender twice
    places.dedup();
    let all = join_places(simulation, &places, ", ");
    match places.as_slice() {
        [first, .., last] if all.chars().count() > room => {
            join_places(simulation, &[*first, *last], "…")
        }
        _ => all,
    }
}

fn join_places(simulation: &Simulation, places: &[Place], between: &str) -> String {
    let mut log = (simulation.logs.len() < 2).then_some(0);
    let texts = places.iter().map(|place| {
        let name = simulation
            .logs
            .get(place.log as usize)
            .map(|log| log.name.as_str());
        match name {
            Some(name) if log.replace(place.log) != Some(place.log) => {
                let name = name.rsplit('/').next().unwrap_or(name);
                format!("{}:{}", printable(name), place.line)
            }
            _ => place.line.to_string(),
        }
    });
    let texts: Vec<String> = texts.collect();
    texts.join(between)
}
