//! A filter: which options it has and which settings they become (upstream's
//! FilterReader). Which file it is, is decided in `resolve.rs`.

use super::error::Fault;
use super::python;
use super::reader::Definition;
use super::text::{Origin, Sourced, Text};
use super::value::{Expected, Kind, Options, Preset, Value};

/// One setting of a filter, in upstream's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The regex every line must pass first; empty for none.
    Prefregex(Sourced),
    /// One line of the option: one regex.
    Failregex(Sourced),
    /// One line of the option: one regex.
    Ignoreregex(Sourced),
    /// An integer, of any size and sign.
    Maxlines(Sourced),
    /// Maybe several lines, one pattern each; the origin is that of the first.
    Datepattern(Sourced),
    /// The words of one line, as a shell parts them.
    Journalmatch(Vec<String>, Option<Origin>),
    /// fail2ban-regex itself does not look at it.
    UseDns(Sourced),
    /// Of a jail only; fail2ban-regex itself does not look at it.
    LogEncoding(Sourced),
    /// Of a jail only; fail2ban-regex itself does not look at it.
    LogTimezone(Sourced),
}

/// The options of a filter (upstream's `FilterReader._configOpts`, in its order).
pub(crate) const EXPECTED: &[Expected] = &[
    ("usedns", Kind::Text, Preset::None),
    ("prefregex", Kind::Text, Preset::None),
    ("ignoreregex", Kind::Text, Preset::None),
    ("failregex", Kind::Text, Preset::None),
    ("maxlines", Kind::Int, Preset::None),
    ("datepattern", Kind::Text, Preset::None),
    ("journalmatch", Kind::Text, Preset::None),
];

/// Sets `logtype` by where the log is, unless it is given or `[Definition]` has
/// it (upstream's `applyAutoOptions`: one in `[DEFAULT]` does not count).
pub(crate) fn apply_auto_options(filter: &mut Definition, systemd: bool) {
    let given = filter.init.get("logtype").is_some_and(Value::is_truthy);
    if !given && !filter.defines("logtype") {
        let logtype = if systemd { "journal" } else { "file" };
        let value = Value::Text(Text::plain(logtype));
        filter.init.insert("logtype".to_owned(), value);
    }
}

/// The settings of one command to the server: the regexes of an option go together, every
/// other setting has a command of its own.
pub(crate) type Command = Vec<Setting>;

/// Adds what `options` set (upstream's `_fillStream`).
pub(crate) fn add_commands(commands: &mut Vec<Command>, options: &Options) -> Result<(), Fault> {
    let mut first = 0;
    for (name, value) in options {
        if value.is_none() {
            continue;
        }
        let text = value.to_text();
        match name.as_str() {
            "failregex" => add_regexes(commands, &text, Setting::Failregex),
            "ignoreregex" => add_regexes(commands, &text, Setting::Ignoreregex),
            "usedns" => {
                commands.insert(0, vec![Setting::UseDns(value.sourced())]);
                first += 1;
            }
            "maxlines" => {
                commands.insert(first, vec![Setting::Maxlines(value.sourced())]);
                first += 1;
            }
            "prefregex" => {
                commands.insert(first, vec![Setting::Prefregex(value.sourced())]);
                first += 1;
            }
            "datepattern" => commands.push(vec![Setting::Datepattern(value.sourced())]),
            "journalmatch" => {
                for (line, origin) in text.lines().filter(|(line, _)| !line.is_empty()) {
                    let origin = origin.cloned();
                    let words = python::shlex_split(line);
                    let words = words.map_err(|reason| Fault::JournalMatch {
                        origin: origin.clone(),
                        text: line.into(),
                        reason,
                    })?;
                    commands.push(vec![Setting::Journalmatch(words, origin)]);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// One command for the lines of an option, one regex each; empty lines are left out.
fn add_regexes(commands: &mut Vec<Command>, text: &Text, setting: fn(Sourced) -> Setting) {
    let lines = text.lines().filter(|(line, _)| !line.is_empty());
    let regexes = lines.map(|(line, origin)| Sourced {
        text: line.to_owned(),
        origin: origin.cloned(),
    });
    let command: Command = regexes.map(setting).collect();
    if !command.is_empty() {
        commands.push(command);
    }
}
