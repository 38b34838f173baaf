//! A jail as it is configured: what it is made of, and the commands that tell the server of it
//! (upstream's `JailReader.convert`).

use std::path::Path;

use super::action::{self, ActionKind};
use super::command::ServerCommand;
use super::effective::EffectiveOption;
use super::error::Fault;
use super::filter::{self, Setting};
use super::jail::Jail;
use super::logpath::{Input, Source};
use super::options;
use super::python::is_space;
use super::reader::WrongValue;
use super::text::{Origin, Sourced, Text};
use super::value::{Options, Value};

/// A jail of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct JailConfig {
    pub(crate) name: String,
    /// Where its section begins, in the last file that has it.
    pub(crate) header: Option<Origin>,
    /// Its option `enabled`.
    pub(crate) enabled: bool,
    /// Every option that fail2ban has a value for, in its order; of a jail that is not read,
    /// those that decide about that.
    pub(crate) options: Vec<EffectiveOption>,
    /// Options that only the jail's filter and actions refer to: `banaction`, `port`, `chain`, …
    pub(crate) referred: Vec<EffectiveOption>,
    /// Options whose preset counts because what is written has the wrong type.
    pub(crate) wrong: Vec<WrongValue>,
    pub(crate) state: JailState,
}

/// How far a jail was read.
#[derive(Clone, Debug)]
pub(crate) enum JailState {
    /// It is not enabled, and nobody asked for it.
    Disabled,
    /// fail2ban leaves it out and goes on with the others.
    Refused(Box<Fault>),
    /// It was read to the end.
    Read(Box<JailParts>),
}

/// What a jail is made of.
#[derive(Clone, Debug)]
pub(crate) struct JailParts {
    pub(crate) filter: Option<FilterConfig>,
    /// What the server is told of the filter, a command each. The jail's own options are
    /// among them.
    pub(crate) filter_commands: Vec<filter::Command>,
    pub(crate) input: Input,
    pub(crate) actions: Vec<ActionConfig>,
}

/// The filter of a jail.
#[derive(Clone, Debug)]
pub(crate) struct FilterConfig {
    /// As the jail names it, without options.
    pub(crate) name: String,
    /// The options that the jail gives it in brackets.
    pub(crate) given: Vec<(String, String)>,
    /// All its options with their tags replaced: the given ones and those of `[Init]`, and
    /// what `[Definition]` says unless the jail says it itself.
    pub(crate) options: Options,
}

/// An action of a jail.
#[derive(Clone, Debug)]
pub(crate) struct ActionConfig {
    /// Its name in the jail: `actname`, or made of the name of its file.
    pub(crate) name: String,
    /// The name it is listed under in the jail's `action`: `iptables`, `smtp.py`.
    pub(crate) file: String,
    /// Where it is listed.
    pub(crate) origin: Option<Origin>,
    pub(crate) detail: ActionDetail,
}

/// What the server is told of an action.
#[derive(Clone, Debug)]
pub(crate) enum ActionDetail {
    Commands {
        /// All its options with their tags replaced: `port`, `chain`, `blocktype`, …
        options: Options,
        /// What the server gets: `actionban`, …; options are as they are written.
        properties: Vec<(String, Value)>,
    },
    Python {
        /// The module.
        path: String,
        /// The options given to it.
        given: Vec<(String, Value)>,
    },
}

impl JailConfig {
    /// The jail, if it was read to the end.
    pub(crate) fn parts(&self) -> Option<&JailParts> {
        match &self.state {
            JailState::Read(parts) => Some(parts),
            _ => None,
        }
    }

    /// An option, of those fail2ban asks for and of those its parts refer to.
    pub(crate) fn option(&self, name: &str) -> Option<&EffectiveOption> {
        let mut all = self.options.iter().chain(&self.referred);
        all.find(|option| option.name == name)
    }

    /// Whether a server starts the jail.
    pub(crate) fn starts(&self) -> bool {
        let parts = self.parts();
        parts.is_some_and(|parts| parts.input.source != Source::Skipped)
    }

    /// What the server is told of the jail; nothing of one that is not enabled.
    pub(crate) fn commands(&self) -> Vec<ServerCommand> {
        let message = match &self.state {
            JailState::Disabled => return Vec::new(),
            JailState::Refused(fault) => {
                format!("because of wrong configuration: {}", fault.python())
            }
            JailState::Read(parts) if parts.input.source == Source::Skipped => {
                "because of missing log files.".to_owned()
            }
            JailState::Read(parts) => return self.all_commands(parts),
        };
        let message = format!("Jail '{}' skipped, {message}", self.name);
        vec![ServerCommand::ConfigError { message }]
    }

    fn all_commands(&self, parts: &JailParts) -> Vec<ServerCommand> {
        let jail = || self.name.clone();
        let mut commands = vec![ServerCommand::AddJail {
            jail: jail(),
            backend: parts.input.backend().to_owned(),
        }];
        let of_filter = parts.filter_commands.iter();
        commands.extend(of_filter.filter_map(|command| filter_command(&self.name, command)));
        for option in &self.options {
            match option.name.as_str() {
                "ignoreip" => commands.push(ServerCommand::AddIgnoreIp {
                    jail: jail(),
                    addresses: words(&option.value.to_text()),
                }),
                name if is_sent(name) => commands.push(ServerCommand::Set {
                    jail: jail(),
                    option: name.to_owned(),
                    value: option.value.clone(),
                }),
                _ => {}
            }
        }
        if parts.input.source == Source::Logs {
            for log in &parts.input.logs {
                commands.extend(log.found.iter().map(|path| ServerCommand::AddLogPath {
                    jail: jail(),
                    path: path.clone(),
                    start: log.start.clone(),
                }));
            }
        }
        for action in &parts.actions {
            commands.extend(action.commands(&self.name));
        }
        commands
    }
}

/// Options that become no command, or one of another kind (upstream's `_ignoreOpts`).
fn is_sent(option: &str) -> bool {
    const NOT_SENT: [&str; 7] = [
        "action",
        "filter",
        "enabled",
        "backend",
        "skip_if_nologs",
        "systemd_if_nologs",
        "logpath",
    ];
    let of_filter = || filter::EXPECTED.iter().any(|(name, _, _)| *name == option);
    !NOT_SENT.contains(&option) && !of_filter()
}

/// Upstream's `splitwords`.
fn words(text: &Text) -> Vec<String> {
    let words = text.as_str().split(|c| is_space(c) || c == ',');
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn filter_command(jail: &str, command: &filter::Command) -> Option<ServerCommand> {
    let jail = jail.to_owned();
    let set = |option: &str, value: &Sourced| ServerCommand::Set {
        jail: jail.clone(),
        option: option.to_owned(),
        value: Value::Text(Text::uniform(value.text.clone(), value.origin.clone())),
    };
    let regexes = || {
        let regexes = command.iter().filter_map(|setting| match setting {
            Setting::Failregex(regex) | Setting::Ignoreregex(regex) => Some(regex.clone()),
            _ => None,
        });
        regexes.collect()
    };
    let add = |option: &'static str| ServerCommand::AddRegexes {
        jail: jail.clone(),
        option,
        regexes: regexes(),
    };
    Some(match command.first()? {
        Setting::Failregex(_) => add("failregex"),
        Setting::Ignoreregex(_) => add("ignoreregex"),
        Setting::UseDns(value) => set("usedns", value),
        Setting::Prefregex(value) => set("prefregex", value),
        Setting::Datepattern(value) => set("datepattern", value),
        Setting::LogEncoding(value) => set("logencoding", value),
        Setting::LogTimezone(value) => set("logtimezone", value),
        Setting::Maxlines(value) => ServerCommand::Set {
            jail,
            option: "maxlines".to_owned(),
            value: Value::Int(value.text.clone(), value.origin.clone()),
        },
        Setting::Journalmatch(words, _) => ServerCommand::AddJournalMatch {
            jail,
            words: words.clone(),
        },
    })
}

impl JailParts {
    /// What a jail that was loaded is made of; logs are looked for below `root`.
    pub(crate) fn of(mut jail: Jail, root: &Path) -> Result<JailParts, Fault> {
        let (filter_commands, options) = jail.filter_commands()?;
        let named = jail.options.get("filter").map(Value::to_text);
        let given = named.and_then(|named| options::extract(named.as_str()).ok());
        let filter = jail.filter.take().map(|(name, _)| FilterConfig {
            name,
            given: given.map(|(_, given)| given).unwrap_or_default(),
            options,
        });
        let input = Input::of(&jail.options, root);
        // a jail that is skipped for its logs is left before its actions
        let actions = if input.source == Source::Skipped {
            Vec::new()
        } else {
            let actions = jail.actions.into_iter().map(ActionConfig::of);
            actions.collect::<Result<_, _>>()?
        };
        Ok(JailParts {
            filter,
            filter_commands,
            input,
            actions,
        })
    }
}

impl ActionConfig {
    fn of(action: action::Action) -> Result<ActionConfig, Fault> {
        let detail = match action.kind {
            ActionKind::Commands(mut definition) => {
                let options = action::combined(&mut definition)?;
                let properties = action::properties(&definition, &options);
                ActionDetail::Commands {
                    options,
                    properties,
                }
            }
            ActionKind::Python { path, given } => ActionDetail::Python { path, given },
        };
        Ok(ActionConfig {
            name: action.name,
            file: action.file,
            origin: action.origin,
            detail,
        })
    }

    fn commands(&self, jail: &str) -> Vec<ServerCommand> {
        let (jail, action) = (jail.to_owned(), self.name.clone());
        match &self.detail {
            ActionDetail::Python { path, given } => vec![ServerCommand::AddPythonAction {
                jail,
                action,
                path: path.clone(),
                given: given.clone(),
            }],
            ActionDetail::Commands { properties, .. } => vec![
                ServerCommand::AddAction {
                    jail: jail.clone(),
                    action: action.clone(),
                },
                ServerCommand::SetAction {
                    jail,
                    action,
                    properties: properties.clone(),
                },
            ],
        }
    }
}
