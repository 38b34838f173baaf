//! The changes a diagnosis tries on its sample and `--apply` makes to a run: the same values,
//! made by the same code.

use super::language::Language;
use crate::config::{Setting, Sourced};

/// One of the lists of regexes of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RegexOption {
    /// `prefregex`.
    Prefregex,
    /// `failregex`.
    Failregex,
    /// `ignoreregex`.
    Ignoreregex,
}

impl RegexOption {
    /// The option as it is written in a filter.
    pub(crate) fn name(self) -> &'static str {
        match self {
            RegexOption::Prefregex => "prefregex",
            RegexOption::Failregex => "failregex",
            RegexOption::Ignoreregex => "ignoreregex",
        }
    }
}

/// A regex of the filter in place of another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct RegexChange {
    /// Where it stands.
    pub(crate) option: RegexOption,
    /// The file it was read from; None for a regex given as text.
    pub(crate) file: Option<String>,
    /// The line in that file.
    pub(crate) line: Option<u32>,
    /// The regex in force, references replaced.
    pub(crate) from: String,
    /// The regex in its place; None: it goes.
    pub(crate) to: Option<String>,
}

impl RegexChange {
    /// Puts `to` in place of `source`.
    pub(crate) fn new(option: RegexOption, source: &Sourced, to: Option<String>) -> RegexChange {
        let origin = source.origin.as_ref();
        RegexChange {
            option,
            file: origin.map(|origin| origin.file.display().to_string()),
            line: origin.map(|origin| origin.line),
            from: source.text.clone(),
            to,
        }
    }
}

/// An option with its value.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct OptionValue {
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
}

/// One more regex.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct AddedRegex {
    /// Where it is put, at the end.
    pub(crate) option: RegexOption,
    /// The regex.
    pub(crate) regex: String,
}

/// One change to a run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "change", content = "to", rename_all = "kebab-case")]
pub(crate) enum Change {
    /// An option of the filter: `[name=value]`.
    FilterOption(OptionValue),
    /// Another filter: `name[options]`.
    Filter(String),
    /// Another datepattern, as on the command line: `%` is not doubled.
    Datepattern(String),
    /// A zone for dates that name none.
    Timezone(String),
    /// Lines a regex may span.
    Maxlines(u32),
    /// Another journalmatch.
    Journalmatch(String),
    /// Another encoding of the log, as `-e` takes it.
    Encoding(String),
    /// Lines without ANSI escapes.
    StripAnsi,
    /// The lines inside of wrapped ones: the kind, as `--unwrap` takes it.
    Unwrap(String),
    /// Another regex.
    Regex(RegexChange),
    /// One more regex.
    AddRegex(AddedRegex),
    /// English month names for those of this language: for trials only, as no option does it.
    #[serde(skip)]
    Months(&'static Language),
}

impl Change {
    /// `[name=value]`.
    pub(crate) fn option(name: &str, value: &str) -> Change {
        Change::FilterOption(OptionValue {
            name: name.into(),
            value: value.into(),
        })
    }

    /// One more regex.
    pub(crate) fn added(option: RegexOption, regex: &str) -> Change {
        Change::AddRegex(AddedRegex {
            option,
            regex: regex.into(),
        })
    }

    /// Whether it is about the text of a regex.
    pub(crate) fn is_regex(&self) -> bool {
        matches!(self, Change::Regex(_) | Change::AddRegex(_))
    }
}

/// A regex as the changes make it: itself where none is about it, None where one takes it away.
pub(crate) fn changed_regex(
    option: RegexOption,
    source: &Sourced,
    changes: &[Change],
) -> Option<Sourced> {
    let mut text = source.text.clone();
    for change in changes {
        if let Change::Regex(change) = change
            && change.option == option
            && change.from == text
        {
            text = change.to.clone()?;
        }
    }
    Some(Sourced {
        text,
        origin: source.origin.clone(),
    })
}

/// The regexes the changes add to a list.
pub(crate) fn added_regexes(
    option: RegexOption,
    changes: &[Change],
) -> impl Iterator<Item = Sourced> {
    changes.iter().filter_map(move |change| match change {
        Change::AddRegex(added) if added.option == option => Some(Sourced {
            text: added.regex.clone(),
            origin: None,
        }),
        _ => None,
    })
}

/// Makes the changes of regexes to a filter's settings.
pub(crate) fn change_settings(settings: &mut Vec<Setting>, changes: &[Change]) {
    settings.retain_mut(|setting| {
        let (option, source) = match setting {
            Setting::Prefregex(source) => (RegexOption::Prefregex, source),
            Setting::Failregex(source) => (RegexOption::Failregex, source),
            Setting::Ignoreregex(source) => (RegexOption::Ignoreregex, source),
            _ => return true,
        };
        let changed = changed_regex(option, source, changes);
        let stays = changed.is_some();
        if let Some(changed) = changed {
            *source = changed;
        }
        stays
    });
    settings.extend(added_regexes(RegexOption::Prefregex, changes).map(Setting::Prefregex));
    settings.extend(added_regexes(RegexOption::Failregex, changes).map(Setting::Failregex));
    settings.extend(added_regexes(RegexOption::Ignoreregex, changes).map(Setting::Ignoreregex));
}
