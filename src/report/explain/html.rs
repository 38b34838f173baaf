//! All missed lines in groups, as a page: the line and the regex of each, and where they part.

use super::page::where_is;
use super::table::stopping;
use super::value::{GroupValue, GroupsReport, LineValue};
use crate::analysis::page::{Mark, MarkKind};
use crate::analysis::wording::begin;
use crate::report::Format;
use crate::report::html::{self, Segment, filters};
use crate::report::text::{counted, grouped};
use askama::Template;
use std::io::{self, Write};

/// Bytes of a line that are shown.
const LINE: usize = 2 << 10;
/// Pieces told of what was expected.
const EXPECTED: usize = 5;

/// See the module.
pub(crate) struct Html;

impl Format<GroupsReport> for Html {
    fn write(&self, report: &GroupsReport, out: &mut dyn Write) -> io::Result<()> {
        let (data, has_data) = html::data_that_fits(report)?;
        let most = report.groups.first().map_or(0, |group| group.lines);
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
                .map(|group| Group::of(group, most))
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
struct Near {
    at: String,
    seen: Vec<Segment>,
    regex: Vec<Segment>,
    expected: Vec<String>,
}

impl Group {
    fn of(group: &GroupValue, most: u64) -> Group {
        let line = &group.example;
        let stopping = stopping(line).filter(|_| group.regex.is_some());
        Group {
            lines: group.lines,
            bar: html::bar(group.lines, most, "s0"),
            place: match group.lines {
                1 => format!("line {}", grouped(group.first)),
                _ => format!("lines {} to {}", grouped(group.first), grouped(group.last)),
            },
            what: match stopping {
                Some(regex) => format!("{} {}", regex.name, where_is(regex)),
                None => "no regex comes near".into(),
            },
            number: line.number.unwrap_or(group.first),
            line: dated(line),
            cut: match line.line_bytes.saturating_sub(LINE) {
                0 => String::new(),
                rest => format!("… and {}", counted(rest as u64, "more byte", "more bytes")),
            },
            undated: line.date.searched && !line.date.found,
            near: stopping.and_then(|regex| {
                let near = regex.near.as_ref()?;
                let place = near.at.saturating_sub(near.seen.start);
                let (title, class) = ("stops here", "m-stop");
                let first = near.expected.first();
                Some(Near {
                    at: if place >= near.seen.text.len() {
                        "the line ends".into()
                    } else {
                        format!("stops at column {}", near.column)
                    },
                    seen: html::excerpt(&near.seen.text, place..place, class, title),
                    regex: match first {
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
            }),
        }
    }
}

/// The line with its date marked.
fn dated(line: &LineValue) -> Vec<Segment> {
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
