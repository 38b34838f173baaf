//! Reports: one file per format over the same [`Report`]. They know nothing of matching.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod run;
pub(crate) mod simulate;
pub(crate) mod text;

use crate::engine::{Filter, Stats};

/// A date template's line of the report.
#[derive(Clone, Debug)]
pub(crate) struct TemplateRow {
    /// Display name.
    pub(crate) name: String,
    /// Dates it found.
    pub(crate) hits: u64,
    /// Upstream's `weight`: hits times base weight by distance.
    pub(crate) weight: f64,
    /// The template's own weight.
    pub(crate) base_weight: f64,
    /// The datepattern, where it is made of one.
    pub(crate) pattern: Option<String>,
    /// The regex it searches with.
    pub(crate) regex: String,
}

/// What was counted, and with what.
pub(crate) struct Report<'a> {
    /// The filter that ran.
    pub(crate) filter: &'a Filter,
    /// What was counted.
    pub(crate) stats: &'a Stats,
    /// The date templates in their final order; None where no dates were searched.
    pub(crate) templates: Option<Vec<TemplateRow>>,
    /// How long the lines took.
    pub(crate) elapsed: std::time::Duration,
}

/// What of a run the options ask to see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Show {
    /// `--verbose`, counted.
    pub(crate) verbose: u8,
    /// `--verbose-date`.
    pub(crate) verbose_date: bool,
    /// `--debuggex`.
    pub(crate) debuggex: bool,
    /// `--usedns no`, for the debuggex links.
    pub(crate) usedns_no: bool,
    /// Lists at least this long are not shown unless asked for.
    pub(crate) limit: usize,
    /// `--print-no-missed`.
    pub(crate) no_missed: bool,
    /// `--print-no-ignored`.
    pub(crate) no_ignored: bool,
    /// `--print-all-matched`.
    pub(crate) all_matched: bool,
    /// `--print-all-missed`.
    pub(crate) all_missed: bool,
    /// `--print-all-ignored`.
    pub(crate) all_ignored: bool,
    /// Addresses shown in the table.
    pub(crate) top: usize,
}

/// What ran, on what: the head of the reports for people and programs.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunInfo {
    /// The filter.
    pub(crate) filter: run::json::FilterInfo,
    /// The logs.
    pub(crate) logs: Vec<run::json::LogInfo>,
    /// The run was stopped before the end of the logs.
    pub(crate) partial: bool,
    /// What looks wrong.
    pub(crate) warnings: Vec<run::json::Warning>,
    /// What would help.
    pub(crate) diagnosis: crate::analysis::explain::hints::Diagnosis,
    /// What merging needs.
    pub(crate) seam: Option<crate::analysis::merge::ShardBoundary>,
    /// What to show.
    pub(crate) show: Show,
}
