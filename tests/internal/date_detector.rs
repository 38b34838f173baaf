//! Replays recordings of upstream's date detector (testdata/date/record.py).

use std::path::{Path, PathBuf};

use crate::date::{
    Clock, DateDetector, DateError, DetectError, Exception, InvalidDate, TimeCache, TimeZone,
    Timestamp,
};
use crate::pattern::Scratch;
use serde_json::{Value, json};

fn testdata(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/date")
        .join(name)
}

/// A zone from the committed files, so that the machine needs none; else its own.
fn zone(name: &str) -> TimeZone {
    let file = testdata("zoneinfo").join(name.replace('/', "-"));
    let zone = match std::fs::read(&file) {
        Ok(bytes) => TimeZone::from_tzif(&bytes),
        Err(_) => TimeZone::named(name),
    };
    zone.unwrap_or_else(|| panic!("no zone {name}"))
}

fn text<'c>(case: &'c Value, key: &str) -> Option<&'c str> {
    case[key].as_str()
}

fn chars(line: &str, at: usize) -> usize {
    line[..at].chars().count()
}

/// Floats stand as text in the recording, as Python and Rust alike write them.
fn float(value: f64) -> Value {
    json!(format!("{value:?}"))
}

/// The line's answer in the form of the recording.
fn answer(
    detector: &mut DateDetector,
    line: &str,
    clock: &Clock,
    cache: &mut TimeCache,
    scratch: &mut Scratch,
) -> Value {
    let date = match detector.match_time(line, scratch) {
        Ok(Some(date)) => date,
        Ok(None) => return Value::Null,
        Err(DetectError::Regex { .. }) => return json!("PatternError"),
        Err(DetectError::EmptyAtEnd) => return json!("IndexError"),
        Err(error) => return json!(error.to_string()),
    };
    let name = detector.all()[date.template].name();
    let found = &date.found;
    let (start, end) = (chars(line, found.start), chars(line, found.end));
    let (a, b) = match date.group1() {
        Some(range) => (
            json!(chars(line, range.start)),
            json!(chars(line, range.end)),
        ),
        None => (json!(-1), json!(-1)),
    };
    let time = if a == b {
        json!("empty")
    } else {
        match detector.time_of(line, &date, clock, cache) {
            Ok(Timestamp::Int(seconds)) => json!(seconds),
            Ok(Timestamp::Float(seconds)) => float(seconds),
            Err(InvalidDate::Value) => Value::Null,
            Err(InvalidDate::Uncaught(error)) => json!(error.split(':').next()),
        }
    };
    json!([name, start, end, a, b, time])
}

fn made(case: &Value, clock: &Clock) -> Result<DateDetector, DateError> {
    let mut detector = DateDetector::default_templates(clock.now_year());
    // upstream refuses a bad zone before it looks at the pattern
    if let Some(zone) = text(case, "tz") {
        detector.set_default_tz(zone)?;
    }
    if let Some(pattern) = text(case, "datepattern") {
        detector = DateDetector::from_datepattern(pattern, clock)?;
        if let Some(zone) = text(case, "tz") {
            detector.set_default_tz(zone)?;
        }
    }
    Ok(detector)
}

fn error_of(error: &DateError) -> Value {
    let exception = match error.exception() {
        Exception::Value => "ValueError",
        Exception::Type => "TypeError",
        Exception::Key => "KeyError",
    };
    json!([exception, error.to_string()])
}

/// Replays one case; the differences.
fn replay(case: &Value) -> Vec<String> {
    let clock = Clock::in_zone(
        case["now"].as_f64().unwrap(),
        zone(text(case, "zone").unwrap()),
    );
    let mut differences = Vec::new();
    let mut check = |what: &str, got: &Value, want: &Value| {
        if got != want {
            differences.push(format!(
                "{what}\n  got  {got}\n  want {want}\n  zone {} now {} tz {} datepattern {}",
                case["zone"], case["now"], case["tz"], case["datepattern"]
            ));
        }
    };
    let made = made(case, &clock);
    check(
        "error",
        &made.as_ref().err().map_or(Value::Null, error_of),
        &case["error"],
    );
    let (Ok(mut detector), true) = (made, case["error"].is_null()) else {
        return differences;
    };

    let (pattern, name) = detector.display();
    check("display", &json!([pattern, name]), &case["display"]);
    let (mut cache, mut scratch) = (TimeCache::default(), Scratch::default());
    let results = case["results"].as_array().unwrap();
    for (line, want) in case["lines"].as_array().unwrap().iter().zip(results) {
        let line = line.as_str().unwrap();
        let got = answer(&mut detector, line, &clock, &mut cache, &mut scratch);
        check(&format!("line {line:?}"), &got, want);
    }
    if results.last().is_some_and(Value::is_string) {
        return differences; // upstream broke down
    }
    let last: Vec<Value> = detector
        .templates()
        .map(|t| json!([t.template.name(), t.hits, t.distance, float(t.weight)]))
        .collect();
    check("final", &json!(last), &case["final"]);
    if let Some(templates) = case.get("templates") {
        let got: Vec<Value> = detector
            .templates()
            .map(|t| {
                let (t, a) = (t.template, t.template.anchors());
                let flags = 8 * u8::from(a.line_begin)
                    + 4 * u8::from(a.line_end)
                    + 2 * u8::from(a.word_begin)
                    + u8::from(a.word_end);
                json!([t.name(), t.pattern(), t.regex(), float(t.weight()), flags])
            })
            .collect();
        check("templates", &json!(got), templates);
    }
    differences
}

fn replay_file(path: &Path) {
    let cases = std::fs::read_to_string(path).unwrap();
    let (mut lines, mut differences) = (0, Vec::new());
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).unwrap();
        lines += case["results"].as_array().map_or(0, Vec::len);
        differences.extend(replay(&case));
    }
    println!("{lines} lines, {} differences", differences.len());
    let shown: Vec<_> = differences.iter().take(20).map(String::as_str).collect();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        shown.join("\n")
    );
}

/// Detectors fed with random logs answer and end as upstream's do.
/// `DATE_RECORDING=file` replays another recording.
#[test]
fn detectors_do_as_upstreams() {
    let path = std::env::var_os("DATE_RECORDING").map(PathBuf::from);
    replay_file(&path.unwrap_or_else(|| testdata("detector.jsonl")));
}

/// Workers share the templates and take copies of the state.
#[test]
fn templates_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<std::sync::Arc<crate::date::DateTemplate>>();
    shared::<crate::date::DetectorState>();
    shared::<DateDetector>();
    shared::<Clock>();
}
