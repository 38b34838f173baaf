//! All missed lines in groups, as a page: the line and the regex of each, and where they part.

use super::table::stopping;
use super::value::{GroupValue, GroupsReport, LineValue, RegexValue};
use crate::analysis::page::{Mark, MarkKind};
use crate::analysis::wording::begin;
use crate::report::Format;
use crate::report::html::{self, Segment, filters};
use crate::report::text::{counted, grouped};
use askama::Template;
use std::io::{self, Write};

/// Bytes of a line that are shown.
pub(crate) const LINE: usize = 2 << 10;
/// Pieces told of what was expected.
const EXPECTED: usize = 5;

/// See the module.
pub(crate) struct Html;

impl Format<GroupsReport> for Html {
    fn write(&self, report: &GroupsReport, out: &mut dyn Write) -> io::Result<()> {
        let (data, has_data) = html::data_that_fits(report)?;
        let lines = &report.lines;
        let page = Page {
            data,
            has_data,
            report,
            shares: html::share(&[
                (lines.matched, "f-good"),
                (lines.ignored, "f-warn"),
                (lines.missed, "f-none"),
            ]),
            groups: report
                .groups
                .iter()
                .map(|group| Group::of(group, lines.missed))
                .collect(),
            left_out: left_out(report),
        };
        html::write(&page, out)
    }
}

#[derive(Template)]
#[template(path = "explain.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    report: &'a GroupsReport,
    shares: String,
    groups: Vec<Group>,
    left_out: String,
}

struct Group {
    lines: u64,
    bar: String,
    place: String,
    /// The regex it stops in, and where that stands.
    what: String,
    number: u64,
    line: Vec<Segment>,
    cut: String,
    undated: bool,
    near: Option<Near>,
}

/// Where text and regex part.
pub(super) struct Near {
    pub(super) at: String,
    pub(super) seen: Vec<Segment>,
    pub(super) regex: Vec<Segment>,
    pub(super) expected: Vec<String>,
}

impl Group {
    fn of(group: &GroupValue, missed: u64) -> Group {
        let line = &group.example;
        let stopping = stopping(line).filter(|_| group.regex.is_some());
        Group {
            lines: group.lines,
            bar: html::bar(group.lines, missed, "s0"),
            place: match group.lines {
                1 => format!("line {}", grouped(group.first)),
                _ => format!("lines {} to {}", grouped(group.first), grouped(group.last)),
            },
            what: match stopping {
                Some(regex) => format!("{} {}", regex.name, file_and_line(regex)),
                None => "no regex comes near".into(),
            },
            number: line.number.unwrap_or(group.first),
            line: dated(line),
            cut: cut(line),
            undated: line.date.searched && !line.date.found,
            near: stopping.and_then(Near::of),
        }
    }
}

impl Near {
    /// Of a regex that missed.
    pub(super) fn of(regex: &RegexValue) -> Option<Near> {
        let near = regex.near.as_ref()?;
        let place = near.at.saturating_sub(near.seen.start);
        let (title, class) = ("stops here", "m-stop");
        Some(Near {
            at: if place >= near.seen.text.len() {
                "the line ends".into()
            } else {
                format!("stops at column {}", near.column)
            },
            seen: html::excerpt(&near.seen.text, place..place, class, title),
            regex: match near.expected.first() {
                Some(piece) => {
                    let part = piece.start..piece.end;
                    html::excerpt(&regex.regex, part, class, "is expected")
                }
                None => vec![Segment::new("", "", regex.regex.clone())],
            },
            expected: (near.expected.iter().take(EXPECTED))
                .map(|piece| begin(&piece.piece, 200).to_string())
                .collect(),
        })
    }
}

/// Where a regex stands: the name of its file, and the line.
pub(super) fn file_and_line(regex: &RegexValue) -> String {
    match (&regex.file, regex.line) {
        (Some(file), Some(line)) => {
            let name = file.rsplit('/').next().unwrap_or(file);
            format!("{name}:{line}")
        }
        _ => "(given)".into(),
    }
}

/// What of a line is not shown.
pub(super) fn cut(line: &LineValue) -> String {
    match line.line_bytes.saturating_sub(LINE) {
        0 => String::new(),
        rest => format!("… and {}", counted(rest as u64, "more byte", "more bytes")),
    }
}

/// The line with its date marked.
pub(super) fn dated(line: &LineValue) -> Vec<Segment> {
    let text = begin(&line.line, LINE);
    let date = line
        .date
        .start
        .zip(line.date.end)
        .filter(|_| line.date.found);
    let mark = date.map(|(start, end)| Mark {
        kind: MarkKind::Date,
        name: "date".into(),
        start: start.min(text.len()),
        end: end.min(text.len()),
    });
    html::segments(text, &Vec::from_iter(mark), None)
}

fn left_out(report: &GroupsReport) -> String {
    let mut notes = Vec::new();
    if report.left_out > 0 {
        let lines = counted(report.left_out, "line does", "lines do");
        notes.push(format!("{lines} not look like failures."));
    }
    if report.ungrouped > 0 {
        let lines = counted(report.ungrouped, "line is", "lines are");
        notes.push(format!(
            "{lines} in no group: too long, or of too many kinds."
        ));
    }
    notes.join(" ")
}
