//! The report for programs; docs/draft.schema.json describes it.

use super::DraftReport;
use crate::analysis::draft::Proposal;
use serde_json::{Value, json};

/// The object.
pub(crate) fn object(report: &DraftReport) -> Value {
    let (mut existing, mut draft, mut against) = (Value::Null, Value::Null, Vec::new());
    match report.proposal {
        Proposal::Existing { filter, jail } => {
            existing = json!({"filter": filter, "jail": jail});
        }
        Proposal::Draft(found) => {
            let regexes = found.regexes.iter().map(|regex| {
                json!({"regex": regex.text, "lines": regex.lines, "example": regex.example})
            });
            draft = json!({
                "name": found.name,
                "failregex": regexes.collect::<Vec<_>>(),
                "conf": found.conf,
                "samples": found.samples,
                "jail": found.jail,
                "did": found.did,
                "unsure": found.unsure,
            });
        }
        Proposal::None(found) => {
            let found = found.iter().map(|against| {
                let number = (against.number > 0).then_some(against.number);
                json!({"number": number, "line": against.line, "why": against.why})
            });
            against.extend(found);
        }
    }
    let written = report.written.iter().map(|path| path.to_string_lossy());
    json!({
        "schema": 1,
        "tool": {"name": "f2b-regex", "version": env!("CARGO_PKG_VERSION"), "command": "draft"},
        "existing": existing,
        "draft": draft,
        "against": against,
        "written": written.collect::<Vec<_>>(),
    })
}
