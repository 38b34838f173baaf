//! Our own, lighter samples: a YAML or TOML file beside the filter that lists lines and what
//! each must give. For people who do not know failJSON.
//!
//! ```yaml
//! options: {mode: ddos}          # for all cases; may be left out
//! cases:
//!   - line: "Dec 31 11:59:59 srv sshd[1]: Failed password for root from 192.0.2.1"
//!     gives: matched             # matched, ignored or missed
//!     host: 192.0.2.1            # the failure id
//!     user: root
//!     regex: 1                   # number of the failregex
//! ```
//!
//! What a case leaves out is not compared. Cases of the same options are one log, in order.

use super::MOST_CHECKED;
use super::codes;
use super::compare;
use super::expected_line::{ExpectedLine, OptionMap, differences};
use super::finding::{Case, CaseKind, Excerpt, Finding, Severity, known_failure};
use super::load::{Loaded, Options};
use crate::date::Clock;
use crate::engine::{LineOutcome, Session, Verdict};
use crate::files;
use crate::pattern::Scratch;
use crate::work::{self, Work};
use indexmap::IndexSet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What `--update` wrote.
#[derive(Clone, Debug)]
pub(crate) struct Updated {
    /// The file.
    pub(crate) path: PathBuf,
    /// Lines it has.
    pub(crate) lines: usize,
    /// Those whose expectation is another one now.
    pub(crate) changed: usize,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    options: OptionMap,
    cases: Vec<ExpectedLine>,
}

/// An expectation file, read.
#[derive(Clone, Debug)]
pub(crate) struct Expectations {
    /// The file.
    pub(crate) path: PathBuf,
    text: String,
    content: Content,
}

const HEADER: &str = "# What the filter gives for each line; see f2b-regex check --help.\n\
    # Written by --update from the present behaviour: review it before you commit it.\n";

impl Expectations {
    /// The expectation file beside a filter: same name, `.yaml`, `.yml` or `.toml`.
    pub(crate) fn beside(filter: &Path) -> Option<PathBuf> {
        let names = ["yaml", "yml", "toml"].map(|extension| filter.with_extension(extension));
        names.into_iter().find(|path| path.is_file())
    }

    /// Reads a file. A fault goes to `findings`.
    pub(crate) fn read(
        path: &Path,
        subject: &str,
        findings: &mut Vec<Finding>,
    ) -> Option<Expectations> {
        let read = files::read_regular(path, MOST_CHECKED).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| std::io::Error::other("it is not UTF-8"))
        });
        let text = match read {
            Ok(text) => text,
            Err(error) => {
                let message = format!("cannot be read: {error}");
                findings.push(fault(path, subject, 1, String::new(), message));
                return None;
            }
        };
        let parsed: Result<Content, (String, usize)> = if is_toml(path) {
            toml::from_str(&text).map_err(|error| {
                let start = error.span().map_or(0, |span| span.start.min(text.len()));
                let line = text[..start].matches('\n').count() + 1;
                (error.message().to_string(), line)
            })
        } else {
            serde_yaml_ng::from_str(&text).map_err(|error| {
                let line = error.location().map_or(1, |at| at.line());
                (error.to_string(), line)
            })
        };
        match parsed {
            Ok(content) => Some(Expectations {
                path: path.to_path_buf(),
                text,
                content,
            }),
            Err((message, line)) => {
                // what a link brings in from elsewhere is not for the report of a repository
                if leads_out(path) {
                    let message = "expected cases, as a link to a file elsewhere has not".into();
                    findings.push(fault(path, subject, line, String::new(), message));
                    return None;
                }
                let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
                let message = message.lines().next().unwrap_or_default().to_string();
                findings.push(fault(path, subject, line, shown.to_string(), message));
                None
            }
        }
    }

    /// Expectations for the lines of a plain log, to be filled in by [`Expectations::update`].
    pub(crate) fn of_lines<'l>(
        filter: &Path,
        lines: impl Iterator<Item = &'l str>,
    ) -> Expectations {
        let cases = lines.map(|line| ExpectedLine {
            line: line.to_string(),
            gives: None,
            host: None,
            user: None,
            regex: None,
            note: None,
            todo: None,
            options: OptionMap::new(),
        });
        Expectations {
            path: filter.with_extension("yaml"),
            text: HEADER.to_string(),
            content: Content {
                options: OptionMap::new(),
                cases: cases.collect(),
            },
        }
    }

    /// The option sets, in the order of first use.
    pub(crate) fn option_sets(&self) -> Vec<Options> {
        let sets = self.content.cases.iter().map(|case| self.options_of(case));
        sets.collect::<IndexSet<Options>>().into_iter().collect()
    }

    fn options_of(&self, case: &ExpectedLine) -> Options {
        let mut options = self.content.options.clone();
        options.extend(case.options.clone());
        options.into_iter().collect()
    }

    /// Number and text of the line each case begins in.
    fn places(&self) -> Vec<(usize, &str)> {
        let is_key = |line: &str| {
            let key = line.trim_start().trim_start_matches("- ").trim_start();
            let rest = key.strip_prefix("line").map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with([':', '=']))
        };
        let lines = self
            .text
            .lines()
            .zip(1..)
            .inspect(|_| work::count(Work::ExpectationLine, 1));
        let keys = lines.filter(|(line, _)| is_key(line));
        keys.map(|(line, number)| (number, line)).collect()
    }

    /// Runs every case with the option set that stands beside its options in `loaded`;
    /// returns the hits per option set and failregex.
    pub(crate) fn verify(
        &self,
        loaded: &[(Options, Option<&Loaded>)],
        clock: &Clock,
        findings: &mut Vec<Finding>,
        cases: &mut Vec<Case>,
    ) -> Vec<Vec<u64>> {
        let lengths = loaded
            .iter()
            .map(|(_, l)| l.map_or(0, |l| l.filter.failregexes.len()));
        let mut hits: Vec<Vec<u64>> = lengths.map(|length| vec![0; length]).collect();
        let places = self.places();
        self.each(loaded, clock, |index, set, loaded, outcome| {
            for found in &outcome.found {
                hits[set][found.regex] += 1;
            }
            let case = &self.content.cases[index];
            let from = findings.len();
            let wrong = differences(case, outcome);
            let (line, text) = places.get(index).copied().unwrap_or((1, ""));
            if !wrong.is_empty() {
                let text = text.to_string();
                let mut finding = fault(&self.path, &loaded.label, line, text, wrong.join("; "));
                finding.code = codes::UNEXPECTED;
                finding.help = "if this is what you want now, --update writes it down".into();
                findings.push(finding);
            }
            if let Some(reason) = case.known_failure() {
                known_failure(findings, from, reason, || {
                    let text = text.to_owned();
                    let shown = fault(&self.path, "", line, text, String::new());
                    (loaded.label.clone(), shown.excerpts)
                });
            }
            cases.push(Case {
                gives: compare::gives(outcome),
                kind: CaseKind::Expectation,
                name: format!("{} {}:{line}", loaded.label, file_name(&self.path)),
                findings: (from..findings.len()).collect(),
            });
        });
        hits
    }

    fn each(
        &self,
        loaded: &[(Options, Option<&Loaded>)],
        clock: &Clock,
        mut tell: impl FnMut(usize, usize, &Loaded, &LineOutcome),
    ) {
        let mut sessions: Vec<Option<Session>> = loaded
            .iter()
            .map(|(_, loaded)| {
                let loaded = loaded.filter(|loaded| loaded.sound)?;
                Some(Session::new(
                    &loaded.filter,
                    clock,
                    Some(loaded.detector.clone()),
                ))
            })
            .collect();
        let mut scratch = Scratch::default();
        let mut sets: HashMap<&Options, usize> = HashMap::new();
        for (set, (options, _)) in loaded.iter().enumerate() {
            sets.entry(options).or_insert(set);
        }
        for (index, case) in self.content.cases.iter().enumerate() {
            let Some(&set) = sets.get(&self.options_of(case)) else {
                continue;
            };
            let (Some(session), Some(loaded)) = (&mut sessions[set], loaded[set].1) else {
                continue;
            };
            let outcome = session.line(&case.line, &mut scratch);
            tell(index, set, loaded, &outcome);
        }
    }

    /// Writes the present behaviour into the file, but for lines that are known to fail; what that
    /// changed, None where nothing did.
    ///
    /// Lines, options, notes and the comments above the first key stay.
    ///
    /// # Errors
    ///
    /// Those of writing, with the file's name.
    pub(crate) fn update(
        &mut self,
        loaded: &[(Options, Option<&Loaded>)],
        clock: &Clock,
    ) -> Result<Option<Updated>, String> {
        let mut content = self.content.clone();
        self.each(loaded, clock, |index, _, _, outcome| {
            let case = &mut content.cases[index];
            if case.known_failure().is_some() {
                return;
            }
            let verdict = Verdict::of(outcome);
            let failure = outcome
                .failures()
                .next()
                .filter(|_| verdict == Verdict::Matched);
            case.gives = Some(verdict);
            case.host = failure
                .and_then(|f| f.id.as_ref())
                .map(|id| id.text.to_string());
            case.user = failure
                .and_then(|f| f.users.last())
                .map(ToString::to_string);
            case.regex = failure.map(|f| f.regex + 1);
        });
        let body = if is_toml(&self.path) {
            toml::to_string(&content).map_err(|error| error.to_string())
        } else {
            serde_yaml_ng::to_string(&content).map_err(|error| error.to_string())
        };
        let failed = |error: String| format!("{}: cannot be written: {error}", self.path.display());
        let body = body.map_err(failed)?;
        let comments = self.text.lines().take_while(|line| line.starts_with('#'));
        let head: String = comments.map(|line| format!("{line}\n")).collect();
        let head = if head.is_empty() {
            HEADER.to_string()
        } else {
            head
        };
        let text = head + &body;
        if std::fs::read_to_string(&self.path).is_ok_and(|old| old == text) {
            return Ok(None);
        }
        files::replace(&self.path, text.as_bytes()).map_err(|error| failed(error.to_string()))?;
        let told = |case: &ExpectedLine| {
            let ExpectedLine {
                gives, host, user, ..
            } = case;
            (*gives, host.clone(), user.clone(), case.regex)
        };
        let both = self.content.cases.iter().zip(&content.cases);
        let updated = Updated {
            path: self.path.clone(),
            lines: content.cases.len(),
            changed: both.filter(|(old, new)| told(old) != told(new)).count(),
        };
        self.content = content;
        self.text = text;
        Ok(Some(updated))
    }
}

/// Whether a file lies elsewhere than its name says.
fn leads_out(path: &Path) -> bool {
    let parent = |path: &Path| path.parent().map(Path::to_path_buf);
    let real = path.canonicalize().ok().and_then(|real| parent(&real));
    let named = parent(path).and_then(|parent| parent.canonicalize().ok());
    real != named
}

fn is_toml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "toml")
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn fault(path: &Path, subject: &str, line: usize, text: String, message: String) -> Finding {
    let start = text.len() - text.trim_start().len();
    Finding {
        fix: None,
        code: codes::EXPECTATION,
        severity: Severity::Error,
        message,
        subject: subject.to_string(),
        excerpts: vec![Excerpt {
            file: Some(path.to_path_buf()),
            line: u32::try_from(line).ok(),
            span: start..text.len(),
            text,
            ..Excerpt::default()
        }],
        help: String::new(),
    }
}

#[cfg(test)]
#[path = "../../../tests/internal/check_expectations.rs"]
mod tests;
