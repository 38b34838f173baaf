//! Runs a sample script over its filters and compares what they give with the annotations.
//!
//! The comparisons are upstream's (`samplestestcase`): exactly one failregex, every value
//! of the annotation, the time as local time.

use super::codes;
use super::compare::{self, field, local_epoch, shown_json};
use super::finding::{Case, CaseKind, Excerpt, Finding, Severity, known_failure};
use super::load::Loaded;
use super::near;
use super::place::SourceFiles;
use super::samples::{Expected, Script, Step};
use crate::date::{Clock, TimeCache, Timestamp};
use crate::engine::groups::TupleLine;
use crate::engine::session::Found;
use crate::engine::{FilterRegex, LineOutcome, Session};
use crate::pattern::Scratch;

/// What running a script counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Lines with an annotation that were tested with at least one option set.
    pub(crate) annotated: u64,
    /// Lines without one, which must not match.
    pub(crate) plain: u64,
    /// Tests: lines times option sets.
    pub(crate) verdicts: u64,
    /// Tests that were left out because their option set has a fault.
    pub(crate) skipped: u64,
    /// Matches per option set and failregex.
    pub(crate) hits: Vec<Vec<u64>>,
}

/// Runs the steps in order, each option set with its own session.
///
/// `loaded` stands beside the script's variants; None for one that could not be read.
pub(crate) fn verify(
    script: &Script,
    loaded: &[Option<&Loaded>],
    clock: &Clock,
    files: &mut SourceFiles,
    findings: &mut Vec<Finding>,
    cases: &mut Vec<Case>,
) -> Tally {
    let mut sessions: Vec<Option<(&Loaded, Session)>> = loaded
        .iter()
        .map(|loaded| {
            let loaded = loaded.filter(|loaded| loaded.sound)?;
            let detector = Some(loaded.detector.clone());
            let session = Session::new(&loaded.filter, clock, detector).keep_data(true);
            Some((loaded, session))
        })
        .collect();
    let failregexes = |loaded: &Option<&Loaded>| loaded.map_or(0, |l| l.filter.failregexes.len());
    let mut tally = Tally {
        hits: loaded.iter().map(|l| vec![0; failregexes(l)]).collect(),
        ..Tally::default()
    };
    let mut scratch = Scratch::default();
    let mut times = TimeCache::default();
    for step in &script.steps {
        match (step.runs.is_empty(), step.annotation) {
            (true, _) => {}
            (false, Some(_)) => tally.annotated += 1,
            (false, None) => tally.plain += 1,
        }
        for run in &step.runs {
            let Some((loaded, session)) = &mut sessions[run.variant] else {
                tally.skipped += 1;
                continue;
            };
            tally.verdicts += 1;
            let text = run.text.as_deref().unwrap_or(&step.text);
            let outcome = give(session, text, (run.journal, clock), &mut scratch);
            for found in &outcome.found {
                tally.hits[run.variant][found.regex] += 1;
            }
            let mut judge = Judge {
                script,
                step,
                loaded,
                text,
                clock,
                times: &mut times,
                scratch: &mut scratch,
                files,
                findings,
            };
            let from = judge.findings.len();
            judge.judge(&outcome);
            if let Some(reason) = &step.expected.todo {
                let at = (loaded.label.clone(), judge.line(None, ""));
                known_failure(judge.findings, from, reason, || at);
            }
            let to = findings.len();
            let file = script.files[step.file].file_name().unwrap_or_default();
            cases.push(Case {
                gives: compare::gives(&outcome),
                kind: CaseKind::Sample,
                name: format!(
                    "{} {}:{}",
                    loaded.label,
                    file.to_string_lossy(),
                    step.number
                ),
                findings: (from..to).collect(),
            });
        }
    }
    tally
}

/// Hands a line to a filter, as from a log or a journal.
fn give(
    session: &mut Session,
    text: &str,
    (journal, clock): (bool, &Clock),
    scratch: &mut Scratch,
) -> LineOutcome {
    if !journal {
        return session.line(text, scratch);
    }
    // upstream hands the line over with the time of "now"
    let now = Timestamp::Float(clock.now_epoch());
    let tuple = TupleLine::new(["", "", text]);
    session.dated_line(tuple, now, scratch)
}

struct Judge<'a> {
    script: &'a Script,
    step: &'a Step,
    loaded: &'a Loaded,
    text: &'a str,
    clock: &'a Clock,
    times: &'a mut TimeCache,
    scratch: &'a mut Scratch,
    files: &'a mut SourceFiles,
    findings: &'a mut Vec<Finding>,
}

impl Judge<'_> {
    fn judge(&mut self, outcome: &LineOutcome) {
        if !outcome.exhausted.is_empty() {
            let line = self.line(None, "");
            self.push(
                codes::EXHAUSTED,
                "a regex gave no answer within its step budget".into(),
                line,
            );
        }
        let counted: Vec<&Found> = outcome
            .found
            .iter()
            .filter(|f| f.id.is_some() && !f.nofail)
            .collect();
        match (counted.as_slice(), self.step.expected.matched) {
            ([], false) => {}
            ([], true) => self.missed(outcome),
            ([found, ..], false) => {
                let message = match self.step.annotation {
                    Some(_) => "the line is matched, but must not be".to_string(),
                    None => "the line is matched, but has no annotation that says so".to_string(),
                };
                let mut excerpts = self.line(None, "matched");
                excerpts.extend(self.regex(found.regex));
                self.push(codes::MATCHED, message, excerpts);
            }
            ([found], true) => self.compare(found),
            (several, true) => {
                let numbers: Vec<String> =
                    several.iter().map(|f| (f.regex + 1).to_string()).collect();
                let message = format!(
                    "failregexes {} match the line, but only one must",
                    numbers.join(" and ")
                );
                let mut excerpts = self.line(None, "");
                for found in several.iter().take(3) {
                    excerpts.extend(self.regex(found.regex));
                }
                self.push(codes::SEVERAL, message, excerpts);
            }
        }
    }

    fn push(&mut self, code: &'static str, mut message: String, excerpts: Vec<Excerpt>) {
        if let Some(desc) = &self.step.expected.desc {
            message = format!("{message} ({desc})");
        }
        self.findings.push(Finding {
            fix: None,
            code,
            severity: Severity::Error,
            message,
            subject: self.loaded.label.clone(),
            excerpts,
            help: String::new(),
        });
    }

    /// The sample line, the caret from byte `at` of the text tested.
    fn line(&self, at: Option<usize>, label: &str) -> Vec<Excerpt> {
        let text = self.text.to_string();
        let span = match at {
            Some(at) => at..next_char(&text, at),
            None => 0..text.len(),
        };
        vec![Excerpt {
            file: Some(self.script.files[self.step.file].clone()),
            line: Some(self.step.number),
            text,
            span,
            label: label.to_string(),
            ..Excerpt::default()
        }]
    }

    fn regex(&mut self, index: usize) -> Vec<Excerpt> {
        let regex = &self.loaded.filter.failregexes[index];
        let label = format!("failregex {}", index + 1);
        titled(
            self.files
                .regex(&regex.source, regex.regex.as_str(), None, &label),
            "matched by",
        )
    }

    /// No failregex matched: which came furthest, and where it stopped.
    fn missed(&mut self, outcome: &LineOutcome) {
        let filter = &self.loaded.filter;
        if let Some(found) = outcome.found.first() {
            let message = if found.nofail {
                "the line must count as a failure, but is matched as <F-NOFAIL> only"
            } else {
                "the line must count as a failure, but names nobody yet"
            };
            let mut excerpts = self.line(None, "");
            excerpts.extend(self.regex(found.regex));
            self.push(codes::MISSED, message.into(), excerpts);
            return;
        }
        if let Some(&index) = outcome.ignored_by.first() {
            let regex = &filter.ignoreregexes[index];
            let shown = self
                .files
                .regex(&regex.source, regex.regex.as_str(), None, "ignoreregex");
            let mut excerpts = self.line(None, "");
            excerpts.extend(titled(shown, "taken back by"));
            let message = "the line must match, but an ignoreregex takes it back".into();
            self.push(codes::MISSED, message, excerpts);
            return;
        }
        let tuple = &outcome.tuple;
        let text = format!("{}\n", tuple.without_date());
        // a position of the text tested, with the date put back
        let date = if tuple.joined() == self.text {
            tuple.date().len()
        } else {
            0
        };
        let whole = |at: usize| {
            if at < tuple.prefix().len() || date == 0 {
                at
            } else {
                at + date
            }
        };
        let mut offset = 0;
        let mut content = text.clone();
        if let Some(pre) = &filter.prefregex {
            match pre.regex.search(&text, self.scratch) {
                Ok(Some(found)) => {
                    let span = pre.regex.group_index("content").and_then(|g| found.span(g));
                    if let Some((start, end)) = span {
                        offset = start;
                        content = format!("{}\n", &text[start..end]);
                    }
                }
                _ => {
                    let stop = near::stop(&pre.regex, &text, self.scratch);
                    let message = "the line must match, but prefregex does not match it".into();
                    self.stopped(pre, stop.map(|s| (whole(s.matched.end), s.part)), message);
                    return;
                }
            }
        }
        let best = self.nearest_failregex(&content);
        let message = "the line must match, but no failregex matches it".to_string();
        match best {
            Some((index, stop)) => {
                let at = whole(offset + stop.matched.end);
                self.stopped(&filter.failregexes[index], Some((at, stop.part)), message);
            }
            None => {
                let line = self.line(None, "no failregex matches any of it");
                self.push(codes::MISSED, message, line);
            }
        }
    }

    /// The failregex that came furthest, and where it stopped.
    fn nearest_failregex(&mut self, content: &str) -> Option<(usize, near::Stop)> {
        let mut best: Option<(usize, near::Stop)> = None;
        for (index, regex) in self.loaded.filter.failregexes.iter().enumerate() {
            let Some(stop) = near::stop(&regex.regex, content, self.scratch) else {
                continue;
            };
            // an unanchored beginning that matches a little further right is no better
            let known = best.as_ref().map(|(_, known)| known.matched.len());
            if known.is_none_or(|known| stop.matched.len() > known) {
                best = Some((index, stop));
            }
        }
        best
    }

    fn stopped(
        &mut self,
        regex: &FilterRegex,
        stop: Option<(usize, std::ops::Range<usize>)>,
        message: String,
    ) {
        let (at, part) = match stop {
            Some((at, part)) => (Some(at), Some(part)),
            None => (None, None),
        };
        let label = if at.is_some() {
            "the nearest regex stopped here"
        } else {
            ""
        };
        let mut excerpts = self.line(at, label);
        let expected = self
            .files
            .regex(&regex.source, regex.regex.as_str(), part, "expected this");
        excerpts.extend(titled(expected, "the nearest regex"));
        self.push(codes::MISSED, message, excerpts);
    }

    /// Compares the one failure with the annotation.
    fn compare(&mut self, found: &Found) {
        let filter = &self.loaded.filter;
        let expected = &self.step.expected;
        let mut wrong = Vec::new();
        for (name, value) in &expected.fields {
            let is = field(found, &filter.names, name);
            if !is.equals(value) {
                wrong.push(format!(
                    "{name} is {}, must be {}",
                    is.shown(),
                    shown_json(value)
                ));
            }
        }
        if !wrong.is_empty() {
            let mut excerpts = self.line(None, &wrong[0].clone());
            excerpts.extend(self.regex(found.regex));
            self.push(codes::FIELD, wrong.join("; "), excerpts);
        }
        self.compare_time(found, expected);
    }

    fn compare_time(&mut self, found: &Found, expected: &Expected) {
        let Some(text) = &expected.time else { return };
        let Some(epoch) = local_epoch(text, self.clock, self.times) else {
            let message = format!("time {text}: expected a form such as 2005-06-21T16:47:46");
            let line = self.line(None, "");
            self.push(codes::ANNOTATION, message, line);
            return;
        };
        let is = found.date.map(Timestamp::seconds);
        if is != Some(epoch) {
            let shown = is.map_or("none".to_string(), |is| self.shown_time(is));
            let message = format!("time is {shown}, must be {text}");
            let line = self.line(None, &message);
            self.push(codes::TIME, message, line);
        }
    }

    fn shown_time(&self, epoch: f64) -> String {
        let local = self.clock.local(epoch);
        let fraction = epoch - epoch.floor();
        let digits = if fraction == 0.0 {
            String::new()
        } else {
            format!("{fraction:.6}")[1..]
                .trim_end_matches('0')
                .to_string()
        };
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{digits}",
            local.year, local.month, local.day, local.hour, local.minute, local.second
        )
    }
}

fn titled(mut excerpts: Vec<Excerpt>, title: &str) -> Vec<Excerpt> {
    if let Some(first) = excerpts.first_mut() {
        first.title = title.to_string();
    }
    excerpts
}

fn next_char(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.chars().next().map_or(0, char::len_utf8)
}
