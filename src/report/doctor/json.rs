//! The report for programs; docs/doctor.schema.json describes it.

use super::DoctorReport;
use crate::analysis::doctor::{Blocker, Figures, JailDiagnosis};
use serde_json::{Value, json};

/// The object.
pub(super) fn object(report: &DoctorReport) -> Value {
    let jails = report.jails.iter().map(|jail| of_jail(report, jail));
    json!({
        "schema": 1,
        "tool": {"name": "f2b-regex", "version": env!("CARGO_PKG_VERSION"), "command": "doctor"},
        "now": time(report.clock.now_epoch()),
        "lines": report.lines,
        "refused": report.refused,
        "jails": jails.collect::<Vec<_>>(),
    })
}

fn of_jail(report: &DoctorReport, jail: &JailDiagnosis) -> Value {
    let inputs = jail.inputs.iter().map(|input| {
        let is_journal = input.path.is_none();
        json!({
            "kind": if is_journal { "journal" } else { "file" },
            "path": input.path,
            "lines": input.lines,
            "newest": input.newest.map(time),
        })
    });
    let inputs: Vec<Value> = inputs.collect();
    let backend = jail
        .backend
        .as_ref()
        .map(|(configured, effective)| json!({ "configured": configured, "effective": effective }));
    let closest = jail.closest.as_ref().map(|closest| {
        json!({
            "address": closest.address,
            "count": closest.count,
            "failures": closest.failures,
        })
    });
    let blockers = jail
        .blockers
        .iter()
        .map(|blocker| of_blocker(report, blocker));
    let warnings = jail.warnings.iter();
    let warnings =
        warnings.map(|warning| json!({ "code": warning.code, "message": warning.message }));
    json!({
        "name": jail.name,
        "enabled": jail.enabled,
        "works": jail.works(),
        "backend": backend,
        "inputs": inputs,
        "lines": jail.lines,
        "dated": jail.dated,
        "matched": jail.matched,
        "bans": jail.bans,
        "closest": closest,
        "blockers": blockers.collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

fn of_blocker(report: &DoctorReport, blocker: &Blocker) -> Value {
    let place = blocker.place.as_ref();
    let file = place.map(|place| {
        let text = place.file.to_string_lossy().into_owned();
        let inside = text.strip_prefix(report.directory);
        inside.map_or(text.clone(), |inside| {
            inside.trim_start_matches('/').to_owned()
        })
    });
    json!({
        "code": blocker.code,
        "message": blocker.message,
        "file": file,
        "line": place.map(|place| place.line),
        "change": blocker.change,
        "tried": blocker.tried.map(figures),
    })
}

fn figures(tried: Figures) -> Value {
    json!({ "lines": tried.lines, "matched": tried.matched, "bans": tried.bans })
}

/// A moment as RFC 3339 in UTC.
fn time(epoch: f64) -> Value {
    let time = chrono::DateTime::from_timestamp_millis((epoch * 1000.0) as i64);
    json!(time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)))
}
