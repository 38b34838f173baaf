//! What is asked of [`super::resolve`], and what it answers: a jail or filter, read.

use std::path::{Path, PathBuf};

use super::filter::Setting;
use super::locate::{self, Lookup};
use super::warning::ConfigWarning;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FilterRequest<'a> {
    /// The FILTER argument: `sshd[mode=aggressive]`, `filter.d/x.conf`, a regex.
    pub(crate) spec: &'a str,
    /// The configuration directory given (`-c`); None for the usual one, see
    /// [`locate::config_dir`].
    pub(crate) config_dir: Option<&'a Path>,
    /// Whether the log is a systemd journal: decides the default of `logtype`.
    pub(crate) backend_systemd: bool,
    /// In what order the places are looked at.
    pub(crate) lookup: Lookup,
}

impl FilterRequest<'_> {
    /// The configuration directory in which a filter file, or else a name, is looked up.
    pub(super) fn directory(&self, file: Option<&str>) -> String {
        let directory = locate::config_dir(self.config_dir, file.map(Path::new), self.lookup);
        directory.to_string_lossy().into_owned()
    }
}

/// What the FILTER argument turned out to be.
#[derive(Clone, Debug)]
pub(crate) enum Resolution {
    /// A jail or filter, read.
    Filter(Box<FilterSource>),
    /// A literal regex.
    Literal,
}

/// Where a filter came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FilterKind {
    /// A jail, and the filter it names, if any.
    Jail {
        /// Its section in the jail configuration.
        name: String,
        /// The jail's `filter`; None where it sets none.
        filter: Option<String>,
    },
    /// A file of `basedir`/filter.d, read with its `.local` and `.d/`.
    FilterD {
        /// Its name, without `.conf`.
        name: String,
        /// The configuration directory.
        basedir: PathBuf,
    },
    /// A file from elsewhere, read with its includes (and `.local`) only.
    Foreign {
        /// The path as the argument has it.
        name: String,
        /// Its path.
        path: PathBuf,
    },
}

/// A jail or filter, read.
#[derive(Clone, Debug)]
pub(crate) struct FilterSource {
    /// What FILTER named.
    pub(crate) kind: FilterKind,
    /// The options of `[…]` in order.
    pub(crate) given_options: Vec<(String, String)>,
    /// The options as the Python dict fail2ban-regex prints them.
    pub(crate) real_options_repr: String,
    /// In upstream's order.
    pub(crate) settings: Vec<Setting>,
    /// Every file that was read, in the order in which they count.
    pub(crate) files: Vec<PathBuf>,
    /// What its writer hardly meant.
    pub(crate) warnings: Vec<ConfigWarning>,
}

impl FilterSource {
    /// The file the filter is named after; included ones and `.local`s are not it.
    pub(crate) fn main_file(&self) -> Option<&Path> {
        let stem = match &self.kind {
            FilterKind::Foreign { path, .. } => {
                return Some(path);
            }
            FilterKind::Jail { name, filter } => filter.as_ref().unwrap_or(name),
            FilterKind::FilterD { name, .. } => name,
        };
        let is_it = |file: &&PathBuf| {
            let named = file.file_stem().is_some_and(|s| s == stem.as_str());
            named && file.parent().is_some_and(|p| p.ends_with("filter.d"))
        };
        self.files.iter().find(is_it).map(PathBuf::as_path)
    }

    /// The name of the filter, that of a jail too, without path and suffix.
    pub(crate) fn filter_name(&self) -> String {
        match &self.kind {
            FilterKind::Jail { name, filter } => filter.as_ref().unwrap_or(name).clone(),
            FilterKind::FilterD { name, .. } | FilterKind::Foreign { name, .. } => {
                let file = name.rsplit('/').next().unwrap_or(name);
                file.trim_end_matches(".conf").to_string()
            }
        }
    }

    /// Whether upstream, having read and announced this filter, goes on with the
    /// argument itself as a literal failregex: `readRegex` does so for a file that
    /// sets nothing at all, such as one made to be included.
    pub(crate) fn falls_back_to_literal(&self) -> bool {
        self.settings.is_empty() && !matches!(self.kind, FilterKind::Jail { .. })
    }
}
