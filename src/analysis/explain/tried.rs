//! What each regex said of a line, noted while the engine searches it.

use super::near::{Graphs, NearMiss, WalkBudget};
use crate::engine::find_failure::{Said, SearchObserver};
use crate::engine::groups::{Names, Value};
use crate::engine::{Filter, FilterRegex, RegexRole};
use crate::pattern::Scratch;

/// What a regex said of a text.
#[derive(Clone, Debug)]
pub(crate) enum RegexOutcome {
    /// It matched.
    Matched {
        /// Its named groups that took part, in order.
        groups: Vec<(String, String)>,
    },
    /// It did not; None where nothing in it could fail.
    Missed(Option<NearMiss>),
    /// It gave no answer within its budget of steps.
    Exhausted,
}

/// One regex tried on one text.
#[derive(Clone, Debug)]
pub(crate) struct RegexStep {
    /// Which regex.
    pub(crate) role: RegexRole,
    /// What it said.
    pub(crate) outcome: RegexOutcome,
}

impl RegexStep {
    /// Whether it matched.
    pub(crate) fn matched(&self) -> bool {
        matches!(self.outcome, RegexOutcome::Matched { .. })
    }

    /// How near it came, if it missed.
    pub(crate) fn near(&self) -> Option<&NearMiss> {
        match &self.outcome {
            RegexOutcome::Missed(near) => near.as_ref(),
            _ => None,
        }
    }
}

/// What the engine's searches of a line came to.
pub(super) struct Tried<'f, 'g> {
    filter: &'f Filter,
    graphs: &'g mut Graphs<'f>,
    scratch: Scratch,
    /// For the near misses of all its regexes.
    budget: WalkBudget,
    /// The text that was searched first.
    pub(super) text: Option<String>,
    /// What prefregex left of it.
    pub(super) content: Option<String>,
    pub(super) ignored_first: bool,
    pub(super) prefregex: Option<RegexStep>,
    pub(super) failregexes: Vec<RegexStep>,
    pub(super) ignoreregexes: Vec<RegexStep>,
}

impl<'f, 'g> Tried<'f, 'g> {
    pub(super) fn new(filter: &'f Filter, graphs: &'g mut Graphs<'f>) -> Tried<'f, 'g> {
        Tried {
            filter,
            graphs,
            scratch: Scratch::default(),
            budget: WalkBudget::default(),
            text: None,
            content: None,
            ignored_first: false,
            prefregex: None,
            failregexes: Vec::new(),
            ignoreregexes: Vec::new(),
        }
    }

    /// What a regex said of a text. A near miss tells places in the text that is shown: there
    /// is none where the engine has come to search another (behind a match of a multi-line
    /// filter).
    fn step(&mut self, role: RegexRole, text: &str, said: Said) -> RegexStep {
        let regex = match role {
            RegexRole::Prefregex => self.filter.prefregex.as_ref(),
            RegexRole::Failregex(index) => self.filter.failregexes.get(index),
            RegexRole::Ignoreregex(index) => self.filter.ignoreregexes.get(index),
        };
        let shown = [&self.text, &self.content];
        let is_shown = shown.into_iter().flatten().any(|shown| shown == text);
        let outcome = match (said, regex) {
            (Said::Exhausted, _) | (_, None) => RegexOutcome::Exhausted,
            (Said::Matched, Some(regex)) => {
                groups_of(regex, text, &self.filter.names, &mut self.scratch)
            }
            (Said::Missed | Said::RuledOut, Some(regex)) => {
                let (budget, scratch) = (&mut self.budget, &mut self.scratch);
                let graphs = &mut self.graphs;
                let near = is_shown.then(|| graphs.near_miss(&regex.regex, text, budget, scratch));
                RegexOutcome::Missed(near.flatten())
            }
        };
        RegexStep { role, outcome }
    }
}

impl SearchObserver for Tried<'_, '_> {
    const SEARCHES_ALL: bool = true;

    fn searched<'t>(&mut self, role: RegexRole, text: impl FnOnce() -> &'t str, said: Said) {
        let text = text();
        self.text.get_or_insert_with(|| text.to_string());
        let is_first = self.prefregex.is_none() && self.failregexes.is_empty();
        let step = self.step(role, text, said);
        match role {
            RegexRole::Prefregex => {
                if let RegexOutcome::Matched { groups } = &step.outcome {
                    let content = groups.iter().find(|(name, _)| name == "content");
                    self.content = content
                        .filter(|(_, content)| !content.is_empty())
                        .map(|(_, content)| format!("{content}\n"));
                }
                self.prefregex = Some(step);
            }
            RegexRole::Failregex(_) => self.failregexes.push(step),
            RegexRole::Ignoreregex(index) => {
                self.ignored_first |= is_first && step.matched();
                match self.ignoreregexes.get_mut(index) {
                    Some(before) if before.matched() => {}
                    Some(before) => *before = step,
                    None => self.ignoreregexes.push(step),
                }
            }
        }
    }
}

/// The groups of a regex that matches a text, those that took part.
fn groups_of(
    regex: &FilterRegex,
    text: &str,
    names: &Names,
    scratch: &mut Scratch,
) -> RegexOutcome {
    let Ok(Some(found)) = regex.regex.search(text, scratch) else {
        return RegexOutcome::Exhausted;
    };
    let groups = regex.groups(text, &found);
    let taking_part = groups.iter().filter(|(_, value)| **value != Value::None);
    RegexOutcome::Matched {
        groups: taking_part
            .map(|(key, value)| (names.name(key).to_string(), value.to_text().to_string()))
            .collect(),
    }
}
