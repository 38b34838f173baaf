//! GitLab's Code Quality report: what a merge request shows beside the changed lines.

use super::style::path_text;
use crate::analysis::check::{Report, Severity};
use crate::report::{Format, json};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Gitlab;

impl Format<Report> for Gitlab {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let mut met: HashMap<u64, u64> = HashMap::new();
        let mut all: Vec<Value> = Vec::new();
        for filter in &report.filters {
            for finding in &filter.findings {
                let (file, line) = finding.place().unwrap_or((&filter.file, 1));
                let file = path_text(file);
                // the line's text, so that a line that moves is the same finding
                let text = finding.excerpts.first().map(|e| e.text.trim());
                let mut hasher = DefaultHasher::new();
                (&file, finding.code, text).hash(&mut hasher);
                let fingerprint = hasher.finish();
                let number = met.entry(fingerprint).or_default();
                *number += 1;
                all.push(json!({
                    "description": format!("{}: {}", finding.subject, finding.message),
                    "check_name": finding.code,
                    "fingerprint": format!("{fingerprint:016x}{number:04x}"),
                    "severity": match finding.severity {
                        Severity::Error => "major",
                        Severity::Warning => "minor",
                        Severity::Note => "info",
                    },
                    "location": { "path": file, "lines": { "begin": line } },
                }));
            }
        }
        json::Json.write(&Value::Array(all), out)
    }
}
