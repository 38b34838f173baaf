//! What an option can hold once fail2ban has read it: mostly text, but the
//! `int` and `bool` options of a jail change type. Not for parsing files.

use indexmap::IndexMap;

use super::python;
use super::text::{Origin, Sourced, Text};

/// A value as Python would hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    /// Decimal digits of any length, with the origin of the text they were read from.
    Int(String, Option<Origin>),
    Text(Text),
}

/// Options in the order of a Python dict: a changed value keeps its place.
pub(crate) type Options = IndexMap<String, Value>;

impl Value {
    /// `str(value)`.
    pub(crate) fn to_text(&self) -> Text {
        match self {
            Value::None => Text::plain("None"),
            Value::Bool(true) => Text::plain("True"),
            Value::Bool(false) => Text::plain("False"),
            Value::Int(digits, origin) => Text::uniform(digits.clone(), origin.clone()),
            Value::Text(text) => text.clone(),
        }
    }

    /// `repr(value)`.
    pub(crate) fn repr(&self) -> String {
        match self {
            Value::Text(text) => python::repr(text.as_str()),
            other => other.to_text().as_str().to_owned(),
        }
    }

    /// Where the value was written; `None` where it came from no file, and for a boolean.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        match self {
            Value::Int(_, origin) => origin.as_ref(),
            Value::Text(text) => text.origin(),
            Value::None | Value::Bool(_) => None,
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// Python's truth of the value.
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(value) => *value,
            Value::Int(digits, _) => digits != "0",
            Value::Text(text) => !text.as_str().is_empty(),
        }
    }

    pub(crate) fn sourced(&self) -> Sourced {
        self.to_text().sourced()
    }

    /// The name of the Python type, for messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Value::None => "NoneType",
            Value::Bool(_) => "bool",
            Value::Int(..) => "int",
            Value::Text(_) => "str",
        }
    }
}

/// `{**x, **y}`: upstream's `_merge_dicts`.
pub(crate) fn merged(x: &Options, y: &Options) -> Options {
    let mut all = x.clone();
    all.extend(y.iter().map(|(name, value)| (name.clone(), value.clone())));
    all
}

/// The type an option is converted to (upstream's `CONVERTER`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Bool,
}

/// What an option is when it is not set (third field of upstream's templates).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preset {
    None,
    Text(&'static str),
    Bool(bool),
}

impl Preset {
    pub(crate) fn value(self) -> Value {
        match self {
            Preset::None => Value::None,
            Preset::Text(text) => Value::Text(Text::plain(text)),
            Preset::Bool(value) => Value::Bool(value),
        }
    }
}

/// One option a section is asked for: name, type, preset.
pub(crate) type Expected = (&'static str, Kind, Preset);

/// Whether a text without blanks around it is taken for true: all but these words are false
/// (upstream's `_as_bool`).
pub(crate) fn is_true(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "1" | "on" | "true" | "yes")
}

/// The value as `kind`; `None` where Python raises ValueError.
pub(crate) fn convert(value: &Value, kind: Kind) -> Option<Value> {
    match (kind, value) {
        (Kind::Text, _) | (_, Value::None) => Some(value.clone()),
        (Kind::Bool, Value::Text(text)) => Some(Value::Bool(is_true(text.as_str()))),
        (Kind::Bool, other) => Some(Value::Bool(other.is_truthy())),
        (Kind::Int, Value::Text(text)) => {
            let digits = python::int_text(text.as_str())?;
            Some(Value::Int(digits, text.origin().cloned()))
        }
        (Kind::Int, Value::Bool(value)) => Some(Value::Int(u8::from(*value).to_string(), None)),
        (Kind::Int, Value::Int(..)) => Some(value.clone()),
    }
}
