//! The Reviewdog Diagnostic Format: what reviewdog makes comments and suggestions of.

use super::style::path_text;
use crate::analysis::check::finding::Fix;
use crate::analysis::check::{Finding, Report, Severity};
use crate::report::{Format, json};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::ops::Range;

/// See the module.
pub(crate) struct Rdjson;

impl Format<Report> for Rdjson {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let filters = report.filters.iter();
        let diagnostics = filters.flat_map(|filter| {
            let file = path_text(&filter.file);
            let found = filter.findings.iter();
            found.map(move |finding| diagnostic(finding, &file))
        });
        let object = json!({
            "source": { "name": "f2b-regex" },
            "diagnostics": diagnostics.collect::<Vec<Value>>(),
        });
        json::Json.write(&object, out)
    }
}

fn diagnostic(finding: &Finding, of: &str) -> Value {
    let mut message = format!("{}: {}", finding.subject, finding.message);
    if !finding.help.is_empty() {
        message += &format!(" ({})", finding.help);
    }
    let mut diagnostic = json!({
        "message": message,
        "location": { "path": of },
        "severity": match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Note => "INFO",
        },
        "code": { "value": finding.code },
    });
    if let (Some((file, line)), Some(first)) = (finding.place(), finding.excerpts.first()) {
        diagnostic["location"] = json!({
            "path": path_text(file),
            "range": range(line, &first.span),
        });
    }
    if let Some(Fix {
        line, span, text, ..
    }) = &finding.fix
    {
        diagnostic["suggestions"] = json!([{ "range": range(*line, span), "text": text }]);
    }
    diagnostic
}

/// Columns are bytes, from 1; the end is the first that is not meant.
fn range(line: u32, span: &Range<usize>) -> Value {
    json!({
        "start": { "line": line, "column": span.start + 1 },
        "end": { "line": line, "column": span.end + 1 },
    })
}
