//! The main job: a log and a filter in, fail2ban-regex's verdict out.

use super::Status;
use super::args::{Args, Format};
use super::diagnosis::{self, LogSample};
use super::journalmatch::JournalRetry;
use super::logs;
use super::progress::Progress;
use super::setup::{self, Setup, SetupError, SetupRequest};
use super::terminal::{self, Colors, print_error};
use crate::analysis::explain::hints::Diagnosis;
use crate::analysis::explain::sample::Sampler;
use crate::analysis::run::{
    BoundaryRecorder, DateSpan, FilterInfo, Findings, LogContext, LogSummary, RunFacts, RunReport,
    ShardBoundary, TemplateCounts, TemplateRow, WarningContext,
};
use crate::analysis::warning::Warning;
use crate::config::FilterKind;
use crate::date::Clock;
use crate::engine::block::BlockFacts;
use crate::engine::dns::UseDns;
use crate::engine::facts::Detail;
use crate::engine::filter::Filter;
use crate::engine::fold::{LineVerdict, VerdictSink};
use crate::engine::stats::{Keep, MAX_ADDRESSES, Retention};
use crate::engine::{Session, Stats, pipeline};
use crate::input::{LogKind, LogSet, LogSource, Next, RawBlock, ReadAhead, interrupt};
use crate::report::Format as _;
use crate::report::json::Json;
use crate::report::run::Show;
use crate::report::run::classic::{self, Classic, ClassicRun};
use crate::report::run::rows::{self, RowContext, RowFormat};
use crate::report::run::table::{SHOWN_LINES, Table};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Addresses the table shows.
pub(super) const TOP: usize = 10;

/// Why a run ends without a report.
enum Stop {
    /// It could not be written.
    Io(io::Error),
    /// Something is wrong with the arguments, the filter, or the logs.
    Failure(Failure),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Io(error)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Stop {
        Stop::Failure(failure)
    }
}

/// An error that ends the run, in one line.
struct Failure {
    message: String,
    classic: Vec<String>,
    status: Status,
}

impl Failure {
    fn new(message: impl ToString) -> Failure {
        let message = message.to_string();
        Failure {
            classic: vec![format!("ERROR: {message}")],
            message,
            status: Status::ClassicError,
        }
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Failure {
        Failure {
            message: error.message,
            classic: error.classic,
            status: match error.uncaught {
                true => Status::Condition,
                false => Status::ClassicError,
            },
        }
    }
}

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
    let status = match ran.and_then(|run| run.run(&mut notes, &mut out)) {
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

/// LOG and FILTER, and no options that exclude each other.
fn usage(args: &Args) -> Result<(Vec<String>, &str, Option<&str>), String> {
    if args.print_no_missed && args.print_all_missed {
        return Err("--print-no-missed and --print-all-missed are mutually exclusive.".into());
    }
    if args.print_no_ignored && args.print_all_ignored {
        return Err("--print-no-ignored and --print-all-ignored are mutually exclusive.".into());
    }
    let given: Vec<&str> = [&args.log, &args.filter, &args.ignoreregex]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    // with --line or --log the log is given: the positionals are FILTER and IGNOREREGEX
    let (logs, rest) = match given.as_slice() {
        rest if !args.line.is_empty() => (args.line.clone(), rest),
        rest if !args.more_logs.is_empty() => (args.more_logs.clone(), rest),
        [log, rest @ ..] => (vec![log.to_string()], rest),
        [] => (Vec::new(), &[][..]),
    };
    match (rest, args.surplus.is_empty()) {
        ([filter], true) => Ok((logs, filter, None)),
        ([filter, ignore], true) => Ok((logs, filter, Some(ignore))),
        _ if args
            .surplus
            .iter()
            .chain(&args.ignoreregex)
            .any(|a| std::path::Path::new(a).is_file()) =>
        {
            Err(
                "more than LOG, FILTER and IGNOREREGEX: several logs are a quoted pattern \
                 ('/var/log/mail.log*') or --log for each."
                    .into(),
            )
        }
        _ => Err("provide both <LOG> and <REGEX>.".into()),
    }
}

/// Writes rows and counts, verdict by verdict.
struct Recorder<'r, 's, W> {
    stats: &'r RefCell<&'s mut Stats>,
    filter: &'r Filter,
    rows: Option<Rows<'r, W>>,
    boundary: BoundaryRecorder,
}

/// The rows of `--out`.
struct Rows<'r, W> {
    form: &'r RowFormat,
    out: &'r RefCell<W>,
    context: RowContext<'r>,
    /// The first that could not be written; none is written after it.
    error: Option<rows::RowError>,
}

impl<W: Write> VerdictSink for &mut Recorder<'_, '_, W> {
    fn line(&mut self, folded: LineVerdict) {
        self.boundary.line(&folded);
        if let Some(rows) = &mut self.rows
            && rows.error.is_none()
        {
            let mut out = rows.out.borrow_mut();
            rows.error = rows::write_line(&mut *out, rows.form, &folded, &rows.context).err();
        }
        let prefregex = (self.filter.prefregex.is_some()).then_some(folded.prefregex);
        let mut stats = self.stats.borrow_mut();
        stats.record(folded.line, folded.number, folded.outcome, prefregex);
    }

    fn counts_missed(&self) -> bool {
        self.rows.is_none() && !self.boundary.is_watching() && self.stats.borrow().counts_missed()
    }

    fn missed(&mut self, lines: u64, prefregex: u64) {
        self.stats.borrow_mut().missed(lines, prefregex);
    }
}

struct Run<'a> {
    args: &'a Args,
    format: Format,
    clock: Clock,
    logs: Vec<String>,
    spec: &'a str,
    ignoreregex: Option<&'a str>,
}

impl<'a> Run<'a> {
    fn new(args: &'a Args, format: Format) -> Result<Self, Failure> {
        let (logs, spec, ignoreregex) = usage(args).map_err(|message| Failure {
            message: format!("{message} See f2b-regex --help."),
            classic: Vec::new(),
            status: Status::ClassicError,
        })?;
        let now = match &args.now {
            Some(text) => Some(instant(text).ok_or_else(|| {
                Failure::new(format!(
                    "--now {text}: expected a time such as 2026-11-20T12:00:00Z (RFC 3339)"
                ))
            })?),
            None => None,
        };
        Ok(Run {
            args,
            format,
            clock: Clock::new(now),
            logs,
            spec,
            ignoreregex,
        })
    }

    fn run(&self, notes: &mut Vec<String>, out: &mut dyn Write) -> Result<Status, Stop> {
        let (prepared, logs) = self.prepare(notes)?;
        if self.format == Format::Classic && self.args.out.is_none() {
            notes.iter().try_for_each(|note| writeln!(out, "{note}"))?;
            writeln!(out)?;
        }
        notes.clear();
        let executed = self.execute(&prepared, logs, out)?;
        self.report(&prepared, executed, out)
    }

    /// Opens the logs and builds the filter.
    fn prepare(&self, notes: &mut Vec<String>) -> Result<(Prepared<'_>, LogSet), Failure> {
        let args = self.args;
        let opened = logs::open(args, &self.logs, self.format, &self.clock);
        // what is wrong with the log is said after what is wrong with the filter
        let opened = opened.and_then(|mut logs| match logs.is_journal() {
            Ok(journal) => Ok((logs, journal)),
            Err(error) => Err(error.to_string()),
        });
        let request = SetupRequest {
            spec: self.spec,
            ignoreregex: self.ignoreregex,
            config_dir: &args.config,
            datepattern: args.datepattern.as_deref(),
            timezone: args.timezone.as_deref(),
            usedns: self.usedns()?,
            raw: args.raw,
            maxlines: args.maxlines,
            check_all: !args.no_check_all,
            rows: args.out.is_some(),
            systemd: opened.as_ref().is_ok_and(|(_, journal)| *journal),
            verbosity: args.verbosity(),
        };
        let setup = setup::build(&request, &self.clock, notes)?;
        let (mut logs, is_journal) = opened.map_err(Failure::new)?;
        let span = DateSpan::default();
        logs::begin(&mut logs, args, &setup, &self.clock, is_journal, &span)
            .map_err(Failure::new)?;
        logs::announce(&mut logs, &setup, notes);
        let prepared = Prepared {
            request,
            setup,
            is_journal,
            window: logs.options_mut().window.is_limited().then_some(span),
            retry: JournalRetry::of(&mut logs),
            sources: logs.sources().to_vec(),
        };
        Ok((prepared, logs))
    }

    /// Reads and judges all lines; with `--out` writes the rows.
    fn execute<'p>(
        &'p self,
        prepared: &'p Prepared,
        logs: LogSet,
        out: &mut dyn Write,
    ) -> Result<Executed<'p>, Stop> {
        let args = self.args;
        let filter = &prepared.setup.filter;
        let retention = self.retention();
        let mut stats = Stats::new(
            filter.failregexes.len(),
            filter.ignoreregexes.len(),
            retention,
        );
        let row_format = args.out.as_deref().map(RowFormat::parse);
        let mut session = Session::new(filter, &self.clock, prepared.searched().cloned())
            .keep_data(row_format.is_some())
            .keep_prefregex(retention.hits);
        let detail = match row_format.is_some() || retention.hits {
            true => Detail::All,
            false => Detail::Verdict,
        };
        let start = Instant::now();
        let mut log_errors = Vec::new();
        let mut progress = Progress::new(!args.no_progress && row_format.is_none(), logs.size());
        let live = logs.is_live() && row_format.is_some();
        let mut sampler = self.wants_hints().then(Sampler::default);
        let mut ahead = ReadAhead::new(logs);
        let next = |wait| loop {
            match ahead.next_block(wait) {
                Ok(Next::Block(mut block)) => {
                    self.drop_open_line(&mut block);
                    if let Some(sampler) = &mut sampler {
                        sampler.block(&block);
                    }
                    return Ok::<_, Stop>(Next::Block(block));
                }
                Ok(other) => return Ok(other),
                // the other logs are read all the same
                Err(error) => log_errors.push(error),
            }
        };
        let stats_cell = RefCell::new(&mut stats);
        let out_cell = RefCell::new(out);
        let mut summary = LogSummary::default();
        let mut recorder = Recorder {
            stats: &stats_cell,
            filter,
            rows: row_format.as_ref().map(|form| Rows {
                form,
                out: &out_cell,
                context: RowContext {
                    names: &filter.names,
                    clock: &self.clock,
                    invert: args.invert,
                },
                error: None,
            }),
            boundary: BoundaryRecorder::new(filter),
        };
        let done = |block: &BlockFacts| {
            let mut stats = stats_cell.borrow_mut();
            stats.skipped += block.line_count - block.tested;
            summary.add(block, &stats);
            if live {
                // rows of a pipe are seen as they come; a pipe that is closed is noticed at
                // the next row
                let _ = out_cell.borrow_mut().flush();
            }
            progress.show(summary.position(), stats.tested, stats.matched);
        };
        let threads = args.threads.unwrap_or_else(pipeline::default_threads);
        let ran = pipeline::run(&mut session, threads, detail, next, &mut recorder, done);
        let Recorder { rows, boundary, .. } = recorder;
        progress.finish();
        ran?;
        match rows.and_then(|rows| rows.error) {
            None => {}
            Some(rows::RowError::Io(error)) => return Err(Stop::Io(error)),
            Some(error) => return Err(Failure::new(error).into()),
        }
        match (log_errors.first(), prepared.sources.len()) {
            // nothing was read at all: no report of nothing
            (Some(error), 1) if stats.tested == 0 => return Err(Failure::new(error).into()),
            _ => {}
        }
        for error in &log_errors {
            summary.fail(error);
            print_error(format!("f2b-regex: {error}"));
        }
        Ok(Executed {
            session,
            stats,
            summary,
            boundary,
            sampler,
            elapsed: start.elapsed(),
        })
    }

    /// Writes the report.
    fn report(
        &self,
        prepared: &Prepared,
        run: Executed,
        out: &mut dyn Write,
    ) -> Result<Status, Stop> {
        let setup = &prepared.setup;
        let stats = &run.stats;
        let detector = run.session.detector();
        let idle = (setup.detector.as_ref()).filter(|_| self.format == Format::Classic);
        let templates = detector.or(idle).map(TemplateRow::all);
        let findings = self.findings(prepared, &run);
        let dates = detector.map(TemplateCounts::found);
        let warnings = self.warnings(prepared, &run, &findings, dates.as_deref());
        let status = self.status(stats, &warnings, &run.summary);
        if self.args.out.is_some() {
            if self.format != Format::Classic {
                print_warnings(&warnings);
            }
            return Ok(status);
        }
        let show = self.show();
        if self.format == Format::Classic {
            let report = ClassicRun {
                filter: &setup.filter,
                stats,
                templates: templates.as_deref(),
                elapsed: run.elapsed,
            };
            let classic = Classic {
                show: &show,
                clock: &self.clock,
            };
            classic.write(&report, out)?;
            out.flush()?;
            print_warnings(&warnings);
            return Ok(status);
        }
        let facts = RunFacts {
            filter: filter_info(self.spec, setup),
            logs: run.summary.infos.clone(),
            partial: interrupt::requested(),
            date_templates: dates.unwrap_or_default(),
            warnings,
            diagnosis: self.diagnosis(prepared, run.sampler, &run.summary),
            seam: self.boundary(prepared, &run.session, run.boundary, findings),
            elapsed: run.elapsed,
            top: (self.args.top).filter(|_| self.format == Format::Json),
        };
        let report = RunReport::of(&setup.filter, stats, &self.clock, facts);
        if self.format == Format::Json {
            Json.write(&report, out)?;
        } else {
            let table = Table {
                show,
                templates: templates.unwrap_or_default(),
                screen: terminal::screen(self.args.color),
            };
            table.write(&report, out)?;
        }
        Ok(status)
    }

    /// What is kept beyond counters.
    fn retention(&self) -> Retention {
        let args = self.args;
        // JSON has the lines that are asked for
        let no_samples = self.format == Format::Json;
        Retention {
            matched: keep(args.print_all_matched, false),
            ignored: keep(args.print_all_ignored, args.print_no_ignored || no_samples),
            missed: keep(args.print_all_missed, args.print_no_missed || no_samples),
            limit: match self.format {
                Format::Classic => self.show().limit,
                _ => SHOWN_LINES,
            },
            hits: self.format == Format::Classic && args.verbosity() > 0,
            debuggex: args.debuggex,
            addresses: args.max_addresses.unwrap_or(MAX_ADDRESSES),
        }
    }

    fn wants_hints(&self) -> bool {
        !self.args.no_hints && self.format != Format::Classic && self.args.out.is_none()
    }

    fn findings(&self, prepared: &Prepared, run: &Executed) -> Findings {
        let findings = Findings::of(&run.session, &run.stats);
        let mut findings = (run.summary).findings(findings, prepared.window.as_ref());
        if run.stats.tested == 0 && run.summary.entries().0 == 0 {
            let retry = prepared.retry.as_ref();
            findings.journalmatch =
                retry.map(|retry| retry.explain(&prepared.setup.filter, &self.clock));
        }
        findings
    }

    /// What the ends of the run have to do with logs before and behind it.
    fn boundary(
        &self,
        prepared: &Prepared,
        session: &Session,
        recorder: BoundaryRecorder,
        findings: Findings,
    ) -> ShardBoundary {
        let datepattern = (prepared.request.datepattern).or(prepared.setup.datepattern());
        let searched = prepared.searched();
        let mut boundary = recorder.finish(session, searched, datepattern, self.seam_options());
        boundary.findings = findings;
        boundary
    }

    fn diagnosis(
        &self,
        prepared: &Prepared,
        sampler: Option<Sampler>,
        summary: &LogSummary,
    ) -> Diagnosis {
        let Some(sampler) = sampler else {
            return Diagnosis::default();
        };
        let lines = summary.infos.iter().map(|info| info.lines);
        let sample = LogSample {
            lines: sampler.finish(lines.clone().next_back().unwrap_or(0)),
            total: lines.sum(),
            modified: diagnosis::modified(&prepared.sources),
        };
        diagnosis::diagnose(prepared.request, &prepared.setup, sample, &self.clock)
    }

    /// Upstream waits for the rest of a last line without "\n" and never tests it
    /// (FileContainer.readline); its report is kept here, ours reads the line.
    fn drop_open_line(&self, block: &mut RawBlock) {
        if self.format != Format::Classic || block.head().kind != LogKind::File {
            return;
        }
        if let Some(line) = block.take_open_line() {
            print_error(format!(
                "f2b-regex: the last line ends without a newline; fail2ban-regex does not test \
                 it: {line}"
            ));
        }
    }

    /// The options given that reports to be merged must share.
    fn seam_options(&self) -> BTreeMap<String, String> {
        let args = self.args;
        let flag = |given: bool| given.then(|| "given".to_string());
        let all = [
            ("datepattern", args.datepattern.clone()),
            ("timezone", args.timezone.clone()),
            ("encoding", args.encoding.clone()),
            ("raw", flag(args.raw)),
            ("usedns", args.usedns.clone()),
            ("maxlines", args.maxlines.map(|lines| lines.to_string())),
            ("journalmatch", args.journalmatch.clone()),
            ("no-check-all", flag(args.no_check_all)),
            (
                "max-addresses",
                args.max_addresses.map(|most| most.to_string()),
            ),
            ("print-all-matched", flag(args.print_all_matched)),
            ("print-all-missed", flag(args.print_all_missed)),
            ("print-all-ignored", flag(args.print_all_ignored)),
            ("now", args.now.clone()),
            ("since", args.since.clone()),
            ("until", args.until.clone()),
            ("last", args.last.map(|lines| lines.to_string())),
            ("strip-ansi", flag(args.strip_ansi)),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .collect()
    }

    fn usedns(&self) -> Result<UseDns, Failure> {
        let Some(text) = self.args.usedns.as_deref() else {
            return Ok(UseDns::Raw);
        };
        match UseDns::parse(text) {
            Some(usedns) => Ok(usedns),
            // any other word means `no` upstream (Filter.setUseDns)
            None if self.format == Format::Classic => Ok(UseDns::No),
            None => Err(Failure::new(format!(
                "--usedns {text}: expected yes, warn, no or raw"
            ))),
        }
    }

    fn status(&self, stats: &Stats, warnings: &[Warning], summary: &LogSummary) -> Status {
        if interrupt::requested() {
            return Status::Interrupted;
        }
        if summary.has_failed() {
            return Status::Error;
        }
        let nothing = self.args.require_match && stats.matched <= 0;
        let strict = self.args.strict && !warnings.is_empty();
        match nothing || strict {
            true => Status::Condition,
            false => Status::Ran,
        }
    }

    fn show(&self) -> Show {
        let args = self.args;
        Show {
            verbose: args.verbosity(),
            verbose_date: args.verbose_date,
            debuggex: args.debuggex,
            usedns_no: args.usedns.as_deref() == Some("no"),
            limit: match args.maxlines {
                Some(lines) if lines > 0 => usize::try_from(lines).unwrap_or(20),
                _ => 20,
            },
            no_missed: args.print_no_missed,
            no_ignored: args.print_no_ignored,
            all_matched: args.print_all_matched,
            all_missed: args.print_all_missed,
            all_ignored: args.print_all_ignored,
            top: args.top.unwrap_or(TOP),
        }
    }

    /// Everything about the run that its user hardly wanted.
    fn warnings(
        &self,
        prepared: &Prepared,
        run: &Executed,
        findings: &Findings,
        dates: Option<&[TemplateCounts]>,
    ) -> Vec<Warning> {
        let setup = &prepared.setup;
        let own = setup.warnings.iter().map(|warning| Warning {
            code: warning.kind.name().into(),
            message: warning.message.clone(),
            file: warning.file.as_ref().map(|file| file.display().to_string()),
            line: warning.line,
        });
        let logs = run.summary.warnings(&LogContext {
            strip_ansi: self.args.strip_ansi,
            jail_encoding: setup.log_encoding.as_deref(),
            keep_noise: self.format == Format::Classic,
        });
        let lines = findings.warnings(&WarningContext {
            clock: &self.clock,
            tested: run.stats.tested,
            skipped: run.stats.skipped,
            has_failregex: !setup.filter.failregexes.is_empty(),
            dates: dates.map(|all| all.iter().map(|template| template.hits).sum()),
            own_datepattern: (self.args.datepattern.as_deref()).is_some_and(|p| !p.is_empty()),
            addresses: run.stats.addresses.len() as u64,
        });
        own.chain(logs).chain(lines).collect()
    }
}

/// What is settled before the first line.
struct Prepared<'a> {
    request: SetupRequest<'a>,
    setup: Setup,
    is_journal: bool,
    /// With `--since` and `--until`: the dates the logs have.
    window: Option<DateSpan>,
    /// To look at a journal again, where nothing of it was selected.
    retry: Option<JournalRetry>,
    sources: Vec<LogSource>,
}

impl Prepared<'_> {
    /// The detector that searches lines for dates; a journal's entries bring their times.
    fn searched(&self) -> Option<&crate::date::DateDetector> {
        self.setup.detector.as_ref().filter(|_| !self.is_journal)
    }
}

/// All lines judged.
struct Executed<'p> {
    session: Session<'p>,
    stats: Stats,
    summary: LogSummary,
    boundary: BoundaryRecorder,
    /// Lines for the hints, where they are wanted.
    sampler: Option<Sampler>,
    elapsed: Duration,
}

/// Warnings stand beside a report that has no place for them.
fn print_warnings(warnings: &[Warning]) {
    for warning in warnings {
        print_error(format!("f2b-regex: warning: {}", warning.message));
    }
}

fn keep(all: bool, none: bool) -> Keep {
    match (all, none) {
        (true, _) => Keep::All,
        (false, true) => Keep::None,
        (false, false) => Keep::Some,
    }
}

/// An RFC 3339 time as epoch seconds.
pub(crate) fn instant(text: &str) -> Option<f64> {
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.timestamp_millis() as f64 / 1000.0)
}

/// What reports tell of the filter.
pub(crate) fn filter_info(spec: &str, setup: &Setup) -> FilterInfo {
    let maxlines = setup.filter.options.maxlines;
    let Some(source) = &setup.source else {
        return FilterInfo {
            kind: "literal".into(),
            name: spec.to_string(),
            maxlines,
            ..FilterInfo::default()
        };
    };
    let (kind, name) = match &source.kind {
        FilterKind::Jail { name, .. } => ("jail", name),
        FilterKind::FilterD { name, .. } => ("filter", name),
        FilterKind::Foreign { name, .. } => ("file", name),
    };
    let files: Vec<String> = source
        .files
        .iter()
        .map(|f| f.display().to_string())
        .collect();
    FilterInfo {
        kind: kind.into(),
        name: name.clone(),
        file: source.main_file().map(|f| f.display().to_string()),
        files,
        options: source.given_options.iter().cloned().collect(),
        maxlines,
    }
}
