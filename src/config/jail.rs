//! A jail: its section of jail.conf, the filter it names and the options it sets
//! over it (upstream's JailReader). Log paths are not looked at.

use super::action::{self, Action, ActionFiles};
use super::error::Fault;
use super::failure::{Failure, Stage};
use super::filter;
use super::include::Library;
use super::ini::KNOWN;
use super::ini::Sections;
use super::options;
use super::reader::{self, Definition, WrongValue};
use super::text::{Origin, Text};
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

/// Whether fail2ban asks a jail, or its filter, for an option of that name.
pub(crate) fn is_jail_option(name: &str) -> bool {
    // conditional ones and those of the filter (`known/failregex`) stand for the plain name
    let name = name.split('?').next().unwrap_or(name);
    jail_option_names().any(|known| known == name.strip_prefix("known/").unwrap_or(name))
}

/// The options that fail2ban asks a jail or its filter for.
pub(crate) fn jail_option_names() -> impl Iterator<Item = &'static str> {
    let of_jail = EXPECTED.iter().map(|(name, _, _)| *name);
    of_jail.chain(filter::EXPECTED.iter().map(|(name, _, _)| *name))
}

/// A jail, its filter read, its options combined.
pub(crate) struct Jail {
    pub(crate) name: String,
    directory: String,
    pub(crate) sections: Sections,
    pub(crate) options: Options,
    /// Values of the wrong type, in whose place fail2ban takes its default.
    pub(crate) wrong: Vec<WrongValue>,
    pub(crate) filter: Option<(String, Definition)>,
    pub(crate) actions: Vec<Action>,
}

fn combine(fault: Fault) -> Failure {
    (Stage::Combine, fault)
}

impl Jail {
    /// The jail of that section, nothing read yet. `directory` has no `/` at its end.
    pub(crate) fn new(directory: &str, name: &str, sections: Sections) -> Self {
        Self {
            name: name.to_owned(),
            directory: directory.to_owned(),
            sections,
            options: Options::new(),
            wrong: Vec::new(),
            filter: None,
            actions: Vec::new(),
        }
    }

    /// Reads jail.conf below `directory`; `None` if it has no such jail.
    pub(crate) fn find(
        library: &mut Library,
        directory: &str,
        name: &str,
    ) -> Result<Option<Self>, Fault> {
        let directory = directory.trim_end_matches('/');
        // Files that cannot be read are passed over, as upstream does here.
        let all = library.jails(directory)?;
        let known = all.named.contains_key(name) && !name.starts_with(KNOWN);
        let own = || Sections::over(&all, &[name, &format!("{KNOWN}{name}")]);
        Ok(known.then(|| Self::new(directory, name, own())))
    }

    /// Reads filter and actions for fail2ban-regex, which takes any jail as enabled; `given`
    /// are the options of the command line.
    pub(crate) fn load(&mut self, library: &mut Library, given: &Options) -> Result<(), Failure> {
        self.load_first(given).map_err(combine)?;
        self.load_rest(library, given, ActionFiles::IfAnyAreThere)
    }

    /// Reads what decides whether the jail is enabled and which filter it has.
    pub(crate) fn load_first(&mut self, given: &Options) -> Result<(), Fault> {
        let defaults = [
            ("fail2ban_version", FAIL2BAN_VERSION),
            ("fail2ban_confpath", self.directory.as_str()),
        ];
        for (name, text) in defaults {
            let value = Value::Text(Text::plain(text));
            self.sections.defaults.insert(name.to_owned(), value);
        }
        self.options = merged(&self.expected(FIRST)?, given);
        Ok(())
    }

    /// Reads the filter, the options that may name the filter's, and the actions.
    pub(crate) fn load_rest(
        &mut self,
        library: &mut Library,
        given: &Options,
        files: ActionFiles,
    ) -> Result<(), Failure> {
        let first = self.options.clone();
        if let Some(named) = first.get("filter").filter(|filter| filter.is_truthy()) {
            let named = named.to_text();
            let mut filter = self.read_filter(library, &named, given)?;
            let backend = first.get("backend").map(Value::to_text);
            let systemd = backend.is_some_and(|name| name.as_str().starts_with("systemd"));
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
        let owner = action::Owner {
            directory: &self.directory,
            jail: &self.name,
            sections: &self.sections,
            options: &self.options,
            files,
        };
        self.actions = action::read_all(library, &owner)?;
        Ok(())
    }

    /// What the server is told of the filter, and all options of the filter.
    pub(crate) fn filter_commands(&mut self) -> Result<(Vec<filter::Command>, Options), Fault> {
        let mut commands = Vec::new();
        let mut combined = Options::new();
        if let Some((_, filter)) = &mut self.filter {
            combined = filter.combined(&[])?;
            filter::add_commands(&mut commands, &combined)?;
        }
        filter::add_commands(&mut commands, &self.options)?;
        Ok((commands, combined))
    }

    /// Combines the options of the actions for the faults in them alone.
    pub(crate) fn check_actions(&mut self) -> Result<(), Fault> {
        self.actions.iter_mut().try_for_each(Action::check)
    }

    fn expected(&mut self, expected: &[Expected]) -> Result<Options, Fault> {
        self.wrong.clear();
        let none = Options::new();
        let wrong = Some(&mut self.wrong);
        reader::expected_options(&self.sections, &self.name, expected, &none, wrong)
    }

    fn read_filter(
        &self,
        library: &mut Library,
        named: &Text,
        given: &Options,
    ) -> Result<(String, Definition), Failure> {
        let origin = named.origin().cloned();
        let place = self.place_of_filter(origin.clone());
        let (name, own) = options::extract(named.as_str()).map_err(|problem| {
            let fault = Fault::JailSyntax {
                origin: place.clone(),
                jail: self.name.clone().into(),
                what: "filter",
                text: named.as_str().into(),
                problem: Box::new(problem),
            };
            (Stage::Jail, fault)
        })?;
        let own = own
            .into_iter()
            .map(|(name, value)| (name, Value::Text(Text::uniform(value, origin.clone()))));
        let init = merged(&own.collect(), given);
        let path = reader::definition_path("filter.d", &name);
        let reading = library
            .configuration(&self.directory, &path)
            .map_err(combine)?;
        if let Some(reason) = reading.problem {
            let fault = Fault::JailFilter {
                origin: place,
                jail: self.name.clone().into(),
                filter: name.into(),
                reason: reason.into(),
            };
            return Err((Stage::Jail, fault));
        }
        let filter = Definition::new(reading.sections, init, filter::EXPECTED);
        Ok((name, filter))
    }

    /// Where to mend the jail's filter. A jail that sets none is called like the filter that
    /// `[DEFAULT]` gives it, so that its own section is the place.
    fn place_of_filter(&self, written: Option<Origin>) -> Option<Origin> {
        let own = self.sections.named.get(&self.name);
        let sets_it = own.is_some_and(|own| own.contains_key("filter"));
        let header = self.sections.headers.get(&self.name);
        let header = header.filter(|_| !sets_it);
        header.cloned().or(written)
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
}
