//! One journal entry: the fields fail2ban asks for, and the line it makes of them
//! (upstream's `FilterSystemd.formatJournalEntry`).

use super::super::encoding::Encoding;
use std::borrow::Cow;
use std::fmt::Write;

/// The fields a line is made of; matches ask for more.
const NAMES: [&str; 10] = [
    "_HOSTNAME",
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "SYSLOG_PID",
    "_PID",
    "MESSAGE",
    "_SOURCE_REALTIME_TIMESTAMP",
    "__REALTIME_TIMESTAMP",
    "_SOURCE_MONOTONIC_TIMESTAMP",
    "__MONOTONIC_TIMESTAMP",
];
const HOSTNAME: usize = 0;
const IDENTIFIER: usize = 1;
const COMM: usize = 2;
const SYSLOG_PID: usize = 3;
const PID: usize = 4;
const MESSAGE: usize = 5;
const SOURCE_REALTIME: usize = 6;
const REALTIME: usize = 7;
const SOURCE_MONOTONIC: usize = 8;
const MONOTONIC: usize = 9;

/// A number of fewer digits is one of 64 bits.
const SURE_DIGITS: usize = 19;

/// The values of an entry's fields, of those that are asked for. One is filled again and
/// again.
#[derive(Debug)]
pub(crate) struct Entry<'b> {
    names: Vec<Cow<'static, str>>,
    /// The fields whose names are that long: hardly ever more than one.
    by_length: Vec<Vec<usize>>,
    values: Vec<Vec<Cow<'b, [u8]>>>,
    cut: bool,
}

impl<'b> Entry<'b> {
    /// An empty entry that takes the fields of `more_names` besides its own.
    pub(crate) fn new(more_names: Vec<String>) -> Entry<'b> {
        let names = NAMES.map(Cow::Borrowed).into_iter();
        let names: Vec<_> = names
            .chain(more_names.into_iter().map(Cow::Owned))
            .collect();
        let longest = names.iter().map(|name| name.len()).max().unwrap_or(0);
        let mut by_length = vec![Vec::new(); longest + 1];
        for (slot, name) in names.iter().enumerate() {
            by_length[name.len()].push(slot);
        }
        Entry {
            values: vec![Vec::new(); names.len()],
            names,
            by_length,
            cut: false,
        }
    }

    /// Forgets the values.
    pub(super) fn clear(&mut self) {
        self.cut = false;
        self.values.iter_mut().for_each(Vec::clear);
    }

    /// Where the values of a field are kept; None where nobody asks for it.
    #[inline]
    pub(super) fn slot(&self, name: &[u8]) -> Option<usize> {
        let mut slots = self.by_length.get(name.len())?.iter().copied();
        slots.find(|slot| self.names[*slot].as_bytes() == name)
    }

    /// Adds a value to the field of that slot.
    pub(super) fn push(&mut self, slot: usize, value: Cow<'b, [u8]>) {
        self.values[slot].push(value);
    }

    /// Notes that a value was left out by journalctl.
    pub(super) fn push_cut(&mut self, slot: usize) {
        self.cut |= slot == MESSAGE;
    }

    /// Whether the message was left out as too long.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut
    }

    /// The values of a field; empty also where it was not asked for.
    pub(crate) fn values(&self, name: &str) -> &[Cow<'b, [u8]>] {
        self.slot(name.as_bytes())
            .map_or(&[], |slot| &self.values[slot])
    }

    fn first(&self, slot: usize) -> Option<&[u8]> {
        self.values[slot].first().map(|value| &**value)
    }

    fn number(&self, slot: usize) -> Option<u64> {
        std::str::from_utf8(self.first(slot)?)
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// The entry's time in epoch seconds (upstream's `getJrnEntTime`).
    pub(crate) fn time(&self) -> Option<f64> {
        let micros = self
            .number(SOURCE_REALTIME)
            .or_else(|| self.number(REALTIME))?;
        Some(micros as f64 / 1e6)
    }

    /// Appends the line and "\n"; returns how many places were not valid text.
    pub(crate) fn write_line(&self, encoding: Encoding, out: &mut String) -> u64 {
        let start = out.len();
        let mut invalid = 0;
        let mut push = |value: &[u8], out: &mut String| {
            let (text, bad) = text(value, encoding);
            invalid += bad;
            push_escaped(&text, out);
        };
        let present = |slot| self.first(slot).filter(|value| !value.is_empty());
        if let Some(host) = present(HOSTNAME) {
            push(host, out);
            out.push(' ');
        }
        if let Some(name) = present(IDENTIFIER).or_else(|| present(COMM)) {
            let from = out.len();
            push(name, out);
            let pid = [SYSLOG_PID, PID]
                .into_iter()
                .find_map(|slot| self.pid(slot));
            if let Some(pid) = pid {
                out.push('[');
                push_escaped(&pid, out);
                out.push(']');
            }
            out.push(':');
            let is_kernel = &out[from..] == "kernel:";
            out.push(' ');
            if is_kernel
                && let Some(micros) = self
                    .number(SOURCE_MONOTONIC)
                    .or_else(|| self.number(MONOTONIC))
            {
                // a String takes everything
                let _ = write!(out, "[{:12.6}] ", micros as f64 / 1e6);
            }
        }
        for (index, message) in self.values[MESSAGE].iter().enumerate() {
            if index > 0 {
                out.push(' ');
            }
            push(message, out);
        }
        debug_assert!(!out[start..].contains('\n'));
        out.push('\n');
        invalid
    }

    /// A process id as upstream shows it: as an integer if it can be one; 0 and an empty
    /// one do not count.
    fn pid(&self, slot: usize) -> Option<Cow<'_, str>> {
        let value = self.first(slot)?;
        if let [b'1'..=b'9', ..] = value
            && value.len() < SURE_DIGITS
            && value.iter().all(u8::is_ascii_digit)
        {
            return Some(String::from_utf8_lossy(value));
        }
        let text = String::from_utf8_lossy(value);
        let digits = text.trim();
        let number = match digits
            .strip_prefix("0x")
            .or_else(|| digits.strip_prefix("0X"))
        {
            Some(hex) => i64::from_str_radix(hex, 16),
            None => digits.parse::<i64>(),
        };
        match number {
            // python-systemd has made it an integer, and `if not v` takes the next one
            Ok(0) => None,
            Ok(number) => Some(number.to_string().into()),
            // it has stayed bytes, and is shown as `%s` shows these
            Err(_) => (!value.is_empty()).then(|| bytes_repr(value).into()),
        }
    }
}

/// Python's `repr` of bytes.
fn bytes_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            byte if char::from(byte) == quote => out.extend(['\\', quote]),
            0x20..0x7f => out.push(char::from(byte)),
            // a String takes everything
            _ => drop(write!(out, "\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}

/// A value as text: UTF-8 (as python-systemd reads it), else in the log's encoding.
fn text(value: &[u8], encoding: Encoding) -> (Cow<'_, str>, u64) {
    match std::str::from_utf8(value) {
        Ok(text) => (Cow::Borrowed(text), 0),
        Err(_) => {
            let (text, invalid) = encoding.decode(value.to_vec());
            (Cow::Owned(text), invalid)
        }
    }
}

/// Appends `text` with newlines shown as `\n`.
fn push_escaped(text: &str, out: &mut String) {
    let mut start = 0;
    for newline in memchr::memchr_iter(b'\n', text.as_bytes()) {
        out.push_str(&text[start..newline]);
        out.push_str("\\n");
        start = newline + 1;
    }
    out.push_str(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(fields: &[(&str, &str)]) -> String {
        let mut entry = Entry::new(Vec::new());
        for (name, value) in fields {
            let slot = entry
                .slot(name.as_bytes())
                .expect("a field lines are made of");
            entry.push(slot, Cow::Borrowed(value.as_bytes()));
        }
        let mut out = String::new();
        entry.write_line(Encoding::Utf8, &mut out);
        out
    }

    #[test]
    fn lines_are_upstreams() {
        let base = [("_HOSTNAME", "h"), ("MESSAGE", "a\nb")];
        assert_eq!(line(&base), "h a\\nb\n");
        let with = |more: &[(&'static str, &'static str)]| line(&[&base, more].concat());
        assert_eq!(with(&[("_COMM", "c"), ("_PID", "12")]), "h c[12]: a\\nb\n");
        assert_eq!(
            with(&[
                ("SYSLOG_IDENTIFIER", "s"),
                ("_COMM", "c"),
                ("SYSLOG_PID", "0"),
                ("_PID", "7")
            ]),
            "h s[7]: a\\nb\n"
        );
        assert_eq!(
            with(&[("_COMM", "c"), ("SYSLOG_PID", "x/1")]),
            "h c[b'x/1']: a\\nb\n"
        );
        assert_eq!(
            with(&[
                ("SYSLOG_IDENTIFIER", "kernel"),
                ("__MONOTONIC_TIMESTAMP", "1500000")
            ]),
            "h kernel: [    1.500000] a\\nb\n"
        );
        assert_eq!(line(&[("MESSAGE", "a"), ("MESSAGE", "b")]), "a b\n");
        // no MESSAGE: an element that is empty
        assert_eq!(line(&[("_HOSTNAME", "h")]), "h \n");
        assert_eq!(line(&[]), "\n");
    }
}
