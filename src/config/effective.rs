//! The value of an option that is in force: where it is written, and which values it overrides.

use super::ini::Sections;
use super::interpolate;
use super::text::Origin;
use super::value::{Options, Value};

/// An option of a section as fail2ban understands it.
#[derive(Clone, Debug)]
pub(crate) struct EffectiveOption {
    pub(crate) name: String,
    /// With its references replaced, as the type that fail2ban wants.
    pub(crate) value: Value,
    /// Where the option is set; `None` for a preset of fail2ban's.
    pub(crate) written: Option<Origin>,
    /// Where the text of the value comes from: another place than `written` where the option
    /// only refers to another one, `backend = %(sshd_backend)s`. The origin names that option.
    pub(crate) source: Option<Origin>,
    /// What would count if the option were not set there: the nearest first.
    pub(crate) overridden: Vec<Overridden>,
}

/// A value that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Overridden {
    /// As written.
    pub(crate) text: String,
    pub(crate) origin: Origin,
}

impl EffectiveOption {
    /// The option of that section, which fail2ban has given this `value`.
    pub(crate) fn of(sections: &Sections, section: &str, name: &str, value: Value) -> Self {
        let written = sections.written(section, name).and_then(Value::origin);
        let found = interpolate::get(sections, section, name, &Options::new()).ok();
        let source = found.as_ref().and_then(Value::origin).cloned();
        let overridden = sections.overridden(section, name).into_iter();
        let overridden = overridden.filter_map(|value| {
            let text = value.to_text().as_str().to_owned();
            let origin = value.origin()?.clone();
            Some(Overridden { text, origin })
        });
        Self {
            name: name.to_owned(),
            value,
            written: written.cloned(),
            source: source.or_else(|| written.cloned()),
            overridden: overridden.collect(),
        }
    }

    /// Where the value comes from, in words; files are named from `directory` on:
    /// `jail.d/10-a.local:2 (over jail.conf:106)`.
    pub(crate) fn blame(&self, directory: &str) -> String {
        let Some(written) = &self.written else {
            return "preset of fail2ban".to_owned();
        };
        let mut text = written.within(directory);
        if let Some(source) = self.source.as_ref().filter(|source| *source != written) {
            text += &format!(", {} at {}", source.option, source.within(directory));
        }
        if !self.overridden.is_empty() {
            let over = self.overridden.iter();
            let over = over.map(|over| over.origin.within(directory));
            let over: Vec<String> = over.collect();
            text += &format!(" (over {})", over.join(", "));
        }
        text
    }
}
