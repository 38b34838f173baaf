//! Findings that do not count: of codes that are not selected, and those a comment
//! `# f2b-regex: ignore CODE` silences. A comment that silences nothing is a finding itself.

use super::code_words;
use super::codes;
use super::discover::{jail_files, shown};
use super::finding::{Case, CaseKind, Finding, Severity};
use super::place::SourceFiles;
use super::raw::{IgnoreComment, RawFile};
use super::selection::Selection;
use super::{FilterReport, Request, Role};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Leaves the findings that count, and adds those about the comments.
pub(super) fn apply(reports: &mut [FilterReport], request: &Request) {
    let mut files = Files::default();
    let selection = &request.selection;
    for report in reports.iter_mut() {
        let own = report.file.clone();
        report.keep(|finding| {
            let file = finding.place().map_or(own.as_path(), |(file, _)| file);
            selection.takes_in(finding.code, file) && !files.silence(finding, &own)
        });
    }
    let mut told: HashSet<PathBuf> = HashSet::new();
    for report in reports {
        if report.role == Role::Jail && !told.insert(report.file.clone()) {
            continue;
        }
        let own = match report.role {
            Role::Jail => jail_files(report.file.parent().unwrap_or(Path::new("."))),
            _ => vec![report.file.clone(), report.file.with_extension("local")],
        };
        for path in own {
            let is_new = report.role == Role::Jail || told.insert(path.clone());
            if path.is_file() && is_new {
                let found = files.useless(&path, report, request);
                let takes = |finding: &Finding| selection.takes_in(finding.code, &path);
                let from = report.findings.len();
                report.findings.extend(found.into_iter().filter(takes));
                if report.findings.len() > from {
                    report.cases.push(Case {
                        gives: String::new(),
                        kind: CaseKind::Comments,
                        name: format!("{} comments", report.name),
                        findings: (from..report.findings.len()).collect(),
                    });
                }
            }
        }
    }
}

/// The comments of the files that findings are in.
#[derive(Default)]
struct Files {
    read: HashMap<PathBuf, Vec<IgnoreComment>>,
    /// File, line and word of what silenced something.
    used: HashSet<(PathBuf, u32, String)>,
}

impl Files {
    fn comments(&mut self, path: &Path) -> &[IgnoreComment] {
        self.read.entry(path.to_path_buf()).or_insert_with(|| {
            // a sample log is no such file, and may be large
            let is_config = path
                .extension()
                .is_some_and(|kind| kind == "conf" || kind == "local");
            if is_config {
                RawFile::read(path).ignore_comments()
            } else {
                Vec::new()
            }
        })
    }

    /// Whether a comment silences the finding of the file `own`.
    fn silence(&mut self, finding: &Finding, own: &Path) -> bool {
        let (file, line) = match finding.place() {
            Some((file, line)) => (shown(file).to_path_buf(), Some(line)),
            None => (shown(own).to_path_buf(), None),
        };
        let comments = self.comments(&file).iter();
        let mut used = Vec::new();
        for comment in comments.filter(|comment| comment.concerns(line)) {
            let words = comment.words.iter();
            let names = |word: &&String| {
                code_words::word(word).is_ok_and(|word| finding.code.starts_with(&word))
            };
            used.extend(words.filter(names).map(|word| (comment.line, word.clone())));
        }
        let is_silenced = !used.is_empty();
        let used = used.into_iter();
        self.used
            .extend(used.map(|(line, word)| (file.clone(), line, word)));
        is_silenced
    }

    /// What is said of a file's comments: codes that are none, and those that silence nothing.
    fn useless(&mut self, path: &Path, report: &FilterReport, request: &Request) -> Vec<Finding> {
        let mut source = SourceFiles::default();
        let mut found = Vec::new();
        // however it was spelled
        let path = shown(path);
        let comments = self.comments(path).to_vec();
        for comment in comments {
            let mut say = |code, part: &str, message: String, help: &str| {
                let mut excerpt = source.excerpt(path, comment.line, "");
                let head = excerpt.text.find("f2b-regex:").unwrap_or(0);
                if let Some(at) = excerpt.text[head..].find(part).filter(|_| !part.is_empty()) {
                    excerpt.span = head + at..head + at + part.len();
                }
                found.push(Finding {
                    fix: None,
                    code,
                    severity: Severity::Warning,
                    message,
                    subject: report.name.clone(),
                    excerpts: vec![excerpt],
                    help: help.to_owned(),
                });
            };
            if comment.words.is_empty() {
                let message = "the comment names no code".to_owned();
                let help = "write # f2b-regex: ignore L001";
                say(codes::UNKNOWN_CODE, "", message, help);
            }
            for word in &comment.words {
                match code_words::word(word) {
                    Err(message) => say(codes::UNKNOWN_CODE, word, message, ""),
                    Ok(code) if !is_looked_for(&code, report, request) => {}
                    Ok(_) => {
                        let used = (path.to_path_buf(), comment.line, word.clone());
                        if !self.used.contains(&used) {
                            let message = format!("the comment silences nothing: no {word} here");
                            say(codes::UNUSED_IGNORE, word, message, "take it out");
                        }
                    }
                }
            }
        }
        found
    }
}

/// Whether findings of a code would have been found in this report if there were any.
fn is_looked_for(word: &str, report: &FilterReport, request: &Request) -> bool {
    let Selection { select, ignore, .. } = &request.selection;
    let is_whole = select.is_empty() && ignore.is_empty();
    if !is_whole && !request.selection.takes(word) {
        return false;
    }
    // behind a fault of the file itself less is looked at
    let is_faulty = report.findings.iter().any(|f| f.code.starts_with('F'));
    match word.as_bytes().first() {
        Some(b'L') => request.lint && report.role == Role::Filter && !is_faulty,
        Some(b'C') => request.coverage_min.is_some() || !report.logs.is_empty(),
        Some(b'F') => report.role != Role::Include,
        Some(b'S') => !report.logs.is_empty(),
        _ => true,
    }
}
