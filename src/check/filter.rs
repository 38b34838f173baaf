//! The check of one filter or jail: every option set loaded, samples run, coverage counted.

use super::codes;
use super::discover::{FilterFile, JailName, sample_log};
use super::finding::{Case, CaseKind, Finding, Severity};
use super::load::{self, Depth, Loaded, Options, Shared, Target};
use super::place::SourceFiles;
use super::raw::{self, RawFile};
use super::samples::Script;
use super::verify::{self, Tally};
use super::{FilterReport, RegexUse, Request, Role, VariantReport};
use crate::config::Loader;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

/// An option set of a filter while it is checked.
struct Variant {
    options: Options,
    loaded: Option<Loaded>,
    sampled: bool,
}

/// Checks a filter file.
pub fn check(target: &FilterFile, request: &Request, shared: &Shared) -> FilterReport {
    let start = Instant::now();
    let loader = Loader::default();
    let mut files = SourceFiles::default();
    let (mut findings, mut cases) = (Vec::new(), Vec::new());
    let log = sample_log(&request.samples, &target.name);
    let script = match &log {
        Some(log) => Script::read(&target.name, log, &mut findings),
        None => Script::default(),
    };
    let mut variants: Vec<Variant> = Vec::new();
    let mut load = |options: Options, sampled: bool, findings: &mut Vec<Finding>| {
        let before = findings.len();
        let named = (target.name.as_str(), options.as_slice());
        let target = Target::Filter(&target.path);
        let depth = (if sampled { Depth::Whole } else { Depth::News }, shared);
        let loaded = load::load(&loader, target, named, depth, &mut files, findings);
        // a fault of the filter itself is found with every option set: said once
        let told: HashSet<(String, _)> = findings[..before]
            .iter()
            .map(|f| (f.message.clone(), f.place().map(|p| p.1)))
            .collect();
        let fresh = findings.split_off(before);
        let fresh = fresh
            .into_iter()
            .filter(|f| !told.contains(&(f.message.clone(), f.place().map(|p| p.1))));
        findings.extend(fresh);
        cases.push(Case {
            kind: CaseKind::Load,
            name: load::label(named.0, named.1),
            findings: (before..findings.len()).collect(),
        });
        Variant {
            options,
            loaded,
            sampled,
        }
    };
    for variant in &script.variants {
        variants.push(load(variant.options.clone(), true, &mut findings));
    }
    // the option sets the files know, beside those of the samples
    if !variants.iter().any(|variant| variant.options.is_empty()) {
        variants.push(load(Options::new(), false, &mut findings));
    }
    let read = variants.iter().find_map(|variant| variant.loaded.as_ref());
    let read: Vec<PathBuf> = read.map_or_else(Vec::new, |loaded| loaded.source.files.clone());
    let raw: Vec<RawFile> = read.iter().map(|file| RawFile::read(file)).collect();
    for (key, values) in raw::option_values(&raw) {
        for value in values {
            let options = vec![(key.clone(), value)];
            if !variants.iter().any(|variant| variant.options == options) {
                variants.push(load(options, false, &mut findings));
            }
        }
    }
    let sampled: Vec<Option<&Loaded>> = variants
        .iter()
        .take(script.variants.len())
        .map(|v| v.loaded.as_ref())
        .collect();
    let tally = verify::verify(
        &script,
        &sampled,
        &request.clock,
        &mut files,
        &mut findings,
        &mut cases,
    );
    let sets = uses(&variants, &tally);
    // a file there to be included may refer to what the including file sets
    let unloadable = variants.iter().any(|v| v.loaded.is_none());
    let is_include = target.included && log.is_none() && unloadable
        || variants.iter().all(|v| {
            v.loaded
                .as_ref()
                .is_some_and(|l| l.failregexes.is_empty() && l.sound)
        });
    if is_include {
        let place = |finding: &Finding| finding.code == codes::CONFIG;
        if findings.iter().all(place) {
            findings.clear();
            cases.clear();
        }
    }
    let mut report = FilterReport {
        name: target.name.clone(),
        file: target.path.clone(),
        role: if is_include {
            Role::Include
        } else {
            Role::Filter
        },
        variants: sets,
        logs: script.files.clone(),
        annotated: tally.annotated,
        plain: tally.plain,
        verdicts: tally.verdicts,
        skipped: tally.skipped,
        findings,
        cases,
        elapsed: start.elapsed(),
    };
    coverage(&mut report, &variants, request.coverage_min, &mut files);
    report.elapsed = start.elapsed();
    report
}

/// Checks that a jail, its filter and options can be read.
pub fn check_jail(target: &JailName, loader: &Loader, shared: &Shared) -> FilterReport {
    let start = Instant::now();
    let mut files = SourceFiles::default();
    let mut findings = Vec::new();
    let jail = Target::Jail(&target.config, &target.name);
    let named = (target.name.as_str(), [].as_slice());
    let depth = (Depth::News, shared);
    let loaded = load::load(loader, jail, named, depth, &mut files, &mut findings);
    let name = format!("jail {}", target.name);
    let variants = loaded.iter().map(|loaded| VariantReport {
        label: name.clone(),
        sampled: false,
        failregexes: regexes(loaded, &[]),
    });
    FilterReport {
        variants: variants.collect(),
        cases: vec![Case {
            kind: CaseKind::Load,
            name: name.clone(),
            findings: (0..findings.len()).collect(),
        }],
        name: target.name.clone(),
        file: target.config.join("jail.conf"),
        role: Role::Jail,
        logs: Vec::new(),
        annotated: 0,
        plain: 0,
        verdicts: 0,
        skipped: 0,
        findings,
        elapsed: start.elapsed(),
    }
}

fn regexes(loaded: &Loaded, hits: &[u64]) -> Vec<RegexUse> {
    let regexes = loaded.failregexes.iter().enumerate();
    let made = regexes.map(|(index, regex)| {
        let origin = regex.origin.as_ref();
        let hits = hits.get(index).copied().unwrap_or(0);
        RegexUse {
            text: regex.text.clone(),
            place: origin.map(|o| (o.file.to_path_buf(), o.line)),
            hits,
            covered: hits > 0,
        }
    });
    made.collect()
}

/// Which failregexes the samples exercise: a regex counts wherever it stands with the same
/// text (upstream's `regexsUsedRe`).
fn uses(variants: &[Variant], tally: &Tally) -> Vec<VariantReport> {
    let mut sets: Vec<VariantReport> = Vec::new();
    for (index, variant) in variants.iter().enumerate() {
        let Some(loaded) = &variant.loaded else {
            continue;
        };
        let hits = tally.hits.get(index).map_or(&[][..], Vec::as_slice);
        sets.push(VariantReport {
            label: loaded.label.clone(),
            sampled: variant.sampled,
            failregexes: regexes(loaded, hits),
        });
    }
    let all = sets.iter().flat_map(|set| &set.failregexes);
    let used: HashSet<String> = all.filter(|r| r.hits > 0).map(|r| r.text.clone()).collect();
    for regex in sets.iter_mut().flat_map(|set| &mut set.failregexes) {
        regex.covered = used.contains(&regex.text);
    }
    sets
}

/// Reports what no sample exercises, each regex once.
fn coverage(
    report: &mut FilterReport,
    variants: &[Variant],
    minimum: Option<f64>,
    files: &mut SourceFiles,
) {
    if report.role != Role::Filter {
        return;
    }
    let loaded = variants
        .iter()
        .filter_map(|variant| variant.loaded.as_ref().map(|l| (l, variant)));
    let mut told = HashSet::new();
    for ((loaded, variant), set) in loaded.zip(&report.variants) {
        let from = report.findings.len();
        // without any sample one finding says enough
        for (index, regex) in set
            .failregexes
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.covered)
        {
            let sampled = !report.logs.is_empty();
            if !(variant.sampled && sampled) || !told.insert(regex.text.clone()) {
                continue;
            }
            let compiled = &loaded.filter.failregexes[index];
            let text = compiled.regex.as_str();
            report.findings.push(Finding {
                code: codes::UNCOVERED,
                severity: Severity::Warning,
                message: format!("no sample exercises failregex {}", index + 1),
                subject: loaded.label.clone(),
                excerpts: files.regex(&compiled.source, text, None, ""),
                help: "add a log line it matches to the samples, or drop the regex".into(),
            });
        }
        if variant.sampled {
            report.cases.push(Case {
                kind: CaseKind::Coverage,
                name: format!("{} coverage", loaded.label),
                findings: (from..report.findings.len()).collect(),
            });
        }
    }
    let Some(minimum) = minimum else { return };
    let (covered, all) = match report.coverage() {
        (0, 0) => (
            0,
            report
                .variants
                .iter()
                .map(|v| v.failregexes.len() as u64)
                .sum(),
        ),
        counted => counted,
    };
    let percent = if all == 0 {
        100.0
    } else {
        covered as f64 * 100.0 / all as f64
    };
    let from = report.findings.len();
    if percent + 1e-9 < minimum {
        report.findings.push(Finding {
            code: codes::COVERAGE,
            severity: Severity::Error,
            message: match report.logs.is_empty() {
                true => format!("no sample log: coverage 0 %, at least {minimum} % asked for"),
                false => format!(
                    "samples exercise {covered} of {all} failregexes: {percent:.1} %, at least \
                     {minimum} % asked for"
                ),
            },
            subject: report.name.clone(),
            excerpts: vec![files.excerpt(&report.file, 1, "")],
            help: String::new(),
        });
    }
    report.cases.push(Case {
        kind: CaseKind::Coverage,
        name: format!("{} --coverage-min {minimum}", report.name),
        findings: (from..report.findings.len()).collect(),
    });
}
