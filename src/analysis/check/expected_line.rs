//! One line of an expectation file: what it must give, and what of that it does not.

use super::compare::same_address;
use crate::engine::{LineOutcome, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Options of a filter, by name.
pub(super) type OptionMap = BTreeMap<String, String>;

/// A line and what it must give; what is left out is not compared.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedLine {
    pub(super) line: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gives: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) host: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) regex: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) todo: Option<Todo>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) options: OptionMap,
}

/// It is known that the line gives something else: `true`, or why.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Todo {
    Is(bool),
    Why(String),
}

impl ExpectedLine {
    /// Why it is known to fail, empty if nothing is said; None if it is not.
    pub(super) fn known_failure(&self) -> Option<&str> {
        match &self.todo {
            Some(Todo::Why(reason)) => Some(reason),
            Some(Todo::Is(true)) => Some(""),
            Some(Todo::Is(false)) | None => None,
        }
    }
}

/// What a line does not give as it must.
pub(super) fn differences(case: &ExpectedLine, outcome: &LineOutcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let verdict = Verdict::of(outcome);
    let matched = verdict == Verdict::Matched;
    // a case that says nothing must at least match
    let gives = case.gives.unwrap_or(Verdict::Matched);
    if gives != verdict {
        wrong.push(format!(
            "the line is {}, must be {}",
            verdict.name(),
            gives.name()
        ));
    }
    let failures: Vec<_> = outcome.failures().filter(|_| matched).collect();
    let shown = |values: Vec<String>| {
        if values.is_empty() {
            "none".to_string()
        } else {
            values.join(", ")
        }
    };
    if let Some(host) = &case.host
        && !failures
            .iter()
            .any(|f| f.id.as_ref().is_some_and(|id| same_address(id, host)))
    {
        let found = failures
            .iter()
            .filter_map(|f| f.id.as_ref().map(|id| id.text.to_string()));
        wrong.push(format!(
            "host is {}, must be {host}",
            shown(found.collect())
        ));
    }
    if let Some(user) = &case.user
        && !failures.iter().any(|f| f.users.iter().any(|u| u == user))
    {
        let found = failures
            .iter()
            .flat_map(|f| f.users.iter().map(ToString::to_string));
        wrong.push(format!(
            "user is {}, must be {user}",
            shown(found.collect())
        ));
    }
    if let Some(regex) = case.regex
        && !failures.iter().any(|f| f.regex + 1 == regex)
    {
        let found = failures.iter().map(|f| (f.regex + 1).to_string());
        wrong.push(format!(
            "failregex is {}, must be {regex}",
            shown(found.collect())
        ));
    }
    wrong
}
