//! Other settings tried, and what came of them.

use crate::analysis::simulate::sweep::{Cell, Sweep};
use crate::report::text::{Screen, counted, grouped};
use std::io::{self, Write};

/// Writes a table for each value of the axes before the last two.
pub(super) fn write(
    out: &mut dyn Write,
    sweep: &Sweep,
    cells: &[Cell],
    hits: u64,
    screen: Screen,
) -> io::Result<()> {
    writeln!(
        out,
        "\n{}  bans, and the share of {} that came while banned",
        screen.heading("Sweep"),
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
        columns_that_fit(out, &lines, screen)?;
    }
    Ok(())
}

/// Writes lines of cells: as many columns as fit beside the first, the rest below.
fn columns_that_fit(out: &mut dyn Write, lines: &[Vec<String>], screen: Screen) -> io::Result<()> {
    let columns = lines.first().map_or(0, |line| line.len() - 1);
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let mut from = 1;
    while from <= columns {
        let mut to = from;
        let mut used = 1 + width(0);
        while to <= columns && (to == from || used + 2 + width(to) <= screen.width) {
            used += 2 + width(to);
            to += 1;
        }
        for line in lines {
            let mut text = format!(" {:>width$}", line[0], width = width(0));
            for (column, cell) in line.iter().enumerate().take(to).skip(from) {
                text += &format!("  {:>width$}", cell, width = width(column));
            }
            writeln!(out, "{text}")?;
        }
        from = to;
        if from <= columns {
            writeln!(out)?;
        }
    }
    Ok(())
}
