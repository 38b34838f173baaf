//! SARIF 2.1.0 (OASIS): one run, one rule per code, one result per finding. What code
//! scanning of GitHub, GitLab and others reads.

use super::style::path_text;
use crate::analysis::check::{Excerpt, Finding, Report, Severity, codes};
use crate::report::{Format, json};
use serde_json::{Value, json};
use std::io::{self, Write};

/// See the module.
pub(crate) struct Sarif;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

impl Format<Report> for Sarif {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let rules: Vec<Value> = codes::all().iter().map(rule).collect();
        let results: Vec<Value> = report.findings().map(result).collect();
        let object = json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "f2b-regex",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                }},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        });
        json::Json.write(&object, out)
    }
}

fn rule(code: &codes::Code) -> Value {
    json!({
        "id": code.code,
        "name": code.name,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": code.text },
    })
}

fn result(finding: &Finding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut message = format!("{}: {}", finding.subject, finding.message);
    if !finding.help.is_empty() {
        message += &format!(" ({})", finding.help);
    }
    let mut result = json!({
        "ruleId": finding.code,
        "level": level,
        "message": { "text": message },
    });
    let rule = codes::all()
        .iter()
        .position(|code| code.code == finding.code);
    if let Some(index) = rule {
        result["ruleIndex"] = json!(index);
    }
    if let Some(first) = finding.excerpts.first().filter(|e| e.file.is_some()) {
        result["locations"] = json!([location(first)]);
    }
    let related: Vec<Value> = finding
        .excerpts
        .iter()
        .skip(1)
        .filter(|excerpt| excerpt.file.is_some())
        .map(|excerpt| {
            let mut place = location(excerpt);
            if !excerpt.title.is_empty() {
                place["message"] = json!({ "text": excerpt.title });
            }
            place
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

fn location(excerpt: &Excerpt) -> Value {
    let file = excerpt.file.as_deref().map(path_text).unwrap_or_default();
    let before = excerpt.text.get(..excerpt.span.start).unwrap_or_default();
    let marked = excerpt.text.get(excerpt.span.clone()).unwrap_or_default();
    let column = before.chars().count() + 1;
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&file) },
        "region": {
            "startLine": excerpt.line.unwrap_or(1).max(1),
            "startColumn": column,
            "endColumn": column + marked.chars().count(),
        },
    }})
}

/// A path as a URI reference: what may not stand in one is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(byte as char);
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("filter.d/a b.conf"), "filter.d/a%20b.conf");
        assert_eq!(uri("/etc/x:y"), "file:///etc/x%3Ay");
    }
}
