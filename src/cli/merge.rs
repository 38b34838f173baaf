//! `f2b-regex merge`: reports of shards in, the report of one run over all of them out.
//! The adding up is `crate::analysis::merge`'s.

use super::analyze::TOP;
use super::options::{FormatName, PRINT, STATUS, ScreenArgs, instant};
use super::{Status, terminal};
use crate::analysis::merge::{CARRY_CODE, Merger, read};
use crate::analysis::run::RunReport;
use crate::date::Clock;
use crate::report::Format as _;
use crate::report::json::Json;
use crate::report::run::Show;
use crate::report::run::table::Table;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};

/// Add up JSON reports of shards: the report of one run over all of them.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex merge",
    disable_version_flag = true,
    infer_long_args = true,
    override_usage = "f2b-regex merge [OPTIONS] REPORT...",
    after_help = "REPORT is what f2b-regex LOG... FILTER --format json or html wrote, or several of\n\
        the former one behind the other (JSON lines too); - is standard input. Give them in\n\
        the order of their logs, oldest first: that is the order of the one run.\n\n\
        The reports must be of the same filter and options. The result has no hints, and\n\
        is else that of one run, byte for byte, but for the time taken. Where a run over\n\
        all logs may have carried something from one log into the next that changes a\n\
        verdict, a warning says so (code merge-carry); with --strict the status is 1.\n\n\
        Exit status: 0 merged; 1 a condition asked for did not hold; 2 an error."
)]
struct Args {
    /// JSON reports, in the order of their logs
    #[arg(value_name = "REPORT", required = true)]
    reports: Vec<String>,

    /// How the result is written
    #[arg(long, value_enum, default_value = "json", help_heading = PRINT)]
    format: FormatName,

    /// Addresses listed [default: 10 in the table, all in JSON]
    #[arg(long, value_name = "N", help_heading = PRINT)]
    top: Option<usize>,

    /// Show more in the table: every regex
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = PRINT)]
    verbose: u8,

    #[command(flatten)]
    screen: ScreenArgs,

    /// The clock of the one run (RFC 3339) [default: that of the reports, or now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,

    /// Treat warnings as failures: status 1
    #[arg(long, help_heading = STATUS)]
    strict: bool,

    /// Status 1 where nothing matched
    #[arg(long, help_heading = STATUS)]
    require_match: bool,
}

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    Args::command()
}

/// Runs the command; `arguments` begin with its name. The error is one of writing.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<Args>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let mut report = match merged(&args) {
        Ok(report) => report,
        Err(message) => {
            terminal::print_error(format!("f2b-regex: {message}"));
            return Ok(Status::Error);
        }
    };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    match args.format {
        FormatName::Json => {
            let carried = report
                .warnings
                .iter()
                .filter(|warning| warning.code == CARRY_CODE);
            for warning in carried {
                terminal::print_error(format!("f2b-regex: warning: {}", warning.message));
            }
            if let Some(top) = args.top {
                report.list_first(top);
            }
            Json.write(&report, &mut out)?;
        }
        FormatName::Table => table(&args, &report).write(&report, &mut out)?,
    }
    out.flush()?;
    let failed = report.logs.iter().any(|log| log.error.is_some());
    let nothing = args.require_match && report.lines.matched <= 0;
    let strict = args.strict && !report.warnings.is_empty();
    Ok(if failed {
        Status::Error
    } else if nothing || strict {
        Status::Condition
    } else {
        Status::Ran
    })
}

/// Reads and adds up all reports.
fn merged(args: &Args) -> Result<RunReport, String> {
    let given = args.now.as_deref().map(instant).transpose()?;
    let mut merger: Option<Merger> = None;
    for file in &args.reports {
        let input: Box<dyn BufRead> = match file.as_str() {
            "-" => Box::new(io::stdin().lock()),
            path => {
                let opened = File::open(path).map_err(|error| format!("{path}: {error}"))?;
                Box::new(BufReader::new(opened))
            }
        };
        let name = if file == "-" { "standard input" } else { file };
        read(input, name, |report, place| {
            let merger = merger.get_or_insert_with(|| {
                // the clock the reports were made by, if they were given one
                let options = report.seam.as_ref().map(|seam| &seam.options);
                let now = options.and_then(|options| instant(options.get("now")?).ok());
                Merger::new(Clock::new(given.or(now)))
            });
            merger.add(report, place).map_err(|error| error.to_string())
        })
        .map_err(|error| error.to_string())?;
    }
    let report = merger.and_then(Merger::finish);
    report.ok_or_else(|| "no report to merge".into())
}

/// The main job's table. Reports have the lines that were asked for: all are shown.
fn table(args: &Args, report: &RunReport) -> Table {
    let samples = &report.samples;
    Table {
        show: Show {
            verbose: args.verbose,
            all_matched: !samples.matched.is_empty(),
            all_missed: !samples.missed.is_empty(),
            all_ignored: !samples.ignored.is_empty(),
            top: args.top.unwrap_or(TOP),
            ..Show::default()
        },
        templates: Vec::new(),
        screen: terminal::screen(args.screen.color),
    }
}
