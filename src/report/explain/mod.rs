//! The report of `explain`: one line, step by step. `table` is for people, `json` for
//! programs.

pub mod json;
pub mod table;

use super::json::FilterInfo;
use crate::engine::line::RegexRole;
use crate::engine::{Filter, FilterRegex};
use crate::explain::hints::Diagnosis;
use crate::explain::steps::Explanation;

/// What an explanation shows.
pub struct ExplainReport<'a> {
    /// The filter that ran.
    pub filter: &'a Filter,
    /// What is told of it.
    pub info: &'a FilterInfo,
    /// The line explained.
    pub explanation: &'a Explanation,
    /// What would help.
    pub diagnosis: &'a Diagnosis,
    /// Near misses shown in the table.
    pub top: usize,
}

impl ExplainReport<'_> {
    /// The regex of a role.
    fn regex(&self, role: RegexRole) -> Option<&FilterRegex> {
        match role {
            RegexRole::Prefregex => self.filter.prefregex.as_ref(),
            RegexRole::Failregex(index) => self.filter.failregexes.get(index),
            RegexRole::Ignoreregex(index) => self.filter.ignoreregexes.get(index),
        }
    }
}
