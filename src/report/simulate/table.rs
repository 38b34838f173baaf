//! The result for people: the rules, the bans in order of time, the addresses with the
//! reason for each, and what the bans are worth. Fits 80 columns where addresses do.

use crate::analysis::simulate::collector::Dropped;
use crate::analysis::simulate::sweep::{Cell, Sweep};
use crate::analysis::simulate::timeline::sparkline;
use crate::analysis::simulate::{
    AddressId, BanRecord, Place, Settings, Standing, Tally, Timeline, duration,
};
use crate::cli::simulate::args::Args;
use crate::cli::simulate::{Jail, Simulation};
use crate::date::Clock;
use crate::report::text::{Screen, counted, grouped, printable};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use std::io::{self, Write};

/// Columns of a sparkline.
const SPARK: usize = 12;

/// Writes the result.
pub(crate) fn write(
    out: &mut dyn Write,
    args: &Args,
    simulation: &Simulation,
    clock: &Clock,
) -> io::Result<()> {
    let screen = screen(args);
    for log in &simulation.logs {
        let lines = counted(log.lines, "line", "lines");
        writeln!(
            out,
            "{}     {}  {lines}",
            heading(screen, "Log"),
            printable(&log.name)
        )?;
    }
    for (number, jail) in simulation.jails.iter().enumerate() {
        write_jail(out, args, simulation, (number, jail), clock, screen)?;
    }
    if let (Some(sweep), Some(cells)) = (&args.sweep, &simulation.sweep) {
        let hits: usize = simulation
            .jails
            .iter()
            .map(|jail| jail.collector.tickets.len())
            .sum();
        write_sweep(out, sweep, cells, hits as u64, screen)?;
    }
    for warning in &simulation.warnings {
        let text = wrap(&format!("warning: {}", printable(warning)), screen.width, 2);
        match screen.color {
            true => writeln!(out, "\x1b[33m{text}\x1b[0m")?,
            false => writeln!(out, "{text}")?,
        }
    }
    Ok(())
}

fn screen(args: &Args) -> Screen {
    crate::cli::terminal::screen(args.screen.color)
}

fn heading(screen: Screen, text: &str) -> String {
    match screen.color {
        true => format!("\x1b[1m{text}\x1b[0m"),
        false => text.to_string(),
    }
}

/// Breaks a text at blanks into lines of the screen's width, further ones indented.
fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = line.chars().count() + 1 + word.chars().count();
        if !line.trim().is_empty() && needed > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n")
}

fn write_jail(
    out: &mut dyn Write,
    args: &Args,
    simulation: &Simulation,
    (number, jail): (usize, &Jail),
    clock: &Clock,
    screen: Screen,
) -> io::Result<()> {
    let kind = if jail.rules.is_jail { "Jail" } else { "Filter" };
    let gap = " ".repeat(8 - kind.len());
    writeln!(
        out,
        "\n{}{gap}{}",
        heading(screen, kind),
        printable(&jail.name)
    )?;
    let rules = format!("Rules   {}", rules_text(&jail.rules.settings));
    writeln!(out, "{}", wrap(&rules, screen.width, 8))?;
    let replay = &simulation.replay;
    let bans: Vec<&BanRecord> = replay
        .bans
        .iter()
        .filter(|ban| ban.jail == number)
        .collect();
    write_bans(out, args, simulation, &bans, clock, screen)?;
    write_addresses(out, args, simulation, (number, jail), clock, screen)?;
    let hits: u64 = replay.addresses(number).map(|(_, tally)| tally.hits).sum();
    let prevented: u64 = bans.iter().map(|ban| ban.prevented).sum();
    let banned = replay
        .addresses(number)
        .filter(|(_, tally)| tally.bans > 0)
        .count();
    let dropped: u64 = jail
        .collector
        .dropped
        .values()
        .map(|dropped| dropped.hits)
        .sum();
    let mut text = match jail.fed {
        true => format!("Totals  {} of other jails", counted(hits, "ban", "bans")),
        false => format!("Totals  {}", counted(hits, "failure", "failures")),
    };
    if dropped > 0 {
        text += &format!(" and {} more that do not count", grouped(dropped));
    }
    if jail.collector.ignored_lines > 0 {
        let lines = counted(jail.collector.ignored_lines, "line", "lines");
        text += &format!(", {lines} ignored by ignoreregex");
    }
    let bans_made = counted(bans.len() as u64, "ban", "bans");
    text += &format!(
        "; {bans_made} of {}",
        counted(banned as u64, "address", "addresses")
    );
    if !bans.is_empty() {
        let share = prevented as f64 * 100.0 / hits.max(1) as f64;
        text += &format!(
            "; {} ({share:.1}%) came while their address was banned: what the bans are worth",
            grouped(prevented)
        );
    }
    writeln!(out, "\n{}", wrap(&text, screen.width, 8))
}

/// The rules in one line.
fn rules_text(settings: &Settings) -> String {
    let mut text = format!(
        "{} failures within {}, banned for {}",
        settings.maxretry,
        duration::show(settings.findtime),
        ban_length(settings.bantime)
    );
    if let Some(increment) = &settings.increment {
        text += ", longer each time";
        if !increment.multipliers.is_empty() {
            let list: Vec<String> = increment.multipliers.iter().map(f64::to_string).collect();
            text += &format!(" (x {})", list.join(" "));
        }
        if increment.factor != 1.0 {
            text += &format!(", factor {}", increment.factor);
        }
        if let Some(maxtime) = increment.maxtime {
            text += &format!(", at most {}", duration::show(maxtime));
        }
        if increment.overall_jails {
            text += ", over all jails";
        }
    }
    if settings.blocking {
        text += "; bans work";
    }
    text
}

fn ban_length(seconds: f64) -> String {
    match seconds {
        f64::INFINITY | -1.0 => "ever".into(),
        seconds => duration::show(seconds),
    }
}

fn new_table(screen: Screen) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(screen.width.saturating_sub(1)).unwrap_or(u16::MAX));
    table
}

fn print(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    table
        .lines()
        .try_for_each(|line| writeln!(out, " {}", line.trim_end()))
}

fn right_align(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// Columns whose text is not broken.
fn keep_whole(table: &mut Table, columns: &[usize]) {
    for &column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

fn write_bans(
    out: &mut dyn Write,
    args: &Args,
    simulation: &Simulation,
    bans: &[&BanRecord],
    clock: &Clock,
    screen: Screen,
) -> io::Result<()> {
    let shown = &bans[..bans.len().min(args.top)];
    writeln!(
        out,
        "\n{}  {}",
        heading(screen, "Bans"),
        of_all(bans.len(), shown.len())
    )?;
    if shown.is_empty() {
        return Ok(());
    }
    let numbered = bans.iter().any(|ban| ban.count > 1);
    let mut header = vec!["Banned", "Address", "Until", "Worth", "After lines"];
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
    let mut table = new_table(screen);
    table.set_header(&header);
    for (mut row, ban) in rows.into_iter().zip(shown) {
        row.push(places(simulation, &ban.lines, room));
        table.add_row(row);
    }
    right_align(&mut table, last - 1);
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

fn of_all(all: usize, shown: usize) -> String {
    match all - shown {
        0 => grouped(all as u64),
        rest => {
            let (all, rest) = (grouped(all as u64), grouped(rest as u64));
            format!("{all} ({shown} shown, {rest} more: --top N)")
        }
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

fn write_addresses(
    out: &mut dyn Write,
    args: &Args,
    simulation: &Simulation,
    (number, jail): (usize, &Jail),
    clock: &Clock,
    screen: Screen,
) -> io::Result<()> {
    let mut rows: Vec<(u64, AddressId, String)> = Vec::new();
    for (id, tally) in simulation.replay.addresses(number) {
        rows.push((
            tally.hits,
            id,
            verdict(tally, &jail.rules.settings, clock, screen),
        ));
    }
    for (id, dropped) in &jail.collector.dropped {
        rows.push((dropped.hits, *id, dropped_reason(dropped)));
    }
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let shown = &rows[..rows.len().min(args.top)];
    writeln!(
        out,
        "\n{}  {}",
        heading(screen, "Addresses"),
        of_all(rows.len(), shown.len())
    )?;
    let tickets = jail.tickets(number, &simulation.replay);
    let span = tickets.first().zip(tickets.last());
    let timeline = span.map(|(first, last)| Timeline::of(first.time, last.time, SPARK));
    let wanted: std::collections::HashMap<AddressId, usize> = shown
        .iter()
        .enumerate()
        .map(|(row, (_, id, _))| (*id, row))
        .collect();
    let mut counts = vec![vec![0; SPARK]; shown.len()];
    if let Some(timeline) = timeline {
        for ticket in tickets {
            if let Some(row) = wanted.get(&ticket.id) {
                counts[*row][timeline.bucket(ticket.time)] += 1;
            }
        }
    }
    let mut table = new_table(screen);
    table.set_header(["Hits", "Address", "Over time", "Verdict (closest call)"]);
    for ((hits, id, reason), counts) in shown.iter().zip(&counts) {
        table.add_row([
            grouped(*hits),
            printable(simulation.addresses.text(*id)).into_owned(),
            sparkline(counts),
            printable(reason).into_owned(),
        ]);
    }
    right_align(&mut table, 0);
    keep_whole(&mut table, &[0, 1]);
    if let Some(column) = table.column_mut(2) {
        // 12 blocks and the blanks around them
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(SPARK as u16 + 2)));
    }
    print(out, &table)
}

/// [`reason`], shorter where the screen is narrow: the rules stand above the table.
fn verdict(tally: &Tally, settings: &Settings, clock: &Clock, screen: Screen) -> String {
    if tally.bans > 0 || screen.width >= 110 {
        return reason(tally, settings, clock);
    }
    let missing = settings.maxretry - tally.peak;
    let time = minutes(clock, tally.peak_time);
    format!(
        "{} of {}, {time}, missing {missing}",
        tally.peak, settings.maxretry
    )
}

/// A time without its seconds.
fn minutes(clock: &Clock, time: f64) -> String {
    let iso = clock.iso(time);
    iso.rsplit_once(':')
        .map_or(iso.clone(), |(minutes, _)| minutes.to_string())
}

/// Why an address is banned, or is not.
pub(crate) fn reason(tally: &Tally, settings: &Settings, clock: &Clock) -> String {
    if tally.bans > 0 {
        let times = match tally.bans {
            1 => "banned".into(),
            n => format!("banned {n} times"),
        };
        return match tally.prevented {
            0 => times,
            n => format!(
                "{times}; {} while banned",
                counted(n, "failure", "failures")
            ),
        };
    }
    format!(
        "{} of {} within {}: closest call {}, missing {}",
        tally.peak,
        settings.maxretry,
        duration::show(settings.findtime),
        minutes(clock, tally.peak_time),
        settings.maxretry - tally.peak
    )
}

/// Why failures do not count.
pub(crate) fn dropped_reason(dropped: &Dropped) -> String {
    match &dropped.standing {
        Standing::IgnoredBy(entry) => format!("ignored by {entry}"),
        Standing::NotResolved => "host name, not resolved".into(),
        Standing::Counts => "counts".into(),
    }
}

fn write_sweep(
    out: &mut dyn Write,
    sweep: &Sweep,
    cells: &[Cell],
    hits: u64,
    screen: Screen,
) -> io::Result<()> {
    writeln!(
        out,
        "\n{}  bans, and the share of {} that came while banned",
        heading(screen, "Sweep"),
        counted(hits, "failure", "failures")
    )?;
    // the last axis runs across, the one before down, an earlier one from table to table
    let Some(((across, columns), before)) = sweep.axes.split_last() else {
        return Ok(());
    };
    let (down, rows) = match before.last() {
        Some((axis, rows)) => (Some(*axis), rows.len()),
        None => (None, 1),
    };
    let show = |cell: &Cell| {
        let share = cell.prevented as f64 * 100.0 / hits.max(1) as f64;
        format!("{} {share:.0}%", grouped(cell.bans))
    };
    for block in cells.chunks(columns.len() * rows) {
        let first = block
            .first()
            .map(|cell| cell.point.as_slice())
            .unwrap_or_default();
        let fixed = sweep
            .axes
            .iter()
            .zip(first)
            .take(sweep.axes.len().saturating_sub(2));
        for ((axis, _), value) in fixed {
            writeln!(out, " {} {}", axis.name(), axis.show(*value))?;
        }
        let corner = match down {
            Some(down) => format!("{} / {}", down.name(), across.name()),
            None => across.name().to_string(),
        };
        let mut lines = vec![vec![corner]];
        lines[0].extend(columns.iter().map(|value| across.show(*value)));
        for row in block.chunks(columns.len()) {
            let name = match (down, row.first()) {
                (Some(down), Some(cell)) => down.show(cell.point[cell.point.len() - 2]),
                _ => String::new(),
            };
            let mut line = vec![name];
            line.extend(row.iter().map(show));
            lines.push(line);
        }
        let width = |column: usize| {
            let cells = lines.iter().map(|line| line[column].chars().count());
            cells.max().unwrap_or(0)
        };
        // as many columns as fit, the rest below
        let mut from = 1;
        while from <= columns.len() {
            let mut to = from;
            let mut used = 1 + width(0);
            while to <= columns.len() && (to == from || used + 2 + width(to) <= screen.width) {
                used += 2 + width(to);
                to += 1;
            }
            for line in &lines {
                let mut text = format!(" {:>width$}", line[0], width = width(0));
                for (column, cell) in line.iter().enumerate().take(to).skip(from) {
                    text += &format!("  {:>width$}", cell, width = width(column));
                }
                writeln!(out, "{text}")?;
            }
            from = to;
            if from <= columns.len() {
                writeln!(out)?;
            }
        }
    }
    Ok(())
}
