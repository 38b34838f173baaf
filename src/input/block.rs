//! Blocks of whole lines: the unit of work between reading and matching.
//!
//! The reading thread only cuts bytes ([`RawBlock`]); turning them into text, journal
//! entries into lines included, is [`RawBlock::decode`], which any worker may do.

use super::anomalies::{self, InputAnomalies};
use super::buffer_pool::BufferPool;
use super::encoding::{Encoding, utf8_mark};
use super::head::LogHead;
use super::journal::{Entry, JournalPlan};
use std::sync::Arc;

/// Bytes read at a time.
pub(crate) const BLOCK_BYTES: usize = 1 << 19;

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
pub(crate) fn is_tested(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
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
        let ends = memchr::memchr_iter(b'\n', self.text.as_bytes()).count() as u64;
        let open_end = !self.text.is_empty() && !self.text.ends_with('\n');
        ends + u64::from(open_end)
    }
}

/// How the bytes of a log become lines.
#[derive(Clone, Debug)]
pub(crate) enum Decoding {
    /// A text log.
    Text {
        /// Its encoding.
        encoding: Encoding,
        /// Marks and padding stay in the text (`--format classic`).
        keep_noise: bool,
        /// Take ANSI sequences out.
        strip_ansi: bool,
    },
    /// A journal export.
    Journal(Arc<JournalPlan>),
}

/// Whole lines or entries as read.
#[derive(Clone, Debug)]
pub(crate) struct RawBlock {
    pub(super) bytes: Vec<u8>,
    pub(super) first_line: u64,
    pub(super) position: u64,
    pub(super) head: Arc<LogHead>,
    pub(super) decoding: Decoding,
    /// Lines in it that were cut as too long.
    pub(super) overlong: u64,
    /// Decoded already, where the reading had to look at the text.
    pub(super) ready: Option<Block>,
    pub(super) spares: BufferPool,
}

impl RawBlock {
    /// Bytes in the block.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes away a last text line that has no end; returns it. A carriage return at the end
    /// of a log is an end (upstream's `FileContainer.readline` strips either).
    pub(crate) fn take_open_line(&mut self) -> Option<String> {
        let Decoding::Text { encoding, .. } = self.decoding else {
            return None;
        };
        let end = encoding.last_line_end(&self.bytes).unwrap_or(0);
        let (open, _) = encoding.decode(self.bytes[end..].to_vec());
        if open.is_empty() || open.ends_with('\r') {
            return None;
        }
        self.bytes.truncate(end);
        Some(open)
    }

    /// The log it is part of.
    pub(crate) fn head(&self) -> &Arc<LogHead> {
        &self.head
    }

    /// Calls `each` with every journal entry in it, of which the fields of `names` and those
    /// that make the line are read; nothing of text logs.
    pub(crate) fn for_each_entry(&self, names: &[String], mut each: impl FnMut(&Entry)) {
        if let Decoding::Journal(plan) = &self.decoding {
            plan.for_each(&self.bytes, names.to_vec(), |_, entry| {
                if let Ok(entry) = entry {
                    each(entry);
                }
            });
        }
    }

    /// The same without what it holds, to be filled anew.
    pub(super) fn without_bytes(&self) -> RawBlock {
        RawBlock {
            bytes: Vec::new(),
            ready: None,
            head: self.head.clone(),
            decoding: self.decoding.clone(),
            spares: self.spares.clone(),
            ..*self
        }
    }

    /// Nothing in it: it only announces its log.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.ready.is_none()
    }

    /// Makes the text.
    pub(crate) fn decode(self) -> Block {
        super::panic_context::begin(&self.head, self.first_line, self.bytes.len(), self.position);
        if let Some(block) = self.ready {
            return block;
        }
        let told_by_mark = self.head.told_by_mark;
        let mut block = Block {
            first_line: self.first_line,
            bytes: self.bytes.len() as u64,
            position: self.position,
            head: self.head,
            spares: self.spares,
            noise: InputAnomalies {
                overlong: self.overlong,
                told_by_mark: self.first_line == 1 && told_by_mark,
                ..InputAnomalies::default()
            },
            ..Block::default()
        };
        match self.decoding {
            Decoding::Text {
                encoding,
                keep_noise,
                strip_ansi,
            } => {
                let mut bytes = self.bytes;
                if self.first_line == 1 && !keep_noise && encoding != Encoding::Utf8Sig {
                    let mark = utf8_mark(&bytes);
                    block.noise.mark = mark > 0;
                    bytes.drain(..mark);
                }
                (block.text, block.invalid) = encoding.decode(bytes);
                anomalies::look(&mut block, keep_noise, strip_ansi);
            }
            Decoding::Journal(plan) => plan.read(&self.bytes, &mut block),
        }
        block
    }
}
