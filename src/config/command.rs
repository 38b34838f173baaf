//! The commands that a client sends its server, and how `fail2ban-client -d` prints them: as
//! Python's lists. What the server makes of them is not known here.

use std::fmt;

use super::python::{repr, repr_dict};
use super::text::Sourced;
use super::value::Value;

/// One command to the server. Values know where they come from.
#[derive(Clone, Debug)]
pub(crate) enum ServerCommand {
    /// A setting of the server.
    SetServer { option: String, value: Value },
    /// The settings of the server's threads.
    SetThread { options: Vec<(String, Value)> },
    /// A new jail.
    AddJail { jail: String, backend: String },
    /// A setting of a jail.
    Set {
        jail: String,
        option: String,
        value: Value,
    },
    /// The regexes of one option, `failregex` or `ignoreregex`.
    AddRegexes {
        jail: String,
        option: &'static str,
        regexes: Vec<Sourced>,
    },
    /// The words of one line of `journalmatch`.
    AddJournalMatch { jail: String, words: Vec<String> },
    /// Who is never banned.
    AddIgnoreIp {
        jail: String,
        addresses: Vec<String>,
    },
    /// A log to read, from its `head` or `tail`.
    AddLogPath {
        jail: String,
        path: String,
        start: String,
    },
    /// A new action of a jail.
    AddAction { jail: String, action: String },
    /// A new action that is a Python module, with its options.
    AddPythonAction {
        jail: String,
        action: String,
        path: String,
        given: Vec<(String, Value)>,
    },
    /// The properties of an action.
    SetAction {
        jail: String,
        action: String,
        properties: Vec<(String, Value)>,
    },
    /// Not a command but a message: a jail is left out.
    ConfigError { message: String },
    /// The jail starts.
    StartJail { jail: String },
}

impl fmt::Display for ServerCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::SetServer { option, value } => list([repr("set"), repr(option), value.repr()]),
            Self::SetThread { options } => {
                let items = options.iter();
                let items = items.map(|(name, value)| (name.as_str(), value.repr()));
                list([repr("set"), repr("thread"), repr_dict(items)])
            }
            Self::AddJail { jail, backend } => list(["add", jail, backend].map(repr)),
            Self::Set {
                jail,
                option,
                value,
            } => list([repr("set"), repr(jail), repr(option), value.repr()]),
            Self::AddRegexes {
                jail,
                option,
                regexes,
            } => add_regexes(jail, option, regexes),
            Self::AddJournalMatch { jail, words } => set(jail, "addjournalmatch", words),
            Self::AddIgnoreIp { jail, addresses } => set(jail, "addignoreip", addresses),
            Self::AddLogPath { jail, path, start } => {
                list(["set", jail, "addlogpath", path, start].map(repr))
            }
            Self::AddAction { jail, action } => list(["set", jail, "addaction", action].map(repr)),
            Self::AddPythonAction {
                jail,
                action,
                path,
                given,
            } => list(["set", jail, "addaction", action, path, &json(given)].map(repr)),
            Self::SetAction {
                jail,
                action,
                properties,
            } => set_action(jail, action, properties),
            Self::ConfigError { message } => list(["config-error", message].map(repr)),
            Self::StartJail { jail } => list(["start", jail].map(repr)),
        };
        f.write_str(&text)
    }
}

/// A list of Python, made of what its elements read.
fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("[{}]", items.join(", "))
}

fn set(jail: &str, what: &str, words: &[String]) -> String {
    let head = ["set", jail, what].into_iter();
    list(head.chain(words.iter().map(String::as_str)).map(repr))
}

/// Several regexes go in one command.
fn add_regexes(jail: &str, option: &str, regexes: &[Sourced]) -> String {
    let add = format!("add{option}");
    let all = regexes.iter().map(|regex| repr(&regex.text));
    if regexes.len() > 1 {
        list([repr("multi-set"), repr(jail), repr(&add), list(all)])
    } else {
        list(["set", jail, &add].map(repr).into_iter().chain(all))
    }
}

/// Several properties go in one command.
fn set_action(jail: &str, action: &str, properties: &[(String, Value)]) -> String {
    let head = |set: &str| [set, jail, "action", action].map(repr).into_iter();
    match properties {
        [(name, value)] => list(head("set").chain([repr(name), value.repr()])),
        _ => {
            let pairs = properties.iter();
            let pairs = pairs.map(|(name, value)| list([repr(name), value.repr()]));
            list(head("multi-set").chain([list(pairs)]))
        }
    }
}

/// `json.dumps` of options: blanks behind the marks, nothing but ASCII.
fn json(options: &[(String, Value)]) -> String {
    let quoted = |text: &str| {
        let text = serde_json::Value::from(text).to_string();
        let mut ascii = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii() && c != '\x7f' {
                ascii.push(c);
            } else {
                let units = &mut [0; 2];
                let units = c.encode_utf16(units).iter();
                ascii.extend(units.map(|unit| format!("\\u{unit:04x}")));
            }
        }
        ascii
    };
    let pairs = options.iter().map(|(name, value)| {
        let value = value.to_text();
        format!("{}: {}", quoted(name), quoted(value.as_str()))
    });
    let pairs: Vec<String> = pairs.collect();
    format!("{{{}}}", pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::text::Text;
    use super::*;

    // Expectations are what CPython 3.13 prints.
    #[test]
    fn options_of_python_actions_read_as_json_dumps() {
        let text = |text: &str| Value::Text(Text::plain(text));
        let options = [
            ("a".to_owned(), text("1 \"x\" \\ \t\u{1}\u{7f}")),
            ("b".to_owned(), text("é \u{1f600}")),
        ];
        assert_eq!(
            json(&options),
            r#"{"a": "1 \"x\" \\ \t\u0001\u007f", "b": "\u00e9 \ud83d\ude00"}"#
        );
    }

    #[test]
    fn values_read_as_in_a_list_of_python() {
        let command = ServerCommand::SetAction {
            jail: "it's".to_owned(),
            action: "a".to_owned(),
            properties: vec![("norestored".to_owned(), Value::Bool(true))],
        };
        let expected = r#"['set', "it's", 'action', 'a', 'norestored', True]"#;
        assert_eq!(command.to_string(), expected);
        let command = ServerCommand::SetThread {
            options: vec![("stacksize".to_owned(), Value::None)],
        };
        assert_eq!(
            command.to_string(),
            "['set', 'thread', {'stacksize': None}]"
        );
    }
}
