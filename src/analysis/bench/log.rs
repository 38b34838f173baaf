//! The lines a bench works on: read once, kept in memory, walked many times.
//!
//! Not for logs of any size: the first lines are taken, as many as asked for, and how many
//! were left is said.

use crate::analysis::run::Outside;
use crate::input::{LogError, LogSet};
use std::sync::Arc;

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LogLine {
    /// The name of its log, where there are several.
    pub(crate) log: Option<Arc<str>>,
    /// Its number in its log, from 1; skipped lines count.
    pub(crate) number: u64,
    /// Its text, without the end of line.
    pub(crate) text: String,
    /// The time a journal entry brings along, epoch seconds.
    pub(crate) time: Option<f64>,
}

impl LogLine {
    /// The name of its log, for an example.
    pub(super) fn log(&self) -> Option<String> {
        self.log.as_deref().map(str::to_owned)
    }
}

/// A log in memory: the lines that are tested.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Log {
    /// How messages name it.
    pub(crate) name: String,
    /// The lines to test; empty lines and comments are left out, as fail2ban does.
    pub(crate) lines: Vec<LogLine>,
    /// A systemd journal: its entries bring their times.
    pub(crate) is_journal: bool,
    /// Lines skipped.
    pub(crate) skipped: u64,
    /// Lines outside the window.
    pub(crate) outside: Outside,
    /// The limit was reached and the log goes on.
    pub(crate) cut: bool,
    /// Places that are not valid in the encoding.
    pub(crate) invalid: u64,
}

impl Log {
    /// Reads the first `limit` testable lines of all logs; `told` hears how far it is, in bytes
    /// and lines.
    ///
    /// # Errors
    ///
    /// A log cannot be opened or read.
    pub(crate) fn read(
        name: String,
        mut logs: LogSet,
        limit: usize,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Log, LogError> {
        let mut log = Log {
            name,
            is_journal: logs.is_journal()?,
            ..Log::default()
        };
        while let Some(block) = logs.next_block()? {
            let block = block.decode();
            log.invalid += block.invalid;
            log.outside.add(&block);
            let before = log.lines.len();
            for (number, text, time) in block.timed_lines() {
                if log.lines.len() == limit {
                    log.cut = true;
                    return Ok(log);
                }
                log.lines.push(LogLine {
                    log: None,
                    number,
                    text: text.to_string(),
                    time,
                });
            }
            log.skipped += block.line_count() - (log.lines.len() - before) as u64;
            progress(block.position, log.lines.len() as u64);
        }
        Ok(log)
    }

    /// Reads logs one behind the other, `limit` lines in all; every line knows its log.
    ///
    /// # Errors
    ///
    /// A log cannot be opened or read.
    pub(crate) fn read_each(
        logs: impl IntoIterator<Item = (String, LogSet)>,
        limit: usize,
    ) -> Result<Log, LogError> {
        let mut all = Log::default();
        for (name, logs) in logs {
            let read = Log::read(name, logs, limit - all.lines.len(), |_, _| {})?;
            let name: Arc<str> = read.name.into();
            all.lines.extend(read.lines.into_iter().map(|line| LogLine {
                log: Some(Arc::clone(&name)),
                ..line
            }));
            all.is_journal |= read.is_journal;
            all.skipped += read.skipped;
            all.cut |= read.cut;
            all.invalid += read.invalid;
        }
        Ok(all)
    }
}
