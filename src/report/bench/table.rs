//! The bench report for people, fitted to the width of the screen.
//!
//! All text from logs and filters goes through [`printable`] or [`fit`].

use crate::analysis::bench::comparison::{AddressLines, Comparison, Lines};
use crate::analysis::bench::pairing::Change;
use crate::analysis::bench::report::{BenchReport, Side};
use crate::report::Format;
use crate::report::text::{Screen, counted, fit, grouped, printable, wrap};
use std::io::{self, Write};

/// The table, as wide as the screen.
pub(crate) struct Table(pub(crate) Screen);

impl Format<BenchReport> for Table {
    fn write(&self, report: &BenchReport, out: &mut dyn Write) -> io::Result<()> {
        write(out, report, self.0)
    }
}

fn write(out: &mut dyn Write, report: &BenchReport, screen: Screen) -> io::Result<()> {
    head(out, report, screen)?;
    if let (Some(comparison), Some(against)) = (&report.comparison, &report.against) {
        writeln!(out)?;
        Meaning {
            comparison,
            filter: &report.filter,
            against,
            screen,
        }
        .write(out)?;
    }
    super::cost_table::write(out, report, screen)?;
    for warning in &report.warnings {
        let text = format!("warning: {}", printable(&warning.message));
        writeln!(out, "{}", wrap(&text, screen.width))?;
    }
    Ok(())
}

fn head(out: &mut dyn Write, report: &BenchReport, screen: Screen) -> io::Result<()> {
    side(out, "Filter ", &report.filter, screen)?;
    if let Some(against) = &report.against {
        side(out, "Against", against, screen)?;
    }
    let log = &report.log;
    let mut lines = counted(log.lines, "line", "lines");
    if log.skipped > 0 {
        lines += &format!(", {} skipped", grouped(log.skipped));
    }
    if log.cut {
        lines += ", the log has more (--lines)";
    }
    writeln!(
        out,
        "{}      {}  {lines}",
        screen.heading("Log"),
        printable(&log.name)
    )
}

fn side(out: &mut dyn Write, title: &str, side: &Side, screen: Screen) -> io::Result<()> {
    let name = fit(&side.name, screen.width.saturating_sub(9));
    let mut text = format!("{}  {name}", screen.heading(title));
    if let Some(file) = side.file.as_ref().filter(|file| **file != side.name) {
        text += &format!("  {}", printable(file));
    }
    writeln!(out, "{text}")
}

/// Numbers of failregexes: `#2`, `#1 #3`, `none`.
pub(super) fn numbers(of: &[usize]) -> String {
    match of {
        [] => "none".into(),
        _ => of
            .iter()
            .map(|n| format!("#{n}"))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

struct Meaning<'a> {
    comparison: &'a Comparison,
    filter: &'a Side,
    against: &'a Side,
    screen: Screen,
}

impl Meaning<'_> {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let found = self.comparison;
        let screen = self.screen;
        writeln!(out, "{}", screen.heading("Meaning"))?;
        let mine = fit(&self.filter.name, 24);
        let theirs = fit(&self.against.name, 24);
        let both = format!(
            "matched by both: {}",
            counted(found.matched_by_both, "line", "lines")
        );
        if found.unchanged {
            writeln!(out, "   nothing changed; {both}")?;
        } else {
            writeln!(out, "   {both}")?;
        }
        self.changed(
            out,
            "gained",
            &format!("only {mine} matches"),
            &found.gained,
        )?;
        self.changed(out, "lost", &format!("only {theirs} matches"), &found.lost)?;
        self.changed(
            out,
            "ignored",
            "by one of the two, missed by the other",
            &found.ignored,
        )?;
        self.addresses(out, "gained", &mine, &found.addresses.gained)?;
        self.addresses(out, "lost", &theirs, &found.addresses.lost)?;
        self.recounted(out)?;
        self.moved(out)?;
        self.captures(out)?;
        self.times(out)?;
        if found.unanswered > 0 {
            let lines = counted(found.unanswered, "line", "lines");
            writeln!(out, "   no answer within the step budget on {lines}")?;
        }
        self.pairs(out)
    }

    fn line(&self, out: &mut dyn Write, number: u64, text: &str) -> io::Result<()> {
        let number = number.to_string();
        let room = self.screen.width.saturating_sub(8 + number.len()).max(20);
        writeln!(out, "      {number}: {}", fit(text, room))
    }

    fn rest<T>(&self, out: &mut dyn Write, lines: &Lines<T>) -> io::Result<()> {
        match lines.count - lines.examples.len() as u64 {
            0 => Ok(()),
            rest => writeln!(out, "      … {} more (--examples N)", grouped(rest)),
        }
    }

    fn changed(
        &self,
        out: &mut dyn Write,
        what: &str,
        why: &str,
        lines: &Lines<crate::analysis::bench::comparison::ChangedLine>,
    ) -> io::Result<()> {
        if lines.count == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "   {what}: {}, {why}",
            counted(lines.count, "line", "lines")
        )?;
        for example in &lines.examples {
            self.line(out, example.line, &example.text)?;
            let mut by = format!("failregex {}", numbers(&example.failregex));
            if !example.addresses.is_empty() {
                by += &format!(" · {}", example.addresses.join(", "));
            }
            let room = self.screen.width.saturating_sub(9);
            writeln!(out, "         {}", fit(&by, room))?;
        }
        self.rest(out, lines)
    }

    fn addresses(
        &self,
        out: &mut dyn Write,
        what: &str,
        by: &str,
        of: &[AddressLines],
    ) -> io::Result<()> {
        if of.is_empty() {
            return Ok(());
        }
        let count = counted(of.len() as u64, "address", "addresses");
        writeln!(out, "   {what}: {count}, only by {by}")?;
        const SHOWN: usize = 10;
        for address in of.iter().take(SHOWN) {
            let lines = counted(address.filter.max(address.against), "line", "lines");
            writeln!(out, "      {:<39}  {lines}", fit(&address.address, 39))?;
        }
        match of.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            rest => writeln!(out, "      … {rest} more (--format json has all)"),
        }
    }

    fn recounted(&self, out: &mut dyn Write) -> io::Result<()> {
        let of = &self.comparison.addresses.recounted;
        if of.is_empty() {
            return Ok(());
        }
        writeln!(out, "   named in another number of lines (before → now):")?;
        for address in of.iter().take(10) {
            let (before, now) = (grouped(address.against), grouped(address.filter));
            writeln!(
                out,
                "      {:<39}  {before} → {now}",
                fit(&address.address, 39)
            )?;
        }
        match of.len().saturating_sub(10) {
            0 => Ok(()),
            rest => writeln!(out, "      … {rest} more (--format json has all)"),
        }
    }

    fn moved(&self, out: &mut dyn Write) -> io::Result<()> {
        let found = self.comparison;
        if found.moved.count == 0 {
            return Ok(());
        }
        let lines = counted(found.moved.count, "line", "lines");
        writeln!(out, "   moved to another failregex: {lines}")?;
        for moved in &found.moves {
            let (from, to) = (numbers(&moved.from), numbers(&moved.to));
            writeln!(
                out,
                "      {from} → {to}: {}",
                counted(moved.count, "line", "lines")
            )?;
        }
        for example in &found.moved.examples {
            self.line(out, example.line, &example.text)?;
        }
        self.rest(out, &found.moved)
    }

    fn captures(&self, out: &mut dyn Write) -> io::Result<()> {
        let lines = &self.comparison.captures;
        if lines.count == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "   other groups captured: {}",
            counted(lines.count, "line", "lines")
        )?;
        let shown = |text: &Option<String>| match text {
            Some(text) => format!("\"{}\"", fit(text, 24)),
            None => "(none)".into(),
        };
        for example in &lines.examples {
            self.line(out, example.line, &example.text)?;
            for group in &example.groups {
                let (before, now) = (shown(&group.against), shown(&group.filter));
                let name = printable(&group.group);
                writeln!(
                    out,
                    "         #{} {name}: {before} → {now}",
                    group.failregex
                )?;
            }
        }
        self.rest(out, lines)
    }

    fn times(&self, out: &mut dyn Write) -> io::Result<()> {
        let lines = &self.comparison.times;
        if lines.count == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "   matched at another time: {}",
            counted(lines.count, "line", "lines")
        )?;
        let shown = |time: Option<f64>| time.map_or("no date".into(), |t| format!("{t:.3}"));
        for example in &lines.examples {
            self.line(out, example.line, &example.text)?;
            let (before, now) = (shown(example.against), shown(example.filter));
            writeln!(out, "         epoch {before} → {now}")?;
        }
        self.rest(out, lines)
    }

    /// Which failregex is which, where that is not plain.
    fn pairs(&self, out: &mut dyn Write) -> io::Result<()> {
        let pairs = &self.comparison.pairs;
        if pairs.iter().all(|p| p.change == Change::Same) {
            return Ok(());
        }
        writeln!(
            out,
            "   failregexes, {} ← {}:",
            fit(&self.filter.name, 24),
            fit(&self.against.name, 24)
        )?;
        for pair in pairs.iter().filter(|p| p.change != Change::Same) {
            let text = match (pair.filter, pair.against) {
                (Some(here), Some(there)) => format!("#{here} ← #{there} edited"),
                (Some(here), None) => format!("#{here} added"),
                (None, Some(there)) => format!("(#{there} removed)"),
                (None, None) => continue,
            };
            writeln!(out, "      {text}")?;
        }
        Ok(())
    }
}
