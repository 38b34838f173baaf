//! Every effective value of a jail, its filter and its actions, with the place it comes from and
//! the places whose values it put out of force.

use std::io::{self, Write};

use crate::config::{
    ActionConfig, ActionDetail, EffectiveOption, FilterConfig, JailConfig, JailParts, JailState,
    Machine, Source, Value, WrongValue,
};
use crate::report::text::{fit, printable};

/// Columns of a name and of a value.
const NAME: usize = 20;
const VALUE: usize = 30;

/// Writes the server's settings, then jail by jail.
pub(crate) fn write(
    machine: &Machine,
    jails: &[&JailConfig],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut report = Blame {
        directory: &machine.directory,
        out,
    };
    let server = &machine.server;
    report.heading("server")?;
    for option in server.options.iter().chain(&server.thread) {
        report.option(option)?;
    }
    report.wrong(&server.wrong)?;
    jails.iter().try_for_each(|jail| report.jail(jail))
}

struct Blame<'a> {
    directory: &'a str,
    out: &'a mut dyn Write,
}

impl Blame<'_> {
    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", printable(text))
    }

    /// One value and its place.
    fn line(&mut self, name: &str, value: &str, place: &str) -> io::Result<()> {
        let (name, value) = (printable(name), fit(value, VALUE));
        let line = format!("  {name:NAME$}  {value:VALUE$}  {}", printable(place));
        writeln!(self.out, "{}", line.trim_end())
    }

    fn option(&mut self, option: &EffectiveOption) -> io::Result<()> {
        let value = shown(&option.value);
        self.line(&option.name, &value, &option.blame(self.directory))
    }

    fn jail(&mut self, jail: &JailConfig) -> io::Result<()> {
        let parts = jail.parts();
        let state = match (&jail.state, parts.map(|parts| parts.input.source)) {
            (JailState::Refused(_), _) => "refused",
            (_, Some(Source::Skipped)) => "skipped, no log is there",
            _ if jail.enabled => "enabled",
            _ => "not enabled",
        };
        writeln!(self.out)?;
        let place = jail.header.as_ref();
        let place = place.map_or(String::new(), |header| header.within(self.directory));
        self.heading(&format!("jail {}: {state}  {place}", jail.name))?;
        for option in &jail.options {
            self.option(option)?;
        }
        self.wrong(&jail.wrong)?;
        match parts {
            Some(parts) => self.parts(parts),
            None => Ok(()),
        }
    }

    fn parts(&mut self, parts: &JailParts) -> io::Result<()> {
        if let Some(filter) = &parts.filter {
            self.filter(filter)?;
        }
        parts
            .actions
            .iter()
            .try_for_each(|action| self.action(action))
    }

    fn filter(&mut self, filter: &FilterConfig) -> io::Result<()> {
        let given = filter.given.iter();
        let given: Vec<String> = given.map(|(name, text)| format!("{name}={text}")).collect();
        let mut heading = format!("filter {}", filter.name);
        if !given.is_empty() {
            heading += &format!("[{}]", given.join(", "));
        }
        self.heading(&heading)?;
        self.values(filter.options.iter())
    }

    fn action(&mut self, action: &ActionConfig) -> io::Result<()> {
        let mut heading = format!("action {}", action.name);
        if let Some(origin) = &action.origin {
            heading += &format!(", {} of {}", action.file, origin.within(self.directory));
        }
        self.heading(&heading)?;
        match &action.detail {
            ActionDetail::Commands { options, .. } => self.values(options.iter()),
            ActionDetail::Python { path, given } => {
                self.line("module", path, "")?;
                self.values(given.iter().map(|(name, value)| (name, value)))
            }
        }
    }

    /// Options that know no more than where their text was written.
    fn values<'v>(
        &mut self,
        mut values: impl Iterator<Item = (&'v String, &'v Value)>,
    ) -> io::Result<()> {
        values.try_for_each(|(name, value)| {
            let place = value.origin();
            let place = place.map_or(String::new(), |origin| origin.within(self.directory));
            self.line(name, &shown(value), &place)
        })
    }

    fn wrong(&mut self, wrong: &[WrongValue]) -> io::Result<()> {
        wrong.iter().try_for_each(|wrong| {
            let place = wrong.value.origin();
            let place = place.map_or(String::new(), |origin| origin.within(self.directory));
            let value = shown(&wrong.value);
            let name = format!("({})", wrong.option);
            self.line(&name, &value, &format!("{place} is no number: not used"))
        })
    }
}

/// A value in one line; `\n` stands for the ends of its lines.
fn shown(value: &Value) -> String {
    value.to_text().as_str().replace('\n', "\\n")
}
