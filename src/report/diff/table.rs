//! The report for people.

use super::{Entry, counts, entries, in_sets, jail_entries, local, summary};
use crate::analysis::bench::comparison::{AddressLines, ChangedLine, Comparison, Lines};
use crate::analysis::diff::value::{Diff, FilterDiff};
use crate::report::Format;
use crate::report::text::{Screen, fit, grouped, printable, wrap, wrapped};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Table {
    pub(crate) screen: Screen,
    /// Changes and examples shown of each kind.
    pub(crate) top: usize,
}

impl Format<Diff> for Table {
    fn write(&self, diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{}  {}",
            self.screen.heading("Old"),
            printable(&diff.old)
        )?;
        writeln!(
            out,
            "{}  {}",
            self.screen.heading("New"),
            printable(&diff.new)
        )?;
        writeln!(out, "\n{}", summary(diff))?;
        for (names, what) in [(&diff.came, "came"), (&diff.went, "went")] {
            if !names.is_empty() {
                let text = format!("filters that {what}: {}", names.join(", "));
                self.wrapped(out, &text, 0)?;
            }
        }
        for filter in &diff.filters {
            self.filter(out, filter)?;
        }
        if let Some(jails) = &diff.jails
            && jails.differ()
        {
            writeln!(out, "\n{}", self.screen.heading("Jails"))?;
            self.entries(out, jail_entries(jails, self.room()))?;
        }
        if !diff.locals.is_empty() {
            let heading = "What .local files say in vain";
            writeln!(out, "\n{}", self.screen.heading(heading))?;
            for fault in &diff.locals {
                self.wrapped(out, &local(fault), 2)?;
            }
        }
        for warning in &diff.warnings {
            let text = format!("warning: {}", printable(&warning.message));
            writeln!(out, "{}", wrap(&text, self.screen.width))?;
        }
        Ok(())
    }
}

impl Table {
    /// Columns for a text behind its `-` or `+`.
    fn room(&self) -> usize {
        self.screen.width.saturating_sub(6).max(20)
    }

    fn wrapped(&self, out: &mut dyn Write, text: &str, indent: usize) -> io::Result<()> {
        let width = self.screen.width.saturating_sub(indent);
        for line in wrapped(&printable(text), width, 2) {
            writeln!(out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    fn filter(&self, out: &mut dyn Write, filter: &FilterDiff) -> io::Result<()> {
        let name = self.screen.heading(&printable(&filter.name));
        writeln!(out, "\n{name}")?;
        self.entries(out, entries(filter, self.room()))?;
        for set in &filter.lines {
            let sets = in_sets(filter, &set.option_sets);
            self.wrapped(out, &format!("{}{sets}", counts(&set.comparison)), 2)?;
            self.comparison(out, &set.comparison)?;
        }
        Ok(())
    }

    fn entries(&self, out: &mut dyn Write, entries: Vec<Entry>) -> io::Result<()> {
        let rest = entries.len().saturating_sub(self.top);
        for entry in entries.into_iter().take(self.top) {
            self.wrapped(out, &entry.title, 2)?;
            for (sign, text) in ["-", "+"].iter().zip(&entry.texts) {
                if let Some(text) = text {
                    writeln!(out, "    {sign} {text}")?;
                }
            }
        }
        self.rest(out, rest as u64, 2)
    }

    fn rest(&self, out: &mut dyn Write, rest: u64, indent: usize) -> io::Result<()> {
        match rest {
            0 => Ok(()),
            rest => writeln!(out, "{:indent$}{} more: --top N", "", grouped(rest)),
        }
    }

    fn comparison(&self, out: &mut dyn Write, found: &Comparison) -> io::Result<()> {
        self.changed(out, "lost", &found.lost)?;
        self.changed(out, "gained", &found.gained)?;
        self.changed(out, "ignored by one only", &found.ignored)?;
        if found.moved.count > 0 {
            writeln!(out, "    matched by another failregex:")?;
            for line in &found.moved.examples {
                let to = format!("{:?} → {:?}", line.from, line.to);
                self.line(out, (&line.log, line.line), &line.text, &to)?;
            }
            self.rest(
                out,
                found.moved.count - found.moved.examples.len() as u64,
                6,
            )?;
        }
        if found.captures.count > 0 {
            writeln!(out, "    with other groups:")?;
            for line in &found.captures.examples {
                self.line(out, (&line.log, line.line), &line.text, "")?;
                let shown = |text: &Option<String>| match text {
                    Some(text) => format!("\"{}\"", fit(text, 24)),
                    None => "(none)".to_owned(),
                };
                for group in &line.groups {
                    let (before, now) = (shown(&group.against), shown(&group.filter));
                    writeln!(out, "        {}: {before} → {now}", printable(&group.group))?;
                }
            }
            let shown = found.captures.examples.len() as u64;
            self.rest(out, found.captures.count - shown, 6)?;
        }
        if found.times.count > 0 {
            writeln!(out, "    at another time:")?;
            let shown = |time: Option<f64>| time.map_or("no date".into(), |t| format!("{t:.3}"));
            for line in &found.times.examples {
                let times = format!("{} → {}", shown(line.against), shown(line.filter));
                self.line(out, (&line.log, line.line), &line.text, &times)?;
            }
            self.rest(
                out,
                found.times.count - found.times.examples.len() as u64,
                6,
            )?;
        }
        self.addresses(out, "addresses lost", &found.addresses.lost)?;
        self.addresses(out, "addresses gained", &found.addresses.gained)
    }

    fn changed(
        &self,
        out: &mut dyn Write,
        what: &str,
        lines: &Lines<ChangedLine>,
    ) -> io::Result<()> {
        if lines.count == 0 {
            return Ok(());
        }
        writeln!(out, "    {what}:")?;
        for line in &lines.examples {
            let addresses = line.addresses.join(", ");
            self.line(out, (&line.log, line.line), &line.text, &addresses)?;
        }
        self.rest(out, lines.count - lines.examples.len() as u64, 6)
    }

    /// An example: where it is, what it says, and what is said of it.
    fn line(
        &self,
        out: &mut dyn Write,
        (log, number): (&Option<String>, u64),
        text: &str,
        said: &str,
    ) -> io::Result<()> {
        let log = log.as_deref().unwrap_or_default();
        let place = format!("{}:{number}", printable(log));
        let said = match said {
            "" => place,
            said => format!("{place}  {}", printable(said)),
        };
        writeln!(out, "      {said}")?;
        let room = self.screen.width.saturating_sub(8).max(20);
        writeln!(out, "        {}", fit(text, room))
    }

    fn addresses(
        &self,
        out: &mut dyn Write,
        what: &str,
        addresses: &[AddressLines],
    ) -> io::Result<()> {
        if addresses.is_empty() {
            return Ok(());
        }
        let shown = addresses.iter().take(self.top);
        let shown: Vec<&str> = shown.map(|a| a.address.as_str()).collect();
        let rest = addresses.len() - shown.len();
        self.wrapped(out, &format!("{what}: {}", shown.join(", ")), 4)?;
        self.rest(out, rest as u64, 6)
    }
}
