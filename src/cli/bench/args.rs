//! The command line of `f2b-regex bench`.

use crate::analysis::explain::hints::Change;
use crate::cli::analyze::hints_applied;
use crate::cli::args::Args;
use crate::cli::options::{
    ApplyArgs, ClockArgs, DocumentFormat, FILTER, FilterArgs, GivenArgs, LogArgs, MatchArgs, PRINT,
    ProgressArgs, READ, STATUS, ScreenArgs, WindowArgs,
};
use clap::Parser;

/// Headings of `--help`.
const COMPARE: &str = "Comparing";
const MEASURE: &str = "Measuring";

/// Time a filter's regexes, and compare two filters.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex bench",
    infer_long_args = true,
    override_usage = "f2b-regex bench [OPTIONS] LOG FILTER\n       \
        f2b-regex bench [OPTIONS] LOG FILTER --against FILTER|git:REV",
    after_help = "Gained and lost are FILTER's, seen from the one it is compared against: with \
        --against git:HEAD~1, what the working copy gained.\n\n\
        Exit status: 0 ran; 1 a condition asked for did not hold; 2 an error."
)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) given: GivenArgs,

    #[command(flatten)]
    pub(crate) read: LogArgs,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) clock: ClockArgs,

    /// Compare with this filter, or with FILTER as a git revision has it
    #[arg(long, value_name = "FILTER|git:REV", help_heading = COMPARE)]
    pub(crate) against: Option<String>,

    /// Status 1 where the two filters differ in meaning on this log
    #[arg(long, requires = "against", help_heading = STATUS)]
    pub(crate) fail_on_change: bool,

    /// Compare meaning only; measure nothing
    #[arg(long, help_heading = COMPARE)]
    pub(crate) no_time: bool,

    /// Measured rounds, as long as they take no longer than --patience
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000), help_heading = MEASURE)]
    pub(crate) runs: u32,

    /// Rounds before them that do not count
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = MEASURE)]
    pub(crate) warmup: u32,

    /// Seconds after which no further round of a filter is begun
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, help_heading = MEASURE)]
    pub(crate) patience: f64,

    /// Measure with Python's own re too: what fail2ban really pays [default: python3]
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, require_equals = true, default_missing_value = "python3", help_heading = MEASURE)]
    pub(crate) python: Option<String>,

    /// Slow lines kept of each regex
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = PRINT)]
    pub(crate) slowest: usize,

    /// Status 1 if a line takes longer than this on average, in nanoseconds
    #[arg(long, value_name = "N", conflicts_with = "no_time", help_heading = STATUS)]
    pub(crate) max_ns_per_line: Option<f64>,

    /// Status 1 if FILTER takes more than so many times as long as the other
    #[arg(
        long,
        value_name = "R",
        requires = "against",
        conflicts_with = "no_time",
        help_heading = STATUS
    )]
    pub(crate) max_ratio: Option<f64>,

    /// Example lines shown of each kind of change
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = PRINT)]
    pub(crate) examples: usize,

    /// Lines of the log to use, from its start
    #[arg(long, value_name = "N", default_value_t = 200_000, help_heading = READ)]
    pub(crate) lines: usize,

    #[command(flatten)]
    pub(crate) source: FilterArgs,

    #[command(flatten)]
    pub(crate) matching: MatchArgs,

    /// Stop at the first failregex that matches, as the fail2ban server does
    #[arg(long, help_heading = FILTER)]
    pub(crate) no_check_all: bool,

    /// How the report is written
    #[arg(long, value_enum, default_value_t, help_heading = PRINT)]
    pub(crate) format: DocumentFormat,

    #[command(flatten)]
    pub(crate) applied: ApplyArgs,

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
}

impl BenchArgs {
    /// The command line with the hints made to it that are asked for, and the changes to regexes
    /// that remain; of the filter alone, not of the one it is compared against.
    pub(super) fn with_hints(&self) -> Result<(BenchArgs, Vec<Change>), String> {
        let (run, changes) = hints_applied(&Args {
            given: self.given.clone(),
            read: self.read.clone(),
            window: self.window.clone(),
            clock: self.clock.clone(),
            source: self.source.clone(),
            matching: self.matching.clone(),
            no_check_all: self.no_check_all,
            applied: self.applied.clone(),
            ..Args::default()
        })?;
        let changed = BenchArgs {
            given: run.given,
            read: run.read,
            source: run.source,
            matching: run.matching,
            ..self.clone()
        };
        Ok((changed, changes))
    }
}
