//! Which failregexes the samples exercise, and whether that is enough.

use super::codes;
use super::finding::{Case, CaseKind, Finding, Severity};
use super::load::{Loaded, Variant};
use super::place::SourceFiles;
use super::verify::Tally;
use super::{FilterReport, RegexUse, Role, VariantReport};
use crate::analysis::wording::counted;
use std::collections::HashSet;

/// The failregexes of an option set, with how often each matched.
pub(super) fn regexes(loaded: &Loaded, hits: &[u64]) -> Vec<RegexUse> {
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
pub(super) fn uses(variants: &[Variant], tally: &Tally) -> Vec<VariantReport> {
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
pub(super) fn report(
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
        let is_sampled = variant.sampled && !report.logs.is_empty();
        for (index, regex) in set.failregexes.iter().enumerate() {
            if regex.covered || !is_sampled || !told.insert(regex.text.clone()) {
                continue;
            }
            // an option set with a fault lacks regexes
            let Some(compiled) = loaded.filter.failregexes.get(index) else {
                continue;
            };
            let text = compiled.regex.as_str();
            report.findings.push(Finding {
                fix: None,
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
                gives: String::new(),
                kind: CaseKind::Coverage,
                name: format!("{} coverage", loaded.label),
                findings: (from..report.findings.len()).collect(),
            });
        }
    }
    if let Some(minimum) = minimum {
        check_minimum(report, minimum, files);
    }
}

/// Reports a coverage that is below the minimum, in percent.
fn check_minimum(report: &mut FilterReport, minimum: f64, files: &mut SourceFiles) {
    let (covered, all) = match report.coverage() {
        (0, 0) => {
            let sets = report.variants.iter();
            (0, sets.map(|set| set.failregexes.len() as u64).sum())
        }
        counted => counted,
    };
    let percent = if all == 0 {
        100.0
    } else {
        covered as f64 * 100.0 / all as f64
    };
    let from = report.findings.len();
    if percent + 1e-9 < minimum {
        let what = if report.logs.is_empty() {
            "no sample log: coverage 0 %".to_owned()
        } else {
            let all = counted(all, "failregex", "failregexes");
            format!("samples exercise {covered} of {all}: {percent:.1} %")
        };
        report.findings.push(Finding {
            fix: None,
            code: codes::COVERAGE,
            severity: Severity::Error,
            message: format!("{what}, at least {minimum} % asked for"),
            subject: report.name.clone(),
            excerpts: vec![files.excerpt(&report.file, 1, "")],
            help: String::new(),
        });
    }
    report.cases.push(Case {
        gives: String::new(),
        kind: CaseKind::Coverage,
        name: format!("{} --coverage-min {minimum}", report.name),
        findings: (from..report.findings.len()).collect(),
    });
}
