//! The report for programs; docs/fit.schema.json describes it.

use super::FitReport;
use serde_json::{Value, json};

/// The object.
pub(crate) fn object(report: &FitReport) -> Value {
    let fit = report.fit;
    let filters = fit.filters.iter().map(|filter| {
        let mut object = json!(filter);
        object["jail"] = json!(report.section(filter));
        object
    });
    let (filters_tried, sets_tried) = fit.tried;
    json!({
        "schema": 1,
        "tool": {"name": "f2b-regex", "version": env!("CARGO_PKG_VERSION"), "command": "fit"},
        "config": report.directory,
        "logs": report.logs,
        "lines": {"tested": fit.tested, "covered": fit.covered, "uncovered": fit.uncovered},
        "tried": {"filters": filters_tried, "option_sets": sets_tried},
        "filters": filters.collect::<Vec<_>>(),
        "uncovered": fit.shapes,
        "faults": fit.faults,
    })
}
