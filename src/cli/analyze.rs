//! The main job: a log and a filter in, fail2ban-regex's verdict out.

mod execute;
mod job;
mod report;

pub(crate) use job::{TOP, filter_info};

use super::Status;
use super::args::{Args, Format};
use super::terminal::{self, Colors, print_error};
use crate::input::interrupt;
use crate::report::run::classic;
use job::{Run, Stop, usage};
use std::io::{self, Write};

/// Runs the main job; the error is one of writing the report.
pub(crate) fn run(args: &Args) -> io::Result<Status> {
    let format = args.report_format();
    let rows = args.out.is_some();
    let colors = match rows || format == Format::Classic {
        true => Colors::None,
        false => Colors::Ours,
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
    let ran = Run::new(args, format).map_err(Stop::from);
    let status = match ran.and_then(|run| run_job(&run, &mut notes, &mut out)) {
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
                print_error(format!("f2b-regex: {}", failure.message));
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
