//! Records that are JSON objects: Docker's json-file, and any field of any object.

use super::kind::{Record, WrapKind};
use super::outer::OuterDate;
use super::syslog;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Fields with the time of a record, the first that is there counts.
const TIMES: [&str; 7] = [
    "time",
    "@timestamp",
    "timestamp",
    "ts",
    "date",
    "datetime",
    "_time",
];

/// Fields that hold a line as it was, by definition (Elastic's Common Schema).
const ORIGINALS: [&str; 2] = ["log.original", "event.original"];

/// Fields that hold one if it looks like it: else they may be a message made for the object.
const MESSAGES: [&str; 6] = ["log", "message", "MESSAGE", "msg", "line", "_raw"];

/// How a line of JSON is wrapped, of which nothing is known.
pub(super) fn recognise(line: &str) -> Option<WrapKind> {
    let mut is_docker = false;
    members(line, |name, _| {
        is_docker |= name == "stream" || name == "time"
    })
    .ok()?;
    if is_docker && docker(line).is_some() {
        return Some(WrapKind::Docker);
    }
    let is_original = |path: &&str| field(line, path).is_some();
    let is_line =
        |path: &&str| field(line, path).is_some_and(|record| syslog::begins_line(&record.text));
    let original = ORIGINALS.into_iter().find(is_original);
    let path = original.or_else(|| MESSAGES.into_iter().find(is_line))?;
    Some(WrapKind::Json(path.to_owned()))
}

/// The field of a JSON object that may hold a line.
pub(super) fn likely(line: &str) -> Option<WrapKind> {
    let has_text = |path: &&str| field(line, path).is_some_and(|found| found.text.contains(' '));
    let path = MESSAGES.into_iter().find(has_text)?;
    Some(WrapKind::Json(path.to_owned()))
}

/// A record of Docker's json-file. A line goes on in the next record if it has no newline here.
pub(super) fn docker(line: &str) -> Option<Record<'_>> {
    if !line.starts_with('{') || !line.contains(r#""log""#) {
        return None;
    }
    let (mut log, mut stream, mut time) = (None, None, None);
    members(line, |name, value| match &*name {
        "log" => log = Some(value),
        "stream" => stream = Some(value),
        "time" => time = Some(value),
        _ => {}
    })
    .ok()?;
    let text = string(log?)?;
    let is_partial = !text.ends_with('\n');
    Some(Record {
        text: without_newline(text),
        stream: stream.and_then(string).unwrap_or_default(),
        is_partial,
        date: time.and_then(date),
    })
}

/// A record whose line is in the field of that path.
pub(super) fn field<'l>(line: &'l str, path: &str) -> Option<Record<'l>> {
    if !line.starts_with('{') {
        return None;
    }
    let mut times = [None; TIMES.len()];
    let found = value_of(line, path, &mut |name, value| {
        if let Some(at) = TIMES.iter().position(|time| *time == name) {
            times[at] = Some(value);
        }
    })?;
    let text = match found.get().as_bytes().first()? {
        b'"' => without_newline(string(found)?),
        b'{' | b'[' | b'n' => return None,
        // a number, true, false
        _ => Cow::Borrowed(found.get()),
    };
    Some(Record {
        text,
        stream: Cow::Borrowed(""),
        is_partial: false,
        date: times.into_iter().flatten().find_map(date),
    })
}

/// The value at a path; `other` is told of all other members of the outermost object. A name
/// with dots in it is found as well.
fn value_of<'l>(
    object: &'l str,
    path: &str,
    other: &mut dyn FnMut(&str, &'l RawValue),
) -> Option<&'l RawValue> {
    let mut found = None;
    members(object, |name, value| {
        let rest = path.strip_prefix(&*name);
        let below = rest.and_then(|rest| rest.strip_prefix('.'));
        match (rest, below) {
            (Some(""), _) => found = Some(value),
            (_, Some(below)) if value.get().starts_with('{') => {
                found = value_of(value.get(), below, &mut |_, _| {}).or(found);
            }
            _ => other(&name, value),
        }
    })
    .ok()?;
    found
}

/// Calls `each` with the members of an object; serde_json bounds how deep it goes.
fn members<'l>(
    object: &'l str,
    each: impl FnMut(Cow<'l, str>, &'l RawValue),
) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_str(object);
    json.deserialize_map(Members(each))?;
    json.end()
}

struct Members<F>(F);

impl<'l, F: FnMut(Cow<'l, str>, &'l RawValue)> Visitor<'l> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'l>>(mut self, mut map: M) -> Result<(), M::Error> {
        while let Some(Text(name)) = map.next_key()? {
            (self.0)(name, map.next_value()?);
        }
        Ok(())
    }
}

/// A string, borrowed where JSON has no escapes in it.
#[derive(serde::Deserialize)]
struct Text<'l>(#[serde(borrow)] Cow<'l, str>);

/// The text of a string; None of any other value.
fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let raw = value.get();
    if !raw.starts_with('"') {
        return None;
    }
    match serde_json::from_str::<Text>(raw) {
        Ok(Text(text)) => Some(text),
        // half of a surrogate pair, which Python and JavaScript write
        Err(_) => {
            let whole = serde_json::from_str(&without_halves(raw)).ok()?;
            Some(Cow::Owned(whole))
        }
    }
}

/// The text of a JSON string with U+FFFD in place of each half of a surrogate pair.
fn without_halves(raw: &str) -> String {
    let unit = |at: usize| {
        let digits = raw.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(next) = raw[at..].find('\\').map(|found| at + found) {
        out.push_str(&raw[at..next]);
        let (kept, length) = match (unit(next), unit(next + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => (&raw[next..next + 12], 12),
            (Some(0xd800..0xe000), _) => ("\\ufffd", 6),
            // the character behind the backslash is one of ASCII: serde_json has seen it
            _ => (raw.get(next..next + 2).unwrap_or("\\"), 2),
        };
        out.push_str(kept);
        at = (next + length).min(raw.len());
    }
    out.push_str(&raw[at..]);
    out
}

fn without_newline(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix('\n').unwrap_or(text)),
        Cow::Owned(mut text) => {
            if text.ends_with('\n') {
                text.pop();
            }
            Cow::Owned(text)
        }
    }
}

/// The time of a record.
fn date(value: &RawValue) -> Option<OuterDate<'_>> {
    match string(value) {
        Some(text) => OuterDate::text(text),
        None => OuterDate::number(serde_json::from_str(value.get()).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_records_are_told() {
        let line = r#"{"log":"a \"b\"\u00e9\n","stream":"stderr","time":"2026-11-20T10:00:00.5Z"}"#;
        let found = docker(line).expect("a record");
        assert_eq!((&*found.text, &*found.stream), ("a \"b\"\u{e9}", "stderr"));
        let time = Some(OuterDate::Instant(1_795_168_800_500_000));
        assert_eq!((found.is_partial, found.date), (false, time));
        let found = docker(r#"{"time":"x1","log":"a"}"#).expect("a record");
        let date = Some(OuterDate::Text("x1".into()));
        assert_eq!((found.is_partial, found.date), (true, date));
        for other in [
            r#"{"log":"a\n","stream":"stdout""#,
            r#"{"log":{"a":"b"}}"#,
            r#"{"msg":"\"log\""}"#,
            r#"["log"]"#,
            r#"{"log":"a"} b"#,
        ] {
            assert_eq!(docker(other), None, "{other}");
        }
    }

    #[test]
    fn fields_are_named_by_their_path() {
        let line = r#"{"a":{"b.c":{"d":"deep"}},"a.b":"flat","n":5,"o":{},"ts":1795168800.5}"#;
        let text = |path| field(line, path).map(|record| record.text.into_owned());
        assert_eq!(text("a.b.c.d").as_deref(), Some("deep"));
        assert_eq!(text("a.b").as_deref(), Some("flat"));
        assert_eq!(text("n").as_deref(), Some("5"));
        for none in ["o", "a", "x", "a.b.c", "n.x"] {
            assert_eq!(text(none), None, "{none}");
        }
        let time = Some(OuterDate::Instant(1_795_168_800_500_000));
        assert_eq!(field(line, "n").and_then(|record| record.date), time);
    }

    #[test]
    fn half_a_pair_is_no_character() {
        let line = r#"{"m":"a\ud83d b\ud83d\ude00 c\udc00\\ud83d\n"}"#;
        let found = field(line, "m").expect("a record");
        assert_eq!(&*found.text, "a\u{fffd} b\u{1f600} c\u{fffd}\\ud83d");
    }

    #[test]
    fn deep_objects_are_no_records() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(9000), "}".repeat(9000));
        assert_eq!(field(&deep, "a.b"), None);
    }

    #[test]
    fn kinds_are_recognised() {
        for (line, kind) in [
            (
                r#"{"log":"a\n","stream":"stdout","time":"t"}"#,
                Some("docker"),
            ),
            (
                r#"{"message":"Nov 20 10:00:00 h sshd[1]: x"}"#,
                Some("json:message"),
            ),
            (
                r#"{"log":{"original":"x"},"message":"y"}"#,
                Some("json:log.original"),
            ),
            (r#"{"message":"login failed","ip":"192.0.2.1"}"#, None),
            ("{}", None),
            ("{ x", None),
        ] {
            let found = recognise(line).map(|kind| kind.to_string());
            assert_eq!(found.as_deref(), kind, "{line}");
        }
    }
}
