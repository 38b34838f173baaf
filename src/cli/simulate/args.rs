//! The options of `f2b-regex simulate`.

use crate::analysis::explain::hints::Change;
use crate::analysis::simulate::{Sweep, duration};
use crate::cli::analyze::hints_applied;
use crate::cli::args;
use crate::cli::options::{
    ApplyArgs, ClockArgs, FILTER, FilterArgs, GivenArgs, LogArgs, MatchArgs, PRINT, ProgressArgs,
    READ, STATUS, ScreenArgs, ThreadArgs, WindowArgs,
};
use crate::report::simulate::actual::history::GroupBy;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Headings of `--help`.
const JAILS: &str = "Several jails";
const RULES: &str = "Rules";
const RECORD: &str = "What the server did";

/// How the result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs: one JSON object.
    Json,
    /// A page: failures and bans of each address over time.
    Html,
    /// No simulation: the failures, one JSON line each, for --matches.
    Matches,
}

/// Replay a log through fail2ban's rules: who would be banned, when, and why not.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex simulate",
    disable_version_flag = true,
    infer_long_args = true,
    override_usage = "f2b-regex simulate [OPTIONS] LOG... FILTER\n       \
        f2b-regex simulate [OPTIONS] --all-jails|--jails A,B [LOG...]",
    after_help = "LOG and FILTER are what they are for f2b-regex itself. Rules come from the jail \
        of that name; where there is none, from fail2ban's stock values (maxretry 5, findtime \
        10m, bantime 10m). TIME is written as in jail.conf: 600, 10m, 1d 12h, and for a bantime -1.\n\n\
        Every line of the log counts, as for a fail2ban that reads it: an address that \
        goes on while banned makes its ban longer. With --blocking bans work: lines of \
        a banned address are left out.\n\n\
        Shards are matched apart, perhaps on other machines, and simulated together:\n\
        \x20 f2b-regex simulate a.log sshd --format matches > a.jsonl\n\
        \x20 f2b-regex simulate --matches a.jsonl b.jsonl sshd\n\n\
        Exit status: 0 ran; 1 --require-ban and nobody was banned; 2 an error."
)]
pub(crate) struct Args {
    /// The logs, and last the filter
    #[arg(value_name = "LOG... FILTER")]
    pub(crate) given: Vec<String>,

    #[command(flatten)]
    pub(crate) read: LogArgs,

    #[command(flatten)]
    pub(crate) window: WindowArgs,

    #[command(flatten)]
    pub(crate) clock: ClockArgs,

    #[command(flatten)]
    pub(crate) source: FilterArgs,

    /// LOG is what --format matches wrote, of shards, in their order: nothing is matched again
    #[arg(long, conflicts_with_all = ["all_jails", "jails"], help_heading = READ)]
    pub(crate) matches: bool,

    /// Every enabled jail, each on its logpath or all on LOG; recidive gets their bans
    #[arg(long, conflicts_with = "jails", help_heading = JAILS)]
    pub(crate) all_jails: bool,

    /// These jails, enabled or not, as --all-jails
    #[arg(long, value_name = "A,B", value_delimiter = ',', help_heading = JAILS)]
    pub(crate) jails: Vec<String>,

    /// Compares with what the server did, by its log (rotated siblings as a quoted pattern) or its
    /// database: fail2ban.log, fail2ban.sqlite3
    #[arg(long, value_name = "FILE", conflicts_with_all = ["matches", "sweep"], help_heading = RECORD)]
    pub(crate) actual: Vec<String>,

    /// The story of an address: its failures with the regex of each, its bans, their ends
    #[arg(long, value_name = "ADDRESS", requires = "actual", conflicts_with = "history", help_heading = RECORD)]
    pub(crate) why: Option<String>,

    /// The bans of the record by day, jail, address and network; LOG and FILTER are not needed
    #[arg(long, requires = "actual", help_heading = RECORD)]
    pub(crate) history: bool,

    /// A MaxMind database of countries or networks (GeoLite2-Country.mmdb), for --history
    #[arg(long, value_name = "FILE", requires = "history", help_heading = RECORD)]
    pub(crate) mmdb: Vec<PathBuf>,

    /// The one table of --history, with all its rows
    #[arg(long, value_name = "WHAT", requires = "history", help_heading = RECORD)]
    pub(crate) group_by: Option<GroupBy>,

    /// Failures that lead to a ban
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = RULES)]
    pub(crate) maxretry: Option<u32>,

    /// In what time they must happen
    #[arg(long, value_name = "TIME", value_parser = positive, help_heading = RULES)]
    pub(crate) findtime: Option<f64>,

    /// How long a ban lasts; -1 for ever
    #[arg(long, value_name = "TIME", value_parser = ban_time, allow_hyphen_values = true, help_heading = RULES)]
    pub(crate) bantime: Option<f64>,

    /// Lines remembered with a ban
    #[arg(long, value_name = "N", help_heading = RULES)]
    pub(crate) maxmatches: Option<usize>,

    /// Longer bans for those who come back (bantime.increment)
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", help_heading = RULES)]
    pub(crate) increment: Option<bool>,

    /// bantime.factor
    #[arg(long, value_name = "NUMBER", help_heading = RULES)]
    pub(crate) factor: Option<String>,

    /// bantime.formula
    #[arg(long, value_name = "FORMULA", help_heading = RULES)]
    pub(crate) formula: Option<String>,

    /// bantime.multipliers, such as "1 2 4 8"
    #[arg(long, value_name = "LIST", help_heading = RULES)]
    pub(crate) multipliers: Option<String>,

    /// bantime.maxtime
    #[arg(long, value_name = "TIME", value_parser = positive, help_heading = RULES)]
    pub(crate) maxtime: Option<f64>,

    /// Bans of all jails count for the increment (bantime.overalljails)
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", help_heading = RULES)]
    pub(crate) overalljails: Option<bool>,

    /// Never banned: addresses, networks, file:PATH; host names with --usedns yes
    #[arg(long, value_name = "LIST", help_heading = RULES)]
    pub(crate) ignoreip: Option<String>,

    /// Whether this machine's own addresses are never banned
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true,
          default_missing_value = "true", help_heading = RULES)]
    pub(crate) ignoreself: Option<bool>,

    /// An ignoreregex in place of the filter's
    #[arg(long, value_name = "REGEX", help_heading = RULES)]
    pub(crate) ignoreregex: Option<String>,

    /// After what time the database forgets bans (dbpurgeage), for --increment
    #[arg(long, value_name = "TIME", value_parser = positive, default_value = "1d", help_heading = RULES)]
    pub(crate) dbpurgeage: f64,

    /// Bans work: lines of a banned address do not count
    #[arg(long, help_heading = RULES)]
    pub(crate) blocking: bool,

    /// Try settings: maxretry=1..10,findtime=1m..1d; bantime too; a/b/c for single values
    #[arg(long, value_name = "GRID", value_parser = Sweep::parse, help_heading = PRINT)]
    pub(crate) sweep: Option<Sweep>,

    /// Draw failures and bans over time into FILE.svg or FILE.png
    #[arg(long, value_name = "FILE", help_heading = PRINT)]
    pub(crate) plot: Option<PathBuf>,

    /// How the result is written
    #[arg(long, value_enum, default_value = "table", help_heading = PRINT)]
    pub(crate) format: Format,

    /// Bans and addresses shown in the table
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = PRINT)]
    pub(crate) top: usize,

    /// Status 1 where nobody would be banned
    #[arg(long, help_heading = STATUS)]
    pub(crate) require_ban: bool,

    /// Host names: yes resolves them, raw bans them as they are, no passes
    /// them over
    #[arg(long, value_name = "yes|no|raw", help_heading = FILTER)]
    pub(crate) usedns: Option<String>,

    #[command(flatten)]
    pub(crate) applied: ApplyArgs,

    /// What hints change in the filter's regexes, and in how many lines they may span
    #[arg(skip)]
    pub(crate) changes: Vec<Change>,

    #[arg(skip)]
    pub(crate) maxlines: Option<i64>,

    #[command(flatten)]
    pub(crate) screen: ScreenArgs,

    #[command(flatten)]
    pub(crate) workers: ThreadArgs,

    #[command(flatten)]
    pub(crate) progress: ProgressArgs,
}

impl Args {
    /// The command line with the hints made to it that are asked for.
    pub(super) fn with_hints(&self) -> Result<Args, String> {
        if self.applied.apply.is_empty() {
            return Ok(self.clone());
        }
        let [logs @ .., filter] = self.given.as_slice() else {
            return Err("--apply is for one jail: give LOG and FILTER".into());
        };
        if self.all_jails || !self.jails.is_empty() || self.matches {
            return Err("--apply is for one jail: give LOG and FILTER".into());
        }
        let mut read = self.read.clone();
        read.logs.extend(logs.iter().cloned());
        let (run, changes) = hints_applied(&args::Args {
            given: GivenArgs {
                filter: Some(filter.clone()),
                ..GivenArgs::default()
            },
            read,
            window: self.window.clone(),
            clock: self.clock.clone(),
            source: self.source.clone(),
            matching: MatchArgs {
                usedns: self.usedns.clone(),
                ..MatchArgs::default()
            },
            applied: self.applied.clone(),
            ..args::Args::default()
        })?;
        let filter = run.given.filter.unwrap_or_else(|| filter.clone());
        Ok(Args {
            given: logs.iter().cloned().chain([filter]).collect(),
            read: LogArgs {
                logs: self.read.logs.clone(),
                ..run.read
            },
            source: run.source,
            changes,
            maxlines: run.matching.maxlines,
            ..self.clone()
        })
    }
}

/// A duration of more than no time, in seconds.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    match duration::seconds(text) {
        Ok(seconds) if seconds > 0.0 => Ok(seconds),
        Ok(_) => Err(format!("{text}: expected more than 0")),
        Err(error) => Err(error.to_string()),
    }
}

/// A bantime in seconds: a duration, or -1 for ever.
pub(crate) fn ban_time(text: &str) -> Result<f64, String> {
    match duration::seconds(text) {
        Ok(seconds) if seconds.trunc() > 0.0 || seconds == -1.0 => Ok(seconds),
        Ok(_) => Err(format!(
            "{text}: expected at least 1 second, or -1 for ever"
        )),
        Err(error) => Err(error.to_string()),
    }
}
