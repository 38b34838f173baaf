//! The main job: a log and a filter in, fail2ban-regex's verdict out.

mod execute;
mod job;
mod report;

pub(crate) use job::{TOP, filter_info};

use super::Status;
use super::args::{Args, Format};
use super::terminal::{self, Colors};
use super::{apply, regex_error};
use crate::analysis::explain::hints::Change;
use crate::input::interrupt;
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
    // where it cannot be watched, Ctrl-C ends the run without a report
    let _ = ctrlc::set_handler(|| {
        if interrupt::request() {
            std::process::exit(130);
        }
    });
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
    if args.apply.is_empty() {
        return Ok((args.clone(), Vec::new()));
    }
    let run = Run::new(args, format, &[])?;
    let (prepared, logs) = run.prepare(&mut Vec::new())?;
    let diagnosis = run.diagnosed(&prepared, logs)?;
    let mut changes = apply::chosen(&diagnosis.hints, &args.apply).map_err(Failure::new)?;
    if args.write > 0 {
        let over = args.write > 1;
        apply::write(
            &prepared.request,
            &prepared.setup,
            &changes,
            over,
            &run.clock,
        )
        .map_err(Failure::new)?;
    }
    let mut changed = args.clone();
    apply::change_arguments(&mut changed, &run.typed.filter, &changes);
    if args.write > 0 {
        // the file has them now
        changes.retain(|change| !change.is_regex());
    }
    Ok((changed, changes))
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
