//! The comparison for programs: the member `actual` of the simulation's object.

use super::{Result, words};
use crate::analysis::actual::record::Source;
use crate::analysis::actual::runs::Down;
use crate::analysis::actual::{Deviation, JailComparison};
use crate::analysis::simulate::Place;
use crate::report::simulate::json::{line_object, moment};
use serde_json::{Value, json};

/// The comparison.
pub(crate) fn object(result: &Result) -> Value {
    let record = result.record;
    let clock = result.clock;
    let jails = result.comparison.jails.iter();
    let jails: Vec<Value> = jails.map(|jail| jail_object(jail, result)).collect();
    let others = result.comparison.others.iter();
    let others: Vec<Value> = others.map(|(name, bans)| json!({"name": name, "bans": bans})).collect();
    let files = record.files.iter();
    let files: Vec<Value> = files
        .map(|file| json!({"path": file.name, "lines": file.lines, "bytes": file.bytes}))
        .collect();
    let downs = result.comparison.downs.iter();
    let downs: Vec<Value> = downs.map(|down| down_object(down, result)).collect();
    json!({
        "source": match record.source {
            Source::Log => "log",
            Source::Database => "database",
        },
        "files": files,
        "first": record.span.map(|span| moment(clock, span.0)),
        "last": record.span.map(|span| moment(clock, span.1)),
        "not_running": downs,
        "jails": jails,
        "other_jails": others,
        "complete": !result.comparison.cut,
    })
}

fn down_object(down: &Down, result: &Result) -> Value {
    json!({
        "from": moment(result.clock, down.from),
        "until": down.until.is_finite().then(|| moment(result.clock, down.until)),
        "ended": down.ended.is_some(),
    })
}

fn jail_object(jail: &JailComparison, result: &Result) -> Value {
    let clock = result.clock;
    let window = jail.window.map(|(first, last)| {
        json!({
            "from": moment(clock, first),
            "until": last.is_finite().then(|| moment(clock, last)),
        })
    });
    let failures = jail.failures.map(|failures| {
        json!({
            "both": failures.both,
            "only_server": failures.server,
            "only_log": failures.log,
            "first_only_server": failures.first_server.map(|place| record_line(place, result)),
            "first_only_log": failures.first_log.map(|place| line_object(result.simulation, place)),
        })
    });
    let deviations = jail.deviations.iter();
    let deviations: Vec<Value> = deviations.map(|one| deviation_object(one, result)).collect();
    json!({
        "name": jail.name,
        "known": jail.known,
        "compared": window,
        "by_rules": jail.expected,
        "banned": jail.actual,
        "agreed": jail.agreed,
        "restored": jail.restored,
        "not_compared": {"by_rules": jail.outside.0, "banned": jail.outside.1},
        "failures": failures,
        "deviations": deviations,
        "reads": jail.reads,
    })
}

fn deviation_object(deviation: &Deviation, result: &Result) -> Value {
    json!({
        "kind": words::side(deviation.side),
        "address": result.simulation.addresses.text(deviation.id),
        "time": moment(result.clock, deviation.time),
        "reason": words::code(&deviation.reason),
        "text": words::reason(&deviation.reason, deviation.side, result),
        "record": deviation.logged.map(|place| record_line(place, result)),
        "line": deviation.line.map(|place| line_object(result.simulation, place)),
    })
}

/// A line of the record, or a row of the database.
fn record_line(place: Place, result: &Result) -> Value {
    let file = result.record.files.get(place.log as usize);
    json!({"log": file.map(|file| file.name.as_str()), "line": place.line})
}
