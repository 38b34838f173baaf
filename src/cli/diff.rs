//! `f2b-regex diff`: what changes when filters are replaced by a new version. From arguments to a
//! [`Diff`]; finding out is `analysis::diff`'s.

mod args;
mod versions;

use super::Status;
use super::logs;
use super::options::{DocumentFormat, in_zone};
use super::terminal;
use crate::analysis::bench::Log;
use crate::analysis::diff::lines::{self, Lines};
use crate::analysis::diff::value::Diff;
use crate::analysis::diff::{self, Request};
use crate::analysis::warning::Warning;
use crate::config::shlex_split;
use crate::date::Clock;
use crate::input::journal::JournalMatch;
use crate::input::{LogSource, ReadOptions, Words};
use crate::report::Format as _;
use crate::report::diff::html::Html;
use crate::report::diff::markdown::Markdown;
use crate::report::diff::table::Table;
use crate::report::json::Json;
use crate::report::text::{counted, grouped};
use args::{DiffArgs, FailOn};
use clap::CommandFactory;
use std::ffi::OsString;
use std::io::{self, Write};

/// What the command takes.
pub(super) fn arguments() -> clap::Command {
    DiffArgs::command()
}

/// Runs the command; the error is one of writing the report.
pub(super) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<DiffArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let diff = match compare(&args) {
        Ok(diff) => diff,
        Err(message) => {
            terminal::print_error(format!("f2b-regex diff: {message}"));
            return Ok(Status::Error);
        }
    };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    let top = args.top;
    match args.format {
        DocumentFormat::Table => {
            let screen = terminal::screen(args.screen.color);
            Table { screen, top }.write(&diff, &mut out)?;
        }
        DocumentFormat::Json => Json.write(&diff, &mut out)?,
        DocumentFormat::Html => Html { top }.write(&diff, &mut out)?,
        DocumentFormat::Markdown => Markdown { top }.write(&diff, &mut out)?,
    }
    out.flush()?;
    Ok(status(&args, &diff))
}

fn status(args: &DiffArgs, diff: &Diff) -> Status {
    let said = match args.fail_on {
        Some(FailOn::Change) if diff.changed => "something changed (--fail-on change)",
        Some(FailOn::Lost) if diff.lost => "something is lost (--fail-on lost)",
        _ => return Status::Ran,
    };
    terminal::print_error(format!("f2b-regex diff: {said}"));
    Status::Condition
}

fn compare(args: &DiffArgs) -> Result<Diff, String> {
    let (clock, fixed) = in_zone(args.clock.clock()?, args.timezone.as_deref())?;
    if let Some(zone) = fixed {
        return Err(format!(
            "--timezone {zone}: expected a place such as Europe/Berlin"
        ));
    }
    if let Some(threads) = args.workers.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let made = pool.build_global();
        made.map_err(|error| format!("--threads {threads}: {error}"))?;
    }
    let (old, new) = versions::both(&args.old, &args.new)?;
    let lines = read(args, &clock)?;
    let request = Request {
        old: &old,
        new: &new,
        lines: &lines,
        clock: &clock,
        examples: args.top,
    };
    let mut diff = diff::run(&request).map_err(|error| error.to_string())?;
    if let Lines::Logs { log, .. } = &lines {
        diff.warnings.extend(warnings(log));
    }
    Ok(diff)
}

fn read(args: &DiffArgs, clock: &Clock) -> Result<Lines, String> {
    let (encoding_name, encoding) = logs::encoding_of(&args.read)?;
    let mut options = ReadOptions {
        encoding,
        encoding_name,
        encoding_given: args.read.encoding.is_some(),
        strip_ansi: args.read.strip_ansi,
        journal_offset: clock.local(clock.now_epoch()).offset,
        ..ReadOptions::default()
    };
    if let Some(text) = &args.read.journalmatch {
        let words = shlex_split(text).map_err(|why| format!("--journalmatch {text}: {why}"))?;
        options.matches = JournalMatch::parse(&[words]).map_err(|error| error.to_string())?;
    }
    let given: Vec<String> = args.log.iter().chain(&args.read.logs).cloned().collect();
    if !args.samples.is_empty() {
        if !given.is_empty() || !args.read.line.is_empty() {
            return Err("--samples: expected no LOG beside it".to_owned());
        }
        for directory in &args.samples {
            std::fs::metadata(directory)
                .map_err(|error| format!("{}: {error}", directory.display()))?;
        }
        return Ok(Lines::Samples {
            directories: args.samples.clone(),
            options,
            limit: args.lines,
        });
    }
    let sources = match args.read.line.is_empty() {
        true => LogSource::of_all(&given, Words::AreLogs).map_err(|error| error.to_string())?,
        false if given.is_empty() => vec![LogSource::Literal(args.read.line.join("\n"))],
        false => return Err(format!("{}: with --line there is no LOG", given[0])),
    };
    if sources.is_empty() {
        return Ok(Lines::None);
    }
    let names = sources.iter().map(LogSource::name).collect();
    let log = lines::read(sources, &options, args.lines).map_err(|error| error.to_string())?;
    Ok(Lines::Logs { log, names })
}

/// What looks wrong with the logs.
fn warnings(log: &Log) -> Vec<Warning> {
    let mut all = Vec::new();
    if log.cut {
        let used = grouped(log.lines.len() as u64);
        let message = format!("only the first {used} lines are used (--lines)");
        all.push(Warning::new("cut-log", message));
    }
    if log.lines.is_empty() {
        all.push(Warning::new("no-lines", "no line was tested"));
    }
    if log.invalid > 0 {
        let places = counted(log.invalid, "place of the log is", "places of the log are");
        let message = format!("{places} not valid in its encoding (-e)");
        all.push(Warning::new("invalid-encoding", message));
    }
    all
}
