//! The machine whose jails are looked at, and what they share.

use super::journal::Journal;
use crate::analysis::check::{
    ContinuedOption, MisspeltOption, continued_options, misspelt_options,
};
use crate::analysis::fit::Candidates;
use crate::config::{FilterRequest, Loader, Lookup, Machine, Resolution, Setting};
use crate::date::Clock;
use crate::input::journal::JournalMatch;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// How to look.
#[derive(Clone, Copy)]
pub(crate) struct Doctor<'a> {
    /// What stands for `/`; empty for this machine.
    pub(crate) root: &'a Path,
    /// Lines read of the end of each input.
    pub(crate) lines: u64,
    pub(crate) clock: &'a Clock,
    /// Look at logs, journal and programs, not at the configuration alone.
    pub(crate) environment: bool,
    /// Threads, all together.
    pub(crate) threads: usize,
}

/// All jails under diagnosis, and what they share.
pub(super) struct Ward<'a> {
    pub(super) doctor: &'a Doctor<'a>,
    pub(super) machine: &'a Machine,
    /// One per jail.
    pub(super) matches: Vec<Option<JournalMatch>>,
    pub(super) journal: OnceLock<Journal>,
    pub(super) misspelt: OnceLock<Vec<MisspeltOption>>,
    pub(super) continued: OnceLock<Vec<ContinuedOption>>,
    pub(super) filters: OnceLock<Option<Candidates>>,
    /// Threads on which a log is read: jails are looked at side by side.
    pub(super) threads: usize,
    pub(super) config_dir: PathBuf,
}

impl Ward<'_> {
    /// The journal, read when it is first asked for.
    pub(super) fn journal(&self) -> &Journal {
        let doctor = self.doctor;
        self.journal
            .get_or_init(|| Journal::read(doctor.root, doctor.lines, &self.matches, doctor.clock))
    }

    /// The options of the jail files that nothing reads because they are misspelt.
    pub(super) fn misspelt(&self) -> &[MisspeltOption] {
        self.misspelt
            .get_or_init(|| misspelt_options(&self.config_dir))
    }

    /// The settings of a filter as it reads a journal, or a log.
    pub(super) fn settings(
        &self,
        loader: &Loader,
        spec: &str,
        journal: bool,
    ) -> Option<Vec<Setting>> {
        let request = FilterRequest {
            spec,
            config_dir: Some(self.config_dir()),
            lookup: Lookup::Upstream,
            backend_systemd: journal,
        };
        match loader.resolve(&request) {
            Ok(Resolution::Filter(source)) => Some(source.settings),
            _ => None,
        }
    }

    /// The options of the jail files that continue another because they are indented.
    pub(super) fn continued(&self) -> &[ContinuedOption] {
        self.continued
            .get_or_init(|| continued_options(&self.config_dir))
    }

    /// All filters of the machine, for logs that are not what a jail's own filter is for.
    pub(super) fn filters(&self) -> Option<&Candidates> {
        let load = || Candidates::load(&self.config_dir, self.doctor.clock, false).ok();
        let filters = self.filters.get_or_init(|| {
            // a thread of its own: one of the pool that looks at the jails would take up the next
            // jail while it waits for the filters, and wait for itself
            std::thread::scope(|scope| {
                let loader = std::thread::Builder::new().spawn_scoped(scope, load);
                loader.ok()?.join().ok()?
            })
        });
        filters.as_ref()
    }

    /// Whether the machine is a copy.
    pub(super) fn is_copy(&self) -> bool {
        !self.doctor.root.as_os_str().is_empty()
    }

    pub(super) fn config_dir(&self) -> &Path {
        &self.config_dir
    }
}
