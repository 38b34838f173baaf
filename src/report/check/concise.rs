//! One line for each finding, as compilers write them: for editors and eyes.

use super::human::sums;
use super::style::{Style, path_text};
use crate::analysis::check::{Finding, Report, Severity};
use crate::report::Format;
use crate::report::text::printable;
use std::io::{self, Write};

/// See the module.
pub(crate) struct Concise(pub(super) Style);

impl Format<Report> for Concise {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let style = self.0;
        for filter in &report.filters {
            for finding in &filter.findings {
                if finding.severity == Severity::Note && !style.verbose {
                    continue;
                }
                let place = place(finding, &path_text(&filter.file));
                let Finding {
                    code,
                    subject,
                    message,
                    ..
                } = finding;
                let severity = finding.severity.name();
                let line = format!("{place}: {severity}[{code}] {subject}: {message}");
                writeln!(out, "{}", printable(&line))?;
            }
        }
        sums(report, style, out)
    }
}

/// `file:line:column`, or the file a finding without a place is about.
fn place(finding: &Finding, file: &str) -> String {
    let Some((file, line)) = finding.place() else {
        return file.to_owned();
    };
    let file = path_text(file);
    match finding.columns() {
        Some((column, _)) => format!("{file}:{line}:{column}"),
        None => format!("{file}:{line}"),
    }
}
