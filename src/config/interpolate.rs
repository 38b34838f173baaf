//! Option values with `%(…)s` put in: Python's BasicInterpolation with upstream's
//! `%(section/option)s`. Not for `<tag>`s (`substitute.rs`).

use foldhash::{HashMap, HashMapExt};
use std::borrow::Cow;
use std::cell::Cell;

use super::error::Fault;
use super::ini::{DEFAULT, KNOWN, Sections};
use super::python::is_word;
use super::text::{Splice, Text};
use super::value::{Options, Value};

/// CPython's MAX_INTERPOLATION_DEPTH.
const MAX_DEPTH: u32 = 10;

/// References followed for one option; upstream has no such limit.
const MAX_STEPS: u32 = 1_000_000;

/// Why an option has no value.
#[derive(Debug)]
pub(crate) enum Missing {
    Section,
    Option,
    Fault(Box<Fault>),
}

impl From<Fault> for Missing {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// `ConfigParser.get`: the option of `vars`, of the section or of `[DEFAULT]`.
pub(crate) fn get(
    sections: &Sections,
    section: &str,
    option: &str,
    vars: &Options,
) -> Result<Value, Missing> {
    let own = sections.section(section);
    if own.is_none() && section != DEFAULT {
        return Err(Missing::Section);
    }
    let option = option.to_lowercase();
    let lookup = Lookup {
        sections,
        section,
        option: &option,
        own,
        vars: vars
            .iter()
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect(),
        steps: Cell::new(0),
    };
    match lookup.value(&option) {
        None => Err(Missing::Option),
        Some(Cow::Borrowed(Value::None)) => Ok(Value::None),
        Some(value) => {
            let text = lookup.text(&value)?;
            let text = lookup.interpolate(&text, &HashMap::new(), 1)?;
            Ok(Value::Text(text))
        }
    }
}

/// Upstream's `get_ex`: as [`get`], but `name` may be `section/option`.
pub(crate) fn get_named(
    sections: &Sections,
    section: &str,
    name: &str,
    vars: &Options,
) -> Result<Value, Missing> {
    if let Some((other, option)) = section_option(name.strip_suffix('\n').unwrap_or(name)) {
        let places = match other.to_lowercase().as_str() {
            "known" => vec![format!("{KNOWN}{section}"), section.to_owned()],
            "default" => vec![DEFAULT.to_owned()],
            _ => vec![other.to_owned()],
        };
        for place in places {
            match get(sections, &place, option, &Options::new()) {
                Err(Missing::Section | Missing::Option) => {}
                found => return found,
            }
        }
    }
    get(sections, section, name, vars)
}

/// `section/option` of a tag (upstream's `SECTION_OPTNAME_CRE`).
fn section_option(name: &str) -> Option<(&str, &str)> {
    let (section, option) = name.split_once('/')?;
    let whole = is_section_name(section)
        && !option.is_empty()
        && !option.contains(|c| super::python::is_space(c) || c == '>');
    whole.then_some((section, option))
}

fn is_section_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| is_word(c) || c == '-')
}

/// One value being looked up, with everything its references may name.
struct Lookup<'a> {
    sections: &'a Sections,
    section: &'a str,
    option: &'a str,
    own: Option<&'a Options>,
    /// Names as `optionxform` leaves them: lower case.
    vars: HashMap<String, &'a Value>,
    steps: Cell<u32>,
}

/// Values found for `section/option` names, as upstream writes them into its map.
type Extra<'a> = HashMap<String, &'a Value>;

impl<'a> Lookup<'a> {
    fn value(&self, name: &str) -> Option<Cow<'a, Value>> {
        if let Some(value) = self.vars.get(name) {
            // `_unify_values` makes text of all but None
            return Some(match value {
                Value::None | Value::Text(_) => Cow::Borrowed(*value),
                other => Cow::Owned(Value::Text(other.to_text())),
            });
        }
        let own = self.own.and_then(|own| own.get(name));
        own.or_else(|| self.sections.defaults.get(name))
            .map(Cow::Borrowed)
    }

    fn text<'v>(&self, value: &'v Value) -> Result<Cow<'v, Text>, Fault> {
        match value {
            Value::Text(text) => Ok(Cow::Borrowed(text)),
            other => Err(Fault::NotText {
                option: self.option.into(),
                section: self.section.into(),
                found: other.type_name(),
            }),
        }
    }

    /// What error messages call the raw value.
    fn raw(&self, rest: &Text) -> String {
        let own = self.own.and_then(|own| own.get(self.option));
        match own.or_else(|| self.sections.defaults.get(self.option)) {
            Some(value) => value.to_text().as_str().to_owned(),
            None => rest.as_str().to_owned(),
        }
    }

    fn too_large(&self) -> Fault {
        Fault::TooLarge {
            option: self.option.into(),
            section: self.section.into(),
        }
    }

    /// Upstream's `_interpolate_some`.
    fn interpolate(&self, from: &Text, extra: &Extra<'a>, depth: u32) -> Result<Text, Fault> {
        let context = || (self.option.to_owned(), self.section.to_owned());
        if depth > MAX_DEPTH {
            let (option, section) = context();
            return Err(Fault::TooDeep {
                origin: from.origin().cloned(),
                option: option.into(),
                section: section.into(),
                raw: self.raw(from).into(),
            });
        }
        let extra = self.map_section_options(from.as_str(), extra);
        let text = from.as_str();
        let mut out = Splice::new(from);
        let mut at = 0;
        while let Some(percent) = memchr::memchr(b'%', &text.as_bytes()[at..]) {
            let percent = at + percent;
            let rest = &text[percent..];
            if rest.starts_with("%%") {
                out.copy_to(percent + 1).ok_or_else(|| self.too_large())?;
                out.skip_to(percent + 2);
                at = percent + 2;
                continue;
            }
            let Some(name) = reference(rest) else {
                let (option, section) = context();
                return Err(Fault::BadReference {
                    origin: line_origin(from, percent),
                    option: option.into(),
                    section: section.into(),
                    rest: rest.into(),
                });
            };
            let end = percent + name.len() + "%()s".len();
            let steps = self.steps.get() + 1;
            self.steps.set(steps);
            if steps > MAX_STEPS {
                return Err(self.too_large());
            }
            let key = name.to_lowercase();
            // `__name__` is set by the decorator of the interpolation, before vars
            let found = if key == "__name__" {
                Some(Cow::Owned(Value::Text(Text::plain(self.section))))
            } else {
                match extra.get(&key) {
                    Some(value) => Some(Cow::Borrowed(*value)),
                    None => self.value(&key),
                }
            };
            let Some(value) = found else {
                let (option, section) = context();
                return Err(Fault::UnknownReference {
                    origin: line_origin(from, percent),
                    option: option.into(),
                    section: section.into(),
                    reference: key.into(),
                    raw: self.raw(from).into(),
                });
            };
            let value = self.text(&value)?;
            let value = if value.as_str().contains('%') {
                Cow::Owned(self.interpolate(&value, &extra, depth + 1)?)
            } else {
                value
            };
            out.replace(percent..end, &value)
                .ok_or_else(|| self.too_large())?;
            at = end;
        }
        out.finish().ok_or_else(|| self.too_large())
    }

    /// Upstream's `_map_section_options`: the raw values of all `%(section/option)s`
    /// of the text. The name is kept as written but looked up in lower case, so
    /// that sections with capitals are never found.
    fn map_section_options<'e>(&self, text: &str, extra: &'e Extra<'a>) -> Cow<'e, Extra<'a>> {
        let mut extra = Cow::Borrowed(extra);
        let mut at = 0;
        while let Some(open) = memchr::memmem::find(&text.as_bytes()[at..], b"%(") {
            let open = at + open;
            at = open + 2;
            let Some(name) = reference(&text[open..]) else {
                continue;
            };
            let Some((section, option)) = name.split_once('/') else {
                continue;
            };
            if option.is_empty() || !is_section_name(section) {
                continue;
            }
            at = open + name.len() + "%()s".len();
            if extra.contains_key(name) || self.value(name).is_some() {
                continue;
            }
            if let Some(value) = self.section_value(section, option) {
                extra.to_mut().insert(name.to_owned(), value);
            }
        }
        extra
    }

    fn section_value(&self, section: &str, option: &str) -> Option<&'a Value> {
        let sections = self.sections;
        let value = match section.to_lowercase().as_str() {
            "default" => None,
            "known" => sections
                .section(&format!("{KNOWN}{}", self.section))
                .and_then(|known| known.get(option)),
            // no fallback where even the section is unknown
            _ => sections.section(section)?.get(option),
        };
        value.or_else(|| self.sections.defaults.get(option))
    }
}

/// The name in `%(name)s` that `rest` starts with.
fn reference(rest: &str) -> Option<&str> {
    let inner = rest.strip_prefix("%(")?;
    let name = &inner[..inner.find(')')?];
    let closed = inner[name.len()..].starts_with(")s");
    (closed && !name.is_empty()).then_some(name)
}

fn line_origin(text: &Text, at: usize) -> Option<super::text::Origin> {
    let line = text.as_str()[..at].matches('\n').count();
    text.lines().nth(line)?.1.cloned()
}
