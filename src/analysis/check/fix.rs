//! Changes of the files that findings bring along. One is made only if every sample gives what it
//! gave, the file still loads, and the finding is gone.

use super::discover::{self, Targets, shown};
use super::finding::{Applicability, CaseKind, Finding, Fix};
use super::trial::Trial;
use super::{FilterReport, MOST_CHECKED, Report, Request, Role};
use crate::files;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Rounds of changes of one file: a change can lay open what more there is to change.
const MOST_ROUNDS: usize = 50;

/// A file with its changes.
#[derive(Clone, Debug)]
pub(crate) struct FixedFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its text.
    pub(crate) before: String,
    /// Its text with the changes.
    pub(crate) after: String,
    /// Changes made.
    pub(crate) made: u64,
    /// Changes not made, since a sample would give otherwise or the finding would stay.
    pub(crate) refused: u64,
    /// Changes not made, since they are not sure.
    pub(crate) not_sure: u64,
}

/// Works out the changes of all files of a report. Nothing is written.
pub(crate) fn fix(report: &Report, request: &Request, with_unsafe: bool) -> Vec<FixedFile> {
    let own: HashSet<PathBuf> = report.filters.iter().flat_map(own_files).collect();
    let with_fix = report.findings().filter(|finding| finding.fix.is_some());
    let files = with_fix.filter_map(|finding| Some(finding.place()?.0.to_path_buf()));
    let files = files.map(|file| shown(&file).to_path_buf());
    let files: BTreeSet<PathBuf> = files.filter(|file| own.contains(file)).collect();
    let fixed = files.iter().filter_map(|file| {
        let mut work = FileWork::new(file, report, request, with_unsafe)?;
        work.run();
        Some(work.fixed)
    });
    fixed.collect()
}

/// The files that are a report's own, not included ones.
fn own_files(report: &FilterReport) -> Vec<PathBuf> {
    let files = match report.role {
        Role::Jail => discover::jail_files(report.file.parent().unwrap_or(Path::new("."))),
        _ => vec![report.file.clone(), report.file.with_extension("local")],
    };
    files.iter().map(|file| shown(file).to_path_buf()).collect()
}

/// The changes of one file under way.
struct FileWork<'a> {
    request: &'a Request,
    with_unsafe: bool,
    trial: Trial,
    targets: Targets,
    fixed: FixedFile,
    reports: Vec<FilterReport>,
    refused: HashSet<(String, &'static str)>,
}

impl<'a> FileWork<'a> {
    fn new(
        file: &Path,
        report: &Report,
        request: &'a Request,
        with_unsafe: bool,
    ) -> Option<FileWork<'a>> {
        let bytes = files::read_regular(file, MOST_CHECKED).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let trial = Trial::new(file, &text).ok()?;
        let targets = affected(file, report, &trial)?;
        let reports = trial.check_targets(&targets, request);
        Some(FileWork {
            request,
            with_unsafe,
            trial,
            targets,
            fixed: FixedFile {
                path: file.to_path_buf(),
                before: text.clone(),
                after: text,
                made: 0,
                refused: 0,
                not_sure: 0,
            },
            reports,
            refused: HashSet::new(),
        })
    }

    fn run(&mut self) {
        for _ in 0..MOST_ROUNDS {
            let open = self.open();
            if open.is_empty() {
                break;
            }
            let all: Vec<&Finding> = open.iter().collect();
            if open.len() > 1 && self.try_these(&all) {
                continue;
            }
            // one at a time; the places of the others may have moved then
            let first = &open[0];
            if !self.try_these(&[first]) {
                self.refused.insert(self.name_of(first));
            }
        }
        self.fixed.refused = self.refused.len() as u64;
        let left = self.findings().filter(|finding| {
            let fix = finding.fix.as_ref();
            let is_offered = fix.is_some_and(|fix| match fix.applicability {
                Applicability::OnlyExercised => self.is_exercised(finding),
                _ => true,
            });
            is_offered && !self.refused.contains(&self.name_of(finding))
        });
        self.fixed.not_sure = left.count() as u64;
    }

    /// Findings of the file that bring a change.
    fn findings(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.reports.iter().flat_map(|report| &report.findings);
        findings.filter(|finding| {
            finding
                .place()
                .is_some_and(|(file, _)| file == self.trial.file())
        })
    }

    /// Findings whose change is to be tried.
    fn open(&self) -> Vec<Finding> {
        let mut lines = HashSet::new();
        let wanted = self.findings().filter(|finding| {
            let Some(fix) = &finding.fix else {
                return false;
            };
            self.is_made(fix, finding) && !self.refused.contains(&self.name_of(finding))
        });
        // one change a line and round
        let lines = wanted.filter(|finding| {
            let line = finding.fix.as_ref().map(|fix| fix.line);
            lines.insert(line)
        });
        lines.cloned().collect()
    }

    /// Whether a change may be made, if the samples give the same with it.
    fn is_made(&self, fix: &Fix, finding: &Finding) -> bool {
        match fix.applicability {
            Applicability::Safe => true,
            Applicability::IfExercised => self.with_unsafe || self.is_exercised(finding),
            Applicability::OnlyExercised => self.is_exercised(finding),
            Applicability::Unsafe => self.with_unsafe,
        }
    }

    /// Whether a sample is matched by the failregex that a finding is about.
    fn is_exercised(&self, finding: &Finding) -> bool {
        let Some((file, line)) = finding.place() else {
            return false;
        };
        let sets = self.reports.iter().flat_map(|report| &report.variants);
        let mut regexes = sets.flat_map(|set| &set.failregexes);
        regexes.any(|regex| {
            let is_there = |place: &(PathBuf, u32)| place.0 == file && place.1 == line;
            regex.hits > 0 && regex.place.as_ref().is_some_and(is_there)
        })
    }

    /// What a finding is known by while lines move.
    fn name_of(&self, finding: &Finding) -> (String, &'static str) {
        let text = finding.excerpts.first().map(|excerpt| excerpt.text.clone());
        (text.unwrap_or_default(), finding.code)
    }

    /// Makes the changes if nothing speaks against them.
    fn try_these(&mut self, findings: &[&Finding]) -> bool {
        let fixes: Vec<&Fix> = findings.iter().filter_map(|f| f.fix.as_ref()).collect();
        let Some(text) = changed(&self.fixed.after, &fixes) else {
            return false;
        };
        let checked = self.trial.write(&text).map(|()| {
            let reports = self.trial.check_targets(&self.targets, self.request);
            let is_good = !findings.iter().any(|finding| is_there(&reports, finding))
                && gives_the_same(&self.reports, &reports);
            is_good.then_some(reports)
        });
        let Ok(Some(reports)) = checked else {
            let _ = self.trial.write(&self.fixed.after);
            return false;
        };
        self.reports = reports;
        self.fixed.after = text;
        self.fixed.made += findings.len() as u64;
        true
    }
}

/// What is checked again when a file changes: the filters that were read from it, or the jails.
/// None where one of them is elsewhere.
fn affected(file: &Path, report: &Report, trial: &Trial) -> Option<Targets> {
    let mut targets = Targets::default();
    let is_jail = |report: &&FilterReport| {
        report.role == Role::Jail && own_files(report).iter().any(|own| own == file)
    };
    if let Some(jail) = report.filters.iter().find(is_jail) {
        let config = trial.of(&jail.file)?;
        targets.jails = discover::jails(config.parent()?);
        return Some(targets);
    }
    let local = file.with_extension("conf");
    for filter in report
        .filters
        .iter()
        .filter(|report| report.role != Role::Jail)
    {
        let own = shown(&filter.file);
        let reads = own == file || own == local;
        if !reads && !filter.read.iter().any(|read| shown(read) == file) {
            continue;
        }
        let path = trial.of(&filter.file)?;
        let known = discover::filters(path.parent()?).ok()?;
        targets
            .filters
            .push(known.into_iter().find(|filter| filter.path == path)?);
    }
    (!targets.filters.is_empty()).then_some(targets)
}

/// Whether there is a finding of the same kind in the same place.
fn is_there(reports: &[FilterReport], finding: &Finding) -> bool {
    let findings = reports.iter().flat_map(|report| &report.findings);
    let start = |finding: &Finding| finding.columns().map(|(start, _)| start);
    let mut same = findings.filter(|other| other.code == finding.code);
    same.any(|other| other.place() == finding.place() && start(other) == start(finding))
}

/// Whether every sample that gave what it must gives the same again, and no more faults are there.
fn gives_the_same(before: &[FilterReport], after: &[FilterReport]) -> bool {
    let faults = |reports: &[FilterReport]| {
        let findings = reports.iter().flat_map(|report| &report.findings);
        findings.filter(|f| f.code.starts_with('F')).count()
    };
    let results: HashMap<(&str, &str), (&str, bool)> = results(after).collect();
    faults(after) <= faults(before)
        && results_that_count(before).all(|(name, gives)| {
            results
                .get(&name)
                .is_some_and(|(now, is_right)| *now == gives && *is_right)
        })
}

type Named<'r> = ((&'r str, &'r str), (&'r str, bool));

/// What each sample line gives, and whether that is what it must give.
fn results(reports: &[FilterReport]) -> impl Iterator<Item = Named<'_>> {
    reports.iter().flat_map(|report| {
        let cases = report.cases.iter();
        let lines =
            cases.filter(|case| matches!(case.kind, CaseKind::Sample | CaseKind::Expectation));
        lines.map(|case| {
            let name = (report.name.as_str(), case.name.as_str());
            (name, (case.gives.as_str(), case.findings.is_empty()))
        })
    })
}

fn results_that_count(reports: &[FilterReport]) -> impl Iterator<Item = ((&str, &str), &str)> {
    let right = results(reports).filter(|(_, (_, is_right))| *is_right);
    right.map(|(name, (gives, _))| (name, gives))
}

/// A text with changes in different lines; None where one does not fit.
fn changed(text: &str, fixes: &[&Fix]) -> Option<String> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    for fix in fixes {
        let line = lines.get_mut((fix.line as usize).checked_sub(1)?)?;
        line.get(fix.span.clone())?;
        line.replace_range(fix.span.clone(), &fix.text);
    }
    Some(lines.join("\n"))
}
