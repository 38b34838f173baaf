//! The bench report as markdown: for a pull request's comment or a page of a wiki.

use super::compare::{ChangedLine, Comparison, Lines};
use super::report::BenchReport;
use crate::report::table::{grouped, printable};
use std::io::{self, Write};

/// Writes the report.
pub fn write(out: &mut dyn Write, report: &BenchReport) -> io::Result<()> {
    write!(out, "Filter {}", code(&report.filter.name))?;
    if let Some(against) = &report.against {
        write!(out, " against {}", code(&against.name))?;
    }
    let lines = grouped(report.log.lines);
    writeln!(out, ", log {}, {lines} lines.", code(&report.log.name))?;
    if let Some(comparison) = &report.comparison {
        meaning(out, comparison)?;
    }
    for warning in &report.warnings {
        writeln!(out, "\n> warning: {}", escaped(&warning.message))?;
    }
    Ok(())
}

/// Text as code: the fence is longer than any run of backticks inside.
pub(super) fn code(text: &str) -> String {
    let text = printable(text).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.contains('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text that may stand anywhere in markdown.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn meaning(out: &mut dyn Write, found: &Comparison) -> io::Result<()> {
    writeln!(out, "\n| meaning | lines |\n|---|---:|")?;
    let rows = [
        ("matched by both", found.matched_by_both),
        ("gained", found.gained.count),
        ("lost", found.lost.count),
        ("ignored by one only", found.ignored.count),
        ("moved to another failregex", found.moved.count),
        ("other groups captured", found.captures.count),
        ("matched at another time", found.times.count),
        ("no answer within the step budget", found.unanswered),
    ];
    for (what, count) in rows {
        writeln!(out, "| {what} | {} |", grouped(count))?;
    }
    let addresses = &found.addresses;
    writeln!(
        out,
        "\nAddresses: {} gained, {} lost, {} named in another number of lines.",
        addresses.gained.len(),
        addresses.lost.len(),
        addresses.recounted.len()
    )?;
    examples(out, "Gained", &found.gained)?;
    examples(out, "Lost", &found.lost)?;
    examples(out, "Ignored by one only", &found.ignored)
}

fn examples(out: &mut dyn Write, title: &str, lines: &Lines<ChangedLine>) -> io::Result<()> {
    if lines.examples.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}:\n")?;
    for example in &lines.examples {
        let addresses = match example.addresses.is_empty() {
            true => String::new(),
            false => format!(" → {}", code(&example.addresses.join(", "))),
        };
        writeln!(
            out,
            "- line {}: {}{addresses}",
            example.line,
            code(&example.text)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_backticks_and_bars() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a``b"), "``` a``b ```");
    }
}
