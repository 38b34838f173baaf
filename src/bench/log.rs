//! The lines a bench works on: read once, kept in memory, walked many times.
//!
//! Not for logs of any size: the first lines are taken, as many as asked for, and how many
//! were left is said.

use crate::input::block::BLOCK_BYTES;
use crate::input::{BlockReader, Encoding, LogError, LogSource};

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number in the log, from 1; skipped lines count.
    pub number: u64,
    /// Its text, without the end of line.
    pub text: String,
}

/// A log in memory: the lines that are tested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// How messages name it.
    pub name: String,
    /// The lines to test; empty lines and comments are left out, as fail2ban does.
    pub lines: Vec<LogLine>,
    /// Lines skipped.
    pub skipped: u64,
    /// The limit was reached and the log goes on.
    pub cut: bool,
    /// Places that are not valid in the encoding.
    pub invalid: u64,
}

impl Log {
    /// Reads the first `limit` testable lines of a log.
    ///
    /// # Errors
    ///
    /// The log cannot be opened or read.
    pub fn read(source: &LogSource, encoding: Encoding, limit: usize) -> Result<Log, LogError> {
        let mut log = Log {
            name: source.name(),
            ..Log::default()
        };
        let mut reader = BlockReader::new(source.open()?, encoding, BLOCK_BYTES);
        loop {
            let block = reader.next_block().map_err(|error| LogError::Io {
                path: log.name.clone(),
                error,
            })?;
            let Some(block) = block else { return Ok(log) };
            log.invalid += block.invalid;
            let before = log.lines.len();
            for (number, text) in block.lines() {
                if log.lines.len() == limit {
                    log.cut = true;
                    return Ok(log);
                }
                log.lines.push(LogLine {
                    number,
                    text: text.to_string(),
                });
            }
            log.skipped += block.line_count() - (log.lines.len() - before) as u64;
        }
    }
}
