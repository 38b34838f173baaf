//! Blocks of whole lines: the unit of work between reading and matching.

use super::anomalies::InputAnomalies;
use super::buffer_pool::BufferPool;
use super::head::LogHead;
use std::sync::Arc;

/// Whole lines of a log, decoded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// The text; every line but perhaps the log's last ends in "\n".
    pub(crate) text: String,
    /// Number of the first line in its log, from 1.
    pub(crate) first_line: u64,
    /// Places where bytes were not valid in the encoding.
    pub(crate) invalid: u64,
    /// The log it is part of.
    pub(crate) head: Arc<LogHead>,
    /// Bytes of the log (decompressed) it was made of.
    pub(crate) bytes: u64,
    /// Bytes of the input (perhaps compressed) read up to its end: for progress.
    pub(crate) position: u64,
    /// Lines or entries left out as outside `--since` and `--until`.
    pub(crate) outside: u64,
    /// What was found in the text besides text.
    pub(crate) noise: InputAnomalies,
    /// Of journals: what the text cannot say. None for text logs.
    pub(crate) entries: Option<Entries>,
    /// Where the room of its text goes when it is done with.
    pub(crate) spares: BufferPool,
}

/// Journal entries as lines: one line of [`Block::text`] each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entries {
    /// Time of each, epoch seconds to the microsecond.
    pub(crate) times: Vec<f64>,
    /// Number of each in its log, from 1.
    pub(crate) numbers: Vec<u64>,
    /// Entries the journalmatch did not select.
    pub(crate) unselected: u64,
    /// Entries that could not be read, the first one's number and what is wrong with it.
    pub(crate) malformed: Option<(u64, u64, String)>,
    /// Entries whose message journalctl left out as too long (JSON's null).
    pub(crate) cut: u64,
}

/// Whether a line without its end is tested at all (`Fail2banRegex.process`).
#[inline]
pub(crate) fn is_tested(line: impl AsRef<[u8]>) -> bool {
    !matches!(line.as_ref(), [] | [b'#', ..])
}

/// A line without the carriage returns at its end, if it is tested.
#[inline]
pub(crate) fn tested_line(line: &[u8]) -> Option<&[u8]> {
    let mut line = line;
    while let [rest @ .., b'\r'] = line {
        line = rest;
    }
    is_tested(line).then_some(line)
}

impl Block {
    /// The lines to be tested, with their numbers: line ends cut, empty lines and comments
    /// (`#…`) left out, as `Fail2banRegex.process` does. Of a journal every entry is tested.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        self.timed_lines().map(|(number, line, _)| (number, line))
    }

    /// [`Block::lines`] with the time a journal entry brings along.
    pub(crate) fn timed_lines(&self) -> impl Iterator<Item = (u64, &str, Option<f64>)> {
        let entries = self.entries.as_ref();
        (self.text.split_inclusive('\n').enumerate()).filter_map(move |(index, line)| {
            if let Some(entries) = entries {
                let line = line.strip_suffix('\n').unwrap_or(line);
                let number = entries.numbers.get(index).copied().unwrap_or(0);
                return Some((number, line, entries.times.get(index).copied()));
            }
            let line = line.trim_end_matches(['\r', '\n']);
            is_tested(line).then_some((self.first_line + index as u64, line, None))
        })
    }

    /// Lines in the block, skipped ones included.
    pub(crate) fn line_count(&self) -> u64 {
        let ends = bytecount::count(self.text.as_bytes(), b'\n') as u64;
        let open_end = !self.text.is_empty() && !self.text.ends_with('\n');
        ends + u64::from(open_end)
    }
}
