//! The main job: a log and a filter in, fail2ban-regex's verdict out.

use super::Status;
use super::args::{self, Args, Format};
use super::diagnosis::{self, LogSample};
use super::journalmatch::JournalRetry;
use super::logs::{self, LogSummary};
use super::options::in_zone;
use super::progress::Progress;
use super::setup::{self, Setup, SetupError, SetupRequest};
use super::terminal::{self, Colors, print_error};
use super::typed::{self, Typed, misspelt_command};
use crate::analysis::explain::sample::Sampler;
use crate::analysis::merge::{BoundaryRecorder, Findings, WarningContext};
use crate::config::{FilterKind, Lookup};
use crate::date::Clock;
use crate::engine::block::BlockFacts;
use crate::engine::dns::UseDns;
use crate::engine::facts::Detail;
use crate::engine::filter::Filter;
use crate::engine::fold::{LineVerdict, VerdictSink};
use crate::engine::stats::{Keep, Retention};
use crate::engine::{Session, Stats, pipeline};
use crate::input::{LogKind, LogSet, Next, RawBlock, ReadAhead, Words, interrupt};
use crate::report::run::json::{self, FilterInfo, Warning};
use crate::report::run::rows::{self, RowContext, RowFormat};
use crate::report::run::{classic, table};
use crate::report::text::Screen;
use crate::report::{Report, RunInfo, Show, TemplateRow};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
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
    let ran = Run::new(args, format).and_then(|run| run.run(&mut notes, &mut out));
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
fn usage(args: &Args) -> Result<Typed, String> {
    if args.print_no_missed && args.print_all_missed {
        return Err("--print-no-missed and --print-all-missed are mutually exclusive.".into());
    }
    if args.print_no_ignored && args.print_all_ignored {
        return Err("--print-no-ignored and --print-all-ignored are mutually exclusive.".into());
    }
    let given = [&args.log, &args.filter, &args.ignoreregex];
    let given = given.into_iter().flatten().chain(&args.surplus);
    let given: Vec<&str> = given.map(String::as_str).collect();
    Typed::of(&args.read, &given)
}

/// Upstream's words where LOG or FILTER is missing.
fn upstream_usage(message: &str) -> &str {
    if message == typed::BOTH {
        "provide both <LOG> and <REGEX>."
    } else {
        message
    }
}

/// In what order FILTER is looked up: the classic report is upstream's.
fn lookup(format: Format) -> Lookup {
    match (format, args::default_format()) {
        (Format::Classic, Format::Classic) => Lookup::Upstream,
        (Format::Classic, _) => Lookup::UpstreamFirst,
        _ => Lookup::TypedFirst,
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
    /// `--timezone`, where it is an offset or an abbreviation.
    timezone: Option<&'a str>,
    typed: Typed,
}

impl<'a> Run<'a> {
    fn new(args: &'a Args, format: Format) -> Result<Self, Failure> {
        let typed = usage(args).map_err(|message| Failure {
            // what fail2ban-regex says there is known to those who use its name
            message: match format {
                Format::Classic => format!("{} See f2b-regex --help.", upstream_usage(&message)),
                _ => format!("{message} See f2b-regex --help."),
            },
            classic: Vec::new(),
            status: Status::ClassicError,
        })?;
        let clock = args.clock.clock().map_err(Failure::new)?;
        let timezone = args.source.timezone.as_deref();
        let (clock, timezone) = match format {
            // upstream knows no places
            Format::Classic => (clock, timezone),
            _ => in_zone(clock, timezone).map_err(Failure::new)?,
        };
        Ok(Run {
            args,
            format,
            clock,
            timezone,
            typed,
        })
    }

    fn run(
        &self,
        notes: &mut Vec<String>,
        out: &mut dyn Write,
    ) -> Result<io::Result<Status>, Failure> {
        let args = self.args;
        // what is wrong with the log is said after what is wrong with the filter
        let opened = self.open();
        let request = SetupRequest {
            ignoreregex: self.typed.ignoreregex.as_deref(),
            lookup: lookup(self.format),
            usedns: self.usedns()?,
            raw: args.matching.raw,
            maxlines: args.matching.maxlines,
            check_all: !args.no_check_all,
            rows: args.out.is_some(),
            systemd: opened.as_ref().is_ok_and(|(_, journal)| *journal),
            verbosity: args.verbosity(),
            ..args.source.request(&self.typed.filter, self.timezone)
        };
        let setup = setup::build(&request, &self.clock, notes);
        let mut setup = setup.map_err(|error| self.explain(error.into()))?;
        if self.format != Format::Classic
            && let Some(error) = setup.late.take()
        {
            return Err(error.into());
        }
        let (mut logs, is_journal) =
            opened.map_err(|message| self.explain(Failure::new(message)))?;
        let journalmatch = args.read.journalmatch.as_deref();
        let matches = logs::begin(&mut logs, journalmatch, &setup, &self.clock, is_journal)
            .map_err(Failure::new)?;
        logs::announce(&mut logs, &setup, matches, notes);
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
        let mut progress = Progress::new(
            !args.progress.no_progress && row_format.is_none(),
            logs.size(),
        );
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
        // rows are held where upstream may die before the first
        let mut held = Vec::new();
        let out_cell: RefCell<&mut dyn Write> = RefCell::new(match setup.late {
            Some(_) => &mut held,
            None => &mut *out,
        });
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
        let threads = (args.workers.threads).unwrap_or_else(pipeline::default_threads);
        let ran = pipeline::run(&mut session, threads, detail, next, &mut recorder, done);
        let Recorder { rows, watch, .. } = recorder;
        let row_error = rows.and_then(|rows| rows.error);
        progress.finish();
        ran?;
        if let Some(late) = setup.late.take()
            && session.date_faults().count > 0
        {
            // upstream died of it at that line
            return Err(late.into());
        }
        if let Err(error) = out.write_all(&held) {
            return Ok(Err(error));
        }
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
        if stats.tested == 0 && book.entries().0 == 0 {
            findings.journalmatch = again.as_ref().map(|a| a.explain(filter, &self.clock));
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
            let lines = book.infos.iter().map(|info| info.lines);
            let sample = LogSample {
                lines: sampler.finish(lines.clone().next_back().unwrap_or(0)),
                total: lines.sum(),
                modified: diagnosis::modified(&sources),
            };
            diagnosis::diagnose(request, &setup, sample, &self.clock)
        });
        let info = RunInfo {
            filter: filter_info(&self.typed.filter, &setup),
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

    /// The logs, and whether they are journals.
    fn open(&self) -> Result<(LogSet, bool), String> {
        let classic = self.format == Format::Classic;
        let words = if classic {
            Words::MayBeLines
        } else {
            Words::AreLogs
        };
        let args = self.args;
        let mut options = logs::options(&args.read, &args.window, &self.clock)?;
        options.keep_noise = classic;
        let mut logs = logs::open(self.typed.sources(words)?, options, args.window.last);
        let journal = logs.is_journal().map_err(|error| error.to_string())?;
        Ok((logs, journal))
    }

    /// An error about LOG or FILTER, or what it is a sign of.
    fn explain(&self, failure: Failure) -> Failure {
        let first = self.args.log.as_deref();
        let first = first.filter(|first| self.typed.logs == [*first]);
        let command = first.and_then(|word| misspelt_command(word, super::command_names()));
        let message = match (command, first) {
            (Some(command), Some(word)) => {
                format!("{word}: no such log file, and no command; is it f2b-regex {command}?")
            }
            _ => self.typed.explain(failure.message, None),
        };
        Failure { message, ..failure }
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
            ("datepattern", args.source.datepattern.clone()),
            ("timezone", args.source.timezone.clone()),
            ("encoding", args.read.encoding.clone()),
            ("raw", flag(args.matching.raw)),
            ("usedns", args.matching.usedns.clone()),
            ("maxlines", args.matching.maxlines.map(|n| n.to_string())),
            ("journalmatch", args.read.journalmatch.clone()),
            ("no-check-all", flag(args.no_check_all)),
            ("print-all-matched", flag(args.print_all_matched)),
            ("print-all-missed", flag(args.print_all_missed)),
            ("print-all-ignored", flag(args.print_all_ignored)),
            ("now", args.clock.now.clone()),
            ("since", args.window.since.clone()),
            ("until", args.window.until.clone()),
            ("last", args.window.last.map(|lines| lines.to_string())),
            ("strip-ansi", flag(args.read.strip_ansi)),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name.to_string(), value?)))
            .collect()
    }

    fn usedns(&self) -> Result<UseDns, Failure> {
        match self.args.matching.usedns() {
            // any other word means `no` upstream (Filter.setUseDns)
            Err(_) if self.format == Format::Classic => Ok(UseDns::No),
            usedns => usedns.map_err(Failure::new),
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
            usedns_no: args.matching.usedns.as_deref() == Some("no"),
            limit: match args.matching.maxlines {
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
        terminal::screen(self.args.screen.color)
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
        all.extend(book.warnings(self.args.read.strip_ansi, setup.log_encoding.as_deref()));
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
