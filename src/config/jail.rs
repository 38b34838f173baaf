//! A jail: its section of jail.conf, the filter it names and the options it sets
//! over it (upstream's JailReader). Log paths are not looked at.

use std::collections::HashMap;
use std::path::Path;

use super::error::{Fault, Stage, option_syntax};
use super::filter;
use super::include::{KNOWN, Library};
use super::ini::Sections;
use super::options;
use super::paths;
use super::reader::{self, Definition};
use super::text::Text;
use super::value::{Expected, Kind, Options, Preset, Value, merged};

/// The version that `%(fail2ban_version)s` names.
const FAIL2BAN_VERSION: &str = "1.1.2.dev1";

/// What is read before the filter (upstream's `_configOpts1st`).
const FIRST: &[Expected] = &[
    ("enabled", Kind::Bool, Preset::Bool(false)),
    ("backend", Kind::Text, Preset::Text("auto")),
    ("filter", Kind::Text, Preset::Text("")),
];

/// All options of a jail (upstream's `_configOpts`, in its order).
pub(crate) const EXPECTED: &[Expected] = &[
    ("enabled", Kind::Bool, Preset::Bool(false)),
    ("backend", Kind::Text, Preset::Text("auto")),
    ("maxretry", Kind::Int, Preset::None),
    ("maxmatches", Kind::Int, Preset::None),
    ("findtime", Kind::Text, Preset::None),
    ("bantime", Kind::Text, Preset::None),
    ("bantime.increment", Kind::Bool, Preset::None),
    ("bantime.factor", Kind::Text, Preset::None),
    ("bantime.formula", Kind::Text, Preset::None),
    ("bantime.multipliers", Kind::Text, Preset::None),
    ("bantime.maxtime", Kind::Text, Preset::None),
    ("bantime.rndtime", Kind::Text, Preset::None),
    ("bantime.overalljails", Kind::Bool, Preset::None),
    ("ignorecommand", Kind::Text, Preset::None),
    ("ignoreself", Kind::Bool, Preset::None),
    ("ignoreip", Kind::Text, Preset::None),
    ("ignorecache", Kind::Text, Preset::None),
    ("filter", Kind::Text, Preset::Text("")),
    ("logtimezone", Kind::Text, Preset::None),
    ("logencoding", Kind::Text, Preset::None),
    ("logpath", Kind::Text, Preset::None),
    ("skip_if_nologs", Kind::Bool, Preset::Bool(false)),
    ("systemd_if_nologs", Kind::Bool, Preset::Bool(true)),
    ("action", Kind::Text, Preset::Text("")),
    ("usedns", Kind::Text, Preset::None),
    ("prefregex", Kind::Text, Preset::None),
    ("ignoreregex", Kind::Text, Preset::None),
    ("failregex", Kind::Text, Preset::None),
    ("maxlines", Kind::Int, Preset::None),
    ("datepattern", Kind::Text, Preset::None),
    ("journalmatch", Kind::Text, Preset::None),
];

/// The options of an action (upstream's `ActionReader._configOpts`).
const ACTION: &[Expected] = &[
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

/// Tags of an action that are filled in at run time only.
const ACTION_IGNORED: &[&str] = &[
    "matches",
    "ipmatches",
    "ipjailmatches",
    "timeout",
    "bantime",
];

/// A jail, its filter read, its options combined.
pub(crate) struct Jail {
    name: String,
    directory: String,
    pub(crate) sections: Sections,
    pub(crate) options: Options,
    pub(crate) filter: Option<(String, Definition)>,
}

/// A fault with how upstream takes it.
type Failure = (Stage, Fault);

fn combine(fault: Fault) -> Failure {
    (Stage::Combine, fault)
}

impl Jail {
    /// Reads jail.conf below `directory`; `None` if it has no such jail.
    pub(crate) fn find(
        library: &mut Library,
        directory: &str,
        name: &str,
    ) -> Result<Option<Self>, Fault> {
        let directory = directory.trim_end_matches('/');
        // Files that cannot be read are passed over, as upstream does here.
        let all = library.jails(directory)?;
        if !all.named.contains_key(name) || name.starts_with(KNOWN) {
            return Ok(None);
        }
        let sections = Sections::over(&all, &[name, &format!("{KNOWN}{name}")]);
        Ok(Some(Self {
            name: name.to_owned(),
            directory: directory.to_owned(),
            sections,
            options: Options::new(),
            filter: None,
        }))
    }

    /// Reads filter and actions; `given` are the options of the command line.
    pub(crate) fn load(
        &mut self,
        library: &mut Library,
        given: &Options,
        systemd: bool,
    ) -> Result<(), Failure> {
        let defaults = [
            ("fail2ban_version", FAIL2BAN_VERSION),
            ("fail2ban_confpath", self.directory.as_str()),
        ];
        for (name, text) in defaults {
            let value = Value::Text(Text::plain(text));
            self.sections.defaults.insert(name.to_owned(), value);
        }
        let first = self.expected(FIRST).map_err(combine)?;
        let first = merged(&first, given);
        if let Some(named) = first.get("filter").filter(|filter| filter.is_truthy()) {
            let named = named.to_text();
            let mut filter = self.read_filter(library, &named, given)?;
            filter::apply_auto_options(&mut filter.1, systemd);
            filter.1.load(&first, true).map_err(combine)?;
            let combined = filter.1.combined(&[]).map_err(combine)?;
            self.add_known(&combined);
            self.filter = Some(filter);
        }
        self.options = self.expected(EXPECTED).map_err(combine)?;
        if let Some((_, filter)) = &mut self.filter {
            filter.load(&self.options, false).map_err(combine)?;
        }
        self.read_actions(library)
    }

    fn expected(&self, expected: &[Expected]) -> Result<Options, Fault> {
        reader::expected_options(&self.sections, &self.name, expected, &Options::new(), true)
    }

    fn read_filter(
        &self,
        library: &mut Library,
        named: &Text,
        given: &Options,
    ) -> Result<(String, Definition), Failure> {
        let origin = named.origin().cloned();
        let (name, own) = options::extract(named.as_str()).map_err(|problem| {
            let fault = Fault::JailSyntax {
                origin: origin.clone(),
                jail: self.name.clone().into(),
                what: "filter",
                text: named.as_str().into(),
                reason: option_syntax(&problem).into(),
            };
            (Stage::Jail, fault)
        })?;
        let own = own
            .into_iter()
            .map(|(name, value)| (name, Value::Text(Text::uniform(value, origin.clone()))));
        let init = merged(&own.collect(), given);
        let path = definition_path("filter.d", &name);
        let reading = reader::read(library, &self.directory, &path).map_err(combine)?;
        if let Some(reason) = reading.problem {
            let fault = Fault::JailFilter {
                origin,
                jail: self.name.clone().into(),
                filter: name.into(),
                reason: reason.into(),
            };
            return Err((Stage::Jail, fault));
        }
        let filter = Definition::new(reading.sections, init, filter::EXPECTED);
        Ok((name, filter))
    }

    /// Lets the jail's options name the filter's as `known/…`.
    fn add_known(&mut self, filter: &Options) {
        let section = self.sections.named.entry(self.name.clone()).or_default();
        for (name, value) in filter {
            if !name.starts_with("known/") && name != "__name__" {
                section.insert(format!("known/{name}"), value.clone());
            }
        }
    }

    /// Checks the actions as upstream does, for its verdict alone. A directory
    /// without any action.d is left alone: a bundle of filters is no error.
    fn read_actions(&mut self, library: &mut Library) -> Result<(), Failure> {
        let listed = self
            .options
            .get("action")
            .map_or(Text::plain(""), Value::to_text);
        let checkable = Path::new(&paths::join(&self.directory, "action.d")).is_dir();
        let origin = listed.origin().cloned();
        for action in options::split(listed.as_str()) {
            let action = super::python::strip(action);
            if action.is_empty() {
                continue;
            }
            let (name, given) = options::extract(action).map_err(|problem| {
                let fault = Fault::JailSyntax {
                    origin: origin.clone(),
                    jail: self.name.clone().into(),
                    what: "action",
                    text: action.into(),
                    reason: option_syntax(&problem).into(),
                };
                (Stage::Jail, fault)
            })?;
            if name.ends_with(".py") || !checkable {
                continue;
            }
            self.read_action(library, action, &name, given, origin.clone())?;
        }
        Ok(())
    }

    fn read_action(
        &self,
        library: &mut Library,
        written: &str,
        name: &str,
        given: Vec<(String, String)>,
        origin: Option<super::text::Origin>,
    ) -> Result<(), Failure> {
        let plain = |text: &str| Value::Text(Text::plain(text));
        let mut init: Options = given
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect();
        let given: HashMap<String, String> = given.into_iter().collect();
        let called = given.get("name").unwrap_or(&self.name);
        // upstream's ActionReader.__init__: a name per jail
        let mut actname = name.to_owned();
        if called != &self.name {
            match called.strip_prefix(self.name.as_str()) {
                Some(rest) => actname.push_str(rest),
                None => actname.push_str(&format!("-{called}")),
            }
        }
        init.entry("name".to_owned())
            .or_insert_with(|| plain(&self.name));
        init.entry("actname".to_owned())
            .or_insert_with(|| plain(&actname));

        let wrapped = |fault| {
            combine(Fault::Action {
                action: written.into(),
                fault: Box::new(fault),
            })
        };
        let path = definition_path("action.d", name);
        let used = library.used.len();
        let reading = reader::read(library, &self.directory, &path).map_err(wrapped)?;
        library.used.truncate(used);
        if let Some(reason) = reading.problem {
            let fault = Fault::JailAction {
                origin,
                jail: self.name.clone().into(),
                action: name.into(),
                reason: reason.into(),
            };
            return Err((Stage::Jail, fault));
        }
        let mut action = Definition::new(reading.sections, init, ACTION);
        action.load(&self.options, false).map_err(wrapped)?;
        action.combined(ACTION_IGNORED).map_err(combine)?;
        Ok(())
    }
}

/// The path of a definition as upstream joins it: absolute ones stay.
fn definition_path(directory: &str, name: &str) -> String {
    if name.starts_with("./") {
        paths::abspath(name)
    } else {
        paths::join(directory, name)
    }
}
