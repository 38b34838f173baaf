//! The report of `explain`: one line, step by step. `table` is for people, `json` for
//! programs.

pub(crate) mod json;
pub(crate) mod table;
mod window;

use crate::analysis::explain::hints::Diagnosis;
use crate::analysis::explain::steps::Explanation;
use crate::analysis::run::FilterInfo;
use crate::engine::RegexRole;
use crate::engine::{Filter, FilterRegex};

/// What an explanation shows.
pub(crate) struct ExplainReport<'a> {
    /// The filter that ran.
    pub(crate) filter: &'a Filter,
    /// What is told of it.
    pub(crate) info: &'a FilterInfo,
    /// The line explained.
    pub(crate) explanation: &'a Explanation,
    /// What would help.
    pub(crate) diagnosis: &'a Diagnosis,
    /// Near misses shown in the table.
    pub(crate) top: usize,
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
