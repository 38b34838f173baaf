//! One line explained, as a page: what each step saw of it, and the verdict.

use super::html::{Html, Near, cut, dated, file_and_line};
use super::page::expected;
use super::table::{failure_text, session_text};
use super::value::{LineReport, LineValue, RegexValue};
use crate::engine::Verdict;
use crate::report::Format;
use crate::report::html::{self, Segment, filters};
use crate::report::text::grouped;
use askama::Template;
use std::io::{self, Write};

/// Near misses that are shown.
const NEAREST: usize = 20;

impl Format<LineReport> for Html {
    fn write(&self, report: &LineReport, out: &mut dyn Write) -> io::Result<()> {
        let (data, has_data) = html::data_that_fits(report)?;
        let line = &report.line;
        let page = Page {
            data,
            has_data,
            report,
            title: match line.number {
                Some(number) => format!("Line {} is {}", grouped(number), line.verdict.name()),
                None => format!("The line is {}", line.verdict.name()),
            },
            class: match line.verdict {
                Verdict::Matched => "good",
                Verdict::Ignored => "warn",
                Verdict::Missed => "bad",
            },
            failures: line.failures.iter().map(failure_text).collect(),
            line: dated(line),
            cut: cut(line),
            date: Date::of(line),
            steps: steps(line),
            session: session_text(line),
        };
        html::write(&page, out)
    }
}

#[derive(Template)]
#[template(path = "explain_line.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    report: &'a LineReport,
    title: String,
    class: &'static str,
    failures: Vec<String>,
    line: Vec<Segment>,
    cut: String,
    date: Date,
    steps: Vec<Step<'a>>,
    /// What it is about, and what is said.
    session: Option<(&'static str, String, Vec<String>)>,
}

struct Date {
    said: String,
    /// Where the nearest template stops, and what it expects there.
    near: Option<(Vec<Segment>, String)>,
}

/// Regexes of a kind.
struct Step<'a> {
    title: &'static str,
    /// Of the headings on the page.
    id: &'static str,
    said: String,
    regexes: Vec<Tried<'a>>,
}

/// A regex that is shown.
struct Tried<'a> {
    name: &'a str,
    place: String,
    regex: &'a str,
    groups: &'a [(String, String)],
    near: Option<Near>,
}

impl Date {
    fn of(line: &LineValue) -> Date {
        let date = &line.date;
        let template = date.template.as_deref().unwrap_or_default();
        if !date.searched {
            return Date {
                said: "It comes with the entry; the line is not searched.".into(),
                near: None,
            };
        }
        if date.found {
            let time = date.local.as_deref().unwrap_or("no such date");
            return Date {
                said: format!("{template} finds it: {time}. It is cut out."),
                near: None,
            };
        }
        let taken = match &date.local {
            Some(time) => format!("; the last one seen counts, {time}"),
            None => String::new(),
        };
        Date {
            said: format!("No template finds one{taken}."),
            near: date.near.as_ref().map(|near| {
                let place = near.at.saturating_sub(near.seen.start);
                let seen = html::excerpt(&near.seen.text, place..place, "m-stop", "stops here");
                (
                    seen,
                    format!("{template} comes nearest: {}", expected(near)),
                )
            }),
        }
    }
}

impl<'a> Tried<'a> {
    fn of(regex: &'a RegexValue) -> Tried<'a> {
        Tried {
            name: &regex.name,
            place: file_and_line(regex),
            regex: &regex.regex,
            groups: &regex.groups,
            near: Near::of(regex),
        }
    }
}

/// The regexes in the order in which they were tried.
fn steps(line: &LineValue) -> Vec<Step<'_>> {
    let ignores = |said: &str| Step {
        title: "Ignoreregex",
        id: "ignoreregex",
        said: said.into(),
        regexes: matched(&line.ignoreregex),
    };
    let mut steps = Vec::new();
    if line.ignored_first {
        steps.push(ignores("Tried first, and takes the line."));
    }
    steps.extend(line.prefregex.as_ref().map(|regex| Step {
        title: "Prefregex",
        id: "prefregex",
        said: if regex.matched {
            "It matches.".into()
        } else if regex.exhausted {
            "It gave no answer within its budget of steps.".into()
        } else {
            "It does not match: no failregex is tried.".into()
        },
        regexes: vec![Tried::of(regex)],
    }));
    if !line.failregex.is_empty() {
        steps.push(failregexes(line));
    }
    if !line.ignored_first && !line.ignoreregex.is_empty() {
        let takes = line.ignoreregex.iter().any(|regex| regex.matched);
        steps.push(ignores(if takes {
            "It takes the match back."
        } else {
            "None matches."
        }));
    }
    steps
}

fn failregexes(line: &LineValue) -> Step<'_> {
    let all = &line.failregex;
    let mut regexes = matched(all);
    let said = match (regexes.len(), all.len()) {
        (0, 1) => "It does not match.".into(),
        (0, count) => format!(
            "None of {} matches; those that come nearest first.",
            grouped(count as u64)
        ),
        (matched, count) => format!(
            "{} of {} {}.",
            grouped(matched as u64),
            grouped(count as u64),
            if matched == 1 { "matches" } else { "match" }
        ),
    };
    if regexes.is_empty() {
        let nearest = line.nearest.iter();
        let nearest = nearest.filter_map(|number| all.get(number.checked_sub(1)?));
        regexes = nearest.take(NEAREST).map(Tried::of).collect();
    }
    Step {
        title: "Failregex",
        id: "failregex",
        said,
        regexes,
    }
}

fn matched(all: &[RegexValue]) -> Vec<Tried<'_>> {
    let matched = all.iter().filter(|regex| regex.matched);
    matched.map(Tried::of).collect()
}
