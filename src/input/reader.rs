//! One log, opened, cut into blocks of whole lines or entries.

use super::buffer_pool::BufferPool;
use super::decode::{Decoding, RawBlock};
use super::encoding::Encoding;
use super::error::LogError;
use super::head::LogHead;
use super::interrupt;
use super::journal::Splitter;
use super::live::Live;
use super::options::ReadOptions;
use super::sniff::Form;
use super::unwrap::{Reading, Unwrapper};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A line longer than this is cut, its rest left out: a file of one line must not fill the
/// memory, nor must a few kilobytes that unpack to it.
const LINE_BYTES: usize = 128 << 20;
pub(super) const UNPACKED_LINE_BYTES: usize = 16 << 20;

/// An opened log.
pub(crate) struct LogReader {
    pub(super) head: Arc<LogHead>,
    pub(super) input: Box<dyn Read + Send>,
    decoding: Decoding,
    splitter: Splitter,
    block_bytes: usize,
    spares: BufferPool,
    pub(super) line_bytes: usize,
    /// What may have to be waited for, where the input is that itself.
    pub(super) live: Option<Live>,
    pub(super) pending: Vec<u8>,
    next_line: u64,
    finished: bool,
    pub(super) fault: Option<io::Error>,
    /// Bytes of the input taken.
    pub(super) position: Arc<AtomicU64>,
    /// Bytes (decompressed) handed out.
    handed: u64,
    lines: u64,
    /// Inside a line that is too long: its rest is left out up to its end.
    skipping: bool,
    overlong: u64,
    begun: bool,
    /// Of lines that are wrapped.
    unwrapper: Option<Unwrapper>,
}

impl LogReader {
    /// The reader of an input from its first line on.
    pub(super) fn new(
        head: LogHead,
        input: Box<dyn Read + Send>,
        decoding: Decoding,
        options: &ReadOptions,
    ) -> LogReader {
        let splitter = match &decoding {
            Decoding::Text { encoding, .. } => Splitter::new(Form::Text, *encoding),
            Decoding::Journal(plan) => Splitter::new(plan.form, Encoding::Utf8),
        };
        let unwrapper = match &decoding {
            Decoding::Text { .. } => options.unwrap.as_ref(),
            Decoding::Journal(_) => None,
        };
        let reading = Reading {
            offset: options.journal_offset,
            keep_noise: options.keep_noise,
            strip_ansi: options.strip_ansi,
        };
        let unwrapper = unwrapper.map(|asked| Unwrapper::new(asked, &head, reading));
        LogReader {
            unwrapper,
            head: Arc::new(head),
            input,
            decoding,
            splitter,
            block_bytes: options.block_bytes.max(1),
            spares: options.spares.clone(),
            line_bytes: LINE_BYTES,
            live: None,
            pending: Vec::new(),
            next_line: 1,
            finished: false,
            fault: None,
            position: Arc::new(AtomicU64::new(0)),
            handed: 0,
            lines: 0,
            skipping: false,
            overlong: 0,
            begun: false,
        }
    }

    /// What the log is.
    pub(crate) fn head(&self) -> &Arc<LogHead> {
        &self.head
    }

    /// Reads a journal's entries so from here on.
    pub(super) fn set_plan(&mut self, options: &ReadOptions) {
        if let Decoding::Journal(_) = self.decoding {
            let plan = options.journal_plan(self.head.form);
            self.decoding = Decoding::Journal(Arc::new(plan));
        }
    }

    /// Whether it has been announced.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// It has been announced.
    pub(super) fn mark_begun(&mut self) {
        self.begun = true;
    }

    /// A block without lines, which announces the log.
    pub(super) fn announcement(&self) -> RawBlock {
        RawBlock {
            bytes: Vec::new(),
            first_line: self.next_line,
            position: 0,
            head: self.head.clone(),
            decoding: self.decoding.clone(),
            overlong: 0,
            ready: None,
            spares: self.spares.clone(),
        }
    }

    /// The next block; None at the end. An error ends the log: what was read before it has
    /// been handed out, whole lines only.
    pub(crate) fn next_block(&mut self) -> Result<Option<RawBlock>, LogError> {
        loop {
            if interrupt::requested() {
                self.finished = true;
                self.pending.clear();
                return Ok(None);
            }
            let end = self.splitter.advance(&self.pending);
            let wanted = self.pending.len() >= self.block_bytes || self.is_waiting();
            if end > 0 && (wanted || self.finished || self.fault.is_some()) {
                return Ok(Some(self.block(end)));
            }
            if let Some(error) = self.fault.take() {
                self.finished = true;
                self.pending.clear();
                return Err(self.damaged(error));
            }
            if self.finished {
                if self.pending.is_empty() || self.skipping {
                    return Ok(self.open_lines());
                }
                return Ok(Some(self.block(self.pending.len())));
            }
            self.limit_line()?;
            self.fill();
        }
    }

    /// Whether there is nothing to be read at once.
    fn is_waiting(&self) -> bool {
        self.live.as_ref().is_some_and(|live| !live.is_ready())
    }

    fn damaged(&self, error: io::Error) -> LogError {
        let path = self.head.name.clone();
        let compression = self.head.compression;
        if let Some((form, (allowed, command))) =
            compression.and_then(|form| Some((form, form.lacked_memory(&error)?)))
        {
            return LogError::Memory {
                command: command.replace("FILE", &path),
                path,
                form: form.name(),
                allowed,
            };
        }
        match self.head.compression {
            Some(compression) => LogError::Damaged {
                path,
                form: compression.name(),
                offset: self.position.load(Ordering::Relaxed),
                error,
                lines: self.lines,
            },
            None => LogError::Io { path, error },
        }
    }

    /// Keeps the memory bounded where a line does not end.
    fn limit_line(&mut self) -> Result<(), LogError> {
        if self.splitter.open_length(&self.pending) < self.line_bytes {
            return Ok(());
        }
        let Decoding::Text { encoding, .. } = &self.decoding else {
            return Err(LogError::Export {
                path: self.head.name.clone(),
                offset: self.handed,
                why: format!("an entry has more than {} MiB", self.line_bytes >> 20),
            });
        };
        // the line goes on without its rest, and ends where that ends
        let newline: &[u8] = match encoding.last_line_end(b"\n\0") {
            Some(2) => b"\n\0",
            Some(_) => b"\n",
            None => b"\0\n",
        };
        self.pending.truncate(self.pending.len() & !1);
        self.pending.extend_from_slice(newline);
        self.skipping = true;
        self.overlong += 1;
        Ok(())
    }

    /// Reads up to one block's worth more; of what must be waited for, what is there.
    fn fill(&mut self) {
        let before = self.pending.len();
        let wanted = before.max(self.block_bytes) - before.min(self.block_bytes);
        let wanted = match wanted {
            0 => self.block_bytes,
            wanted => wanted,
        };
        let mut filled = 0;
        if before < self.block_bytes {
            // room that was used has nothing to be cleared
            let mut room = self.spares.take();
            room.resize(before + wanted, 0);
            room[..before].copy_from_slice(&self.pending);
            self.pending = room;
        } else {
            self.pending.resize(before + wanted, 0);
        }
        while filled < wanted {
            match self.input.read(&mut self.pending[before + filled..]) {
                Ok(0) => {
                    self.finished = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.fault = Some(error);
                    break;
                }
            }
            if self.is_waiting() {
                break;
            }
        }
        self.pending.truncate(before + filled);
        if self.skipping {
            self.skip_rest(before);
        }
    }

    /// Leaves out of the bytes from `from` on what belongs to a line too long.
    fn skip_rest(&mut self, from: usize) {
        let Decoding::Text { encoding, .. } = &self.decoding else {
            return;
        };
        let end = encoding.first_line_end(&self.pending[from..]);
        self.skipping = end.is_none();
        let gone = end.unwrap_or(self.pending.len() - from);
        self.pending.drain(from..from + gone);
    }

    /// The lines up to `end`, unwrapped where that is asked for.
    fn block(&mut self, end: usize) -> RawBlock {
        let raw = self.cut(end);
        let Some(unwrapper) = &mut self.unwrapper else {
            return raw;
        };
        let mut slot = raw.without_bytes();
        let mut block = raw.decode();
        unwrapper.block(&mut block);
        slot.first_line = block.first_line;
        slot.ready = Some(block);
        slot
    }

    /// The wrapped lines whose last record never came.
    fn open_lines(&mut self) -> Option<RawBlock> {
        let mut raw = self.announcement();
        let mut block = raw.clone().decode();
        let any = self.unwrapper.as_mut()?.end(&mut block);
        raw.first_line = block.first_line;
        raw.ready = Some(block);
        any.then_some(raw)
    }

    fn cut(&mut self, end: usize) -> RawBlock {
        let units = self.splitter.cut(&self.pending, end);
        // the rest is short: it moves, the long part is handed on as it is
        let mut bytes = self.pending.split_off(end);
        std::mem::swap(&mut bytes, &mut self.pending);
        self.handed += bytes.len() as u64;
        let block = RawBlock {
            first_line: self.next_line,
            position: match self.head.compression {
                Some(_) => self.position.load(Ordering::Relaxed),
                None => self.head.start + self.handed,
            },
            bytes,
            head: self.head.clone(),
            decoding: self.decoding.clone(),
            overlong: std::mem::take(&mut self.overlong),
            ready: None,
            spares: self.spares.clone(),
        };
        self.next_line += units;
        self.lines += units;
        block
    }
}
