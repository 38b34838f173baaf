//! Tables without frames, of the screen's width.

use super::text::Screen;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use std::io::{self, Write};

/// An empty table.
pub(super) fn new_table(screen: Screen, arrangement: ContentArrangement) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(arrangement)
        .set_width(u16::try_from(screen.width).unwrap_or(u16::MAX));
    table
}

/// An empty table whose columns share the width, but for the blank [`print`] begins with.
pub(super) fn sharing_table(screen: Screen) -> Table {
    let width = screen.width.saturating_sub(1);
    new_table(Screen { width, ..screen }, ContentArrangement::Dynamic)
}

/// Prints a table without the blanks comfy-table leaves at line ends.
pub(super) fn print(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    for line in table.lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    Ok(())
}

/// Numbers stand at the right of their columns.
pub(super) fn right_align(table: &mut Table, columns: &[usize]) {
    for &index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Columns whose text is not broken.
pub(super) fn keep_whole(table: &mut Table, columns: &[usize]) {
    for &column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}
