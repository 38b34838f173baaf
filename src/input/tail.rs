//! `--last N`: where the last lines of a run's logs begin.

use super::block::Block;
use super::decode::RawBlock;
use super::encoding::Encoding;
use super::error::LogError;
use super::options::ReadOptions;
use super::reader::LogReader;
use super::source::LogSource;
use super::window::Dates;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// How a log's share of the last lines is read.
pub(super) enum Part {
    /// From there on.
    Offset(LogSource, u64),
    /// Nothing of it.
    None(LogSource),
    /// It had to be read to its end: these are its lines.
    Read(VecDeque<RawBlock>, Option<LogError>),
}

/// Finds the last `lines` lines of all logs together, the last log first.
pub(super) fn find(
    sources: &[LogSource],
    lines: u64,
    options: &ReadOptions,
    mut first: Option<LogReader>,
    dates: &mut Option<Dates>,
) -> Vec<Part> {
    let mut wanted = lines;
    let mut parts = Vec::new();
    for (index, source) in sources.iter().enumerate().rev() {
        if wanted == 0 {
            parts.push(Part::None(source.clone()));
            continue;
        }
        let opened = first.take_if(|_| index == 0);
        let opened = match opened {
            Some(reader) => Ok(reader),
            None => LogReader::open(source, index, options, dates.as_mut()),
        };
        let plain = match (source, &opened) {
            (LogSource::File(path), Ok(reader)) if options_allow_seek(options, reader) => {
                Some(path)
            }
            _ => None,
        };
        if let Some(Ok((offset, found))) = plain.map(|path| last_lines(path, wanted)) {
            wanted -= found.min(wanted);
            parts.push(Part::Offset(source.clone(), offset));
            continue;
        }
        let (kept, error) = match opened {
            Ok(reader) => read_last(reader, wanted),
            Err(error) => (VecDeque::new(), Some(error)),
        };
        let found: u64 = kept
            .iter()
            .map(|b| b.ready.as_ref().map_or(0, Block::line_count))
            .sum();
        wanted -= found.min(wanted);
        parts.push(Part::Read(kept, error));
    }
    parts.reverse();
    parts
}

/// Whether newlines can be counted from the end: a plain text file, one byte a newline.
fn options_allow_seek(options: &ReadOptions, reader: &LogReader) -> bool {
    let head = reader.head();
    head.compression.is_none()
        && head.size.is_some()
        && !head.form.is_journal()
        && !options.window.is_limited()
        && options.unwrap.is_none()
        && options.encoding != Encoding::Utf16
        && Encoding::for_label(&head.encoding).is_some_and(|e| e.last_line_end(b"\n") == Some(1))
}

/// Where the last `wanted` lines of a file begin, and how many lines that are.
fn last_lines(path: &Path, wanted: u64) -> io::Result<(u64, u64)> {
    const STEP: u64 = 1 << 20;
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut found = 0;
    let mut end = size;
    let mut bytes = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start))?;
        bytes.clear();
        file.by_ref().take(end - start).read_to_end(&mut bytes)?;
        for at in memchr::memrchr_iter(b'\n', &bytes) {
            let line_start = start + at as u64 + 1;
            // the newline at the very end closes a line, it opens none
            if line_start == size {
                continue;
            }
            found += 1;
            if found == wanted {
                return Ok((line_start, found));
            }
        }
        end = start;
    }
    Ok((0, found + u64::from(size > 0)))
}

/// Reads a log to its end and keeps its last `wanted` lines.
fn read_last(mut reader: LogReader, wanted: u64) -> (VecDeque<RawBlock>, Option<LogError>) {
    let mut kept: VecDeque<RawBlock> = VecDeque::from([reader.announcement()]);
    let mut lines = 0;
    let error = loop {
        let raw = match reader.next_block() {
            Ok(Some(raw)) => raw,
            Ok(None) => break None,
            Err(error) => break Some(error),
        };
        let mut slot = raw.without_bytes();
        let block = raw.decode();
        lines += block.line_count();
        slot.ready = Some(block);
        kept.push_back(slot);
        // the announcement stays in front
        while kept.len() > 2
            && let Some(oldest) = kept[1].ready.as_ref().map(Block::line_count)
            && lines - oldest >= wanted
        {
            lines -= oldest;
            kept.remove(1);
        }
    };
    if let Some(block) = kept.get_mut(1).and_then(|oldest| oldest.ready.as_mut()) {
        block.drop_lines(lines.saturating_sub(wanted));
    }
    (kept, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_the_end() {
        let directory = std::env::temp_dir().join(format!("f2b-tail-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a temporary directory");
        let path = directory.join("log");
        for (text, wanted, want) in [
            ("a\nb\nc\n", 1, (4, 1)),
            ("a\nb\nc", 1, (4, 1)),
            ("a\nb\nc", 2, (2, 2)),
            ("a\nb\nc\n", 3, (0, 3)),
            ("a\nb\nc\n", 9, (0, 3)),
            ("\n\n", 1, (1, 1)),
            ("", 1, (0, 0)),
        ] {
            std::fs::write(&path, text).expect("a file");
            assert_eq!(
                last_lines(&path, wanted).expect("reads"),
                want,
                "{text:?} {wanted}"
            );
        }
        std::fs::remove_dir_all(&directory).expect("removed");
    }
}
