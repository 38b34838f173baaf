//! `f2b-regex fit`: which filter is for this log? From arguments to a [`Fit`]; running and
//! ranking the filters is `analysis::fit`'s.

use super::Status;
use super::logs;
use super::options::{
    ClockArgs, FILTER, FormatName, LogArgs, PRINT, ProgressArgs, ScreenArgs, ThreadArgs, in_zone,
};
use super::progress::Progress;
use super::terminal;
use crate::analysis::fit::{Candidates, Fit, Tally};
use crate::config::{Lookup, config_dir, shlex_split};
use crate::date::Clock;
use crate::engine::{filter_set, pipeline};
use crate::input::journal::JournalMatch;
use crate::input::{LogSet, LogSource, ReadAhead, ReadOptions, Words};
use crate::report::Format as _;
use crate::report::fit::table::Table;
use crate::report::fit::{FitReport, json};
use crate::report::json::Json;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// Which filter is for this log? Runs every filter of the configuration over it, with every
/// option set its file knows, in one pass, and ranks them; shows the jail to write, and what
/// looks like a failure and is matched by none.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex fit",
    infer_long_args = true,
    override_usage = "f2b-regex fit [OPTIONS] LOG...\n       f2b-regex fit [OPTIONS] --line TEXT",
    after_help = "LOG is what it is for f2b-regex itself. Of a journal every entry is read, \
        whatever the journalmatch of a filter.\n\nExit status: 0 a filter matches; 1 none does; 2 \
        an error."
)]
struct FitArgs {
    /// Log files, directories, quoted patterns, - for standard input
    #[arg(value_name = "LOG")]
    log: Vec<String>,

    /// Configuration directory, or a directory of filters [default:
    /// /etc/fail2ban, or the nearest directory upwards that holds filter.d]
    #[arg(short, long, value_name = "DIR", help_heading = FILTER)]
    config: Option<PathBuf>,

    /// Zone of dates that name none: Europe/Berlin
    #[arg(long, visible_alias = "TZ", value_name = "ZONE", help_heading = FILTER)]
    timezone: Option<String>,

    #[command(flatten)]
    read: LogArgs,

    #[command(flatten)]
    clock: ClockArgs,

    /// How the report is written
    #[arg(long, value_enum, default_value_t, help_heading = PRINT)]
    format: FormatName,

    /// Filters and shapes shown in the table
    #[arg(long, value_name = "N", default_value_t = 10, help_heading = PRINT)]
    top: usize,

    #[command(flatten)]
    screen: ScreenArgs,

    #[command(flatten)]
    workers: ThreadArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

/// What the command takes.
pub(super) fn arguments() -> clap::Command {
    FitArgs::command()
}

/// Runs the command; the error is one of writing the report.
pub(super) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<FitArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    match fit(&args) {
        Ok(fitted) => write(&args, &fitted),
        Err(message) => {
            terminal::print_error(format!("f2b-regex: {message}"));
            Ok(Status::Error)
        }
    }
}

/// A log and what fits it.
struct Fitted {
    fit: Fit,
    /// The logs as a jail names them; None for a journal.
    logs: Option<Vec<String>>,
    directory: PathBuf,
}

fn write(args: &FitArgs, fitted: &Fitted) -> io::Result<Status> {
    let report = FitReport {
        fit: &fitted.fit,
        logs: fitted.logs.as_deref(),
        directory: &fitted.directory.to_string_lossy(),
    };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    match args.format {
        FormatName::Table => {
            let screen = terminal::screen(args.screen.color);
            let top = args.top;
            Table { screen, top }.write(&report, &mut out)?;
        }
        FormatName::Json => Json.write(&json::object(&report), &mut out)?,
    }
    out.flush()?;
    Ok(if fitted.fit.filters.is_empty() {
        Status::Condition
    } else {
        Status::Ran
    })
}

fn fit(args: &FitArgs) -> Result<Fitted, String> {
    let (clock, fixed) = in_zone(args.clock.clock()?, args.timezone.as_deref())?;
    if let Some(zone) = fixed {
        return Err(format!(
            "--timezone {zone}: expected a place such as Europe/Berlin"
        ));
    }
    let sources = sources(args)?;
    let mut logs: Vec<String> = sources.iter().map(path_of).collect();
    let (encoding_name, encoding) = logs::encoding_of(&args.read)?;
    let options = ReadOptions {
        encoding,
        encoding_name,
        encoding_given: args.read.encoding.is_some(),
        strip_ansi: args.read.strip_ansi,
        unwrap: logs::unwrapping(&args.read.wrapping)?,
        journal_offset: clock.local(clock.now_epoch()).offset,
        ..ReadOptions::default()
    };
    let mut set = LogSet::new(sources, options);
    let journal = set.is_journal().map_err(|error| error.to_string())?;
    if let Some(text) = &args.read.journalmatch {
        let words = shlex_split(text).map_err(|why| format!("--journalmatch {text}: {why}"))?;
        let matches = JournalMatch::parse(&[words]).map_err(|error| error.to_string())?;
        set.options_mut().matches = matches;
    }
    let unwrapping = set.options_mut().unwrap.clone();
    if let Some(unwrapping) = &unwrapping {
        unwrapping.set_dates(logs::default_dates(&clock));
    }
    let directory = config_dir(args.config.as_deref(), None, Lookup::TypedFirst);
    let candidates = Candidates::load(&directory, &clock, journal);
    let candidates = candidates.map_err(|error| error.to_string())?;
    let fit = read(args, &candidates, set, &clock)?;
    logs::say_unwrapped(unwrapping.as_ref());
    if logs::are_wrapped(unwrapping.as_ref()) {
        // a jail for the log as it is would find nothing
        logs = vec![UNKNOWN_LOG.to_owned()];
    }
    for fault in &fit.faults {
        terminal::print_error(format!("f2b-regex: left out: {fault}"));
    }
    Ok(Fitted {
        fit,
        logs: (!journal).then_some(logs),
        directory,
    })
}

/// What is read.
fn sources(args: &FitArgs) -> Result<Vec<LogSource>, String> {
    if !args.read.line.is_empty() {
        if let Some(log) = args.log.first() {
            return Err(format!("{log}: with --line there is no LOG"));
        }
        return Ok(vec![LogSource::Literal(args.read.line.join("\n"))]);
    }
    let all: Vec<String> = args.log.iter().chain(&args.read.logs).cloned().collect();
    if all.is_empty() {
        return Err("expected LOG, or --line TEXT".into());
    }
    LogSource::of_all(&all, Words::AreLogs).map_err(|error| error.to_string())
}

/// What a jail has in place of a log's path.
pub(super) const UNKNOWN_LOG: &str = "/path/of/the/log";

/// The path a jail would name a log with.
pub(super) fn path_of(source: &LogSource) -> String {
    match source {
        LogSource::File(path) => {
            let absolute = std::path::absolute(path);
            let path = absolute.as_deref().unwrap_or(path);
            path.to_string_lossy().into_owned()
        }
        _ => UNKNOWN_LOG.to_owned(),
    }
}

/// Runs all filters over the logs.
fn read(
    args: &FitArgs,
    candidates: &Candidates,
    logs: LogSet,
    clock: &Clock,
) -> Result<Fit, String> {
    let single = logs.sources().len() == 1;
    let set = candidates.filter_set()?;
    let mut tally = Tally::new(candidates);
    let mut progress = Progress::new(!args.progress.no_progress, logs.size());
    let mut ahead = ReadAhead::new(logs);
    let mut faults = Vec::new();
    let next = || loop {
        match ahead.next_block(true) {
            Ok(next) => return Ok(next),
            Err(error) if single => return Err(error.to_string()),
            Err(error) => faults.push(error.to_string()),
        }
    };
    let threads = args
        .workers
        .threads
        .unwrap_or_else(pipeline::default_threads);
    let done = |tally: &Tally| {
        let (lines, bytes, matched) = tally.progress();
        progress.show(bytes, lines, matched);
    };
    let ran = filter_set::run(&set, clock, threads, next, &mut tally, done);
    progress.finish();
    ran?;
    for fault in faults {
        terminal::print_error(format!("f2b-regex: {fault}"));
    }
    Ok(tally.finish())
}
