//! GitLab's Code Quality report: what a merge request shows beside the changed lines.

use super::style::path_text;
use crate::analysis::check::{Report, Severity};
use crate::report::{Format, json};
use serde_json::{Value, json};
use std::collections::HashMap;
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
                let fingerprint = fnv1a(&[&file, finding.code, text.unwrap_or_default()]);
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

/// FNV-1a of 64 bits over texts, each ended by a zero byte: GitLab compares fingerprints of reports
/// that were made by different releases, and the hashers of libraries promise nothing between those.
fn fnv1a(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::fnv1a;

    /// The test vectors of the algorithm's authors, for "foobar" and "" with a zero byte behind.
    #[test]
    fn fingerprints_stay() {
        assert_eq!(fnv1a(&["foobar"]), 0x3453_1ca7_168b_8f38);
        assert_eq!(fnv1a(&[""]), 0xaf63_bd4c_8601_b7df);
    }
}
