//! The logs of a simulation, through the session of a jail: lines to verdicts.

use crate::analysis::run::Outside;
use crate::analysis::simulate::LogRead;
use crate::cli::progress::Progress;
use crate::config::Sourced;
use crate::engine::Detail;
use crate::engine::verdict_sink::LineVerdict;
use crate::engine::{Session, pipeline};
use crate::input::{LogError, LogSet, LogSource, ReadAhead, Words};
use std::cell::RefCell;

/// The logs of a jail's `logpath`: one glob a line, perhaps with `head` or `tail` behind.
/// What is not there is passed over, as a server does.
pub(crate) fn of_logpath(logpath: &Sourced) -> Vec<LogSource> {
    let lines = logpath.text.lines().map(str::trim);
    let paths = lines.map(|line| line.rsplit_once(' ').map_or(line, |(path, _)| path));
    let there = |path: &&str| {
        !path.is_empty() && LogSource::of(path, Words::AreLogs).is_ok_and(|s| is_log(&s))
    };
    let paths: Vec<String> = paths.filter(there).map(str::to_string).collect();
    LogSource::of_all(&paths, Words::AreLogs).unwrap_or_default()
}

/// A word that names no file would be a line to test.
fn is_log(sources: &[LogSource]) -> bool {
    !sources
        .iter()
        .any(|source| matches!(source, LogSource::Literal(_)))
}

/// What was read of the logs of a jail.
#[derive(Default)]
pub(crate) struct Reads {
    pub(crate) logs: Vec<LogRead>,
    /// What could not be read.
    pub(crate) faults: Vec<String>,
    /// Lines outside the window.
    pub(crate) outside: Outside,
    /// Lines that are not tested.
    pub(crate) skipped: u64,
}

/// Reads all logs through `session` as one stream; `sink` gets the index of the log and the
/// verdict on every line, in line order. A log that cannot be read is an error only where
/// there is no other.
pub(crate) fn read(
    logs: LogSet,
    threads: usize,
    mut progress: Progress,
    session: &mut Session,
    mut sink: impl FnMut(usize, &LineVerdict),
) -> Result<Reads, String> {
    let single = logs.sources().len() == 1;
    let mut ahead = ReadAhead::new(logs);
    let mut faults: Vec<LogError> = Vec::new();
    let reads: RefCell<Reads> = RefCell::default();
    let next = |wait| loop {
        match ahead.next_block(wait) {
            Ok(block) => return Ok::<_, String>(block),
            Err(error) if single => return Err(error.to_string()),
            Err(error) => faults.push(error),
        }
    };
    let ran = pipeline::run(
        session,
        threads,
        Detail::Verdict,
        next,
        // every log is announced by a block without lines
        |folded: LineVerdict| sink(reads.borrow().logs.len().saturating_sub(1), &folded),
        |facts| {
            let mut reads = reads.borrow_mut();
            reads.outside.add(&facts.block);
            reads.skipped += facts.line_count - facts.tested;
            let reads = &mut reads.logs;
            let head = &facts.block.head;
            if reads.last().is_none_or(|read| read.name != head.name) {
                reads.push(LogRead {
                    name: head.name.clone(),
                    ..LogRead::default()
                });
            }
            if let Some(read) = reads.last_mut() {
                read.lines += facts.line_count;
                read.bytes += facts.block.bytes;
                read.invalid += facts.block.invalid;
            }
            let before = reads.iter().rev().skip(1).map(|read| read.bytes);
            let lines = reads.iter().map(|read| read.lines).sum();
            progress.show(before.sum::<u64>() + facts.block.position, lines, 0);
        },
    );
    progress.finish();
    ran?;
    Ok(Reads {
        faults: faults.iter().map(ToString::to_string).collect(),
        ..reads.into_inner()
    })
}
