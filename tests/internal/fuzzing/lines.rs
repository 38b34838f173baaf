//! Whole lines through several filters: in blocks and on threads as line by line.
//!
//! Input: a number on the first line, which chooses the size of the blocks (its remainder
//! by 64) and the filters, of which the first runs on threads; the log behind it.
//!
//! The filters are those of `../shared/corpus/config` where that exists, else ours.

use super::verdicts::{in_order, templates, verdict};
use crate::config::{Loader, Resolution, Setting};
use crate::date::{Clock, DateDetector, TimeZone};
use crate::engine::Detail;
use crate::engine::{Filter, FilterOptions, Session, pipeline};
use crate::input::{LogError, LogSet, LogSource, ReadAhead, ReadOptions};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Bytes of an input; more only take longer.
const MOST_BYTES: usize = 6_000;
/// Filters an input runs through, and the steps between them.
const FILTERS: usize = 4;
const STEP: usize = 23;

struct Ready {
    name: String,
    filter: Filter,
    detector: DateDetector,
}

struct All {
    clock: Clock,
    files: Vec<(PathBuf, OnceLock<Option<Ready>>)>,
}

impl All {
    /// A filter, built when it is first asked for; None if the file is none by itself.
    fn filter(&self, number: usize) -> Option<&Ready> {
        let (file, ready_filter) = &self.files[number % self.files.len()];
        ready_filter
            .get_or_init(|| ready(file, &self.clock))
            .as_ref()
    }
}

fn all() -> &'static All {
    static ALL: OnceLock<All> = OnceLock::new();
    ALL.get_or_init(|| {
        let clock = Clock::in_zone(1_795_176_000.0, TimeZone::utc());
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/"));
        // the fuzz crate stands one level below
        let places = [
            "../shared/corpus/config/filter.d",
            "../../shared/corpus/config/filter.d",
            "testdata/filter.d",
            "../testdata/filter.d",
        ];
        let found = places.iter().map(|place| root.join(place));
        let found = found.into_iter().find(|place| place.is_dir());
        let mut files: Vec<PathBuf> = std::fs::read_dir(found.expect("a filter.d"))
            .expect("it can be read")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == "conf"))
            .collect();
        files.sort();
        let files = files
            .into_iter()
            .map(|file| (file, OnceLock::new()))
            .collect();
        All { clock, files }
    })
}

/// A filter, if it stands for itself.
fn ready(file: &Path, clock: &Clock) -> Option<Ready> {
    let Ok(Resolution::Filter(source)) = Loader::default().filter(file, &[]) else {
        return None;
    };
    let mut filter = Filter::new(FilterOptions::default());
    let mut detector = DateDetector::default_templates(clock.now_year());
    for setting in &source.settings {
        match setting {
            Setting::Maxlines(value) => filter.options.maxlines = value.text.parse().ok()?,
            Setting::Datepattern(value) => {
                detector = DateDetector::from_datepattern(&value.text, clock).ok()?;
            }
            Setting::Prefregex(value) => filter.set_prefregex(value.clone()).ok()?,
            Setting::Failregex(value) => filter.add_failregex(value.clone()).ok()?,
            Setting::Ignoreregex(value) => filter.add_ignoreregex(value.clone()).ok()?,
            _ => {}
        }
    }
    (!filter.failregexes.is_empty()).then(|| Ready {
        name: file.display().to_string(),
        filter,
        detector,
    })
}

/// One input.
pub fn run(data: &[u8]) {
    let end = data.iter().position(|&b| b == b'\n').unwrap_or(data.len());
    let number: u64 = String::from_utf8_lossy(&data[..end]).parse().unwrap_or(0);
    let log = data.get(end + 1..).unwrap_or_default();
    let log = String::from_utf8_lossy(&log[..log.len().min(MOST_BYTES)]);
    if log.starts_with('\u{feff}') {
        // a mark is taken off by the reader
        return;
    }
    let all = all();
    let block_bytes = 1 + (number % 64) as usize * 16;
    let start = (number / 64) as usize % all.files.len();
    for turn in 0..FILTERS {
        let Some(ready) = all.filter(start + turn * STEP) else {
            continue;
        };
        let wanted = in_order(&ready.filter, &ready.detector, &all.clock, &log);
        let threads = if turn == 0 { 3 } else { 1 };
        let found = in_blocks(ready, &all.clock, &log, threads, block_bytes);
        assert_eq!(
            found, wanted,
            "{}, blocks of {block_bytes}, {threads} threads",
            ready.name
        );
    }
}

fn in_blocks(
    ready: &Ready,
    clock: &Clock,
    log: &str,
    threads: usize,
    block_bytes: usize,
) -> (Vec<String>, Vec<String>) {
    let mut session = Session::new(&ready.filter, clock, Some(ready.detector.clone()));
    let options = ReadOptions {
        block_bytes,
        keep_noise: true,
        ..ReadOptions::default()
    };
    let sources = vec![LogSource::Literal(log.into())];
    let mut set = LogSet::new(sources.clone(), options.clone());
    let mut verdicts = Vec::new();
    let each = |line: crate::engine::verdict_sink::LineVerdict| {
        verdicts.push(verdict(line.number, line.outcome));
    };
    let ran: Result<(), LogError> = if threads == 1 {
        // without the reading thread: it is the slowest part of a small input
        let next = |_| {
            let block = set.next_block()?;
            Ok(block.map_or(crate::input::Next::End, |block| {
                crate::input::Next::Block(Box::new(block))
            }))
        };
        pipeline::run(&mut session, 1, Detail::Verdict, next, each, |_| {})
    } else {
        let mut ahead = ReadAhead::new(LogSet::new(sources, options));
        let next = |wait| ahead.next_block(wait);
        pipeline::run(&mut session, threads, Detail::Verdict, next, each, |_| {})
    };
    ran.expect("a literal reads");
    (verdicts, templates(&session))
}
