//! The report as markdown, for a pull request's comment: a heading, what changed in each filter to
//! be unfolded, texts as code.

use super::{Entry, counts, entries, in_sets, jail_entries, local, summary};
use crate::analysis::bench::comparison::{ChangedLine, Comparison, Lines};
use crate::analysis::diff::value::{Diff, FilterDiff};
use crate::report::Format;
use crate::report::markdown::{cell, code, escaped};
use crate::report::text::grouped;
use std::io::{self, Write};

/// Columns of a text.
const WIDTH: usize = 160;

/// See the module.
pub(crate) struct Markdown {
    /// Changes and examples shown of each kind.
    pub(crate) top: usize,
}

impl Format<Diff> for Markdown {
    fn write(&self, diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
        let (old, new) = (code(&diff.old), code(&diff.new));
        writeln!(out, "### Filters: {old} → {new}\n\n{}.", summary(diff))?;
        for (names, what) in [(&diff.came, "came"), (&diff.went, "went")] {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| code(name)).collect();
                writeln!(out, "\nFilters that {what}: {}.", names.join(", "))?;
            }
        }
        self.overview(out, diff)?;
        for filter in &diff.filters {
            let name = escaped(&filter.name);
            writeln!(out, "\n<details><summary><b>{name}</b></summary>\n")?;
            self.filter(out, filter)?;
            writeln!(out, "\n</details>")?;
        }
        if let Some(jails) = &diff.jails
            && jails.differ()
        {
            writeln!(out, "\n<details><summary><b>Jails</b></summary>\n")?;
            self.entries(out, jail_entries(jails, WIDTH))?;
            writeln!(out, "\n</details>")?;
        }
        if !diff.locals.is_empty() {
            writeln!(out, "\n**What `.local` files say in vain:**\n")?;
            for fault in &diff.locals {
                writeln!(out, "- {}", escaped(&local(fault)))?;
            }
        }
        for warning in &diff.warnings {
            writeln!(out, "\n> warning: {}", escaped(&warning.message))?;
        }
        Ok(())
    }
}

impl Markdown {
    /// A row for each filter whose lines differ.
    fn overview(&self, out: &mut dyn Write, diff: &Diff) -> io::Result<()> {
        if diff.filters.iter().all(|filter| filter.lines.is_empty()) {
            return Ok(());
        }
        writeln!(
            out,
            "\n| filter | lost | gained | other failregex | other groups | addresses lost | \
             addresses gained |\n|---|---:|---:|---:|---:|---:|---:|"
        )?;
        for filter in &diff.filters {
            for set in &filter.lines {
                let found = &set.comparison;
                let label = set.option_sets.first().unwrap_or(&filter.name);
                let more = match set.option_sets.len() {
                    0 | 1 => String::new(),
                    sets => format!(" and {} more", sets - 1),
                };
                let cells = [
                    format!("{}{more}", cell(label)),
                    grouped(found.lost.count),
                    grouped(found.gained.count),
                    grouped(found.moved.count),
                    grouped(found.captures.count),
                    grouped(found.addresses.lost.len() as u64),
                    grouped(found.addresses.gained.len() as u64),
                ];
                writeln!(out, "| {} |", cells.join(" | "))?;
            }
        }
        Ok(())
    }

    fn filter(&self, out: &mut dyn Write, filter: &FilterDiff) -> io::Result<()> {
        self.entries(out, entries(filter, WIDTH))?;
        for set in &filter.lines {
            let sets = in_sets(filter, &set.option_sets);
            let said = format!("{}{sets}", counts(&set.comparison));
            writeln!(out, "- {}", escaped(&said))?;
            self.comparison(out, &set.comparison)?;
        }
        Ok(())
    }

    fn entries(&self, out: &mut dyn Write, entries: Vec<Entry>) -> io::Result<()> {
        let rest = entries.len().saturating_sub(self.top);
        for entry in entries.into_iter().take(self.top) {
            writeln!(out, "- {}", escaped(&entry.title))?;
            if entry.texts.iter().any(Option::is_some) {
                let texts = entry.texts.iter().flatten();
                let fence = fence(texts.map(String::as_str));
                writeln!(out, "\n  {fence}diff")?;
                for (sign, text) in ["-", "+"].iter().zip(&entry.texts) {
                    if let Some(text) = text {
                        writeln!(out, "  {sign} {text}")?;
                    }
                }
                writeln!(out, "  {fence}\n")?;
            }
        }
        self.rest(out, rest as u64, "")
    }

    fn rest(&self, out: &mut dyn Write, rest: u64, indent: &str) -> io::Result<()> {
        match rest {
            0 => Ok(()),
            rest => writeln!(out, "{indent}- {} more (`--top`)", grouped(rest)),
        }
    }

    fn comparison(&self, out: &mut dyn Write, found: &Comparison) -> io::Result<()> {
        self.changed(out, "lost", &found.lost)?;
        self.changed(out, "gained", &found.gained)?;
        self.changed(out, "ignored by one only", &found.ignored)?;
        for line in &found.moved.examples {
            let place = place(line.log.as_deref(), line.line);
            let (from, to) = (&line.from, &line.to);
            let moved = escaped(&format!("failregex {from:?} → {to:?}"));
            writeln!(out, "  - {place}, {moved}: {}", code(&line.text))?;
        }
        for line in &found.captures.examples {
            let place = place(line.log.as_deref(), line.line);
            writeln!(out, "  - {place}, other groups: {}", code(&line.text))?;
            for group in &line.groups {
                let shown = |text: &Option<String>| text.as_deref().map_or("none".into(), code);
                let (before, now) = (shown(&group.against), shown(&group.filter));
                let name = escaped(&group.group);
                writeln!(out, "    - {name}: {before} → {now}")?;
            }
        }
        Ok(())
    }

    fn changed(
        &self,
        out: &mut dyn Write,
        what: &str,
        lines: &Lines<ChangedLine>,
    ) -> io::Result<()> {
        for line in &lines.examples {
            let place = place(line.log.as_deref(), line.line);
            let addresses = match line.addresses.as_slice() {
                [] => String::new(),
                addresses => format!(" → {}", code(&addresses.join(", "))),
            };
            writeln!(out, "  - {what}, {place}: {}{addresses}", code(&line.text))?;
        }
        self.rest(out, lines.count - lines.examples.len() as u64, "  ")
    }
}

fn place(log: Option<&str>, line: u64) -> String {
    escaped(&format!("{}:{line}", log.unwrap_or_default()))
}

/// A fence that is longer than any run of backticks inside.
fn fence<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let runs = texts.flat_map(|text| text.split(|c| c != '`').map(str::len));
    "`".repeat(runs.max().unwrap_or(0).max(2) + 1)
}
