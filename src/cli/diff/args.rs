//! The command line of `f2b-regex diff`.

use crate::cli::options::{
    ClockArgs, DocumentFormat, LogArgs, PRINT, READ, STATUS, ScreenArgs, ThreadArgs,
};
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// When the exit status is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A line or an address is no longer found, a filter, an option set or a jail is gone or refused
    Lost,
    /// Anything differs
    Change,
}

/// What changes when filters are replaced by a new version: regexes and settings as they are at
/// last, jails, and what that does to the lines of logs.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex diff",
    infer_long_args = true,
    override_usage = "f2b-regex diff [OPTIONS] OLD NEW [LOG]...\n       \
        f2b-regex diff [OPTIONS] OLD NEW --samples DIR",
    after_help = "OLD and NEW are configuration directories, directories of filters, filter files, \
        or git:REV: the other one as that revision has it; git:REV:PATH is another path of it. Of \
        configuration directories the jails are compared too.\n\n\
        Exit status: 0 compared; 1 with --fail-on, if so; 2 an error."
)]
pub(crate) struct DiffArgs {
    /// The old version: a directory, a filter file, or git:REV
    #[arg(value_name = "OLD")]
    pub(crate) old: String,

    /// The new version
    #[arg(value_name = "NEW")]
    pub(crate) new: String,

    /// Log files, directories, quoted patterns, - for standard input
    #[arg(value_name = "LOG")]
    pub(crate) log: Vec<String>,

    /// Logs named like their filters, annotated or plain; may be repeated
    #[arg(short, long, value_name = "DIR", help_heading = READ)]
    pub(crate) samples: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) read: LogArgs,

    /// Lines to use, from the start of the logs
    #[arg(long, value_name = "N", default_value_t = 200_000, help_heading = READ)]
    pub(crate) lines: usize,

    #[command(flatten)]
    pub(crate) clock: ClockArgs,

    /// Zone of dates that name none: Europe/Berlin
    #[arg(long, visible_alias = "TZ", value_name = "ZONE", help_heading = READ)]
    pub(crate) timezone: Option<String>,

    /// Status 1 if something is lost, or if anything changed
    #[arg(long, value_enum, value_name = "WHAT", help_heading = STATUS)]
    pub(crate) fail_on: Option<FailOn>,

    /// How the report is written
    #[arg(long, value_enum, default_value_t, help_heading = PRINT)]
    pub(crate) format: DocumentFormat,

    /// Changes and example lines shown of each kind
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = PRINT)]
    pub(crate) top: usize,

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    #[command(flatten)]
    pub(crate) workers: ThreadArgs,
}
