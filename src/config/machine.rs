//! The configuration of a machine, read as `fail2ban-client` reads it: the server's settings and
//! all jails (upstream's Configurator and JailsReader), and the commands they become.

use std::path::Path;

use super::action::ActionFiles;
use super::command::ServerCommand;
use super::effective::EffectiveOption;
use super::error::Fault;
use super::failure::Stage;
use super::include::Library;
use super::ini::KNOWN;
use super::ini::Sections;
use super::interpolate;
use super::jail::Jail;
use super::jailconfig::{JailConfig, JailParts, JailState};
use super::server::ServerSettings;
use super::value::{Options, Value};
use super::warning::{ConfigWarning, WarningKind};

/// Which configuration is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MachineRequest<'a> {
    /// The configuration directory (`-c`).
    pub(crate) config_dir: &'a Path,
    /// What stands for `/` where logs are looked for; empty for this machine itself.
    pub(crate) root: &'a Path,
    /// Jails that are read as if they were enabled.
    pub(crate) forced: &'a [String],
}

/// A configuration, read.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// The configuration directory, without a `/` at its end.
    pub(crate) directory: String,
    pub(crate) server: ServerSettings,
    /// Every jail, enabled or not, in the order in which they are written.
    pub(crate) jails: Vec<JailConfig>,
    /// Loops of includes, included files that cannot be read.
    pub(crate) warnings: Vec<ConfigWarning>,
}

/// How far the client had come when it gave up; decides what it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusedAt {
    /// Reading what the client itself needs of fail2ban.conf.
    CommandLine,
    /// Reading the configuration.
    Configuration,
}

/// A configuration that fail2ban refuses as a whole.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{unread}", fault.to_string().replace('\n', "\\n"))]
pub(crate) struct Refusal {
    pub(crate) fault: Box<Fault>,
    /// An include that is not there, which may be where the name is set that a reference misses.
    unread: String,
    pub(crate) at: RefusedAt,
}

impl Refusal {
    fn new(at: RefusedAt, fault: Fault) -> Self {
        let (fault, unread) = (Box::new(fault), String::new());
        Self { fault, unread, at }
    }

    /// One of the jails, with what was not found while they were read.
    fn of_jails(fault: Fault, warnings: &[ConfigWarning]) -> Self {
        let is_referred = matches!(fault, Fault::UnknownReference { .. });
        let mut warnings = warnings.iter().filter(|_| is_referred);
        let missing = warnings.find(|warning| warning.kind == WarningKind::IncludeUnreadable);
        Self {
            unread: missing.map_or_else(String::new, |warning| format!("; {warning}")),
            ..Self::new(RefusedAt::Configuration, fault)
        }
    }

    /// What `fail2ban-client -d` prints in place of the commands.
    pub(crate) fn printed(&self) -> String {
        match self.at {
            RefusedAt::CommandLine => format!("ERROR: {}", self.fault.python()),
            RefusedAt::Configuration => {
                "ERROR: The configuration stream failed because of the invalid syntax.".to_owned()
            }
        }
    }
}

impl Machine {
    /// Reads a configuration.
    ///
    /// # Errors
    ///
    /// Where fail2ban refuses all of it. A jail that it only leaves out is
    /// [`JailState::Refused`].
    pub(crate) fn read(request: &MachineRequest) -> Result<Machine, Refusal> {
        let directory = request.config_dir.to_string_lossy();
        let directory = directory.trim_end_matches('/');
        let early = |fault| Refusal::new(RefusedAt::CommandLine, fault);
        let mut first = Library::default();
        let configuration =
            read_file(&mut first, directory, ("fail2ban", "fail2ban")).map_err(early)?;
        let mut server = ServerSettings::read_early(&configuration).map_err(early)?;

        let failed = |fault| Refusal::new(RefusedAt::Configuration, fault);
        // upstream forgets which includes it has followed (`Configurator.Reload`)
        let mut library = first.sharing_files();
        let sections = read_file(&mut library, directory, ("jail", "jails")).map_err(failed)?;
        server.read_further(&configuration).map_err(failed)?;
        let jails = Jails {
            library: &mut library,
            directory,
            sections,
            request,
        };
        let jails = jails.read();
        let jails = jails.map_err(|fault| Refusal::of_jails(fault, &library.warnings))?;
        Ok(Machine {
            directory: directory.to_owned(),
            server,
            jails,
            warnings: [first.warnings, library.warnings].concat(),
        })
    }

    /// Reads the jails alone: of a directory that has no fail2ban.conf, too.
    ///
    /// # Errors
    ///
    /// Where fail2ban refuses all of them.
    pub(crate) fn read_jails(request: &MachineRequest) -> Result<Vec<JailConfig>, Refusal> {
        let directory = request.config_dir.to_string_lossy();
        let directory = directory.trim_end_matches('/');
        let failed = |fault| Refusal::new(RefusedAt::Configuration, fault);
        let mut library = Library::default();
        let sections = read_file(&mut library, directory, ("jail", "jails")).map_err(failed)?;
        let jails = Jails {
            library: &mut library,
            directory,
            sections,
            request,
        };
        jails.read().map_err(failed)
    }

    /// The jail of that name.
    pub(crate) fn jail(&self, name: &str) -> Option<&JailConfig> {
        self.jails.iter().find(|jail| jail.name == name)
    }

    /// Whether fail2ban takes the configuration: it does not if it has to leave out all jails.
    pub(crate) fn is_accepted(&self) -> bool {
        let read = |jail: &JailConfig| jail.parts().is_some();
        self.jails.iter().any(read) || self.refused().next().is_none()
    }

    /// The jails that are left out, each with its fault.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (&JailConfig, &Fault)> {
        self.jails.iter().filter_map(|jail| match &jail.state {
            JailState::Refused(fault) => Some((jail, &**fault)),
            _ => None,
        })
    }

    /// What the client sends the server, in order.
    pub(crate) fn commands(&self) -> Vec<ServerCommand> {
        let mut commands = self.server.commands();
        commands.extend(self.jails.iter().flat_map(JailConfig::commands));
        let started = self.jails.iter().filter(|jail| jail.starts());
        commands.extend(started.map(|jail| ServerCommand::StartJail {
            jail: jail.name.clone(),
        }));
        commands
    }
}

/// Reads fail2ban.conf or jail.conf with all that is laid over it.
fn read_file(
    library: &mut Library,
    directory: &str,
    (name, called): (&str, &'static str),
) -> Result<Sections, Fault> {
    let reading = library.configuration(directory, name)?;
    match reading.problem {
        None => Ok(reading.sections),
        Some(reason) => Err(Fault::NoConfiguration {
            what: called,
            reason: reason.into(),
        }),
    }
}

/// Options that fail2ban itself does not read of a jail, but to which the stock configuration's
/// filters and actions refer (`%(port)s`).
const REFERRED: [&str; 6] = [
    "banaction",
    "banaction_allports",
    "port",
    "protocol",
    "chain",
    "mode",
];

/// The jails while they are read.
struct Jails<'a> {
    library: &'a mut Library,
    directory: &'a str,
    /// Those of jail.conf. Every jail adds its filter's options to its section, where the next
    /// jail may refer to them.
    sections: Sections,
    request: &'a MachineRequest<'a>,
}

/// How far a jail was read.
enum Progress {
    /// It is not enabled.
    NotWanted,
    /// All of it.
    Complete,
    /// fail2ban leaves it out.
    Refused(Box<Fault>),
}

impl Jails<'_> {
    /// Reads all jails, then combines their parts: upstream meets faults in this order.
    fn read(mut self) -> Result<Vec<JailConfig>, Fault> {
        let names = self.sections.named.keys();
        // upstream's JailsReader leaves out the section of includes
        let names = names.filter(|name| *name != "INCLUDES" && !name.starts_with(KNOWN));
        let names: Vec<String> = names.cloned().collect();
        let loaded = names.iter().map(|name| self.load(name));
        let loaded = loaded.collect::<Result<Vec<_>, Fault>>()?;
        let combined = loaded.into_iter().map(|(mut config, jail)| {
            if let Some(jail) = jail {
                let parts = JailParts::of(jail, self.request.root)?;
                config.state = JailState::Read(Box::new(parts));
            }
            Ok(config)
        });
        combined.collect()
    }

    /// Reads a jail; one that is read to the end has still to be combined.
    fn load(&mut self, name: &str) -> Result<(JailConfig, Option<Jail>), Fault> {
        let mut jail = Jail::new(self.directory, name, std::mem::take(&mut self.sections));
        let progress = self.load_parts(&mut jail)?;
        self.sections = std::mem::take(&mut jail.sections);
        let effective = |(option, value): (&String, &Value)| {
            EffectiveOption::of(&self.sections, name, option, value.clone())
        };
        let mut config = JailConfig {
            name: name.to_owned(),
            header: self.sections.headers.get(name).cloned(),
            enabled: is_enabled(&jail),
            options: jail.options.iter().map(effective).collect(),
            referred: self.referred(name),
            wrong: std::mem::take(&mut jail.wrong),
            state: JailState::Disabled,
        };
        Ok(match progress {
            Progress::NotWanted => (config, None),
            Progress::Complete => (config, Some(jail)),
            Progress::Refused(fault) => {
                config.state = JailState::Refused(fault);
                (config, None)
            }
        })
    }

    /// The options of a jail that its filter and its actions are given by reference.
    fn referred(&self, jail: &str) -> Vec<EffectiveOption> {
        let sections = &self.sections;
        let found = REFERRED.iter().filter_map(|option| {
            let value = interpolate::get(sections, jail, option, &Options::new()).ok()?;
            Some(EffectiveOption::of(sections, jail, option, value))
        });
        found.collect()
    }

    fn load_parts(&mut self, jail: &mut Jail) -> Result<Progress, Fault> {
        let forced = self.request.forced.contains(&jail.name);
        let none = Options::new();
        jail.load_first(&none)?;
        if !forced && !is_enabled(jail) {
            return Ok(Progress::NotWanted);
        }
        match jail.load_rest(self.library, &none, ActionFiles::Required) {
            // `enabled` may refer to the filter, and be another one now
            Ok(()) if forced || is_enabled(jail) => Ok(Progress::Complete),
            Ok(()) => Ok(Progress::NotWanted),
            Err((Stage::Jail, fault)) => Ok(Progress::Refused(Box::new(fault))),
            Err((_, fault)) => Err(fault),
        }
    }
}

fn is_enabled(jail: &Jail) -> bool {
    jail.options.get("enabled").is_some_and(Value::is_truthy)
}
