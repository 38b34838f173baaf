//! The options asked from a section of a configuration: upstream's `ConfigReader.getOptions` and
//! DefinitionInitConfigReader. What filters and jails add is in their files.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::error::Fault;
use super::ini::{Sections, conditional};
use super::interpolate::{self, Missing};
use super::paths;
use super::substitute::substitute;
use super::value::{self, Expected, Kind, Options, Value, merged};

/// Where a filter or an action of that name is looked for: in its directory below the
/// configuration's, but an absolute path stays, as upstream joins them.
pub(crate) fn definition_path(directory: &str, name: &str) -> String {
    if name.starts_with("./") {
        paths::abspath(name)
    } else {
        paths::join(directory, name)
    }
}

/// A value of the wrong type, for which fail2ban takes the preset.
#[derive(Clone, Debug)]
pub(crate) struct WrongValue {
    pub(crate) option: &'static str,
    /// As it is written.
    pub(crate) value: Value,
}

/// Upstream's `getOptions`: the expected options of a section but those in `vars`, which have a value
/// already.
/// A value of the wrong type becomes the preset and is noted in `wrong`.
pub(crate) fn expected_options(
    sections: &Sections,
    section: &str,
    expected: &[Expected],
    vars: &Options,
    mut wrong: Option<&mut Vec<WrongValue>>,
) -> Result<Options, Fault> {
    let mut options = Options::new();
    for &(name, kind, preset) in expected {
        if vars.contains_key(name) {
            continue;
        }
        let value = match interpolate::get(sections, section, name, vars) {
            Ok(value) => match &mut wrong {
                Some(wrong) => converted(value, (name, kind, preset), wrong),
                None => value,
            },
            Err(Missing::Section) => preset.value(),
            Err(Missing::Option) if preset.value().is_none() => continue,
            Err(Missing::Option) => preset.value(),
            Err(Missing::Fault(fault)) => return Err(*fault),
        };
        options.insert(name.to_owned(), value);
    }
    Ok(options)
}

fn converted(value: Value, expected: Expected, wrong: &mut Vec<WrongValue>) -> Value {
    let (option, kind, preset) = expected;
    value::convert(&value, kind).unwrap_or_else(|| {
        wrong.push(WrongValue { option, value });
        preset.value()
    })
}

/// A filter or action: `[Definition]`, `[Init]` and the options given to it.
pub(crate) struct Definition {
    pub(crate) sections: Sections,
    /// Given options; `[Init]` is added below them (upstream's `_initOpts`).
    pub(crate) init: Options,
    expected: &'static [Expected],
    /// Upstream's `_pOpts`: what `%(…)s` may name before the file's own options.
    vars: Options,
    options: Options,
    /// Found by the last [`Self::combined`].
    pub(crate) wrong: Vec<WrongValue>,
    /// Upstream's `_defCache`. It outlives a change of `vars`.
    cache: HashMap<String, Option<Value>>,
}

const DEFINITION: &str = "Definition";
const INIT: &str = "Init";

impl Definition {
    pub(crate) fn new(sections: Sections, given: Options, expected: &'static [Expected]) -> Self {
        Self {
            sections,
            init: given,
            expected,
            vars: Options::new(),
            options: Options::new(),
            wrong: Vec::new(),
            cache: HashMap::new(),
        }
    }

    /// Whether `[Definition]` itself, not `[DEFAULT]`, has the option.
    pub(crate) fn defines(&self, option: &str) -> bool {
        let definition = self.sections.named.get(DEFINITION);
        definition.is_some_and(|options| options.contains_key(option))
    }

    /// Reads the options, those of `outer` (a jail's) and the given ones winning;
    /// `all`: also those of `[Definition]` that fail2ban has no use for.
    pub(crate) fn load(&mut self, outer: &Options, all: bool) -> Result<(), Fault> {
        let vars = merged(outer, &self.init);
        self.options = expected_options(&self.sections, DEFINITION, self.expected, &vars, None)?;
        if let Some(init) = self.sections.named.get(INIT) {
            for option in init.keys() {
                add_init(&mut self.init, &self.sections, option, &vars)?;
            }
        }
        self.vars = vars;
        if all && let Some(definition) = self.sections.named.get(DEFINITION) {
            for option in definition.keys() {
                if self.options.contains_key(option) {
                    continue;
                }
                let value = own_value(&self.sections, DEFINITION, option)?;
                self.options.insert(option.clone(), value);
            }
        }
        Ok(())
    }

    /// All options with their tags replaced (upstream's `getCombined`).
    pub(crate) fn combined(&mut self, ignore: &[&str]) -> Result<Options, Fault> {
        let options = merged(&self.options, &self.init);
        let mut ignore: HashSet<String> = ignore.iter().map(|&tag| tag.to_owned()).collect();
        // options with conditional twins (`name?family=inet6`) wait for the condition
        let twins = options.keys().filter_map(|name| conditional(name));
        ignore.extend(twins.map(|(name, _)| name.to_owned()));

        let Self {
            sections,
            vars,
            cache,
            ..
        } = self;
        let mut combined = substitute(&options, &ignore, |tag| {
            if let Some(value) = cache.get(tag) {
                return Ok(value.clone());
            }
            let value = match interpolate::get_named(sections, DEFINITION, tag, vars) {
                Ok(value) => Some(value),
                Err(Missing::Fault(fault)) => return Err(*fault),
                Err(_) => None,
            };
            cache.insert(tag.to_owned(), value.clone());
            Ok(value)
        })?;
        self.wrong.clear();
        for &expected in self.expected {
            if expected.1 != Kind::Text
                && let Some(value) = combined.get_mut(expected.0)
            {
                let taken = std::mem::replace(value, Value::None);
                *value = converted(taken, expected, &mut self.wrong);
            }
        }
        Ok(combined)
    }

    /// `get('Definition', name)`, without given options.
    pub(crate) fn plain_value(&self, name: &str) -> Option<Value> {
        interpolate::get(&self.sections, DEFINITION, name, &Options::new()).ok()
    }
}

fn own_value(sections: &Sections, section: &str, option: &str) -> Result<Value, Fault> {
    match interpolate::get(sections, section, option, &Options::new()) {
        Ok(value) => Ok(value),
        Err(Missing::Fault(fault)) => Err(*fault),
        Err(_) => Ok(Value::None),
    }
}

/// Adds one option of `[Init]` below the given ones, and as `known/…`.
fn add_init(
    init: &mut Options,
    sections: &Sections,
    option: &str,
    vars: &Options,
) -> Result<(), Fault> {
    let mut value = None;
    if !option.starts_with("known/") {
        let own = own_value(sections, INIT, option)?;
        init.insert(format!("known/{option}"), own.clone());
        value = Some(own);
    }
    if init.contains_key(option) {
        return Ok(());
    }
    // an option given without condition wins over the conditional one
    if let Some((name, _)) = conditional(option)
        && let Some(given) = vars.get(name)
        && !given.is_none()
    {
        value = Some(given.clone());
    }
    let value = match value {
        Some(value) => value,
        None => own_value(sections, INIT, option)?,
    };
    init.insert(option.to_owned(), value);
    Ok(())
}
