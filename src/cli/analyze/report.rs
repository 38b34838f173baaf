//! The report of a run: what it found, what looks wrong, and how the program ends.

use super::execute::Executed;
use super::job::{Failure, Prepared, Run, Stop, filter_info};
use crate::analysis::explain::hints::{Diagnosis, JournalTrial};
use crate::analysis::explain::sample::Sampler;
use crate::analysis::page::{ADDRESS_BYTES, PageRecorder, RunPage};
use crate::analysis::run::{
    BoundaryRecorder, CountedAddresses, Findings, LogContext, LogInfo, LogSummary, RunFacts,
    RunReport, ShardBoundary, TemplateCounts, TemplateRow, WarningContext,
};
use crate::analysis::warning::Warning;
use crate::cli::Status;
use crate::cli::apply::READS_TWICE;
use crate::cli::args::Format;
use crate::cli::diagnosis::{self, LogSample};
use crate::cli::journalmatch::JournalAnswer;
use crate::cli::terminal::{self, print_error};
use crate::engine::{Session, Stats};
use crate::input::{LogSet, LogSource, interrupt};
use crate::report::Format as _;
use crate::report::json::Json;
use crate::report::run::classic::{Classic, ClassicRun};
use crate::report::run::html::Html;
use crate::report::run::table::Table;
use std::io::{self, Write};
use std::time::Duration;

impl Run<'_> {
    /// Writes the report.
    pub(super) fn report(
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
        let (findings, journalmatch) = self.findings(prepared, &run);
        let dates = detector.map(TemplateCounts::found);
        let warnings = self.warnings(prepared, &run, &findings, dates.as_deref());
        let status = self.status(stats, &warnings, &run.summary);
        if self.args.out.is_some() || self.format == Format::Classic {
            say_unwrapped(&run.summary.infos);
        }
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
            filter: filter_info(&self.typed.filter, setup),
            logs: run.summary.infos.clone(),
            partial: interrupt::requested(),
            date_templates: dates.unwrap_or_default(),
            warnings,
            diagnosis: self.diagnosis(prepared, run.sampler, &run.summary, journalmatch),
            seam: self.boundary(prepared, &run.session, run.boundary, findings),
            elapsed: match self.format {
                // two pages of the same logs are the same, byte for byte
                Format::Html => Duration::ZERO,
                _ => run.elapsed,
            },
            top: (self.args.top).filter(|_| self.format != Format::Table),
        };
        let report = RunReport::of(&setup.filter, stats, &self.clock, facts);
        match (self.format, run.page) {
            (Format::Html, Some(page)) => self.page(prepared, page, report, out)?,
            (Format::Json, _) => Json.write(&report, out)?,
            _ => {
                let table = Table {
                    show,
                    templates: templates.unwrap_or_default(),
                    screen: terminal::screen(self.args.screen.color),
                };
                table.write(&report, out)?;
            }
        }
        Ok(status)
    }

    /// Writes the page.
    fn page(
        &self,
        prepared: &Prepared,
        page: PageRecorder,
        mut report: RunReport<CountedAddresses>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.args.top.is_none() {
            report.list_within(ADDRESS_BYTES);
        }
        let filter = &prepared.setup.filter;
        let facts = page.finish(filter, &self.clock, prepared.searched(), &report);
        let page = RunPage {
            report: &report,
            facts,
        };
        Html.write(&page, out)
    }

    fn findings(&self, prepared: &Prepared, run: &Executed) -> (Findings, Option<JournalTrial>) {
        let findings = Findings::of(&run.session, &run.stats);
        let mut findings = (run.summary).findings(findings, prepared.window.as_ref());
        if run.stats.tested == 0 && run.summary.entries().0 == 0 {
            let answer = self.other_journalmatch(prepared);
            findings.journalmatch = answer.as_ref().map(|answer| answer.message.clone());
            return (findings, answer.and_then(|answer| answer.instead));
        }
        (findings, None)
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

    /// What is said where the journalmatch selected no entry.
    fn other_journalmatch(&self, prepared: &Prepared) -> Option<JournalAnswer> {
        let retry = prepared.retry.as_ref()?;
        Some(retry.explain(&prepared.setup.filter, &self.clock))
    }

    fn diagnosis(
        &self,
        prepared: &Prepared,
        sampler: Option<Sampler>,
        summary: &LogSummary,
        journalmatch: Option<JournalTrial>,
    ) -> Diagnosis {
        let Some(sampler) = sampler else {
            return Diagnosis::default();
        };
        let lines: Vec<u64> = summary.infos.iter().map(|info| info.lines).collect();
        self.advice(prepared, sampler, &lines, journalmatch)
    }

    fn advice(
        &self,
        prepared: &Prepared,
        sampler: Sampler,
        lines: &[u64],
        journalmatch: Option<JournalTrial>,
    ) -> Diagnosis {
        let mut sample = LogSample::of(sampler, lines, &prepared.sources);
        sample.encoding = sample
            .encoding
            .filter(|_| self.args.read.encoding.is_none());
        sample.unwrapping.clone_from(&prepared.unwrapping);
        let (request, setup) = (prepared.request, &prepared.setup);
        diagnosis::diagnose_log(request, setup, sample, journalmatch, &self.clock)
    }

    /// What would help, told from a first reading of the logs: only a sample is matched.
    pub(super) fn diagnosed(
        &self,
        prepared: &Prepared,
        mut logs: LogSet,
    ) -> Result<Diagnosis, Failure> {
        if prepared.sources.contains(&LogSource::Stdin) {
            return Err(Failure::new(READS_TWICE));
        }
        let mut sampler = Sampler::default();
        let mut lines: Vec<u64> = Vec::new();
        while let Some(block) = logs.next_block().map_err(Failure::new)? {
            sampler.block(&block);
            let log = block.head().index;
            lines.resize(lines.len().max(log + 1), 0);
            lines[log] += block.decode().line_count();
        }
        let nothing = lines.iter().all(|lines| *lines == 0);
        let answer = if nothing {
            self.other_journalmatch(prepared)
        } else {
            None
        };
        let journalmatch = answer.and_then(|answer| answer.instead);
        Ok(self.advice(prepared, sampler, &lines, journalmatch))
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
        if nothing || strict {
            Status::Condition
        } else {
            Status::Ran
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
        let own = setup.warnings.iter().map(Warning::from);
        let logs = run.summary.warnings(&LogContext {
            strip_ansi: self.args.read.strip_ansi,
            jail_encoding: setup.log_encoding.as_deref(),
            keep_noise: self.format == Format::Classic,
        });
        let lines = findings.warnings(&WarningContext {
            clock: &self.clock,
            tested: run.stats.tested,
            skipped: run.stats.skipped,
            has_failregex: !setup.filter.failregexes.is_empty(),
            dates: dates.map(|all| all.iter().map(|template| template.hits).sum()),
            own_datepattern: (self.args.source.datepattern.as_deref())
                .is_some_and(|p| !p.is_empty()),
            addresses: run.stats.addresses.len() as u64,
        });
        own.chain(logs).chain(lines).collect()
    }
}

/// That lines were unwrapped stands beside a report that has no place for it.
fn say_unwrapped(logs: &[LogInfo]) {
    for note in logs.iter().filter_map(LogInfo::unwrapped_note) {
        print_error(format!("f2b-regex: {note}"));
    }
}

/// Warnings stand beside a report that has no place for them.
fn print_warnings(warnings: &[Warning]) {
    for warning in warnings {
        print_error(format!("f2b-regex: warning: {}", warning.message));
    }
}
