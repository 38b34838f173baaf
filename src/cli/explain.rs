//! `explain`: why does this line (not) match?

use super::Status;
use super::analyze::filter_info;
use super::args::Format;
use super::diagnosis::{self, LogSample};
use super::options::{
    ClockArgs, FilterArgs, LogArgs, MatchArgs, PRINT, ProgressArgs, READ, ScreenArgs, WindowArgs,
    in_zone,
};
use super::progress::Progress;
use super::setup::{self, Setup, SetupRequest};
use super::typed::Typed;
use super::{logs, terminal};
use crate::analysis::explain::hints::Diagnosis;
use crate::analysis::explain::sample::SampledLine;
use crate::analysis::explain::steps::{self, Explanation, Verdict};
use crate::date::Clock;
use crate::engine::Session;
use crate::input::{Block, LogSet, LogSource, ReadOptions, Words};
use crate::pattern::Scratch;
use crate::report::explain::{ExplainReport, json, table};
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{self, Write};

/// Lines read on, behind the one explained, for the line that completes its session.
const READ_ON: usize = 10_000;

/// Why does a line match, or not? Shows it step by step: the date, the prefregex, how near
/// each failregex came, the session, and what would help.
#[derive(Debug, Parser)]
#[command(
    name = "f2b-regex explain",
    infer_long_args = true,
    override_usage = "f2b-regex explain [OPTIONS] LOG FILTER [--line-number N]\n       \
                      f2b-regex explain [OPTIONS] --line TEXT FILTER",
    after_help = "LOG is what it is for f2b-regex itself; the lines before the one explained are \
        read too, as sessions depend on them. Without --line-number the first missed line is \
        explained. FILTER is an existing filter file, a jail or filter by name, with options, or \
        a failregex as text."
)]
struct Args {
    /// A log file, directory, quoted pattern, - or a log line as text
    #[arg(value_name = "LOG")]
    log: Option<String>,

    /// A filter file, a jail or filter, perhaps with [options], or a failregex
    #[arg(value_name = "FILTER")]
    filter: Option<String>,

    /// An ignoreregex as text, in place of the filter's
    #[arg(value_name = "IGNOREREGEX")]
    ignoreregex: Option<String>,

    /// The line of LOG to explain, from 1 [default: the first that is missed]
    #[arg(
        short = 'n',
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..),
        help_heading = READ
    )]
    line_number: Option<u64>,

    #[command(flatten)]
    read: LogArgs,

    #[command(flatten)]
    window: WindowArgs,

    #[command(flatten)]
    clock: ClockArgs,

    /// As --line, for the first argument
    #[arg(long, hide = true, conflicts_with_all = ["line", "logs"])]
    literal: bool,

    #[command(flatten)]
    source: FilterArgs,

    #[command(flatten)]
    matching: MatchArgs,

    /// table or json
    #[arg(long, value_enum, default_value = "table", help_heading = PRINT)]
    format: Format,

    /// Near misses shown
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = PRINT)]
    top: usize,

    /// Do not look for what would help
    #[arg(long, help_heading = PRINT)]
    no_hints: bool,

    #[command(flatten)]
    screen: ScreenArgs,

    #[command(flatten)]
    progress: ProgressArgs,
}

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
    match explain(&args) {
        Ok(written) => written.map(|()| Status::Ran),
        Err(message) => {
            terminal::print_error(format!("f2b-regex explain: {message}"));
            Ok(Status::Error)
        }
    }
}

fn explain(args: &Args) -> Result<io::Result<()>, String> {
    if args.format == Format::Classic {
        return Err("--format classic: fail2ban-regex has no such report; table or json".into());
    }
    let clock = args.clock.clock()?;
    let (clock, timezone) = in_zone(clock, args.source.timezone.as_deref())?;
    let typed = typed(args)?;
    // what is wrong with the log is said after what is wrong with the filter
    let log = Log::open(args, &typed, &clock);
    let request = SetupRequest {
        ignoreregex: typed.ignoreregex.as_deref(),
        usedns: args.matching.usedns()?,
        raw: args.matching.raw,
        maxlines: args.matching.maxlines,
        systemd: log.as_ref().is_ok_and(|log| log.is_journal),
        ..args.source.request(&typed.filter, timezone)
    };
    let name = Some("explain");
    let setup = setup::build_whole(&request, &clock);
    let setup = setup.map_err(|error| typed.explain(error.message, name))?;
    let mut log = log.map_err(|message| typed.explain(message, name))?;
    log.begin(args, &setup, &clock)?;
    let mut scratch = Scratch::default();
    let (explanation, time) = explained(args, &setup, &clock, &mut log, &mut scratch)?;
    let diagnosis = match args.no_hints || explanation.verdict == Verdict::Matched {
        true => Diagnosis::default(),
        false => hints(request, &setup, &clock, &explanation, time),
    };
    let info = filter_info(&typed.filter, &setup);
    let report = ExplainReport {
        filter: &setup.filter,
        info: &info,
        explanation: &explanation,
        diagnosis: &diagnosis,
        top: args.top,
    };
    let mut out = terminal::stdout(terminal::Colors::Ours);
    let written = match args.format {
        Format::Json => json::write(&mut out, &json::build(&report, &clock)),
        _ => table::write(
            &mut out,
            &report,
            &clock,
            terminal::screen(args.screen.color),
        ),
    };
    Ok(written.and_then(|()| out.flush()))
}

/// LOG, FILTER and IGNOREREGEX.
fn typed(args: &Args) -> Result<Typed, String> {
    let given = [&args.log, &args.filter, &args.ignoreregex];
    let given: Vec<&str> = given.into_iter().flatten().map(String::as_str).collect();
    let typed = Typed::of(&args.read, &given)
        .map_err(|message| format!("{message} See f2b-regex explain --help."))?;
    Ok(Typed {
        are_lines: typed.are_lines || args.literal,
        ..typed
    })
}

/// A log that can be read twice.
struct Log<'a> {
    first: LogSet,
    options: ReadOptions,
    last: Option<u64>,
    is_journal: bool,
    /// Of standard input, what was read.
    kept: Option<Vec<Block>>,
    run: Option<(&'a Setup, &'a Clock)>,
    progress: Progress,
}

impl<'a> Log<'a> {
    fn open(args: &Args, typed: &Typed, clock: &Clock) -> Result<Log<'a>, String> {
        let options = logs::options(&args.read, &args.window, clock)?;
        let sources = typed.sources(Words::AreLogs)?;
        let last = args.window.last;
        let mut first = logs::open(sources, options.clone(), last);
        let is_journal = first.is_journal().map_err(|error| error.to_string())?;
        let progress = Progress::new(!args.progress.no_progress, first.size());
        Ok(Log {
            first,
            options,
            last,
            is_journal,
            kept: None,
            run: None,
            progress,
        })
    }

    /// Goes on once the filter is known. Standard input is read up to the line asked for, and
    /// some lines on.
    fn begin(&mut self, args: &Args, setup: &'a Setup, clock: &'a Clock) -> Result<(), String> {
        let journalmatch = args.read.journalmatch.as_deref();
        logs::begin(&mut self.first, journalmatch, setup, clock, self.is_journal)?;
        self.options = self.first.options_mut().clone();
        self.run = Some((setup, clock));
        if self.first.sources().contains(&LogSource::Stdin) {
            let enough = (args.line_number).map(|number| number.saturating_add(READ_ON as u64));
            let mut blocks = Vec::new();
            while let Some(block) = self.first.next_block().map_err(|e| e.to_string())? {
                let block = block.decode();
                let is_enough = enough.is_some_and(|enough| block.first_line > enough);
                blocks.push(block);
                if is_enough {
                    break;
                }
            }
            self.kept = Some(blocks);
        }
        Ok(())
    }

    /// Tells every line with its number and the time of a journal entry, until `tell`
    /// returns false.
    fn lines(
        &mut self,
        mut tell: impl FnMut(u64, &str, Option<f64>) -> bool,
    ) -> Result<(), String> {
        let mut each = |block: &Block| {
            let mut lines = block.timed_lines();
            lines.all(|(number, line, time)| tell(number, line, time))
        };
        if let Some(kept) = &self.kept {
            kept.iter().all(each);
            return Ok(());
        }
        let sources = self.first.sources().to_vec();
        let mut logs = logs::open(sources, self.options.clone(), self.last);
        if let Some((setup, clock)) = self.run
            && !self.is_journal
            && self.options.window.is_limited()
        {
            logs.set_dates(logs::dates(setup, clock)?);
        }
        let mut read = 0;
        while let Some(block) = logs.next_block().map_err(|error| error.to_string())? {
            let block = block.decode();
            read += block.line_count();
            self.progress.show(block.position, read, 0);
            if !each(&block) {
                break;
            }
        }
        self.progress.finish();
        Ok(())
    }
}

/// Explains the line asked for, or the first that is missed.
fn explained(
    args: &Args,
    setup: &Setup,
    clock: &Clock,
    log: &mut Log,
    scratch: &mut Scratch,
) -> Result<(Explanation, Option<f64>), String> {
    let start = || Session::new(&setup.filter, clock, setup.detector.clone()).keep_data(true);
    let mut session = start();
    let (mut wanted, mut last) = (args.line_number, None);
    if wanted.is_none() {
        log.lines(|number, line, time| {
            last = Some(number);
            let outcome = steps::judged(&mut session, line, time, scratch);
            let missed = Verdict::of(&outcome) == Verdict::Missed;
            if missed {
                wanted = Some(number);
            }
            !missed
        })?;
        session = start();
    }
    // where nothing is missed, the last line is as good as any
    let number = wanted.or(last).ok_or("the log has no line to explain")?;
    let (mut explanation, mut read_on) = (None::<Explanation>, 0);
    let mut entry_time = None;
    let mut lines = 0;
    log.lines(|at, line, time| {
        lines = at;
        if let Some(explanation) = &mut explanation {
            read_on += 1;
            return read_on < READ_ON
                && !steps::completes(explanation, &mut session, line, time, at, scratch);
        }
        if at < number {
            steps::judged(&mut session, line, time, scratch);
        } else if at == number {
            let told = steps::explain(&mut session, line, time, Some(number), scratch);
            entry_time = time;
            let waits = told.session.is_some() && told.verdict != Verdict::Matched
                || told.failures.iter().any(|failure| failure.id.is_none());
            explanation = Some(told);
            return waits;
        }
        at <= number
    })?;
    let explanation = explanation.ok_or_else(|| {
        format!(
            "{}: line {number} is not tested: it is empty, begins with #, or the log ends before \
             (its last line is {lines})",
            (log.first.sources().last())
                .map(LogSource::name)
                .unwrap_or_default()
        )
    })?;
    Ok((explanation, entry_time))
}

/// What would help this one line.
fn hints(
    request: SetupRequest,
    setup: &Setup,
    clock: &Clock,
    explanation: &Explanation,
    time: Option<f64>,
) -> Diagnosis {
    let number = explanation.number.unwrap_or(1);
    let sample = LogSample {
        lines: vec![SampledLine {
            number,
            text: explanation.line.clone(),
            time,
        }],
        total: 1,
        modified: None,
    };
    let mut diagnosis = diagnosis::diagnose(request, setup, sample, clock);
    let completed = (explanation.session.as_ref()).is_some_and(|s| s.completed_by.is_some());
    if completed {
        diagnosis.hints.retain(|hint| hint.code != "helpers-only");
    }
    diagnosis
}
