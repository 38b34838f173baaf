//! The journal of the machine: its entries, which of them a journalmatch selects, who wrote them.

use super::units::{are_of_one_service, base};
use crate::date::Clock;
use crate::input::journal::journalctl::JournalSource;
use crate::input::journal::{Entry, JournalMatch, push_date};
use crate::input::{Encoding, LogSet, LogSource, ReadOptions, Window};
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// A time before all entries.
pub(super) const EVER: f64 = f64::NEG_INFINITY;

/// How far back the journal of this machine itself is read, in seconds.
const LIVE_WINDOW: f64 = 7.0 * 86_400.0;

/// One entry.
#[derive(Clone, Debug)]
pub(super) struct JournalEntry {
    /// As the filter sees it: date, blank, line.
    pub(super) text: String,
    pub(super) time: f64,
    /// The values of the journal's [`Journal::writers`], empty where it has none.
    writer: Vec<Box<str>>,
    /// Which of the journalmatches given at reading select it.
    selected: Vec<bool>,
}

/// The fields that say who wrote an entry, the one that says it best first.
const WRITER: [&str; 4] = [
    "CONTAINER_NAME",
    "_SYSTEMD_UNIT",
    "_COMM",
    "SYSLOG_IDENTIFIER",
];

/// Fields that a journalmatch may name and that do not say who wrote an entry.
const OF_ALL: [&str; 13] = [
    "_PID",
    "SYSLOG_PID",
    "CONTAINER_ID",
    "CONTAINER_ID_FULL",
    "PRIORITY",
    "SYSLOG_FACILITY",
    "_TRANSPORT",
    "_HOSTNAME",
    "_BOOT_ID",
    "_MACHINE_ID",
    "_UID",
    "_GID",
    "_SYSTEMD_SLICE",
];

/// Units that one journalmatch names at most.
const UNITS: usize = 4;

impl JournalEntry {
    /// Whether the journalmatch of that number selects it.
    pub(super) fn is_selected(&self, number: usize) -> bool {
        self.selected.get(number).copied().unwrap_or(true)
    }

    /// The unit that wrote it, empty where none did.
    pub(super) fn unit(&self) -> &str {
        self.of_writer(1)
    }

    /// The container that wrote it, if Docker took it from one.
    pub(super) fn container_of_docker(&self) -> Option<&str> {
        let is_docker = self.unit() == "docker.service" || self.of_writer(2) == "dockerd";
        Some(self.of_writer(0)).filter(|name| is_docker && !name.is_empty())
    }

    /// Whether it is of a service of that name, by its unit, its program or its container.
    pub(super) fn is_of(&self, service: &str) -> bool {
        let is_program = |name: &str| {
            let rest = name.strip_prefix(service);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let mut parts = self.of_writer(0).split(['-', '_']);
        are_of_one_service(base(self.unit()), service)
            || is_program(self.of_writer(2))
            || is_program(self.of_writer(3))
            || parts.any(|part| part == service)
    }

    /// The value of one of [`WRITER`], which stand last.
    fn of_writer(&self, at: usize) -> &str {
        let first = self.writer.len().saturating_sub(WRITER.len());
        self.writer.get(first + at).map_or("", |value| value)
    }
}

/// The journal, or why it cannot be read.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// The last entries; `None`: there is no journal to be read.
    pub(super) entries: Option<Vec<JournalEntry>>,
    /// Fields that say who wrote an entry: those a journalmatch of the machine names, then
    /// [`WRITER`].
    writers: Vec<String>,
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
        let asked = matches.iter().flatten().flat_map(JournalMatch::names);
        let asked = asked.filter(|name| !OF_ALL.contains(&name.as_str()));
        let mut names: Vec<String> = Vec::new();
        for name in asked.filter(|name| !WRITER.contains(&name.as_str())) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.extend(WRITER.map(str::to_owned));
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
                    entries.extend(read_entry(entry, (matches, &names), offset));
                }),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        let known = problem.is_none() || !entries.is_empty();
        Journal {
            entries: known.then(|| entries.into()),
            writers: names,
            problem,
        }
    }

    /// The journalmatch that selects those who wrote `entries` and as few others as can be: a field
    /// in which all agree, else the few units they are of. None where there is none.
    pub(super) fn writer_of(&self, entries: &[&JournalEntry]) -> Option<Writer> {
        if entries.is_empty() {
            return None;
        }
        let values = |at: usize| -> BTreeSet<&str> {
            let values = entries.iter().map(|entry| &*entry.writer[at]);
            values.collect()
        };
        let is_usable = |at: usize, values: &BTreeSet<&str>| {
            let is_unit = self.writers[at] == "_SYSTEMD_UNIT";
            // as a word of a journalmatch, in a file where `%` refers to other options
            let is_word = |value: &str| {
                let is_plain = |c: char| !c.is_whitespace() && !"'\"\\%".contains(c);
                !value.is_empty() && value.chars().all(is_plain)
            };
            let lasts = |value: &&str| {
                is_word(value) && !(is_unit && is_passing(value)) && !is_container_id(value)
            };
            values.iter().all(lasts)
        };
        let of = |most: usize| {
            (0..self.writers.len()).find_map(|at| {
                let values = values(at);
                (values.len() <= most && is_usable(at, &values)).then(|| Writer {
                    field: at,
                    name: self.writers[at].clone(),
                    values: values.into_iter().map(str::to_owned).collect(),
                })
            })
        };
        of(1).or_else(|| of(UNITS))
    }

    /// The entries, none where the journal cannot be read.
    pub(super) fn all(&self) -> &[JournalEntry] {
        self.entries.as_deref().unwrap_or_default()
    }
}

fn read_entry(
    entry: &Entry,
    (matches, names): (&[Option<JournalMatch>], &[String]),
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
    let writer = names.iter().map(|name| value(name).into_boxed_str());
    let selects = |wanted: &Option<JournalMatch>| wanted.as_ref().is_none_or(|w| w.selects(entry));
    Some(JournalEntry {
        text,
        time,
        writer: writer.collect(),
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

/// Who wrote entries, as a journalmatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Writer {
    /// Which of the journal's writers it is.
    field: usize,
    name: String,
    values: Vec<String>,
}

impl Writer {
    /// The journalmatch; several values of one field are alternatives.
    pub(super) fn journalmatch(&self) -> String {
        let words = self
            .values
            .iter()
            .map(|value| format!("{}={value}", self.name));
        words.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn wrote(&self, entry: &JournalEntry) -> bool {
        self.values
            .iter()
            .any(|value| **value == *entry.writer[self.field])
    }
}

/// Whether a value is the number of a container, which is another one once it is made anew.
fn is_container_id(value: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    [12, 64].contains(&value.len()) && value.bytes().all(is_hex)
}

/// Whether a unit is there for one login or one connection alone: `session-3.scope`,
/// `ssh@4-192.0.2.1:22-203.0.113.7:40112.service` of a socket with `Accept=yes`.
fn is_passing(unit: &str) -> bool {
    let instance = unit.split_once('@').map_or("", |(_, instance)| instance);
    unit.ends_with(".scope") || instance.contains(':')
}
