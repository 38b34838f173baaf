//! The command line of the main job: fail2ban-regex's options, and ours.

use clap::{ArgAction, Parser, ValueEnum};
use std::path::PathBuf;

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: regexes, addresses and dates in tables.
    Table,
    /// For programs: one JSON object.
    Json,
    /// fail2ban-regex's own report, byte for byte.
    Classic,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Default)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Test fail2ban filters against logs: fail2ban-regex's verdict, fast, with explanations.
#[derive(Clone, Debug, Parser)]
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
        the machine's journal, or one log line as text.\n\
        FILTER is a jail or filter by name, with options (sshd[mode=aggressive]), the path\n\
        of a filter file (./my-filter.conf), or a failregex as text.\n\n\
        Further commands, each with its own --help (a log of such a name: ./check):\n\
        \x20 check      a filter repository: faults, annotated samples, coverage, traps\n\
        \x20 explain    why a line does not match\n\
        \x20 bench      time regexes, compare two filters\n\
        \x20 merge      JSON reports of shards into that of one run\n\
        \x20 simulate   who would be banned, when, and why not\n\
        \x20 completions  completions for bash, zsh, fish\n\n\
        Exit status: 0 ran; 1 a condition asked for did not hold; 2 an error."
)]
pub(crate) struct Args {
    /// A log file, a quoted pattern, - for standard input, or a log line as text
    #[arg(value_name = "LOG")]
    pub(crate) log: Option<String>,

    /// A jail or filter, perhaps with [options], a filter file, or a failregex as text
    #[arg(value_name = "FILTER")]
    pub(crate) filter: Option<String>,

    /// An ignoreregex as text, in place of the filter's
    #[arg(value_name = "IGNOREREGEX")]
    pub(crate) ignoreregex: Option<String>,

    /// Too many arguments; kept to say so
    #[arg(hide = true)]
    pub(crate) surplus: Vec<String>,

    /// Configuration directory: filter.d and jail.conf are looked up there
    #[arg(short, long, value_name = "DIR", default_value = "/etc/fail2ban")]
    pub(crate) config: PathBuf,

    /// Pattern(s) that find the date, in place of the filter's
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
    #[arg(long, value_name = "yes|warn|no|raw")]
    pub(crate) usedns: Option<String>,

    /// Lines a regex may span; for multi-line filters
    #[arg(short = 'L', long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) maxlines: Option<i64>,

    /// Journal matches in place of the filter's
    #[arg(short = 'm', long, value_name = "MATCH")]
    pub(crate) journalmatch: Option<String>,

    /// Accepted; f2b-regex keeps no log of itself
    #[arg(short = 'l', long, value_name = "LEVEL", hide_short_help = true)]
    pub(crate) log_level: Option<String>,

    /// Show more: every regex, every hit (repeat for the filter's options)
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Set the verbosity as a number, 0 to 4
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) verbosity: Option<u8>,

    /// Show pattern, regex and weight of every date template
    #[arg(long, visible_alias = "VD")]
    pub(crate) verbose_date: bool,

    /// Print debuggex.com links for lines and regexes
    #[arg(short = 'D', long)]
    pub(crate) debuggex: bool,

    /// Stop at the first failregex that matches, as the fail2ban server does
    #[arg(long)]
    pub(crate) no_check_all: bool,

    /// Print one row per failure: id, ip, msg, row, a group's name, or text with <tags>
    #[arg(short, long, value_name = "FORM")]
    pub(crate) out: Option<String>,

    /// With --out: print the lines that do not match
    #[arg(short, long)]
    pub(crate) invert: bool,

    /// Print no missed lines
    #[arg(long)]
    pub(crate) print_no_missed: bool,

    /// Print no ignored lines
    #[arg(long)]
    pub(crate) print_no_ignored: bool,

    /// Print all matched lines
    #[arg(long)]
    pub(crate) print_all_matched: bool,

    /// Print all missed lines, however many
    #[arg(long)]
    pub(crate) print_all_missed: bool,

    /// Print all ignored lines, however many
    #[arg(long)]
    pub(crate) print_all_ignored: bool,

    /// How the report is written [default: table; classic under the name fail2ban-regex]
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,

    /// The clock, for dates without a year and reproducible runs (RFC 3339)
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,

    /// Colours in the table
    #[arg(long, value_enum, default_value_t)]
    pub(crate) color: Color,

    /// Addresses listed [default: 10 in the table, all in JSON]
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,

    /// Addresses known at most [default: 5000000]; of others only the hits are counted
    #[arg(long, value_name = "N")]
    pub(crate) max_addresses: Option<usize>,

    /// A log line as text, whatever it looks like, in place of LOG (may be repeated)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) line: Vec<String>,

    /// Threads [default: one per core]; the result is the same with any number
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,

    /// A log, directory or quoted pattern in place of LOG (may be repeated)
    #[arg(long = "log", value_name = "LOG", conflicts_with = "line")]
    pub(crate) more_logs: Vec<String>,

    /// Only lines from that time on: 2026-11-20, "2026-11-20 14:30", -2h, yesterday, RFC 3339
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,

    /// Only lines before that time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,

    /// Only the last N lines
    #[arg(long, value_name = "N", conflicts_with_all = ["since", "until"])]
    pub(crate) last: Option<u64>,

    /// Take ANSI colour codes out of lines before matching
    #[arg(long)]
    pub(crate) strip_ansi: bool,

    /// Run with hint N applied (N,M: both): the report is that of the changed filter
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) apply: Vec<u64>,

    /// With --apply: put the change into the filter's .local (twice: over a value it has)
    #[arg(long, action = ArgAction::Count, requires = "apply")]
    pub(crate) write: u8,

    /// Do not look for what would help; the table and the JSON report end with hints
    #[arg(long)]
    pub(crate) no_hints: bool,

    /// No progress bar
    #[arg(long)]
    pub(crate) no_progress: bool,

    /// Treat warnings as failures: status 1
    #[arg(long)]
    pub(crate) strict: bool,

    /// Status 1 where nothing matched
    #[arg(long)]
    pub(crate) require_match: bool,

    /// Print the version, short
    #[arg(short = 'V')]
    pub(crate) short_version: bool,

    /// Print name and version
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) version: bool,

    /// Accepted for fail2ban-regex's sake; no effect
    #[arg(short = 't', long, hide_short_help = true)]
    pub(crate) log_traceback: bool,

    /// Accepted for fail2ban-regex's sake; no effect
    #[arg(long, hide_short_help = true)]
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
    match stem.is_some_and(|stem| stem == "fail2ban-regex") {
        true => Format::Classic,
        false => Format::Table,
    }
}
