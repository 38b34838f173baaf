//! A filter ready to run: its regexes compiled, its options settled.
//!
//! Built once from the settings `config` hands over (or a literal regex); immutable and
//! shared by all threads after that. Not for reading configuration.

use super::dns::UseDns;
use super::facts::Detail;
use super::groups::{Groups, Key, Names, Value};
use super::prefilter::Prefilter;
use super::verdict_groups::{DECIDING_GROUPS, Layout};
use crate::config::Sourced;
use crate::pattern::every_line::matches_every_line;
use crate::pattern::tags::{self, HostTag};
use crate::pattern::{Flags, Match, PatternError, Regex};
use std::sync::OnceLock;

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
    pub(crate) regex: Regex,
    /// The group whose text prefregex leaves for the failregexes.
    pub(super) content: Option<usize>,
    /// It matches every line that is not empty.
    pub(super) matches_every_line: bool,
    named: Vec<(Key, usize)>,
    /// Those of `named` that decide a verdict, and what they are merged from.
    deciding: Vec<(Key, usize)>,
    alternates: Vec<(Key, Key)>,
    tuples: Vec<(Key, Key)>,
    /// Groups that name a failure or a session, and alternates of such groups: these only
    /// with a text (true).
    identifying: Vec<(usize, bool)>,
    /// Where those of `deciding` go; None where only a dictionary will do.
    layout: Option<Layout>,
}

/// Groups that identify a failure (upstream's `FAILURE_ID_PRESENTS`).
const FAILURE_ID_GROUPS: [Key; 5] = [Key::FID, Key::IP4, Key::IP6, Key::DNS, Key::MLFID];

impl FilterRegex {
    fn new(
        source: Sourced,
        host: HostTag,
        multi_line: bool,
        names: &mut Names,
    ) -> Result<FilterRegex, RegexError> {
        let resolved = tags::resolve(&source.text, host);
        if resolved.chars().all(crate::python::is_space) {
            return Err(RegexError::Empty);
        }
        let flags = Flags {
            multi_line,
            ..Flags::default()
        };
        let regex = Regex::new(&resolved, flags).map_err(|error| RegexError::Syntax {
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
        let decides = |key: Key| {
            let target = merged().any(|&(from, to)| from == key && DECIDING_GROUPS.contains(&to));
            DECIDING_GROUPS.contains(&key) || target
        };
        let deciding: Vec<(Key, usize)> = (named.iter().copied())
            .filter(|(key, _)| decides(*key))
            .collect();
        let layout = {
            let keys =
                |of: &[(Key, usize)]| -> Vec<Key> { of.iter().map(|(key, _)| *key).collect() };
            Layout::new(&keys(&deciding), &keys(&named), &alternates, &tuples)
        };
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
            matches_every_line: matches_every_line(regex.ast()),
            regex,
            content,
            named,
            deciding,
            alternates,
            tuples,
            identifying,
            layout,
        })
    }

    /// The named groups that are kept at that detail, in order of their definition.
    pub(crate) fn kept(&self, detail: Detail) -> &[(Key, usize)] {
        match detail {
            Detail::Verdict => &self.deciding,
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

    /// Where the groups of [`Detail::Verdict`] go in a [`VerdictGroups`](super::verdict_groups::VerdictGroups);
    /// None where a match needs a dictionary.
    pub(super) fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref()
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

/// What a run is asked for beside its regexes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FilterOptions {
    /// How host names are treated.
    pub(crate) usedns: UseDns,
    /// `--raw`: failure ids are kept as text.
    pub(crate) raw: bool,
    /// Try every failregex, not only up to the first hit.
    pub(crate) check_all: bool,
    /// `--out`: a failure without an id yet is not reported.
    pub(crate) ignore_pending: bool,
    /// Lines of the buffer; above 1 the filter is a multi-line one.
    pub(crate) maxlines: usize,
    /// Keep the lines that made a failure (`--out msg` and others).
    pub(crate) keep_matches: bool,
}

impl Default for FilterOptions {
    fn default() -> Self {
        FilterOptions {
            usedns: UseDns::Raw,
            raw: false,
            check_all: true,
            ignore_pending: false,
            maxlines: 1,
            keep_matches: false,
        }
    }
}

/// A filter ready to run.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// The regex every line must pass first, if there is one.
    pub(crate) prefregex: Option<FilterRegex>,
    /// The regexes that find failures.
    pub(crate) failregexes: Vec<FilterRegex>,
    /// The regexes that take a failure back.
    pub(crate) ignoreregexes: Vec<FilterRegex>,
    /// The group names of all of them.
    pub(crate) names: Names,
    /// What the run is asked for.
    pub(crate) options: FilterOptions,
    /// Made at the first line.
    gate: OnceLock<Prefilter>,
    prefregex_gate: OnceLock<Prefilter>,
}

impl Filter {
    /// A filter without regexes.
    pub(crate) fn new(options: FilterOptions) -> Filter {
        Filter {
            options,
            ..Filter::default()
        }
    }

    fn host_tag(&self) -> HostTag {
        match self.options.usedns {
            UseDns::No => HostTag::AddressOnly,
            _ => HostTag::Any,
        }
    }

    /// Sets the prefregex; an empty one removes it.
    pub(crate) fn set_prefregex(&mut self, source: Sourced) -> Result<(), RegexError> {
        self.prefregex = if source.text.is_empty() {
            None
        } else {
            let host = self.host_tag();
            Some(FilterRegex::new(source, host, false, &mut self.names)?)
        };
        Ok(())
    }

    /// Adds a failregex; it, or the prefregex, must have a failure-id group.
    pub(crate) fn add_failregex(&mut self, source: Sourced) -> Result<(), RegexError> {
        let host = self.host_tag();
        let multi_line = self.options.maxlines > 1;
        let regex = FilterRegex::new(source, host, multi_line, &mut self.names)?;
        let identifies = |r: &FilterRegex| FAILURE_ID_GROUPS.iter().any(|key| r.has_group(*key));
        if !identifies(&regex) && !self.prefregex.as_ref().is_some_and(identifies) {
            return Err(RegexError::NoFailureId(regex.regex.as_str().to_string()));
        }
        self.failregexes.push(regex);
        Ok(())
    }

    /// Adds an ignoreregex.
    pub(crate) fn add_ignoreregex(&mut self, source: Sourced) -> Result<(), RegexError> {
        let host = self.host_tag();
        let regex = FilterRegex::new(source, host, false, &mut self.names)?;
        self.ignoreregexes.push(regex);
        Ok(())
    }

    /// Whether ignoreregexes are tried before anything else: only with more than two fewer
    /// of them than failregexes (`Filter.findFailure`).
    pub(crate) fn ignores_first(&self) -> bool {
        !self.ignoreregexes.is_empty() && self.ignoreregexes.len() + 2 < self.failregexes.len()
    }

    /// The failregexes that may match `text`, in order: all that the gate does not rule out.
    pub(crate) fn candidates<'t>(&'t self, text: &'t str) -> impl Iterator<Item = usize> + 't {
        self.gate().candidates(text)
    }

    /// The gate of the failregexes.
    pub(crate) fn gate(&self) -> &Prefilter {
        self.gate
            .get_or_init(|| Prefilter::new(self.failregexes.iter().map(|r| &r.regex)))
    }

    /// The gate of prefregex; None where there is no prefregex.
    pub(super) fn prefregex_gate(&self) -> Option<&Prefilter> {
        let regex = &self.prefregex.as_ref()?.regex;
        let make = || Prefilter::new(std::iter::once(regex));
        Some(self.prefregex_gate.get_or_init(make))
    }

    /// Whether all matches can do without dictionaries, as far as verdicts go.
    pub(super) fn is_lean(&self) -> bool {
        let mut regexes = self.prefregex.iter().chain(&self.failregexes);
        regexes.all(|regex| regex.layout.is_some())
    }

    /// Whether the verdict on a line depends on a buffer of earlier lines.
    pub(crate) fn is_multi_line(&self) -> bool {
        self.options.maxlines > 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::session::merged;
    use super::super::verdict_groups::VerdictGroups;
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 18] = [
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
        FilterRegex::new(source, HostTag::Any, false, names).expect("it compiles")
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
        /// Groups laid out say what the dictionaries of prefregex and failregex say.
        #[test]
        fn layouts_say_what_dictionaries_say(pre in matched(), fail in matched()) {
            let mut names = Names::default();
            let regexes = [&pre, &fail].map(|(groups, _)| regex(groups, &mut names));
            let text = |at: usize| if at == 0 { &pre.1 } else { &fail.1 };
            let mut lean = VerdictGroups::default();
            for (at, regex) in regexes.iter().enumerate() {
                let layout = regex.layout().expect("no tuple decides anything");
                layout.lay(|n| text(at)[n], &mut lean);
            }
            let [pre, fail] = [0, 1].map(|at| regexes[at].groups_of(Detail::Verdict, |n| text(at)[n]));
            let all = merged(&pre, fail);
            prop_assert_eq!(lean, VerdictGroups::of(&all));
        }
    }

    #[test]
    fn some_groups_need_a_dictionary() {
        let mut names = Names::default();
        for group in [
            "tuple_user",
            "tuple_id",
            "mlfpending",
            "users",
            "alt_users",
            "alt_alt_user",
        ] {
            assert!(
                regex(&["alt_user", group], &mut names).layout().is_none(),
                "{group}"
            );
        }
        assert!(
            regex(&["alt_user", "port", "tuple_port"], &mut names)
                .layout()
                .is_some()
        );
    }
}
