//! The main job: a log and a filter in, fail2ban-regex's verdict out.

mod execute;
mod job;
mod report;

pub(crate) use job::{TOP, filter_info};

use super::Status;
use super::apply::{self, Targets};
use super::args::{Args, Format};
use super::regex_error;
use super::terminal::{self, Colors};
use crate::analysis::explain::hints::Change;
use crate::report::run::classic;
use job::{Failure, Run, Stop, usage};
use std::io::{self, Write};

/// Runs the main job; the error is one of writing the report.
pub(crate) fn run(args: &Args) -> io::Result<Status> {
    let format = args.report_format();
    let rows = args.out.is_some();
    let colors = if rows || format == Format::Classic {
        Colors::None
    } else {
        Colors::Ours
    };
    let mut out = terminal::stdout(colors);
    let mut notes = Vec::new();
    if format == Format::Classic && !rows && usage(args).is_ok() {
        write!(out, "{}", classic::HEADER)?;
    }
    terminal::report_on_interrupt();
    let ran = applied(args, format).map_err(Stop::from);
    let ran = ran.and_then(|(args, changes)| {
        let run = Run::new(&args, format, &changes)?;
        run_job(&run, &mut notes, &mut out)
    });
    let status = match ran {
        Ok(status) => status,
        Err(Stop::Io(error)) => return Err(error),
        Err(Stop::Failure(failure)) => {
            // notes are upstream's, and nothing of them is printed with --out
            if format == Format::Classic {
                let notes = if rows { &[] } else { notes.as_slice() };
                let mut lines = notes.iter().chain(&failure.classic);
                lines.try_for_each(|line| writeln!(out, "{line}"))?;
            }
            out.flush()?;
            if format != Format::Classic || failure.classic.is_empty() {
                regex_error::print("f2b-regex", &failure.message);
            }
            match format {
                Format::Classic => failure.status,
                _ => Status::Error,
            }
        }
    };
    out.flush()?;
    Ok(status)
}

/// The command line and the changes to regexes that the hints asked for come to.
fn applied(args: &Args, format: Format) -> Result<(Args, Vec<Change>), Failure> {
    let mut changed = args.clone();
    if args.applied.apply.is_empty() {
        return Ok((changed, Vec::new()));
    }
    let run = Run::new(args, format, &[])?;
    let (prepared, logs) = run.prepare(&mut Vec::new())?;
    let diagnosis = run.diagnosed(&prepared, logs)?;
    let targets = Targets {
        given: vec![&mut changed.given.log, &mut changed.given.filter],
        source: &mut changed.source,
        read: &mut changed.read,
        maxlines: &mut changed.matching.maxlines,
    };
    let typed = (&prepared.request, &prepared.setup);
    let changes = apply::apply(&args.applied, &diagnosis.hints, typed, targets, &run.clock);
    Ok((changed, changes.map_err(Failure::new)?))
}

/// The same for a command that runs the filter otherwise: the hints are those of the main job.
pub(crate) fn hints_applied(args: &Args) -> Result<(Args, Vec<Change>), String> {
    applied(args, Format::Json).map_err(|failure| failure.message)
}

/// Prepare, execute, report.
fn run_job(run: &Run, notes: &mut Vec<String>, out: &mut dyn Write) -> Result<Status, Stop> {
    let (prepared, logs) = run.prepare(notes)?;
    if run.format == Format::Classic && run.args.out.is_none() {
        notes.iter().try_for_each(|note| writeln!(out, "{note}"))?;
        writeln!(out)?;
    }
    notes.clear();
    let executed = run.execute(&prepared, logs, out)?;
    run.report(&prepared, executed, out)
}
