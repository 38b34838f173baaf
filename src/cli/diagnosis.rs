//! The diagnosis of a run: from the command line's settings to hints.

use super::setup::{self, Setup, SetupRequest};
use crate::analysis::explain::hints::{
    self, Change, Diagnosis, Evidence, FilterRebuilder, JournalTrial, RegexSources,
};
use crate::analysis::explain::sample::{SampledLine, Sampler};
use crate::config::{FilterKind, FilterRequest, Resolution, Setting, resolve};
use crate::date::{Clock, DateDetector};
use crate::engine::Filter;
use crate::input::{LogSource, Unwrapping};

/// Builds the run's filter with other options.
struct Rebuild<'a> {
    request: SetupRequest<'a>,
    clock: &'a Clock,
    literal: bool,
}

impl FilterRebuilder for Rebuild<'_> {
    fn build(&self, changes: &[Change]) -> Option<(Filter, Option<DateDetector>)> {
        let mut request = self.request;
        let spec = self.spec(changes)?;
        for change in changes {
            match change {
                Change::Datepattern(pattern) => request.datepattern = Some(pattern),
                Change::Timezone(zone) => request.timezone = Some(zone),
                Change::Maxlines(lines) => request.maxlines = Some(i64::from(*lines)),
                _ => {}
            }
        }
        request.spec = &spec;
        let setup = setup::build(&request, self.clock, &mut Vec::new()).ok()?;
        Some((setup.filter, setup.detector))
    }

    fn regexes(&self, changes: &[Change]) -> Option<RegexSources> {
        let spec = self.spec(changes)?;
        let request = FilterRequest {
            spec: &spec,
            config_dir: self.request.config_dir,
            backend_systemd: self.request.systemd,
            lookup: self.request.lookup,
        };
        let Ok(Resolution::Filter(source)) = resolve(&request) else {
            return None;
        };
        let mut written = RegexSources::default();
        for setting in source.settings {
            match setting {
                Setting::Prefregex(value) => written.prefregex = Some(value.text),
                Setting::Failregex(value) => written.failregexes.push(value.text),
                Setting::Ignoreregex(value) => written.ignoreregexes.push(value.text),
                Setting::Datepattern(value) => written.datepattern = Some(value.text),
                _ => {}
            }
        }
        Some(written)
    }
}

impl Rebuild<'_> {
    /// FILTER with the options among the changes; None for a regex given as text.
    fn spec(&self, changes: &[Change]) -> Option<String> {
        let mut spec = self.request.spec.to_string();
        for change in changes {
            if let Change::FilterOption(option) = change {
                let given = with_option(&spec, &option.name, &option.value);
                spec = given.filter(|_| !self.literal)?;
            }
        }
        Some(spec)
    }
}

/// `name[a=b]` with one more option; the last of a name counts.
pub(super) fn with_option(spec: &str, name: &str, value: &str) -> Option<String> {
    let quote = ['\'', '"']
        .into_iter()
        .find(|quote| !value.contains(*quote))?;
    let option = format!("{name}={quote}{value}{quote}");
    Some(match spec.strip_suffix(']') {
        Some(open) if open.ends_with('[') => format!("{open}{option}]"),
        Some(open) => format!("{open}, {option}]"),
        None => format!("{spec}[{option}]"),
    })
}

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
    /// What `--unwrap` made of it.
    pub(crate) unwrapping: Option<Unwrapping>,
}

impl LogSample {
    /// What was kept of logs that were read to their end; `lines`: of each.
    pub(crate) fn of(sampler: Sampler, lines: &[u64], sources: &[LogSource]) -> LogSample {
        LogSample {
            total: lines.iter().sum(),
            encoding: sampler.encoding().map(str::to_string),
            lines: sampler.finish(lines.last().copied().unwrap_or(0)),
            modified: modified(sources),
            unwrapping: None,
        }
    }
}

/// What would help this run.
pub(crate) fn diagnose(
    request: SetupRequest,
    setup: &Setup,
    sample: LogSample,
    journalmatch: Option<JournalTrial>,
    clock: &Clock,
) -> Diagnosis {
    let source = setup.source.as_ref();
    let logs = sample.unwrapping.as_ref().map(Unwrapping::logs);
    let kind = logs.and_then(|logs| logs.first()?.found().cloned());
    let evidence = Evidence {
        lines: sample.lines,
        total: sample.total,
        clock,
        filter: &setup.filter,
        detector: setup.detector.clone(),
        filter_name: source.map(|source| match &source.kind {
            FilterKind::Jail { name, filter } => filter.as_ref().unwrap_or(name).clone(),
            FilterKind::FilterD { name, .. } | FilterKind::Foreign { name, .. } => {
                let file = name.rsplit('/').next().unwrap_or(name);
                file.trim_end_matches(".conf").to_string()
            }
        }),
        files: source.map_or(Vec::new(), |source| source.files.clone()),
        options: source.map_or(Vec::new(), |source| source.given_options.clone()),
        datepattern: (request.datepattern)
            .filter(|pattern| !pattern.is_empty())
            .map(str::to_string),
        journalmatch,
        found_encoding: sample.encoding,
        has_timezone: request.timezone.is_some_and(|zone| !zone.is_empty()),
        modified: sample.modified,
        is_unwrapped: kind.is_some(),
    };
    let rebuilder = Rebuild {
        request: SetupRequest {
            rows: false,
            beside: Some(&setup.filter),
            ..request
        },
        clock,
        literal: source.is_none(),
    };
    let mut diagnosis = hints::diagnose(&evidence, &rebuilder);
    if let (Some(kind), Some(unwrapping)) = (&kind, &sample.unwrapping) {
        let hint = hints::unwrapped::advice(&evidence, &unwrapping.sample(), kind, &rebuilder);
        diagnosis.hints.push(hint);
    }
    diagnosis
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

#[cfg(test)]
mod tests {
    use super::with_option;

    #[test]
    fn options_are_added() {
        let with = |spec| with_option(spec, "mode", "x");
        assert_eq!(with("sshd").as_deref(), Some("sshd[mode='x']"));
        assert_eq!(with("sshd[]").as_deref(), Some("sshd[mode='x']"));
        assert_eq!(with("sshd[a=1]").as_deref(), Some("sshd[a=1, mode='x']"));
        assert_eq!(with_option("s", "a", "'\""), None);
    }
}
