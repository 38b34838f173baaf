//! The report for people: the filter and its jail, what was done, what was not sure; or what
//! stands against one.

use super::DraftReport;
use crate::analysis::draft::{Draft, Proposal};
use crate::report::Format;
use crate::report::text::{Screen, counted, fit, printable, wrapped};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Table(pub(crate) Screen);

impl Format<DraftReport<'_>> for Table {
    fn write(&self, report: &DraftReport, out: &mut dyn Write) -> io::Result<()> {
        match report.proposal {
            Proposal::Existing { filter, jail } => {
                writeln!(
                    out,
                    "The filter {filter} matches every line, each with its address."
                )?;
                self.indented("For jail.local", jail, out)
            }
            Proposal::Draft(draft) => self.draft(draft, report, out),
            Proposal::None(against) => {
                writeln!(out, "No filter is proposed. Against one stand:")?;
                for against in against {
                    let number = match against.number {
                        0 => String::new(),
                        number => format!("line {number}: "),
                    };
                    self.paragraph("  ", &format!("{number}{}", against.why), out)?;
                    let room = self.0.width.saturating_sub(4);
                    writeln!(out, "    {}", fit(&against.line, room))?;
                }
                Ok(())
            }
        }
    }
}

impl Table {
    fn draft(&self, draft: &Draft, report: &DraftReport, out: &mut dyn Write) -> io::Result<()> {
        if report.written.is_empty() {
            let name = format!("{}.conf", draft.name);
            self.indented(&name, draft.conf.trim_end(), out)?;
            writeln!(out)?;
        } else {
            let written = report.written.iter().map(|path| path.to_string_lossy());
            writeln!(
                out,
                "Written: {}",
                printable(&written.collect::<Vec<_>>().join(", "))
            )?;
        }
        for (number, regex) in (1..).zip(&draft.regexes) {
            let lines = counted(regex.lines, "line", "lines");
            writeln!(out, "failregex {number}, of {lines}:")?;
            writeln!(out, "  {}", printable(&regex.text))?;
            let room = self.0.width.saturating_sub(2);
            writeln!(out, "  {}", fit(&regex.example, room))?;
        }
        for did in &draft.did {
            self.paragraph("", did, out)?;
        }
        for unsure in &draft.unsure {
            self.paragraph("", &format!("not sure: {unsure}"), out)?;
        }
        writeln!(out)?;
        self.indented("For jail.local", &draft.jail, out)
    }

    fn indented(&self, heading: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.0.heading(&printable(heading)))?;
        for line in text.lines() {
            writeln!(out, "{}", format!("  {}", printable(line)).trim_end())?;
        }
        Ok(())
    }

    fn paragraph(&self, lead: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let width = self.0.width.saturating_sub(lead.len());
        for line in wrapped(&printable(text), width, 2) {
            writeln!(out, "{lead}{line}")?;
        }
        Ok(())
    }
}
