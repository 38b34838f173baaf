//! `explain`: why does this line (not) match?

use super::Status;
use super::analyze::{filter_info, instant, screen};
use super::args::{Color, Format};
use super::diagnosis::{self, LogSample};
use super::setup::{self, Setup, SetupRequest};
use clap::Parser;
use f2b_regex::date::Clock;
use f2b_regex::engine::Session;
use f2b_regex::engine::dns::UseDns;
use f2b_regex::explain::hints::Diagnosis;
use f2b_regex::explain::sample::SampledLine;
use f2b_regex::explain::steps::{self, Explanation, Verdict};
use f2b_regex::input::ansi::StripAnsi;
use f2b_regex::input::block::BLOCK_BYTES;
use f2b_regex::input::{BlockReader, Encoding, LogSource, encoding};
use f2b_regex::pattern::Scratch;
use f2b_regex::report::explain::{ExplainReport, json, table};
use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
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

/// Runs `explain`; the first argument is the command's name.
pub fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            error.print()?;
            return Ok(match error.use_stderr() {
                true => Status::Error,
                false => Status::Ran,
            });
        }
    };
    match explain(&args) {
        Ok(written) => written.map(|()| Status::Ran),
        Err(message) => {
            eprintln!("f2b-regex explain: {message}");
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
    let setup = setup::build(&request, &clock, &mut Vec::new()).map_err(|e| e.message)?;
    let log = Log::open(args)?;
    let mut scratch = Scratch::default();
    let mut explanation = explained(args, &setup, &clock, &log, &mut scratch)?;
    let diagnosis = match args.no_hints || explanation.verdict == Verdict::Matched {
        true => Diagnosis::default(),
        false => hints(request, &setup, &clock, &mut explanation),
    };
    let info = filter_info(&args.filter, &setup);
    let report = ExplainReport {
        filter: &setup.filter,
        info: &info,
        explanation: &explanation,
        diagnosis: &diagnosis,
        top: args.top,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match args.format {
        Format::Json => json::write(&mut out, &json::build(&report, &clock)),
        _ => table::write(&mut out, &report, &clock, screen(args.color)),
    };
    Ok(written.and_then(|()| out.flush()))
}

/// A log that can be read twice.
struct Log {
    source: LogSource,
    encoding: Encoding,
    strip_ansi: bool,
    /// Standard input, read to its end.
    text: Option<Vec<u8>>,
}

impl Log {
    fn open(args: &Args) -> Result<Log, String> {
        let name = args
            .encoding
            .clone()
            .unwrap_or_else(encoding::preferred_name);
        let encoding = Encoding::for_label(&name).ok_or_else(|| {
            format!("--encoding {name}: unknown encoding; expected a name such as UTF-8 or latin-1")
        })?;
        let source = match args.literal {
            true => LogSource::Literal(args.log.clone()),
            false => LogSource::of(&args.log).map_err(|error| {
                let text = error.to_string();
                text.replace("use --line", "use --literal")
            })?,
        };
        let mut text = None;
        if source == LogSource::Stdin {
            let mut all = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut all);
            read.map_err(|error| format!("standard input: {error}"))?;
            text = Some(all);
        }
        Ok(Log {
            source,
            encoding,
            strip_ansi: args.strip_ansi,
            text,
        })
    }

    /// Tells every line, with its number, until `tell` returns false.
    fn lines(&self, mut tell: impl FnMut(u64, &str) -> bool) -> Result<(), String> {
        let mut input: Box<dyn Read + '_> = match &self.text {
            Some(text) => Box::new(&text[..]),
            None => self.source.open().map_err(|error| error.to_string())?,
        };
        if self.strip_ansi {
            input = Box::new(StripAnsi::new(input));
        }
        let mut reader = BlockReader::new(input, self.encoding, BLOCK_BYTES);
        let name = self.source.name();
        let cannot = |error| format!("{name}: cannot be read: {error}");
        while let Some(block) = reader.next_block().map_err(cannot)? {
            for (number, line) in block.lines() {
                if !tell(number, line) {
                    return Ok(());
                }
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
) -> Result<Explanation, String> {
    let start = || Session::new(&setup.filter, clock, setup.detector.clone()).keep_data(true);
    let mut session = start();
    let (mut wanted, mut last) = (args.line_number, None);
    if wanted.is_none() {
        log.lines(|number, line| {
            last = Some(number);
            let outcome = session.line(line, scratch);
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
    let mut lines = 0;
    log.lines(|at, line| {
        lines = at;
        if let Some(explanation) = &mut explanation {
            read_on += 1;
            return read_on < READ_ON
                && !steps::completes(explanation, &mut session, line, at, scratch);
        }
        if at < number {
            session.line(line, scratch);
        } else if at == number {
            let told = steps::explain(&mut session, line, Some(number), scratch);
            let waits = told.session.is_some() && told.verdict != Verdict::Matched
                || told.failures.iter().any(|failure| failure.id.is_none());
            explanation = Some(told);
            return waits;
        }
        at <= number
    })?;
    explanation.ok_or_else(|| {
        format!(
            "{}: line {number} is not tested: it is empty, begins with #, or the log ends before \
             (its last line is {lines})",
            log.source.name()
        )
    })
}

/// What would help this one line.
fn hints(
    request: SetupRequest,
    setup: &Setup,
    clock: &Clock,
    explanation: &mut Explanation,
) -> Diagnosis {
    let number = explanation.number.unwrap_or(1);
    let sample = LogSample {
        lines: vec![SampledLine {
            number,
            text: explanation.line.clone(),
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
