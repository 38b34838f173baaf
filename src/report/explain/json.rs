//! An explanation for programs (`explain --format json`): one object, `"schema": 1`.
//!
//! Offsets are bytes: of `line` for the date, of `text` for prefregex, of the content (or
//! `text`) for failregexes, of `regex` for pieces of it.

use super::ExplainReport;
use crate::analysis::explain::hints::Hint;
use crate::analysis::explain::near::NearMiss;
use crate::analysis::explain::source::source_span;
use crate::analysis::explain::steps::{DateStep, RegexOutcome, RegexStep, SessionState};
use crate::analysis::run::{FilterInfo, Moment, SCHEMA, place};
use crate::analysis::warning::Tool;
use crate::date::Clock;
use crate::engine::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JsonExplanation {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The filter.
    pub(crate) filter: FilterInfo,
    /// The line.
    pub(crate) line: String,
    /// Its number in the log, from 1.
    pub(crate) number: Option<u64>,
    /// `matched`, `ignored` or `missed`.
    pub(crate) verdict: Verdict,
    /// Where its date is.
    pub(crate) date: JsonDate,
    /// What the regexes see.
    pub(crate) text: String,
    /// The prefregex, if it was tried.
    pub(crate) prefregex: Option<JsonStep>,
    /// What it left for the failregexes; null: all of `text`.
    pub(crate) content: Option<String>,
    /// The failregexes in order; empty if they were not tried.
    pub(crate) failregex: Vec<JsonStep>,
    /// The ignoreregexes that were tried.
    pub(crate) ignoreregex: Vec<JsonStep>,
    /// Numbers of the failregexes that missed, the nearest first.
    pub(crate) nearest: Vec<usize>,
    /// The session of the line.
    pub(crate) session: Option<JsonSession>,
    /// Failures, helpers among them.
    pub(crate) failures: Vec<JsonFailure>,
    /// What would help.
    pub(crate) hints: Vec<Hint>,
}

/// Where the date is.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct JsonDate {
    /// A template found it.
    pub(crate) found: bool,
    /// That template, or the one that came nearest.
    pub(crate) template: Option<String>,
    /// What was cut out of the line.
    pub(crate) text: Option<String>,
    /// Where that stands.
    pub(crate) start: Option<usize>,
    /// Its end.
    pub(crate) end: Option<usize>,
    /// The time that counts for the line.
    pub(crate) time: Option<Moment>,
    /// How near the nearest template came.
    pub(crate) near: Option<JsonNear>,
}

/// A regex tried.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JsonStep {
    /// Number in its list, from 1.
    pub(crate) number: usize,
    /// As written in the filter.
    pub(crate) regex: String,
    /// The file it stands in.
    pub(crate) file: Option<String>,
    /// The line there, from 1.
    pub(crate) line: Option<u32>,
    /// It matched.
    pub(crate) matched: bool,
    /// It gave no answer within its budget of steps.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) exhausted: bool,
    /// What its named groups caught.
    pub(crate) groups: BTreeMap<String, String>,
    /// How near it came, if it missed.
    pub(crate) near: Option<JsonNear>,
}

/// A near miss.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JsonNear {
    /// Where the expected pieces were first tried.
    pub(crate) at: usize,
    /// Where they were last tried.
    pub(crate) last: usize,
    /// How far any path got.
    pub(crate) furthest: usize,
    /// To compare near misses on one text.
    pub(crate) score: u64,
    /// All paths were walked.
    pub(crate) exact: bool,
    /// The pieces, any of which would have gone on.
    pub(crate) expected: Vec<JsonPiece>,
}

/// A piece of a regex.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JsonPiece {
    /// As written.
    pub(crate) piece: String,
    /// Where it stands in the regex as written (of a date template: as compiled).
    pub(crate) start: usize,
    /// Its end.
    pub(crate) end: usize,
    /// The named group around it.
    pub(crate) group: Option<String>,
}

/// A session.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JsonSession {
    /// Its id.
    pub(crate) id: String,
    /// Before the line; null: the line begins it.
    pub(crate) before: Option<JsonState>,
    /// After it; null: the line ends it.
    pub(crate) after: Option<JsonState>,
    /// Number of the line that completes it.
    pub(crate) completed_by: Option<u64>,
}

/// What a session knows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JsonState {
    /// A failure waits for an address.
    pub(crate) pending: bool,
    /// Helpers only so far.
    pub(crate) nofail: bool,
    /// It ended well.
    pub(crate) gained: bool,
    /// The address or id.
    pub(crate) id: Option<String>,
    /// The users.
    pub(crate) users: Vec<String>,
}

/// A failure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct JsonFailure {
    /// Number of the failregex, from 1.
    pub(crate) failregex: usize,
    /// The address or id.
    pub(crate) id: Option<String>,
    /// `ip4`, `ip6`, `dns` or `id`.
    pub(crate) kind: String,
    /// Users named.
    pub(crate) users: Vec<String>,
    /// When.
    pub(crate) time: Option<Moment>,
    /// A helper that does not count.
    pub(crate) nofail: bool,
}

/// Builds the report.
pub(crate) fn build(report: &ExplainReport, clock: &Clock) -> JsonExplanation {
    let explanation = report.explanation;
    let steps = |steps: &[RegexStep]| -> Vec<JsonStep> {
        steps
            .iter()
            .enumerate()
            .map(|(index, s)| step(report, index, s))
            .collect()
    };
    let failregex = steps(&explanation.failregexes);
    let nearest = explanation.nearest();
    JsonExplanation {
        schema: SCHEMA,
        tool: Tool::this(),
        filter: report.info.clone(),
        line: explanation.line.clone(),
        number: explanation.number,
        verdict: explanation.verdict,
        date: date(report, clock),
        text: explanation.text.clone(),
        prefregex: explanation.prefregex.as_ref().map(|s| step(report, 0, s)),
        content: explanation.content.clone(),
        nearest: (nearest.iter())
            .filter_map(|(near, _)| {
                explanation
                    .failregexes
                    .iter()
                    .position(|s| s.role == near.role)
            })
            .map(|index| index + 1)
            .collect(),
        failregex,
        ignoreregex: steps(&explanation.ignoreregexes),
        session: explanation.session.as_ref().map(|session| JsonSession {
            id: session.id.clone(),
            before: session.before.as_ref().map(state),
            after: session.after.as_ref().map(state),
            completed_by: session.completed_by.as_ref().map(|(number, _)| *number),
        }),
        failures: (explanation.failures.iter())
            .map(|failure| JsonFailure {
                failregex: failure.regex + 1,
                id: failure.id.clone(),
                kind: failure.kind.name().into(),
                users: failure.users.clone(),
                time: failure.time.map(|time| moment(time, clock)),
                nofail: failure.nofail,
            })
            .collect(),
        hints: report.diagnosis.hints.clone(),
    }
}

fn moment(epoch: f64, clock: &Clock) -> Moment {
    Moment {
        time: clock.rfc3339(epoch),
        epoch,
    }
}

fn state(state: &SessionState) -> JsonState {
    JsonState {
        pending: state.pending,
        nofail: state.nofail,
        gained: state.gained,
        id: state.id.clone(),
        users: state.users.clone(),
    }
}

fn date(report: &ExplainReport, clock: &Clock) -> JsonDate {
    let explanation = report.explanation;
    match &explanation.date {
        DateStep::NotSearched => JsonDate::default(),
        DateStep::Found {
            template,
            cut,
            time,
        } => JsonDate {
            found: true,
            template: Some(template.clone()),
            text: explanation.line.get(cut.clone()).map(str::to_string),
            start: Some(cut.start),
            end: Some(cut.end),
            time: time.map(|time| moment(time, clock)),
            near: None,
        },
        DateStep::Missing {
            nearest,
            taken_over,
        } => JsonDate {
            template: nearest.as_ref().map(|miss| miss.name.clone()),
            time: taken_over.map(|time| moment(time, clock)),
            near: nearest.as_ref().map(|miss| {
                let piece = |near: &NearMiss| {
                    let all = near.expected.iter();
                    all.map(|e| JsonPiece {
                        piece: miss
                            .regex
                            .get(e.span.start..e.span.end)
                            .unwrap_or_default()
                            .into(),
                        start: e.span.start,
                        end: e.span.end,
                        group: e.group.clone(),
                    })
                    .collect()
                };
                near(&miss.near, piece(&miss.near))
            }),
            ..JsonDate::default()
        },
    }
}

fn near(near: &NearMiss, expected: Vec<JsonPiece>) -> JsonNear {
    JsonNear {
        at: near.at,
        last: near.last,
        furthest: near.furthest,
        score: near.score,
        exact: near.exact,
        expected,
    }
}

fn step(report: &ExplainReport, index: usize, step: &RegexStep) -> JsonStep {
    let regex = report.regex(step.role);
    let (file, line) = regex.map_or((None, None), |regex| place(&regex.source));
    let source = regex.map_or("", |regex| regex.source.text.as_str());
    let missed = match &step.outcome {
        RegexOutcome::Missed(Some(miss)) => Some(near(
            miss,
            (miss.expected.iter())
                .map(|e| {
                    let span = regex.map_or(e.span, |r| source_span(report.filter, r, e.span));
                    JsonPiece {
                        piece: source.get(span.start..span.end).unwrap_or_default().into(),
                        start: span.start,
                        end: span.end,
                        group: e.group.clone(),
                    }
                })
                .collect(),
        )),
        _ => None,
    };
    JsonStep {
        number: index + 1,
        regex: source.to_string(),
        file,
        line,
        matched: step.matched(),
        exhausted: matches!(step.outcome, RegexOutcome::Exhausted),
        groups: match &step.outcome {
            RegexOutcome::Matched { groups, .. } => groups.iter().cloned().collect(),
            _ => BTreeMap::new(),
        },
        near: missed,
    }
}
