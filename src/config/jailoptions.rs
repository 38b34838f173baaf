//! What a jail says beyond its filter: maxretry, findtime, ignoreip and the like, and
//! which jails there are. What the values mean is the simulation's business.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::Fault;
use super::failure::{ConfigError, Stage};
use super::include::Library;
use super::ini::KNOWN;
use super::interpolate;
use super::jail::Jail;
use super::locate::{self, Lookup};
use super::options;
use super::resolve::Loader;
use super::source::FilterRequest;
use super::text::{Sourced, Text};
use super::value::{Kind, Options, Value, convert};

/// A jail of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JailName {
    /// Its section.
    pub(crate) name: String,
    /// Its option `enabled`.
    pub(crate) enabled: bool,
}

/// The options of the jail that `request.spec` names, those of `[DEFAULT]` among them,
/// `%(…)s` filled in; options that are not set are left out. Booleans read `True` or
/// `False`. `None`: the configuration has no such jail.
///
/// # Errors
///
/// As [`super::resolve`]'s.
pub(crate) fn jail_options(
    loader: &Loader,
    request: &FilterRequest,
) -> Result<Option<BTreeMap<String, Sourced>>, ConfigError> {
    let failed = |stage: Stage, fault: Fault| ConfigError {
        fault: Box::new(fault),
        stage,
        spec: request.spec.to_owned(),
        before: Vec::new(),
    };
    let typed = request.lookup == Lookup::TypedFirst
        && matches!(locate::typed_file(request.spec), Ok(Some(_)));
    if typed || !locate::looks_like_name(request.spec) {
        return Ok(None);
    }
    let (name, given) = options::extract(request.spec)
        .map_err(|problem| failed(Stage::Name, Fault::OptionSyntax { problem }))?;
    if locate::is_file_name(&name) {
        return Ok(None);
    }
    let mut library = loader.library();
    let config = request.directory(None);
    let found = Jail::find(&mut library, &config, &name);
    let Some(mut jail) = found.map_err(|fault| failed(Stage::Name, fault))? else {
        return Ok(None);
    };
    let systemd = request.backend_systemd;
    let plain = |text: String| Value::Text(Text::plain(text));
    let mut added: Options = (given.into_iter())
        .map(|(name, value)| (name, plain(value)))
        .collect();
    let backend = if systemd { "systemd" } else { "auto" };
    added.insert("backend".to_owned(), plain(backend.to_owned()));
    jail.load(&mut library, &added)
        .map_err(|(stage, fault)| failed(stage, fault))?;
    jail.check_actions()
        .map_err(|fault| failed(Stage::Combine, fault))?;
    let set = jail.options.iter().filter(|(_, value)| !value.is_none());
    let set = set.map(|(name, value)| (name.clone(), value.sourced()));
    Ok(Some(set.collect()))
}

/// The jails of `config_dir`, in the order in which they are written.
///
/// # Errors
///
/// A jail.conf that cannot be parsed, a directory that is not there.
pub(crate) fn jail_names(config_dir: &Path) -> Result<Vec<JailName>, ConfigError> {
    let mut library = Library::default();
    let config = config_dir.to_string_lossy();
    let failed = |fault: Fault| ConfigError {
        fault: Box::new(fault),
        stage: Stage::Name,
        spec: String::new(),
        before: Vec::new(),
    };
    let read = library.configuration(config.trim_end_matches('/'), "jail");
    let sections = read.map_err(failed)?.sections;
    let names = sections.named.keys();
    // upstream's JailsReader leaves out the section of includes
    let jails = names.filter(|name| *name != "INCLUDES" && !name.starts_with(KNOWN));
    let named = jails.map(|name| {
        let value = interpolate::get(&sections, name, "enabled", &Options::new()).ok();
        let value = value.and_then(|value| convert(&value, Kind::Bool));
        JailName {
            name: name.clone(),
            enabled: value.is_some_and(|value| value.is_truthy()),
        }
    });
    Ok(named.collect())
}
