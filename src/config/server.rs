//! fail2ban.conf: the settings of the server itself (upstream's Fail2banReader), and those that
//! the client reads before anything else.

use super::command::ServerCommand;
use super::effective::EffectiveOption;
use super::error::Fault;
use super::ini::Sections;
use super::reader::{self, WrongValue};
use super::value::{Expected, Kind, Options, Preset};

const DEFINITION: &str = "Definition";
const THREAD: &str = "Thread";

/// What the client itself needs (upstream's `getEarlyOptions`). Its values count for the server
/// too, so that the presets here are the ones that count.
const EARLY: &[Expected] = &[
    (
        "socket",
        Kind::Text,
        Preset::Text("/var/run/fail2ban/fail2ban.sock"),
    ),
    (
        "pidfile",
        Kind::Text,
        Preset::Text("/var/run/fail2ban/fail2ban.pid"),
    ),
    ("loglevel", Kind::Text, Preset::Text("INFO")),
    (
        "logtarget",
        Kind::Text,
        Preset::Text("/var/log/fail2ban.log"),
    ),
    ("syslogsocket", Kind::Text, Preset::Text("auto")),
];

/// What is read with the jails.
const FURTHER: &[Expected] = &[
    ("allowipv6", Kind::Text, Preset::Text("auto")),
    (
        "dbfile",
        Kind::Text,
        Preset::Text("/var/lib/fail2ban/fail2ban.sqlite3"),
    ),
    ("dbmaxmatches", Kind::Int, Preset::None),
    ("dbpurgeage", Kind::Text, Preset::Text("1d")),
];

/// The options that are sent, in their order: the log comes before what can fail, the database's
/// file before its other settings.
const SENT: [&str; 7] = [
    "syslogsocket",
    "loglevel",
    "logtarget",
    "allowipv6",
    "dbfile",
    "dbmaxmatches",
    "dbpurgeage",
];

/// What fail2ban takes for a level: any attribute of `logging` in capitals, its own levels among
/// them, and a format of messages.
const LOG_LEVELS: [&str; 13] = [
    "BASIC_FORMAT",
    "CRITICAL",
    "FATAL",
    "ERROR",
    "WARNING",
    "WARN",
    "NOTICE",
    "INFO",
    "MSG",
    "DEBUG",
    "TRACEDEBUG",
    "HEAVYDEBUG",
    "NOTSET",
];

/// The settings of the server.
#[derive(Clone, Debug)]
pub(crate) struct ServerSettings {
    /// Every option that fail2ban has a value for, `socket` and `pidfile` among them.
    pub(crate) options: Vec<EffectiveOption>,
    /// Those of `[Thread]`.
    pub(crate) thread: Vec<EffectiveOption>,
    /// Options whose preset counts.
    pub(crate) wrong: Vec<WrongValue>,
}

impl ServerSettings {
    /// Reads what the client needs first; `sections` are those of fail2ban.conf.
    pub(crate) fn read_early(sections: &Sections) -> Result<Self, Fault> {
        let mut settings = Self {
            options: Vec::new(),
            thread: Vec::new(),
            wrong: Vec::new(),
        };
        settings.options = settings.read(sections, DEFINITION, EARLY)?;
        settings.check_log_level()?;
        Ok(settings)
    }

    /// Reads the rest.
    pub(crate) fn read_further(&mut self, sections: &Sections) -> Result<(), Fault> {
        let further = self.read(sections, DEFINITION, FURTHER)?;
        self.options.extend(further);
        if sections.named.contains_key(THREAD) {
            const STACKSIZE: &[Expected] = &[("stacksize", Kind::Int, Preset::None)];
            self.thread = self.read(sections, THREAD, STACKSIZE)?;
        }
        Ok(())
    }

    fn read(
        &mut self,
        sections: &Sections,
        section: &str,
        expected: &[Expected],
    ) -> Result<Vec<EffectiveOption>, Fault> {
        let (none, wrong) = (Options::new(), Some(&mut self.wrong));
        let read = reader::expected_options(sections, section, expected, &none, wrong)?;
        let read = read.into_iter();
        let read = read.map(|(name, value)| EffectiveOption::of(sections, section, &name, value));
        Ok(read.collect())
    }

    /// The option of that name.
    pub(crate) fn option(&self, name: &str) -> Option<&EffectiveOption> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Upstream's `str2LogLevel`.
    fn check_log_level(&self) -> Result<(), Fault> {
        let Some(option) = self.option("loglevel") else {
            return Ok(());
        };
        let level = option.value.to_text();
        let level = level.as_str();
        let number = !level.is_empty() && level.bytes().all(|byte| byte.is_ascii_digit());
        if number || LOG_LEVELS.contains(&level.to_uppercase().as_str()) {
            return Ok(());
        }
        Err(Fault::LogLevel {
            origin: option.source.clone(),
            value: level.into(),
        })
    }

    /// What the server is told first.
    pub(crate) fn commands(&self) -> Vec<ServerCommand> {
        let mut commands = Vec::new();
        let pair = |option: &EffectiveOption| (option.name.clone(), option.value.clone());
        if !self.thread.is_empty() {
            let options = self.thread.iter().map(pair).collect();
            commands.push(ServerCommand::SetThread { options });
        }
        let sent = SENT.iter().filter_map(|name| self.option(name)).map(pair);
        commands.extend(sent.map(|(option, value)| ServerCommand::SetServer { option, value }));
        commands
    }
}
