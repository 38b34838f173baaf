//! The command line of `f2b-regex bench`.

use crate::cli::args::Color;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// How the report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs: one JSON object.
    Json,
    /// For a pull request or a wiki.
    Markdown,
}

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
    /// A log file, - for standard input, or one log line as text
    #[arg(value_name = "LOG", allow_hyphen_values = true)]
    pub(crate) log: String,

    /// A jail or filter, perhaps with [options], a filter file, or a failregex as text
    #[arg(value_name = "FILTER")]
    pub(crate) filter: String,

    /// Compare with this filter, or with FILTER as a git revision has it
    #[arg(long, value_name = "FILTER|git:REV")]
    pub(crate) against: Option<String>,

    /// Status 1 where the two filters differ in meaning on this log
    #[arg(long, requires = "against")]
    pub(crate) fail_on_change: bool,

    /// Compare meaning only; measure nothing
    #[arg(long)]
    pub(crate) no_time: bool,

    /// Measured rounds, as long as they take no longer than --patience
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) runs: u32,

    /// Rounds before them that do not count
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(crate) warmup: u32,

    /// Seconds after which no further round of a filter is begun
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    pub(crate) patience: f64,

    /// Measure with Python's own re too: what fail2ban really pays [default: python3]
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, require_equals = true, default_missing_value = "python3")]
    pub(crate) python: Option<String>,

    /// Slow lines kept of each regex
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) slowest: usize,

    /// Status 1 if a line takes longer than this on average, in nanoseconds
    #[arg(long, value_name = "N", conflicts_with = "no_time")]
    pub(crate) max_ns_per_line: Option<f64>,

    /// Status 1 if FILTER takes more than so many times as long as the other
    #[arg(
        long,
        value_name = "R",
        requires = "against",
        conflicts_with = "no_time"
    )]
    pub(crate) max_ratio: Option<f64>,

    /// Example lines shown of each kind of change
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) examples: usize,

    /// Lines of the log to use, from its start
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    pub(crate) lines: usize,

    /// Configuration directory: filter.d and jail.conf are looked up there
    #[arg(short, long, value_name = "DIR", default_value = "/etc/fail2ban")]
    pub(crate) config: PathBuf,

    /// Pattern(s) that find the date, in place of the filters' own
    #[arg(short, long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub(crate) datepattern: Option<String>,

    /// Zone of dates that name none: UTC[+-]hhmm or an abbreviation
    #[arg(
        long,
        visible_alias = "TZ",
        value_name = "ZONE",
        allow_hyphen_values = true
    )]
    pub(crate) timezone: Option<String>,

    /// Encoding of the log [default: the locale's]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,

    /// Keep failure ids as text: no address is parsed, no name resolved
    #[arg(short, long)]
    pub(crate) raw: bool,

    /// Host names: yes and warn resolve them, no takes addresses only, raw keeps them
    #[arg(long, value_name = "yes|warn|no|raw", default_value = "raw")]
    pub(crate) usedns: String,

    /// Lines a regex may span; for multi-line filters
    #[arg(short = 'L', long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) maxlines: Option<i64>,

    /// Stop at the first failregex that matches, as the fail2ban server does
    #[arg(long)]
    pub(crate) no_check_all: bool,

    /// The clock, for dates without a year and reproducible runs (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,

    /// How the report is written
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,

    /// Colours in the table
    #[arg(long, value_enum, default_value_t)]
    pub(crate) color: Color,
}
