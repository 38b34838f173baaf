//! What reports of `explain` are written from, the table and JSON (`"schema": 1`) alike.
//!
//! Offsets are bytes: of the line for the date, of the text for prefregex, of the content (or the
//! text) for failregexes, of `regex` for pieces of it. No text of a log is here whole where it is
//! longer than [`MOST_BYTES`].

use super::Explained;
use crate::analysis::explain::hints::Hint;
use crate::analysis::explain::missed::{MissedGroup, MissedLines, VerdictCounts, nearest};
use crate::analysis::explain::near::NearMiss;
use crate::analysis::explain::source::source_span;
use crate::analysis::explain::steps::{
    DateStep, Explanation, RegexOutcome, RegexStep, SessionState, TemplateMiss,
};
use crate::analysis::run::{FilterInfo, Moment, SCHEMA, place, role_name};
use crate::analysis::warning::Tool;
use crate::analysis::wording::begin;
use crate::date::Clock;
use crate::engine::{Filter, FilterRegex, RegexRole, Verdict};
use crate::pattern::ast::Span;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes of a line, or of what is seen of it, that are told at the most.
const MOST_BYTES: usize = 64 << 10;
/// Bytes told on either side of a place in a line.
const AROUND: usize = 2 << 10;

/// One line explained.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LineReport {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The filter.
    pub(crate) filter: FilterInfo,
    /// The line.
    #[serde(flatten)]
    pub(crate) line: LineValue,
    /// What would help.
    pub(crate) hints: Vec<Hint>,
    /// Lines the hints were tried on, of how many.
    #[serde(skip)]
    pub(crate) sample: (u64, u64),
}

/// All missed lines of a log, in groups (`--all`).
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GroupsReport {
    /// [`SCHEMA`].
    pub(crate) schema: u32,
    /// What wrote it.
    pub(crate) tool: Tool,
    /// The filter.
    pub(crate) filter: FilterInfo,
    /// Lines by verdict.
    pub(crate) lines: VerdictCounts,
    /// Missed lines in groups, the largest first.
    pub(crate) groups: Vec<GroupValue>,
    /// Missed lines in none of them: longer than 64 KiB, or of too many kinds.
    pub(crate) ungrouped: u64,
    /// With `--failures`: missed lines that do not look like failures.
    pub(crate) left_out: u64,
    /// What would help.
    pub(crate) hints: Vec<Hint>,
    /// Lines the hints were tried on, of how many.
    #[serde(skip)]
    pub(crate) sample: (u64, u64),
}

/// Missed lines that stop at the same place.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct GroupValue {
    /// How many.
    pub(crate) lines: u64,
    /// Number of the first.
    pub(crate) first: u64,
    /// Number of the last.
    pub(crate) last: u64,
    /// The regex they stop in, such as `failregex 3`; null: none comes near.
    pub(crate) regex: Option<String>,
    /// One of them explained.
    pub(crate) example: LineValue,
}

/// A line, step by step.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LineValue {
    /// The line, its first 64 KiB.
    pub(crate) line: String,
    /// Bytes of all of it.
    pub(crate) line_bytes: usize,
    /// Its number in the log, from 1.
    pub(crate) number: Option<u64>,
    /// `matched`, `ignored` or `missed`.
    pub(crate) verdict: Verdict,
    /// The verdict in words, with its reason.
    pub(crate) why: String,
    /// Where its date is.
    pub(crate) date: DateValue,
    /// What the regexes see, its first 64 KiB.
    pub(crate) text: String,
    /// The ignoreregexes were tried before anything else, and one matched.
    pub(crate) ignored_first: bool,
    /// The prefregex, if it was tried.
    pub(crate) prefregex: Option<RegexValue>,
    /// What it left for the failregexes; null: all of `text`.
    pub(crate) content: Option<String>,
    /// The failregexes in order; empty if they were not tried.
    pub(crate) failregex: Vec<RegexValue>,
    /// The ignoreregexes that were tried.
    pub(crate) ignoreregex: Vec<RegexValue>,
    /// Numbers of the failregexes that missed, the nearest first.
    pub(crate) nearest: Vec<usize>,
    /// The session of the line.
    pub(crate) session: Option<SessionValue>,
    /// The later line that completes it: its session, or a match over several lines.
    pub(crate) completed_by: Option<LaterLine>,
    /// Failures, helpers among them.
    pub(crate) failures: Vec<FailureValue>,
}

/// A later line of the log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LaterLine {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// The line, its first 64 KiB.
    pub(crate) line: String,
}

/// Where the date is.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct DateValue {
    /// It was searched: entries of a journal bring theirs along.
    pub(crate) searched: bool,
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
    pub(crate) near: Option<NearValue>,
    /// The time as the table has it.
    #[serde(skip)]
    pub(crate) local: Option<String>,
    /// The line around the date.
    #[serde(skip)]
    pub(crate) seen: Option<Seen>,
}

/// A part of a text, around the place that matters.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Seen {
    /// Where it begins in the text.
    pub(crate) start: usize,
    /// The part.
    pub(crate) text: String,
}

/// A regex tried.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RegexValue {
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
    /// What its named groups caught, the first 64 KiB of each.
    pub(crate) groups: BTreeMap<String, String>,
    /// How near it came, if it missed.
    pub(crate) near: Option<NearValue>,
    /// `failregex 3`.
    #[serde(skip)]
    pub(crate) name: String,
}

/// A near miss.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NearValue {
    /// Where the expected pieces were first tried.
    pub(crate) at: usize,
    /// The same as a column, in characters from 1.
    pub(crate) column: usize,
    /// Where they were last tried.
    pub(crate) last: usize,
    /// How far any path got.
    pub(crate) furthest: usize,
    /// To compare near misses on one text.
    pub(crate) score: u64,
    /// All paths were walked.
    pub(crate) exact: bool,
    /// The pieces, any of which would have gone on.
    pub(crate) expected: Vec<PieceValue>,
    /// The text around that place.
    pub(crate) seen: Seen,
}

/// A piece of a regex.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PieceValue {
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
pub(crate) struct SessionValue {
    /// Its id.
    pub(crate) id: String,
    /// Before the line; null: the line begins it.
    pub(crate) before: Option<SessionState>,
    /// After it; null: the line ends it.
    pub(crate) after: Option<SessionState>,
    /// Number of the line that completes it.
    pub(crate) completed_by: Option<u64>,
}

/// A failure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FailureValue {
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
    /// The time as the table has it.
    #[serde(skip)]
    pub(crate) local: Option<String>,
}

impl LineReport {
    /// The report on a line.
    pub(crate) fn of(explained: Explained, told: &Explanation) -> LineReport {
        let Explained {
            filter,
            info,
            diagnosis,
            clock,
        } = explained;
        LineReport {
            schema: SCHEMA,
            tool: Tool::this(),
            filter: info,
            line: LineValue::of(told, filter, clock),
            hints: diagnosis.hints,
            sample: (diagnosis.sampled, diagnosis.total),
        }
    }
}

impl GroupsReport {
    /// The report on all missed lines.
    pub(crate) fn of(explained: Explained, missed: &MissedLines) -> GroupsReport {
        let Explained {
            filter,
            info,
            diagnosis,
            clock,
        } = explained;
        let group = |group: &MissedGroup| GroupValue {
            lines: group.lines,
            first: group.first,
            last: group.last,
            regex: nearest(&group.example)
                .filter(|(_, near)| near.score > 0)
                .map(|(role, _)| role_name(role)),
            example: LineValue::of(&group.example, filter, clock),
        };
        GroupsReport {
            schema: SCHEMA,
            tool: Tool::this(),
            filter: info,
            lines: missed.counts,
            groups: missed.groups.iter().map(group).collect(),
            ungrouped: missed.ungrouped,
            left_out: missed.left_out,
            hints: diagnosis.hints,
            sample: (diagnosis.sampled, diagnosis.total),
        }
    }
}

impl LineValue {
    fn of(told: &Explanation, filter: &Filter, clock: &Clock) -> LineValue {
        let step = |step: &RegexStep| RegexValue::of(step, told, filter);
        let nearest = told.nearest();
        let index = |near: &RegexStep| {
            let mut all = told.failregexes.iter();
            all.position(|step| step.role == near.role)
        };
        LineValue {
            line: bounded(&told.line),
            line_bytes: told.line.len(),
            number: told.number,
            verdict: told.verdict,
            why: why(told),
            date: DateValue::of(told, clock),
            text: bounded(&told.text),
            ignored_first: told.ignored_first,
            prefregex: told.prefregex.as_ref().map(step),
            content: told.content.as_deref().map(bounded),
            nearest: (nearest.iter())
                .filter_map(|(near, _)| Some(index(near)? + 1))
                .collect(),
            failregex: told.failregexes.iter().map(step).collect(),
            ignoreregex: told.ignoreregexes.iter().map(step).collect(),
            session: told.session.as_ref().map(|session| SessionValue {
                id: bounded(&session.id),
                before: session.before.clone(),
                after: session.after.clone(),
                completed_by: told.completed_by.as_ref().map(|(number, _)| *number),
            }),
            completed_by: told.completed_by.as_ref().map(|(number, line)| LaterLine {
                number: *number,
                line: bounded(line),
            }),
            failures: (told.failures.iter())
                .map(|failure| FailureValue {
                    failregex: failure.regex + 1,
                    id: failure.id.as_deref().map(bounded),
                    kind: failure.kind.name().into(),
                    users: failure.users.iter().map(|user| bounded(user)).collect(),
                    time: failure.time.map(|time| moment(time, clock)),
                    nofail: failure.nofail,
                    local: failure.time.map(|time| clock.iso(time)),
                })
                .collect(),
        }
    }
}

impl DateValue {
    fn of(told: &Explanation, clock: &Clock) -> DateValue {
        match &told.date {
            DateStep::NotSearched => DateValue::default(),
            DateStep::Found {
                template,
                cut,
                time,
            } => DateValue {
                searched: true,
                found: true,
                template: Some(template.clone()),
                text: told.line.get(cut.clone()).map(bounded),
                start: Some(cut.start),
                end: Some(cut.end),
                time: time.map(|time| moment(time, clock)),
                near: None,
                local: time.map(|time| clock.iso(time)),
                seen: Some(Seen::of(&told.line, cut.clone())),
            },
            DateStep::Missing {
                nearest,
                taken_over,
            } => DateValue {
                searched: true,
                template: nearest.as_ref().map(|miss| miss.name.clone()),
                time: taken_over.map(|time| moment(time, clock)),
                near: nearest
                    .as_ref()
                    .map(|miss| near_of_template(miss, &told.line)),
                local: taken_over.map(|time| clock.iso(time)),
                ..DateValue::default()
            },
        }
    }
}

fn near_of_template(miss: &TemplateMiss, line: &str) -> NearValue {
    NearValue::of(&miss.near, line, &miss.regex, |span| span)
}

impl Seen {
    fn of(text: &str, part: Range<usize>) -> Seen {
        let start = begin(text, part.start.saturating_sub(AROUND)).len();
        let end = part.end.min(part.start + MOST_BYTES) + AROUND;
        Seen {
            start,
            text: begin(&text[start..], end.saturating_sub(start)).to_string(),
        }
    }
}

impl NearValue {
    /// `written`: where a piece of the compiled regex stands in `source`.
    fn of(near: &NearMiss, text: &str, source: &str, written: impl Fn(Span) -> Span) -> NearValue {
        let line = text.strip_suffix('\n').unwrap_or(text);
        let at = near.at.min(line.len());
        let pieces = near.expected.iter().map(|expected| {
            let span = written(expected.span);
            PieceValue {
                piece: source.get(span.start..span.end).unwrap_or_default().into(),
                start: span.start,
                end: span.end,
                group: expected.group.clone(),
            }
        });
        NearValue {
            at: near.at,
            column: begin(line, at).chars().count() + 1,
            last: near.last,
            furthest: near.furthest,
            score: near.score,
            exact: near.exact,
            expected: pieces.collect(),
            seen: Seen::of(line, at..at),
        }
    }
}

impl RegexValue {
    fn of(step: &RegexStep, told: &Explanation, filter: &Filter) -> RegexValue {
        let (index, regex) = regex_of(filter, step.role);
        let (file, line) = regex.map_or((None, None), |regex| place(&regex.source));
        let source = regex.map_or("", |regex| regex.source.text.as_str());
        let text = match step.role {
            RegexRole::Failregex(_) => told.failregex_text(),
            _ => &told.text,
        };
        let written = |span| regex.map_or(span, |regex| source_span(filter, regex, span));
        RegexValue {
            number: index + 1,
            regex: source.to_string(),
            file,
            line,
            matched: step.matched(),
            exhausted: matches!(step.outcome, RegexOutcome::Exhausted),
            groups: match &step.outcome {
                RegexOutcome::Matched { groups } => groups
                    .iter()
                    .map(|(name, value)| (name.clone(), bounded(value)))
                    .collect(),
                _ => BTreeMap::new(),
            },
            near: step
                .near()
                .map(|near| NearValue::of(near, text, source, written)),
            name: role_name(step.role),
        }
    }
}

fn regex_of(filter: &Filter, role: RegexRole) -> (usize, Option<&FilterRegex>) {
    match role {
        RegexRole::Prefregex => (0, filter.prefregex.as_ref()),
        RegexRole::Failregex(index) => (index, filter.failregexes.get(index)),
        RegexRole::Ignoreregex(index) => (index, filter.ignoreregexes.get(index)),
    }
}

fn bounded(text: &str) -> String {
    begin(text, MOST_BYTES).to_string()
}

fn moment(epoch: f64, clock: &Clock) -> Moment {
    Moment {
        time: clock.rfc3339(epoch),
        epoch,
    }
}

/// The verdict with its reason.
fn why(told: &Explanation) -> String {
    let pending = told.failures.iter().any(|failure| failure.id.is_none());
    let helper = told.failures.iter().any(|failure| failure.nofail);
    let prefregex_missed = told.prefregex.as_ref().is_some_and(|step| !step.matched());
    let matched = told.failregexes.iter().find(|step| step.matched());
    match told.verdict {
        Verdict::Matched if pending => {
            "matched; no address yet: it counts once a line of its session names one".into()
        }
        Verdict::Matched => "matched".into(),
        Verdict::Ignored if helper => {
            "ignored: the regex is a helper (<F-NOFAIL>), it waits for a failure".into()
        }
        Verdict::Ignored => "ignored: an ignoreregex matches".into(),
        Verdict::Missed => match (&told.completed_by, matched) {
            (Some((number, _)), _) => {
                format!("missed by itself; it counts as matched with line {number}")
            }
            (None, Some(step)) => unnamed(step),
            (None, None) if prefregex_missed => "missed: the prefregex does not match".into(),
            (None, None) => "missed: no failregex matches".into(),
        },
    }
}

/// A failregex matches, and there is no failure.
fn unnamed(step: &RegexStep) -> String {
    let name = match &step.outcome {
        RegexOutcome::Matched { groups } => groups.iter().find(|(name, _)| name == "dns"),
        _ => None,
    };
    let regex = role_name(step.role);
    match name {
        Some((_, host)) => format!(
            "missed: {regex} matches, but no address is known for the name {} (--usedns)",
            begin(host, 256)
        ),
        None => format!("missed: {regex} matches, but names nobody who could be banned"),
    }
}
