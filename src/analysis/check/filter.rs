//! The check of one filter: every option set loaded, samples run, coverage counted.

use super::codes;
use super::coverage;
use super::discover::{FilterFile, sample_log};
use super::expect::{Expectations, Updated};
use super::finding::{Case, CaseKind, Finding, Severity};
use super::lint;
use super::load::{self, Loaded, Options, Target, Variant};
use super::place::SourceFiles;
use super::raw::{self, RawFile};
use super::samples::Script;
use super::shared::{Depth, Known, Shared};
use super::structure;
use super::verify::{self, Tally};
use super::{FilterReport, Request, Role};
use crate::config::Loader;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

/// Checks a filter file.
pub(crate) fn check(target: &FilterFile, request: &Request, shared: &Shared) -> FilterReport {
    let start = Instant::now();
    let mut run = Run {
        target,
        request,
        shared,
        loader: Loader::including_from(&shared.elsewhere()),
        known: Known::default(),
        files: SourceFiles::default(),
        findings: Vec::new(),
        told: (HashSet::new(), 0),
        lacks_include: false,
        cases: Vec::new(),
        variants: Vec::new(),
        updated: None,
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
    /// A file that it includes is not there.
    lacks_include: bool,
    cases: Vec<Case>,
    variants: Vec<Variant>,
    updated: Option<Updated>,
}

impl Run<'_> {
    fn check(&mut self) -> FilterReport {
        let name = self.target.name.clone();
        let is_broken = self.is_broken();
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
        let is_include = !is_broken && self.is_include(logs.is_empty());
        if is_include && self.findings.iter().all(|f| f.code == codes::CONFIG) {
            self.findings.clear();
            self.cases.clear();
        } else if self.request.lint {
            self.lint(&raw, &script);
        }
        let role = if is_include {
            Role::Include
        } else {
            Role::Filter
        };
        let mut report = self.report(role, &raw, logs, &tally);
        coverage::report(
            &mut report,
            &self.variants,
            self.request.coverage_min,
            &mut self.files,
        );
        report
    }

    /// All that was found out.
    fn report(
        &mut self,
        role: Role,
        raw: &[RawFile],
        logs: Vec<PathBuf>,
        tally: &Tally,
    ) -> FilterReport {
        FilterReport {
            name: self.target.name.clone(),
            file: self.target.path.clone(),
            role,
            read: raw.iter().map(|file| file.path.clone()).collect(),
            includes_from: {
                let files = raw.iter().map(|file| file.path.as_path());
                self.shared.includes_from(&self.target.path, files)
            },
            variants: coverage::uses(&self.variants, tally),
            logs,
            annotated: tally.annotated,
            plain: tally.plain,
            verdicts: tally.verdicts,
            skipped: tally.skipped,
            updated: self.updated.take(),
            findings: std::mem::take(&mut self.findings),
            cases: std::mem::take(&mut self.cases),
            elapsed: std::time::Duration::ZERO,
        }
    }

    /// Whether the file says something in a form that fail2ban never reads.
    fn is_broken(&mut self) -> bool {
        self.findings = {
            let named = (self.target.name.as_str(), self.target.path.as_path());
            structure::of_filter(named, &self.shared.elsewhere(), &mut self.files)
        };
        self.lacks_include = self.findings.iter().any(|f| f.code == codes::INCLUDE);
        if self.findings.is_empty() {
            return false;
        }
        self.cases.push(Case {
            gives: String::new(),
            kind: CaseKind::Load,
            name: format!("{} as it is written", self.target.name),
            findings: (0..self.findings.len()).collect(),
        });
        true
    }

    /// Whether the file is there to be included only. One that is broken is not.
    fn is_include(&mut self, without_samples: bool) -> bool {
        let sets = self.variants.iter().map(|variant| variant.loaded.as_ref());
        // it may refer to what the including file sets
        let unloadable = sets.clone().any(|set| set.is_none());
        if self.target.included && without_samples && unloadable {
            return true;
        }
        let mut loaded = sets;
        if !loaded.all(|set| set.is_some_and(|set| set.failregexes.is_empty() && set.sound)) {
            return false;
        }
        let empty = if self.target.included {
            None
        } else {
            let target = self.target;
            structure::without_failregex(&target.name, &target.path, &mut self.files)
        };
        let is_include = empty.is_none();
        self.findings.extend(empty);
        is_include
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
        let depth = if whole {
            Depth::Whole
        } else {
            Depth::News(&mut self.known)
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
            self.known.add(&loaded.keys);
        }
        // a fault of the filter itself is found with every option set: said once
        let said = |f: &Finding| (f.message.clone(), f.place().map(|p| p.1));
        let known = self.findings[self.told.1..before].iter().map(said);
        self.told.0.extend(known);
        self.told.1 = before;
        let told = &self.told.0;
        let mut fresh = self.findings.split_off(before);
        // what an include that is not there would have set
        fresh.retain(|f| !(self.lacks_include && load::is_unknown_reference(f)));
        fresh.retain(|f| !told.contains(&said(f)));
        self.findings.extend(fresh);
        self.cases.push(Case {
            gives: String::new(),
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
        let declared = self.declared().to_vec();
        for options in raw::option_sets(&raw).into_iter().chain(declared) {
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

    /// The option sets that were asked for by name.
    fn declared(&self) -> &[Options] {
        let sets = self.request.option_sets.get(&self.target.name);
        sets.map_or(&[], Vec::as_slice)
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
        let updated = if self.request.update {
            expectations.update(&sets, &self.request.clock)
        } else {
            Ok(None)
        };
        match updated {
            Ok(updated) => self.updated = updated,
            Err(message) => self.findings.push(Finding {
                fix: None,
                code: codes::EXPECTATION,
                severity: Severity::Error,
                message,
                subject: self.target.name.clone(),
                excerpts: Vec::new(),
                help: String::new(),
            }),
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
            variant.sampled
                || self.declared().contains(&variant.options)
                || variant.options.iter().all(|(name, _)| keys.contains(name))
        });
        let input = lint::Input {
            name: &self.target.name,
            path: &self.target.path,
            raw,
            sets: own.filter_map(|v| v.loaded.as_ref()).collect(),
            lines: dated.map(|step| step.text.as_str()).collect(),
            default_dates: self.shared.detectors.default_templates(),
            python: self.request.python,
            selection: &self.request.selection,
        };
        lint::lint(input, &mut self.files, &mut self.findings, &mut self.cases);
    }
}
