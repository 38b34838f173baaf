//! `explain`: why does this line (not) match?

mod args;

use super::Status;
use super::analyze::filter_info;
use super::apply::{self, Targets};
use super::args::Format;
use super::diagnosis::{self, LogSample};
use super::journalmatch::JournalRetry;
use super::options::in_zone;
use super::progress::Progress;
use super::setup::{self, Setup, SetupRequest};
use super::typed::Typed;
use super::{logs, terminal};
use crate::analysis::explain::hints::{Change, Diagnosis};
use crate::analysis::explain::missed::{MissedLines, MissedSearch, Wanted};
use crate::analysis::explain::sample::{SampledLine, Sampler};
use crate::analysis::explain::steps::Explanation;
use crate::analysis::run::{DateSpan, Outside, why_no_lines};
use crate::config::Loader;
use crate::date::Clock;
use crate::engine::{Session, Verdict};
use crate::input::{LogSet, LogSource, Unwrapping, Words, interrupt};
use crate::report::explain::Explained;
use crate::report::explain::html::Html;
use crate::report::explain::table::Table;
use crate::report::explain::value::{GroupsReport, LineReport};
use crate::report::json::Json;
use crate::report::{self, Format as _};
use args::Args;
use clap::CommandFactory;
use serde::Serialize;
use std::ffi::OsString;
use std::io::{self, Write};

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    Args::command()
}

/// Runs `explain`; the first argument is the command's name.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<Args>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    terminal::report_on_interrupt();
    match explain(&args) {
        Ok(written) => written.map(|()| {
            if interrupt::requested() {
                Status::Interrupted
            } else {
                Status::Ran
            }
        }),
        Err(message) => {
            super::regex_error::print("f2b-regex explain", &message);
            Ok(Status::Error)
        }
    }
}

fn explain(args: &Args) -> Result<io::Result<()>, String> {
    if args.format == Format::Classic {
        let message = "--format classic: fail2ban-regex has no such report; table, json or html";
        return Err(message.into());
    }
    let (args, changes) = applied(args)?;
    let run = Run::new(&args, &changes)?;
    let looked = run.look()?;
    let diagnosis = run.diagnosis(&looked);
    let explained = Explained {
        filter: &looked.setup.filter,
        info: filter_info(&run.typed.filter, &looked.setup),
        diagnosis,
        clock: &run.clock,
    };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    let table = Table {
        top: args.top.unwrap_or(if args.all { 5 } else { 3 }),
        screen: terminal::screen(args.screen.color),
    };
    let written = if args.all {
        let report = GroupsReport::of(explained, &looked.missed);
        write(args.format, table, &report, &mut out)
    } else {
        let report = LineReport::of(explained, looked.explanation()?);
        write(args.format, table, &report, &mut out)
    };
    Ok(written.and_then(|()| out.flush()))
}

/// Writes a report in the form that is asked for.
fn write<Report: Serialize>(
    format: Format,
    table: Table,
    report: &Report,
    out: &mut dyn Write,
) -> io::Result<()>
where
    Table: report::Format<Report>,
    Html: report::Format<Report>,
{
    match format {
        Format::Json => Json.write(report, out),
        Format::Html => Html.write(report, out),
        _ => table.write(report, out),
    }
}

/// The command line and the changes to regexes that the hints asked for come to; the line that
/// was explained is explained again.
fn applied(args: &Args) -> Result<(Args, Vec<Change>), String> {
    let mut changed = args.clone();
    if args.applied.apply.is_empty() {
        return Ok((changed, Vec::new()));
    }
    let run = Run::new(args, &[])?;
    let looked = run.look()?;
    if looked.sources.contains(&LogSource::Stdin) {
        return Err(apply::READS_TWICE.into());
    }
    let diagnosis = run.diagnosis(&looked);
    if !args.all {
        changed.line_number = looked.explanation()?.number;
        changed.failures = false;
    }
    let targets = Targets {
        given: vec![&mut changed.given.log, &mut changed.given.filter],
        source: &mut changed.source,
        read: &mut changed.read,
        maxlines: &mut changed.matching.maxlines,
    };
    let typed = (&looked.request, &looked.setup);
    let changes = apply::apply(&args.applied, &diagnosis.hints, typed, targets, &run.clock)?;
    Ok((changed, changes))
}

/// A run of `explain`, from its arguments on.
struct Run<'a> {
    args: &'a Args,
    changes: &'a [Change],
    clock: Clock,
    /// `--timezone`, where it is an offset or an abbreviation.
    timezone: Option<&'a str>,
    typed: Typed,
}

/// What a run has read.
struct Looked<'r> {
    request: SetupRequest<'r>,
    setup: Setup,
    sources: Vec<LogSource>,
    missed: MissedLines,
    /// Lines for the hints on all of the log, and how many each log has.
    sampler: Sampler,
    lines: Vec<u64>,
    /// `--unwrap`, and what it made of the logs.
    unwrapping: Option<Unwrapping>,
    /// What is said where a journalmatch selects no entry.
    unselected: Option<String>,
    /// What is said where no line was tested.
    no_lines: String,
}

impl<'a> Run<'a> {
    fn new(args: &'a Args, changes: &'a [Change]) -> Result<Run<'a>, String> {
        let (clock, timezone) = in_zone(args.clock.clock()?, args.source.timezone.as_deref())?;
        let given = [&args.given.log, &args.given.filter, &args.ignoreregex];
        let given: Vec<&str> = given.into_iter().flatten().map(String::as_str).collect();
        let typed = Typed::of(&args.read, &given)
            .map_err(|message| format!("{message} See f2b-regex explain --help."))?;
        Ok(Run {
            args,
            changes,
            clock,
            timezone,
            typed: Typed {
                are_lines: typed.are_lines || args.literal,
                ..typed
            },
        })
    }

    /// The logs, and whether they are journals.
    fn open(&self) -> Result<(LogSet, bool), String> {
        let args = self.args;
        let options = logs::options(&args.read, &args.window, &self.clock)?;
        let sources = self.typed.sources(Words::AreLogs)?;
        let mut logs = logs::open(sources, options, args.window.last);
        let is_journal = logs.is_journal().map_err(|error| error.to_string())?;
        Ok((logs, is_journal))
    }

    /// Reads the logs and looks for what is asked for.
    fn look(&self) -> Result<Looked<'_>, String> {
        let args = self.args;
        // what is wrong with the log is said after what is wrong with the filter
        let opened = self.open();
        let request = SetupRequest {
            ignoreregex: self.typed.ignoreregex.as_deref(),
            usedns: args.matching.usedns()?,
            raw: args.matching.raw,
            maxlines: args.matching.maxlines,
            systemd: opened.as_ref().is_ok_and(|(_, journal)| *journal),
            changes: self.changes,
            ..args.source.request(&self.typed.filter, self.timezone)
        };
        let name = Some("explain");
        let setup = setup::build_strict(&Loader::default(), &request, &self.clock);
        let setup = setup.map_err(|error| self.typed.explain(error.message, name))?;
        let (mut logs, _) = opened.map_err(|message| self.typed.explain(message, name))?;
        let journalmatch = args.read.journalmatch.as_deref();
        let span = DateSpan::default();
        logs::begin(&mut logs, journalmatch, &setup, &self.clock, &span)?;
        let retry = JournalRetry::of(&mut logs);
        let unwrapping = logs.options_mut().unwrap.clone();
        let sources = logs.sources().to_vec();
        let wanted = match args.line_number {
            _ if args.all => Wanted::All,
            Some(number) => Wanted::Line(number),
            None => Wanted::Nearest,
        };
        let start =
            || Session::new(&setup.filter, &self.clock, setup.detector.clone()).keep_data(true);
        let mut search = MissedSearch::new(wanted, args.failures, start);
        let (mut sampler, mut lines) = (Sampler::default(), Vec::new());
        let mut outside = Outside::default();
        let mut progress = Progress::new(!args.progress.no_progress, logs.size());
        'blocks: while let Some(raw) = logs.next_block().map_err(|error| error.to_string())? {
            if args.all {
                sampler.block(&raw);
            }
            let log = raw.head().index;
            let block = raw.decode();
            outside.add(&block);
            lines.resize(lines.len().max(log + 1), 0);
            lines[log] += block.line_count();
            progress.show(block.position, lines.iter().sum(), 0);
            for (number, line, time) in block.timed_lines() {
                if !search.line(number, line, time) {
                    break 'blocks;
                }
            }
        }
        progress.finish();
        logs::say_unwrapped(unwrapping.as_ref());
        let missed = search.finish();
        outside.dates = span.get();
        let unselected = retry.filter(|_| missed.last == 0);
        Ok(Looked {
            unselected: unselected.map(|retry| retry.explain(&setup.filter, &self.clock).message),
            request,
            setup,
            sources,
            no_lines: why_no_lines(Some(&outside), lines.iter().sum(), &self.clock),
            missed,
            sampler,
            lines,
            unwrapping,
        })
    }

    /// What would help: the line explained, or all of the log.
    fn diagnosis(&self, looked: &Looked) -> Diagnosis {
        if self.args.no_hints {
            return Diagnosis::default();
        }
        if self.args.all {
            let sampler = looked.sampler.clone();
            let mut sample = LogSample::of(sampler, &looked.lines, &looked.sources);
            sample.encoding = (sample.encoding).filter(|_| self.args.read.encoding.is_none());
            sample.unwrapping.clone_from(&looked.unwrapping);
            return diagnosis::diagnose_log(
                looked.request,
                &looked.setup,
                sample,
                None,
                &self.clock,
            );
        }
        let told = looked.missed.explained.as_ref();
        let Some(told) = told.filter(|told| told.verdict != Verdict::Matched) else {
            return Diagnosis::default();
        };
        let sample = LogSample {
            lines: vec![SampledLine {
                number: told.number.unwrap_or(1),
                text: told.line.clone(),
                time: looked.missed.time,
            }],
            total: 1,
            modified: None,
            encoding: None,
            begin: None,
            columns: None,
            unwrapping: None,
        };
        let mut diagnosis =
            diagnosis::diagnose(looked.request, &looked.setup, sample, None, &self.clock);
        if told.completed_by.is_some() {
            diagnosis.hints.retain(|hint| hint.code != "helpers-only");
        }
        diagnosis
    }
}

impl Looked<'_> {
    /// The line explained, or why there is none.
    fn explanation(&self) -> Result<&Explanation, String> {
        let missed = &self.missed;
        missed.explained.as_ref().ok_or_else(|| {
            let name = (self.sources.last())
                .map(LogSource::name)
                .unwrap_or_default();
            match (&self.unselected, missed.asked) {
                (Some(message), _) => format!("{name}: {message}"),
                (None, Some(number)) => format!(
                    "{name}: line {number} is not tested: it is empty, begins with #, is not \
                     selected, or the log ends before (its last line is {})",
                    missed.last
                ),
                (None, None) if missed.left_out > 0 => format!(
                    "{name}: no missed line looks like a failure; without --failures one that \
                     does not is explained"
                ),
                (None, None) => format!("{name}: no line to explain: {}", self.no_lines),
            }
        })
    }
}
