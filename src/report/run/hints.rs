//! The Hints section of the table report, also at the end of an explanation.

use crate::analysis::explain::hints::Diagnosis;
use crate::report::text::{Screen, fit, printable};
use std::io::{self, Write};

/// Writes the section; nothing where nothing helps.
pub(crate) fn write(out: &mut dyn Write, diagnosis: &Diagnosis, screen: Screen) -> io::Result<()> {
    if diagnosis.hints.is_empty() {
        return Ok(());
    }
    let sample = match diagnosis.sampled < diagnosis.total {
        true => format!(
            "  tried on {} of {} lines, the first and the last",
            diagnosis.sampled, diagnosis.total
        ),
        false => String::new(),
    };
    writeln!(out, "\n{}{sample}", screen.heading("Hints"))?;
    for (index, hint) in diagnosis.hints.iter().enumerate() {
        let text = format!("{}. {}", index + 1, printable(&hint.message));
        for line in wrapped(&text, screen.width.saturating_sub(6)) {
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

/// Lines of at most `width` columns, broken at blanks; further ones are indented. What has
/// no blank stays whole, so that it can be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let needed = line.chars().count() + 1 + word.chars().count();
        if !line.trim().is_empty() && needed > width {
            lines.push(std::mem::replace(&mut line, "  ".into()));
        }
        if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
