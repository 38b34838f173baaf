//! The report as a page: the findings in their source, and what samples exercise of each filter.

use super::json;
use super::style::{Style, path_text, verdict};
use crate::analysis::check::{Excerpt, FilterReport, Finding, Report, Role, Severity};
use crate::report::Format;
use crate::report::html::{self, Segment, excerpt, filters};
use crate::report::text::{counted, fit, grouped};
use askama::Template;
use std::cmp::Reverse;
use std::io::{self, Write};
use std::path::Path;

/// Columns of a regex in a list.
const REGEX: usize = 600;

/// See the module.
pub(crate) struct Html(pub(super) Style);

impl Format<Report> for Html {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let mut object = json::object(report, self.0);
        // two pages of the same filters are the same, byte for byte
        object["elapsed_seconds"] = 0.0.into();
        let (data, has_data) = html::data_that_fits(&object)?;
        html::write(&Page::of(report, self.0, data, has_data), out)
    }
}

#[derive(Template)]
#[template(path = "check.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    verdict: &'static str,
    class: &'static str,
    errors: usize,
    warnings: usize,
    notes: usize,
    tests: u64,
    coverage: String,
    shares: String,
    baseline: String,
    filters: Vec<Filter<'a>>,
    /// What their files are in.
    directory: String,
    /// Those with findings, most severe first.
    told: Vec<Told<'a>>,
    /// Those whose failregexes samples were tried on.
    covered: Vec<Covered<'a>>,
}

struct Filter<'a> {
    name: &'a str,
    /// Where its findings and its coverage stand on the page; 0: it has none.
    told: usize,
    covered: usize,
    file: String,
    what: &'static str,
    lines: u64,
    tests: u64,
    regexes: String,
    bar: String,
    share: u64,
    errors: usize,
    warnings: usize,
    notes: usize,
}

struct Told<'a> {
    name: &'a str,
    findings: Vec<Shown<'a>>,
}

struct Shown<'a> {
    code: &'a str,
    severity: &'static str,
    class: &'static str,
    message: String,
    excerpts: Vec<Source<'a>>,
    help: &'a str,
}

struct Source<'a> {
    title: &'a str,
    place: String,
    pieces: Vec<Segment>,
    label: &'a str,
}

struct Covered<'a> {
    name: &'a str,
    said: String,
    sets: Vec<Set<'a>>,
}

struct Set<'a> {
    label: &'a str,
    regexes: Vec<Regex>,
}

struct Regex {
    number: usize,
    covered: bool,
    hits: u64,
    place: String,
    text: String,
}

impl<'a> Page<'a> {
    fn of(report: &'a Report, style: Style, data: String, has_data: bool) -> Page<'a> {
        let (covered, all) = report.coverage();
        let mut told: Vec<(usize, Told)> = Vec::new();
        let mut lists: Vec<(usize, Covered)> = Vec::new();
        for (at, filter) in report.filters.iter().enumerate() {
            if !filter.findings.is_empty() {
                told.push((at, Told::of(filter)));
            }
            lists.extend(Covered::of(filter).map(|list| (at, list)));
        }
        let place = |at: usize, mut all: &mut dyn Iterator<Item = usize>| {
            Iterator::position(&mut all, |known| known == at).map_or(0, |place| place + 1)
        };
        let directory = directory(report.filters.iter().map(|filter| filter.file.as_path()));
        let filters = report.filters.iter().enumerate().map(|(at, filter)| {
            let told = place(at, &mut told.iter().map(|(at, _)| *at));
            let covered = place(at, &mut lists.iter().map(|(at, _)| *at));
            Filter::of(filter, directory, told, covered)
        });
        let mut filters: Vec<Filter> = filters.collect();
        filters.sort_by_key(|filter| Reverse((filter.errors, filter.warnings, filter.notes)));
        let verdict = verdict(report, style);
        Page {
            data,
            has_data,
            verdict,
            class: if verdict == "passed" { "good" } else { "bad" },
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            notes: report.count(Severity::Note),
            tests: report.filters.iter().map(|filter| filter.verdicts).sum(),
            coverage: format!(
                "Samples exercise {} of {}.",
                grouped(covered),
                counted(all, "failregex", "failregexes")
            ),
            shares: html::share(&[(covered, "f-good"), (all - covered, "f-none")]),
            baseline: report.baseline.as_ref().map_or(String::new(), |baseline| {
                format!(
                    "Baseline {}: {} known, {} gone.",
                    path_text(&baseline.path),
                    counted(baseline.known, "finding", "findings"),
                    grouped(baseline.gone)
                )
            }),
            filters,
            directory: path_text(directory),
            told: told.into_iter().map(|(_, told)| told).collect(),
            covered: lists.into_iter().map(|(_, list)| list).collect(),
        }
    }
}

/// The directory that all these files are in; empty if there is none but the root.
fn directory<'p>(files: impl Iterator<Item = &'p Path>) -> &'p Path {
    let directories = files.filter_map(Path::parent);
    let common = directories.reduce(|one, other| {
        let mut above = one.ancestors();
        (above.find(|above| other.starts_with(above))).unwrap_or(Path::new(""))
    });
    common
        .filter(|common| common.parent().is_some())
        .unwrap_or(Path::new(""))
}

impl<'a> Filter<'a> {
    fn of(filter: &'a FilterReport, directory: &Path, told: usize, listed: usize) -> Filter<'a> {
        let (covered, all) = filter.coverage();
        let count = |severity: Severity| {
            let findings = filter.findings.iter();
            findings
                .filter(|finding| finding.severity == severity)
                .count()
        };
        Filter {
            name: &filter.name,
            told,
            covered: listed,
            file: path_text(filter.file.strip_prefix(directory).unwrap_or(&filter.file)),
            what: match filter.role {
                Role::Filter if filter.logs.is_empty() => "no samples",
                Role::Filter => "filter",
                Role::Include => "to be included",
                Role::Jail => "jail",
            },
            lines: filter.annotated + filter.plain,
            tests: filter.verdicts,
            regexes: match all {
                0 => String::new(),
                _ => format!("{} of {}", grouped(covered), grouped(all)),
            },
            bar: match all {
                0 => String::new(),
                _ => html::bar(covered, all, "f-good"),
            },
            share: (covered * 1000).checked_div(all).unwrap_or(0),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }
}

impl<'a> Told<'a> {
    fn of(filter: &'a FilterReport) -> Told<'a> {
        let mut findings: Vec<&Finding> = filter.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        Told {
            name: &filter.name,
            findings: findings.into_iter().map(Shown::of).collect(),
        }
    }
}

impl<'a> Shown<'a> {
    fn of(finding: &'a Finding) -> Shown<'a> {
        Shown {
            code: finding.code,
            severity: finding.severity.name(),
            class: match finding.severity {
                Severity::Error => "bad",
                Severity::Warning => "warn",
                Severity::Note => "",
            },
            message: format!("{}: {}", finding.subject, finding.message),
            excerpts: finding.excerpts.iter().map(Source::of).collect(),
            help: &finding.help,
        }
    }
}

impl<'a> Source<'a> {
    fn of(source: &'a Excerpt) -> Source<'a> {
        let file = source.file.as_deref().map(path_text);
        Source {
            title: &source.title,
            place: match (file, source.line) {
                (Some(file), Some(line)) => format!("{file}:{line}"),
                (Some(file), None) => file,
                _ => String::new(),
            },
            pieces: excerpt(&source.text, source.span.clone(), "m-stop", "here"),
            label: &source.label,
        }
    }
}

impl<'a> Covered<'a> {
    /// None where no sample was tried on it.
    fn of(filter: &'a FilterReport) -> Option<Covered<'a>> {
        let (covered, all) = filter.coverage();
        if all == 0 {
            return None;
        }
        let sampled = filter.variants.iter().filter(|set| set.sampled);
        let sets = sampled.map(|set| Set {
            label: &set.label,
            regexes: (set.failregexes.iter().enumerate())
                .map(|(index, regex)| Regex {
                    number: index + 1,
                    covered: regex.covered,
                    hits: regex.hits,
                    place: (regex.place.as_ref()).map_or(String::new(), |(file, line)| {
                        let name = file.file_name().unwrap_or(file.as_os_str());
                        format!("{}:{line}", name.display())
                    }),
                    text: fit(&regex.text, REGEX),
                })
                .collect(),
        });
        Some(Covered {
            name: &filter.name,
            said: format!("{} of {}", grouped(covered), grouped(all)),
            sets: sets.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_directory_in_common_that_all_are_in() {
        fn of(files: &[&'static str]) -> &'static Path {
            directory(files.iter().map(|file| Path::new(*file)))
        }
        let config = [
            "etc/filter.d/a.conf",
            "etc/jail.conf",
            "etc/filter.d/b.conf",
        ];
        assert_eq!(of(&config), Path::new("etc"));
        assert_eq!(of(&config[..1]), Path::new("etc/filter.d"));
        for none in [
            &["/a.conf", "/etc/b.conf"][..],
            &["a.conf", "x/b.conf"],
            &[],
        ] {
            assert_eq!(of(none), Path::new(""));
        }
    }
}
