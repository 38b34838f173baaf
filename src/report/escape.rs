//! JSON and XML without characters that turn the direction of writing, drive a terminal or
//! cannot be seen: each is written as the escape that stands for it there, so that what a
//! program reads is the same.

use std::io::{self, Write};

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// JSON, where such characters can be in strings only.
    Json,
    /// XML, where they can be in text and values of attributes only.
    Xml,
}

/// A writer that escapes what is not printable. Line ends, tabs and blanks of every kind pass.
pub(crate) struct Escaped<W> {
    out: W,
    markup: Markup,
    /// The beginning of a character whose rest has not come.
    pending: Vec<u8>,
}

impl<W: Write> Escaped<W> {
    pub(crate) fn new(out: W, markup: Markup) -> Escaped<W> {
        Escaped {
            out,
            markup,
            pending: Vec::new(),
        }
    }
}

/// Whether a character stays as it is.
fn is_plain(c: char) -> bool {
    let blank = c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    blank || matches!(c, '\n' | '\r' | '\t') || crate::python::is_printable(c)
}

/// Whether a byte is a character that stays as it is: most of a report.
fn passes(byte: u8) -> bool {
    is_printable(byte) | matches!(byte, b'\n' | b'\r' | b'\t')
}

/// Whether a byte is a printable character of ASCII: without a branch, so that many are looked at
/// at once.
pub(super) fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// Where the first byte stands that is not, or the end.
pub(super) fn plain_until(text: &[u8], passes: impl Fn(u8) -> bool) -> usize {
    const AT_ONCE: usize = 64;
    let chunks = text.chunks_exact(AT_ONCE);
    let all_pass = |chunk: &&[u8]| chunk.iter().fold(true, |all, &byte| all & passes(byte));
    let from = AT_ONCE * chunks.take_while(all_pass).count();
    let rest = text[from..].iter();
    from + rest.take_while(|&&byte| passes(byte)).count()
}

/// Appends `text`, escaped.
fn push(out: &mut String, text: &str, markup: Markup) {
    let mut rest = text;
    loop {
        let (plain, odd) = rest.split_at(plain_until(rest.as_bytes(), passes));
        out.push_str(plain);
        let mut chars = odd.chars();
        let Some(c) = chars.next() else {
            return;
        };
        push_char(out, c, markup);
        rest = chars.as_str();
    }
}

fn push_char(out: &mut String, c: char, markup: Markup) {
    match markup {
        _ if is_plain(c) => out.push(c),
        Markup::Json => {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
        // XML has no control characters, not even escaped
        Markup::Xml if c.is_control() && (c as u32) < 0x20 => out.push('\u{fffd}'),
        Markup::Xml => out.push_str(&format!("&#x{:x};", c as u32)),
    }
}

/// JSON escaped as [`Escaped`] does it, in one piece.
pub(crate) fn json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    push(&mut out, json, Markup::Json);
    out
}

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pending.is_empty() && plain_until(bytes, passes) == bytes.len() {
            self.out.write_all(bytes)?;
            return Ok(bytes.len());
        }
        self.pending.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.pending) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        };
        let mut text = String::with_capacity(whole);
        let ready = std::str::from_utf8(&self.pending[..whole]).unwrap_or_default();
        push(&mut text, ready, self.markup);
        self.pending.drain(..whole);
        self.out.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, markup: Markup) -> String {
        let mut all = Vec::new();
        for size in 1..=text.len() {
            let mut escaped = Escaped::new(Vec::new(), markup);
            for piece in text.as_bytes().chunks(size) {
                escaped.write_all(piece).expect("memory takes it");
            }
            all.push(String::from_utf8(escaped.out).expect("it is text"));
        }
        all.dedup();
        assert_eq!(all.len(), 1, "pieces change nothing: {all:?}");
        all.remove(0)
    }

    #[test]
    fn what_is_read_is_the_same() {
        let text = "a\u{202e}b\u{9b}c\u{7f}é\u{e0001}\u{a0}\u{2028}漢";
        let json = serde_json::to_string(text).expect("a string");
        let safe = written(&json, Markup::Json);
        let wanted = "\"a\\u202eb\\u009bc\\u007fé\\udb40\\udc01\u{a0}\\u2028漢\"";
        assert_eq!(safe, wanted);
        let read: String = serde_json::from_str(&safe).expect("JSON");
        assert_eq!(read, text);
        assert_eq!(
            written("<a b=\"\u{202e}\">\u{85}é</a>\n", Markup::Xml),
            "<a b=\"&#x202e;\">&#x85;é</a>\n"
        );
    }
}
