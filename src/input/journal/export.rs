//! `journalctl -o export`: `NAME=value` lines, or a name, a length and bytes; an empty line
//! behind each entry (systemd's "Journal Export Format").

use super::Entry;
use std::borrow::Cow;

/// A field of an export, and where the next one begins.
pub(super) enum Field {
    /// The empty line behind an entry.
    End { next: usize },
    /// A name and where its value is.
    Value {
        name: usize,
        value: std::ops::Range<usize>,
        next: usize,
    },
    /// More bytes are needed.
    Partial,
}

/// Bytes of the length before a binary value.
const LENGTH_BYTES: usize = 8;

/// The field that begins at `at`; its name is `bytes[at..name]`.
pub(super) fn field(bytes: &[u8], at: usize) -> Field {
    let Some(end) = memchr::memchr(b'\n', &bytes[at..]).map(|length| at + length) else {
        return Field::Partial;
    };
    let line = &bytes[at..end];
    if line.is_empty() {
        return Field::End { next: end + 1 };
    }
    if let Some(name) = memchr::memchr(b'=', line) {
        let name = at + name;
        return Field::Value {
            name,
            value: name + 1..end,
            next: end + 1,
        };
    }
    let start = end + 1 + LENGTH_BYTES;
    let Some(length) = bytes.get(end + 1..start) else {
        return Field::Partial;
    };
    let mut le = [0; LENGTH_BYTES];
    le.copy_from_slice(length);
    let value_end = usize::try_from(u64::from_le_bytes(le))
        .ok()
        .and_then(|n| start.checked_add(n));
    match value_end {
        // the newline behind the value belongs to it
        Some(value_end) if value_end < bytes.len() => Field::Value {
            name: end,
            value: start..value_end,
            next: value_end + 1,
        },
        _ => Field::Partial,
    }
}

/// Calls `each` with every entry.
pub(super) fn for_each<'b>(
    bytes: &'b [u8],
    entry: &mut Entry<'b>,
    each: &mut impl FnMut(u64, Result<&Entry<'b>, String>),
) {
    let mut index = 0;
    let mut at = 0;
    let mut open = false;
    entry.clear();
    while at < bytes.len() {
        match field(bytes, at) {
            Field::End { next } => {
                if open {
                    each(index, Ok(entry));
                    index += 1;
                    entry.clear();
                }
                open = false;
                at = next;
            }
            Field::Value { name, value, next } => {
                open = true;
                if let Some(slot) = entry.slot(&bytes[at..name]) {
                    entry.push(slot, Cow::Borrowed(&bytes[value]));
                }
                at = next;
            }
            Field::Partial => {
                each(index, Err("its last field is cut off".into()));
                return;
            }
        }
    }
    if open {
        each(index, Ok(entry));
    }
}
