//! Where the filter that a FILTER argument names is: as typed, or below the configuration
//! directory. Only names and whether files are there; nothing is read here.

use std::path::{Path, PathBuf};

use super::options::{self, Named, OptionSyntax};
use super::paths;
use super::python::is_word;
use super::warning::{ConfigWarning, WarningKind};

/// The environment's name for what stands in place of [`SYSTEM_DIR`].
const SYSTEM_DIR_VARIABLE: &str = "F2B_CONFIG";

/// Where a machine's fail2ban has its configuration.
const SYSTEM_DIR: &str = "/etc/fail2ban";

/// In what order a FILTER argument is looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// A file as typed, then the configuration directory.
    #[default]
    TypedFirst,
    /// As upstream does, and a file as typed where upstream finds nothing: for the classic report.
    UpstreamFirst,
    /// As upstream does and nothing else: under upstream's name.
    Upstream,
}

/// The configuration directory of the machine, whether it is there or not.
fn system_dir() -> PathBuf {
    let other = std::env::var_os(SYSTEM_DIR_VARIABLE).filter(|dir| !dir.is_empty());
    other.map_or_else(|| PathBuf::from(SYSTEM_DIR), PathBuf::from)
}

/// The configuration directory: the one given, else the machine's. Where the machine has none, it
/// is the nearest directory upwards from the filter file, if there is one, or from the current
/// directory that holds a `filter.d`: a checkout of a filter repository.
pub(crate) fn config_dir(given: Option<&Path>, filter: Option<&Path>, lookup: Lookup) -> PathBuf {
    if let Some(given) = given {
        return given.to_owned();
    }
    let system = system_dir();
    let is_there = ["filter.d", "jail.conf", "jail.local"]
        .iter()
        .any(|name| system.join(name).exists());
    if is_there || lookup == Lookup::Upstream {
        return system;
    }
    let beside = filter.and_then(|file| file.parent()).and_then(upwards);
    beside.or_else(repository).unwrap_or(system)
}

/// The configuration directories in which a filter repository looks for what its filters include:
/// the one given, else the nearest upwards from `start` that holds a `filter.d`, and the machine's.
pub(crate) fn include_dirs(given: Option<&Path>, start: &Path) -> Vec<PathBuf> {
    match given {
        Some(given) => vec![given.to_owned()],
        None => upwards(start).into_iter().chain([system_dir()]).collect(),
    }
}

/// The nearest directory upwards from the current one that holds a `filter.d`.
fn repository() -> Option<PathBuf> {
    upwards(Path::new(""))
}

fn upwards(start: &Path) -> Option<PathBuf> {
    let here = if start.as_os_str().is_empty() {
        Path::new(".")
    } else {
        start
    };
    if here.join("filter.d").is_dir() {
        return Some(here.to_owned());
    }
    let full = here.canonicalize().ok()?;
    let found = full.ancestors().skip(1);
    let mut found = found.filter(|place| place.join("filter.d").is_dir());
    found.next().map(Path::to_owned)
}

/// An existing file under the name as typed, relative to the current directory, and the options
/// behind it. A bare word is none: it names a jail or filter of the configuration.
pub(super) fn typed_file(spec: &str) -> Result<Option<Named>, OptionSyntax> {
    if let Some(file) = existing(spec) {
        return Ok(Some((file, Vec::new())));
    }
    if !spec.trim_end().ends_with(']') {
        return Ok(None);
    }
    for (at, _) in spec.match_indices('[') {
        if let Some(file) = existing(&spec[..at]) {
            // any name before the bracket does
            let (_, given) = options::extract(&format!("x{}", &spec[at..]))?;
            return Ok(Some((file, given)));
        }
    }
    Ok(None)
}

/// The file that `spec` names as typed, and its options as text.
pub(crate) fn typed_path(spec: &str) -> Option<(String, String)> {
    let (file, _) = typed_file(spec).ok()??;
    // the path may have been typed without its suffix
    let stem = file.strip_suffix(".conf").or(file.strip_suffix(".local"));
    let behind = |name: &str| spec.strip_prefix(name);
    let options = behind(&file).or_else(|| behind(stem?)).unwrap_or_default();
    Some((file.clone(), options.to_owned()))
}

/// The file of that name; of a path without a suffix, the `.conf` or `.local` too.
fn existing(name: &str) -> Option<String> {
    let is_path = name.contains('/');
    if !is_path && Path::new(name).extension().is_none() {
        return None;
    }
    let is_file = |name: &str| Path::new(name).is_file();
    if is_file(name) {
        return Some(name.to_owned());
    }
    let mut others = [".conf", ".local"].iter().map(|e| format!("{name}{e}"));
    others.find(|other| is_path && !has_extension(name) && is_file(other))
}

/// The base directory of a filter file that stands in a `filter.d` and is read as one there, with
/// its `.local` and `.d/`; None for a file from elsewhere.
pub(super) fn base_of(file: &str) -> Option<String> {
    if !(file.ends_with(".conf") || file.ends_with(".local")) {
        return None;
    }
    let directory = paths::dirname(file);
    if paths::basename(directory) == "filter.d" {
        let base = paths::dirname(directory);
        return Some(if base.is_empty() { "." } else { base }.to_owned());
    }
    let place = if directory.is_empty() { "." } else { directory };
    let full = Path::new(place).canonicalize().ok()?;
    full.ends_with("filter.d").then(|| paths::join(place, ".."))
}

/// Whether the argument may name something to upstream:
/// `(?ms)^/{0,3}[\w/_\-.]+(?:\[.*\])?$`, found on any of its lines.
pub(super) fn looks_like_name(spec: &str) -> bool {
    let line_end = |rest: &str| rest.is_empty() || rest.starts_with('\n');
    let starts = spec.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).any(|start| {
        let rest = &spec[start..];
        let length = rest
            .find(|c: char| !(is_word(c) || matches!(c, '/' | '-' | '.')))
            .unwrap_or(rest.len());
        let behind = &rest[length..];
        let options_end = |(at, _)| line_end(&behind[at + 1..]);
        length > 0
            && (line_end(behind)
                || behind.starts_with('[') && behind.match_indices(']').any(options_end))
    })
}

/// Whether the name can only be a file: `(?ms)(?:/|\.(?:conf|local)$)`.
pub(super) fn is_file_name(name: &str) -> bool {
    name.contains('/')
        || name
            .split('\n')
            .any(|line| line.ends_with(".conf") || line.ends_with(".local"))
}

/// Whether one of the last six characters is a dot: upstream's test for an extension.
pub(super) fn has_extension(name: &str) -> bool {
    name.chars().rev().take(6).any(|c| c == '.')
}

/// Looks for the filter file as upstream does; the file and its base directory, if it is there.
pub(super) fn configured_file(config: &str, name: &str) -> Option<(String, String)> {
    let tried: &[&str] = if has_extension(name) {
        &[""]
    } else {
        &["", ".conf", ".local"]
    };
    for extension in tried {
        let file = format!("{name}{extension}");
        let (file, basedir) = if paths::dirname(&file) == "filter.d" {
            (paths::join(config, &file), config.to_owned())
        } else if file.contains('/') {
            let basedir = paths::dirname(&file).to_owned();
            (file, basedir)
        } else if paths::basename(config) == "filter.d" {
            (paths::join(config, &file), config.to_owned())
        } else {
            let directory = paths::join(config, "filter.d");
            (paths::join(&directory, &file), config.to_owned())
        };
        if Path::new(&file).is_file() {
            return Some((file, basedir));
        }
    }
    None
}

/// Two files could be meant: says which was read and how to get the other.
fn shadowed(read: &str, other: &str, write: &str) -> Option<ConfigWarning> {
    let real = |path: &str| Path::new(path).canonicalize();
    if real(read).ok()? == real(other).ok()? {
        return None;
    }
    Some(ConfigWarning {
        kind: WarningKind::ShadowedFile,
        file: Some(PathBuf::from(read)),
        line: None,
        message: format!("read, not {other}, which has the same name; write {write} to read that"),
    })
}

/// A file as typed was read: is one of that name below the configuration directory, too?
pub(super) fn shadowed_by_typed(typed: &str, config: &str) -> Option<ConfigWarning> {
    let (other, _) = configured_file(config, typed)?;
    shadowed(typed, &other, &other)
}

/// A file of the configuration directory was read: is one of that name here, too? With a
/// configuration directory that was `given` only a path as typed can be meant.
pub(super) fn shadowed_by_configured(name: &str, read: &str, given: bool) -> Option<ConfigWarning> {
    if let Ok(Some((typed, _))) = typed_file(name) {
        let write = if typed.starts_with(['/', '.']) {
            typed.clone()
        } else {
            format!("./{typed}")
        };
        return shadowed(read, &typed, &write);
    }
    if given || name.contains('/') {
        return None;
    }
    let here = repository()?.to_string_lossy().into_owned();
    let (other, _) = configured_file(&here, name)?;
    shadowed(read, &other, &other)
}
