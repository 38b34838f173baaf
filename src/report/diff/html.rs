//! The report as a page: what changed in each filter, lines lost and gained side by side.

use super::{Entry, counts, entries, in_sets, jail_entries, local, summary};
use crate::analysis::diff::edit;
use crate::analysis::diff::value::{Diff, Edit, FilterDiff};
use crate::analysis::warning::Warning;
use crate::report::Format;
use crate::report::html::{self, Compared, Segment, filters};
use askama::Template;
use std::io::{self, Write};
use std::ops::Range;

/// Columns of a text.
const WIDTH: usize = 2000;

/// See the module.
pub(crate) struct Html {
    /// Changes and examples shown of each kind.
    pub(crate) top: usize,
}

impl Format<Diff> for Html {
    fn write(&self, diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
        let (data, has_data) = html::data_that_fits(diff)?;
        let filters = diff.filters.iter().map(|filter| self.filter(filter));
        let page = Page {
            data,
            has_data,
            diff,
            summary: summary(diff),
            rows: rows(diff),
            filters: filters.collect(),
            jails: match &diff.jails {
                Some(jails) if jails.differ() => self.changes(jail_entries(jails, WIDTH)),
                _ => Changes::default(),
            },
            locals: diff.locals.iter().map(local).collect(),
            warnings: &diff.warnings,
        };
        html::write(&page, out)
    }
}

#[derive(Template)]
#[template(path = "diff.html")]
struct Page<'a> {
    data: String,
    has_data: bool,
    diff: &'a Diff,
    summary: String,
    rows: Vec<Row<'a>>,
    filters: Vec<Filter<'a>>,
    jails: Changes,
    locals: Vec<String>,
    warnings: &'a [Warning],
}

/// A filter whose lines differ, in the table of all.
struct Row<'a> {
    /// Which of the filters it is, from 1.
    filter: usize,
    name: &'a str,
    numbers: [u64; 6],
}

struct Filter<'a> {
    name: &'a str,
    file: &'a str,
    changes: Changes,
    sets: Vec<Compared>,
}

/// Changes, as many as are shown, and how many there are more.
#[derive(Default)]
struct Changes {
    shown: Vec<Shown>,
    rest: usize,
}

struct Shown {
    title: String,
    old: Option<Vec<Segment>>,
    new: Option<Vec<Segment>>,
}

fn rows(diff: &Diff) -> Vec<Row<'_>> {
    let mut all = Vec::new();
    for (at, filter) in diff.filters.iter().enumerate() {
        for set in &filter.lines {
            let found = &set.comparison;
            all.push(Row {
                filter: at + 1,
                name: set.option_sets.first().unwrap_or(&filter.name),
                numbers: [
                    found.lost.count,
                    found.gained.count,
                    found.moved.count,
                    found.captures.count,
                    found.addresses.lost.len() as u64,
                    found.addresses.gained.len() as u64,
                ],
            });
        }
    }
    all
}

impl Html {
    fn filter<'a>(&self, filter: &'a FilterDiff) -> Filter<'a> {
        let sets = filter.lines.iter().map(|set| {
            let sets = in_sets(filter, &set.option_sets);
            let said = format!("{}{sets}", counts(&set.comparison));
            Compared::of(&set.comparison, said, self.top)
        });
        Filter {
            name: &filter.name,
            file: &filter.new_file,
            changes: self.changes(entries(filter, WIDTH)),
            sets: sets.collect(),
        }
    }

    fn changes(&self, entries: Vec<Entry>) -> Changes {
        let rest = entries.len().saturating_sub(self.top);
        let shown = entries.into_iter().take(self.top).map(|entry| {
            let [old, new] = &entry.texts;
            let edit = old.as_ref().zip(new.as_ref());
            let edit = edit.map(|(old, new)| edit::between(old, new));
            let at = edit.as_ref().map_or(0, |edit| edit.at);
            let part = |part: fn(&Edit) -> usize| at..at + edit.as_ref().map_or(0, part);
            let old_part = part(|edit| edit.old.len());
            let new_part = part(|edit| edit.new.len());
            Shown {
                old: (old.as_ref()).map(|text| edited(text, old_part, "m-del", "goes")),
                new: (new.as_ref()).map(|text| edited(text, new_part, "m-ins", "comes")),
                title: entry.title,
            }
        });
        Changes {
            shown: shown.collect(),
            rest,
        }
    }
}

/// A text, what differs in it marked.
fn edited(text: &str, part: Range<usize>, class: &'static str, title: &str) -> Vec<Segment> {
    let mut all = vec![Segment::new("", "", &text[..part.start])];
    if !part.is_empty() {
        all.push(Segment::new(class, title, &text[part.clone()]));
    }
    all.push(Segment::new("", "", &text[part.end..]));
    all
}
