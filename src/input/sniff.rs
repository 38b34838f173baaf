//! What a log is, by its first bytes: text, or one of the forms of a journal.

/// The form of a log's bytes (decompressed).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// Lines of text.
    #[default]
    Text,
    /// `journalctl -o export`.
    Export,
    /// `journalctl -o json`: an object a line. Also `-o json-seq`, and server-sent events.
    Json,
    /// `journalctl -o json-seq`: objects behind record separators.
    JsonSeq,
    /// `journalctl -o json-pretty`: objects over several lines.
    JsonPretty,
    /// A `.journal` file, which only journalctl reads.
    JournalFile,
}

/// Bytes looked at, at most.
pub(crate) const SNIFF_BYTES: usize = 256 << 10;

/// A record separator, before each entry of a JSON sequence (RFC 7464).
pub(crate) const RECORD_SEPARATOR: u8 = 0x1e;

/// Times every entry has, whatever fields were asked for.
const TIMES: [&str; 2] = ["__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP"];

impl Form {
    /// The form of a log that begins with `start`; None where more must be seen.
    pub(crate) fn of(start: &[u8]) -> Option<Form> {
        match start {
            [] => None,
            [b'L', b'P', b'K', b'S', b'H', b'H', b'R', b'H', ..] => Some(Form::JournalFile),
            [RECORD_SEPARATOR] | [b'{'] => None,
            [RECORD_SEPARATOR, b'{', ..] => object(start, b"\n", Form::JsonSeq),
            [b'{', b'\n', ..] => object(start, b"\n}", Form::JsonPretty),
            [b'{', b'\r', ..] => Some(Form::Text),
            [b'{', ..] => object(start, b"\n", Form::Json),
            [b'A'..=b'Z' | b'_', ..] => export(start),
            _ => Some(Form::Text),
        }
    }

    /// Whether entries, not lines, are read.
    pub(crate) fn is_journal(self) -> bool {
        self != Form::Text
    }

    /// Its name in reports: journalctl's for the output format.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Form::Text => "text",
            Form::Export => "export",
            Form::Json => "json",
            Form::JsonSeq => "json-seq",
            Form::JsonPretty => "json-pretty",
            Form::JournalFile => "journalctl",
        }
    }
}

/// `form` if the object that ends at `end` names a time of an entry.
fn object(start: &[u8], end: &[u8], form: Form) -> Option<Form> {
    let ends = memchr::memmem::find(start, end);
    let seen = &start[..ends.unwrap_or(start.len())];
    let is_entry = TIMES
        .iter()
        .any(|name| memchr::memmem::find(seen, format!("\"{name}\"").as_bytes()).is_some());
    match (is_entry, ends) {
        (true, _) => Some(form),
        (false, Some(_)) => Some(Form::Text),
        (false, None) => None,
    }
}

/// [`Form::Export`] if fields, one a line, name a time before the first entry ends.
fn export(start: &[u8]) -> Option<Form> {
    let first = start.split(|b| *b == b'\n').next().unwrap_or(start);
    let name_end = first.iter().position(|b| !is_field_byte(*b));
    match name_end.map(|at| first[at]) {
        Some(b'=') => {}
        // a binary field, or a line not yet whole
        None => {}
        Some(_) => return Some(Form::Text),
    }
    for name in TIMES {
        let wanted = format!("{name}=");
        let inside = memchr::memmem::find(start, format!("\n{wanted}").as_bytes());
        if start.starts_with(wanted.as_bytes()) || inside.is_some() {
            return Some(Form::Export);
        }
    }
    if start.len() < SNIFF_BYTES && memchr::memmem::find(start, b"\n\n").is_none() {
        // lines that are no fields show that it is none long before that
        let fields = start.split(|b| *b == b'\n').take(8);
        let odd = fields.filter(|line| {
            let end = line.iter().position(|b| !is_field_byte(*b));
            end.is_some_and(|at| line[at] != b'=')
        });
        return match odd.count() {
            0 => None,
            _ => Some(Form::Text),
        };
    }
    Some(Form::Text)
}

fn is_field_byte(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_content() {
        let cases: [(&[u8], Option<Form>); 13] = [
            (b"Nov 20 03:14:07 host sshd[1]: x\n", Some(Form::Text)),
            (
                b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1\n",
                Some(Form::Export),
            ),
            (b"__CURSOR=s=1\n__REAL", None),
            (b"PATH=/bin\nHOME=/root\n\n", Some(Form::Text)),
            (b"ERROR something\n", Some(Form::Text)),
            (
                b"{ \"__CURSOR\" : \"a\", \"__REALTIME_TIMESTAMP\" : \"1\" }\n",
                Some(Form::Json),
            ),
            (b"{\"level\":\"info\",\"ts\":1}\n", Some(Form::Text)),
            (b"{\"level\":\"info\"", None),
            (
                b"\x1e{\"__REALTIME_TIMESTAMP\":\"1\"}\n",
                Some(Form::JsonSeq),
            ),
            (
                b"{\n\t\"__REALTIME_TIMESTAMP\" : \"1\"\n}\n",
                Some(Form::JsonPretty),
            ),
            (b"LPKSHHRH\0\0", Some(Form::JournalFile)),
            (b"2026-11-20 x\n", Some(Form::Text)),
            (b"", None),
        ];
        for (start, want) in cases {
            assert_eq!(Form::of(start), want, "{}", String::from_utf8_lossy(start));
        }
    }
}
