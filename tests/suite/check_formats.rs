//! The machine formats of `f2b-regex check` against their schemas.
//!
//! SARIF: `testdata/check/sarif-subset.schema.json`, written for this project from the
//! OASIS specification (no text of the official schema), for the objects we write, closed
//! (`additionalProperties: false`). JUnit: the rules of the Jenkins form quick-junit names,
//! checked element by element below. Both are checked by code here, not by the writers.

use crate::util::{Run, f2b, repository};
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

fn run(format: &str) -> String {
    let mut command = f2b(&["check", "filter.d", "--samples", "logs", "--format", format]);
    command.current_dir(repository("testdata/check/planted"));
    command.ran().ended(1).stdout
}

/// Validates against the part of JSON Schema (draft 7) the schema file uses.
fn validate(value: &Value, schema: &Value, root: &Value, at: &str, faults: &mut Vec<String>) {
    let mut fault = |what: String| faults.push(format!("{at}: {what}"));
    for keyword in schema.as_object().unwrap().keys() {
        let known = [
            "$ref",
            "type",
            "enum",
            "const",
            "pattern",
            "minimum",
            "required",
            "properties",
            "additionalProperties",
            "items",
            "minItems",
            "$schema",
            "title",
            "description",
            "definitions",
            "uniqueItems",
        ];
        assert!(
            known.contains(&keyword.as_str()),
            "the validator does not know {keyword}"
        );
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.strip_prefix('#').unwrap()).unwrap();
        return validate(value, target, root, at, faults);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if let Some(wanted) = schema["type"].as_str()
        && wanted != kind
    {
        fault(format!("is {kind}, must be {wanted}"));
        return;
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        fault(format!("{value} is none of {allowed:?}"));
    }
    if let Some(wanted) = schema.get("const")
        && wanted != value
    {
        fault(format!("is {value}, must be {wanted}"));
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        let regex = regex::Regex::new(pattern).unwrap();
        if !regex.is_match(value.as_str().unwrap()) {
            fault(format!("{value} does not match {pattern}"));
        }
    }
    if let (Some(minimum), Some(number)) = (schema["minimum"].as_i64(), value.as_i64())
        && number < minimum
    {
        fault(format!("{number} is below {minimum}"));
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            if !object.contains_key(name.as_str().unwrap()) {
                fault(format!("lacks {name}"));
            }
        }
        for (name, value) in object {
            match schema["properties"].get(name) {
                Some(schema) => validate(value, schema, root, &format!("{at}/{name}"), faults),
                None if schema["additionalProperties"] == Value::Bool(false) => {
                    faults.push(format!("{at}: has {name}"));
                }
                None => {}
            }
        }
    }
    if let Some(array) = value.as_array() {
        if (array.len() as u64) < schema["minItems"].as_u64().unwrap_or(0) {
            faults.push(format!("{at}: too few items"));
        }
        if schema["uniqueItems"] == Value::Bool(true) {
            let twice = (1..array.len()).any(|i| array[..i].contains(&array[i]));
            assert!(!twice, "{at}: items twice");
        }
        for (index, item) in array.iter().enumerate() {
            if schema.get("items").is_some() {
                validate(
                    item,
                    &schema["items"],
                    root,
                    &format!("{at}/{index}"),
                    faults,
                );
            }
        }
    }
}

#[test]
fn sarif_is_valid() {
    let schema = include_str!("../../testdata/check/sarif-subset.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let report: Value = serde_json::from_str(&run("sarif")).unwrap();
    let mut faults = Vec::new();
    validate(&report, &schema, &schema, "", &mut faults);
    assert_eq!(faults, Vec::<String>::new());
    let run = &report["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 20);
    for result in results {
        // ruleIndex must lead to ruleId
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    // the validator itself must be able to say no
    let mut broken = report.clone();
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    broken["version"] = "2.0".into();
    let mut faults = Vec::new();
    validate(&broken, &schema, &schema, "", &mut faults);
    assert_eq!(faults.len(), 2);
}

/// Element, parents allowed, attributes required, attributes allowed.
type ElementRule = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const JUNIT: &[ElementRule] = &[
    (
        "testsuites",
        &[""],
        &["name"],
        &[
            "tests",
            "failures",
            "errors",
            "skipped",
            "time",
            "uuid",
            "timestamp",
        ],
    ),
    (
        "testsuite",
        &["testsuites"],
        &["name", "tests"],
        &[
            "failures",
            "errors",
            "skipped",
            "disabled",
            "time",
            "timestamp",
        ],
    ),
    (
        "testcase",
        &["testsuite"],
        &["name"],
        &[
            "classname",
            "time",
            "timestamp",
            "assertions",
            "file",
            "line",
        ],
    ),
    ("failure", &["testcase"], &[], &["type", "message"]),
];

#[test]
fn junit_is_valid() {
    let text = run("junit");
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut stack: Vec<String> = Vec::new();
    let mut counted: Vec<(u64, u64, u64, u64)> = Vec::new();
    let (mut cases, mut failures) = (0, 0);
    let mut open =
        |element: &BytesStart, stack: &[String], counted: &mut Vec<(u64, u64, u64, u64)>| {
            let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
            let rule = JUNIT.iter().find(|rule| rule.0 == name);
            let (_, parents, required, allowed) = rule.unwrap_or_else(|| panic!("element {name}"));
            let parent = stack.last().map_or("", String::as_str);
            assert!(parents.contains(&parent), "{name} in {parent}");
            let mut seen = Vec::new();
            let mut numbers = (0, 0);
            for attribute in element.attributes() {
                let attribute = attribute.unwrap();
                let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                let value = String::from_utf8(attribute.value.to_vec()).unwrap();
                assert!(
                    required.contains(&&*key) || allowed.contains(&&*key),
                    "{name} {key}"
                );
                match key.as_str() {
                    "tests" => numbers.0 = value.parse().unwrap(),
                    "failures" => numbers.1 = value.parse().unwrap(),
                    "errors" | "skipped" | "disabled" => assert!(value.parse::<u64>().is_ok()),
                    "time" => assert!(value.parse::<f64>().unwrap() >= 0.0),
                    _ => {}
                }
                seen.push(key);
            }
            for wanted in *required {
                assert!(seen.iter().any(|s| s == wanted), "{name} lacks {wanted}");
            }
            match name.as_str() {
                "testcase" => {
                    cases += 1;
                    counted.last_mut().unwrap().2 += 1;
                }
                "failure" => {
                    failures += 1;
                    counted.last_mut().unwrap().3 += 1;
                }
                "testsuite" => counted.push((numbers.0, numbers.1, 0, 0)),
                _ => {}
            }
            name
        };
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                let name = open(&element, &stack, &mut counted);
                stack.push(name);
            }
            Event::Empty(element) => {
                open(&element, &stack, &mut counted);
            }
            Event::End(element) => {
                assert_eq!(stack.pop().unwrap().as_bytes(), element.name().as_ref());
            }
            Event::Text(_) | Event::GeneralRef(_) | Event::Decl(_) | Event::CData(_) => {}
            Event::Eof => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(
        stack.is_empty() && cases > 300 && failures >= 10,
        "{cases} {failures}"
    );
    // what the suites say of themselves must be so
    assert!(
        counted
            .iter()
            .all(|(tests, failed, is, wrong)| tests == is && failed == wrong)
    );
}

#[test]
fn tap_counts_and_escapes() {
    let text = run("tap");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let plan: usize = lines
        .next()
        .unwrap()
        .strip_prefix("1..")
        .unwrap()
        .parse()
        .unwrap();
    let tests: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("ok ") || line.starts_with("not ok "))
        .collect();
    assert_eq!(tests.len(), plan);
    for (index, line) in tests.iter().enumerate() {
        let number = line.trim_start_matches("not ").strip_prefix("ok ").unwrap();
        assert_eq!(number.split(' ').next().unwrap(), (index + 1).to_string());
    }
    assert!(tests.iter().any(|line| line.starts_with("not ok")));
}

#[test]
fn github_commands_are_one_line_each() {
    let text = run("github");
    let (last, commands) = text
        .trim_end()
        .rsplit_once('\n')
        .map(|(c, l)| (l, c))
        .unwrap();
    assert!(last.starts_with("failed: "), "{last}");
    for line in commands.lines() {
        let kinds = ["::error ", "::warning ", "::notice "];
        assert!(kinds.iter().any(|kind| line.starts_with(kind)), "{line}");
    }
    assert!(
        commands.contains("file=filter.d/syntax.conf,line=3,col=20"),
        "{commands}"
    );
}
