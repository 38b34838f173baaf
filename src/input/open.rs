//! A log opened: what it is found to be (its compression, then its form and encoding), and where
//! reading it begins.

use super::compress::{Compression, Counted, MAGIC_BYTES, unread_form};
use super::decode::Decoding;
use super::encoding::Encoding;
use super::error::LogError;
use super::head::{LogHead, LogKind};
use super::live::Live;
use super::options::ReadOptions;
use super::reader::{LogReader, UNPACKED_LINE_BYTES};
use super::sniff::{Form, SNIFF_BYTES};
use super::source::LogSource;
use super::utf16_lines::Utf16Lines;
use super::window::{self, Dates};
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

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

/// A log of text lines: what was read of it, and the rest.
struct Text {
    start: Vec<u8>,
    input: Box<dyn Read + Send>,
}

impl Text {
    /// Settles the encoding and where reading begins.
    fn settle(
        &mut self,
        head: &mut LogHead,
        plain: Option<File>,
        options: &ReadOptions,
        dates: Option<&mut Dates>,
    ) -> io::Result<Decoding> {
        let (encoding, mark) = match Encoding::told_by_mark(&self.start) {
            Some(told) if !options.encoding_given && !options.keep_noise => {
                head.encoding = told.name().into();
                head.told_by_mark = true;
                (told, 2)
            }
            _ => options.encoding.of_log(&self.start),
        };
        if let (Some(since), Some(mut file), Some(dates)) = (options.window.since, plain, dates)
            && let Some(size) = head.size
            && encoding.last_line_end(b"\n") == Some(1)
            && options.unwrap.is_none()
        {
            let from = window::bisect(&mut file, size, since, dates)?;
            if from > 0 {
                file.seek(SeekFrom::Start(from))?;
                head.start = from;
                self.start.clear();
                self.input = Box::new(file);
            }
        }
        let as_upstream = options.keep_noise && head.kind == LogKind::File;
        if as_upstream && options.encoding.is_utf16() {
            let start = Cursor::new(std::mem::take(&mut self.start));
            let rest = std::mem::replace(&mut self.input, Box::new(io::empty()));
            self.input = Box::new(Utf16Lines::new(start.chain(rest), options.encoding));
            return Ok(options.text(Encoding::Utf8));
        }
        self.start.drain(..mark.min(self.start.len()));
        Ok(options.text(encoding))
    }
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
                let plan = options.text(options.encoding);
                return Ok(LogReader::new(head, Box::new(input), plan, options));
            }
            LogSource::Journal(journal) => {
                not_wrapped(&name, options)?;
                head.kind = LogKind::Journal;
                head.form = Form::JournalFile;
                let running = journal.start(options.matches.as_ref(), &options.window)?;
                let mut plan = options.journal_plan(Form::Export);
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
                let plain = head.compression.is_none().then_some(opened.file).flatten();
                let mut text = Text { start, input };
                let decoding = text.settle(&mut head, plain, options, dates);
                (start, input) = (text.start, text.input);
                decoding.map_err(failed)?
            }
            form => {
                not_wrapped(&name, options)?;
                Decoding::Journal(Arc::new(options.journal_plan(form)))
            }
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
}

/// A journal's entries hold lines as they are.
fn not_wrapped(name: &str, options: &ReadOptions) -> Result<(), LogError> {
    match &options.unwrap {
        None => Ok(()),
        Some(_) => Err(LogError::Journal(
            name.to_owned(),
            "a journal's entries hold their lines as they are: leave out --unwrap".into(),
        )),
    }
}

fn open_file(path: &Path) -> io::Result<Opened> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    let plain = about.is_file();
    let again = if plain { Some(File::open(path)?) } else { None };
    Ok(if plain {
        Opened {
            input: Box::new(file),
            size: Some(about.len()),
            live: None,
            file: again,
        }
    } else {
        waited_for(Live::new(file))
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
