//! The check of one filter or jail: every option set loaded, samples run, coverage counted.

use super::codes;
use super::discover::{FilterFile, JailName, sample_log};
use super::expect::Expectations;
use super::finding::{Case, CaseKind, Finding, Severity};
use super::lint;
use super::load::{self, Depth, Known, Loaded, Options, Shared, Target};
use super::place::SourceFiles;
use super::raw::{self, RawFile};
use super::samples::Script;
use super::verify::{self, Tally};
use super::{FilterReport, RegexUse, Request, Role, VariantReport};
use crate::analysis::wording::counted;
use crate::config::Loader;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// An option set of a filter while it is checked.
struct Variant {
    options: Options,
    loaded: Option<Loaded>,
    sampled: bool,
}

/// Checks a filter file.
pub(crate) fn check(target: &FilterFile, request: &Request, shared: &Shared) -> FilterReport {
    let start = Instant::now();
    let mut run = Run {
        target,
        request,
        shared,
        loader: Loader::default(),
        known: Known::default(),
        files: SourceFiles::default(),
        findings: Vec::new(),
        told: (HashSet::new(), 0),
        cases: Vec::new(),
        variants: Vec::new(),
    };
    let mut report = run.check();
    if let Ok(mut known) = shared.known.lock() {
        known.extend(run.known.into_own());
    }
    report.elapsed = start.elapsed();
    report
}

/// The check of one filter under way.
struct Run<'a> {
    target: &'a FilterFile,
    request: &'a Request,
    shared: &'a Shared,
    loader: Loader,
    known: Known,
    files: SourceFiles,
    findings: Vec<Finding>,
    /// What of the findings was said, and where, up to how many of them.
    told: (HashSet<(String, Option<u32>)>, usize),
    cases: Vec<Case>,
    variants: Vec<Variant>,
}

impl Run<'_> {
    fn check(&mut self) -> FilterReport {
        let name = self.target.name.clone();
        let log = sample_log(&self.request.samples, &name);
        let mut script = match &log {
            Some(log) => Script::read(&name, log, &mut self.findings),
            None => Script::default(),
        };
        let expectations = self.expectations(&script);
        if expectations.is_some() && !script.is_annotated() {
            // a plain log is what the expectations were written from
            script = Script::default();
        }
        for variant in &script.variants {
            self.load(variant.options.clone(), true);
        }
        let sampled = script.variants.len();
        let sets = expectations
            .as_ref()
            .map_or_else(Vec::new, |e| e.option_sets());
        for options in sets {
            self.load(options, true);
        }
        let raw = self.load_others();
        let loaded: Vec<Option<&Loaded>> = self
            .variants
            .iter()
            .take(sampled)
            .map(|v| v.loaded.as_ref())
            .collect();
        let mut tally = verify::verify(
            &script,
            &loaded,
            &self.request.clock,
            &mut self.files,
            &mut self.findings,
            &mut self.cases,
        );
        tally.hits.resize(self.variants.len(), Vec::new());
        let mut logs = script.files.clone();
        if let Some(mut expectations) = expectations {
            logs.push(expectations.path.clone());
            self.expect(&mut expectations, &mut tally);
        }
        // a file there to be included may refer to what the including file sets
        let unloadable = self.variants.iter().any(|v| v.loaded.is_none());
        let is_include = self.target.included && logs.is_empty() && unloadable
            || self.variants.iter().all(|v| {
                v.loaded
                    .as_ref()
                    .is_some_and(|l| l.failregexes.is_empty() && l.sound)
            });
        if is_include
            && self
                .findings
                .iter()
                .all(|finding| finding.code == codes::CONFIG)
        {
            self.findings.clear();
            self.cases.clear();
        } else if self.request.lint {
            self.lint(&raw, &script);
        }
        let mut report = FilterReport {
            name,
            file: self.target.path.clone(),
            role: if is_include {
                Role::Include
            } else {
                Role::Filter
            },
            variants: uses(&self.variants, &tally),
            logs,
            annotated: tally.annotated,
            plain: tally.plain,
            verdicts: tally.verdicts,
            skipped: tally.skipped,
            findings: std::mem::take(&mut self.findings),
            cases: std::mem::take(&mut self.cases),
            elapsed: std::time::Duration::ZERO,
        };
        coverage(
            &mut report,
            &self.variants,
            &raw,
            self.request.coverage_min,
            &mut self.files,
        );
        report
    }

    /// Reads an option set, unless it is there already.
    fn load(&mut self, options: Options, sampled: bool) {
        if self
            .variants
            .iter()
            .any(|v| v.options == options && v.sampled == sampled)
        {
            return;
        }
        let before = self.findings.len();
        let named = (self.target.name.as_str(), options.as_slice());
        let target = Target::Filter(&self.target.path);
        // at least one option set is there as a whole, for rules that look at all regexes
        let whole = sampled || self.variants.is_empty();
        let depth = match whole {
            true => Depth::Whole,
            false => Depth::News(&mut self.known),
        };
        let with = (depth, self.shared);
        let loaded = load::load(
            &self.loader,
            target,
            named,
            with,
            &mut self.files,
            &mut self.findings,
        );
        if let Some(loaded) = &loaded
            && whole
        {
            self.known.add(loaded);
        }
        // a fault of the filter itself is found with every option set: said once
        let said = |f: &Finding| (f.message.clone(), f.place().map(|p| p.1));
        let known = self.findings[self.told.1..before].iter().map(said);
        self.told.0.extend(known);
        self.told.1 = before;
        let told = &self.told.0;
        let fresh = self.findings.split_off(before);
        self.findings
            .extend(fresh.into_iter().filter(|f| !told.contains(&said(f))));
        self.cases.push(Case {
            kind: CaseKind::Load,
            name: load::label(named.0, named.1),
            findings: (before..self.findings.len()).collect(),
        });
        self.variants.push(Variant {
            options,
            loaded,
            sampled,
        });
    }

    /// Reads the option sets the files know, beside those of the samples.
    fn load_others(&mut self) -> Vec<RawFile> {
        if !self
            .variants
            .iter()
            .any(|variant| variant.options.is_empty())
        {
            self.load(Options::new(), false);
        }
        let read = self
            .variants
            .iter()
            .find_map(|variant| variant.loaded.as_ref());
        let read: Vec<PathBuf> = match read {
            Some(loaded) => loaded.source.files.clone(),
            None => vec![self.target.path.clone()],
        };
        let raw: Vec<RawFile> = read.iter().map(|file| RawFile::read(file)).collect();
        for options in raw::option_sets(&raw) {
            if !self
                .variants
                .iter()
                .any(|variant| variant.options == options)
            {
                self.load(options, false);
            }
        }
        raw
    }

    /// The expectation file of the filter; with `--update` made from a plain log.
    fn expectations(&mut self, script: &Script) -> Option<Expectations> {
        if let Some(path) = Expectations::beside(&self.target.path) {
            return Expectations::read(&path, &self.target.name, &mut self.findings);
        }
        if !self.request.update || script.steps.is_empty() || script.is_annotated() {
            return None;
        }
        let lines = script.steps.iter().map(|step| step.text.as_str());
        Some(Expectations::of_lines(&self.target.path, lines))
    }

    fn expect(&mut self, expectations: &mut Expectations, tally: &mut Tally) {
        let sets: Vec<(Options, Option<&Loaded>)> = self
            .variants
            .iter()
            .filter(|variant| variant.sampled)
            .map(|variant| (variant.options.clone(), variant.loaded.as_ref()))
            .collect();
        if self.request.update
            && let Err(message) = expectations.update(&sets, &self.request.clock)
        {
            self.findings.push(Finding {
                code: codes::EXPECTATION,
                severity: Severity::Error,
                message,
                subject: self.target.name.clone(),
                excerpts: Vec::new(),
                help: String::new(),
            });
        }
        let clock = &self.request.clock;
        let before = self.cases.len();
        let hits = expectations.verify(&sets, clock, &mut self.findings, &mut self.cases);
        tally.verdicts += (self.cases.len() - before) as u64;
        tally.annotated += (self.cases.len() - before) as u64;
        let sampled = (0..self.variants.len()).filter(|index| self.variants[*index].sampled);
        for (index, hits) in sampled.zip(hits) {
            let sum = &mut tally.hits[index];
            sum.resize(sum.len().max(hits.len()), 0);
            sum.iter_mut()
                .zip(hits)
                .for_each(|(sum, hits)| *sum += hits);
        }
    }

    fn lint(&mut self, raw: &[RawFile], script: &Script) {
        let dated = script
            .steps
            .iter()
            .filter(|step| step.expected.matched && step.runs.iter().any(|run| !run.journal));
        // what an included file offers beside, is not this filter's to answer for
        let own: Vec<RawFile> = vec![RawFile::read(&self.target.path)];
        let keys = raw::option_keys(&own);
        let own = self.variants.iter().filter(|variant| {
            variant.sampled || variant.options.iter().all(|(name, _)| keys.contains(name))
        });
        let input = lint::Input {
            name: &self.target.name,
            path: &self.target.path,
            raw,
            sets: own.filter_map(|v| v.loaded.as_ref()).collect(),
            lines: dated.map(|step| step.text.as_str()).collect(),
            default_dates: self.shared.detectors.default_templates(),
            python: self.request.python,
        };
        lint::lint(input, &mut self.files, &mut self.findings, &mut self.cases);
    }
}

/// Checks that a jail, its filter and options can be read.
pub(crate) fn check_jail(
    target: &JailName,
    loader: &Loader,
    shared: &Shared,
    known: &Arc<HashSet<String>>,
) -> FilterReport {
    let start = Instant::now();
    let mut files = SourceFiles::default();
    let mut findings = Vec::new();
    let jail = Target::Jail(&target.config, &target.name);
    let named = (target.name.as_str(), [].as_slice());
    let mut known = Known::on_top_of(known);
    let with = (Depth::News(&mut known), shared);
    let loaded = load::load(loader, jail, named, with, &mut files, &mut findings);
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
    raw: &[RawFile],
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
            if !(variant.sampled && sampled && told.insert(regex.text.clone())) {
                continue;
            }
            // an option set with a fault lacks regexes
            let Some(compiled) = loaded.filter.failregexes.get(index) else {
                continue;
            };
            let text = compiled.regex.as_str();
            let finding = Finding {
                code: codes::UNCOVERED,
                severity: Severity::Warning,
                message: format!("no sample exercises failregex {}", index + 1),
                subject: loaded.label.clone(),
                excerpts: files.regex(&compiled.source, text, None, ""),
                help: "add a log line it matches to the samples, or drop the regex".into(),
            };
            if !lint::silenced(&finding, raw) {
                report.findings.push(finding);
            }
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
                    "samples exercise {covered} of {}: {percent:.1} %, at least {minimum} % asked for",
                    counted(all, "failregex", "failregexes")
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
