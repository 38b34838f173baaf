//! The diagnosis of a run: from the command line's settings to hints.

use super::setup::{self, Setup, SetupRequest};
use crate::analysis::explain::hints::rebuild::Rebuilder;
use crate::analysis::explain::hints::{self, Diagnosis, Evidence, JournalTrial};
use crate::analysis::explain::other_filter;
use crate::analysis::explain::sample::{SampledLine, Sampler};
use crate::config::{FilterRequest, FilterSource, config_dir};
use crate::date::Clock;
use crate::engine::builder::Overrides;
use crate::input::{LogSource, RawBlock, Unwrapping};

/// The log's part in a diagnosis.
pub(crate) struct LogSample {
    /// Lines of it.
    pub(crate) lines: Vec<SampledLine>,
    /// How many it has.
    pub(crate) total: u64,
    /// When it was last written, epoch seconds.
    pub(crate) modified: Option<f64>,
    /// The encoding it was found to be in, without having been asked for.
    pub(crate) encoding: Option<String>,
    /// Its first lines as they were read, where another encoding may make something else of them.
    pub(crate) begin: Option<RawBlock>,
    /// The line that names its columns.
    pub(crate) columns: Option<String>,
    /// What `--unwrap` made of it.
    pub(crate) unwrapping: Option<Unwrapping>,
}

impl LogSample {
    /// What was kept of logs that were read to their end; `lines`: of each.
    pub(crate) fn of(sampler: Sampler, lines: &[u64], sources: &[LogSource]) -> LogSample {
        LogSample {
            total: lines.iter().sum(),
            encoding: sampler.encoding().map(str::to_string),
            begin: sampler.begin().cloned(),
            columns: sampler.columns().map(str::to_string),
            lines: sampler.finish(lines.last().copied().unwrap_or(0)),
            modified: modified(sources),
            unwrapping: None,
        }
    }
}

/// What would help this run; where nothing does, the filter that the log is for.
pub(crate) fn diagnose_log(
    request: SetupRequest,
    setup: &Setup,
    sample: LogSample,
    journalmatch: Option<JournalTrial>,
    clock: &Clock,
) -> Diagnosis {
    let (mut diagnosis, lines) = of_sample(request, setup, sample, journalmatch, clock);
    let source = setup.source.as_ref();
    let Some(source) = source.filter(|_| diagnosis.hints.is_empty() && diagnosis.counting == 0)
    else {
        return diagnosis;
    };
    let file = source.main_file();
    let directory = config_dir(request.config_dir, file, request.lookup);
    // a filter of one's own is there because none of the configuration is for the log
    let is_of_configuration = file.is_some_and(|file| file.starts_with(directory.join("filter.d")));
    if is_of_configuration && !request.systemd {
        let name = source.filter_name();
        let other = other_filter::find(&lines, &name, &directory, clock);
        diagnosis.hints.extend(other);
    }
    diagnosis
}

/// What would help this run.
pub(crate) fn diagnose(
    request: SetupRequest,
    setup: &Setup,
    sample: LogSample,
    journalmatch: Option<JournalTrial>,
    clock: &Clock,
) -> Diagnosis {
    of_sample(request, setup, sample, journalmatch, clock).0
}

/// What would help this run, and the lines of the sample.
fn of_sample(
    request: SetupRequest,
    setup: &Setup,
    sample: LogSample,
    journalmatch: Option<JournalTrial>,
    clock: &Clock,
) -> (Diagnosis, Vec<SampledLine>) {
    let source = setup.source.as_ref();
    let logs = sample.unwrapping.as_ref().map(Unwrapping::logs);
    let kind = logs.and_then(|logs| logs.first()?.found().cloned());
    let evidence = Evidence {
        lines: sample.lines,
        columns: sample.columns,
        total: sample.total,
        clock,
        filter: &setup.filter,
        detector: setup.detector.clone(),
        filter_name: source.map(FilterSource::filter_name),
        files: source.map_or(Vec::new(), |source| source.files.clone()),
        options: source.map_or(Vec::new(), |source| source.given_options.clone()),
        datepattern: (request.datepattern)
            .filter(|pattern| !pattern.is_empty())
            .map(str::to_string),
        journalmatch,
        found_encoding: sample.encoding,
        begin: sample.begin.filter(|_| kind.is_none()),
        has_timezone: request.timezone.is_some_and(|zone| !zone.is_empty()),
        modified: sample.modified,
        is_unwrapped: kind.is_some(),
    };
    let build = |spec: &str, given: &Overrides| {
        let request = SetupRequest {
            spec,
            datepattern: given.datepattern.or(request.datepattern),
            timezone: given.timezone.or(request.timezone),
            maxlines: given.maxlines.or(request.maxlines),
            rows: false,
            beside: Some(&setup.filter),
            ..request
        };
        let setup = setup::build(&request, clock, &mut Vec::new()).ok()?;
        Some((setup.filter, setup.detector))
    };
    let rebuilder = Rebuilder {
        request: FilterRequest {
            spec: request.spec,
            config_dir: request.config_dir,
            backend_systemd: request.systemd,
            lookup: request.lookup,
        },
        is_literal: source.is_none(),
        build,
    };
    let mut diagnosis = hints::diagnose(&evidence, &rebuilder);
    if let (Some(kind), Some(unwrapping)) = (&kind, &sample.unwrapping) {
        let hint = hints::unwrapped::advice(&evidence, &unwrapping.sample(), kind, &rebuilder);
        diagnosis.hints.push(hint);
    }
    (diagnosis, evidence.lines)
}

/// When the log was last written, epoch seconds: of the last one, if it is a file.
fn modified(sources: &[LogSource]) -> Option<f64> {
    let Some(LogSource::File(path)) = sources.last() else {
        return None;
    };
    let time = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64())
}
