//! The command line of the main job: fail2ban-regex's options, and ours.

use super::options::{
    ApplyArgs, ClockArgs, FILTER, FilterArgs, GivenArgs, HELP, LogArgs, MatchArgs, PRINT,
    ProgressArgs, SPEED, STATUS, ScreenArgs, ThreadArgs, WindowArgs,
};
use clap::{ArgAction, Parser, ValueEnum};
use std::path::PathBuf;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: regexes, addresses and dates in tables.
    Table,
    /// For programs: one JSON object.
    Json,
    /// A page: one file, to look at and to pass on.
    Html,
    /// fail2ban-regex's own report, byte for byte.
    Classic,
}

/// Test fail2ban filters against logs: fail2ban-regex's verdict, fast, with explanations.
#[derive(Clone, Debug, Default, Parser)]
#[command(
    name = "f2b-regex",
    version,
    disable_version_flag = true,
    infer_long_args = true,
    // as optparse does: the last one given holds
    args_override_self = true,
    override_usage = "f2b-regex [OPTIONS] LOG FILTER [IGNOREREGEX]",
    after_help = "LOG is a log file (plain or compressed), a directory, a quoted pattern \
        ('/var/log/mail.log*'), - for standard input, a journal export, systemd-journal for \
        the machine's journal, or log lines as text (with blanks; else --line).\n\n\
        FILTER is an existing filter file (filter.d/x.conf, ./my-filter.conf), a jail or a \
        filter of the configuration directory by name, each with options \
        (sshd[mode=aggressive]), or a failregex as text.\n\n\
        Exit status: 0 ran; 1 a condition asked for did not hold; 2 an error."
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) given: GivenArgs,

    /// An ignoreregex as text, in place of the filter's
    #[arg(value_name = "IGNOREREGEX")]
    pub(crate) ignoreregex: Option<String>,

    /// Too many arguments; kept to say so
    #[arg(hide = true)]
    pub(crate) surplus: Vec<String>,

    #[command(flatten)]
    pub(crate) read: LogArgs,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) clock: ClockArgs,

    #[command(flatten)]
    pub(crate) source: FilterArgs,

    #[command(flatten)]
    pub(crate) matching: MatchArgs,

    /// Stop at the first failregex that matches, as the fail2ban server does
    #[arg(long, help_heading = FILTER)]
    pub(crate) no_check_all: bool,

    /// How the report is written [default: table; classic under the name
    /// fail2ban-regex]
    #[arg(long, value_enum, help_heading = PRINT)]
    pub(crate) format: Option<Format>,

    /// Print one row per failure: id, ip, msg, row, a group's name, or text
    /// with <tags>
    #[arg(short, long, value_name = "FORM", help_heading = PRINT)]
    pub(crate) out: Option<String>,

    /// With --out: print the lines that do not match
    #[arg(short, long, help_heading = PRINT)]
    pub(crate) invert: bool,

    /// Print all matched lines
    #[arg(long, help_heading = PRINT)]
    pub(crate) print_all_matched: bool,

    /// Print all missed lines, however many
    #[arg(long, help_heading = PRINT)]
    pub(crate) print_all_missed: bool,

    /// Print all ignored lines, however many
    #[arg(long, help_heading = PRINT)]
    pub(crate) print_all_ignored: bool,

    /// Print no missed lines
    #[arg(long, help_heading = PRINT)]
    pub(crate) print_no_missed: bool,

    /// Print no ignored lines
    #[arg(long, help_heading = PRINT)]
    pub(crate) print_no_ignored: bool,

    /// Addresses listed [default: 10 in the table, all in JSON]
    #[arg(long, value_name = "N", help_heading = PRINT)]
    pub(crate) top: Option<usize>,

    /// Show more: every regex, every hit (repeat for the filter's options)
    #[arg(short, long, action = ArgAction::Count, help_heading = PRINT)]
    pub(crate) verbose: u8,

    /// Set the verbosity as a number, 0 to 4
    #[arg(long, value_name = "N", help_heading = PRINT)]
    pub(crate) verbosity: Option<u8>,

    /// Show pattern, regex and weight of every date template
    #[arg(long, visible_alias = "VD", help_heading = PRINT)]
    pub(crate) verbose_date: bool,

    /// Print debuggex.com links for lines and regexes
    #[arg(short = 'D', long, help_heading = PRINT)]
    pub(crate) debuggex: bool,

    #[command(flatten)]
    pub(crate) applied: ApplyArgs,

    /// Do not look for what would help, which all but classic end with
    #[arg(long, help_heading = PRINT)]
    pub(crate) no_hints: bool,

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    #[command(flatten)]
    pub(crate) workers: ThreadArgs,

    #[command(flatten)]
    pub(crate) progress: ProgressArgs,

    /// Addresses known at most [default: 5000000]; of others only the hits are
    /// counted
    #[arg(long, value_name = "N", help_heading = SPEED)]
    pub(crate) max_addresses: Option<usize>,

    /// Status 1 where nothing matched
    #[arg(long, help_heading = STATUS)]
    pub(crate) require_match: bool,

    /// Treat warnings as failures: status 1
    #[arg(long, help_heading = STATUS)]
    pub(crate) strict: bool,

    /// Print name and version
    #[arg(long, action = ArgAction::SetTrue, help_heading = HELP)]
    pub(crate) version: bool,

    /// Print the version, short
    #[arg(short = 'V', help_heading = HELP)]
    pub(crate) short_version: bool,

    /// Accepted; f2b-regex keeps no log of itself
    #[arg(short = 'l', long, value_name = "LEVEL", hide_short_help = true, help_heading = HELP)]
    pub(crate) log_level: Option<String>,

    /// Accepted for fail2ban-regex's sake; no effect
    #[arg(short = 't', long, hide_short_help = true, help_heading = HELP)]
    pub(crate) log_traceback: bool,

    /// Accepted for fail2ban-regex's sake; no effect
    #[arg(long, hide_short_help = true, help_heading = HELP)]
    pub(crate) full_traceback: bool,
}

impl Args {
    /// `--verbose` counted, or the value of `--verbosity`.
    pub(crate) fn verbosity(&self) -> u8 {
        self.verbosity.unwrap_or(self.verbose)
    }

    /// The format asked for, or the one the program's name stands for.
    pub(crate) fn report_format(&self) -> Format {
        self.format.unwrap_or_else(default_format)
    }
}

/// `classic` under the name fail2ban-regex, else `table`.
pub(crate) fn default_format() -> Format {
    let name = std::env::args_os().next().map(PathBuf::from);
    let stem = name.as_deref().and_then(|path| path.file_stem());
    if stem.is_some_and(|stem| stem == "fail2ban-regex") {
        Format::Classic
    } else {
        Format::Table
    }
}
