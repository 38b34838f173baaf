//! Blocks of whole lines: the unit of work between reading and matching.
//!
//! Bytes are read into owned buffers (no mmap: a log truncated under us must not kill the
//! run), cut at a newline, decoded, and handed on with the number of their first line.

use super::encoding::Encoding;
use std::io::{self, Read};

/// Bytes read at a time.
pub const BLOCK_BYTES: usize = 1 << 18;

/// Whole lines of a log, decoded.
#[derive(Debug, Default)]
pub struct Block {
    /// The text; every line but perhaps the log's last ends in "\n".
    pub text: String,
    /// Number of the first line in its log, from 1.
    pub first_line: u64,
    /// Places where bytes were not valid in the encoding.
    pub invalid: u64,
}

impl Block {
    /// The lines to be tested, with their numbers: line ends cut, empty lines and comments
    /// (`#…`) left out, as `Fail2banRegex.process` does.
    pub fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        (self.first_line..)
            .zip(self.text.split_inclusive('\n'))
            .map(|(number, line)| (number, line.trim_end_matches(['\r', '\n'])))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    }

    /// Takes away a last line that has no "\n"; returns it.
    pub fn take_open_line(&mut self) -> Option<String> {
        let start = memchr::memrchr(b'\n', self.text.as_bytes()).map_or(0, |at| at + 1);
        let open = self.text.split_off(start);
        (!open.is_empty()).then_some(open)
    }

    /// Lines in the block, skipped ones included.
    pub fn line_count(&self) -> u64 {
        let ends = memchr::memchr_iter(b'\n', self.text.as_bytes()).count() as u64;
        let open_end = !self.text.is_empty() && !self.text.ends_with('\n');
        ends + u64::from(open_end)
    }
}

/// Cuts a stream of bytes into blocks.
pub struct BlockReader<R> {
    input: R,
    encoding: Encoding,
    block_bytes: usize,
    pending: Vec<u8>,
    next_line: u64,
    finished: bool,
    bytes: u64,
}

impl<R: Read> BlockReader<R> {
    /// Reads `input` in blocks of about `block_bytes`; a longer line makes a longer block.
    pub fn new(input: R, encoding: Encoding, block_bytes: usize) -> Self {
        BlockReader {
            input,
            encoding,
            block_bytes: block_bytes.max(1),
            pending: Vec::new(),
            next_line: 1,
            finished: false,
            bytes: 0,
        }
    }

    /// Bytes read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next block; None at the end. An error ends the stream: what was read before it
    /// has been handed out.
    pub fn next_block(&mut self) -> io::Result<Option<Block>> {
        let mut searched = 0;
        loop {
            if let Some(end) = self.block_end(searched) {
                let rest = self.pending.split_off(end);
                let bytes = std::mem::replace(&mut self.pending, rest);
                return Ok(Some(self.block(bytes)));
            }
            if self.finished {
                if self.pending.is_empty() {
                    return Ok(None);
                }
                let bytes = std::mem::take(&mut self.pending);
                return Ok(Some(self.block(bytes)));
            }
            searched = self.pending.len();
            self.fill()?;
        }
    }

    /// Reads up to one block's worth more.
    fn fill(&mut self) -> io::Result<()> {
        let wanted = self.block_bytes as u64;
        let limited = self.input.by_ref().take(wanted);
        let mut limited = limited;
        let read = match limited.read_to_end(&mut self.pending) {
            Ok(read) => read as u64,
            Err(error) => {
                self.finished = true;
                return Err(error);
            }
        };
        self.bytes += read;
        self.finished = read < wanted;
        Ok(())
    }

    /// Where the pending bytes can be cut: behind their last newline, once there are enough.
    fn block_end(&self, searched: usize) -> Option<usize> {
        if self.pending.len() < self.block_bytes {
            return None;
        }
        self.encoding
            .last_line_end(&self.pending[searched..])
            .map(|end| searched + end)
    }

    fn block(&mut self, bytes: Vec<u8>) -> Block {
        let (text, invalid) = self.encoding.decode(bytes);
        let block = Block {
            text,
            first_line: self.next_line,
            invalid,
        };
        self.next_line += block.line_count();
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(input: &[u8], block_bytes: usize) -> Vec<(u64, String)> {
        let mut reader = BlockReader::new(input, Encoding::Utf8, block_bytes);
        let mut all = Vec::new();
        while let Some(block) = reader.next_block().expect("a slice reads") {
            all.extend(block.lines().map(|(n, l)| (n, l.to_string())));
        }
        all
    }

    #[test]
    fn every_block_size_gives_the_same_lines() {
        let input = b"a\r\n\n# no\nbb\r\r\nccc\xff\n\nlast";
        let want = vec![
            (1, "a".to_string()),
            (4, "bb".to_string()),
            (5, "ccc\u{fffd}".to_string()),
            (7, "last".to_string()),
        ];
        for size in 1..40 {
            assert_eq!(lines_of(input, size), want, "block size {size}");
        }
    }
}
