//! Bytes to text, as Python decodes a log: line by line, invalid bytes to U+FFFD.

/// A log's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// ASCII: every other byte is invalid.
    Ascii,
    /// ISO 8859-1 to the letter (the web's `latin1` is windows-1252, Python's is not).
    Latin1,
    /// Any other that encoding_rs knows.
    Other(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// Finds an encoding by its name, as Python spells it or as the web does.
    pub fn for_label(label: &str) -> Option<Encoding> {
        let name = label.trim().to_ascii_lowercase().replace('_', "-");
        Some(match name.as_str() {
            "utf-8" | "utf8" | "u8" => Encoding::Utf8,
            "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" => Encoding::Ascii,
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "l1" | "cp819" => {
                Encoding::Latin1
            }
            _ => {
                // Python's `cp1252`, `shift-jis`, … where the web says `windows-1252`
                let windows = name.strip_prefix("cp").map(|n| format!("windows-{n}"));
                let iso = name
                    .strip_prefix("iso8859-")
                    .map(|n| format!("iso-8859-{n}"));
                [Some(name.clone()), windows, iso]
                    .into_iter()
                    .flatten()
                    .find_map(|n| encoding_rs::Encoding::for_label(n.as_bytes()))
                    .map(Encoding::Other)?
            }
        })
    }

    /// Decodes whole lines; returns the text and how many places were invalid.
    pub fn decode(self, bytes: Vec<u8>) -> (String, u64) {
        match self {
            Encoding::Utf8 => match String::from_utf8(bytes) {
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
            Encoding::Latin1 => (bytes.iter().map(|&b| char::from(b)).collect(), 0),
            Encoding::Other(encoding) => {
                let (text, _) = encoding.decode_without_bom_handling(&bytes);
                let invalid = text.matches('\u{fffd}').count() as u64;
                (text.into_owned(), invalid)
            }
        }
    }

    /// Where the last whole line of `bytes` ends.
    pub fn last_line_end(self, bytes: &[u8]) -> Option<usize> {
        memchr::memrchr(b'\n', bytes).map(|at| at + 1)
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
pub fn preferred_name() -> String {
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
