//! One log, opened: decompressed, recognised, cut into blocks of whole lines or entries.

use super::block::{BLOCK_BYTES, Decoding, RawBlock};
use super::buffer_pool::BufferPool;
use super::compress::{Compression, Counted, MAGIC_BYTES, unread_form};
use super::encoding::Encoding;
use super::interrupt;
use super::journal::{JournalMatch, JournalPlan, Splitter};
use super::live::Live;
use super::sniff::{Form, SNIFF_BYTES};
use super::source::{LogError, LogSource};
use super::utf16_lines::Utf16Lines;
use super::window::{self, Dates, Window};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A line longer than this is cut, its rest left out: a file of one line must not fill the
/// memory, nor must a few kilobytes that unpack to it.
const LINE_BYTES: usize = 128 << 20;
const UNPACKED_LINE_BYTES: usize = 16 << 20;

/// Where a log comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogKind {
    /// A file.
    #[default]
    File,
    /// Standard input.
    Stdin,
    /// Lines of the command line.
    Literal,
    /// Through journalctl.
    Journal,
}

/// What is known of a log once it is open: shared by its blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogHead {
    /// Its place among the logs of the run, from 0.
    pub(crate) index: usize,
    /// As messages name it.
    pub(crate) name: String,
    /// Where it comes from.
    pub(crate) kind: LogKind,
    /// Its compression.
    pub(crate) compression: Option<Compression>,
    /// Text or a form of a journal.
    pub(crate) form: Form,
    /// The encoding it is read in, as reports name it.
    pub(crate) encoding: String,
    /// A mark at its start told that, nobody else.
    pub(crate) told_by_mark: bool,
    /// Bytes of the input, compressed ones where it is; None where that is not known.
    pub(crate) size: Option<u64>,
    /// Where reading begins, other than at the start: bisection, `--last`.
    pub(crate) start: u64,
}

/// How logs are read.
#[derive(Clone, Debug)]
pub(crate) struct ReadOptions {
    /// The encoding asked for, or the locale's.
    pub(crate) encoding: Encoding,
    /// Its name as reports show it.
    pub(crate) encoding_name: String,
    /// The user chose it: a mark at a log's start does not overrule it.
    pub(crate) encoding_given: bool,
    /// Take out ANSI sequences.
    pub(crate) strip_ansi: bool,
    /// Leave marks and padding in the text (`--format classic`).
    pub(crate) keep_noise: bool,
    /// Which entries of a journal are read.
    pub(crate) matches: Option<JournalMatch>,
    /// When.
    pub(crate) window: Window,
    /// The zone journal entries' dates are written in, seconds east of UTC.
    pub(crate) journal_offset: i64,
    /// Bytes a block has, about.
    pub(crate) block_bytes: usize,
    /// Room for blocks.
    pub(crate) spares: BufferPool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            encoding: Encoding::Utf8,
            encoding_name: "UTF-8".into(),
            encoding_given: true,
            strip_ansi: false,
            keep_noise: false,
            matches: None,
            window: Window::default(),
            journal_offset: 0,
            block_bytes: BLOCK_BYTES,
            spares: BufferPool::default(),
        }
    }
}

/// An opened log.
pub(crate) struct LogReader {
    head: Arc<LogHead>,
    input: Box<dyn Read + Send>,
    decoding: Decoding,
    splitter: Splitter,
    block_bytes: usize,
    spares: BufferPool,
    line_bytes: usize,
    /// What may have to be waited for, where the input is that itself.
    live: Option<Live>,
    pending: Vec<u8>,
    next_line: u64,
    finished: bool,
    fault: Option<io::Error>,
    /// Bytes of the input taken.
    position: Arc<AtomicU64>,
    /// Bytes (decompressed) handed out.
    handed: u64,
    lines: u64,
    /// Inside a line that is too long: its rest is left out up to its end.
    skipping: bool,
    overlong: u64,
    begun: bool,
}

/// Reads up to `wanted` bytes, fewer at the end, and stops early once `enough` says so. An
/// error comes with what was read before it.
fn peek(
    input: &mut dyn Read,
    wanted: usize,
    enough: impl Fn(&[u8]) -> bool,
) -> (Vec<u8>, Option<io::Error>) {
    let mut start = Vec::new();
    let mut buffer = vec![0; wanted.min(64 << 10)];
    while start.len() < wanted && !enough(&start) {
        let room = buffer.len().min(wanted - start.len());
        match input.read(&mut buffer[..room]) {
            Ok(0) => break,
            Ok(read) => start.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (start, Some(error)),
        }
    }
    (start, None)
}

/// An input before it is recognised.
struct Opened {
    input: Box<dyn Read + Send>,
    size: Option<u64>,
    live: Option<Live>,
    /// A plain file, for seeking.
    file: Option<File>,
}

impl LogReader {
    /// Opens a log. `dates` tells the dates of text lines where the window needs them.
    pub(crate) fn open(
        source: &LogSource,
        index: usize,
        options: &ReadOptions,
        dates: Option<&mut Dates>,
    ) -> Result<LogReader, LogError> {
        let name = source.name();
        let failed = |error| LogError::Io {
            path: name.clone(),
            error,
        };
        let mut head = LogHead {
            index,
            name: name.clone(),
            encoding: options.encoding_name.clone(),
            ..LogHead::default()
        };
        let opened = match source {
            LogSource::File(path) => open_file(path).map_err(failed)?,
            LogSource::Stdin => {
                head.kind = LogKind::Stdin;
                open_stdin().map_err(failed)?
            }
            LogSource::Literal(text) => {
                head.kind = LogKind::Literal;
                head.size = Some(text.len() as u64);
                let input = Cursor::new(text.clone().into_bytes());
                let plan = LogReader::text(options, options.encoding);
                return Ok(LogReader::new(head, Box::new(input), plan, options));
            }
            LogSource::Journal(journal) => {
                head.kind = LogKind::Journal;
                head.form = Form::JournalFile;
                let running = journal.start(options.matches.as_ref(), &options.window)?;
                let mut plan = LogReader::journal_plan(options, Form::Export);
                // journalctl has selected them already, and says nothing of the others
                plan.matches = None;
                let plan = Decoding::Journal(Arc::new(plan));
                return Ok(LogReader::new(head, Box::new(running), plan, options));
            }
        };
        LogReader::recognise(opened, head, options, dates)
    }

    /// Finds out what an input is: its compression, then its form and encoding.
    fn recognise(
        mut opened: Opened,
        mut head: LogHead,
        options: &ReadOptions,
        dates: Option<&mut Dates>,
    ) -> Result<LogReader, LogError> {
        let name = head.name.clone();
        let failed = |error| LogError::Io {
            path: name.clone(),
            error,
        };
        head.size = opened.size;
        let position = Arc::new(AtomicU64::new(0));
        // one read is enough of a pipe whose bytes cannot become one of the magics
        let (start, fault) = peek(&mut *opened.input, MAGIC_BYTES, |seen| {
            seen.first()
                .is_some_and(|first| first.is_ascii_graphic() && !b"BP7".contains(first))
        });
        if let Some(error) = fault {
            return Err(failed(error));
        }
        if let Some((form, command)) = unread_form(&start) {
            return Err(LogError::Unread {
                command: command.replace("FILE", &name),
                path: name,
                form,
            });
        }
        head.compression = Compression::of(&start);
        let input = Cursor::new(start).chain(opened.input);
        let counted = Counted::new(BufReader::with_capacity(64 << 10, input), position.clone());
        let mut live = opened.live;
        let mut input: Box<dyn Read + Send> = match head.compression {
            Some(compression) => {
                live = None;
                compression.decoder(counted).map_err(failed)?
            }
            None => Box::new(counted),
        };
        let (mut start, fault) = peek(&mut *input, SNIFF_BYTES, |seen| Form::of(seen).is_some());
        head.form = Form::of(&start).unwrap_or_default();
        if head.form == Form::JournalFile {
            return Err(LogError::Journal(
                name,
                "a .journal file is read by journalctl, which needs it unpacked and as a file"
                    .into(),
            ));
        }
        let decoding = match head.form {
            Form::Text => {
                let (encoding, mark) = match Encoding::told_by_mark(&start) {
                    Some(told) if !options.encoding_given && !options.keep_noise => {
                        head.encoding = told.name().into();
                        head.told_by_mark = true;
                        (told, 2)
                    }
                    _ => options.encoding.of_log(&start),
                };
                let plain = head.compression.is_none().then_some(opened.file).flatten();
                if let (Some(since), Some(mut file), Some(dates)) =
                    (options.window.since, plain, dates)
                    && let Some(size) = head.size
                    && encoding.last_line_end(b"\n") == Some(1)
                {
                    let from = window::bisect(&mut file, size, since, dates).map_err(failed)?;
                    if from > 0 {
                        file.seek(SeekFrom::Start(from)).map_err(failed)?;
                        head.start = from;
                        start.clear();
                        input = Box::new(file);
                    }
                }
                let as_upstream = options.keep_noise && head.kind == LogKind::File;
                if as_upstream && options.encoding.is_utf16() {
                    let whole = Cursor::new(std::mem::take(&mut start)).chain(input);
                    input = Box::new(Utf16Lines::new(whole, options.encoding));
                    LogReader::text(options, Encoding::Utf8)
                } else {
                    start.drain(..mark.min(start.len()));
                    LogReader::text(options, encoding)
                }
            }
            form => Decoding::Journal(Arc::new(LogReader::journal_plan(options, form))),
        };
        let unpacked = head.compression.is_some();
        let mut reader = LogReader::new(head, input, decoding, options);
        reader.live = live;
        reader.position = position;
        reader.pending = start;
        reader.fault = fault;
        if unpacked {
            reader.line_bytes = UNPACKED_LINE_BYTES;
        }
        Ok(reader)
    }

    fn text(options: &ReadOptions, encoding: Encoding) -> Decoding {
        Decoding::Text {
            encoding,
            keep_noise: options.keep_noise,
            strip_ansi: options.strip_ansi,
        }
    }

    fn journal_plan(options: &ReadOptions, form: Form) -> JournalPlan {
        JournalPlan {
            form,
            matches: options.matches.clone(),
            window: options.window,
            encoding: options.encoding,
            offset: options.journal_offset,
        }
    }

    fn new(
        head: LogHead,
        input: Box<dyn Read + Send>,
        decoding: Decoding,
        options: &ReadOptions,
    ) -> LogReader {
        let splitter = match &decoding {
            Decoding::Text { encoding, .. } => Splitter::new(Form::Text, *encoding),
            Decoding::Journal(plan) => Splitter::new(plan.form, Encoding::Utf8),
        };
        LogReader {
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
            let plan = LogReader::journal_plan(options, self.head.form);
            self.decoding = Decoding::Journal(Arc::new(plan));
        }
    }

    /// A plain file from `offset` on, which must be a line's start.
    pub(super) fn open_at(
        path: &Path,
        index: usize,
        options: &ReadOptions,
        offset: u64,
    ) -> Result<LogReader, LogError> {
        let source = LogSource::File(path.to_path_buf());
        let mut reader = LogReader::open(&source, index, options, None)?;
        if offset == 0 {
            return Ok(reader);
        }
        let failed = |error| LogError::Io {
            path: path.display().to_string(),
            error,
        };
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(offset)).map_err(failed)?;
        let mut head = (*reader.head).clone();
        head.start = offset;
        reader.head = Arc::new(head);
        reader.pending.clear();
        reader.input = Box::new(file);
        Ok(reader)
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
                return Ok(Some(self.cut(end)));
            }
            if let Some(error) = self.fault.take() {
                self.finished = true;
                self.pending.clear();
                return Err(self.damaged(error));
            }
            if self.finished {
                if self.pending.is_empty() || self.skipping {
                    return Ok(None);
                }
                return Ok(Some(self.cut(self.pending.len())));
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

fn open_file(path: &Path) -> io::Result<Opened> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    let plain = about.is_file();
    let again = match plain {
        true => Some(File::open(path)?),
        false => None,
    };
    Ok(match plain {
        true => Opened {
            input: Box::new(file),
            size: Some(about.len()),
            live: None,
            file: again,
        },
        false => waited_for(Live::new(file)),
    })
}

fn open_stdin() -> io::Result<Opened> {
    Ok(waited_for(Live::stdin()?))
}

fn waited_for(live: Live) -> Opened {
    Opened {
        input: Box::new(live.clone()),
        size: None,
        live: Some(live),
        file: None,
    }
}
