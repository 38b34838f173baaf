//! An action of a jail: its file, the options given to it, and the properties the server gets
//! of them (upstream's ActionReader). What the commands of an action do is not looked at.

use std::collections::HashSet;
use std::path::Path;

use super::error::Fault;
use super::failure::{Failure, Stage};
use super::include::Library;
use super::ini::Sections;
use super::interpolate;
use super::options;
use super::paths;
use super::python;
use super::reader::{self, Definition};
use super::text::{Origin, Text};
use super::value::{Expected, Kind, Options, Preset, Value};

/// The options of an action (upstream's `ActionReader._configOpts`).
const EXPECTED: &[Expected] = &[
    ("actionstart", Kind::Text, Preset::None),
    ("actionstart_on_demand", Kind::Bool, Preset::None),
    ("actionstop", Kind::Text, Preset::None),
    ("actionflush", Kind::Text, Preset::None),
    ("actionreload", Kind::Text, Preset::None),
    ("actioncheck", Kind::Text, Preset::None),
    ("actionrepair", Kind::Text, Preset::None),
    ("actionrepair_on_unban", Kind::Bool, Preset::None),
    ("actionban", Kind::Text, Preset::None),
    ("actionprolong", Kind::Text, Preset::None),
    ("actionreban", Kind::Text, Preset::None),
    ("actionunban", Kind::Text, Preset::None),
    ("norestored", Kind::Bool, Preset::None),
];

/// Whether fail2ban reads an option of that name in the file of an action.
pub(crate) fn is_action_option(name: &str) -> bool {
    EXPECTED.iter().any(|(known, ..)| *known == name)
}

/// Tags of an action that are filled in at run time only.
const IGNORED: &[&str] = &[
    "matches",
    "ipmatches",
    "ipjailmatches",
    "timeout",
    "bantime",
];

/// An action of a jail.
pub(crate) struct Action {
    /// Its name in the jail: `actname`, or made of the name of its file.
    pub(crate) name: String,
    /// The name it is listed under in the jail's `action`: `iptables`, `smtp.py`.
    pub(crate) file: String,
    /// Where it is listed.
    pub(crate) origin: Option<Origin>,
    pub(crate) kind: ActionKind,
}

/// Two kinds of actions: fail2ban reads the files of one and only names those of the other.
pub(crate) enum ActionKind {
    /// Of shell commands, from a file of action.d.
    Commands(Box<Definition>),
    /// A Python module, and the options given to it.
    Python {
        path: String,
        given: Vec<(String, Value)>,
    },
}

impl Action {
    /// Combines its options for the faults in them alone.
    pub(crate) fn check(&mut self) -> Result<(), Fault> {
        match &mut self.kind {
            ActionKind::Commands(definition) => combined(definition).map(|_| ()),
            ActionKind::Python { .. } => Ok(()),
        }
    }
}

/// Whether the files of a jail's actions must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionFiles {
    /// As fail2ban has it.
    Required,
    /// Not where there is no action.d at all: a bundle of filters is no error.
    IfAnyAreThere,
}

/// Who asks for actions, and where they are looked for.
pub(crate) struct Owner<'a> {
    /// The configuration directory.
    pub(crate) directory: &'a str,
    /// The name of the jail.
    pub(crate) jail: &'a str,
    /// Those of jail.conf.
    pub(crate) sections: &'a Sections,
    /// The options of the jail.
    pub(crate) options: &'a Options,
    pub(crate) files: ActionFiles,
}

/// Reads the actions that the jail's `action` lists.
pub(crate) fn read_all(library: &mut Library, owner: &Owner) -> Result<Vec<Action>, Failure> {
    let there = || Path::new(&paths::join(owner.directory, "action.d")).is_dir();
    let readable = owner.files == ActionFiles::Required || there();
    let listed = owner.options.get("action");
    let listed = listed.map_or(Text::plain(""), Value::to_text);
    let start = listed.as_str().as_ptr() as usize;
    let mut actions = Vec::new();
    for written in options::split(listed.as_str()) {
        let action = python::strip(written);
        if action.is_empty() {
            continue;
        }
        // `split` gives slices of the text itself
        let origin = listed.origin_at(action.as_ptr() as usize - start).cloned();
        if let Some(action) = read(library, owner, action, origin, readable)? {
            actions.push(action);
        }
    }
    Ok(actions)
}

fn read(
    library: &mut Library,
    owner: &Owner,
    written: &str,
    origin: Option<Origin>,
    readable: bool,
) -> Result<Option<Action>, Failure> {
    let (file, given) = options::extract(written).map_err(|problem| {
        let fault = Fault::JailSyntax {
            origin: origin.clone(),
            jail: owner.jail.into(),
            what: "action",
            text: written.into(),
            problem: Box::new(problem),
        };
        (Stage::Jail, fault)
    })?;
    let sourced = |text: String| Value::Text(Text::uniform(text, origin.clone()));
    let given = given.into_iter();
    let mut given: Options = given.map(|(name, text)| (name, sourced(text))).collect();
    if file.ends_with(".py") {
        return Ok(Some(python_action(owner, file, given, origin)));
    }
    if !readable {
        return Ok(None);
    }
    let called = given.get("name").map(Value::to_text);
    let called = called.as_ref().map_or(owner.jail, Text::as_str);
    let made = unique_name(&file, owner.jail, called);
    let named = |name: &str| Value::Text(Text::plain(name));
    let entry = given.entry("name".to_owned());
    entry.or_insert_with(|| named(owner.jail));
    let entry = given.entry("actname".to_owned());
    let name = entry.or_insert_with(|| named(&made)).to_text();
    let definition = read_definition(library, owner, (written, &file), given, &origin)?;
    Ok(Some(Action {
        name: name.as_str().to_owned(),
        file,
        origin,
        kind: ActionKind::Commands(Box::new(definition)),
    }))
}

/// Names an action after its file, so that it has a name of its own in the jail when it is given
/// another `name` (upstream's `ActionReader.__init__`).
fn unique_name(file: &str, jail: &str, called: &str) -> String {
    if called == jail {
        return file.to_owned();
    }
    match called.strip_prefix(jail) {
        Some(rest) => format!("{file}{rest}"),
        None => format!("{file}-{called}"),
    }
}

/// A Python module is named to the server, which looks for it itself.
fn python_action(
    owner: &Owner,
    file: String,
    mut given: Options,
    origin: Option<Origin>,
) -> Action {
    let name = match given.shift_remove("actname") {
        Some(name) => name.to_text().as_str().to_owned(),
        None => paths::stem(&file).to_owned(),
    };
    let directory = paths::join(owner.directory, "action.d");
    Action {
        name,
        kind: ActionKind::Python {
            path: paths::join(&directory, &file),
            given: given.into_iter().collect(),
        },
        file,
        origin,
    }
}

/// Reads the files of an action, and its options below those of the jail.
fn read_definition(
    library: &mut Library,
    owner: &Owner,
    (written, file): (&str, &str),
    given: Options,
    origin: &Option<Origin>,
) -> Result<Definition, Failure> {
    let wrapped = |fault| {
        let fault = Fault::Action {
            action: written.into(),
            fault: Box::new(fault),
        };
        (Stage::Combine, fault)
    };
    let path = reader::definition_path("action.d", file);
    // the files of actions are none of the filter's
    let used = library.used.len();
    let reading = library
        .configuration(owner.directory, &path)
        .map_err(wrapped)?;
    library.used.truncate(used);
    if let Some(reason) = reading.problem {
        let fault = Fault::JailAction {
            origin: named_by(owner, origin.as_ref(), file).or_else(|| origin.clone()),
            jail: owner.jail.into(),
            action: file.into(),
            reason: reason.into(),
        };
        return Err((Stage::Jail, fault));
    }
    let mut definition = Definition::new(reading.sections, given, EXPECTED);
    definition.load(owner.options, false).map_err(wrapped)?;
    Ok(definition)
}

/// Where the option is set that gives a listed action its name: `banaction`, where the line of
/// `action_` says `%(banaction)s[…]`.
fn named_by(owner: &Owner, listed: Option<&Origin>, file: &str) -> Option<Origin> {
    let line = owner.sections.written(owner.jail, &listed?.option)?;
    named_in(owner, line.to_text().as_str(), file, &mut HashSet::new())
}

/// Looks for it through the references of a value; `%(default/action_)s` is that of `[DEFAULT]`.
fn named_in(owner: &Owner, text: &str, file: &str, seen: &mut HashSet<String>) -> Option<Origin> {
    let references = text.split("%(").skip(1);
    let mut names = references.filter_map(|reference| Some(reference.split_once(")s")?.0));
    names.find_map(|name| {
        if !seen.insert(name.to_owned()) {
            return None;
        }
        let (section, option) = match name.split_once('/') {
            Some((section, option)) => (section, option),
            None => ("", name),
        };
        let written = match section {
            "default" => owner.sections.defaults.get(option),
            _ => owner.sections.written(owner.jail, option),
        };
        let deeper =
            written.and_then(|written| named_in(owner, written.to_text().as_str(), file, seen));
        deeper.or_else(|| {
            let none = Options::new();
            let value = interpolate::get_named(owner.sections, owner.jail, name, &none).ok()?;
            let called = value.to_text();
            let called = called.as_str().split('[').next().unwrap_or_default();
            (called.trim() == file).then(|| value.origin().cloned())?
        })
    })
}

/// All options of an action, those the server gets and those they are made of.
pub(crate) fn combined(definition: &mut Definition) -> Result<Options, Fault> {
    definition.combined(IGNORED)
}

/// What the server gets of an action: the options that it knows with their tags replaced, and
/// the given ones and those of `[Init]` as they are written (upstream's `ActionReader.convert`).
pub(crate) fn properties(definition: &Definition, combined: &Options) -> Vec<(String, Value)> {
    let expected = |name: &str| EXPECTED.iter().any(|(known, _, _)| *known == name);
    let known = combined.iter().filter(|(name, _)| expected(name));
    let further = definition.init.iter();
    let further = further.filter(|(name, _)| !expected(name) && !name.starts_with("known/"));
    let all = known.chain(further);
    all.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
