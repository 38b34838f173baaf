//! The report for programs; docs/doctor.schema.json describes it.

use super::DoctorReport;
use crate::analysis::doctor::{Blocker, Figures, JailDiagnosis};
use serde_json::{Map, Value, json};

/// The object.
pub(super) fn object(report: &DoctorReport) -> Value {
    let jails = report.jails.iter().map(|jail| of_jail(report, jail));
    let mut object = json!({
        "schema": 1,
        "program": "f2b-regex",
        "version": env!("CARGO_PKG_VERSION"),
        "now": time(report.clock.now_epoch()),
        "lines": report.lines,
        "jails": jails.collect::<Vec<_>>(),
    });
    if let (false, Some(fields)) = (report.refused.is_empty(), object.as_object_mut()) {
        fields.insert("refused".to_owned(), json!(report.refused));
    }
    object
}

fn of_jail(report: &DoctorReport, jail: &JailDiagnosis) -> Value {
    let inputs = jail.inputs.iter().map(|input| {
        let mut object = Map::new();
        let kind = match input.path {
            Some(_) => "file",
            None => "journal",
        };
        object.insert("kind".to_owned(), json!(kind));
        if let Some(path) = &input.path {
            object.insert("path".to_owned(), json!(path));
        }
        object.insert("lines".to_owned(), json!(input.lines));
        object.insert("newest".to_owned(), json!(input.newest.map(time)));
        Value::Object(object)
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
