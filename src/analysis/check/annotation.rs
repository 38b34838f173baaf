//! Values of annotations as upstream's Python reads them. Which there are is `samples`' matter.

use serde_json::Value;
use std::ops::Range;

/// `"todo": true`, or with a reason; ours, no word of upstream's.
pub(super) fn todo(value: &Value) -> Option<String> {
    match value {
        Value::Bool(true) => Some(String::new()),
        Value::String(reason) => Some(reason.clone()),
        _ => None,
    }
}

/// Where the expression stands in the annotation, from the byte of it that is wrong.
pub(super) fn part_of(line: &str, expression: &str, at: usize) -> Range<usize> {
    match line.find(expression) {
        Some(start) => {
            let end = start + expression.len();
            (start + at).min(end)..end.max(start + at).min(line.len())
        }
        None => 0..line.len(),
    }
}

pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Python's truth of a JSON value.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(values) => !values.is_empty(),
    }
}
