//! Traps in a filter that upstream passes over in silence. Not for what the
//! regexes match: only names of options, tags and values are looked at.

use std::collections::BTreeSet;

use super::filter::{self, Setting};
use super::ini::Sections;
use super::jail;
use super::python::is_word;
use super::spelling::nearest;
use super::substitute::find_tag;
use super::text::{Origin, Sourced, Text};
use super::value::{Options, Value};
use super::warning::{ConfigWarning, WarningKind};

/// Tags that fail2ban itself replaces in a regex, besides `<F-…>`.
const REGEX_TAGS: &[&str] = &[
    "HOST",
    "ADDR",
    "IP4",
    "IP6",
    "DNS",
    "CIDR",
    "SUBNET",
    "SKIPLINES",
];

/// Options of a filter worth a "did you mean": the others have no effect that is missed.
pub(crate) const FILTER_OPTIONS: &[&str] = &[
    "failregex",
    "ignoreregex",
    "prefregex",
    "datepattern",
    "maxlines",
    "journalmatch",
];

/// What there is to know about a filter that was read.
pub(crate) struct Subject<'a> {
    /// The filter's sections, merged.
    pub(crate) sections: &'a Sections,
    /// The jail's own options, if it is one.
    pub(crate) jail: Option<&'a Options>,
    /// Final options of the filter.
    pub(crate) combined: &'a Options,
    pub(crate) settings: &'a [Setting],
    /// Options of the command line.
    pub(crate) given: &'a [(String, String)],
}

/// A tag made of another: `<mdre-<mode>>` is `mdre-`, `mode` and nothing.
struct Composite {
    prefix: String,
    key: String,
    suffix: String,
}

impl Composite {
    fn with(&self, value: &str) -> String {
        format!("{}{value}{}", self.prefix, self.suffix)
    }
}

/// All warnings about the filter.
pub(crate) fn lint(subject: &Subject) -> Vec<ConfigWarning> {
    let mut names = Names::default();
    names.collect(subject.sections);
    let mut warnings = Vec::new();
    given_options(subject, &names, &mut warnings);
    misspelt_options(subject, &names, &mut warnings);
    unresolved_tags(subject, &names, &mut warnings);
    warnings
}

/// The names in use in a filter's files.
#[derive(Default)]
struct Names {
    /// Options set anywhere, also as `section/option`.
    set: BTreeSet<String>,
    /// Names referred to, in lower case.
    referred: BTreeSet<String>,
    composites: Vec<Composite>,
}

impl Names {
    fn collect(&mut self, sections: &Sections) {
        let default = (super::ini::DEFAULT, &sections.defaults);
        let named = sections.named.iter();
        let named = named.map(|(name, options)| (name.as_str(), options));
        for (section, options) in named.chain([default]) {
            for (name, value) in options {
                self.set.insert(name.clone());
                self.set.insert(format!("{section}/{name}"));
                if let Value::Text(text) = value {
                    self.refer(text.as_str());
                }
            }
        }
    }

    fn refer(&mut self, text: &str) {
        for part in text.split("%(").skip(1) {
            if let Some((name, _)) = part.split_once(")s") {
                self.referred.insert(name.to_lowercase());
            }
        }
        let mut at = 0;
        while let Some((start, end)) = find_tag(text, at) {
            let key = &text[start + 1..end - 1];
            self.referred.insert(key.to_lowercase());
            let outer = |c: char| matches!(c, '<' | '>' | ' ' | '\n');
            let head = &text[..start];
            let tail = &text[end..];
            if let Some(open) = head.rfind(outer)
                && head[open..].starts_with('<')
                && let Some(close) = tail.find(outer)
                && tail[close..].starts_with('>')
            {
                self.composites.push(Composite {
                    prefix: head[open + 1..].to_owned(),
                    key: key.to_owned(),
                    suffix: tail[..close].to_owned(),
                });
            }
            at = end;
        }
    }

    /// Whether anything may make use of an option of this name.
    fn uses(&self, name: &str) -> bool {
        let name = name.split('?').next().unwrap_or(name);
        let lower = name.to_lowercase();
        let made = |composite: &Composite| {
            name.len() >= composite.prefix.len() + composite.suffix.len()
                && name.starts_with(&composite.prefix)
                && name.ends_with(&composite.suffix)
        };
        self.referred.contains(&lower)
            || self.referred.contains(&format!("known/{lower}"))
            || self.referred.iter().any(|other| {
                let option = other.split_once('/').map(|(_, option)| option);
                option == Some(lower.as_str())
            })
            || self.composites.iter().any(made)
    }
}

fn warning(kind: WarningKind, origin: Option<&Origin>, message: String) -> ConfigWarning {
    ConfigWarning {
        kind,
        file: origin.map(|origin| origin.file.to_path_buf()),
        line: origin.map(|origin| origin.line),
        message,
    }
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Given options that nothing uses.
fn given_options(subject: &Subject, names: &Names, warnings: &mut Vec<ConfigWarning>) {
    let of_filter = filter::EXPECTED.iter().map(|(name, _, _)| *name);
    let of_jail = jail::EXPECTED.iter().map(|(name, _, _)| *name);
    let of_jail = of_jail.filter(|_| subject.jail.is_some());
    let expected: Vec<&str> = of_filter
        .chain(of_jail)
        .chain(["logtype", "backend"])
        .collect();
    for (name, _) in subject.given {
        let base = name.split('?').next().unwrap_or(name);
        if expected.contains(&base) || names.set.contains(base) || names.uses(base) {
            continue;
        }
        let set = names.set.iter().map(String::as_str);
        let set = set.filter(|name| !name.contains('/'));
        let near = nearest(base, expected.iter().copied().chain(set));
        let message = format!(
            "nothing in the filter uses the option `{name}` given{}",
            meant(near)
        );
        warnings.push(warning(WarningKind::UnusedGivenOption, None, message));
    }
}

/// Options of `[Definition]`, or of the jail, that look like misspelt ones.
fn misspelt_options(subject: &Subject, names: &Names, warnings: &mut Vec<ConfigWarning>) {
    let definition = subject.sections.named.get("Definition");
    for (name, value) in definition.into_iter().chain(subject.jail).flatten() {
        let Value::Text(text) = value else { continue };
        if names.uses(name) || FILTER_OPTIONS.contains(&name.as_str()) {
            continue;
        }
        if let Some(near) = nearest(name, FILTER_OPTIONS.iter().copied()) {
            let message = format!("fail2ban knows no option `{name}`; did you mean `{near}`?");
            // An option that starts with an empty line is found at its name.
            let origin = text.lines().next().and_then(|(_, origin)| origin);
            warnings.push(warning(WarningKind::MisspeltOption, origin, message));
        }
    }
}

/// Tags that are still there in a final regex or pattern.
fn unresolved_tags(subject: &Subject, names: &Names, warnings: &mut Vec<ConfigWarning>) {
    let mut met = BTreeSet::new();
    let mut values = BTreeSet::new();
    for setting in subject.settings {
        let (sourced, is_regex) = match setting {
            Setting::Prefregex(text) | Setting::Failregex(text) | Setting::Ignoreregex(text) => {
                (text, true)
            }
            Setting::Datepattern(text) => (text, false),
            _ => continue,
        };
        let text = sourced.text.as_str();
        let mut at = 0;
        while let Some((start, end)) = find_tag(text, at) {
            at = end;
            let tag = &text[start + 1..end - 1];
            // `(?P<name>…)`, `(?<=…)`, `\<…>` are the regex's own
            if text[..start].ends_with(['?', '\\']) || text[..start].ends_with("?P") {
                continue;
            }
            if tag.starts_with("F-") || tag.starts_with("/F-") || REGEX_TAGS.contains(&tag) {
                continue;
            }
            if !met.insert(tag.to_owned()) {
                continue;
            }
            if let Some((key, found)) = unknown_value(subject, names, tag) {
                if values.insert(key) {
                    warnings.push(found);
                }
            } else if is_regex && let Some(found) = unknown_tag(names, tag, sourced) {
                warnings.push(found);
            }
        }
    }
}

/// The tag is made of an option whose value selects nothing.
fn unknown_value(subject: &Subject, names: &Names, tag: &str) -> Option<(String, ConfigWarning)> {
    let value_of = |key: &str| -> Option<Text> {
        let value = subject.combined.get(key).or_else(|| {
            let definition = subject.sections.named.get("Definition");
            let own = definition.and_then(|options| options.get(key));
            own.or_else(|| subject.sections.defaults.get(key))
        });
        Some(value?.to_text())
    };
    let (key, value) = names.composites.iter().find_map(|composite| {
        let value = value_of(&composite.key)?;
        (composite.with(value.as_str()) == tag).then_some((composite.key.as_str(), value))
    })?;
    let same: Vec<&Composite> = names
        .composites
        .iter()
        .filter(|made| made.key == key)
        .collect();
    let first = same.first()?;
    // A value is known if every tag made of it exists.
    // `section/option` names an option once more, and of `<<mode>>`, a tag of nothing but the
    // value, options with a meaning of their own are no values.
    let bare = first.prefix.is_empty() && first.suffix.is_empty();
    let is_value = |name: &str| {
        let known = filter::EXPECTED.iter().any(|(known, _, _)| *known == name);
        !bare || !(known || name == key || name.starts_with('_'))
    };
    let options = names.set.iter().filter(|name| !name.contains('/'));
    let known = options.filter(|name| is_value(name)).filter_map(|name| {
        let value = name
            .strip_prefix(first.prefix.as_str())?
            .strip_suffix(first.suffix.as_str())?;
        let all = same
            .iter()
            .all(|made| names.set.contains(&made.with(value)));
        (all && !value.is_empty()).then_some(value)
    });
    let known: Vec<&str> = known.collect();
    let mut message = format!(
        "`{}` is no {key} this filter knows: <{tag}> selects nothing",
        value.as_str()
    );
    if !known.is_empty() {
        message += &format!("; known: {}", known.join(", "));
    }
    message += &meant(nearest(value.as_str(), known.iter().copied()));
    let found = warning(WarningKind::UnknownValue, value.origin(), message);
    Some((key.to_owned(), found))
}

/// The tag looks like one but is none: a typo is matched literally.
fn unknown_tag(names: &Names, tag: &str, sourced: &Sourced) -> Option<ConfigWarning> {
    let shaped = tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && tag.chars().all(|c| is_word(c) || matches!(c, '-' | '/'));
    if !shaped {
        return None;
    }
    let set = names.set.iter().map(String::as_str);
    let near = nearest(tag, REGEX_TAGS.iter().copied().chain(set));
    // Plain words in angle brackets occur in logs: <unknown>, <NOSRV>.
    let named = tag.contains(['/', '_', '-']);
    if near.is_none() && !named {
        return None;
    }
    let message = format!(
        "<{tag}> is no tag fail2ban knows: it matches literally{}",
        meant(near)
    );
    Some(warning(
        WarningKind::UnresolvedTag,
        sourced.origin.as_ref(),
        message,
    ))
}
