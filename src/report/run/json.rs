//! The JSON report (`--format json`): one object, `"schema": 1`, documented in README.
//!
//! The types here are the schema: fields are added, never renamed or removed, under one
//! number. They read back as well, so that reports of shards can be merged.

use crate::analysis::explain::hints::Hint;
use crate::analysis::merge::ShardBoundary;
use crate::config::Sourced;
use crate::date::Clock;
use crate::engine::address::AddressKind;
use crate::engine::line::RegexRole;
use crate::engine::stats::SampleLine;
use crate::engine::{FilterRegex, Stats};
use crate::report::{Report, RunInfo};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The number of the schema these types are.
pub(crate) const SCHEMA: u32 = 1;

/// The whole report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct JsonReport {
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
    pub(crate) addresses: Vec<AddressInfo>,
    /// Lines word for word, as asked for by `--print-all-*`.
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

/// Name and version of the program.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tool {
    /// `f2b-regex`.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
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

/// An address or other id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AddressInfo {
    /// The address as fail2ban would ban it.
    pub(crate) address: String,
    /// `ip4`, `ip6`, `dns` or `id`.
    pub(crate) kind: String,
    /// Its rank by first appearance in the logs, from 1.
    #[serde(default)]
    pub(crate) appeared: usize,
    /// Matched lines that named it.
    pub(crate) hits: u64,
    /// Time of the earliest of them; null where none has a date.
    pub(crate) first: Option<Moment>,
    /// Time of the latest.
    pub(crate) last: Option<Moment>,
    /// Numbers of the failregexes that found it, from 1.
    pub(crate) failregex: Vec<usize>,
    /// Users tried from it, first seen first, at most 100.
    pub(crate) users: Vec<String>,
    /// There were more users.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) more_users: bool,
}

/// A point in time, twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// RFC 3339, in the machine's zone.
    pub(crate) time: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    pub(crate) epoch: f64,
}

/// Lines word for word.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Samples {
    /// With `--print-all-matched`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) matched: Vec<String>,
    /// With `--print-all-ignored`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) ignored: Vec<String>,
    /// With `--print-all-missed`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) missed: Vec<String>,
}

impl Samples {
    fn is_empty(&self) -> bool {
        self.matched.is_empty() && self.ignored.is_empty() && self.missed.is_empty()
    }
}

/// Something that looks wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Warning {
    /// A stable name for programs.
    pub(crate) code: String,
    /// What it is and what to do.
    pub(crate) message: String,
    /// The file it is about.
    pub(crate) file: Option<String>,
    /// The line there, from 1.
    pub(crate) line: Option<u32>,
}

impl Warning {
    /// One that is about no file in particular.
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Warning {
        Warning {
            code: code.into(),
            message: message.into(),
            file: None,
            line: None,
        }
    }
}

/// Wall-clock time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// Seconds from the first line to the last.
    pub(crate) seconds: f64,
}

/// Builds the report.
pub(crate) fn build(report: &Report, run: &RunInfo, clock: &Clock) -> JsonReport {
    let stats = report.stats;
    let filter = report.filter;
    let prefregex = (filter.prefregex.as_ref()).map(|r| regex(0, r, stats.prefregex_hits));
    let mut failregex = Vec::new();
    for (index, r) in filter.failregexes.iter().enumerate() {
        failregex.push(regex(index, r, stats.failregexes[index].hits));
    }
    let mut ignoreregex = Vec::new();
    for (index, r) in filter.ignoreregexes.iter().enumerate() {
        ignoreregex.push(regex(index, r, stats.ignoreregexes[index]));
    }
    let mut date_templates: Vec<TemplateCounts> = (report.templates.iter().flatten())
        .filter(|t| t.hits > 0)
        .map(|t| TemplateCounts {
            name: t.name.clone(),
            hits: t.hits,
            pattern: t.pattern.clone(),
        })
        .collect();
    date_templates.sort_by(|a, b| b.hits.cmp(&a.hits).then(a.name.cmp(&b.name)));
    JsonReport {
        schema: SCHEMA,
        tool: Tool {
            name: "f2b-regex".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        },
        filter: run.filter.clone(),
        logs: run.logs.clone(),
        partial: run.partial,
        lines: LineCounts {
            total: stats.tested,
            ignored: stats.ignored,
            matched: stats.matched,
            missed: stats.missed,
            skipped: stats.skipped,
        },
        prefregex,
        failregex,
        ignoreregex,
        date_templates,
        addresses: addresses(stats, clock),
        samples: samples(stats, run),
        warnings: run.warnings.clone(),
        hints: run.diagnosis.hints.clone(),
        hint_sample: HintSample {
            lines: run.diagnosis.sampled,
            of: run.diagnosis.total,
        },
        seam: run.seam.clone(),
        timing: Timing {
            seconds: report.elapsed.as_secs_f64(),
        },
    }
}

/// Writes the report as one indented object.
pub(crate) fn write(out: &mut dyn Write, report: &JsonReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

fn regex(index: usize, regex: &FilterRegex, hits: u64) -> RegexCounts {
    let (file, line) = place(&regex.source);
    RegexCounts {
        number: index + 1,
        regex: regex.source.text.clone(),
        resolved: regex.regex.as_str().to_string(),
        file,
        line,
        hits,
    }
}

/// File and line of a configured text.
pub(crate) fn place(source: &Sourced) -> (Option<String>, Option<u32>) {
    match &source.origin {
        Some(origin) => (Some(origin.file.display().to_string()), Some(origin.line)),
        None => (None, None),
    }
}

fn addresses(stats: &Stats, clock: &Clock) -> Vec<AddressInfo> {
    let moment = |epoch: f64| Moment {
        time: clock.rfc3339(epoch),
        epoch,
    };
    (stats.addresses_by_hits().into_iter())
        .map(|(address, a)| AddressInfo {
            address: address.to_string(),
            kind: kind_name(a.kind).into(),
            appeared: stats.addresses.get_index_of(address).map_or(0, |at| at + 1),
            hits: a.hits,
            first: a.span.map(|(first, _)| moment(first)),
            last: a.span.map(|(_, last)| moment(last)),
            failregex: (a.failregexes.iter())
                .map(|&index| index as usize + 1)
                .collect(),
            users: a.users.names(&stats.users).map(str::to_string).collect(),
            more_users: a.more_users,
        })
        .collect()
}

/// The name of an address kind in reports.
pub(crate) fn kind_name(kind: AddressKind) -> &'static str {
    match kind {
        AddressKind::Ip4 => "ip4",
        AddressKind::Ip6 => "ip6",
        AddressKind::Dns => "dns",
        AddressKind::Id => "id",
    }
}

fn samples(stats: &Stats, run: &RunInfo) -> Samples {
    let lines = |wanted: bool, kept: &[SampleLine]| -> Vec<String> {
        match wanted {
            true => kept.iter().map(|l| l.line.clone()).collect(),
            false => Vec::new(),
        }
    };
    Samples {
        matched: lines(run.show.all_matched, &stats.matched_lines),
        ignored: lines(run.show.all_ignored, &stats.ignored_lines),
        missed: lines(run.show.all_missed, &stats.missed_lines),
    }
}

/// How messages name a regex of the filter.
pub(crate) fn role_name(role: RegexRole) -> String {
    match role {
        RegexRole::Prefregex => "prefregex".into(),
        RegexRole::Failregex(index) => format!("failregex {}", index + 1),
        RegexRole::Ignoreregex(index) => format!("ignoreregex {}", index + 1),
    }
}
