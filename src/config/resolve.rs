//! What a FILTER argument names: a jail, a filter file or a literal regex
//! (`readRegex` of upstream's fail2banregex.py), read to the end.

use std::path::{Path, PathBuf};

use super::error::Fault;
use super::failure::{ConfigError, Stage};
use super::filter::{self, Setting};
use super::include::Library;
use super::ini::Sections;
use super::jail::Jail;
use super::lint::{self, Subject};
use super::options;
use super::paths;
use super::python::{self, is_word};
use super::reader::{self, Definition};
use super::text::Text;
use super::value::{Options, Value, merged};
use super::warning::{ConfigWarning, WarningKind};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilterRequest<'a> {
    /// The FILTER argument: `sshd[mode=aggressive]`, `filter.d/x.conf`, a regex.
    pub(crate) spec: &'a str,
    /// The configuration directory (`-c`).
    pub(crate) config_dir: &'a Path,
    /// Whether the log is a systemd journal: decides the default of `logtype`.
    pub(crate) backend_systemd: bool,
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

    /// Whether upstream, having read and announced this filter, goes on with the
    /// argument itself as a literal failregex: `readRegex` does so for a file that
    /// sets nothing at all, such as one made to be included.
    pub(crate) fn falls_back_to_literal(&self) -> bool {
        self.settings.is_empty() && !matches!(self.kind, FilterKind::Jail { .. })
    }
}

/// Finds and reads what `request.spec` names.
///
/// # Errors
///
/// Where fail2ban-regex gives up: see [`ConfigError`].
pub(crate) fn resolve(request: &FilterRequest) -> Result<Resolution, ConfigError> {
    Loader::default().resolve(request)
}

fn resolved(request: &FilterRequest, library: Library) -> Result<Resolution, ConfigError> {
    if !looks_like_name(request.spec) {
        return Ok(Resolution::Literal);
    }
    let config = request.config_dir.to_string_lossy().into_owned();
    let mut run = Run {
        request,
        library,
        before: Vec::new(),
    };
    let (name, given) = options::extract(request.spec)
        .map_err(|problem| run.failed(Stage::Name, Fault::OptionSyntax { problem }))?;
    let jail = if is_file_name(&name) {
        None
    } else {
        Jail::find(&mut run.library, &config, &name)
            .map_err(|fault| run.failed(Stage::Name, fault))?
    };
    if let Some(jail) = jail {
        return run.jail(jail, name, given);
    }
    match find_file(&config, &name) {
        Some(basedir) => run.filter(name, given, &config, basedir),
        None => Ok(Resolution::Literal),
    }
}

/// Whether the argument may name something: upstream's
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
fn has_extension(name: &str) -> bool {
    name.chars().rev().take(6).any(|c| c == '.')
}

/// Looks for the filter file; the base directory if there is one.
fn find_file(config: &str, name: &str) -> Option<String> {
    let tried: &[&str] = if has_extension(name) {
        &[""]
    } else {
        &["", ".conf", ".local"]
    };
    for extension in tried {
        let file = format!("{name}{extension}");
        let (file, basedir) = if paths::dirname(&file) == "filter.d" {
            (paths::join(config, &file), config)
        } else if file.contains('/') {
            let basedir = paths::dirname(&file).to_owned();
            if Path::new(&file).is_file() {
                return Some(basedir);
            }
            continue;
        } else if paths::basename(config) == "filter.d" {
            (paths::join(config, &file), config)
        } else {
            (paths::join(&paths::join(config, "filter.d"), &file), config)
        };
        if Path::new(&file).is_file() {
            return Some(basedir.to_owned());
        }
    }
    None
}

/// A file of that name exists here, but `filter.d/…` is taken below the
/// configuration directory.
fn shadowed_file(name: &str, config: &str) -> Option<ConfigWarning> {
    if paths::dirname(name) != "filter.d" {
        return None;
    }
    let here = [name.to_owned(), format!("{name}.conf")];
    let here = here.iter().find(|file| Path::new(file).is_file())?;
    let read = paths::join(config, here);
    let same = match (
        Path::new(here).canonicalize(),
        Path::new(&read).canonicalize(),
    ) {
        (Ok(here), Ok(read)) => here == read,
        _ => false,
    };
    (!same).then(|| ConfigWarning {
        kind: WarningKind::ShadowedFile,
        file: Some(PathBuf::from(here)),
        line: None,
        message: format!(
            "not read: filter.d is looked for in {config}; write ./{here} to read this file"
        ),
    })
}

/// Reads many filters and jails, each file once, and the jails of a directory merged once.
/// [`resolve`] reads for one only.
#[derive(Default)]
pub(crate) struct Loader {
    library: Library,
}

impl Loader {
    /// As [`resolve`], for one of many.
    ///
    /// # Errors
    ///
    /// See [`ConfigError`].
    pub(crate) fn resolve(&self, request: &FilterRequest) -> Result<Resolution, ConfigError> {
        resolved(request, self.library())
    }

    /// What is read so far, for another run.
    pub(super) fn library(&self) -> Library {
        self.library.sharing_files()
    }

    /// A filter file with options. A file in a `filter.d` is read with its `.local` and
    /// `.d/`; the path may hold any character.
    ///
    /// # Errors
    ///
    /// See [`ConfigError`].
    pub(crate) fn filter(
        &self,
        file: &Path,
        options: &[(String, String)],
    ) -> Result<Resolution, ConfigError> {
        let name = file.to_string_lossy().into_owned();
        let basedir = paths::dirname(&name).to_owned();
        let request = FilterRequest {
            spec: &name,
            config_dir: Path::new(""),
            backend_systemd: false,
        };
        self.run(&request)
            .filter(name.clone(), options.to_vec(), "", basedir)
    }

    /// A jail of the jail.conf below `config`; [`Resolution::Literal`] if it has none of
    /// that name.
    ///
    /// # Errors
    ///
    /// See [`ConfigError`].
    pub(crate) fn jail(&self, config: &Path, name: &str) -> Result<Resolution, ConfigError> {
        let request = FilterRequest {
            spec: name,
            config_dir: config,
            backend_systemd: false,
        };
        let mut run = self.run(&request);
        let directory = config.to_string_lossy().into_owned();
        match Jail::find(&mut run.library, &directory, name) {
            Ok(Some(jail)) => run.jail(jail, name.to_owned(), Vec::new()),
            Ok(None) => Ok(Resolution::Literal),
            Err(fault) => Err(run.failed(Stage::Name, fault)),
        }
    }

    fn run<'a>(&self, request: &'a FilterRequest<'a>) -> Run<'a> {
        Run {
            request,
            library: self.library(),
            before: Vec::new(),
        }
    }
}

/// One call of [`resolve`].
struct Run<'a> {
    request: &'a FilterRequest<'a>,
    library: Library,
    /// What fail2ban-regex has printed so far.
    before: Vec<String>,
}

type Given = Vec<(String, String)>;

impl Run<'_> {
    fn failed(&self, stage: Stage, fault: Fault) -> ConfigError {
        ConfigError {
            fault: Box::new(fault),
            stage,
            spec: self.request.spec.to_owned(),
            before: self.before.clone(),
        }
    }

    fn announce(&mut self, line: String, options: &str, given: &Given) {
        self.before.push(line);
        if !given.is_empty() {
            let items = given.iter();
            let items = items.map(|(name, value)| (name.as_str(), python::repr(value)));
            let given = python::repr_dict(items);
            self.before.push(format!("Use {options} options : {given}"));
        }
    }

    fn jail(
        mut self,
        mut jail: Jail,
        name: String,
        given: Given,
    ) -> Result<Resolution, ConfigError> {
        self.announce(format!("Use             jail : {name}"), "jail/flt", &given);
        let systemd = self.request.backend_systemd;
        let mut added = plain_options(&given);
        let backend = if systemd { "systemd" } else { "auto" };
        added.insert("backend".to_owned(), Value::Text(Text::plain(backend)));

        jail.load(&mut self.library, &added)
            .map_err(|(stage, fault)| self.failed(stage, fault))?;
        let failed = |fault| self.failed(Stage::Combine, fault);
        let (commands, options) = jail.filter_commands().map_err(failed)?;
        jail.check_actions().map_err(failed)?;
        let mut settings: Vec<Setting> = commands.into_iter().flatten().collect();
        let combined = merged(&jail.options, &options);
        for (name, value) in &jail.options {
            match name.as_str() {
                "logencoding" => settings.push(Setting::LogEncoding(value.sourced())),
                "logtimezone" => settings.push(Setting::LogTimezone(value.sourced())),
                _ => {}
            }
        }
        let filter = jail.filter.as_ref();
        if let Some((_, filter)) = filter {
            let subject = Subject {
                sections: &filter.sections,
                jail: jail.sections.named.get(&name),
                combined: &combined,
                settings: &settings,
                given: &given,
            };
            self.library.warnings.extend(lint::lint(&subject));
        }
        let real = real_options(&combined, &added, |name| match filter {
            Some((_, filter)) => filter.plain_value(name),
            None => Some(Value::None),
        });
        let kind = FilterKind::Jail {
            name,
            filter: filter.map(|(name, _)| name.clone()),
        };
        Ok(self.finish(kind, given, real, settings))
    }

    fn filter(
        mut self,
        name: String,
        given: Given,
        config: &str,
        basedir: String,
    ) -> Result<Resolution, ConfigError> {
        let in_filter_d = paths::basename(&basedir) == "filter.d";
        let standard =
            basedir == config || in_filter_d || !has_extension(&name) && !name.contains('/');
        let shadowed = shadowed_file(&name, config);
        let (kind, reading) = if standard {
            let basedir = if in_filter_d {
                paths::dirname(&basedir).to_owned()
            } else {
                basedir
            };
            let name = paths::stem(paths::basename(&name)).to_owned();
            let line = format!("Use      filter file : {name}, basedir: {basedir}");
            self.announce(line, "  filter", &given);
            let directory = basedir.trim_end_matches('/');
            let path = paths::join("filter.d", &name);
            let reading = reader::read(&mut self.library, directory, &path);
            let basedir = PathBuf::from(basedir);
            (FilterKind::FilterD { name, basedir }, reading)
        } else {
            let line = format!("Use      filter file : {name}");
            self.announce(line, "  filter", &given);
            let path = if name.starts_with('/') {
                name.clone()
            } else {
                paths::abspath(&name)
            };
            let mut sections = Sections::default();
            let read = self
                .library
                .read(&mut sections, std::slice::from_ref(&path));
            let reading = read.map(|read| reader::Reading {
                problem: read.is_empty().then(|| {
                    let reason = self.library.problem(&path);
                    let reason = reason.unwrap_or("unreadable".to_owned());
                    format!("{path}: {reason}")
                }),
                sections,
            });
            let path = PathBuf::from(path);
            (FilterKind::Foreign { name, path }, reading)
        };
        let reading = reading.map_err(|fault| self.failed(Stage::Read, fault))?;
        if let Some(reason) = reading.problem {
            let name = self.request.spec.to_owned();
            return Err(self.failed(
                Stage::Read,
                Fault::FilterUnreadable {
                    name,
                    reason: reason.into(),
                },
            ));
        }
        let failed = |fault| self.failed(Stage::Combine, fault);
        let mut filter = Definition::new(reading.sections, plain_options(&given), filter::EXPECTED);
        filter::apply_auto_options(&mut filter, self.request.backend_systemd);
        filter.load(&Options::new(), false).map_err(failed)?;
        let combined = filter.combined(&[]).map_err(failed)?;
        let mut commands = Vec::new();
        filter::add_commands(&mut commands, &combined).map_err(failed)?;
        let settings: Vec<Setting> = commands.into_iter().flatten().collect();
        let subject = Subject {
            sections: &filter.sections,
            jail: None,
            combined: &combined,
            settings: &settings,
            given: &given,
        };
        let found = lint::lint(&subject);
        // Upstream hands its dict of given options on, so that `[Init]` shows up in it.
        let real = real_options(&combined, &filter.init, |name| filter.plain_value(name));
        self.library.warnings.extend(found);
        self.library.warnings.extend(shadowed);
        Ok(self.finish(kind, given, real, settings))
    }

    fn finish(
        self,
        kind: FilterKind,
        given_options: Given,
        real: Options,
        settings: Vec<Setting>,
    ) -> Resolution {
        let repr = real
            .iter()
            .map(|(name, value)| (name.as_str(), value.repr()));
        Resolution::Filter(Box::new(FilterSource {
            kind,
            given_options,
            real_options_repr: python::repr_dict(repr),
            settings,
            files: self.library.used.iter().map(PathBuf::from).collect(),
            warnings: self.library.warnings,
        }))
    }
}

fn plain_options(given: &Given) -> Options {
    let plain =
        |(name, value): &(String, String)| (name.clone(), Value::Text(Text::plain(value.clone())));
    given.iter().map(plain).collect()
}

/// Upstream's `_dumpRealOptions`.
fn real_options(
    combined: &Options,
    given: &Options,
    definition: impl Fn(&str) -> Option<Value>,
) -> Options {
    let names = ["logtype", "datepattern"].into_iter();
    let names = names.chain(given.keys().map(String::as_str));
    let mut real = Options::new();
    for name in names {
        if let Some(value) = combined.get(name).cloned().or_else(|| definition(name)) {
            real.insert(name.to_owned(), value);
        }
    }
    real
}
