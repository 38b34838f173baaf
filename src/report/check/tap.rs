//! The Test Anything Protocol, version 14: a line per thing checked, what is wrong below it.

use super::junit;
use super::style::Style;
use crate::analysis::check::{Report, codes};
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
                let found: Vec<_> = found.collect();
                let is_todo = found.iter().any(|finding| finding.code == codes::TODO);
                let failing: Vec<_> = found
                    .into_iter()
                    .filter(|finding| junit::fails(finding, style))
                    .collect();
                let is_ok = failing.is_empty() && !is_todo;
                let verdict = if is_ok { "ok" } else { "not ok" };
                let name = escaped(&format!("{}: {}", case.kind.name(), case.name));
                let todo = if is_todo { " # TODO" } else { "" };
                writeln!(out, "{verdict} {number} - {name}{todo}")?;
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
