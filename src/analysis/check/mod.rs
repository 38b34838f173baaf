//! Checks of filters: are they sound, do they give what their samples say, what do the
//! samples leave out, which traps are in them.
//!
//! ```text
//! discover -> load ---------------> lint
//!               `-> samples -> verify -> coverage
//!               `-> expect  ----'
//!                                     all of it -> Report -> format
//! ```
//!
//! `discover` finds filters and jails, `load` compiles them with every option set, `samples`
//! reads fail2ban's annotated logs and `expect` our lighter form, `verify` runs both, `lint`
//! looks for traps. Then `ignores` leaves what counts (`selection`, comments), and `baseline` what
//! is new. `fix` changes a file in a `trial` and checks it again. Nothing here prints: `format` writes a [`Report`] in one way per file.

pub(crate) mod add_ignore;
mod annotation;
mod baseline;
pub(crate) mod code_words;
pub(crate) mod codes;
mod compare;
mod coverage;
mod discover;
mod expect;
mod expected_line;
mod expression;
mod filter;
pub(crate) mod finding;
pub(crate) mod fix;
mod ignores;
mod jail;
pub(crate) mod lint;
mod load;
mod near;
mod once;
mod place;
mod raw;
mod refused;
mod samples;
pub(crate) mod selection;
pub(crate) mod sets;
mod shared;
mod structure;
pub(crate) mod trial;
mod verify;

pub(crate) use baseline::{Baseline, BaselineUse};
pub(crate) use compare::same_address;
pub(crate) use discover::{DiscoverError, FilterFile, discover, sample_log, shown};
pub(crate) use finding::{Case, Excerpt, Finding, Severity};
pub(crate) use jail::{ContinuedOption, MisspeltOption, continued_options, misspelt_options};
pub(crate) use load::{Loaded, Options, label};
pub(crate) use raw::RawFile;
pub(crate) use samples::Script;
pub(crate) use shared::Shared;
pub(crate) use structure::{FileFault, filter_faults, first_fault, missing_include};

use crate::config::Loader;
use crate::date::{Clock, TimeZone};
use discover::Targets;
use rayon::prelude::*;
use selection::Selection;
use shared::Detectors;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The clock of upstream's suite: 2005-08-14 12:00 in Zurich (`tests/utils.py`, TEST_NOW).
pub(crate) const SUITE_NOW: f64 = 1_124_013_600.0;

/// [`SUITE_NOW`] as text.
pub(crate) const SUITE_NOW_TEXT: &str = "2005-08-14T12:00:00+02:00";

/// The zone of upstream's suite (`tests/utils.py`).
pub(crate) const SUITE_ZONE: &str = "CET-01CEST-02,M3.5.0,M10.5.0";

/// Bytes a filter, an expectation file or a sample log may have, as many as a configuration.
const MOST_CHECKED: u64 = 64 << 20;

/// What is to be checked, and how.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Filter files, directories of them, configuration directories.
    pub(crate) paths: Vec<PathBuf>,
    /// Directories (or files) with annotated logs, named like their filters.
    pub(crate) samples: Vec<PathBuf>,
    /// The clock of the samples.
    pub(crate) clock: Clock,
    /// Percent of the failregexes that must be exercised, 0 to 100.
    pub(crate) coverage_min: Option<f64>,
    /// Whether lint rules run.
    pub(crate) lint: bool,
    /// Configuration directories where includes are looked for that are not beside their file.
    pub(crate) include_dirs: Vec<PathBuf>,
    /// Option sets of filters, by name, beside those that their files and samples know.
    pub(crate) option_sets: BTreeMap<String, Vec<Options>>,
    /// The codes that count.
    pub(crate) selection: Selection,
    /// Whether backtracking is also proven by python3.
    pub(crate) python: bool,
    /// Write the present behaviour into the expectation files.
    pub(crate) update: bool,
}

impl Request {
    /// A check of these paths as it is without any options.
    pub(crate) fn new(paths: Vec<PathBuf>) -> Request {
        Request {
            paths,
            samples: Vec::new(),
            clock: Request::suite_clock(),
            coverage_min: None,
            lint: true,
            include_dirs: Vec::new(),
            option_sets: BTreeMap::new(),
            selection: Selection::default(),
            python: false,
            update: false,
        }
    }

    /// The clock upstream's suite stands on.
    pub(crate) fn suite_clock() -> Clock {
        let zone = TimeZone::named(SUITE_ZONE).unwrap_or_else(TimeZone::utc);
        Clock::in_zone(SUITE_NOW, zone)
    }
}

/// One failregex of an option set.
#[derive(Clone, Debug)]
pub(crate) struct RegexUse {
    /// The regex as written, references replaced.
    pub(crate) text: String,
    /// The file and line it was written in.
    pub(crate) place: Option<(PathBuf, u32)>,
    /// Sample lines it matched.
    pub(crate) hits: u64,
    /// Whether a sample exercises it, here or in another option set of the filter.
    pub(crate) covered: bool,
}

/// A filter with one option set.
#[derive(Clone, Debug)]
pub(crate) struct VariantReport {
    /// `name[options]`.
    pub(crate) label: String,
    /// Whether samples are tested with it; others are only loaded.
    pub(crate) sampled: bool,
    /// Its failregexes.
    pub(crate) failregexes: Vec<RegexUse>,
}

/// What a filter (or jail) file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// A filter.
    Filter,
    /// A file without any failregex: there to be included.
    Include,
    /// A jail.
    Jail,
}

/// All about one filter or jail.
#[derive(Clone, Debug)]
pub(crate) struct FilterReport {
    /// Its name.
    pub(crate) name: String,
    /// Its file.
    pub(crate) file: PathBuf,
    /// What it is.
    pub(crate) role: Role,
    /// The files it was read from.
    pub(crate) read: Vec<PathBuf>,
    /// The include directory that something it includes is from.
    pub(crate) includes_from: Option<PathBuf>,
    /// Its option sets.
    pub(crate) variants: Vec<VariantReport>,
    /// The sample logs that were read.
    pub(crate) logs: Vec<PathBuf>,
    /// Annotated lines tested.
    pub(crate) annotated: u64,
    /// Lines without annotation tested.
    pub(crate) plain: u64,
    /// Tests: lines times option sets.
    pub(crate) verdicts: u64,
    /// Tests left out because of a fault of their option set.
    pub(crate) skipped: u64,
    /// The expectation file that `--update` wrote.
    pub(crate) updated: Option<expect::Updated>,
    /// Everything found.
    pub(crate) findings: Vec<Finding>,
    /// Everything checked.
    pub(crate) cases: Vec<Case>,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

impl FilterReport {
    /// Failregexes of the sampled option sets: how many are exercised, of how many.
    pub(crate) fn coverage(&self) -> (u64, u64) {
        let sampled = self.variants.iter().filter(|variant| variant.sampled);
        let regexes = sampled.flat_map(|variant| &variant.failregexes);
        regexes.fold((0, 0), |(covered, all), r| {
            (covered + u64::from(r.covered), all + 1)
        })
    }

    /// Leaves only some of the findings; `keep` is asked about each in order.
    fn keep(&mut self, mut keep: impl FnMut(&Finding) -> bool) {
        let mut kept: Vec<Option<usize>> = Vec::new();
        let mut left = 0;
        self.findings.retain(|finding| {
            let keeps = keep(finding);
            kept.push(keeps.then_some(left));
            left += usize::from(keeps);
            keeps
        });
        for case in &mut self.cases {
            let indexes = case.findings.iter();
            case.findings = indexes.filter_map(|index| *kept.get(*index)?).collect();
        }
    }

    fn has(&self, severity: Severity) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == severity)
    }
}

/// All about a check.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// The filters and jails, in the order of the paths given.
    pub(crate) filters: Vec<FilterReport>,
    /// The baseline, if there is one.
    pub(crate) baseline: Option<BaselineUse>,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

impl Report {
    /// All findings, filter by filter.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.filters.iter().flat_map(|filter| &filter.findings)
    }

    /// The include directories that something was read from.
    pub(crate) fn includes_from(&self) -> BTreeSet<&Path> {
        let filters = self.filters.iter();
        filters.filter_map(|f| f.includes_from.as_deref()).collect()
    }

    /// How many findings are that severe.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// How many failregexes are exercised, of how many.
    pub(crate) fn coverage(&self) -> (u64, u64) {
        let parts = self.filters.iter().map(FilterReport::coverage);
        parts.fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
    }
}

/// Told of progress: filters done, of how many.
pub(crate) type Progress<'a> = &'a (dyn Fn(usize, usize) + Sync);

/// Checks everything `request` names, filters in parallel.
///
/// # Errors
///
/// Where a path does not exist or holds nothing to check; faults of filters are findings.
pub(crate) fn run(request: &Request, progress: Progress) -> Result<Report, DiscoverError> {
    let start = Instant::now();
    let targets = discover(&request.paths)?;
    for path in &request.samples {
        std::fs::metadata(path).map_err(|error| DiscoverError::Unreadable {
            path: path.clone(),
            error,
        })?;
    }
    Ok(Report {
        filters: check_targets(&targets, request, progress),
        baseline: None,
        elapsed: start.elapsed(),
    })
}

/// Checks these targets, filters in parallel.
fn check_targets(targets: &Targets, request: &Request, progress: Progress) -> Vec<FilterReport> {
    let today = Clock::in_zone(Clock::new(None).now_epoch(), TimeZone::utc());
    let shared = Shared {
        detectors: Detectors::new(today),
        known: Mutex::default(),
        include_dirs: request.include_dirs.clone(),
        beside: None,
    };
    let done = Mutex::new(0);
    let total = targets.filters.len() + targets.jails.len();
    let tick = |count: usize| {
        if let Ok(mut done) = done.lock() {
            *done += count;
            progress(*done, total);
        }
    };
    let filters = || -> Vec<FilterReport> {
        let checked = targets.filters.par_iter().map(|target| {
            let report = filter::check(target, request, &shared);
            tick(1);
            report
        });
        checked.collect()
    };
    let mut all = filters();
    // after the filters: few of their regexes are new then
    let mut jails = check_jails(&targets.jails, &shared, &tick);
    let mut told: Vec<&Path> = Vec::new();
    for target in &targets.jails {
        if !told.contains(&&*target.config) {
            told.push(&target.config);
            attach(
                &mut jails,
                &target.config,
                jail::of_files(&target.config, &shared.elsewhere()),
            );
        }
    }
    all.extend(jails);
    once::keep_first(&mut all);
    ignores::apply(&mut all, request);
    all
}

/// Checks jails, in parts that share what they read.
fn check_jails(
    targets: &[discover::JailName],
    shared: &Shared,
    tick: &(dyn Fn(usize) + Sync),
) -> Vec<FilterReport> {
    let known = shared.known.lock();
    let known = Arc::new(known.map_or_else(|_| HashSet::new(), |known| known.clone()));
    let part = targets.len().div_ceil(rayon::current_num_threads());
    let checked = targets.par_chunks(part.max(1)).flat_map_iter(|targets| {
        let loader = Loader::including_from(&shared.elsewhere());
        let checked = targets.iter().map(|target| {
            let report = jail::check(target, &loader, shared, &known);
            tick(1);
            report
        });
        checked.collect::<Vec<_>>()
    });
    checked.collect()
}

/// Puts what the jail files of a directory say before the other findings of the jail that it is
/// about, or of the first one there.
fn attach(reports: &mut [FilterReport], config: &Path, found: Vec<(String, Finding)>) {
    let is_there = |report: &FilterReport| report.file.parent() == Some(config);
    for (jail, finding) in found.into_iter().rev() {
        let of_jail = |report: &FilterReport| is_there(report) && report.name == jail;
        let at = reports.iter().position(of_jail);
        let Some(at) = at.or_else(|| reports.iter().position(is_there)) else {
            continue;
        };
        let report = &mut reports[at];
        for case in &mut report.cases {
            case.findings.iter_mut().for_each(|index| *index += 1);
        }
        report.findings.insert(0, finding);
        if let Some(load) = report.cases.first_mut() {
            load.findings.insert(0, 0);
        }
    }
}

/// Whether a check failed: on an error, or with `strict` on a warning.
pub(crate) fn failed(report: &Report, strict: bool) -> bool {
    let fails = |filter: &FilterReport| {
        filter.has(Severity::Error) || strict && filter.has(Severity::Warning)
    };
    report.filters.iter().any(fails)
}
