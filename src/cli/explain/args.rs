//! The command line of `f2b-regex explain`.

use crate::cli::args::Format;
use crate::cli::options::{
    ApplyArgs, ClockArgs, FilterArgs, GivenArgs, LogArgs, MatchArgs, PRINT, ProgressArgs, READ,
    ScreenArgs, WindowArgs,
};
use clap::Parser;

/// Why does a line match, or not? Shows it step by step: the date, the prefregex, how near
/// each failregex came, the session, and what would help.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex explain",
    infer_long_args = true,
    override_usage = "f2b-regex explain [OPTIONS] LOG FILTER [--line-number N]\n       \
                      f2b-regex explain [OPTIONS] LOG FILTER --all\n       \
                      f2b-regex explain [OPTIONS] --line TEXT FILTER",
    after_help = "LOG is what it is for f2b-regex itself; the lines before the one explained are \
        read too, as sessions depend on them. Without --line-number the missed line is explained \
        that is nearest to a match and names an address, of the 100 000 lines from the first that \
        is missed. FILTER is an existing filter file, a jail or filter by name, with options, or \
        a failregex as text."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) given: GivenArgs,

    /// An ignoreregex as text, in place of the filter's
    #[arg(value_name = "IGNOREREGEX")]
    pub(crate) ignoreregex: Option<String>,

    /// The line of LOG to explain, from 1 [default: the missed one most worth it]
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..),
        help_heading = READ
    )]
    pub(crate) line_number: Option<u64>,

    /// All missed lines, grouped by where they stop, the most frequent first
    #[arg(long, conflicts_with = "line_number", help_heading = READ)]
    pub(crate) all: bool,

    /// Of the missed lines only those that look like failures
    #[arg(long, conflicts_with = "line_number", help_heading = READ)]
    pub(crate) failures: bool,

    #[command(flatten)]
    pub(crate) read: LogArgs,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) clock: ClockArgs,

    /// As --line, for the first argument
    #[arg(long, hide = true, conflicts_with_all = ["line", "logs"])]
    pub(crate) literal: bool,

    #[command(flatten)]
    pub(crate) source: FilterArgs,

    #[command(flatten)]
    pub(crate) matching: MatchArgs,

    /// table, json or html
    #[arg(long, value_enum, default_value = "table", help_heading = PRINT)]
    pub(crate) format: Format,

    /// Near misses shown, or groups with --all [default: 3, 5]
    #[arg(long, value_name = "N", help_heading = PRINT)]
    pub(crate) top: Option<usize>,

    #[command(flatten)]
    pub(crate) applied: ApplyArgs,

    /// Do not look for what would help
    #[arg(long, help_heading = PRINT)]
    pub(crate) no_hints: bool,

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
}
