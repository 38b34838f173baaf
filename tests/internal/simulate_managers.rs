//! Replays recordings of upstream's FailManager, BanManager, observer and database
//! (testdata/simulate, made by tools/record_simulate.py) and compares event for event.

use crate::analysis::simulate::banmanager::Ban;
use crate::analysis::simulate::jail::{Event, JailState};
use crate::analysis::simulate::{
    AddressId, BanHistory, BanIncrement, Place, Settings, Ticket, arithmetic, duration,
};
use serde_json::{Value, json};
use std::collections::HashMap;

fn settings(options: &Value, blocking: bool) -> Settings {
    let text = |name: &str| options[name].as_str();
    let time = |name: &str| duration::seconds(text(name).unwrap()).unwrap();
    let on = |name: &str| text(name) == Some("true");
    let increment = on("bantime.increment").then(|| BanIncrement {
        factor: text("bantime.factor").map_or(1.0, |t| arithmetic::value(t).unwrap()),
        multipliers: text("bantime.multipliers").map_or(Vec::new(), |t| {
            t.split(' ').map(|n| n.parse().unwrap()).collect()
        }),
        formula: text("bantime.formula").map(|t| BanIncrement::parse_formula(t).unwrap()),
        maxtime: text("bantime.maxtime").map(|t| duration::seconds(t).unwrap()),
        overall_jails: on("bantime.overalljails"),
    });
    Settings {
        maxretry: options["maxretry"].as_i64().unwrap(),
        findtime: time("findtime"),
        maxmatches: options["maxmatches"].as_u64().unwrap() as usize,
        bantime: time("bantime"),
        increment,
        blocking,
    }
}

/// Equal but for the last bits of a number: a formula's `exp` is the machine's.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Number(a), Value::Number(b)) => {
            (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-3
        }
        _ => a == b,
    }
}

/// Runs one recording; returns what differs.
fn compare(run: &Value) -> Result<usize, String> {
    let blocking = run["blocking"].as_bool().unwrap();
    let jails = run["jails"].as_array().unwrap();
    let mut states: Vec<JailState> = (jails.iter().enumerate())
        .map(|(number, options)| JailState::new(number, settings(options, blocking)))
        .collect();
    let mut history = BanHistory::new(86_400.0);
    let mut names: Vec<String> = Vec::new();
    let mut ids: HashMap<String, AddressId> = HashMap::new();
    let mut events: Vec<Value> = Vec::new();
    let end_of = |ban: &Ban, bantime: f64| match ban.end(bantime) {
        f64::INFINITY => Value::Null,
        end => json!(end),
    };
    for (index, ticket) in run["tickets"].as_array().unwrap().iter().enumerate() {
        let name = ticket[1].as_str().unwrap();
        let id = *ids.entry(name.to_string()).or_insert_with(|| {
            names.push(name.to_string());
            AddressId(names.len() as u32 - 1)
        });
        let jail = ticket[0].as_u64().unwrap() as usize;
        let ticket = Ticket {
            id,
            time: ticket[2].as_f64().unwrap(),
            attempts: ticket[3].as_i64().unwrap(),
            place: Place {
                log: 0,
                line: index as u32,
            },
        };
        for (each, state) in states.iter_mut().enumerate() {
            let bantime = state.bans().bantime();
            for ban in state.lift(ticket.time) {
                let name = &names[ban.failures.id.0 as usize];
                events.push(json!(["unban", index, each, name, end_of(&ban, bantime)]));
            }
        }
        states[jail].feed(&ticket, &mut history, |bans, event| {
            let (kind, id) = match event {
                Event::Ban(id) => ("ban", id),
                Event::JournalRetry(id) => ("again", id),
                Event::Expired(id) => ("expired", id),
            };
            let ban = bans.get(id).expect("a ban in force");
            let end = end_of(ban, bans.bantime());
            let mut event = vec![json!(kind), json!(index), json!(jail), json!(name), end];
            if kind == "ban" {
                let f = &ban.failures;
                let lines: Vec<u32> = f.matches.iter().map(|place| place.line).collect();
                event.extend([
                    json!(f.time),
                    json!(f.ban_count),
                    json!(f.attempts),
                    json!(f.retry),
                    json!(lines),
                ]);
            }
            events.push(Value::Array(event));
        });
    }
    // upstream lifts in the order of its dict, we by their ends
    let sorted = |events: &[Value]| {
        let mut events = events.to_vec();
        events.sort_by_key(|event| {
            let unban = event[0] == "unban";
            (event[1].as_u64(), !unban, unban.then(|| event.to_string()))
        });
        events
    };
    let want = sorted(run["events"].as_array().unwrap());
    let got = sorted(&events);
    for (want, got) in want.iter().zip(&got) {
        if !same(want, got) {
            return Err(format!("want {want}\n got {got}"));
        }
    }
    if want.len() != got.len() {
        return Err(format!("want {} events, got {}", want.len(), got.len()));
    }
    let mut left: Vec<Value> = Vec::new();
    for (number, state) in states.iter().enumerate() {
        left.extend(state.fails().all().map(|f| {
            let name = &names[f.id.0 as usize];
            json!([number, name, f.retry, f.attempts, f.time])
        }));
    }
    let key = |v: &Value| (v[0].as_u64(), v[1].as_str().map(str::to_string));
    left.sort_by_key(key);
    // upstream cleans up when a failure comes to that jail, as we do
    let mut wanted = run["left"].as_array().unwrap().clone();
    wanted.sort_by_key(key);
    if !same(&Value::Array(wanted.clone()), &Value::Array(left.clone())) {
        return Err(format!("left: want {wanted:?}\n       got {left:?}"));
    }
    Ok(want.iter().filter(|event| event[0] == "ban").count())
}

fn replay(file: &str, at_least: (usize, usize)) {
    let path = format!("{}/testdata/simulate/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let runs: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut bans = 0;
    let mut failed = Vec::new();
    for run in &runs {
        match compare(run) {
            Ok(count) => bans += count,
            Err(difference) => failed.push(format!("{}: {difference}", run["name"])),
        }
    }
    let count = failed.len();
    assert!(
        failed.is_empty(),
        "{count} of {} differ\n{}",
        runs.len(),
        failed.join("\n")
    );
    assert!(
        runs.len() >= at_least.0 && bans >= at_least.1,
        "{} runs, {bans} bans",
        runs.len()
    );
}

#[test]
fn seeded_logs_ban_for_ban() {
    replay("seeded.json", (50, 500));
}

#[test]
fn corpus_logs_ban_for_ban() {
    replay("corpus.json", (100, 100));
}
