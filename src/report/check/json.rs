//! The report for programs: one JSON object. Fields are added, never renamed or removed.

use super::style::{Style, path_text, verdict};
use crate::analysis::check::{FilterReport, Finding, Report, Severity};
use crate::report::{Format, json};
use serde_json::{Value, json};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Json(pub(super) Style);

impl Format<Report> for Json {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        json::Json.write(&object(report, self.0), out)
    }
}

/// The object.
pub(super) fn object(report: &Report, style: Style) -> Value {
    let (covered, all) = report.coverage();
    let sum = |what: fn(&FilterReport) -> u64| -> u64 { report.filters.iter().map(what).sum() };
    json!({
        "schema": 1,
        "tool": { "name": "f2b-regex", "version": env!("CARGO_PKG_VERSION") },
        "verdict": verdict(report, style),
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "notes": report.count(Severity::Note),
        "annotated_lines": sum(|f| f.annotated),
        "plain_lines": sum(|f| f.plain),
        "tests": sum(|f| f.verdicts),
        "tests_left_out": sum(|f| f.skipped),
        "coverage": { "covered": covered, "failregexes": all },
        "baseline": report.baseline.as_ref().map(|baseline| json!({
            "file": path_text(&baseline.path),
            "known": baseline.known,
            "gone": baseline.gone,
        })),
        "filters": report.filters.iter().map(filter).collect::<Vec<_>>(),
        "elapsed_seconds": report.elapsed.as_secs_f64(),
    })
}

fn filter(filter: &FilterReport) -> Value {
    let (covered, all) = filter.coverage();
    let sets = filter.variants.iter().map(|set| {
        let regexes = set.failregexes.iter().enumerate().map(|(index, regex)| {
            let (file, line) = match &regex.place {
                Some((file, line)) => (Some(path_text(file)), Some(line)),
                None => (None, None),
            };
            json!({
                "number": index + 1,
                "regex": regex.text,
                "file": file,
                "line": line,
                "hits": regex.hits,
                "covered": regex.covered,
            })
        });
        json!({
            "name": set.label,
            "sampled": set.sampled,
            "failregex": regexes.collect::<Vec<_>>(),
        })
    });
    json!({
        "name": filter.name,
        "file": path_text(&filter.file),
        "role": filter.role,
        "includes_from": filter.includes_from.as_deref().map(path_text),
        "logs": filter.logs.iter().map(|log| path_text(log)).collect::<Vec<_>>(),
        "annotated_lines": filter.annotated,
        "plain_lines": filter.plain,
        "tests": filter.verdicts,
        "tests_left_out": filter.skipped,
        "coverage": { "covered": covered, "failregexes": all },
        "option_sets": sets.collect::<Vec<_>>(),
        "findings": filter.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    let columns = finding.columns();
    let excerpts = finding.excerpts.iter().map(|excerpt| {
        json!({
            "title": excerpt.title,
            "file": excerpt.file.as_deref().map(path_text),
            "line": excerpt.line,
            "text": excerpt.text,
            "start": excerpt.span.start,
            "end": excerpt.span.end,
            "label": excerpt.label,
        })
    });
    json!({
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "subject": finding.subject,
        "file": finding.place().map(|(file, _)| path_text(file)),
        "line": finding.place().map(|(_, line)| line),
        "column": columns.map(|(start, _)| start),
        "end_column": columns.map(|(_, end)| end),
        "help": finding.help,
        "excerpts": excerpts.collect::<Vec<_>>(),
    })
}
