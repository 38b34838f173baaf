//! Annotations of a GitHub workflow: one command per finding on standard output, which the
//! runner shows beside the line; then the sums.

use super::human::sums;
use super::junit;
use super::style::{Style, path_text};
use crate::analysis::check::{Finding, Report, Severity};
use crate::report::Format;
use crate::report::workflow::{data, property};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Github(pub(super) Style);

impl Format<Report> for Github {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let style = self.0;
        for finding in report.findings() {
            writeln!(out, "{}", command(finding))?;
        }
        sums(report, style, out)
    }
}

fn command(finding: &Finding) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = vec![format!(
        "title={}",
        property(&format!("{} {}", finding.code, finding.subject))
    )];
    if let Some((file, line)) = finding.place() {
        properties.push(format!("file={}", property(&path_text(file))));
        properties.push(format!("line={line}"));
    }
    if let Some((start, end)) = finding.columns() {
        properties.push(format!("col={start}"));
        properties.push(format!("endColumn={end}"));
    }
    format!(
        "::{kind} {}::{}",
        properties.join(","),
        data(&junit::text(finding))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_log_line_becomes_a_command() {
        let finding = Finding {
            fix: None,
            code: "S003",
            severity: Severity::Error,
            message: "a\n::error::b 100%".into(),
            subject: "x[a=b,c=d]".into(),
            excerpts: Vec::new(),
            help: String::new(),
        };
        assert_eq!(
            command(&finding),
            "::error title=S003 x[a=b%2Cc=d]::x[a=b,c=d]: a%0A::error::b 100%25"
        );
    }
}
