//! An explanation for people: what each step saw, with carets under line and regex.

use super::ExplainReport;
use super::window::Window;
use crate::analysis::explain::near::NearMiss;
use crate::analysis::explain::source::source_span;
use crate::analysis::explain::steps::{DateStep, RegexOutcome, RegexStep, SessionState};
use crate::analysis::run::{place, role_name};
use crate::date::Clock;
use crate::engine::{FilterRegex, Verdict};
use crate::pattern::ast::Span;
use crate::report::text::{self, Screen, fit, printable, wrapped};
use crate::report::{Format, hints};
use std::io::{self, Write};
use std::ops::Range;

/// Bytes of a line that are shown at the most.
const SHOWN_BYTES: usize = 64 << 10;

/// Blanks before everything below a heading.
const INDENT: &str = "   ";

/// The explanation, as wide as the screen.
pub(crate) struct Table<'a> {
    /// For the times that are told.
    pub(crate) clock: &'a Clock,
    /// Where.
    pub(crate) screen: Screen,
}

impl Format<ExplainReport<'_>> for Table<'_> {
    fn write(&self, report: &ExplainReport, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Page {
            out,
            report,
            clock: self.clock,
            screen: self.screen,
        };
        page.line()?;
        page.date()?;
        page.ignored_first()?;
        page.prefregex()?;
        page.failregexes()?;
        page.ignoreregexes()?;
        page.session()?;
        page.verdict()?;
        let diagnosis = report.diagnosis;
        let sample = (diagnosis.sampled, diagnosis.total);
        hints::write(page.out, &diagnosis.hints, sample, self.screen)
    }
}

struct Page<'a> {
    out: &'a mut dyn Write,
    report: &'a ExplainReport<'a>,
    clock: &'a Clock,
    screen: Screen,
}

impl Page<'_> {
    fn room(&self) -> usize {
        self.screen.width.saturating_sub(INDENT.len()).max(20)
    }

    fn heading(&mut self, title: &str, text: &str) -> io::Result<()> {
        let heading = self.screen.heading(title);
        let room = self.screen.width.saturating_sub(title.chars().count() + 2);
        writeln!(
            self.out,
            "\n{}",
            format!("{heading}  {}", fit(text, room)).trim_end()
        )
    }

    /// A text with a mark under a part of it, and a note beside the mark.
    fn marked(&mut self, text: &str, part: Range<usize>, note: &str) -> io::Result<()> {
        let window = Window::of(text, part, self.room());
        let (before, inside, after) = window.parts();
        let shown = match self.screen.color {
            true => format!("{before}\x1b[7m{inside}\x1b[0m{after}"),
            false => window.shown.iter().collect(),
        };
        writeln!(self.out, "{INDENT}{}", shown.trim_end())?;
        let length = window.length.max(1);
        let mark = match length {
            1 => "^".to_string(),
            n => "~".repeat(n),
        };
        // the note goes before the mark where it does not fit behind
        let note_length = note.chars().count();
        let line = if window.start + length + 1 + note_length <= self.room() {
            format!("{}{mark} {note}", " ".repeat(window.start))
        } else if note_length < window.start {
            format!(
                "{}{note} {mark}",
                " ".repeat(window.start - note_length - 1)
            )
        } else {
            writeln!(self.out, "{INDENT}{}{mark}", " ".repeat(window.start))?;
            for line in wrapped(note, self.room(), 2) {
                writeln!(self.out, "{INDENT}{line}")?;
            }
            return Ok(());
        };
        writeln!(self.out, "{INDENT}{}", line.trim_end())
    }

    fn line(&mut self) -> io::Result<()> {
        let explanation = self.report.explanation;
        let number = explanation
            .number
            .map_or(String::new(), |n| format!(" {n}"));
        let verdict = explanation.verdict.name();
        let heading = self.screen.heading(&format!("Line{number}"));
        writeln!(self.out, "{heading}  {verdict}")?;
        let line = &explanation.line;
        let shown = text::begin(line, SHOWN_BYTES);
        for part in chunks(&printable(shown), self.room()) {
            writeln!(self.out, "{INDENT}{part}")?;
        }
        match line.len() - shown.len() {
            0 => Ok(()),
            rest => {
                let rest = text::counted(rest as u64, "byte", "bytes");
                writeln!(self.out, "{INDENT}… and {rest} more")
            }
        }
    }

    fn date(&mut self) -> io::Result<()> {
        let explanation = self.report.explanation;
        match &explanation.date {
            DateStep::NotSearched => {
                self.heading("Date", "comes with the entry; the line is not searched")?;
            }
            DateStep::Found {
                template,
                cut,
                time,
            } => {
                self.heading("Date", template)?;
                let time = match time {
                    Some(time) => self.clock.iso(*time),
                    None => "no such date".into(),
                };
                let note = format!("is {time} and is cut out");
                self.marked(&explanation.line, cut.clone(), &note)?;
            }
            DateStep::Missing {
                nearest,
                taken_over,
            } => {
                let taken = match taken_over {
                    Some(time) => format!("; the last one seen counts, {}", self.clock.iso(*time)),
                    None => String::new(),
                };
                self.heading("Date", &format!("no template finds one{taken}"))?;
                if let Some(miss) = nearest {
                    writeln!(
                        self.out,
                        "{INDENT}nearest: {}",
                        fit(&miss.name, self.room() - 9)
                    )?;
                    let note = self.expected(&miss.near, |span| {
                        let piece = miss.regex.get(span.start..span.end).unwrap_or_default();
                        piece.to_string()
                    });
                    self.marked(&explanation.line, miss.near.at..miss.near.at, &note)?;
                }
            }
        }
        let text = explanation
            .text
            .strip_suffix('\n')
            .unwrap_or(&explanation.text);
        let room = self.room().saturating_sub(19);
        writeln!(self.out, "{INDENT}the regexes see \"{}\"", fit(text, room))
    }

    /// "expected `x` or `y`", and how far a wildcard before it could go.
    fn expected(&self, near: &NearMiss, piece: impl Fn(Span) -> String) -> String {
        let mut pieces: Vec<String> = Vec::new();
        for expected in &near.expected {
            let text = match expected.group.as_deref().and_then(date_field) {
                Some(field) => field.to_string(),
                None => format!("`{}`", fit(&piece(expected.span), 40)),
            };
            if !pieces.contains(&text) {
                pieces.push(text);
            }
        }
        if pieces.len() > 3 {
            pieces.truncate(3);
            pieces.push("…".into());
        }
        let or_later = if near.last > near.at {
            " here or later"
        } else {
            ""
        };
        let roughly = if near.exact {
            ""
        } else {
            " (searched in part)"
        };
        format!("expected {}{or_later}{roughly}", pieces.join(" or "))
    }

    fn ignored_first(&mut self) -> io::Result<()> {
        if !self.report.explanation.ignored_first {
            return Ok(());
        }
        self.heading("Ignoreregex", "tried first, and takes the line")?;
        let steps = self.report.explanation.ignoreregexes.iter();
        let matched: Vec<&RegexStep> = steps.filter(|step| step.matched()).collect();
        matched.into_iter().try_for_each(|step| self.match_of(step))
    }

    fn prefregex(&mut self) -> io::Result<()> {
        let explanation = self.report.explanation;
        let Some(step) = &explanation.prefregex else {
            return Ok(());
        };
        let said = match &step.outcome {
            RegexOutcome::Matched { .. } => "matches",
            RegexOutcome::Missed(_) => "does not match: no failregex is tried",
            RegexOutcome::Exhausted => "gave no answer within its budget of steps",
        };
        let place = self
            .report
            .regex(step.role)
            .map(where_is)
            .unwrap_or_default();
        self.heading("Prefregex", &format!("{place}  {said}"))?;
        match &step.outcome {
            RegexOutcome::Matched { groups, .. } => self.groups(groups),
            RegexOutcome::Missed(Some(near)) => self.near(step, near, &explanation.text),
            _ => Ok(()),
        }
    }

    fn failregexes(&mut self) -> io::Result<()> {
        let explanation = self.report.explanation;
        let all = &explanation.failregexes;
        if all.is_empty() {
            return Ok(());
        }
        let matched: Vec<&RegexStep> = all.iter().filter(|step| step.matched()).collect();
        if !matched.is_empty() {
            self.heading(
                "Failregex",
                &format!("{} of {} match", matched.len(), all.len()),
            )?;
            return matched.into_iter().try_for_each(|step| self.match_of(step));
        }
        let nearest = explanation.nearest();
        let said = match all.len() {
            1 => "it does not match".to_string(),
            n => format!("none of {n} matches; the nearest ({} with --top)", "more"),
        };
        self.heading("Failregex", &said)?;
        let text = explanation.failregex_text().to_string();
        for (step, near) in nearest.into_iter().take(self.report.top) {
            self.title(step)?;
            self.near(step, near, &text)?;
        }
        Ok(())
    }

    fn title(&mut self, step: &RegexStep) -> io::Result<()> {
        let Some(regex) = self.report.regex(step.role) else {
            return Ok(());
        };
        let name = role_name(step.role);
        writeln!(self.out, " {name}  {}", where_is(regex))
    }

    fn near(&mut self, step: &RegexStep, near: &NearMiss, text: &str) -> io::Result<()> {
        let Some(regex) = self.report.regex(step.role) else {
            return Ok(());
        };
        let source = &regex.source.text;
        let written = |span| source_span(self.report.filter, regex, span);
        let line = text.strip_suffix('\n').unwrap_or(text);
        let at = near.at.min(line.len());
        let here = match line[at..].chars().next() {
            None => "the line ends".to_string(),
            Some(_) => format!("stops at column {}", line[..at].chars().count() + 1),
        };
        self.marked(line, at..at, &here)?;
        let note = self.expected(near, |span| {
            let span = written(span);
            source
                .get(span.start..span.end)
                .unwrap_or_default()
                .to_string()
        });
        let Some(first) = near.expected.first() else {
            return Ok(());
        };
        let span = written(first.span);
        self.marked(source, span.start..span.start, &note)
    }

    fn match_of(&mut self, step: &RegexStep) -> io::Result<()> {
        self.title(step)?;
        if let Some(regex) = self.report.regex(step.role) {
            let text = fit(&regex.source.text, self.room());
            writeln!(self.out, "{INDENT}{text}")?;
        }
        match &step.outcome {
            RegexOutcome::Matched { groups, .. } => self.groups(groups),
            _ => Ok(()),
        }
    }

    fn groups(&mut self, groups: &[(String, String)]) -> io::Result<()> {
        let width = groups
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        let room = self.room().saturating_sub(width + 4);
        for (name, value) in groups {
            let value = fit(value, room);
            writeln!(self.out, "{INDENT}{name:width$}  \"{value}\"")?;
        }
        Ok(())
    }

    fn ignoreregexes(&mut self) -> io::Result<()> {
        let explanation = self.report.explanation;
        if explanation.ignored_first || explanation.ignoreregexes.is_empty() {
            return Ok(());
        }
        let steps = explanation.ignoreregexes.iter();
        let matched: Vec<&RegexStep> = steps.filter(|step| step.matched()).collect();
        let said = match matched.is_empty() {
            true => "none matches",
            false => "takes the match back",
        };
        self.heading("Ignoreregex", said)?;
        matched.into_iter().try_for_each(|step| self.match_of(step))
    }

    fn session(&mut self) -> io::Result<()> {
        let Some(step) = &self.report.explanation.session else {
            return Ok(());
        };
        self.heading("Session", step.id.trim())?;
        let state = |state: &Option<SessionState>, none: &str| match state {
            None => none.to_string(),
            Some(state) => state_text(state),
        };
        let before = state(&step.before, "this line begins it");
        let after = state(&step.after, "this line ends it");
        let completed = step.completed_by.as_ref();
        let completed = completed.map(|(at, line)| format!("completed by line {at}: {line}"));
        let lines = [format!("before: {before}"), format!("after:  {after}")];
        for line in lines.into_iter().chain(completed) {
            writeln!(self.out, "{INDENT}{}", fit(&line, self.room()))?;
        }
        Ok(())
    }

    fn verdict(&mut self) -> io::Result<()> {
        let explanation = self.report.explanation;
        self.heading("Verdict", &why(explanation))?;
        for failure in &explanation.failures {
            let who = match &failure.id {
                Some(id) => format!("{} {id}", failure.kind.name()),
                None => "nobody yet".into(),
            };
            let time = failure
                .time
                .map_or("no date".into(), |time| self.clock.iso(time));
            let users = match failure.users.is_empty() {
                true => String::new(),
                false => format!(", user {}", failure.users.join(", ")),
            };
            let helper = if failure.nofail { ", helper only" } else { "" };
            let number = failure.regex + 1;
            let text = format!("failregex {number}: {who}{users}, {time}{helper}");
            writeln!(self.out, "{INDENT}{}", fit(&text, self.room()))?;
        }
        Ok(())
    }
}

fn why(explanation: &crate::analysis::explain::steps::Explanation) -> String {
    let pending = explanation.failures.iter().any(|f| f.id.is_none());
    let helper = explanation.failures.iter().any(|f| f.nofail);
    let prefregex_missed = explanation
        .prefregex
        .as_ref()
        .is_some_and(|step| !step.matched());
    match explanation.verdict {
        Verdict::Matched if pending => {
            "matched; no address yet: it counts once a line of its session names one".into()
        }
        Verdict::Matched => "matched".into(),
        Verdict::Ignored if helper => {
            "ignored: the regex is a helper (<F-NOFAIL>), it waits for a failure".into()
        }
        Verdict::Ignored => "ignored: an ignoreregex matches".into(),
        Verdict::Missed if prefregex_missed => "missed: the prefregex does not match".into(),
        Verdict::Missed => "missed: no failregex matches".into(),
    }
}

fn state_text(state: &SessionState) -> String {
    let mut parts = Vec::new();
    if state.pending {
        parts.push("a failure waits for an address".to_string());
    }
    if state.nofail {
        parts.push("helpers only (<F-NOFAIL>), nothing counts yet".to_string());
    }
    if state.gained {
        parts.push("ended well (<F-MLFGAINED>)".to_string());
    }
    if let Some(id) = &state.id {
        parts.push(format!("address {id}"));
    }
    if !state.users.is_empty() {
        parts.push(format!("users {}", state.users.join(", ")));
    }
    match parts.is_empty() {
        true => "nothing waits".into(),
        false => parts.join("; "),
    }
}

/// What the group of a date template stands for.
fn date_field(group: &str) -> Option<&'static str> {
    Some(match group {
        "Y" | "y" => "the year",
        "m" | "b" | "B" => "the month",
        "d" => "the day",
        "H" | "I" => "the hour",
        "M" => "the minute",
        "S" => "the second",
        "z" | "Z" => "the time zone",
        "a" | "A" => "the day of the week",
        "p" => "AM or PM",
        "f" => "a fraction of a second",
        _ => return None,
    })
}

/// File and line of a regex.
fn where_is(regex: &FilterRegex) -> String {
    match place(&regex.source) {
        (Some(file), Some(line)) => format!("{}:{line}", printable(&file)),
        _ => "(given)".into(),
    }
}

/// A text in pieces of at most `width` characters.
fn chunks(text: &str, width: usize) -> Vec<String> {
    let all: Vec<char> = text.chars().collect();
    all.chunks(width.max(1))
        .map(|chunk| chunk.iter().collect())
        .collect()
}
