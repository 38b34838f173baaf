//! The main job: a log and a filter in, fail2ban-regex's verdict out.

use super::Status;
use super::apply;
use super::args::{Args, Color, Format};
use super::diagnosis::{self, LogSample};
use super::journalmatch::JournalRetry;
use super::logs::{self, LogSummary};
use super::progress::Progress;
use super::setup::{self, Setup, SetupError, SetupRequest};
use super::terminal::{self, Colors, print_error};
use crate::analysis::explain::hints::{Change, Diagnosis};
use crate::analysis::explain::sample::Sampler;
use crate::analysis::merge::{BoundaryRecorder, Findings, WarningContext};
use crate::config::FilterKind;
use crate::date::Clock;
use crate::engine::block::BlockFacts;
use crate::engine::dns::UseDns;
use crate::engine::facts::Detail;
use crate::engine::filter::Filter;
use crate::engine::fold::{LineVerdict, VerdictSink};
use crate::engine::stats::{Keep, Retention};
use crate::engine::{Session, Stats, pipeline};
use crate::input::{LogKind, LogSource, Next, RawBlock, ReadAhead, interrupt};
use crate::report::run::json::{self, FilterInfo, Warning};
use crate::report::run::rows::{self, RowContext, RowFormat};
use crate::report::run::{classic, table};
use crate::report::text::Screen;
use crate::report::{Report, RunInfo, Show, TemplateRow};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

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
    let ran = applied(args, format)
        .and_then(|(args, changes)| Run::new(&args, format, &changes)?.run(&mut notes, &mut out));
    let status = match ran {
        Ok(status) => status?,
        Err(failure) => {
            // notes are upstream's, and nothing of them is printed with --out
            if format == Format::Classic {
                if !rows {
                    notes.iter().try_for_each(|note| writeln!(out, "{note}"))?;
                }
                failure
                    .classic
                    .iter()
                    .try_for_each(|line| writeln!(out, "{line}"))?;
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
    watch: BoundaryRecorder,
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
        self.watch.line(&folded);
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
        self.rows.is_none() && !self.watch.is_watching() && self.stats.borrow().counts_missed()
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
    /// The changes of hints to the regexes.
    changes: &'a [Change],
}

/// The command line and the changes to regexes that the hints asked for come to.
fn applied(args: &Args, format: Format) -> Result<(Args, Vec<Change>), Failure> {
    if args.apply.is_empty() {
        return Ok((args.clone(), Vec::new()));
    }
    let run = Run::new(args, format, &[])?;
    let (setup, diagnosis) = run.diagnosed()?;
    let changes = apply::chosen(&diagnosis.hints, &args.apply).map_err(Failure::new)?;
    if args.write > 0 {
        let request = run.request(false)?;
        apply::write(&request, &setup, &changes, args.write > 1, &run.clock)
            .map_err(Failure::new)?;
    }
    let mut changed = args.clone();
    apply::change_arguments(&mut changed, run.spec, &changes);
    Ok((changed, changes))
}

impl<'a> Run<'a> {
    fn new(args: &'a Args, format: Format, changes: &'a [Change]) -> Result<Self, Failure> {
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
            changes,
        })
    }

    fn run(
        &self,
        notes: &mut Vec<String>,
        out: &mut dyn Write,
    ) -> Result<io::Result<Status>, Failure> {
        let args = self.args;
        let opened = logs::open(args, &self.logs, self.format, &self.clock);
        // what is wrong with the log is said after what is wrong with the filter
        let opened = opened.and_then(|mut logs| match logs.is_journal() {
            Ok(journal) => Ok((logs, journal)),
            Err(error) => Err(error.to_string()),
        });
        let systemd = opened.as_ref().is_ok_and(|(_, journal)| *journal);
        let request = self.request(systemd)?;
        let setup = setup::build(&request, &self.clock, notes)?;
        let (mut logs, is_journal) = opened.map_err(Failure::new)?;
        logs::begin(&mut logs, args, &setup, &self.clock, is_journal).map_err(Failure::new)?;
        logs::announce(&mut logs, &setup, notes);
        let again = JournalRetry::of(&mut logs);
        let show = self.show();
        let retention = Retention {
            matched: keep(args.print_all_matched, false),
            ignored: keep(args.print_all_ignored, args.print_no_ignored),
            missed: keep(args.print_all_missed, args.print_no_missed),
            limit: show.limit,
            hits: self.format == Format::Classic && args.verbosity() > 0,
            debuggex: args.debuggex,
        };
        let filter = &setup.filter;
        let (fails, ignores) = (filter.failregexes.len(), filter.ignoreregexes.len());
        let mut stats = Stats::new(fails, ignores, retention);
        let row_format = args.out.as_deref().map(RowFormat::parse);
        // a journal's entries bring their times
        let detector = setup.detector.clone().filter(|_| !is_journal);
        let mut session = Session::new(filter, &self.clock, detector)
            .keep_data(row_format.is_some())
            .keep_prefregex(retention.hits);
        let detail = match row_format.is_some() || retention.hits {
            true => Detail::All,
            false => Detail::Verdict,
        };
        if self.format == Format::Classic && row_format.is_none() {
            let printed = notes.iter().try_for_each(|note| writeln!(out, "{note}"));
            if let Err(error) = printed.and_then(|()| writeln!(out)) {
                return Ok(Err(error));
            }
        }
        notes.clear();
        let start = Instant::now();
        let mut log_errors = Vec::new();
        let mut progress = Progress::new(!args.no_progress && row_format.is_none(), logs.size());
        let single = logs.sources().len() == 1;
        let live = logs.is_live() && row_format.is_some();
        let sources = logs.sources().to_vec();
        let mut sampler = Sampler::default();
        let wants_hints = !args.no_hints && self.format != Format::Classic && row_format.is_none();
        let mut ahead = ReadAhead::new(logs);
        let next = |wait| loop {
            match ahead.next_block(wait) {
                Ok(Next::Block(mut block)) => {
                    self.drop_open_line(&mut block);
                    if wants_hints {
                        sampler.block(&block);
                    }
                    return Ok::<_, Failure>(Next::Block(block));
                }
                Ok(other) => return Ok(other),
                // the other logs are read all the same
                Err(error) => log_errors.push(error),
            }
        };
        let stats_cell = RefCell::new(&mut stats);
        let out_cell = RefCell::new(&mut *out);
        let mut book = LogSummary::default();
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
            watch: BoundaryRecorder::new(filter),
        };
        let done = |block: &BlockFacts| {
            let mut stats = stats_cell.borrow_mut();
            stats.skipped += block.line_count - block.tested;
            book.add(block, &stats);
            if live {
                // rows of a pipe are seen as they come; a pipe that is closed is noticed at
                // the next row
                let _ = out_cell.borrow_mut().flush();
            }
            progress.show(book.position(), stats.tested, stats.matched);
        };
        let threads = args.threads.unwrap_or_else(pipeline::default_threads);
        let ran = pipeline::run(&mut session, threads, detail, next, &mut recorder, done);
        let Recorder { rows, watch, .. } = recorder;
        let row_error = rows.and_then(|rows| rows.error);
        progress.finish();
        ran?;
        match row_error {
            None => {}
            Some(rows::RowError::Io(error)) => return Ok(Err(error)),
            Some(error) => return Err(Failure::new(error)),
        }
        match log_errors.first() {
            // nothing was read at all: no report of nothing
            Some(error) if single && stats.tested == 0 => return Err(Failure::new(error)),
            _ => {}
        }
        for error in &log_errors {
            book.fail(error);
            print_error(format!("f2b-regex: {error}"));
        }
        let idle = setup
            .detector
            .as_ref()
            .filter(|_| self.format == Format::Classic);
        let templates = session.detector().or(idle).map(|detector| {
            (detector.templates())
                .map(|t| TemplateRow {
                    name: t.template.name().to_string(),
                    hits: t.hits,
                    weight: t.weight,
                    base_weight: t.template.weight(),
                    pattern: t.template.pattern().map(str::to_string),
                    regex: t.template.regex().to_string(),
                })
                .collect::<Vec<_>>()
        });
        let elapsed = start.elapsed();
        let mut findings = book.findings(Findings::of(&session, &stats));
        let mut other_match = None;
        if stats.tested == 0
            && book.entries().0 == 0
            && let Some(again) = &again
        {
            let answer = again.explain(filter, &self.clock);
            findings.journalmatch = Some(answer.message);
            other_match = answer.instead;
        }
        let searched = setup.detector.as_ref().filter(|_| !is_journal);
        let mut seam = watch.finish(
            &session,
            searched,
            request.datepattern.or(setup.datepattern()),
            self.seam_options(),
        );
        seam.findings.clone_from(&findings);
        let diagnosis = wants_hints.then(|| {
            let lines: Vec<u64> = book.infos.iter().map(|info| info.lines).collect();
            let mut sample = LogSample::of(sampler, &lines, &sources);
            sample.encoding = sample.encoding.filter(|_| args.encoding.is_none());
            diagnosis::diagnose(request, &setup, sample, other_match, &self.clock)
        });
        let info = RunInfo {
            filter: filter_info(self.spec, &setup),
            warnings: self.warnings(&setup, &stats, &book, &findings, templates.as_deref()),
            logs: book.infos.clone(),
            partial: interrupt::requested(),
            diagnosis: diagnosis.unwrap_or_default(),
            seam: Some(seam),
            show,
        };
        let report = Report {
            filter,
            stats: &stats,
            templates,
            elapsed,
        };
        let mut written = Ok(());
        if row_format.is_none() {
            written = match self.format {
                Format::Classic => classic::write(out, &report, &info.show, &self.clock),
                Format::Json => json::write(out, &json::build(&report, &info, &self.clock)),
                Format::Table => table::write(out, &report, &info, &self.clock, self.screen()),
            };
        } else if self.format != Format::Classic {
            for warning in &info.warnings {
                print_error(format!("f2b-regex: warning: {}", warning.message));
            }
        }
        Ok(written.map(|()| self.status(&stats, &info, &book)))
    }

    fn request(&self, systemd: bool) -> Result<SetupRequest<'_>, Failure> {
        let args = self.args;
        Ok(SetupRequest {
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
            systemd,
            verbosity: args.verbosity(),
            changes: self.changes,
        })
    }

    /// What would help, told from a first reading of the log: nothing is matched but its sample.
    fn diagnosed(&self) -> Result<(Setup, Diagnosis), Failure> {
        let args = self.args;
        let mut logs =
            logs::open(args, &self.logs, self.format, &self.clock).map_err(Failure::new)?;
        if logs.sources().contains(&LogSource::Stdin) {
            return Err(Failure::new(
                "--apply reads the log twice, which standard input cannot be: give a file",
            ));
        }
        let journal = logs.is_journal().map_err(Failure::new)?;
        let request = self.request(journal)?;
        let setup = setup::build(&request, &self.clock, &mut Vec::new())?;
        logs::begin(&mut logs, args, &setup, &self.clock, journal).map_err(Failure::new)?;
        let again = JournalRetry::of(&mut logs);
        let sources = logs.sources().to_vec();
        let mut sampler = Sampler::default();
        let mut lines: Vec<u64> = Vec::new();
        while let Some(block) = logs.next_block().map_err(Failure::new)? {
            sampler.block(&block);
            let log = block.head().index;
            lines.resize(lines.len().max(log + 1), 0);
            lines[log] += block.decode().line_count();
        }
        let mut sample = LogSample::of(sampler, &lines, &sources);
        sample.encoding = sample.encoding.filter(|_| args.encoding.is_none());
        let journal = again.filter(|_| sample.total == 0);
        let journal = journal.and_then(|again| again.explain(&setup.filter, &self.clock).instead);
        let diagnosis = diagnosis::diagnose(request, &setup, sample, journal, &self.clock);
        Ok((setup, diagnosis))
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

    fn status(&self, stats: &Stats, info: &RunInfo, book: &LogSummary) -> Status {
        if info.partial {
            return Status::Interrupted;
        }
        if book.has_failed() {
            return Status::Error;
        }
        let nothing = self.args.require_match && stats.matched <= 0;
        let strict = self.args.strict && !info.warnings.is_empty();
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
            top: args.top,
        }
    }

    fn screen(&self) -> Screen {
        screen(self.args.color)
    }

    /// Everything about the run that its user hardly wanted (SPEC 8).
    fn warnings(
        &self,
        setup: &Setup,
        stats: &Stats,
        book: &LogSummary,
        findings: &Findings,
        templates: Option<&[TemplateRow]>,
    ) -> Vec<Warning> {
        let mut all: Vec<Warning> = Vec::new();
        for w in &setup.warnings {
            all.push(Warning {
                code: w.kind.name().into(),
                message: w.message.clone(),
                file: w.file.as_ref().map(|f| f.display().to_string()),
                line: w.line,
            });
        }
        all.extend(book.warnings(self.args.strip_ansi, setup.log_encoding.as_deref()));
        all.extend(findings.warnings(&WarningContext {
            tested: stats.tested,
            skipped: stats.skipped,
            has_failregex: !setup.filter.failregexes.is_empty(),
            dates: templates.map(|rows| rows.iter().map(|row| row.hits).sum()),
        }));
        all
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

/// How wide the report may be, and whether in colour.
pub(crate) fn screen(color: Color) -> Screen {
    let terminal = io::stdout().is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    Screen {
        width: columns.or(width.filter(|_| terminal)).unwrap_or(80).max(40),
        color: match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color,
        },
    }
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
