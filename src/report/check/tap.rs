//! The Test Anything Protocol, version 14: a line per thing checked, what is wrong below it.

use super::junit;
use super::style::Style;
use crate::analysis::check::Report;
use crate::report::Format;
use crate::report::text::printable;
use std::io::{self, Write};

/// See the module.
pub(crate) struct Tap(pub(super) Style);

impl Format<Report> for Tap {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let style = self.0;
        let total: usize = report.filters.iter().map(|filter| filter.cases.len()).sum();
        writeln!(out, "TAP version 14\n1..{total}")?;
        let mut number = 0;
        for filter in &report.filters {
            for case in &filter.cases {
                number += 1;
                let found = case
                    .findings
                    .iter()
                    .filter_map(|index| filter.findings.get(*index));
                let failing: Vec<_> = found.filter(|f| junit::fails(f, style)).collect();
                let verdict = if failing.is_empty() { "ok" } else { "not ok" };
                let name = escaped(&format!("{}: {}", case.kind.name(), case.name));
                writeln!(out, "{verdict} {number} - {name}")?;
                if let Some(first) = failing.first() {
                    let severity = first.severity.name();
                    writeln!(
                        out,
                        "  ---\n  code: {}\n  severity: {severity}\n  message: |",
                        first.code
                    )?;
                    for finding in failing {
                        for line in junit::text(finding).lines() {
                            writeln!(out, "    {}", printable(line))?;
                        }
                    }
                    writeln!(out, "  ...")?;
                }
            }
        }
        Ok(())
    }
}

/// `#` begins a directive in TAP; a line is a line, also where a file's name has several.
fn escaped(name: &str) -> String {
    printable(name).replace('\\', "\\\\").replace('#', "\\#")
}
