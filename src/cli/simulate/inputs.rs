//! What each jail reads where no log is given: the journal or the files that a server would read.

use super::logs::of_logpath;
use super::rules::Rules;
use crate::config::{JailParts, Machine, MachineRequest, Source, jail_names};
use crate::input::LogSource;
use crate::input::journal::journalctl::JournalSource;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The inputs of jails by name, of those whose inputs are known before they are read.
#[derive(Default)]
pub(super) struct Inputs(HashMap<String, Vec<LogSource>>);

impl Inputs {
    /// The inputs that fail2ban gives the jails of a configuration. `jails` are read as if they
    /// were enabled.
    pub(super) fn of(config_dir: &Path, jails: &[String]) -> Inputs {
        let request = MachineRequest {
            config_dir,
            root: Path::new(""),
            forced: jails,
        };
        let Ok(machine) = Machine::read(&request) else {
            // a configuration of filters and jails alone, without a server's own: what is wrong
            // with a jail is said of it
            return Inputs::by_backend(config_dir);
        };
        let read = machine.jails.iter().filter_map(|jail| {
            let sources = of_jail(jail.parts()?);
            Some((jail.name.clone(), sources)).filter(|(_, sources)| !sources.is_empty())
        });
        Inputs(read.collect())
    }

    fn by_backend(config_dir: &Path) -> Inputs {
        let jails = jail_names(config_dir).unwrap_or_default().into_iter();
        let readers = jails.filter(|jail| jail.backend.starts_with("systemd"));
        Inputs(readers.map(|jail| (jail.name, journal())).collect())
    }

    /// The sources of a jail.
    ///
    /// # Errors
    ///
    /// Where it has none.
    pub(super) fn sources(&self, jail: &str, rules: &Rules) -> Result<Vec<LogSource>, String> {
        if let Some(sources) = self.0.get(jail) {
            return Ok(sources.clone());
        }
        let Some(logpath) = &rules.logpath else {
            return Err("it has no logpath".into());
        };
        let sources = of_logpath(logpath);
        if sources.is_empty() {
            let logpath = logpath.text.replace('\n', ", ");
            return Err(format!("no log at its logpath {logpath}"));
        }
        Ok(sources)
    }
}

fn of_jail(parts: &JailParts) -> Vec<LogSource> {
    match parts.input.source {
        Source::Journal | Source::JournalWithoutLogs => journal(),
        Source::Logs => {
            let found = parts.input.logs.iter().flat_map(|log| &log.found);
            found
                .map(|path| LogSource::File(PathBuf::from(path)))
                .collect()
        }
        Source::LogsMissing | Source::Skipped | Source::Nothing => Vec::new(),
    }
}

fn journal() -> Vec<LogSource> {
    vec![LogSource::Journal(JournalSource {
        spec: "systemd-journal".to_owned(),
        ..JournalSource::default()
    })]
}
