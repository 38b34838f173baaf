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

/// Adds what `options` set (upstream's `_fillStream`).
pub(crate) fn add_settings(settings: &mut Vec<Setting>, options: &Options) -> Result<(), Fault> {
    let mut first = 0;
    for (name, value) in options {
        if value.is_none() {
            continue;
        }
        let text = value.to_text();
        match name.as_str() {
            "failregex" => settings.extend(regexes(&text).map(Setting::Failregex)),
            "ignoreregex" => settings.extend(regexes(&text).map(Setting::Ignoreregex)),
            "usedns" => {
                settings.insert(0, Setting::UseDns(value.sourced()));
                first += 1;
            }
            "maxlines" => {
                settings.insert(first, Setting::Maxlines(value.sourced()));
                first += 1;
            }
            "prefregex" => {
                settings.insert(first, Setting::Prefregex(value.sourced()));
                first += 1;
            }
            "datepattern" => settings.push(Setting::Datepattern(value.sourced())),
            "journalmatch" => {
                for (line, origin) in text.lines().filter(|(line, _)| !line.is_empty()) {
                    let origin = origin.cloned();
                    let words = python::shlex_split(line);
                    let words = words.map_err(|reason| Fault::JournalMatch {
                        origin: origin.clone(),
                        text: line.into(),
                        reason,
                    })?;
                    settings.push(Setting::Journalmatch(words, origin));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The regexes of an option: its lines, empty ones left out.
fn regexes(text: &Text) -> impl Iterator<Item = Sourced> {
    let lines = text.lines().filter(|(line, _)| !line.is_empty());
    lines.map(|(line, origin)| Sourced {
        text: line.to_owned(),
        origin: origin.cloned(),
    })
}
