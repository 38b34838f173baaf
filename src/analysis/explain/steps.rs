//! One line, step by step: the date, prefregex, each failregex, the session, the verdict.
//!
//! The verdict is the session's, which tells of each search as it goes; what each regex said is
//! noted here and, where it did not match, how near it came. Byte offsets count in the text
//! they are told for.

use super::near::{Graphs, NearMiss, WalkBudget, near_miss};
use super::tried::Tried;
pub(crate) use super::tried::{RegexOutcome, RegexStep};
use crate::date::DateTemplate;
use crate::engine::address::AddressKind;
use crate::engine::groups::{Groups, Key, TupleLine, Value};
use crate::engine::session::Found;
use crate::engine::{LineOutcome, Session, Verdict};
use crate::pattern::Scratch;
use std::ops::Range;

/// Where the date is.
#[derive(Clone, Debug)]
pub(crate) enum DateStep {
    /// The log brings its times along (journals): nothing was searched.
    NotSearched,
    /// A template found it.
    Found {
        /// The template's display name.
        template: String,
        /// What was cut out of the line; the template may have looked at more.
        cut: Range<usize>,
        /// The time it stands for, epoch seconds; None: no such date.
        time: Option<f64>,
    },
    /// No template matched.
    Missing {
        /// The template that came nearest.
        nearest: Option<TemplateMiss>,
        /// The last date seen, taken for this line; epoch seconds.
        taken_over: Option<f64>,
    },
}

/// A date template that did not match.
#[derive(Clone, Debug)]
pub(crate) struct TemplateMiss {
    /// Its display name.
    pub(crate) name: String,
    /// Its regex.
    pub(crate) regex: String,
    /// How near it came, in the line.
    pub(crate) near: NearMiss,
}

/// What is known of a session at some line.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct SessionState {
    /// A failure is waiting for a line that names an address.
    pub(crate) pending: bool,
    /// All lines so far were helpers (`<F-NOFAIL>`).
    pub(crate) nofail: bool,
    /// The last one ended it well (`<F-MLFGAINED>`).
    pub(crate) gained: bool,
    /// The address or id known so far.
    pub(crate) id: Option<String>,
    /// The users named so far.
    pub(crate) users: Vec<String>,
}

/// What a session remembers of a text, as far as it is told.
fn bounded(text: &str) -> String {
    crate::analysis::wording::begin(text, 1 << 10).to_string()
}

impl SessionState {
    fn of(groups: &Groups) -> SessionState {
        let text = |key| groups.present(key).map(|value| bounded(&value.to_text()));
        SessionState {
            pending: groups.is_true(Key::MLFPENDING),
            nofail: groups.is_true(Key::NOFAIL),
            gained: groups.is_true(Key::MLFGAINED),
            id: [Key::FID, Key::IP4, Key::IP6, Key::DNS]
                .into_iter()
                .find_map(text),
            users: match groups.get(Key::USERS) {
                Some(Value::Users(users)) => users.iter().map(|user| bounded(user)).collect(),
                _ => Vec::new(),
            },
        }
    }
}

/// The session a line belongs to.
#[derive(Clone, Debug)]
pub(crate) struct SessionStep {
    /// Its id: the text of `<F-MLFID>`.
    pub(crate) id: String,
    /// Before the line; None: the line opens it.
    pub(crate) before: Option<SessionState>,
    /// After it; None: the line ends it (`<F-MLFFORGET>`).
    pub(crate) after: Option<SessionState>,
}

/// A failure the line made.
#[derive(Clone, Debug)]
pub(crate) struct FailureStep {
    /// Index of the failregex.
    pub(crate) regex: usize,
    /// The address or id; None while the session lacks one.
    pub(crate) id: Option<String>,
    /// What kind of id it is.
    pub(crate) kind: AddressKind,
    /// Users named.
    pub(crate) users: Vec<String>,
    /// Epoch seconds.
    pub(crate) time: Option<f64>,
    /// A helper that does not count.
    pub(crate) nofail: bool,
}

/// A line explained.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    /// The line.
    pub(crate) line: String,
    /// Its number in the log, from 1.
    pub(crate) number: Option<u64>,
    /// What became of it.
    pub(crate) verdict: Verdict,
    /// Where its date is.
    pub(crate) date: DateStep,
    /// What the regexes see: the line without its date, or the buffer of a multi-line
    /// filter; with its "\n".
    pub(crate) text: String,
    /// The ignoreregexes that were tried before anything else, if the filter does that.
    pub(crate) ignored_first: bool,
    /// The prefregex, if there is one and it was tried.
    pub(crate) prefregex: Option<RegexStep>,
    /// What the prefregex left for the failregexes, with its "\n"; None: all of the text.
    pub(crate) content: Option<String>,
    /// The failregexes in order; empty if they were not tried.
    pub(crate) failregexes: Vec<RegexStep>,
    /// The ignoreregexes in order, on the text they are tried on.
    pub(crate) ignoreregexes: Vec<RegexStep>,
    /// The session of the line, if it has one.
    pub(crate) session: Option<SessionStep>,
    /// The failures, helpers among them.
    pub(crate) failures: Vec<FailureStep>,
    /// The later line that completes it, number and text: the next of its session that counts
    /// as a failure, or the one with which a regex over several lines matches.
    pub(crate) completed_by: Option<(u64, String)>,
    /// The line in its three parts, in a multi-line filter.
    tuple: TupleLine,
}

impl Explanation {
    /// The text the failregexes were tried on.
    pub(crate) fn failregex_text(&self) -> &str {
        self.content.as_deref().unwrap_or(&self.text)
    }

    /// Whether a later line can complete it; `spans`: a regex may match over several lines.
    pub(super) fn may_be_completed(&self, spans: bool) -> bool {
        self.session.is_some() && self.verdict != Verdict::Matched
            || self.failures.iter().any(|failure| failure.id.is_none())
            || spans && self.verdict == Verdict::Missed
    }

    /// The failregexes that missed, the nearest first.
    pub(crate) fn nearest(&self) -> Vec<(&RegexStep, &NearMiss)> {
        let missed = self.failregexes.iter();
        let mut all: Vec<_> = missed
            .filter_map(|step| Some((step, step.near()?)))
            .collect();
        all.sort_by_key(|(_, near)| std::cmp::Reverse((near.score, near.furthest)));
        all
    }
}

/// Feeds `line` to the session and tells what happened.
///
/// The session must have been made with `keep_data`, and have seen the lines before.
///
/// `time` is what a journal entry brings along; its `line` is as blocks have it. `graphs` are
/// those of the filter's regexes, for all lines that are explained.
pub(crate) fn explain<'f>(
    session: &mut Session<'f>,
    line: &str,
    time: Option<f64>,
    number: Option<u64>,
    scratch: &mut Scratch,
    graphs: &mut Graphs<'f>,
) -> Explanation {
    let filter = session.filter();
    let sessions_before: Vec<(String, SessionState)> = (session.open_sessions())
        .map(|(id, groups)| (id.to_string(), SessionState::of(groups)))
        .collect();
    let hits_before = template_hits(session);
    let mut tried = Tried::new(filter, graphs);
    let outcome = session.observe(line, time, scratch, &mut tried);
    let date = match time {
        Some(_) => DateStep::NotSearched,
        None => date_step(session, &hits_before, line, &outcome, scratch),
    };
    let session = session_step(&outcome, session, sessions_before);
    Explanation {
        line: line.to_string(),
        number,
        verdict: Verdict::of(&outcome),
        date,
        text: (tried.text).unwrap_or_else(|| format!("{}\n", outcome.tuple.without_date())),
        ignored_first: tried.ignored_first,
        content: tried.content.filter(|_| tried.prefregex.is_some()),
        prefregex: tried.prefregex,
        failregexes: tried.failregexes,
        ignoreregexes: tried.ignoreregexes,
        session,
        failures: outcome.found.iter().map(failure_step).collect(),
        completed_by: None,
        tuple: if filter.is_multi_line() {
            outcome.tuple
        } else {
            TupleLine::default()
        },
    }
}

/// The verdict on a line, or on an entry that brings its time along.
pub(crate) fn judged(
    session: &mut Session,
    line: &str,
    time: Option<f64>,
    scratch: &mut Scratch,
) -> LineOutcome {
    match time {
        Some(time) => session.entry(line, time, scratch),
        None => session.line(line, scratch),
    }
}

/// Reads on until a line completes what is explained, its session or a match over several
/// lines; false: not yet.
///
/// Call it with the lines that follow, in order, until it returns true.
pub(crate) fn completes(
    explanation: &mut Explanation,
    session: &mut Session,
    line: &str,
    time: Option<f64>,
    number: u64,
    scratch: &mut Scratch,
) -> bool {
    let outcome = judged(session, line, time, scratch);
    let of_session = explanation.session.as_ref().is_some_and(|step| {
        let same = |found: &Found| mlfid(found).is_some_and(|id| id == step.id);
        (outcome.failures()).any(|found| same(found) && found.id.is_some())
    });
    let takes = (outcome.taken.iter()).any(|taken| **taken == explanation.tuple);
    let completed = of_session || takes;
    if completed {
        explanation.completed_by = Some((number, line.to_string()));
    }
    completed
}

fn template_hits(session: &Session) -> Vec<u64> {
    match session.detector() {
        Some(detector) => (0..detector.all().len())
            .map(|t| detector.state().hits(t))
            .collect(),
        None => Vec::new(),
    }
}

fn date_step(
    session: &Session,
    hits_before: &[u64],
    line: &str,
    outcome: &LineOutcome,
    scratch: &mut Scratch,
) -> DateStep {
    let Some(detector) = session.detector() else {
        return DateStep::NotSearched;
    };
    let hits = template_hits(session);
    let winner = hits
        .iter()
        .zip(hits_before)
        .position(|(after, before)| after > before);
    let tuple = &outcome.tuple;
    match winner {
        Some(winner) => {
            let start = tuple.prefix().len();
            DateStep::Found {
                template: detector.all()[winner].name().to_string(),
                cut: start..(start + tuple.date().len()).min(line.len()),
                time: session.last_date().map(|date| date.seconds()),
            }
        }
        None => DateStep::Missing {
            nearest: nearest_template(detector.all(), line, scratch),
            taken_over: if tuple.date().is_empty() {
                None
            } else {
                session.last_date().map(|date| date.seconds())
            },
        },
    }
}

/// The date template that came nearest in `line`.
fn nearest_template(
    templates: &[std::sync::Arc<DateTemplate>],
    line: &str,
    scratch: &mut Scratch,
) -> Option<TemplateMiss> {
    // a default template and its line-anchored twin miss alike: the first of a pattern will do
    let mut seen: Vec<&str> = Vec::new();
    let mut best: Option<TemplateMiss> = None;
    for template in templates {
        if let Some(pattern) = template.pattern() {
            if seen.contains(&pattern) {
                continue;
            }
            seen.push(pattern);
        }
        let Ok(regex) = template.compiled_regex() else {
            continue;
        };
        let Some(near) = near_miss(regex, line, &mut WalkBudget::default(), scratch) else {
            continue;
        };
        let better = |known: &TemplateMiss| near.score > known.near.score;
        if near.score > 0 && best.as_ref().is_none_or(better) {
            best = Some(TemplateMiss {
                name: template.name().to_string(),
                regex: regex.as_str().to_string(),
                near,
            });
        }
    }
    best
}

fn mlfid(found: &Found) -> Option<String> {
    let id = found.data.as_ref()?.present(Key::MLFID)?;
    Some(id.to_text().to_string())
}

fn session_step(
    outcome: &LineOutcome,
    session: &Session,
    before: Vec<(String, SessionState)>,
) -> Option<SessionStep> {
    let id = outcome.found.iter().find_map(mlfid)?;
    let after = session.open_sessions().find(|(known, _)| *known == id);
    Some(SessionStep {
        before: before
            .into_iter()
            .find(|(known, _)| *known == id)
            .map(|(_, state)| state),
        after: after.map(|(_, groups)| SessionState::of(groups)),
        id,
    })
}

fn failure_step(found: &Found) -> FailureStep {
    FailureStep {
        regex: found.regex,
        id: found.id.as_ref().map(|id| id.text.to_string()),
        kind: found.kind,
        users: found.users.iter().map(ToString::to_string).collect(),
        time: found.date.map(|date| date.seconds()),
        nofail: found.nofail,
    }
}
