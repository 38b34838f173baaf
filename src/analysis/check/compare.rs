//! A value of a failure against what an annotation says of it.
//!
//! What upstream's Python equality does to addresses and sets is done here by name.

use crate::date::{Clock, TimeCache, Timestamp};
use crate::engine::LineOutcome;
use crate::engine::address::{Address, Reading};
use crate::engine::groups::{Names, Value};
use crate::engine::session::Found;
use crate::python;
use chrono::{Datelike, NaiveDateTime, Timelike};

/// What a line gives, to see whether it gives the same again: who failed, and when.
pub(super) fn gives(outcome: &LineOutcome) -> String {
    let failures = outcome.failures().map(|found| {
        let id = found.id.as_ref().map_or("", |id| id.text.as_str());
        let date = found.date.map_or(0.0, Timestamp::seconds);
        format!("{id} {date}")
    });
    failures.collect::<Vec<_>>().join(", ")
}

/// Local time as epoch seconds, fractions included.
pub(super) fn local_epoch(text: &str, clock: &Clock, times: &mut TimeCache) -> Option<f64> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    let midnight = chrono::NaiveDate::from_ymd_opt(1970, 1, 1)?;
    let days = time.date().signed_duration_since(midnight).num_days();
    debug_assert!(time.year() < 10_000);
    let wall = days * 86_400 + i64::from(time.num_seconds_from_midnight());
    let epoch = clock.mktime(wall, times)?;
    Some(epoch as f64 + f64::from(time.nanosecond() / 1000) / 1_000_000.0)
}

/// A value of a failure, as an annotation names it.
pub(super) enum Field {
    /// The failure id, with Python's way to compare it with text.
    Id(Address),
    /// A number of lines.
    Count(usize),
    Value(Value),
}

/// The value the annotation's `name` asks for (`samplestestcase`: `host` falls back to the
/// failure id, `attempts` to the number of lines).
pub(super) fn field(found: &Found, names: &Names, name: &str) -> Field {
    let data = found.data.as_deref();
    let value = names.get(name).and_then(|key| data?.present(key).cloned());
    if let Some(value) = value {
        return Field::Value(value);
    }
    let lines = || {
        let key = names.get("matches")?;
        match data?.get(key) {
            Some(Value::Lines(lines)) => Some(lines.len()),
            _ => None,
        }
    };
    match (name, &found.id) {
        ("host", Some(id)) => Field::Id(id.clone()),
        ("attempts", _) => Field::Count(lines().unwrap_or(0)),
        _ => Field::Value(Value::None),
    }
}

impl Field {
    pub(super) fn equals(&self, expected: &serde_json::Value) -> bool {
        use serde_json::Value as Json;
        match (self, expected) {
            (Field::Id(id), Json::String(text)) => same_address(id, text),
            (Field::Count(count), Json::Number(number)) => number.as_u64() == Some(*count as u64),
            (Field::Value(value), json) => same(value, json),
            _ => false,
        }
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Field::Id(id) => python::repr(&id.text),
            Field::Count(count) => count.to_string(),
            Field::Value(value) => value.to_repr(),
        }
    }
}

/// Python's equality of a failure id and text (`IPAddr.__eq__`): as text, or both read as
/// addresses.
pub(crate) fn same_address(id: &Address, text: &str) -> bool {
    if id.text == text {
        return true;
    }
    let other = Address::new(text, Reading::Any);
    id.ip().is_some() && id.ip() == other.ip() && id.text == other.text
}

fn same(value: &Value, json: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match (value, json) {
        (Value::None, Json::Null) => true,
        (Value::Text(text), Json::String(other)) => text == other,
        (Value::Number(number), other) => other.as_i64() == Some(*number),
        (Value::Tuple(values), Json::Array(others)) => {
            values.len() == others.len() && values.iter().zip(others).all(|(v, o)| same(v, o))
        }
        (Value::Users(users), Json::Array(others)) => {
            users.len() == others.len()
                && others
                    .iter()
                    .all(|o| o.as_str().is_some_and(|o| users.iter().any(|u| u == o)))
        }
        _ => false,
    }
}

pub(super) fn shown_json(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => python::repr(text),
        other => other.to_string(),
    }
}
