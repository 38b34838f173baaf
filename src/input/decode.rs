//! From the bytes of a log to blocks of lines.
//!
//! The reading thread only cuts bytes ([`RawBlock`]); turning them into text, journal
//! entries into lines included, is [`RawBlock::decode`], which any worker may do.

use super::anomalies::{self, InputAnomalies};
use super::block::Block;
use super::buffer_pool::BufferPool;
use super::encoding::{Encoding, utf8_mark};
use super::head::LogHead;
use super::journal::{Entry, JournalPlan};
use std::sync::Arc;

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

    /// The first lines of text in it, for another encoding to be tried on; None where every encoding
    /// makes the same of them, or where lines end in more than one byte.
    pub(crate) fn begin(&self, most: usize) -> Option<RawBlock> {
        let Decoding::Text { encoding, .. } = self.decoding else {
            return None;
        };
        let is_wide = encoding.last_line_end(b"\n") != Some(1);
        if self.ready.is_some() || is_wide || self.bytes.is_ascii() {
            return None;
        }
        let some = &self.bytes[..self.bytes.len().min(most)];
        let end = match encoding.last_line_end(some) {
            Some(end) => end,
            None if some.len() == self.bytes.len() => some.len(),
            None => return None,
        };
        Some(RawBlock {
            bytes: some[..end].to_vec(),
            ..self.without_bytes()
        })
    }

    /// Whether it is text in that encoding.
    pub(crate) fn is_in(&self, other: Encoding) -> bool {
        matches!(self.decoding, Decoding::Text { encoding, .. } if encoding == other)
    }

    /// The same lines in another encoding; None where that is the one there is.
    pub(crate) fn decoded_as(&self, other: Encoding) -> Option<Block> {
        let mut block = self.clone();
        match &mut block.decoding {
            Decoding::Text { encoding, .. } if *encoding != other => *encoding = other,
            _ => return None,
        }
        Some(block.decode())
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
                block.noise += anomalies::take_out(&mut block.text, keep_noise, strip_ansi);
            }
            Decoding::Journal(plan) => {
                plan.read(&self.bytes, &mut block);
                // the text of entries is no room for reading: it is much shorter
                std::mem::take(&mut block.spares).give(self.bytes);
            }
        }
        block
    }
}
