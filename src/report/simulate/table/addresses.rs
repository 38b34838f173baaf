//! The addresses, when they failed, and why each is banned or not.

use crate::analysis::simulate::timeline::sparkline;
use crate::analysis::simulate::{AddressId, Settings, SimulatedJail, Simulation, Tally, Timeline};
use crate::date::Clock;
use crate::report::columns::{keep_whole, print, right_align, sharing_table};
use crate::report::simulate::reasons::{dropped_reason, minutes, reason};
use crate::report::text::{Screen, grouped, of_all, printable};
use comfy_table::{ColumnConstraint, Width};
use std::io::{self, Write};

/// Columns of a sparkline.
const SPARK: usize = 12;

/// Writes the addresses with the most hits.
pub(super) fn write(
    out: &mut dyn Write,
    simulation: &Simulation,
    (number, jail): (usize, &SimulatedJail),
    top: usize,
    clock: &Clock,
    screen: Screen,
) -> io::Result<()> {
    let mut rows: Vec<(u64, AddressId, String)> = Vec::new();
    for (id, tally) in simulation.replay.addresses(number) {
        rows.push((
            tally.hits,
            id,
            verdict(tally, &jail.settings, clock, screen),
        ));
    }
    for (id, dropped) in &jail.collector.dropped {
        rows.push((dropped.hits, *id, dropped_reason(dropped)));
    }
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let shown = &rows[..rows.len().min(top)];
    writeln!(
        out,
        "\n{}  {}",
        screen.heading("Addresses"),
        of_all(rows.len(), shown.len())
    )?;
    let tickets = jail.tickets(number, &simulation.replay);
    let span = tickets.times();
    let timeline = span.map(|(first, last)| Timeline::of(first, last, SPARK));
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
    let mut table = sharing_table(screen);
    table.set_header(["Hits", "Address", "Over time", "Verdict (closest call)"]);
    for ((hits, id, reason), counts) in shown.iter().zip(&counts) {
        table.add_row([
            grouped(*hits),
            printable(simulation.addresses.text(*id)).into_owned(),
            sparkline(counts),
            printable(reason).into_owned(),
        ]);
    }
    right_align(&mut table, &[0]);
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
