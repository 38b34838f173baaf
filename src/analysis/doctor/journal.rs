//! The journal of the machine: its entries, which of them a journalmatch selects, who wrote them.

use crate::date::Clock;
use crate::input::journal::journalctl::JournalSource;
use crate::input::journal::{Entry, JournalMatch, push_date};
use crate::input::{Encoding, LogSet, LogSource, ReadOptions, Window};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// How far back the journal of this machine itself is read, in seconds.
const LIVE_WINDOW: f64 = 7.0 * 86_400.0;

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct JournalEntry {
    /// As the filter sees it: date, blank, line.
    pub(super) text: String,
    pub(super) time: f64,
    /// `_SYSTEMD_UNIT`, `_COMM` and `SYSLOG_IDENTIFIER`.
    writer: [String; 3],
    /// Which of the journalmatches given at reading select it.
    selected: Vec<bool>,
}

const WRITER: [&str; 3] = ["_SYSTEMD_UNIT", "_COMM", "SYSLOG_IDENTIFIER"];

impl JournalEntry {
    /// Whether the journalmatch of that number selects it.
    pub(super) fn is_selected(&self, number: usize) -> bool {
        self.selected.get(number).copied().unwrap_or(true)
    }

    /// Whether it has that value in that field of its writer.
    pub(super) fn is_of(&self, field: &str, value: &str) -> bool {
        let at = WRITER.iter().position(|name| *name == field);
        at.is_some_and(|at| self.writer[at] == value)
    }
}

/// The journal, or why it cannot be read.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// The last entries; `None`: there is no journal to be read.
    pub(super) entries: Option<Vec<JournalEntry>>,
    pub(super) problem: Option<String>,
}

impl Journal {
    /// Reads the last `lines` entries of the machine below `root`. An entry is told whether each
    /// of `matches` selects it; `None` selects all.
    pub(super) fn read(
        root: &Path,
        lines: u64,
        matches: &[Option<JournalMatch>],
        clock: &Clock,
    ) -> Journal {
        let sources = sources(root);
        if sources.is_empty() {
            return Journal::default();
        }
        let mut window = Window::default();
        if root.as_os_str().is_empty() {
            window.since = Some(clock.now_epoch() - LIVE_WINDOW);
        }
        let options = ReadOptions {
            window,
            ..ReadOptions::default()
        };
        let mut names: Vec<String> = WRITER.iter().map(|name| (*name).to_owned()).collect();
        for name in matches.iter().flatten().flat_map(JournalMatch::names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let offset = clock.local(clock.now_epoch()).offset;
        let kept = usize::try_from(lines).unwrap_or(usize::MAX);
        let mut logs = LogSet::new(sources, options);
        let mut entries = VecDeque::new();
        let mut problem = None;
        loop {
            match logs.next_block() {
                Ok(None) => break,
                Ok(Some(block)) => block.for_each_entry(&names, |entry| {
                    if entries.len() >= kept {
                        entries.pop_front();
                    }
                    entries.extend(read_entry(entry, matches, offset));
                }),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        let known = problem.is_none() || !entries.is_empty();
        Journal {
            entries: known.then(|| entries.into()),
            problem,
        }
    }

    /// The entries, none where the journal cannot be read.
    pub(super) fn all(&self) -> &[JournalEntry] {
        self.entries.as_deref().unwrap_or_default()
    }
}

fn read_entry(
    entry: &Entry,
    matches: &[Option<JournalMatch>],
    offset: i64,
) -> Option<JournalEntry> {
    let time = entry.time()?;
    let mut text = String::new();
    push_date(time, offset, &mut text);
    entry.write_line(Encoding::Utf8, &mut text);
    if text.ends_with('\n') {
        text.pop();
    }
    let value = |name: &str| {
        let first = entry.values(name).first();
        first.map_or(String::new(), |v| String::from_utf8_lossy(v).into_owned())
    };
    let selects = |wanted: &Option<JournalMatch>| wanted.as_ref().is_none_or(|w| w.selects(entry));
    Some(JournalEntry {
        text,
        time,
        writer: WRITER.map(value),
        selected: matches.iter().map(selects).collect(),
    })
}

/// The exports of a copied machine, else its journal's own files; this machine's journal.
fn sources(root: &Path) -> Vec<LogSource> {
    let live = root.as_os_str().is_empty();
    if !live {
        let mut exports: Vec<PathBuf> = ["", "var/log", "var/log/journal", "run/log/journal"]
            .iter()
            .flat_map(|place| files_in(&root.join(place)))
            .filter(|path| is_export(path))
            .collect();
        exports.sort();
        if !exports.is_empty() {
            return exports.into_iter().map(LogSource::File).collect();
        }
    }
    let directories = ["var/log/journal", "run/log/journal"];
    let directories = directories.map(|place| {
        if live {
            Path::new("/").join(place)
        } else {
            root.join(place)
        }
    });
    let Some(directory) = directories.into_iter().find(|place| place.is_dir()) else {
        return Vec::new();
    };
    let source = JournalSource {
        spec: "systemd-journal".to_owned(),
        directory: (!live).then_some(directory),
        ..JournalSource::default()
    };
    vec![LogSource::Journal(source)]
}

fn files_in(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
}

/// Whether a file is an export by its name: `journal.export`, `2026-11.export`, `journal.json`.
fn is_export(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        name.ends_with(".export") || (name.starts_with("journal") && name.ends_with(".json"))
    })
}

/// The field and value that most of `entries` share: the unit, where they have one.
pub(super) fn common_writer<'e>(
    entries: impl Iterator<Item = &'e JournalEntry>,
) -> Option<(&'static str, String, u64)> {
    let mut counts: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for entry in entries {
        let field = entry.writer.iter().position(|value| !value.is_empty());
        // the scopes of logins are many, each of one login
        let field = match field {
            Some(0) if entry.writer[0].ends_with(".scope") => Some(1),
            other => other,
        };
        if let Some(field) = field {
            *counts.entry((field, &entry.writer[field])).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let ((field, value), count) = most;
    Some((WRITER[field], value.to_owned(), count))
}
