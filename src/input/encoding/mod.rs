//! Bytes to text, as Python decodes a log: line by line, invalid bytes to U+FFFD.

mod charmap;
mod multibyte;
mod tables;

use charmap::Charmap;
use multibyte::{Multibyte, decode_iso2022_jp, encode_iso2022_jp};
use tables::Table;

/// A log's encoding, one of CPython's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// ASCII: every other byte is invalid.
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// UTF-8 whose lines may begin with a byte order mark (Python's `utf-8-sig`).
    Utf8Sig,
    /// UTF-16 whose byte order its mark tells; little-endian without one. A log of it is
    /// opened as one of the two: [`Encoding::of_log`].
    Utf16,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// One byte a character.
    Charmap(&'static Charmap),
    /// East Asian.
    Multibyte(&'static Multibyte),
    /// ISO-2022-JP, which has the kanji of that.
    Iso2022Jp(&'static Multibyte),
}

impl PartialEq for Encoding {
    fn eq(&self, other: &Encoding) -> bool {
        self.name() == other.name() && self.is_marked() == other.is_marked()
    }
}

impl Eq for Encoding {}

/// The mark UTF-16 little-endian begins with.
const UTF16LE_MARK: &[u8] = b"\xff\xfe";
/// The mark UTF-16 big-endian begins with.
const UTF16BE_MARK: &[u8] = b"\xfe\xff";

impl Encoding {
    /// Finds an encoding by a name of CPython's.
    pub(crate) fn for_label(label: &str) -> Option<Encoding> {
        Some(match tables::canonical(label)? {
            "utf_8" => Encoding::Utf8,
            "utf_8_sig" => Encoding::Utf8Sig,
            "utf_16" => Encoding::Utf16,
            "utf_16_le" => Encoding::Utf16Le,
            "utf_16_be" => Encoding::Utf16Be,
            "ascii" => Encoding::Ascii,
            "latin_1" => Encoding::Latin1,
            "iso2022_jp" => match tables::table("euc_jp")? {
                Table::Multibyte(kanji) => Encoding::Iso2022Jp(kanji),
                Table::Charmap(_) => return None,
            },
            name => match tables::table(name)? {
                Table::Charmap(charmap) => Encoding::Charmap(charmap),
                Table::Multibyte(multibyte) => Encoding::Multibyte(multibyte),
            },
        })
    }

    /// Whether a mark belongs to it.
    fn is_marked(self) -> bool {
        matches!(self, Encoding::Utf8Sig)
    }

    /// Decodes whole lines; returns the text and how many places were invalid.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> (String, u64) {
        match self {
            Encoding::Utf8 => decode_utf8(bytes),
            Encoding::Utf8Sig => decode_utf8(without_marks(bytes)),
            Encoding::Utf16 | Encoding::Utf16Le => decode_utf16(encoding_rs::UTF_16LE, &bytes),
            Encoding::Utf16Be => decode_utf16(encoding_rs::UTF_16BE, &bytes),
            Encoding::Latin1 => (bytes.iter().map(|&b| char::from(b)).collect(), 0),
            Encoding::Ascii => decode_utf8_or(bytes, u8::is_ascii, ascii_lossy),
            // all of these are ASCII where they are ASCII
            Encoding::Charmap(charmap) => {
                decode_utf8_or(bytes, u8::is_ascii, |bytes| charmap.decode(bytes))
            }
            Encoding::Multibyte(multibyte) => {
                decode_utf8_or(bytes, u8::is_ascii, |bytes| multibyte.decode(bytes))
            }
            Encoding::Iso2022Jp(kanji) => {
                let is_plain = |byte: &u8| byte.is_ascii() && *byte != 0x1b;
                decode_utf8_or(bytes, is_plain, |bytes| decode_iso2022_jp(bytes, kanji))
            }
        }
    }

    /// The bytes of a text; characters the encoding does not have are left out, as by Python's
    /// `encode(…, "ignore")`.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        let utf16 = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect();
        let within = |last: char| text.chars().filter(move |&c| c <= last).map(|c| c as u8);
        match self {
            Encoding::Utf8 => text.into(),
            Encoding::Utf8Sig => ["\u{feff}", text].concat().into(),
            Encoding::Ascii => within('\u{7f}').collect(),
            Encoding::Latin1 => within('\u{ff}').collect(),
            Encoding::Utf16 => {
                let units: Vec<u8> = utf16(u16::to_le_bytes);
                [UTF16LE_MARK, &units].concat()
            }
            Encoding::Utf16Le => utf16(u16::to_le_bytes),
            Encoding::Utf16Be => utf16(u16::to_be_bytes),
            Encoding::Charmap(charmap) => charmap.encode(text),
            Encoding::Multibyte(multibyte) => multibyte.encode(text),
            Encoding::Iso2022Jp(kanji) => encode_iso2022_jp(text, kanji),
        }
    }

    /// The encoding of a log that begins with `start`, and how many bytes of mark to leave
    /// out: only UTF-16 leaves the byte order to it.
    pub(crate) fn of_log(self, start: &[u8]) -> (Encoding, usize) {
        match self {
            Encoding::Utf16 if start.starts_with(UTF16BE_MARK) => (Encoding::Utf16Be, 2),
            Encoding::Utf16 => {
                let mark = start.starts_with(UTF16LE_MARK);
                (Encoding::Utf16Le, 2 * usize::from(mark))
            }
            other => (other, 0),
        }
    }

    /// The UTF-16 a mark at the start of a log tells, whatever was asked for.
    pub(crate) fn told_by_mark(start: &[u8]) -> Option<Encoding> {
        (start.starts_with(UTF16LE_MARK) || start.starts_with(UTF16BE_MARK))
            .then(|| Encoding::Utf16.of_log(start).0)
    }

    /// One of those with two bytes a unit.
    pub(crate) fn is_utf16(self) -> bool {
        self.newline().0 == 2
    }

    /// The encoding's name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => "UTF-8",
            Encoding::Ascii => "ASCII",
            Encoding::Latin1 => "ISO-8859-1",
            Encoding::Utf16 => "UTF-16",
            Encoding::Utf16Le => "UTF-16LE",
            Encoding::Utf16Be => "UTF-16BE",
            Encoding::Charmap(charmap) => charmap.name,
            Encoding::Multibyte(multibyte) => multibyte.name,
            Encoding::Iso2022Jp(_) => "iso2022_jp",
        }
    }

    /// Bytes per unit, and where in a unit the byte of a newline stands.
    fn newline(self) -> (usize, usize) {
        match self {
            Encoding::Utf16 | Encoding::Utf16Le => (2, 0),
            Encoding::Utf16Be => (2, 1),
            // in all the others no part of a longer character has the value of "\n"
            _ => (1, 0),
        }
    }

    /// Whether the "\n" byte at `at` is a newline.
    fn is_newline(self, bytes: &[u8], at: usize) -> bool {
        let (width, place) = self.newline();
        width == 1 || (at % width == place && bytes.get(at ^ 1) == Some(&0))
    }

    /// Where the last whole line of `bytes` ends; `bytes` begins at a unit's start.
    pub(crate) fn last_line_end(self, bytes: &[u8]) -> Option<usize> {
        let (width, place) = self.newline();
        memchr::memrchr_iter(b'\n', bytes)
            .find(|&at| self.is_newline(bytes, at))
            .map(|at| at + width - place)
    }

    /// Where the first whole line of `bytes` ends.
    pub(crate) fn first_line_end(self, bytes: &[u8]) -> Option<usize> {
        let (width, place) = self.newline();
        memchr::memchr_iter(b'\n', bytes)
            .find(|&at| self.is_newline(bytes, at))
            .map(|at| at + width - place)
    }

    /// Newlines in `bytes`.
    pub(crate) fn count_lines(self, bytes: &[u8]) -> u64 {
        if let (1, _) = self.newline() {
            return bytecount::count(bytes, b'\n') as u64;
        }
        let ends = memchr::memchr_iter(b'\n', bytes);
        ends.filter(|&at| self.is_newline(bytes, at)).count() as u64
    }
}

/// Length of the UTF-8 byte order mark at the start of `bytes`.
pub(crate) fn utf8_mark(bytes: &[u8]) -> usize {
    let mark = '\u{feff}';
    let begins = bytes.starts_with(mark.encode_utf8(&mut [0; 4]).as_bytes());
    if begins { mark.len_utf8() } else { 0 }
}

/// Lines without the mark each may begin with.
fn without_marks(bytes: Vec<u8>) -> Vec<u8> {
    let marks = memchr::memmem::find(&bytes, "\u{feff}".as_bytes());
    if marks.is_none() {
        return bytes;
    }
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    lines
        .flat_map(|line| &line[utf8_mark(line)..])
        .copied()
        .collect()
}

fn decode_utf8(bytes: Vec<u8>) -> (String, u64) {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text, 0),
        Err(error) => error,
    };
    let bytes = error.as_bytes();
    let chunks = bytes.utf8_chunks();
    let invalid = chunks.filter(|chunk| !chunk.invalid().is_empty()).count();
    (String::from_utf8_lossy(bytes).into_owned(), invalid as u64)
}

/// The bytes as they are where all are plain; else what `decode` makes of them.
fn decode_utf8_or(
    bytes: Vec<u8>,
    is_plain: impl Fn(&u8) -> bool,
    decode: impl Fn(&[u8]) -> (String, u64),
) -> (String, u64) {
    if !bytes.iter().all(is_plain) {
        return decode(&bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, 0),
        Err(error) => decode(error.as_bytes()),
    }
}

fn decode_utf16(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> (String, u64) {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let invalid = text.matches('\u{fffd}').count() as u64;
    (text.into_owned(), invalid)
}

fn ascii_lossy(bytes: &[u8]) -> (String, u64) {
    let invalid = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let decode = |&byte: &u8| {
        if byte.is_ascii() {
            char::from(byte)
        } else {
            '\u{fffd}'
        }
    };
    (bytes.iter().map(decode).collect(), invalid as u64)
}

/// The locale's encoding, by name: what Python's `locale.getpreferredencoding()` says.
pub(crate) fn preferred_name() -> String {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    let charset = locale
        .as_deref()
        .and_then(|locale| locale.split_once('.'))
        .map(|(_, charset)| charset.split('@').next().unwrap_or(charset).to_string());
    match charset {
        Some(charset) if Encoding::for_label(&charset).is_some() => match charset.as_str() {
            "utf8" | "UTF8" | "utf-8" => "UTF-8".into(),
            _ => charset,
        },
        _ => "UTF-8".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newlines_of_utf16_are_units() {
        let le = Encoding::Utf16Le;
        // U+0A0A, U+010A, "\n", "x"
        let bytes = b"\x0a\x0a\x0a\x01\x0a\x00x\x00";
        assert_eq!(le.last_line_end(bytes), Some(6));
        assert_eq!(le.first_line_end(bytes), Some(6));
        assert_eq!(le.count_lines(bytes), 1);
        let be = Encoding::Utf16Be;
        let bytes = b"\x0a\x0a\x01\x0a\x00\x0a\x00x";
        assert_eq!(be.last_line_end(bytes), Some(6));
        assert_eq!(be.count_lines(bytes), 1);
    }

    /// What CPython decodes random bytes to, and encodes that to again.
    #[test]
    fn texts_are_cpythons() {
        let text = include_str!("../../../testdata/encodings.json");
        let vectors: Vec<[String; 4]> = serde_json::from_str(text).expect("JSON");
        assert!(vectors.len() > 900);
        let mut different = Vec::new();
        for [name, hex, wanted, again] in vectors {
            let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
            let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
            let encoding = Encoding::for_label(&name).expect("an encoding");
            let (text, _) = encoding.decode(bytes);
            let encoded = encoding.encode(&wanted);
            let encoded: String = encoded.iter().map(|byte| format!("{byte:02x}")).collect();
            if text != wanted || encoded != again {
                different.push(format!(
                    "{name} {hex}: {wanted:?} {text:?} {again} {encoded}"
                ));
            }
        }
        assert!(different.is_empty(), "{}", different.join("\n"));
    }

    /// A line ends where it ends, whatever a character of several bytes would take.
    #[test]
    fn no_character_takes_a_lines_end() {
        for (label, bytes, wanted) in [
            ("gb18030", &b"a\x81\x30\nb"[..], "a\u{fffd}0\nb"),
            ("euc_jp", b"a\x8f\nb", "a\u{fffd}\nb"),
            ("euc_kr", b"a\xa4\xd4\nb", "a\u{fffd}\u{fffd}\nb"),
            (
                "iso2022_jp",
                b"\x1b$B0!0\n0!\n\x1b$\nb",
                "亜\u{fffd}\n0!\n\u{fffd}$\nb",
            ),
            (
                "utf-8-sig",
                b"\xef\xbb\xbfa\n\xef\xbb\xbf\xef\xbb\xbfb",
                "a\n\u{feff}b",
            ),
        ] {
            let encoding = Encoding::for_label(label).expect("an encoding");
            assert_eq!(encoding.decode(bytes.to_vec()).0, wanted, "{label}");
        }
    }

    #[test]
    fn what_an_encoding_lacks_is_left_out() {
        let encoded = |label: &str, text: &str| {
            let encoding = Encoding::for_label(label).expect("a known encoding");
            encoding.encode(text)
        };
        // each is CPython's `text.encode(label, "ignore")`
        let text = "a é € 日\u{fffd}😀z";
        assert_eq!(encoded("ascii", text), b"a   z");
        assert_eq!(encoded("latin-1", text), b"a \xe9  z");
        assert_eq!(encoded("cp1252", text), b"a \xe9 \x80 z");
        assert_eq!(encoded("utf-8-sig", "é"), b"\xef\xbb\xbf\xc3\xa9");
        assert_eq!(encoded("utf-16", "é"), b"\xff\xfe\xe9\0");
        assert_eq!(encoded("utf-16-be", "😀"), b"\xd8\x3d\xde\0");
        assert_eq!(encoded("iso2022_jp", "a日"), b"a\x1b$BF|\x1b(B");
        let long = "日é".repeat(500);
        assert_eq!(encoded("shift_jis", &long), b"\x93\xfa".repeat(500));
    }

    #[test]
    fn marks_tell_the_byte_order() {
        let (encoding, mark) = Encoding::Utf16.of_log(b"\xfe\xff\0a");
        assert_eq!((encoding.name(), mark), ("UTF-16BE", 2));
        let (encoding, mark) = Encoding::Utf16.of_log(b"a\0");
        assert_eq!((encoding.name(), mark), ("UTF-16LE", 0));
        assert_eq!(Encoding::told_by_mark(b"plain"), None);
    }
}
