//! The lines of a UTF-16 log as fail2ban sees them (`--format classic`).
//!
//! Upstream's `FileContainer.readline` reads up to the byte 0x0a and decodes each piece by itself.
//! In UTF-16 that byte is half of a newline, or of another character, so it reads on until a
//! newline is in the text, and goes back to behind it by encoding the line again. With the name
//! `utf-16` that writes a mark each time, so one character of the next line is lost, and lines
//! without a mark are little-endian; of a line that ends with CR LF half of the LF is left over.

use super::encoding::Encoding;
use std::io::{self, Read};

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// Bytes of UTF-16 in, lines of UTF-8 out. A last line without a newline is left out.
pub(super) struct Utf16Lines<R> {
    input: R,
    /// Each decoding begins with a mark, or is little-endian (Python's `utf-16`).
    marked: bool,
    big_endian: bool,
    buffer: Vec<u8>,
    /// Where in it the next line begins; upstream may have gone too far.
    start: usize,
    at_end: bool,
    line: Vec<u8>,
    line_read: usize,
}

impl<R: Read> Utf16Lines<R> {
    /// The lines of `input` in one of the encodings of UTF-16.
    pub(super) fn new(input: R, encoding: Encoding) -> Utf16Lines<R> {
        Utf16Lines {
            input,
            marked: encoding == Encoding::Utf16,
            big_endian: encoding == Encoding::Utf16Be,
            buffer: Vec::new(),
            start: 0,
            at_end: false,
            line: Vec::new(),
            line_read: 0,
        }
    }

    /// The end of the piece that begins at `from`: behind its byte 0x0a, or the input's end.
    fn piece_end(&mut self, from: usize) -> io::Result<usize> {
        let mut searched = from.min(self.buffer.len());
        loop {
            if searched >= from
                && let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..])
            {
                return Ok(searched + at + 1);
            }
            if self.at_end {
                return Ok(self.buffer.len().max(from));
            }
            searched = self.buffer.len().max(from);
            let known = self.buffer.len();
            self.buffer.resize(known + PIECE, 0);
            let read = loop {
                match self.input.read(&mut self.buffer[known..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            self.buffer
                .truncate(known + read.as_ref().map_or(0, |read| *read));
            self.at_end = read? == 0;
            searched = searched.min(self.buffer.len());
        }
    }

    /// The next line, without its end.
    fn next_line(&mut self) -> io::Result<Option<String>> {
        let start = self.start;
        let mut end = self.piece_end(start)?;
        if end <= start {
            return Ok(None);
        }
        let text = Text::of(&self.buffer[start..end], self.marked, self.big_endian);
        if text.is_complete(&self.buffer[start..end]) {
            self.start = end;
            return Ok(Some(text.decode(&self.buffer[start..end]).0));
        }
        let mut searched = text.from;
        loop {
            let next = self.piece_end(end)?;
            if next <= end {
                return Ok(None);
            }
            end = next;
            let bytes = &self.buffer[start..end];
            let newline = text.newline(bytes, searched);
            searched = bytes.len() & !1;
            let last = bytes.len() - bytes.len() % 2 - 2;
            match newline {
                Some(at) if at < last => {
                    let mark = if self.marked { 2 } else { 0 };
                    self.start = start + (at + 2 - text.from) + mark;
                    return Ok(Some(text.decode(&bytes[..at]).0));
                }
                _ if text.is_complete(bytes) => {
                    self.start = end;
                    return Ok(Some(text.decode(bytes).0));
                }
                _ => {}
            }
        }
    }
}

/// How a line's bytes are decoded.
#[derive(Clone, Copy)]
struct Text {
    big_endian: bool,
    /// Its first unit, behind a mark.
    from: usize,
}

impl Text {
    fn of(bytes: &[u8], marked: bool, big_endian: bool) -> Text {
        let mark = match bytes {
            [0xff, 0xfe, ..] if marked => Some(false),
            [0xfe, 0xff, ..] if marked => Some(true),
            _ => None,
        };
        Text {
            big_endian: mark.unwrap_or(big_endian),
            from: 2 * usize::from(mark.is_some()),
        }
    }

    fn unit(self, bytes: &[u8], at: usize) -> u16 {
        let pair = [bytes[at], bytes[at + 1]];
        if self.big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    }

    /// The first newline from the unit at `from` on.
    fn newline(self, bytes: &[u8], from: usize) -> Option<usize> {
        (from.max(self.from)..bytes.len().saturating_sub(1))
            .step_by(2)
            .find(|&at| self.unit(bytes, at) == u16::from(b'\n'))
    }

    /// Whether the text ends with a line's end. Half a unit at the end is left out if it is
    /// half of one (upstream's `decode_line`), unless something else is wrong with the line.
    fn is_complete(self, bytes: &[u8]) -> bool {
        let even = bytes.len() & !1;
        let ends = even >= self.from + 2
            && [b'\r', b'\n'].contains(&u8::try_from(self.unit(bytes, even - 2)).unwrap_or(0));
        match bytes.get(even) {
            None => ends,
            Some(half) => ends && b"\r\n".contains(half) && self.decode(bytes).1,
        }
    }

    /// The text without its line end, and whether all of it is valid.
    fn decode(self, bytes: &[u8]) -> (String, bool) {
        let encoding = if self.big_endian {
            encoding_rs::UTF_16BE
        } else {
            encoding_rs::UTF_16LE
        };
        let even = bytes.len() & !1;
        let units = bytes.get(self.from..even).unwrap_or_default();
        let (text, wrong) = encoding.decode_without_bom_handling(units);
        (text.trim_end_matches(['\r', '\n']).to_string(), !wrong)
    }
}

impl<R: Read> Read for Utf16Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.line_read == self.line.len() {
            let Some(line) = self.next_line()? else {
                return Ok(0);
            };
            let gone = self.start.min(self.buffer.len());
            if gone >= PIECE {
                self.buffer.drain(..gone);
                self.start -= gone;
            }
            self.line = line.into_bytes();
            self.line.push(b'\n');
            self.line_read = 0;
        }
        let rest = &self.line[self.line_read..];
        let taken = rest.len().min(out.len());
        out[..taken].copy_from_slice(&rest[..taken]);
        self.line_read += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that fail2ban's development head read of the same bytes.
    fn lines(bytes: &[u8], encoding: &str) -> Vec<String> {
        let encoding = Encoding::for_label(encoding).expect("an encoding");
        let mut lines = Utf16Lines::new(bytes, encoding);
        let mut text = String::new();
        lines.read_to_string(&mut text).expect("UTF-8");
        text.lines().map(str::to_string).collect()
    }

    fn units(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn lines_as_fail2ban_reads_them() {
        let text = "one \u{20a}\u{a0a}\ntwo\nthree\nopen";
        let little = units(text, u16::to_le_bytes);
        let big = units(text, u16::to_be_bytes);
        let first = "one \u{20a}\u{a0a}";
        assert_eq!(lines(&little, "utf-16le"), [first, "two", "three"]);
        assert_eq!(lines(&big, "utf-16be"), [first, "two", "three"]);
        let marked = [b"\xff\xfe", &little[..]].concat();
        assert_eq!(lines(&marked, "utf-16"), [first, "two", "hree"]);
        assert_eq!(lines(&little, "utf-16"), [first, "wo", "hree"]);
        let marked = [b"\xfe\xff", &big[..]].concat();
        assert_eq!(lines(&marked, "utf-16"), [first]);
        let windows = units("one\r\ntwo\r\nthree\r\n", u16::to_le_bytes);
        assert_eq!(lines(&windows, "utf-16le"), ["one"]);
    }
}
