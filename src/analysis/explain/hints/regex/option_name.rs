//! The name of an option stands in the regex where its value should: `(_fishing)` or `${_fishing}`
//! for `%(_fishing)s`, `<_fishign>` for `<_fishing>`.

use super::{Case, Offer};
use crate::config::FILTER_OPTIONS;

/// Whether an option is no part of a regex.
fn is_other(name: &str) -> bool {
    ["before", "after"].contains(&name) || FILTER_OPTIONS.contains(&name)
}

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for (at, (name, value)) in case.options.iter().enumerate() {
        let is_last = case.options[at + 1..]
            .iter()
            .all(|(known, _)| known != name);
        // a value with references of its own is not known here
        let is_known = !value.contains("%(") && !value.is_empty();
        if !is_last || !is_known || is_other(name) {
            continue;
        }
        let value = value.replace("%%", "%");
        let value = if value.contains('|') {
            format!("(?:{value})")
        } else {
            value
        };
        if let Some(written) = written(case.source, name) {
            let right = format!("%({name})s");
            let what = if written == right {
                format!("`%{right}` is no more than the text `{right}`")
            } else {
                format!("`{written}` is the name of an option of the filter")
            };
            all.push(Offer {
                code: "option-name",
                why: format!("{what}; the option's value stands where `{right}` is written"),
                regex: case.source.replace(&written, &value),
            });
        } else if let Some(written) = misspelt(case, name) {
            all.push(Offer {
                code: "option-name",
                why: format!("the filter has no option for `{written}`, but one for `<{name}>`"),
                regex: case.source.replace(&written, &value),
            });
        }
    }
    all
}

/// How the name is written in a regex, as what other programs replace.
fn written(source: &str, name: &str) -> Option<String> {
    let around = [
        ("${", "}"),
        ("$(", ")s"),
        ("$(", ")"),
        ("%(", ")s"),
        ("%(", ")"),
        ("{{", "}}"),
        ("%{", "}"),
        ("{", "}"),
        ("(", ")"),
        ("@", "@"),
        ("%", "%"),
        ("$", ""),
        ("%", ""),
    ];
    let mut signs = around
        .iter()
        .map(|(open, close)| format!("{open}{name}{close}"));
    if let Some(written) = signs.find(|written| stands(source, written)) {
        return Some(written);
    }
    // the bare name may be a word of the log
    (name.starts_with('_') && stands(source, name)).then(|| name.to_string())
}

/// Whether a text stands in another one, and is no part of a longer name.
fn stands(source: &str, text: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut places = source.match_indices(text);
    places.any(|(at, _)| {
        let (before, behind) = (&source[..at], &source[at + text.len()..]);
        let goes_on = text.ends_with(is_of_name) && behind.starts_with(is_of_name);
        let is_begun = text.starts_with(is_of_name) && before.ends_with(is_of_name);
        !goes_on && !is_begun && !before.ends_with('\\')
    })
}

/// `<name>` in the regex that no option has, and that is nearly this one.
fn misspelt(case: &Case, name: &str) -> Option<String> {
    const LONG: usize = 5;
    let tags = case.source.match_indices('<').filter_map(|(at, _)| {
        let inner = &case.source[at + 1..];
        let tag = &inner[..inner.find('>')?];
        let is_of_name = |c: char| c.is_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        (!tag.is_empty() && tag.chars().all(is_of_name)).then_some(tag)
    });
    let is_near = |tag: &&str| {
        let steps = if name.len() < LONG { 1 } else { 2 };
        let is_option = case.options.iter().any(|(known, _)| known == tag);
        !is_option && strsim::damerau_levenshtein(tag, name) <= steps
    };
    let mut near = tags.filter(is_near);
    near.next().map(|tag| format!("<{tag}>"))
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn names_of_options_are_told() {
        assert_eq!(written("a ${_f} b", "_f").as_deref(), Some("${_f}"));
        assert_eq!(written("a %(_f)s b", "_f").as_deref(), Some("%(_f)s"));
        assert_eq!(written("a _f b", "_f").as_deref(), Some("_f"));
        assert_eq!(written("a _fx b", "_f"), None);
        assert_eq!(written("a fail b", "fail"), None);
    }
}
