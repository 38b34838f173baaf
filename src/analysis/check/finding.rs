//! What a check found: one finding, where it is, what to show of it. Not for how a
//! finding is written out (`format`).

use super::codes;
use std::ops::Range;
use std::path::PathBuf;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Worth knowing; never fails a check.
    Note,
    /// Likely a mistake; fails a check only with `--strict`.
    Warning,
    /// Fails the check.
    Error,
}

impl Severity {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A piece of text with a caret under a part of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excerpt {
    /// What is shown, in a few words; empty for the finding's own place.
    pub(crate) title: String,
    /// The file the text is a line of; None for text that stands in no file.
    pub(crate) file: Option<PathBuf>,
    /// Its line number, from 1.
    pub(crate) line: Option<u32>,
    /// The text: one line.
    pub(crate) text: String,
    /// The bytes of `text` the caret is under.
    pub(crate) span: Range<usize>,
    /// What stands beside the caret.
    pub(crate) label: String,
}

/// One thing found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// The rule or kind, see [`super::codes`].
    pub(crate) code: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// One line: what is wrong.
    pub(crate) message: String,
    /// The filter or jail, with its options: `sshd[mode=ddos]`.
    pub(crate) subject: String,
    /// What to look at, the place of the finding first; may be empty.
    pub(crate) excerpts: Vec<Excerpt>,
    /// What to do about it; may be empty.
    pub(crate) help: String,
    /// How the file would be changed, where that is known.
    pub(crate) fix: Option<Fix>,
}

/// How sure it is that a change is what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applicability {
    /// There is no other reading: `--fix` makes it.
    Safe,
    /// Sure where samples exercise the failregex, a guess without.
    IfExercised,
    /// Sure where samples exercise the failregex, and most likely wrong without.
    OnlyExercised,
    /// It changes what is matched, or there is another way: `--unsafe-fixes` makes it.
    Unsafe,
}

/// A change of one line of the file that a finding is in.
#[derive(Clone, Debug)]
pub(crate) struct Fix {
    /// How sure it is.
    pub(crate) applicability: Applicability,
    /// The line, from 1.
    pub(crate) line: u32,
    /// The bytes of it that are replaced.
    pub(crate) span: Range<usize>,
    /// What stands there then.
    pub(crate) text: String,
}

impl Finding {
    /// The file and line (from 1) of the finding, if it has one.
    pub(crate) fn place(&self) -> Option<(&std::path::Path, u32)> {
        let first = self.excerpts.first()?;
        Some((first.file.as_deref()?, first.line.unwrap_or(1)))
    }

    /// First and last column of the caret, from 1, in characters; both inclusive.
    pub(crate) fn columns(&self) -> Option<(usize, usize)> {
        let first = self.excerpts.first()?;
        first.file.as_ref()?;
        let start = first.text.get(..first.span.start)?.chars().count() + 1;
        let length = first.text.get(first.span.clone())?.chars().count();
        Some((start, start + length.max(1) - 1))
    }
}

impl Finding {
    /// The change that puts a text in place of what the caret is under.
    pub(crate) fn fix_with(&mut self, applicability: Applicability, text: &str) {
        let Some((_, line)) = self.place() else {
            return;
        };
        self.fix = self.excerpts.first().map(|excerpt| Fix {
            applicability,
            line,
            span: excerpt.span.clone(),
            text: text.to_owned(),
        });
    }

    /// The change that writes a word otherwise in the line of the finding.
    pub(crate) fn fix_word(&mut self, applicability: Applicability, from: &str, to: &str) {
        let Some((_, line)) = self.place() else {
            return;
        };
        self.fix = self.excerpts.first().and_then(|excerpt| {
            let at = excerpt.text.find(from)?;
            Some(Fix {
                applicability,
                line,
                span: at..at + from.len(),
                text: to.to_owned(),
            })
        });
    }
}

/// What is said of a line that is known to fail, from the findings about it: those are notes, and
/// none of them is a finding itself.
pub(super) fn known_failure(
    findings: &mut Vec<Finding>,
    from: usize,
    reason: &str,
    place: impl FnOnce() -> (String, Vec<Excerpt>),
) {
    let reason = if reason.is_empty() {
        String::new()
    } else {
        format!(" ({reason})")
    };
    for finding in &mut findings[from..] {
        finding.code = codes::TODO;
        finding.severity = Severity::Note;
        finding.message = format!("known failure{reason}: {}", finding.message);
    }
    if findings.len() == from {
        let (subject, excerpts) = place();
        findings.push(Finding {
            fix: None,
            code: codes::DONE,
            severity: Severity::Warning,
            message: format!("the line gives what it must, but is marked todo{reason}"),
            subject,
            excerpts,
            help: "take the todo out".to_owned(),
        });
    }
}

/// What a case checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CaseKind {
    /// A filter or jail, with one set of options, is read and compiled.
    Load,
    /// A line of a sample log gives what its annotation says.
    Sample,
    /// A line of an expectation file gives what is written beside it.
    Expectation,
    /// Every failregex of an option set is exercised.
    Coverage,
    /// A lint rule finds nothing.
    Lint,
    /// Comments that silence findings do so.
    Comments,
    /// What a baseline knows is still there.
    Baseline,
}

impl CaseKind {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            CaseKind::Load => "load",
            CaseKind::Sample => "sample",
            CaseKind::Expectation => "expectation",
            CaseKind::Coverage => "coverage",
            CaseKind::Lint => "lint",
            CaseKind::Comments => "comments",
            CaseKind::Baseline => "baseline",
        }
    }
}

/// One thing checked, for reports that list every test.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// What it checks.
    pub(crate) kind: CaseKind,
    /// Its name, unique within its filter for all practical purposes.
    pub(crate) name: String,
    /// What a line gives, as far as two runs are compared by it; empty for other kinds.
    pub(crate) gives: String,
    /// Findings that concern it, as indexes into the filter's list.
    pub(crate) findings: Vec<usize>,
}
