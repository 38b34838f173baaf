//! What a FILTER argument names: a jail, a filter file or a literal regex
//! (`readRegex` of upstream's fail2banregex.py), read to the end.

use std::path::{Path, PathBuf};

use super::error::Fault;
use super::failure::{ConfigError, Stage};
use super::filter::{self, Setting};
use super::include::{self, Library};
use super::ini::Sections;
use super::jail::Jail;
use super::lint::{self, Subject};
use super::locate::{self, Lookup};
use super::nofilter;
use super::options;
use super::paths;
use super::python;
use super::reader::Definition;
use super::source::{FilterKind, FilterRequest, FilterSource, Resolution};
use super::text::Text;
use super::value::{Options, Value, merged};
use super::warning::{ConfigWarning, WarningKind};

/// Finds and reads what `request.spec` names.
///
/// # Errors
///
/// Where fail2ban-regex gives up (see [`ConfigError`]), and for a file that exists and is no
/// filter; with upstream's lookup that one is a literal regex.
pub(crate) fn resolve(request: &FilterRequest) -> Result<Resolution, ConfigError> {
    Loader::default().resolve(request)
}

fn resolved(request: &FilterRequest, loader: &Loader) -> Result<Resolution, ConfigError> {
    let typed = || -> Result<Option<Resolution>, ConfigError> {
        let run = Run::new(request, loader.library());
        let found = locate::typed_file(request.spec)
            .map_err(|problem| run.failed(Stage::Name, Fault::OptionSyntax { problem }))?;
        let Some((file, given)) = found else {
            return Ok(None);
        };
        let shadowed = locate::shadowed_by_typed(&file, &request.directory(Some(&file)));
        let config_base = locate::base_of(&file);
        run.filter(file, given, config_base, shadowed).map(Some)
    };
    if request.lookup == Lookup::TypedFirst
        && let Some(found) = typed()?
    {
        return Ok(found);
    }
    match configured(request, loader.library())? {
        Resolution::Literal if request.lookup == Lookup::UpstreamFirst => {
            Ok(typed()?.unwrap_or(Resolution::Literal))
        }
        found => Ok(found),
    }
}

/// What upstream finds: a jail, or a filter of the configuration directory.
fn configured(request: &FilterRequest, library: Library) -> Result<Resolution, ConfigError> {
    if !locate::looks_like_name(request.spec) {
        return Ok(Resolution::Literal);
    }
    let config = request.directory(None);
    let mut run = Run::new(request, library);
    let (name, given) = options::extract(request.spec)
        .map_err(|problem| run.failed(Stage::Name, Fault::OptionSyntax { problem }))?;
    let jail = if locate::is_file_name(&name) {
        None
    } else {
        Jail::find(&mut run.library, &config, &name)
            .map_err(|fault| run.failed(Stage::Name, fault))?
    };
    if let Some(jail) = jail {
        return run.jail(jail, name, given);
    }
    let Some((file, basedir)) = locate::configured_file(&config, &name) else {
        return Ok(Resolution::Literal);
    };
    let shadowed = locate::shadowed_by_configured(&name, &file, request.config_dir.is_some());
    let in_filter_d = paths::basename(&basedir) == "filter.d";
    let standard =
        basedir == config || in_filter_d || !locate::has_extension(&name) && !name.contains('/');
    let config_base = standard.then(|| {
        if in_filter_d {
            paths::dirname(&basedir).to_owned()
        } else {
            basedir
        }
    });
    run.filter(name, given, config_base, shadowed)
}

/// Reads many filters and jails, each file once, and the jails of a directory merged once.
/// The function [`resolve`] reads everything anew.
#[derive(Default)]
pub(crate) struct Loader {
    library: Library,
}

impl Loader {
    /// A loader that also looks in these directories for includes, for jail.conf, and for the
    /// filters and actions of jails, which fail2ban does not: for files that are yet to be put there.
    pub(crate) fn including_from(elsewhere: &[String]) -> Loader {
        Loader {
            library: Library::including_from(elsewhere),
        }
    }

    /// A loader that reads these texts in place of those of the files: what would be with them?
    pub(crate) fn replacing(files: &[(String, String)]) -> Loader {
        Loader {
            library: Library::replacing(files),
        }
    }

    /// As [`resolve`], for one of many.
    ///
    /// # Errors
    ///
    /// See [`ConfigError`].
    pub(crate) fn resolve(&self, request: &FilterRequest) -> Result<Resolution, ConfigError> {
        resolved(request, self)
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
        let request = FilterRequest {
            spec: &name,
            // a file made to be included is not told apart here
            lookup: Lookup::Upstream,
            ..FilterRequest::default()
        };
        let basedir = paths::dirname(&name);
        let config_base = (paths::basename(basedir) == "filter.d" || basedir.is_empty())
            .then(|| paths::dirname(basedir).to_owned());
        self.run(&request)
            .filter(name.clone(), options.to_vec(), config_base, None)
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
            config_dir: Some(config),
            lookup: Lookup::Upstream,
            ..FilterRequest::default()
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
        Run::new(request, self.library())
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
type Read = Result<include::Reading, Fault>;

impl<'a> Run<'a> {
    fn new(request: &'a FilterRequest<'a>, library: Library) -> Run<'a> {
        Run {
            request,
            library,
            before: Vec::new(),
        }
    }

    fn failed(&self, stage: Stage, fault: Fault) -> ConfigError {
        let referred = matches!(fault, Fault::UnknownReference { .. });
        let warnings = self.library.warnings.iter().filter(|_| referred);
        let unread = |warning: &&ConfigWarning| warning.kind == WarningKind::IncludeUnreadable;
        let unread = warnings.into_iter().find(unread);
        ConfigError {
            fault: Box::new(fault),
            unread: unread.map_or_else(String::new, |warning| format!("; {warning}")),
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

    /// A filter file: with a base directory the filter of that name below it, else the file
    /// alone, with its includes and `.local`.
    fn filter(
        mut self,
        name: String,
        given: Given,
        basedir: Option<String>,
        shadowed: Option<ConfigWarning>,
    ) -> Result<Resolution, ConfigError> {
        let (kind, reading) = match basedir {
            Some(basedir) => self.standard(&name, &given, basedir),
            None => self.foreign(name.clone(), &given),
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
        if settings.is_empty() && self.request.lookup == Lookup::TypedFirst {
            let file = self.library.used.first().cloned().unwrap_or(name);
            let reason = nofilter::reason(&file, &filter.sections);
            return Err(self.failed(
                Stage::Read,
                Fault::NotAFilter {
                    name: file.into(),
                    reason: reason.into(),
                },
            ));
        }
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

    /// Reads the filter `name` of `basedir`/filter.d, with its `.local` and `.d/`.
    fn standard(&mut self, name: &str, given: &Given, basedir: String) -> (FilterKind, Read) {
        let name = paths::stem(paths::basename(name)).to_owned();
        let line = format!("Use      filter file : {name}, basedir: {basedir}");
        self.announce(line, "  filter", given);
        let directory = basedir.trim_end_matches('/');
        let path = paths::join("filter.d", &name);
        let reading = self.library.configuration(directory, &path);
        let basedir = PathBuf::from(basedir);
        (FilterKind::FilterD { name, basedir }, reading)
    }

    /// Reads a file from elsewhere.
    fn foreign(&mut self, name: String, given: &Given) -> (FilterKind, Read) {
        self.announce(format!("Use      filter file : {name}"), "  filter", given);
        let path = if name.starts_with('/') {
            name.clone()
        } else {
            paths::abspath(&name)
        };
        let mut sections = Sections::default();
        let read = (self.library).read(&mut sections, std::slice::from_ref(&path));
        let reading = read.map(|read| include::Reading {
            problem: read.is_empty().then(|| {
                let reason = self.library.problem(&path);
                let reason = reason.unwrap_or("unreadable".to_owned());
                format!("{path}: {reason}")
            }),
            sections,
        });
        let path = PathBuf::from(path);
        (FilterKind::Foreign { name, path }, reading)
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
