//! `explain`: why does this line (not) match?

use super::Status;
use super::analyze::{filter_info, instant};
use super::args::{Color, Format};
use super::diagnosis::{self, LogSample};
use super::setup::{self, Setup, SetupRequest};
use super::terminal;
use crate::analysis::explain::hints::Diagnosis;
use crate::analysis::explain::sample::SampledLine;
use crate::analysis::explain::steps::{self, Explanation, Verdict};
use crate::date::Clock;
use crate::engine::Session;
use crate::engine::dns::UseDns;
use crate::input::{Block, Encoding, LogSet, LogSource, ReadOptions, encoding};
use crate::pattern::Scratch;
use crate::report::Format as _;
use crate::report::explain::table::Table;
use crate::report::explain::{ExplainReport, json};
use crate::report::json::Json;
use clap::{CommandFactory, Parser};
use std::cell::RefCell;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// Lines read on, behind the one explained, for the line that completes its session.
const READ_ON: usize = 10_000;

/// Why does a line match, or not? Shows it step by step: the date, the prefregex, how near
/// each failregex came, the session, and what would help.
#[derive(Debug, Parser)]
#[command(
    name = "f2b-regex explain",
    infer_long_args = true,
    override_usage = "f2b-regex explain [OPTIONS] LOG FILTER [--line-number N]\n       \
                      f2b-regex explain [OPTIONS] LINE FILTER",
    after_help = "LOG is a log file or - for standard input; the lines before the one explained\n\
        are read too, as sessions depend on them. Without --line-number the first missed\n\
        line is explained. FILTER is a jail or filter by name, with options, the path of a\n\
        filter file, or a failregex as text."
)]
struct Args {
    /// A log file, - for standard input, or a log line as text
    #[arg(value_name = "LOG|LINE", allow_hyphen_values = true)]
    log: String,

    /// A jail or filter, perhaps with [options], a filter file, or a failregex as text
    #[arg(value_name = "FILTER")]
    filter: String,

    /// An ignoreregex as text, in place of the filter's
    #[arg(value_name = "IGNOREREGEX")]
    ignoreregex: Option<String>,

    /// The line of LOG to explain, counted from 1 [default: the first that is missed]
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    line_number: Option<u64>,

    /// Take the first argument for a line, whatever it looks like
    #[arg(long)]
    literal: bool,

    /// Near misses shown
    #[arg(long, value_name = "N", default_value_t = 3)]
    top: usize,

    /// Configuration directory: filter.d and jail.conf are looked up there
    #[arg(short, long, value_name = "DIR", default_value = "/etc/fail2ban")]
    config: PathBuf,

    /// Pattern(s) that find the date, in place of the filter's
    #[arg(short, long, value_name = "PATTERN", allow_hyphen_values = true)]
    datepattern: Option<String>,

    /// Zone of dates that name none: UTC[+-]hhmm or an abbreviation
    #[arg(
        long,
        visible_alias = "TZ",
        value_name = "ZONE",
        allow_hyphen_values = true
    )]
    timezone: Option<String>,

    /// Encoding of the log [default: the locale's]
    #[arg(short, long, value_name = "NAME")]
    encoding: Option<String>,

    /// Host names: yes and warn resolve them, no takes addresses only, raw keeps them
    #[arg(long, value_name = "yes|warn|no|raw")]
    usedns: Option<String>,

    /// Lines a regex may span; for multi-line filters
    #[arg(short = 'L', long, value_name = "N", allow_negative_numbers = true)]
    maxlines: Option<i64>,

    /// Read the log without the escape sequences that colour it
    #[arg(long)]
    strip_ansi: bool,

    /// Do not look for what would help
    #[arg(long)]
    no_hints: bool,

    /// table or json
    #[arg(long, value_enum, default_value = "table")]
    format: Format,

    /// The clock, for dates without a year and reproducible runs (RFC 3339)
    #[arg(long, value_name = "TIME")]
    now: Option<String>,

    /// Colours in the table
    #[arg(long, value_enum, default_value_t)]
    color: Color,
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
            super::refused::print("f2b-regex explain", &message);
            Ok(Status::Error)
        }
    }
}

fn explain(args: &Args) -> Result<io::Result<()>, String> {
    if args.format == Format::Classic {
        return Err("--format classic: fail2ban-regex has no such report; table or json".into());
    }
    let now = match &args.now {
        Some(text) => Some(instant(text).ok_or_else(|| {
            format!("--now {text}: expected a time such as 2026-11-20T12:00:00Z (RFC 3339)")
        })?),
        None => None,
    };
    let clock = Clock::new(now);
    let usedns = match args.usedns.as_deref() {
        None => UseDns::Raw,
        Some(text) => UseDns::parse(text)
            .ok_or_else(|| format!("--usedns {text}: expected yes, warn, no or raw"))?,
    };
    let request = SetupRequest {
        spec: &args.filter,
        changes: &[],
        ignoreregex: args.ignoreregex.as_deref(),
        config_dir: &args.config,
        datepattern: args.datepattern.as_deref(),
        timezone: args.timezone.as_deref(),
        usedns,
        raw: false,
        maxlines: args.maxlines,
        check_all: true,
        rows: false,
        systemd: false,
        verbosity: 0,
    };
    // what is wrong with the log is said after what is wrong with the filter
    let log = Log::open(args, &clock);
    let request = SetupRequest {
        systemd: log.as_ref().is_ok_and(|log| log.is_journal),
        ..request
    };
    let setup = setup::build(&request, &clock, &mut Vec::new()).map_err(|e| e.message)?;
    let log = log?;
    let mut scratch = Scratch::default();
    let (explanation, time) = explained(args, &setup, &clock, &log, &mut scratch)?;
    let diagnosis = match args.no_hints || explanation.verdict == Verdict::Matched {
        true => Diagnosis::default(),
        false => hints(request, &setup, &clock, &explanation, time),
    };
    let info = filter_info(&args.filter, &setup);
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
            let screen = terminal::screen(args.color);
            let clock = &clock;
            Table { clock, screen }.write(&report, &mut out)
        }
    };
    Ok(written.and_then(|()| out.flush()))
}

/// A log that can be read twice.
struct Log {
    sources: Vec<LogSource>,
    options: ReadOptions,
    is_journal: bool,
    stdin: Option<RefCell<Stdin>>,
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

impl Log {
    fn open(args: &Args, clock: &Clock) -> Result<Log, String> {
        let name = args.encoding.clone();
        let name = name.unwrap_or_else(encoding::preferred_name);
        let encoding = Encoding::for_label(&name).ok_or_else(|| {
            format!("--encoding {name}: unknown encoding; expected a name such as UTF-8 or latin-1")
        })?;
        let sources = match args.literal {
            true => vec![LogSource::Literal(args.log.clone())],
            false => LogSource::of_all(std::slice::from_ref(&args.log)).map_err(|error| {
                let text = error.to_string();
                text.replace("use --line", "use --literal")
            })?,
        };
        let options = ReadOptions {
            encoding,
            encoding_name: name,
            encoding_given: args.encoding.is_some(),
            strip_ansi: args.strip_ansi,
            journal_offset: clock.local(clock.now_epoch()).offset,
            ..ReadOptions::default()
        };
        let mut log = Log {
            sources,
            options,
            is_journal: false,
            stdin: None,
        };
        let mut logs = LogSet::new(log.sources.clone(), log.options.clone());
        log.is_journal = logs.is_journal().map_err(|error| error.to_string())?;
        if log.sources.contains(&LogSource::Stdin) {
            log.stdin = Some(RefCell::new(Stdin {
                logs,
                kept: Vec::new(),
                // which line is asked for must be found out first
                keeps: args.line_number.is_none(),
            }));
        }
        Ok(log)
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
        let mut logs = LogSet::new(self.sources.clone(), self.options.clone());
        while let Some(block) = logs.next_block().map_err(|error| error.to_string())? {
            if !each(&block.decode()) {
                break;
            }
        }
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
            log.sources.last().map(LogSource::name).unwrap_or_default()
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
