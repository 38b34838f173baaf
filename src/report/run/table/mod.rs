//! The report for people (`--format table`): what hit, who, when, and what looks wrong.
//!
//! What may be long stands above; the verdict with the addresses, and what to do, stand at the end,
//! where a terminal shows them. Fits the width it is given; text from logs and filters is shown
//! with control characters escaped, so that a hostile log line cannot drive the terminal.

pub(super) mod addresses;
pub(super) mod head;
pub(super) mod regexes;
mod samples;
mod templates;

use super::Show;
use crate::analysis::run::{AddressRows, RunReport, TemplateRow};
use crate::report::text::{Screen, counted, grouped, printable, signed, wrap};
use crate::report::{Format, hints};
use std::io::{self, Write};

pub(crate) use samples::SHOWN_LINES;

/// The table, as wide as the screen.
pub(crate) struct Table {
    /// What is shown.
    pub(crate) show: Show,
    /// All date templates, for `--verbose`.
    pub(crate) templates: Vec<TemplateRow>,
    /// Where.
    pub(crate) screen: Screen,
}

impl<Addresses: AddressRows> Format<RunReport<Addresses>> for Table {
    fn write(&self, run: &RunReport<Addresses>, out: &mut dyn Write) -> io::Result<()> {
        let (show, screen) = (&self.show, self.screen);
        head::write(out, &run.filter, &run.logs, screen)?;
        if let Some(prefregex) = &run.prefregex {
            regexes::prefregex(out, prefregex, run.lines.total, show, screen)?;
        }
        regexes::write(out, "Failregex", &run.failregex, show, screen)?;
        if !run.ignoreregex.is_empty() {
            regexes::write(out, "Ignoreregex", &run.ignoreregex, show, screen)?;
        }
        if run.seam.as_ref().is_some_and(|seam| seam.dates.is_some()) {
            if show.verbose > 0 && !self.templates.is_empty() {
                templates::write_all(out, &self.templates, show.verbose_date, screen)?;
            } else {
                templates::write(out, &run.date_templates, screen)?;
            }
        }
        samples::write(out, run, show, screen)?;
        addresses::write(out, run, show.top, screen)?;
        self.verdict(out, run)?;
        let sample = (run.hint_sample.lines, run.hint_sample.of);
        hints::write(out, &run.hints, sample, screen)
    }
}

impl Table {
    /// The counts of lines, and what looks wrong.
    fn verdict<A>(&self, out: &mut dyn Write, run: &RunReport<A>) -> io::Result<()> {
        let lines = &run.lines;
        writeln!(
            out,
            "\nLines: {}, {} ignored, {} matched, {} missed",
            counted(lines.total, "line", "lines"),
            signed(lines.ignored),
            signed(lines.matched),
            signed(lines.missed)
        )?;
        let seconds = run.timing.seconds;
        let mut foot = format!("       in {seconds:.2} s");
        if seconds > 0.01 {
            let rate = lines.total as f64 / seconds;
            foot += &format!(", {} lines/s", grouped(rate as u64));
        }
        if lines.skipped > 0 {
            let skipped = counted(lines.skipped, "empty or # line", "empty or # lines");
            foot += &format!("; {skipped} skipped");
        }
        writeln!(out, "{foot}")?;
        if run.partial {
            let text = "stopped: this is the report of what had been read by then";
            writeln!(out, "{}", self.screen.warning(text))?;
        }
        for warning in &run.warnings {
            let place = match (&warning.file, warning.line) {
                (Some(file), Some(line)) => format!("{file}:{line}: "),
                (Some(file), None) => format!("{file}: "),
                _ => String::new(),
            };
            let text = format!("warning: {place}{}", warning.message);
            let text = wrap(&printable(&text), self.screen.width);
            writeln!(out, "{}", self.screen.warning(&text))?;
        }
        Ok(())
    }
}
