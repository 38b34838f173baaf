//! Reports: one file per format over the same [`Report`]. They know nothing of matching.

pub mod classic;
pub mod explain;
pub mod hints;
pub mod json;
pub mod rows;
pub mod table;

use crate::engine::{Filter, Stats};

/// A date template's line of the report.
#[derive(Clone, Debug)]
pub struct TemplateRow {
    /// Display name.
    pub name: String,
    /// Dates it found.
    pub hits: u64,
    /// Upstream's `weight`: hits times base weight by distance.
    pub weight: f64,
    /// The template's own weight.
    pub base_weight: f64,
    /// The datepattern, where it is made of one.
    pub pattern: Option<String>,
    /// The regex it searches with.
    pub regex: String,
}

/// What was counted, and with what.
pub struct Report<'a> {
    /// The filter that ran.
    pub filter: &'a Filter,
    /// What was counted.
    pub stats: &'a Stats,
    /// The date templates in their final order; None where no dates were searched.
    pub templates: Option<Vec<TemplateRow>>,
    /// How long the lines took.
    pub elapsed: std::time::Duration,
}

/// What of a run the options ask to see.
#[derive(Clone, Debug, Default)]
pub struct Show {
    /// `--verbose`, counted.
    pub verbose: u8,
    /// `--verbose-date`.
    pub verbose_date: bool,
    /// `--debuggex`.
    pub debuggex: bool,
    /// `--usedns no`, for the debuggex links.
    pub usedns_no: bool,
    /// Lists at least this long are not shown unless asked for.
    pub limit: usize,
    /// `--print-no-missed`.
    pub no_missed: bool,
    /// `--print-no-ignored`.
    pub no_ignored: bool,
    /// `--print-all-matched`.
    pub all_matched: bool,
    /// `--print-all-missed`.
    pub all_missed: bool,
    /// `--print-all-ignored`.
    pub all_ignored: bool,
    /// Addresses shown in the table.
    pub top: usize,
}

/// What ran, on what: the head of the reports for people and programs.
#[derive(Clone, Debug, Default)]
pub struct RunInfo {
    /// The filter.
    pub filter: json::FilterInfo,
    /// The logs.
    pub logs: Vec<json::LogInfo>,
    /// The run was stopped before the end of the logs.
    pub partial: bool,
    /// What looks wrong.
    pub warnings: Vec<json::Warning>,
    /// What would help.
    pub diagnosis: crate::explain::hints::Diagnosis,
    /// What merging needs.
    pub seam: Option<crate::merge::Seam>,
    /// What to show.
    pub show: Show,
}
