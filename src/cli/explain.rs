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
use crate::analysis::explain::steps::{self, Explanation};
use crate::analysis::run::DateSpan;
use crate::config::Loader;
use crate::date::Clock;
use crate::engine::{Session, Verdict};
use crate::input::{Block, LogSet, LogSource, ReadOptions, Words};
use crate::pattern::Scratch;
use crate::report::Format as _;
use crate::report::explain::table::Table;
use crate::report::explain::{ExplainReport, json};
use crate::report::json::Json;
use clap::{CommandFactory, Parser};
use std::cell::RefCell;
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
            super::regex_error::print("f2b-regex explain", &message);
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
    let opened = open(args, &typed, &clock);
    let request = SetupRequest {
        ignoreregex: typed.ignoreregex.as_deref(),
        usedns: args.matching.usedns()?,
        raw: args.matching.raw,
        maxlines: args.matching.maxlines,
        systemd: opened.as_ref().is_ok_and(|(_, journal)| *journal),
        ..args.source.request(&typed.filter, timezone)
    };
    let name = Some("explain");
    let setup = setup::build_whole(&Loader::default(), &request, &clock);
    let setup = setup.map_err(|error| typed.explain(error.message, name))?;
    let (logs, _) = opened.map_err(|message| typed.explain(message, name))?;
    let log = Log::begin(args, logs, &setup, &clock)?;
    let mut scratch = Scratch::default();
    let (explanation, time) = explained(args, &setup, &clock, &log, &mut scratch)?;
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
        Format::Json => Json.write(&json::build(&report, &clock), &mut out),
        _ => {
            let screen = terminal::screen(args.screen.color);
            let clock = &clock;
            Table { clock, screen }.write(&report, &mut out)
        }
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
    sources: Vec<LogSource>,
    options: ReadOptions,
    last: Option<u64>,
    stdin: Option<RefCell<Stdin>>,
    run: (&'a Setup, &'a Clock),
    progress: RefCell<Progress>,
}

/// Standard input, which can be read once only.
struct Stdin {
    logs: LogSet,
    /// The blocks read so far, while they may be asked for again.
    kept: Vec<Block>,
    keeps: bool,
}

/// Bytes of standard input that are kept at the most.
const KEPT_BYTES: u64 = 64 << 20;

impl Stdin {
    /// Tells the lines of `each` block, those kept first, until it returns false. No more is
    /// read than that takes.
    fn blocks(&mut self, mut each: impl FnMut(&Block) -> bool) -> Result<(), String> {
        if !self.kept.iter().all(&mut each) {
            return Ok(());
        }
        while let Some(block) = self.logs.next_block().map_err(|error| error.to_string())? {
            let block = block.decode();
            let more = each(&block);
            if self.keeps {
                self.kept.push(block);
            }
            if !more {
                break;
            }
            let kept: u64 = self.kept.iter().map(|block| block.bytes).sum();
            if kept > KEPT_BYTES {
                return Err(format!(
                    "none of the first {} MiB of standard input is missed, and no more is kept: \
                     name a line (--line-number), or save it to a file",
                    KEPT_BYTES >> 20
                ));
            }
        }
        Ok(())
    }
}

/// The logs, and whether they are journals.
fn open(args: &Args, typed: &Typed, clock: &Clock) -> Result<(LogSet, bool), String> {
    let options = logs::options(&args.read, &args.window, clock)?;
    let sources = typed.sources(Words::AreLogs)?;
    let mut logs = logs::open(sources, options, args.window.last);
    let is_journal = logs.is_journal().map_err(|error| error.to_string())?;
    Ok((logs, is_journal))
}

impl<'a> Log<'a> {
    /// The log, once the filter is known.
    fn begin(
        args: &Args,
        mut logs: LogSet,
        setup: &'a Setup,
        clock: &'a Clock,
    ) -> Result<Log<'a>, String> {
        let journalmatch = args.read.journalmatch.as_deref();
        logs::begin(&mut logs, journalmatch, setup, clock, &DateSpan::default())?;
        let progress = Progress::new(!args.progress.no_progress, logs.size());
        let sources = logs.sources().to_vec();
        Ok(Log {
            options: logs.options_mut().clone(),
            last: args.window.last,
            run: (setup, clock),
            progress: RefCell::new(progress),
            stdin: sources.contains(&LogSource::Stdin).then(|| {
                RefCell::new(Stdin {
                    logs,
                    kept: Vec::new(),
                    // which line is asked for must be found out first
                    keeps: args.line_number.is_none(),
                })
            }),
            sources,
        })
    }

    /// Tells every line with its number and the time of a journal entry, until `tell`
    /// returns false.
    fn lines(&self, mut tell: impl FnMut(u64, &str, Option<f64>) -> bool) -> Result<(), String> {
        let mut each = |block: &Block| {
            let mut lines = block.timed_lines();
            lines.all(|(number, line, time)| tell(number, line, time))
        };
        if let Some(stdin) = &self.stdin {
            return stdin.borrow_mut().blocks(each);
        }
        let mut logs = logs::open(self.sources.clone(), self.options.clone(), self.last);
        let (setup, clock) = self.run;
        if self.options.window.is_limited() && setup.detector.is_some() {
            logs.set_dates(logs::dates(setup, clock, DateSpan::default())?);
        }
        let mut read = 0;
        while let Some(block) = logs.next_block().map_err(|error| error.to_string())? {
            let block = block.decode();
            read += block.line_count();
            self.progress.borrow_mut().show(block.position, read, 0);
            if !each(&block) {
                break;
            }
        }
        self.progress.borrow_mut().finish();
        Ok(())
    }
}

/// Explains the line asked for, or the first that is missed.
fn explained(
    args: &Args,
    setup: &Setup,
    clock: &Clock,
    log: &Log,
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
        if let Some(stdin) = &log.stdin {
            stdin.borrow_mut().keeps = false;
        }
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
            (log.sources.last())
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
        encoding: None,
    };
    let mut diagnosis = diagnosis::diagnose(request, setup, sample, None, clock);
    let completed = (explanation.session.as_ref()).is_some_and(|s| s.completed_by.is_some());
    if completed {
        diagnosis.hints.retain(|hint| hint.code != "helpers-only");
    }
    diagnosis
}
