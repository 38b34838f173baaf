//! Which filters, jails and sample files a check is about: from paths to targets.

use super::raw::RawFile;
use super::structure;
use indexmap::IndexSet;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A filter file to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilterFile {
    /// Its name without extension: that of its sample log.
    pub(crate) name: String,
    /// The file.
    pub(crate) path: PathBuf,
    /// Whether another of the filters includes it: it need not work by itself.
    pub(crate) included: bool,
}

/// A jail to check.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct JailName {
    /// The configuration directory.
    pub(crate) config: PathBuf,
    /// The jail.
    pub(crate) name: String,
}

/// Everything a check is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    /// Filters, sorted by name within each path given.
    pub(crate) filters: Vec<FilterFile>,
    /// Jails in the order of their files.
    pub(crate) jails: Vec<JailName>,
}

/// A path nothing can be checked in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiscoverError {
    /// It does not exist or cannot be read.
    #[error("{}: {error}: expected a filter file (x.conf), a directory of them, or a \
             configuration directory", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// There is nothing to check in it.
    #[error("{}: expected a filter file (x.conf), a directory of them, or a configuration \
             directory with filter.d, jail.conf or jail.d", .0.display())]
    Nothing(PathBuf),
}

/// Finds the filters and jails of `paths`.
///
/// A path is a filter file, a jail.conf or a file of jail.d, a directory of filter files, or a
/// configuration directory (with a `filter.d`, a `jail.conf` or a `jail.d`).
///
/// # Errors
///
/// Where a path does not exist or holds nothing to check.
pub(crate) fn discover(paths: &[PathBuf]) -> Result<Targets, DiscoverError> {
    let mut targets = Targets::default();
    for path in paths {
        // a bare name would be looked up below a configuration directory
        let path = &if path.is_relative() && !path.starts_with("./") && !path.starts_with("../") {
            Path::new(".").join(path)
        } else {
            path.clone()
        };
        let unreadable = |error| DiscoverError::Unreadable {
            path: shown(path).to_path_buf(),
            error,
        };
        let kind = std::fs::metadata(path).map_err(unreadable)?;
        let before = (targets.filters.len(), targets.jails.len());
        if !kind.is_dir() {
            let parent = path.parent().unwrap_or(Path::new("."));
            match path.file_stem().and_then(|stem| stem.to_str()) {
                Some("jail") => targets.jails.extend(jails(parent)),
                Some(_) if parent.file_name().is_some_and(|name| name == "jail.d") => {
                    let config = parent.parent().unwrap_or(Path::new("."));
                    targets.jails.extend(jails_of(config, [path.clone()]));
                }
                Some(name) => targets.filters.push(FilterFile {
                    name: name.to_string(),
                    path: path.clone(),
                    included: false,
                }),
                None => {}
            }
        } else if path.join("filter.d").is_dir() || has_jails(path) {
            targets
                .filters
                .extend(filters(&path.join("filter.d")).unwrap_or_default());
            targets.jails.extend(jails(path));
        } else {
            targets.filters.extend(filters(path).map_err(unreadable)?);
        }
        if before == (targets.filters.len(), targets.jails.len()) {
            return Err(DiscoverError::Nothing(shown(path).to_path_buf()));
        }
    }
    Ok(targets)
}

/// A path as the user gave it: without the `./` put before it, or the current directory.
pub(crate) fn shown(path: &Path) -> &Path {
    static HERE: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::current_dir().ok());
    let here = HERE.as_ref().and_then(|here| path.strip_prefix(here).ok());
    here.or_else(|| path.strip_prefix("./").ok())
        .unwrap_or(path)
}

fn has_jails(directory: &Path) -> bool {
    !jail_files(directory).is_empty()
}

fn is_config(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e == "conf" || e == "local")
}

/// The filter files of a directory; a `.local` beside its `.conf` is part of that one.
pub(super) fn filters(directory: &Path) -> std::io::Result<Vec<FilterFile>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let Some(name) = name.filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let local = path.extension().is_some_and(|e| e == "local");
        if is_config(&path) && path.is_file() && !(local && path.with_extension("conf").is_file()) {
            found.push(FilterFile {
                name: name.to_string(),
                path: path.clone(),
                included: false,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let included: HashSet<String> = found
        .iter()
        .flat_map(|filter| includes(&filter.path))
        .collect();
    for filter in &mut found {
        let name = filter.path.file_name().and_then(|name| name.to_str());
        filter.included = name.is_some_and(|name| included.contains(name));
    }
    Ok(found)
}

/// The files a file includes, as it spells them.
fn includes(path: &Path) -> Vec<String> {
    let entries = structure::includes(&RawFile::read(path)).into_iter();
    entries.map(|(_, entry)| entry).collect()
}

/// The jail files of a configuration directory, in the order in which fail2ban reads them.
pub(super) fn jail_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for extension in ["conf", "local"] {
        files.push(directory.join(format!("jail.{extension}")));
        let mut more: Vec<PathBuf> = std::fs::read_dir(directory.join("jail.d"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == extension))
            .collect();
        more.sort();
        files.extend(more);
    }
    files.retain(|file| file.is_file());
    files
}

/// The jails of a configuration directory: the sections of its jail files.
pub(super) fn jails(directory: &Path) -> Vec<JailName> {
    jails_of(directory, jail_files(directory))
}

/// The jails of some of its jail files.
fn jails_of(directory: &Path, files: impl IntoIterator<Item = PathBuf>) -> Vec<JailName> {
    let mut found: IndexSet<JailName> = IndexSet::new();
    for file in files {
        for (section, _) in RawFile::read(&file).sections {
            let reserved = ["DEFAULT", "INCLUDES", "Definition", "Init"];
            let jail = JailName {
                config: directory.to_path_buf(),
                name: section,
            };
            if !reserved.contains(&jail.name.as_str()) {
                found.insert(jail);
            }
        }
    }
    found.into_iter().collect()
}

/// The annotated log of a filter in the sample directories: `name` or `name.log`.
pub(crate) fn sample_log(directories: &[PathBuf], name: &str) -> Option<PathBuf> {
    directories.iter().find_map(|directory| {
        if directory.is_file() {
            let stem = directory.file_stem().is_some_and(|stem| stem == name);
            return stem.then(|| directory.clone());
        }
        let names = [name.to_string(), format!("{name}.log")];
        names
            .iter()
            .map(|name| directory.join(name))
            .find(|path| path.is_file())
    })
}
