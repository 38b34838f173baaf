//! One regex of a filter: compiled, with what its named groups mean.

use super::groups::{FAILURE_ID_GROUPS, Groups, Key, Names, Value};
use super::regex_cache::RegexCache;
use super::verdict_groups::{Projection, VERDICT_GROUPS};
use crate::config::Sourced;
use crate::pattern::every_line::matches_every_line;
use crate::pattern::one_line::matches_one_line;
use crate::pattern::tags::{self, HostTag};
use crate::pattern::{Match, PatternError, Regex};
use std::sync::Arc;

/// Which regex of a filter: for messages about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RegexRole {
    /// The prefregex.
    Prefregex,
    /// The failregex of that index, from 0.
    Failregex(usize),
    /// The ignoreregex of that index, from 0.
    Ignoreregex(usize),
}

/// Which groups of a match are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Those that decide a verdict.
    Verdict,
    /// All that have a name.
    All,
}

/// Why a regex cannot be used; the texts are upstream's `RegexException`s.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegexError {
    /// Nothing but white space.
    #[error("Cannot add empty regex")]
    Empty,
    /// CPython's `re` refuses it.
    #[error("Unable to compile regular expression '{regex}':\n{error}")]
    Syntax {
        /// The regex after fail2ban's tags were replaced.
        regex: String,
        /// CPython's message.
        error: PatternError,
    },
    /// No group says who failed.
    #[error("No failure-id group in '{0}'")]
    NoFailureId(String),
}

impl RegexError {
    /// The error in one line for people: upstream's own text spans two.
    pub(crate) fn one_line(&self) -> String {
        let RegexError::Syntax { regex, error } = self else {
            return self.to_string();
        };
        let near = error.position.map(|at| {
            let from = at.saturating_sub(10);
            let piece: String = regex.chars().skip(from).take(30).collect();
            let before = if from > 0 { "…" } else { "" };
            format!(", in `{before}{piece}…` (fail2ban's tags replaced)")
        });
        format!("{error}{}", near.unwrap_or_default()).replace('\n', "\\n")
    }
}

/// A regex of the filter with the names of its groups.
#[derive(Debug)]
pub(crate) struct FilterRegex {
    /// The regex as written, and where.
    pub(crate) source: Sourced,
    /// The compiled regex, tags replaced.
    pub(crate) regex: Arc<Regex>,
    /// The group whose text prefregex leaves for the failregexes.
    pub(super) content: Option<usize>,
    /// The groups of lines that may stand between those it matches (`<SKIPLINES>`), in order.
    pub(super) skipped_lines: Vec<usize>,
    /// Its matches lie in one line of a buffer, but for white space around them.
    pub(super) matches_one_line: bool,
    /// It matches every line that is not empty.
    pub(super) matches_every_line: bool,
    named: Vec<(Key, usize)>,
    /// Those of `named` that decide a verdict, and what they are merged from.
    verdict_groups: Vec<(Key, usize)>,
    alternates: Vec<(Key, Key)>,
    tuples: Vec<(Key, Key)>,
    /// Groups that name a failure or a session, and alternates of such groups: these only
    /// with a text (true).
    identifying: Vec<(usize, bool)>,
    /// How a verdict's groups are taken out of a match; None where only a dictionary will do.
    projection: Option<Projection>,
}

impl FilterRegex {
    pub(super) fn new(
        source: Sourced,
        host: HostTag,
        multi_line: bool,
        (names, cache): (&mut Names, &RegexCache),
    ) -> Result<FilterRegex, RegexError> {
        let resolved = tags::resolve(&source.text, host);
        if resolved.chars().all(crate::python::is_space) {
            return Err(RegexError::Empty);
        }
        let compiled = cache.compile(&resolved, multi_line);
        let regex = compiled.map_err(|error| RegexError::Syntax {
            regex: resolved,
            error,
        })?;
        let mut named = Vec::new();
        let (mut alternates, mut tuples) = (Vec::new(), Vec::new());
        for (name, index) in regex.group_names() {
            named.push((names.intern(name), *index));
            if let Some(target) = name.strip_prefix("alt_").filter(|_| name.len() > 4) {
                alternates.push((name.clone(), tags::group_name(without_number(target))));
            } else if let Some(target) = name.strip_prefix("tuple_") {
                tuples.push((name.clone(), tags::group_name(without_number(target))));
            }
        }
        // sorted by name, Regex.__init__
        let mut keys = |mut pairs: Vec<(String, String)>| -> Vec<(Key, Key)> {
            pairs.sort();
            pairs
                .iter()
                .map(|(from, to)| (names.intern(from), names.intern(to)))
                .collect()
        };
        let (alternates, tuples) = (keys(alternates), keys(tuples));
        let merged = || alternates.iter().chain(&tuples);
        let is_read = |key: Key| {
            let target = merged().any(|&(from, to)| from == key && VERDICT_GROUPS.contains(&to));
            VERDICT_GROUPS.contains(&key) || target
        };
        let verdict_groups: Vec<(Key, usize)> = (named.iter().copied())
            .filter(|(key, _)| is_read(*key))
            .collect();
        let projection = Projection::new(&named, &alternates, &tuples);
        let identifies = |key: Key| {
            let target = merged().any(|&(from, to)| from == key && FAILURE_ID_GROUPS.contains(&to));
            FAILURE_ID_GROUPS.contains(&key) || target
        };
        let those = named.iter().filter(|(key, _)| identifies(*key));
        let identifying = those
            .map(|(key, index)| (*index, !FAILURE_ID_GROUPS.contains(key)))
            .collect();
        let content = named.iter().find(|(key, _)| *key == Key::CONTENT);
        let content = content.map(|(_, index)| *index);
        Ok(FilterRegex {
            source,
            skipped_lines: (0..)
                .map_while(|number| regex.group_index(&format!("skiplines{number}")))
                .collect(),
            matches_one_line: multi_line && matches_one_line(regex.ast()),
            matches_every_line: matches_every_line(regex.ast()),
            regex,
            content,
            named,
            verdict_groups,
            alternates,
            tuples,
            identifying,
            projection,
        })
    }

    /// The named groups that are kept at that detail, in order of their definition.
    pub(crate) fn kept(&self, detail: Detail) -> &[(Key, usize)] {
        match detail {
            Detail::Verdict => &self.verdict_groups,
            Detail::All => &self.named,
        }
    }

    /// Whether a match with such groups names a failure or a session. A tuple does, even
    /// of groups that took no part, and a group does that matched nothing.
    pub(super) fn identifies(&self, span: impl Fn(usize) -> Option<(usize, usize)>) -> bool {
        let tuple = self
            .tuples
            .iter()
            .any(|(_, to)| FAILURE_ID_GROUPS.contains(to));
        let names = |&(index, needs_text): &(usize, bool)| {
            span(index).is_some_and(|(start, end)| !needs_text || start < end)
        };
        tuple || self.identifying.iter().any(names)
    }

    /// Whether a match may name a session: a group of that name, or one that stands in for it.
    pub(super) fn names_session(&self) -> bool {
        let mut merged = self.alternates.iter().chain(&self.tuples);
        self.has_group(Key::MLFID) || merged.any(|(_, to)| *to == Key::MLFID)
    }

    /// The groups of a match as a dictionary; `text` gives the text of the `n`th kept group.
    pub(crate) fn groups_of<'t>(
        &self,
        detail: Detail,
        text: impl Fn(usize) -> Option<&'t str>,
    ) -> Groups {
        let mut groups = Groups::default();
        for (at, &(key, _)) in self.kept(detail).iter().enumerate() {
            let value = text(at).map_or(Value::None, |text| Value::Text(text.into()));
            groups.push(key, value);
        }
        self.merge(&mut groups);
        groups
    }

    /// How the groups of [`Detail::Verdict`] are taken out of a match; None where it needs a
    /// dictionary.
    pub(super) fn projection(&self) -> Option<&Projection> {
        self.projection.as_ref()
    }

    /// The match as upstream's `getGroups`: every named group in order, alternates and
    /// tuples merged.
    pub(crate) fn groups(&self, text: &str, found: &Match) -> Groups {
        self.groups_of(Detail::All, |at| {
            found
                .span(self.named[at].1)
                .map(|(start, end)| &text[start..end])
        })
    }

    /// Merges alternates and tuples (`Regex._getGroupsWithAlt`).
    fn merge(&self, groups: &mut Groups) {
        for &(from, to) in &self.alternates {
            if groups.is_true(from) && !groups.is_true(to) {
                let value = groups.get(from).cloned().unwrap_or(Value::None);
                groups.set(to, value);
            }
        }
        for &(from, to) in &self.tuples {
            let value = groups.get(from).cloned().unwrap_or(Value::None);
            let joined = match groups.get(to) {
                Some(Value::Tuple(values)) => {
                    let mut values = values.clone();
                    values.push(value);
                    values
                }
                other => vec![other.cloned().unwrap_or(Value::None), value],
            };
            groups.set(to, Value::Tuple(joined));
        }
    }

    /// Whether a group of that name exists.
    pub(crate) fn has_group(&self, key: Key) -> bool {
        self.named.iter().any(|(k, _)| *k == key)
    }
}

/// `user_1` is the first of several `user`s: upstream's `COMPLNAME_CRE`.
fn without_number(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((base, number))
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            base
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Facts, HitFact};
    use super::super::texts::{Span, Texts};
    use super::super::verdict_groups::VerdictTexts;
    use super::*;
    use crate::pattern::Captures;
    use proptest::prelude::*;

    const NAMES: [&str; 20] = [
        "fid",
        "ip4",
        "ip6",
        "dns",
        "cidr",
        "user",
        "mlfid",
        "nofail",
        "mlfforget",
        "mlfgained",
        "mlfpending",
        "users",
        "alt_user",
        "alt_user_1",
        "alt_ip4",
        "alt_fport",
        "alt_id",
        "tuple_fport",
        "fport",
        "content",
    ];

    fn regex(groups: &[&str], names: &mut Names) -> FilterRegex {
        let groups: Vec<String> = groups.iter().map(|n| format!("(?P<{n}>x)?")).collect();
        let source = Sourced {
            text: groups.concat() + "x",
            origin: None,
        };
        FilterRegex::new(source, HostTag::Any, false, (names, &RegexCache::default()))
            .expect("it compiles")
    }

    type Matched = (Vec<&'static str>, Vec<Option<&'static str>>);

    /// Names of groups in some order, and what each of them matched.
    fn matched() -> impl Strategy<Value = Matched> {
        let text = prop_oneof![
            2 => Just(None),
            1 => Just(Some("")),
            1 => Just(Some("a")),
            1 => Just(Some("b"))
        ];
        let names = prop::sample::subsequence(NAMES.to_vec(), 0..NAMES.len()).prop_shuffle();
        (names, prop::collection::vec(text, NAMES.len()))
    }

    proptest! {
        /// Groups projected say what the dictionaries of prefregex and failregex say.
        #[test]
        fn projections_say_what_dictionaries_say(pre in matched(), fail in matched()) {
            let mut names = Names::default();
            let regexes = [&pre, &fail].map(|(groups, _)| regex(groups, &mut names));
            let text = |at: usize| if at == 0 { &pre.1 } else { &fail.1 };
            let mut texts = Texts::new("......".to_string());
            let mut facts = Facts::new(Detail::Verdict);
            let [below, kept] = [0, 1].map(|at| {
                let (regex, start) = (&regexes[at], texts.end());
                let mut groups = vec![None; regex.named.len() + 1];
                for (&(_, group), text) in regex.verdict_groups.iter().zip(text(at)) {
                    let place = texts.end() - start;
                    groups[group] = text.map(|text| (place, place + text.len()));
                    texts.join(&[text.unwrap_or_default()]);
                }
                let captures = Captures::of(groups.into_iter());
                let (found, place) = (captures.get(), Span::new(start, texts.end()));
                if at == 0 {
                    facts.keep_prefregex(regex, &found, place, true)
                } else {
                    facts.keep(regex, &found, place, true)
                }
            });
            let [pre, fail] = [0, 1].map(|at| regexes[at].groups_of(Detail::Verdict, |n| text(at)[n]));
            let all = fail.over(&pre);
            let mut keys = FAILURE_ID_GROUPS.iter();
            let identifies = below.identifies || kept.identifies;
            prop_assert_eq!(identifies, keys.any(|key| all.present(*key).is_some()));
            let hit = HitFact { regex: 0, spans: facts.joined(kept) };
            let again = HitFact { regex: 0, spans: facts.joined(kept) };
            let all = VerdictTexts::of(&all);
            prop_assert_eq!(facts.projected(&hit, &texts), all.groups());
            prop_assert_eq!(facts.projected(&again, &texts), all.groups());
        }
    }

    #[test]
    fn some_groups_need_a_dictionary() {
        let mut names = Names::default();
        let mut projects = |groups: &[&str]| regex(groups, &mut names).projection().is_some();
        for group in ["tuple_user", "tuple_id", "alt_alt_user"] {
            assert!(!projects(&["alt_user", group]), "{group}");
        }
        assert!(projects(&[
            "alt_user",
            "port",
            "tuple_port",
            "users",
            "mlfpending"
        ]));
    }
}
