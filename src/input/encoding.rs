//! Bytes to text, as Python decodes a log: line by line, invalid bytes to U+FFFD.

/// A log's encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// ASCII: every other byte is invalid.
    Ascii,
    /// ISO 8859-1 to the letter (the web's `latin1` is windows-1252, Python's is not).
    Latin1,
    /// UTF-8 that may begin with a byte order mark (Python's `utf-8-sig`).
    Utf8Sig,
    /// UTF-16 whose byte order its mark tells; little-endian without one. A log of it is
    /// opened as one of the two: [`Encoding::of_log`].
    Utf16,
    /// Any other that encoding_rs knows.
    Other(&'static encoding_rs::Encoding),
}

/// The mark UTF-16 little-endian begins with.
const UTF16LE_MARK: &[u8] = b"\xff\xfe";
/// The mark UTF-16 big-endian begins with.
const UTF16BE_MARK: &[u8] = b"\xfe\xff";

impl Encoding {
    /// Finds an encoding by its name, as Python spells it or as the web does.
    pub(crate) fn for_label(label: &str) -> Option<Encoding> {
        let name = label.trim().to_ascii_lowercase().replace('_', "-");
        Some(match name.as_str() {
            "utf-8" | "utf8" | "u8" => Encoding::Utf8,
            "utf-8-sig" => Encoding::Utf8Sig,
            "utf-16" | "utf16" | "u16" => Encoding::Utf16,
            "utf-16le" | "utf-16-le" => Encoding::Other(encoding_rs::UTF_16LE),
            "utf-16be" | "utf-16-be" => Encoding::Other(encoding_rs::UTF_16BE),
            "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => Encoding::Ascii,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" | "cp819" => {
                Encoding::Latin1
            }
            _ => {
                // Python's `cp1252`, `shift-jis`, … where the web says `windows-1252`
                let windows = name.strip_prefix("cp").map(|n| format!("windows-{n}"));
                let iso = name
                    .strip_prefix("iso")
                    .filter(|n| n.starts_with(|c: char| c.is_ascii_digit()))
                    .map(|n| format!("iso-{n}"));
                [Some(name.clone()), windows, iso]
                    .into_iter()
                    .flatten()
                    .find_map(|n| encoding_rs::Encoding::for_label(n.as_bytes()))
                    .map(Encoding::Other)?
            }
        })
    }

    /// Decodes whole lines; returns the text and how many places were invalid.
    pub(crate) fn decode(self, bytes: Vec<u8>) -> (String, u64) {
        match self {
            Encoding::Utf8 | Encoding::Utf8Sig => match String::from_utf8(bytes) {
                Ok(text) => (text, 0),
                Err(error) => {
                    let bytes = error.as_bytes();
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    let invalid = bytes
                        .utf8_chunks()
                        .filter(|c| !c.invalid().is_empty())
                        .count();
                    (text, invalid as u64)
                }
            },
            Encoding::Ascii => {
                let invalid = bytes.iter().filter(|b| !b.is_ascii()).count() as u64;
                let text = match String::from_utf8(bytes) {
                    Ok(text) if invalid == 0 => text,
                    Ok(text) => ascii_lossy(text.as_bytes()),
                    Err(error) => ascii_lossy(error.as_bytes()),
                };
                (text, invalid)
            }
            Encoding::Utf16 => Encoding::Other(encoding_rs::UTF_16LE).decode(bytes),
            Encoding::Latin1 => (bytes.iter().map(|&b| char::from(b)).collect(), 0),
            Encoding::Other(encoding) => {
                let (text, _) = encoding.decode_without_bom_handling(&bytes);
                let invalid = text.matches('\u{fffd}').count() as u64;
                (text.into_owned(), invalid)
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
            Encoding::Other(e) if e == encoding_rs::UTF_16LE => utf16(u16::to_le_bytes),
            Encoding::Other(e) if e == encoding_rs::UTF_16BE => utf16(u16::to_be_bytes),
            Encoding::Other(encoding) => encode_mappable(encoding, text),
        }
    }

    /// The encoding of a log that begins with `start`, and how many bytes of mark to leave
    /// out: only the encodings that leave the mark to the log ask for it.
    pub(crate) fn of_log(self, start: &[u8]) -> (Encoding, usize) {
        match self {
            Encoding::Utf16 if start.starts_with(UTF16BE_MARK) => {
                (Encoding::Other(encoding_rs::UTF_16BE), 2)
            }
            Encoding::Utf16 => {
                let mark = start.starts_with(UTF16LE_MARK);
                (
                    Encoding::Other(encoding_rs::UTF_16LE),
                    2 * usize::from(mark),
                )
            }
            Encoding::Utf8Sig => (Encoding::Utf8, utf8_mark(start)),
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
            Encoding::Other(encoding) => encoding.name(),
        }
    }

    /// Bytes per unit, and where in a unit the byte of a newline stands.
    fn newline(self) -> (usize, usize) {
        match self {
            Encoding::Utf16 => (2, 0),
            Encoding::Other(e) if e == encoding_rs::UTF_16LE => (2, 0),
            Encoding::Other(e) if e == encoding_rs::UTF_16BE => (2, 1),
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
        let ends = memchr::memchr_iter(b'\n', bytes);
        match self.newline() {
            (1, _) => ends.count() as u64,
            _ => ends.filter(|&at| self.is_newline(bytes, at)).count() as u64,
        }
    }
}

/// Length of the UTF-8 byte order mark at the start of `bytes`.
pub(crate) fn utf8_mark(bytes: &[u8]) -> usize {
    match bytes.starts_with("\u{feff}".as_bytes()) {
        true => '\u{feff}'.len_utf8(),
        false => 0,
    }
}

/// What of a text an encoding has.
fn encode_mappable(encoding: &'static encoding_rs::Encoding, text: &str) -> Vec<u8> {
    let mut encoder = encoding.new_encoder();
    // twice the text is room for any character, and for the way back from a shift state
    let mut bytes = Vec::with_capacity(text.len() * 2 + 16);
    let mut rest = text;
    loop {
        let (result, read) =
            encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = &rest[read..];
        match result {
            encoding_rs::EncoderResult::InputEmpty => return bytes,
            encoding_rs::EncoderResult::OutputFull => bytes.reserve(rest.len() * 2 + 16),
            encoding_rs::EncoderResult::Unmappable(_) => {}
        }
    }
}

fn ascii_lossy(bytes: &[u8]) -> String {
    let decode = |&b: &u8| match b.is_ascii() {
        true => char::from(b),
        false => '\u{fffd}',
    };
    bytes.iter().map(decode).collect()
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
        let le = Encoding::Other(encoding_rs::UTF_16LE);
        // U+0A0A, U+010A, "\n", "x"
        let bytes = b"\x0a\x0a\x0a\x01\x0a\x00x\x00";
        assert_eq!(le.last_line_end(bytes), Some(6));
        assert_eq!(le.first_line_end(bytes), Some(6));
        assert_eq!(le.count_lines(bytes), 1);
        let be = Encoding::Other(encoding_rs::UTF_16BE);
        let bytes = b"\x0a\x0a\x01\x0a\x00\x0a\x00x";
        assert_eq!(be.last_line_end(bytes), Some(6));
        assert_eq!(be.count_lines(bytes), 1);
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
