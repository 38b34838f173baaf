//! All logs of a run, read one after the other as one stream of blocks.

use super::block::{Block, RawBlock, is_tested};
use super::head::LogKind;
use super::options::ReadOptions;
use super::reader::LogReader;
use super::source::{LogError, LogSource};
use super::tail::{self, Part};
use super::window::Dates;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// How much of a journal on standard input is remembered, to look at again.
const REMEMBERED_BYTES: usize = 64 << 20;

/// Blocks of standard input, kept to look at again.
pub(crate) type Remembered = Arc<Mutex<Vec<RawBlock>>>;

/// The logs of a run.
pub(crate) struct LogSet {
    sources: Vec<LogSource>,
    options: ReadOptions,
    dates: Option<Dates>,
    last: Option<u64>,
    next: usize,
    current: Option<LogReader>,
    queue: VecDeque<Result<RawBlock, LogError>>,
    /// What `--last` found of each log.
    parts: Option<VecDeque<Part>>,
    is_journal: Option<bool>,
    /// Time of the last line with a date, for lines without one.
    last_date: Option<f64>,
    remembered: Remembered,
    remembered_bytes: usize,
}

impl LogSet {
    /// Logs to be read with `options`; nothing is opened yet.
    pub(crate) fn new(sources: Vec<LogSource>, options: ReadOptions) -> LogSet {
        LogSet {
            sources,
            options,
            dates: None,
            last: None,
            next: 0,
            current: None,
            queue: VecDeque::new(),
            parts: None,
            is_journal: None,
            last_date: None,
            remembered: Remembered::default(),
            remembered_bytes: 0,
        }
    }

    /// The logs, in the order they are read.
    pub(crate) fn sources(&self) -> &[LogSource] {
        &self.sources
    }

    /// Bytes of all inputs; None where one of them does not tell.
    pub(crate) fn size(&self) -> Option<u64> {
        let size = |source: &LogSource| match source {
            LogSource::File(path) => path
                .metadata()
                .ok()
                .filter(|m| m.is_file())
                .map(|m| m.len()),
            LogSource::Literal(text) => Some(text.len() as u64),
            LogSource::Stdin | LogSource::Journal(_) => None,
        };
        self.sources.iter().map(size).sum()
    }

    /// Whether a log may have to be waited for.
    pub(crate) fn is_live(&self) -> bool {
        self.sources.iter().any(|source| match source {
            LogSource::Stdin => true,
            LogSource::File(path) => !path.is_file(),
            LogSource::Literal(_) | LogSource::Journal(_) => false,
        })
    }

    /// Whether the logs are journals, as the first tells. Waits for the first bytes of
    /// standard input.
    pub(crate) fn is_journal(&mut self) -> Result<bool, LogError> {
        if let Some(known) = self.is_journal {
            return Ok(known);
        }
        let known = match self.sources.first() {
            None | Some(LogSource::Literal(_)) => false,
            Some(LogSource::Journal(_)) => true,
            Some(source) => {
                let reader = LogReader::open(source, 0, &self.options, None)?;
                let is_journal = reader.head().form.is_journal();
                // a file is opened again once it is known what is wanted of it
                if reader.head().size.is_none() {
                    self.current = Some(reader);
                    self.next = 1;
                }
                is_journal
            }
        };
        self.is_journal = Some(known);
        Ok(known)
    }

    /// How the logs are read, settled once the filter is known.
    pub(crate) fn options_mut(&mut self) -> &mut ReadOptions {
        &mut self.options
    }

    /// How dates of text lines are told, for the window.
    pub(crate) fn set_dates(&mut self, dates: Dates) {
        self.dates = Some(dates);
    }

    /// Reads only the last `lines` lines of all logs together.
    pub(crate) fn keep_last(&mut self, lines: u64) {
        self.last = Some(lines);
    }

    /// Of a journal on standard input, its first blocks: it cannot be read again.
    pub(crate) fn remembered(&self) -> Remembered {
        self.remembered.clone()
    }

    /// The next block; None at the end of the last log. An error ends its log; the next call
    /// goes on with the log after it. Every log is announced by a block without lines.
    pub(crate) fn next_block(&mut self) -> Result<Option<RawBlock>, LogError> {
        self.begin();
        loop {
            if let Some(queued) = self.queue.pop_front() {
                return queued.map(Some);
            }
            let Some(reader) = &mut self.current else {
                if !self.open_next()? {
                    return Ok(None);
                }
                continue;
            };
            match reader.next_block() {
                Ok(Some(raw)) => self.take(raw),
                Ok(None) => self.current = None,
                Err(error) => {
                    self.current = None;
                    return Err(error);
                }
            }
        }
    }

    /// What is done once, before the first block.
    fn begin(&mut self) {
        if let Some(reader) = &mut self.current
            && self.next == 1
            && self.parts.is_none()
            && self.queue.is_empty()
            && !reader.has_begun()
        {
            reader.set_plan(&self.options);
            if self.last.is_none() {
                self.queue.push_back(Ok(reader.announcement()));
                reader.mark_begun();
            }
        }
        if let Some(lines) = self.last.take() {
            let first = self.current.take();
            self.next = 0;
            let parts = tail::find(&self.sources, lines, &self.options, first, &mut self.dates);
            self.parts = Some(parts.into());
        }
    }

    /// Opens the next log; false where there is none.
    fn open_next(&mut self) -> Result<bool, LogError> {
        let index = self.next;
        self.next += 1;
        let mut reader = match self.parts.as_mut().map(VecDeque::pop_front) {
            Some(None) => return Ok(false),
            Some(Some(Part::None(source))) => {
                // it is named in the report, with no line
                let reader = LogReader::open(&source, index, &self.options, None)?;
                self.queue.push_back(Ok(reader.announcement()));
                return Ok(true);
            }
            Some(Some(Part::Read(blocks, error))) => {
                self.queue.extend(blocks.into_iter().map(Ok));
                self.queue.extend(error.map(Err));
                return Ok(true);
            }
            Some(Some(Part::Offset(LogSource::File(path), offset))) => {
                LogReader::open_at(&path, index, &self.options, offset)?
            }
            Some(Some(Part::Offset(source, _))) => {
                LogReader::open(&source, index, &self.options, None)?
            }
            None => {
                let Some(source) = self.sources.get(index) else {
                    return Ok(false);
                };
                LogReader::open(source, index, &self.options, self.dates.as_mut())?
            }
        };
        self.check_kind(&reader)?;
        self.queue.push_back(Ok(reader.announcement()));
        reader.mark_begun();
        self.current = Some(reader);
        Ok(true)
    }

    /// Text and journals do not mix: a run has a date detector, or none.
    fn check_kind(&mut self, reader: &LogReader) -> Result<(), LogError> {
        let head = reader.head();
        let journal = head.form.is_journal();
        let name = |journal| if journal { "a journal" } else { "text" };
        let known = *self.is_journal.get_or_insert(journal);
        // an empty log is of every kind
        if known == journal || head.size == Some(0) {
            Ok(())
        } else {
            Err(LogError::Mixed(
                head.name.clone(),
                name(journal),
                if known { "journals" } else { "text" },
            ))
        }
    }

    /// Queues a block, or what the window leaves of it.
    fn take(&mut self, raw: RawBlock) {
        let head = raw.head();
        if head.kind == LogKind::Stdin && head.form.is_journal() && self.options.matches.is_some() {
            self.remember(&raw);
        }
        let text = !raw.head().form.is_journal();
        match &mut self.dates {
            Some(dates) if text && self.options.window.is_limited() => {
                let mut slot = raw.without_bytes();
                let window = self.options.window;
                let last_date = &mut self.last_date;
                let inside = raw.decode().parts(|line| {
                    *last_date = dates(line).or(*last_date);
                    match *last_date {
                        Some(time) => window.holds(time),
                        None => window.since.is_none(),
                    }
                });
                for block in inside {
                    slot.ready = Some(block);
                    self.queue.push_back(Ok(slot.clone()));
                }
            }
            _ => self.queue.push_back(Ok(raw)),
        }
    }

    fn remember(&mut self, raw: &RawBlock) {
        if self.remembered_bytes + raw.len() > REMEMBERED_BYTES {
            return;
        }
        self.remembered_bytes += raw.len();
        // nobody panics while holding it
        if let Ok(mut all) = self.remembered.lock() {
            all.push(raw.clone());
        }
    }
}

impl Block {
    /// The runs of lines `inside` holds for, each a block of its own; the first one, perhaps
    /// without lines, bears what is counted of the whole. Empty lines and comments go with
    /// the line before.
    pub(super) fn parts(mut self, mut inside: impl FnMut(&str) -> bool) -> Vec<Block> {
        let text = std::mem::take(&mut self.text);
        let mut parts = vec![Block {
            text: String::new(),
            ..self
        }];
        let mut outside = 0;
        let mut open = false;
        let mut was_inside = None;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let plain = line.trim_end_matches(['\r', '\n']);
            let is_inside = match (was_inside, !is_tested(plain)) {
                (Some(before), true) => before,
                _ => inside(plain),
            };
            was_inside = Some(is_inside);
            if !is_inside {
                outside += 1;
                open = false;
                continue;
            }
            if !open {
                let first = &parts[0];
                let run = Block {
                    first_line: first.first_line + index as u64,
                    head: first.head.clone(),
                    position: first.position,
                    ..Block::default()
                };
                parts.push(run);
                open = true;
            }
            if let Some(run) = parts.last_mut() {
                run.text.push_str(line);
            }
        }
        parts[0].outside = outside;
        parts
    }

    /// Leaves out the first `count` lines.
    pub(super) fn drop_lines(&mut self, count: u64) {
        let Ok(lines) = usize::try_from(count) else {
            return;
        };
        if lines == 0 {
            return;
        }
        let start = memchr::memchr_iter(b'\n', self.text.as_bytes()).nth(lines - 1);
        let start = start.map_or(self.text.len(), |at| at + 1);
        self.text.drain(..start);
        match &mut self.entries {
            Some(entries) => {
                entries.times.drain(..lines.min(entries.times.len()));
                entries.numbers.drain(..lines.min(entries.numbers.len()));
            }
            None => self.first_line += count,
        }
    }
}
