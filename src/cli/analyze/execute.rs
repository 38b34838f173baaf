//! All lines read and judged, in order; with `--out` the rows are written.

use super::job::{Failure, Prepared, Run, Stop};
use crate::analysis::explain::sample::Sampler;
use crate::analysis::page::{AllLines, PageRecorder};
use crate::analysis::run::{BoundaryRecorder, LogSummary};
use crate::cli::args::Format;
use crate::cli::progress::Progress;
use crate::cli::terminal::print_error;
use crate::engine::Detail;
use crate::engine::address_stats::MAX_ADDRESSES;
use crate::engine::block::BlockFacts;
use crate::engine::filter::Filter;
use crate::engine::stats::{Keep, Retention};
use crate::engine::verdict_sink::{LineVerdict, VerdictSink};
use crate::engine::{Session, Stats, pipeline};
use crate::input::{LogError, LogKind, LogSet, Next, RawBlock, ReadAhead};
use crate::report::run::rows::{self, RowContext, RowFormat};
use crate::report::run::table::SHOWN_LINES;
use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, Instant};

/// Why no further line is read.
enum Ending {
    /// Nobody reads the rows any more, or they have no room.
    Row(rows::RowError),
    /// The datepattern does not compile: upstream dies of it at this line.
    Datepattern,
}

/// Writes rows and counts, verdict by verdict.
struct Recorder<'r, W> {
    stats: &'r RefCell<Stats>,
    filter: &'r Filter,
    rows: Option<Rows<'r, W>>,
    boundary: BoundaryRecorder,
    /// What a page shows besides, where one is wanted.
    page: &'r RefCell<Option<PageRecorder>>,
    /// The datepattern may be one that upstream dies of.
    may_die: bool,
    ending: &'r RefCell<Option<Ending>>,
}

/// The rows of `--out`.
struct Rows<'r, W> {
    form: &'r RowFormat,
    out: &'r RefCell<W>,
    context: RowContext<'r>,
}

impl<W: Write> VerdictSink for &mut Recorder<'_, W> {
    fn line(&mut self, folded: LineVerdict) {
        self.boundary.line(&folded);
        let mut ending = self.ending.borrow_mut();
        if self.may_die && folded.date_faults > 0 {
            ending.get_or_insert(Ending::Datepattern);
        }
        if let Some(rows) = &mut self.rows
            && ending.is_none()
        {
            let mut out = rows.out.borrow_mut();
            let written = rows::write_line(&mut *out, rows.form, &folded, &rows.context);
            *ending = written.err().map(Ending::Row);
        }
        let prefregex = (self.filter.prefregex.is_some()).then_some(folded.prefregex);
        let (line, number, outcome) = (folded.line, folded.number, folded.outcome);
        let mut stats = self.stats.borrow_mut();
        if let Some(page) = &mut *self.page.borrow_mut() {
            page.line(&folded);
            let tell = |found: &_, place| page.failure(found, place);
            stats.record_and_tell(line, number, outcome, prefregex, tell);
        } else {
            stats.record(line, number, outcome, prefregex);
        }
    }

    fn counts_missed(&self) -> bool {
        let page = self.page.borrow();
        self.rows.is_none()
            && !self.boundary.is_watching()
            && !page.as_ref().is_some_and(PageRecorder::wants_missed)
            && self.stats.borrow().counts_missed()
    }

    fn missed(&mut self, lines: u64, prefregex: u64) {
        self.stats.borrow_mut().missed(lines, prefregex);
    }

    fn counts_blocks(&self) -> bool {
        self.page.borrow().is_none() && self.counts_missed() && self.stats.borrow().takes_blocks()
    }

    fn takes(&self, counts: &Stats) -> bool {
        self.stats.borrow().can_absorb(counts)
    }

    fn block(&mut self, counts: &Stats) {
        self.stats.borrow_mut().absorb(counts);
    }
}

/// Reads the logs up to their end, or until there is a reason to end.
struct Reading<'r> {
    run: &'r Run<'r>,
    ahead: ReadAhead,
    /// Lines for the hints, where they are wanted.
    sampler: Option<Sampler>,
    /// Logs that could not be read; the others are.
    errors: Vec<LogError>,
    ending: &'r RefCell<Option<Ending>>,
}

impl Reading<'_> {
    fn next(&mut self, wait: bool) -> Next {
        loop {
            if self.ending.borrow().is_some() {
                return Next::End;
            }
            match self.ahead.next_block(wait) {
                Ok(Next::Block(mut block)) => {
                    self.run.drop_open_line(&mut block);
                    if let Some(sampler) = &mut self.sampler {
                        sampler.block(&block);
                    }
                    return Next::Block(block);
                }
                Ok(other) => return other,
                Err(error) => self.errors.push(error),
            }
        }
    }
}

/// All lines judged.
pub(super) struct Executed<'p> {
    pub(super) session: Session<'p>,
    pub(super) stats: Stats,
    pub(super) summary: LogSummary,
    pub(super) boundary: BoundaryRecorder,
    /// What a page shows besides, where one is wanted.
    pub(super) page: Option<PageRecorder>,
    /// Lines for the hints, where they are wanted.
    pub(super) sampler: Option<Sampler>,
    pub(super) elapsed: Duration,
}

impl Run<'_> {
    /// Reads and judges all lines; with `--out` writes the rows.
    pub(super) fn execute<'p>(
        &'p self,
        prepared: &'p Prepared,
        logs: LogSet,
        out: &mut dyn Write,
    ) -> Result<Executed<'p>, Stop> {
        let (args, filter) = (self.args, &prepared.setup.filter);
        let form = args.out.as_deref().map(RowFormat::parse);
        let (out, ending) = (RefCell::new(out), RefCell::new(None));
        let (mut session, stats, detail) = self.begin(prepared, form.is_some());
        let stats = RefCell::new(stats);
        let page = RefCell::new(self.page_recorder(prepared));
        let mut recorder = Recorder {
            stats: &stats,
            filter,
            rows: form.as_ref().map(|form| Rows {
                form,
                out: &out,
                context: RowContext {
                    names: &filter.names,
                    clock: &self.clock,
                    invert: args.invert,
                },
            }),
            boundary: BoundaryRecorder::new(filter),
            page: &page,
            may_die: prepared.setup.late.is_some(),
            ending: &ending,
        };
        let start = Instant::now();
        let is_shown = !args.progress.no_progress && form.is_none();
        let mut progress = Progress::new(is_shown, logs.size());
        let live = logs.is_live() && form.is_some();
        let mut reading = Reading {
            run: self,
            ahead: ReadAhead::new(logs),
            sampler: self.wants_hints().then(Sampler::default),
            errors: Vec::new(),
            ending: &ending,
        };
        let mut summary = LogSummary::default();
        let done = |block: &BlockFacts| {
            let mut stats = stats.borrow_mut();
            stats.skipped += block.line_count - block.tested;
            summary.add(block, &stats);
            if let Some(page) = &mut *page.borrow_mut() {
                page.block_of(block.block.head.index);
            }
            if live && let Err(error) = out.borrow_mut().flush() {
                // rows of a pipe are seen as they come
                let mut known = ending.borrow_mut();
                known.get_or_insert(Ending::Row(rows::RowError::Io(error)));
            }
            progress.show(summary.position(), stats.tested, stats.matched);
        };
        let threads = (args.workers.threads).unwrap_or_else(pipeline::default_threads);
        let next = |wait| Ok::<_, Stop>(reading.next(wait));
        let ran = pipeline::run(&mut session, threads, detail, next, &mut recorder, done);
        let boundary = recorder.boundary;
        progress.finish();
        ran?;
        prepared.check_ending(ending.take())?;
        let stats = stats.into_inner();
        if let Some(unwrapping) = &prepared.unwrapping {
            summary.unwrapped(&unwrapping.logs());
        }
        let nothing = stats.tested == 0 && prepared.sources.len() == 1;
        say_log_errors(&reading.errors, nothing, &mut summary)?;
        Ok(Executed {
            session,
            stats,
            summary,
            boundary,
            page: page.into_inner(),
            sampler: reading.sampler,
            elapsed: start.elapsed(),
        })
    }

    /// What judges and what counts, before the first line; `rows`: those are written.
    fn begin<'p>(&'p self, prepared: &'p Prepared, rows: bool) -> (Session<'p>, Stats, Detail) {
        let filter = &prepared.setup.filter;
        let retention = self.retention();
        let session = Session::new(filter, &self.clock, prepared.searched().cloned())
            .keep_data(rows)
            .keep_prefregex(retention.hits);
        let detail = if rows || retention.hits {
            Detail::All
        } else {
            Detail::Verdict
        };
        let (fails, ignores) = (filter.failregexes.len(), filter.ignoreregexes.len());
        (session, Stats::new(fails, ignores, retention), detail)
    }

    /// Watches the run for what a page shows.
    fn page_recorder(&self, prepared: &Prepared) -> Option<PageRecorder> {
        let args = self.args;
        let all = AllLines {
            matched: args.print_all_matched,
            ignored: args.print_all_ignored,
            missed: args.print_all_missed,
        };
        let is_page = self.format == Format::Html && args.out.is_none();
        is_page.then(|| PageRecorder::new(&prepared.setup.filter, all, prepared.is_journal))
    }

    /// What is kept beyond counters.
    fn retention(&self) -> Retention {
        let args = self.args;
        // JSON has the lines that are asked for; a page keeps its own
        let no_samples = matches!(self.format, Format::Json | Format::Html);
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
}

fn keep(all: bool, none: bool) -> Keep {
    match (all, none) {
        (true, _) => Keep::All,
        (false, true) => Keep::None,
        (false, false) => Keep::Some,
    }
}

impl Prepared<'_> {
    /// The error of a run that ended before its logs did.
    fn check_ending(&self, ending: Option<Ending>) -> Result<(), Stop> {
        match (ending, &self.setup.late) {
            (Some(Ending::Row(error)), _) => Err(row_error(error)),
            (Some(Ending::Datepattern), Some(late)) => Err(Failure::from(late.clone()).into()),
            _ => Ok(()),
        }
    }
}

/// Why no further row was written.
fn row_error(error: rows::RowError) -> Stop {
    match error {
        rows::RowError::Io(error) => Stop::Io(error),
        error => Failure::new(error).into(),
    }
}

/// Says what could not be read of the logs; where it is `nothing` at all, there is no report.
fn say_log_errors(
    errors: &[LogError],
    nothing: bool,
    summary: &mut LogSummary,
) -> Result<(), Failure> {
    for error in errors {
        if nothing {
            return Err(Failure::new(error));
        }
        summary.fail(error);
        print_error(format!("f2b-regex: {error}"));
    }
    Ok(())
}
