//! Findings that were there when a baseline was written: they do not fail a check. One is known
//! again by its file, its code and the text of its line, so that it may move; what is gone is told,
//! so that the file shrinks.

use super::codes;
use super::discover::{jail_files, shown};
use super::finding::{Case, CaseKind, Excerpt, Finding, Severity};
use super::{FilterReport, Report, Request, Role};
use crate::analysis::wording::counted;
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Bytes a baseline may have.
const MOST_BYTES: u64 = 64 << 20;

/// The version of the form.
const VERSION: u32 = 1;

/// What makes a finding the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    /// The path below the directory of the baseline.
    file: String,
    code: String,
    /// The line, without the blanks around it.
    text: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    code: String,
    text: String,
    count: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    findings: Vec<Entry>,
}

/// A baseline file.
#[derive(Clone, Debug)]
pub(crate) struct Baseline {
    path: PathBuf,
    known: BTreeMap<Key, u64>,
    lines: Vec<String>,
}

/// What became of a baseline in a check.
#[derive(Clone, Debug)]
pub(crate) struct BaselineUse {
    /// The file.
    pub(crate) path: PathBuf,
    /// Findings that were known.
    pub(crate) known: u64,
    /// Findings of it that are gone.
    pub(crate) gone: u64,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or understood: file, line, and what is wrong.
    pub(crate) fn read(path: &Path) -> Result<Baseline, String> {
        let name = path.display();
        let bytes = files::read_regular(path, MOST_BYTES).map_err(|error| {
            let hint = match error.kind() {
                std::io::ErrorKind::NotFound => "; --update-baseline writes it",
                _ => "",
            };
            format!("--baseline {name}: {error}{hint}")
        })?;
        let content: Content = serde_json::from_slice(&bytes)
            .map_err(|error| format!("{name}:{}: no baseline: {error}", error.line()))?;
        if content.version != VERSION {
            let version = content.version;
            return Err(format!("{name}: version {version}, expected {VERSION}"));
        }
        let mut baseline = Baseline::empty(path);
        for Entry {
            file,
            code,
            text,
            count,
        } in content.findings
        {
            *baseline.known.entry(Key { file, code, text }).or_default() += count;
        }
        let text = String::from_utf8_lossy(&bytes);
        baseline.lines = text.lines().map(str::to_owned).collect();
        Ok(baseline)
    }

    /// A baseline that knows nothing yet.
    pub(crate) fn empty(path: &Path) -> Baseline {
        Baseline {
            path: path.to_path_buf(),
            known: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    /// Takes the findings it knows out of a report, and tells of those that are gone.
    pub(crate) fn apply(&self, report: &mut Report, request: &Request) {
        let mut left = self.known.clone();
        let mut known = 0;
        let directory = self.directory();
        for filter in &mut report.filters {
            filter.keep(|finding| {
                let key = key(finding, &directory);
                let Some(count) = left.get_mut(&key).filter(|count| **count > 0) else {
                    return true;
                };
                *count -= 1;
                known += 1;
                false
            });
        }
        let checked = Checked::of(report, request, directory);
        left.retain(|key, count| *count > 0 && checked.has(key));
        let gone = left.values().sum();
        if let Some(first) = report.filters.first_mut().filter(|_| gone > 0) {
            self.tell_gone(&left, first);
        }
        report.baseline = Some(BaselineUse {
            path: self.path.clone(),
            known,
            gone,
        });
    }

    /// Writes the findings of a report into the file; those of files that were not checked stay.
    /// What was written, in words.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub(crate) fn update(&self, report: &Report, request: &Request) -> Result<String, String> {
        let directory = self.directory();
        let mut known: BTreeMap<Key, u64> = self.known.clone();
        let checked = Checked::of(report, request, directory.clone());
        known.retain(|key, _| !checked.has(key));
        let findings = report.findings().filter(|f| f.severity != Severity::Note);
        for finding in findings {
            *known.entry(key(finding, &directory)).or_default() += 1;
        }
        let mut text = format!("{{\n  \"version\": {VERSION},\n  \"findings\": [");
        for (number, (key, count)) in known.iter().enumerate() {
            let entry = Entry {
                file: key.file.clone(),
                code: key.code.clone(),
                text: key.text.clone(),
                count: *count,
            };
            let entry = serde_json::to_string(&entry).map_err(|error| error.to_string())?;
            let comma = if number == 0 { "" } else { "," };
            text += &format!("{comma}\n    {entry}");
        }
        text += "\n  ]\n}\n";
        let name = self.path.display();
        files::replace(&self.path, text.as_bytes())
            .map_err(|error| format!("{name}: cannot be written: {error}"))?;
        let more = |now: &BTreeMap<Key, u64>, before: &BTreeMap<Key, u64>| -> u64 {
            let grown = now
                .iter()
                .map(|(key, count)| count.saturating_sub(before.get(key).copied().unwrap_or(0)));
            grown.sum()
        };
        let all = counted(known.values().sum(), "finding", "findings");
        let (new, gone) = (more(&known, &self.known), more(&self.known, &known));
        Ok(format!("wrote {name}: {all}, {new} new, {gone} gone"))
    }

    fn directory(&self) -> PathBuf {
        let parent = self.path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        parent
            .canonicalize()
            .unwrap_or_else(|_| parent.to_path_buf())
    }

    fn tell_gone(&self, gone: &BTreeMap<Key, u64>, report: &mut FilterReport) {
        let from = report.findings.len();
        for (key, count) in gone {
            let text = serde_json::to_string(&key.text).unwrap_or_default();
            let at = self.lines.iter().position(|line| {
                let has = |part: &str| line.contains(part);
                has(&text) && has(&key.file) && has(&key.code)
            });
            let shown = at.map_or("", |at| self.lines[at].as_str());
            let times = counted(*count, "finding", "findings");
            report.findings.push(Finding {
                fix: None,
                code: codes::GONE,
                severity: Severity::Warning,
                message: format!("{times} {} of {} gone", key.code, key.file),
                subject: "baseline".to_owned(),
                excerpts: vec![Excerpt {
                    file: Some(self.path.clone()),
                    line: at.and_then(|at| u32::try_from(at + 1).ok()),
                    text: shown.trim().to_owned(),
                    span: 0..shown.trim().len(),
                    ..Excerpt::default()
                }],
                help: "--update-baseline takes it out".to_owned(),
            });
        }
        report.cases.push(Case {
            gives: String::new(),
            kind: CaseKind::Baseline,
            name: shown(&self.path).display().to_string(),
            findings: (from..report.findings.len()).collect(),
        });
    }
}

/// What a check looked at.
struct Checked<'r> {
    request: &'r Request,
    directory: PathBuf,
    files: HashSet<String>,
}

impl Checked<'_> {
    fn of<'r>(report: &Report, request: &'r Request, directory: PathBuf) -> Checked<'r> {
        let read = report.filters.iter().flat_map(files_of);
        Checked {
            files: read.map(|file| relative(&file, &directory)).collect(),
            request,
            directory,
        }
    }

    /// Whether the finding was looked for: its file was read, or is gone, and its code counts.
    fn has(&self, key: &Key) -> bool {
        let request = self.request;
        let is_looked_for = request.selection.takes(&key.code)
            && (request.lint || !key.code.starts_with('L'))
            && (request.coverage_min.is_some() || key.code != codes::COVERAGE)
            && (!request.samples.is_empty() || key.code != codes::UNCOVERED);
        let is_gone = || !self.directory.join(&key.file).exists();
        is_looked_for && (self.files.contains(&key.file) || is_gone())
    }
}

/// The files that findings of a report can be in.
fn files_of(report: &FilterReport) -> Vec<PathBuf> {
    let mut files = vec![report.file.clone(), report.file.with_extension("local")];
    files.extend(["yaml", "yml", "toml"].map(|kind| report.file.with_extension(kind)));
    files.extend(report.logs.iter().cloned());
    let places = report.findings.iter().filter_map(Finding::place);
    files.extend(places.map(|(file, _)| file.to_path_buf()));
    let regexes = report.variants.iter().flat_map(|set| &set.failregexes);
    files.extend(regexes.filter_map(|regex| Some(regex.place.as_ref()?.0.clone())));
    if report.role == Role::Jail {
        files.extend(jail_files(report.file.parent().unwrap_or(Path::new("."))));
    }
    files
}

/// A path below a directory, links followed.
fn relative(file: &Path, directory: &Path) -> String {
    let full = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
    let below = full.strip_prefix(directory).unwrap_or(&full);
    below.to_string_lossy().into_owned()
}

fn key(finding: &Finding, directory: &Path) -> Key {
    let place = finding.place();
    let text = match finding.excerpts.first() {
        // it is about the file, whatever its first line is
        _ if finding.code == codes::COVERAGE => finding.subject.clone(),
        Some(excerpt) => excerpt.text.trim().to_owned(),
        None => finding.message.clone(),
    };
    Key {
        file: place.map_or_else(
            || finding.subject.clone(),
            |(file, _)| relative(file, directory),
        ),
        code: finding.code.to_owned(),
        text,
    }
}
