//! From an explanation to the value its reports are written from.

use super::Explained;
use super::value::{
    DateValue, FailureValue, GroupValue, GroupsReport, LaterLine, LineReport, LineValue, NearValue,
    PieceValue, RegexValue, Seen, SessionValue,
};
use crate::analysis::explain::missed::{MissedGroup, MissedLines, nearest};
use crate::analysis::explain::near::NearMiss;
use crate::analysis::explain::source::source_span;
use crate::analysis::explain::steps::{
    DateStep, Explanation, RegexOutcome, RegexStep, TemplateMiss,
};
use crate::analysis::run::{Moment, SCHEMA, place, role_name};
use crate::analysis::warning::Tool;
use crate::analysis::wording::begin;
use crate::date::Clock;
use crate::engine::{Filter, FilterRegex, RegexRole, Verdict};
use crate::pattern::ast::Span;
use std::ops::Range;

/// Bytes of a line, or of what is seen of it, that are told at the most.
const MOST_BYTES: usize = 64 << 10;
/// Bytes told on either side of a place in a line.
const AROUND: usize = 1 << 10;

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
                _ => Vec::new(),
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
