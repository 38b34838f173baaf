//! The Hints section of the table report, also at the end of an explanation.

use super::text::{Screen, counted, fit, grouped, printable, wrapped};
use crate::analysis::explain::hints::Hint;
use std::io::{self, Write};

/// Writes the section; nothing where nothing helps. The hints were tried on `sampled` lines of
/// `total`.
pub(super) fn write(
    out: &mut dyn Write,
    hints: &[Hint],
    (sampled, total): (u64, u64),
    screen: Screen,
) -> io::Result<()> {
    if hints.is_empty() {
        return Ok(());
    }
    let sample = if sampled < total {
        format!(
            "  tried on {} of {}, the first and the last",
            grouped(sampled),
            counted(total, "line", "lines")
        )
    } else {
        String::new()
    };
    writeln!(out, "\n{}{sample}", screen.heading("Hints"))?;
    for (index, hint) in hints.iter().enumerate() {
        let text = format!("{}. {}", index + 1, printable(&hint.message));
        for line in wrapped(&text, screen.width.saturating_sub(6), 2) {
            writeln!(out, "   {line}")?;
        }
        let Some(example) = &hint.example else {
            continue;
        };
        let label = format!("      line {}: ", example.number);
        let room = screen.width.saturating_sub(label.chars().count());
        writeln!(out, "{label}{}", fit(&example.text, room))?;
    }
    Ok(())
}
