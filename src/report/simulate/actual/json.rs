//! The comparison for programs: the member `actual` of the simulation's object.

use super::{Result, words};
use crate::analysis::actual::history::{Group, History};
use crate::analysis::actual::record::{Kind, Source};
use crate::analysis::actual::runs::Down;
use crate::analysis::actual::story::{Entry, Outcome, Story, What};
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
    let others: Vec<Value> = others
        .map(|(name, bans)| json!({"name": name, "bans": bans}))
        .collect();
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
        "why": result.why.as_ref().map(|why| {
            let stories = why.stories.iter();
            stories.map(|story| story_object(story, result)).collect::<Vec<Value>>()
        }),
        "history": result.history.as_ref().map(|history| history_object(history, result)),
    })
}

fn story_object(story: &Story, result: &Result) -> Value {
    let entries = story
        .entries
        .iter()
        .map(|entry| entry_object(entry, result));
    let deviations = story
        .deviations
        .iter()
        .map(|one| deviation_object(one, result));
    json!({
        "jail": story.jail,
        "ignored_by": story.ignored_by,
        "entries": entries.collect::<Vec<Value>>(),
        "deviations": deviations.collect::<Vec<Value>>(),
    })
}

fn entry_object(entry: &Entry, result: &Result) -> Value {
    let time = moment(result.clock, entry.time);
    match &entry.what {
        What::Failure {
            place,
            regex,
            count,
            outcome,
            noted,
        } => {
            let (outcome, end) = match outcome {
                Outcome::Counted => ("counted", None),
                Outcome::Ban(end) => ("ban", Some(*end)),
                Outcome::Banned(end) => ("banned", Some(*end)),
                Outcome::Ignored => ("ignored", None),
            };
            json!({
                "time": time,
                "what": "failure",
                "line": line_object(result.simulation, *place),
                "regex": regex,
                "count": count,
                "outcome": outcome,
                "until": end.filter(|end| end.is_finite()).map(|end| moment(result.clock, end)),
                "record": noted.map(|place| record_line(place, result)),
            })
        }
        What::Server(kind, place) => server_entry(time, word(*kind), Some(*place), result),
        What::Ended(place) => server_entry(time, "server-ended", *place, result),
        What::Started(place) => server_entry(time, "server-started", *place, result),
    }
}

fn server_entry(time: Value, what: &str, place: Option<Place>, result: &Result) -> Value {
    json!({
        "time": time,
        "what": what,
        "line": null,
        "regex": null,
        "count": null,
        "outcome": null,
        "until": null,
        "record": place.map(|place| record_line(place, result)),
    })
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Found => "found",
        Kind::Attempt => "attempt",
        Kind::Ban => "ban",
        Kind::Restore => "restore",
        Kind::Unban => "unban",
        Kind::Repeal => "repeal",
        Kind::Already => "already-banned",
        Kind::Increase => "increase",
        Kind::Ignore => "ignore",
    }
}

fn history_object(history: &History, result: &Result) -> Value {
    let group = |group: &Group| {
        json!({
            "name": group.name,
            "bans": group.bans,
            "addresses": group.addresses,
            "first": moment(result.clock, group.first),
            "last": moment(result.clock, group.last),
        })
    };
    let all = |groups: &[Group]| groups.iter().map(group).collect::<Vec<Value>>();
    let networks = history.networks.iter().map(|network| {
        let mut value = group(&network.group);
        value["saved_bans"] = json!(network.saved_bans);
        value["saved_failures"] = json!(network.saved_failures);
        value
    });
    json!({
        "bans": history.bans,
        "restored": history.restored,
        "addresses": history.addresses,
        "days": all(&history.days),
        "jails": all(&history.jails),
        "repeated": all(&history.repeated),
        "networks": networks.collect::<Vec<Value>>(),
        "countries": history.countries.as_deref().map(all),
        "systems": history.systems.as_deref().map(all),
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
    let deviations: Vec<Value> = deviations
        .map(|one| deviation_object(one, result))
        .collect();
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
