//! All lines read and judged, in order; with `--out` the rows are written.

use super::job::{Failure, Prepared, Run, Stop};
use crate::analysis::explain::sample::Sampler;
use crate::analysis::run::{BoundaryRecorder, LogSummary};
use crate::cli::args::Format;
use crate::cli::progress::Progress;
use crate::cli::terminal::print_error;
use crate::engine::Detail;
use crate::engine::address_stats::MAX_ADDRESSES;
use crate::engine::block::BlockFacts;
use crate::engine::filter::Filter;
use crate::engine::stats::{Keep, Retention};
use crate::engine::verdict::{LineVerdict, VerdictSink};
use crate::engine::{Session, Stats, pipeline};
use crate::input::{LogError, LogKind, LogSet, Next, RawBlock, ReadAhead};
use crate::report::run::rows::{self, RowContext, RowFormat};
use crate::report::run::table::SHOWN_LINES;
use std::cell::RefCell;
use std::io::Write;
use std::time::{Duration, Instant};

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
    /// The first that could not be written; none is written after it, and no more is read.
    error: &'r RefCell<Option<rows::RowError>>,
}

impl<W: Write> VerdictSink for &mut Recorder<'_, '_, W> {
    fn line(&mut self, folded: LineVerdict) {
        self.boundary.line(&folded);
        if let Some(rows) = &mut self.rows
            && rows.error.borrow().is_none()
        {
            let mut out = rows.out.borrow_mut();
            let written = rows::write_line(&mut *out, rows.form, &folded, &rows.context);
            rows.error.replace(written.err());
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

/// All lines judged.
pub(super) struct Executed<'p> {
    pub(super) session: Session<'p>,
    pub(super) stats: Stats,
    pub(super) summary: LogSummary,
    pub(super) boundary: BoundaryRecorder,
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
        let mut progress = Progress::new(
            !args.progress.no_progress && row_format.is_none(),
            logs.size(),
        );
        let live = logs.is_live() && row_format.is_some();
        let mut sampler = self.wants_hints().then(Sampler::default);
        let mut ahead = ReadAhead::new(logs);
        let failed = RefCell::new(None);
        let next = |wait| loop {
            // nobody reads the rows any more, or they have no room
            if failed.borrow().is_some() {
                return Ok(Next::End);
            }
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
        // rows are held where upstream may die before the first
        let mut held = Vec::new();
        let may_die = prepared.setup.late.is_some();
        let out_cell: RefCell<&mut dyn Write> = RefCell::new(match may_die {
            true => &mut held,
            false => &mut *out,
        });
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
                error: &failed,
            }),
            boundary: BoundaryRecorder::new(filter),
        };
        let done = |block: &BlockFacts| {
            let mut stats = stats_cell.borrow_mut();
            stats.skipped += block.line_count - block.tested;
            summary.add(block, &stats);
            if live {
                // rows of a pipe are seen as they come
                if let Err(error) = out_cell.borrow_mut().flush() {
                    let mut known = failed.borrow_mut();
                    known.get_or_insert(rows::RowError::Io(error));
                }
            }
            progress.show(summary.position(), stats.tested, stats.matched);
        };
        let threads = (args.workers.threads).unwrap_or_else(pipeline::default_threads);
        let ran = pipeline::run(&mut session, threads, detail, next, &mut recorder, done);
        let boundary = recorder.boundary;
        progress.finish();
        ran?;
        if let Some(error) = failed.take() {
            return Err(row_error(error));
        }
        if let Some(late) = &prepared.setup.late {
            if session.date_faults().count > 0 {
                // upstream died of it at that line
                return Err(Failure::from(late.clone()).into());
            }
            out.write_all(&held)?;
        }
        let nothing = stats.tested == 0 && prepared.sources.len() == 1;
        say_log_errors(&log_errors, nothing, &mut summary)?;
        Ok(Executed {
            session,
            stats,
            summary,
            boundary,
            sampler,
            elapsed: start.elapsed(),
        })
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
