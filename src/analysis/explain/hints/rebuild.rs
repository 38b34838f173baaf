//! A run's filter with the changes of hints: FILTER with other options, and what else stands in
//! place of the run's settings. How a filter is built is its caller's.

use super::change::Change;
use super::evidence::{FilterRebuilder, RegexSources};
use crate::config::{FilterRequest, Resolution, resolve};
use crate::date::DateDetector;
use crate::engine::Filter;
use crate::engine::builder::Overrides;

/// Builds the run's filter with other options.
pub(crate) struct Rebuilder<'a, B> {
    /// What the run's filter was asked for by.
    pub(crate) request: FilterRequest<'a>,
    /// FILTER is a regex as text, which has no options.
    pub(crate) is_literal: bool,
    /// Builds the filter that a FILTER names; what it is given counts over the run's own settings.
    pub(crate) build: B,
}

impl<B> FilterRebuilder for Rebuilder<'_, B>
where
    B: Fn(&str, &Overrides) -> Option<(Filter, Option<DateDetector>)>,
{
    fn build(&self, changes: &[Change]) -> Option<(Filter, Option<DateDetector>)> {
        let mut given = Overrides::default();
        for change in changes {
            match change {
                Change::Datepattern(pattern) => given.datepattern = Some(pattern),
                Change::Timezone(zone) => given.timezone = Some(zone),
                Change::Maxlines(lines) => given.maxlines = Some(i64::from(*lines)),
                _ => {}
            }
        }
        (self.build)(&self.spec(changes)?, &given)
    }

    fn regexes(&self, changes: &[Change]) -> Option<RegexSources> {
        let spec = self.spec(changes)?;
        let request = FilterRequest {
            spec: &spec,
            ..self.request
        };
        let Ok(Resolution::Filter(source)) = resolve(&request) else {
            return None;
        };
        Some(RegexSources::of(source.settings))
    }
}

impl<B> Rebuilder<'_, B> {
    /// FILTER with the options among the changes; None for a regex given as text.
    fn spec(&self, changes: &[Change]) -> Option<String> {
        let mut spec = self.request.spec.to_string();
        for change in changes {
            match change {
                Change::Filter(filter) => spec.clone_from(filter),
                Change::FilterOption(option) => {
                    let given = with_option(&spec, &option.name, &option.value);
                    spec = given.filter(|_| !self.is_literal)?;
                }
                _ => {}
            }
        }
        Some(spec)
    }
}

/// `name[a=b]` with one more option; the last of a name counts.
pub(crate) fn with_option(spec: &str, name: &str, value: &str) -> Option<String> {
    let quote = ['\'', '"']
        .into_iter()
        .find(|quote| !value.contains(*quote))?;
    let option = format!("{name}={quote}{value}{quote}");
    Some(match spec.strip_suffix(']') {
        Some(open) if open.ends_with('[') => format!("{open}{option}]"),
        Some(open) => format!("{open}, {option}]"),
        None => format!("{spec}[{option}]"),
    })
}

#[cfg(test)]
mod tests {
    use super::with_option;

    #[test]
    fn options_are_added() {
        let with = |spec| with_option(spec, "mode", "x");
        assert_eq!(with("sshd").as_deref(), Some("sshd[mode='x']"));
        assert_eq!(with("sshd[]").as_deref(), Some("sshd[mode='x']"));
        assert_eq!(with("sshd[a=1]").as_deref(), Some("sshd[a=1, mode='x']"));
        assert_eq!(with_option("s", "a", "'\""), None);
    }
}
