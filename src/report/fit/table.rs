//! The report for people: the filters, a jail for the best of them, and what none covers.

use super::FitReport;
use crate::analysis::fit::FilterFit;
use crate::report::Format;
use crate::report::columns::{keep_whole, print, right_align, sharing_table};
use crate::report::text::{Screen, counted, fit, grouped, printable, wrapped};
use std::io::{self, Write};

/// Shapes shown of what nobody covers, for each filter shown.
const SHAPES: usize = 5;

/// Worth of a match, in percent, below which a filter may match the lines of many programs.
const VAGUE: f64 = 25.0;

/// See the module.
pub(crate) struct Table {
    pub(crate) screen: Screen,
    /// Filters shown.
    pub(crate) top: usize,
}

impl Format<FitReport<'_>> for Table {
    fn write(&self, report: &FitReport, out: &mut dyn Write) -> io::Result<()> {
        let found = report.fit;
        let (filters, sets) = found.tried;
        let filters = counted(filters as u64, "filter", "filters");
        let tested = counted(found.tested, "line", "lines");
        if let Some(best) = found.filters.first() {
            self.filters(report, out)?;
            writeln!(
                out,
                "\n{} of {tested} are matched; tried: {filters}, {} with their options",
                grouped(found.covered),
                grouped(sets as u64),
            )?;
            self.vague(best, out)?;
            writeln!(out, "\n{}", self.screen.heading("For jail.local"))?;
            for line in report.section(best).lines() {
                writeln!(out, "  {}", printable(line))?;
            }
        } else {
            writeln!(out, "No filter matches any of {tested}; tried: {filters}")?;
        }
        self.uncovered(report, out)
    }
}

impl Table {
    /// What is said of a filter whose regexes say little.
    fn vague(&self, best: &FilterFit, out: &mut dyn Write) -> io::Result<()> {
        let worth = 100.0 * best.best.worth / (best.best.matched.max(1)) as f64;
        if worth >= VAGUE || best.best.undated > 0 {
            return Ok(());
        }
        let said = format!(
            "{}'s regexes say little of what its lines look like, and may match those of other \
             programs: is this its log?",
            best.name
        );
        for line in wrapped(&printable(&said), self.screen.width, 0) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn filters(&self, report: &FitReport, out: &mut dyn Write) -> io::Result<()> {
        let found = report.fit;
        let mut table = sharing_table(self.screen);
        table.set_header([
            "Filter",
            "Lines",
            "Share",
            "Worth",
            "Addresses",
            "Alone",
            "Date",
        ]);
        for filter in found.filters.iter().take(self.top) {
            let best = &filter.best;
            let share = 100.0 * best.matched as f64 / (found.tested.max(1)) as f64;
            let worth = 100.0 * best.worth / (best.matched.max(1)) as f64;
            table.add_row([
                fit(&best.filter, 27),
                grouped(best.matched),
                format!("{share:.1}%"),
                format!("{worth:.0}%"),
                grouped(best.addresses),
                grouped(best.only),
                match &best.date_template {
                    Some(name) => fit(name.trim_start_matches("{^LN-BEG}"), 12),
                    None if best.undated > 0 => "none".to_owned(),
                    None => "-".to_owned(),
                },
            ]);
        }
        right_align(&mut table, &[1, 2, 3, 4, 5]);
        keep_whole(&mut table, &[0, 1, 2, 3, 4, 5, 6]);
        print(out, &table)?;
        match found.filters.len().saturating_sub(self.top) {
            0 => Ok(()),
            rest => writeln!(out, " {} more: --top N", grouped(rest as u64)),
        }
    }

    fn uncovered(&self, report: &FitReport, out: &mut dyn Write) -> io::Result<()> {
        let found = report.fit;
        if found.uncovered == 0 {
            return Ok(());
        }
        let heading = format!(
            "Nobody covers {} with an address",
            counted(found.uncovered, "failure", "failures")
        );
        writeln!(out, "\n{}", self.screen.heading(&heading))?;
        let numbers = found.shapes.iter().map(|shape| grouped(shape.lines).len());
        let width = numbers.max().unwrap_or(0);
        let shown = SHAPES.max(self.top);
        for shape in found.shapes.iter().take(shown) {
            let lines = grouped(shape.lines);
            let room = self.screen.width.saturating_sub(width + 4);
            writeln!(out, "  {lines:>width$}  {}", fit(&shape.shape, room))?;
        }
        match found.shapes.len().saturating_sub(shown) {
            0 => Ok(()),
            rest => writeln!(out, "  {} more: --top N", grouped(rest as u64)),
        }
    }
}
