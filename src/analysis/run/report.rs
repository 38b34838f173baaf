//! What a run found, as one value: every report is written from it, and reports of shards are
//! merged as such.
//!
//! The types are the schema of `--format json` (one object, `"schema": 1`, documented in
//! README): fields are added, never renamed or removed, under one number. They read back as well.

use super::addresses::{AddressInfo, CountedAddresses};
use super::boundary::ShardBoundary;
use super::unwrapped::UnwrapInfo;
use crate::analysis::explain::hints::{Diagnosis, Hint};
use crate::analysis::warning::{Tool, Warning};
use crate::config::Sourced;
use crate::date::{Clock, DateDetector};
use crate::engine::stats::SampleLine;
use crate::engine::{Filter, FilterRegex, Stats};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The number of the schema these types are.
pub(crate) const SCHEMA: u32 = 1;

/// The whole report. `Addresses` is the list of them, or what serializes as one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunReport<Addresses = Vec<AddressInfo>> {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The filter that ran.
    pub(crate) filter: FilterInfo,
    /// The logs that were read.
    pub(crate) logs: Vec<LogInfo>,
    /// The run was stopped (Ctrl-C): the report is of what had been read by then.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) partial: bool,
    /// Line counts.
    pub(crate) lines: LineCounts,
    /// The prefregex, if the filter has one.
    pub(crate) prefregex: Option<RegexCounts>,
    /// The failregexes in order.
    pub(crate) failregex: Vec<RegexCounts>,
    /// The ignoreregexes in order.
    pub(crate) ignoreregex: Vec<RegexCounts>,
    /// Date templates that found dates, most hits first.
    pub(crate) date_templates: Vec<TemplateCounts>,
    /// Addresses and other ids, most hits first.
    pub(crate) addresses: Addresses,
    /// Addresses that were counted and are not listed (`--top`).
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) more_addresses: u64,
    /// Lines word for word: in JSON those asked for by `--print-all-*`.
    #[serde(skip_serializing_if = "Samples::is_empty", default)]
    pub(crate) samples: Samples,
    /// What looks wrong.
    pub(crate) warnings: Vec<Warning>,
    /// What would help, each tried on a sample of the log.
    #[serde(default)]
    pub(crate) hints: Vec<Hint>,
    /// The sample the hints were tried on.
    #[serde(default)]
    pub(crate) hint_sample: HintSample,
    /// What the two ends of the run have to do with logs before and behind them: for
    /// `f2b-regex merge`. None in reports of programs that did not know it.
    #[serde(default)]
    pub(crate) seam: Option<ShardBoundary>,
    /// Wall-clock time; the only part that differs from run to run.
    pub(crate) timing: Timing,
}

/// What the hints were tried on: the first and the last lines of the log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct HintSample {
    /// Lines tried.
    pub(crate) lines: u64,
    /// Lines the log has.
    pub(crate) of: u64,
}

/// What ran.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct FilterInfo {
    /// `jail`, `filter`, `file` (outside a filter.d) or `literal`.
    pub(crate) kind: String,
    /// As given on the command line, without options.
    pub(crate) name: String,
    /// The main file that was read; null for a literal regex.
    pub(crate) file: Option<String>,
    /// Every file that was read, in order.
    pub(crate) files: Vec<String>,
    /// The options given in brackets.
    pub(crate) options: BTreeMap<String, String>,
    /// Lines a regex may span.
    pub(crate) maxlines: usize,
}

/// A log that was read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct LogInfo {
    /// Its path; null for lines from the command line or standard input.
    pub(crate) path: Option<String>,
    /// `file`, `stdin`, `line`, or `journal` where journalctl read it.
    pub(crate) kind: String,
    /// `gzip`, `xz`, `zstd`, `bzip2` or `lz4`, where it is compressed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) compression: Option<String>,
    /// Of a journal: `export`, `json`, `json-seq`, `json-pretty` or `journalctl`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) journal: Option<String>,
    /// With `--unwrap`: what that made of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) unwrapped: Option<UnwrapInfo>,
    /// Lines, skipped ones included; of a journal, entries its journalmatch selects.
    pub(crate) lines: u64,
    /// Bytes read, decompressed.
    pub(crate) bytes: u64,
    /// The encoding they were decoded with.
    pub(crate) encoding: String,
    /// Places that were not valid in it.
    pub(crate) invalid: u64,
    /// Its lines tested; the next three are their sum.
    #[serde(default)]
    pub(crate) tested: u64,
    /// Taken back by an ignoreregex or a NOFAIL match.
    #[serde(default)]
    pub(crate) ignored: i64,
    /// Matched by a failregex.
    #[serde(default)]
    pub(crate) matched: i64,
    /// Matched by nothing.
    #[serde(default)]
    pub(crate) missed: i64,
    /// Left out as outside `--since` and `--until`, of what was read.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) outside: u64,
    /// Of a journal: entries the journalmatch does not select.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) unselected: u64,
    /// Byte where reading began, where that is not the start (`--since`, `--last`).
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) start: u64,
    /// Why it could not be read, or not to its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) error: Option<String>,
}

impl LogInfo {
    /// That the log was unwrapped, which fail2ban does not do.
    pub(crate) fn unwrapped_note(&self) -> Option<String> {
        let name = self.path.as_deref().unwrap_or(&self.kind);
        self.unwrapped.as_ref()?.note(name)
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Line counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct LineCounts {
    /// Lines tested.
    pub(crate) total: u64,
    /// Taken back by an ignoreregex or a NOFAIL match.
    pub(crate) ignored: i64,
    /// Matched by a failregex.
    pub(crate) matched: i64,
    /// Matched by nothing.
    pub(crate) missed: i64,
    /// Not tested: empty, or beginning with `#`.
    pub(crate) skipped: u64,
}

/// A regex and its hits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RegexCounts {
    /// Number in its list, from 1.
    pub(crate) number: usize,
    /// As written in the filter.
    pub(crate) regex: String,
    /// As compiled: fail2ban's tags replaced.
    pub(crate) resolved: String,
    /// The file it stands in; null from the command line.
    pub(crate) file: Option<String>,
    /// The line it stands in, from 1.
    pub(crate) line: Option<u32>,
    /// Lines it matched.
    pub(crate) hits: u64,
    /// Those of them that are helpers (`<F-NOFAIL>`): no failures of their own.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub(crate) helper_hits: u64,
}

/// A date template and its hits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TemplateCounts {
    /// Display name.
    pub(crate) name: String,
    /// Dates it found.
    pub(crate) hits: u64,
    /// Its datepattern, where it has one.
    pub(crate) pattern: Option<String>,
}

/// Lines word for word.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Samples {
    /// Matched lines.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) matched: Vec<String>,
    /// Ignored lines.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) ignored: Vec<String>,
    /// Missed lines.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) missed: Vec<String>,
}

impl Samples {
    fn is_empty(&self) -> bool {
        self.matched.is_empty() && self.ignored.is_empty() && self.missed.is_empty()
    }
}

/// Wall-clock time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// Seconds from the first line to the last.
    pub(crate) seconds: f64,
}

/// A date template of a run, with what only `--verbose` and `--format classic` show.
#[derive(Clone, Debug)]
pub(crate) struct TemplateRow {
    /// Name, hits and pattern.
    pub(crate) counts: TemplateCounts,
    /// Upstream's `weight`: hits times base weight by distance.
    pub(crate) weight: f64,
    /// The template's own weight.
    pub(crate) base_weight: f64,
    /// The regex it searches with.
    pub(crate) regex: String,
}

impl TemplateRow {
    /// The templates of a detector, in their present order.
    pub(crate) fn all(detector: &DateDetector) -> Vec<TemplateRow> {
        let rows = detector.templates().map(|t| TemplateRow {
            counts: TemplateCounts {
                name: t.template.name().to_string(),
                hits: t.hits,
                pattern: t.template.pattern().map(str::to_string),
            },
            weight: t.weight,
            base_weight: t.template.weight(),
            regex: t.template.regex().to_string(),
        });
        rows.collect()
    }
}

impl TemplateCounts {
    /// The templates of a detector that found dates.
    pub(crate) fn found(detector: &DateDetector) -> Vec<TemplateCounts> {
        let rows = TemplateRow::all(detector).into_iter().map(|row| row.counts);
        rows.filter(|counts| counts.hits > 0).collect()
    }

    /// The order of reports: most hits first.
    pub(crate) fn sort(all: &mut [TemplateCounts]) {
        all.sort_by(|a, b| b.hits.cmp(&a.hits).then(a.name.cmp(&b.name)));
    }
}

/// What a run has found besides its counters.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunFacts {
    /// The filter.
    pub(crate) filter: FilterInfo,
    /// The logs.
    pub(crate) logs: Vec<LogInfo>,
    /// The run was stopped before the end of the logs.
    pub(crate) partial: bool,
    /// The date templates that found dates.
    pub(crate) date_templates: Vec<TemplateCounts>,
    /// What looks wrong.
    pub(crate) warnings: Vec<Warning>,
    /// What would help.
    pub(crate) diagnosis: Diagnosis,
    /// What merging needs.
    pub(crate) seam: ShardBoundary,
    /// How long the lines took.
    pub(crate) elapsed: Duration,
    /// Addresses listed; None for all.
    pub(crate) top: Option<usize>,
}

impl<'s> RunReport<CountedAddresses<'s>> {
    /// The report of a run.
    pub(crate) fn of(
        filter: &Filter,
        stats: &'s Stats,
        clock: &'s Clock,
        run: RunFacts,
    ) -> RunReport<CountedAddresses<'s>> {
        let prefregex = filter.prefregex.as_ref();
        let failregexes = filter.failregexes.iter().zip(&stats.failregexes);
        let ignoreregexes = filter.ignoreregexes.iter().zip(&stats.ignoreregexes);
        let mut date_templates = run.date_templates;
        TemplateCounts::sort(&mut date_templates);
        let addresses = CountedAddresses::new(stats, clock, run.top);
        RunReport {
            schema: SCHEMA,
            tool: Tool::this(),
            filter: run.filter,
            logs: run.logs,
            partial: run.partial,
            lines: LineCounts {
                total: stats.tested,
                ignored: stats.ignored,
                matched: stats.matched,
                missed: stats.missed,
                skipped: stats.skipped,
            },
            prefregex: prefregex.map(|regex| counts(0, regex, stats.prefregex_hits, 0)),
            failregex: (failregexes.enumerate())
                .map(|(index, (regex, stats))| counts(index, regex, stats.hits, stats.helper_hits))
                .collect(),
            ignoreregex: (ignoreregexes.enumerate())
                .map(|(index, (regex, hits))| counts(index, regex, *hits, 0))
                .collect(),
            date_templates,
            more_addresses: addresses.unlisted(),
            addresses,
            samples: Samples {
                matched: texts(&stats.matched_lines),
                ignored: texts(&stats.ignored_lines),
                missed: texts(&stats.missed_lines),
            },
            warnings: run.warnings,
            hints: run.diagnosis.hints,
            hint_sample: HintSample {
                lines: run.diagnosis.sampled,
                of: run.diagnosis.total,
            },
            seam: Some(run.seam),
            timing: Timing {
                seconds: run.elapsed.as_secs_f64(),
            },
        }
    }
}

impl RunReport<CountedAddresses<'_>> {
    /// Leaves out addresses that take more than so many bytes.
    pub(crate) fn list_within(&mut self, bytes: usize) {
        self.addresses.list_within(bytes);
        self.more_addresses = self.addresses.unlisted();
    }
}

impl RunReport {
    /// Leaves out all addresses but the first.
    pub(crate) fn list_first(&mut self, top: usize) {
        self.more_addresses = self.addresses.len().saturating_sub(top) as u64;
        self.addresses.truncate(top);
    }
}

fn counts(index: usize, regex: &FilterRegex, hits: u64, helper_hits: u64) -> RegexCounts {
    let (file, line) = place(&regex.source);
    RegexCounts {
        number: index + 1,
        regex: regex.source.text.clone(),
        resolved: regex.regex.as_str().to_string(),
        file,
        line,
        hits,
        helper_hits,
    }
}

/// File and line of a configured text.
pub(crate) fn place(source: &Sourced) -> (Option<String>, Option<u32>) {
    match &source.origin {
        Some(origin) => (Some(origin.file.display().to_string()), Some(origin.line)),
        None => (None, None),
    }
}

fn texts(kept: &[SampleLine]) -> Vec<String> {
    kept.iter().map(|sample| sample.line.clone()).collect()
}
