//! JSON objects of strings alone, as `journalctl` writes nearly every entry: quotes are looked for
//! with vector instructions, and only strings that are asked for are decoded.
//!
//! It never says what is wrong. Whatever it does not know (an array, a number, a control
//! character, an odd escape, a key that is not ASCII) is left to serde_json, which reads the object
//! from its begin and whose word is final: what is accepted here, serde_json accepts with the
//! same values. The tests compare the two.

use super::Entry;
use std::borrow::Cow;
use wide::u8x16;

/// Reads objects. One is used again and again.
#[derive(Default)]
pub(super) struct PlainReader {
    /// The quotes of an object, those in strings left out.
    quotes: Vec<Quote>,
    /// Where the object ends.
    end: usize,
    is_ascii: bool,
}

/// A quote that begins or ends a string: its place, twice, and one more where there are escapes
/// between it and the one before.
#[derive(Clone, Copy)]
struct Quote(u32);

impl Quote {
    fn at(self) -> usize {
        self.0 as usize >> 1
    }

    fn is_behind_escapes(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Longer objects are left to serde_json.
const MOST_BYTES: usize = 1 << 20;

/// Bytes that are looked at in one step.
const BLOCK: usize = 64;

impl PlainReader {
    /// Reads the object of the first line; its length, the newline included. None where it is none
    /// of strings alone; then `entry` may have a part of it.
    pub(super) fn read<'b>(&mut self, bytes: &'b [u8], entry: &mut Entry<'b>) -> Option<usize> {
        self.find_quotes(bytes)?;
        self.fields(&bytes[..self.end], entry)?;
        Some(bytes.len().min(self.end + 1))
    }

    /// Finds the quotes of the first line. None where there is a control character in it, or an
    /// escape that is none.
    fn find_quotes(&mut self, bytes: &[u8]) -> Option<()> {
        self.quotes.clear();
        self.is_ascii = true;
        let (mut start, mut end) = (0, None);
        // how far the last escape goes, and whether there is one behind the last quote
        let (mut taken, mut escapes) = (0_usize, false);
        while end.is_none() && start < MOST_BYTES {
            let marks = Marks::of(bytes.get(start..)?);
            let before_end = match marks.controls {
                0 => u64::MAX,
                controls => {
                    let at = controls.trailing_zeros() as usize;
                    end = Some(start + at);
                    !bits_from(at)
                }
            };
            self.is_ascii &= marks.high & before_end == 0;
            let mut left = before_end & bits_from(taken.saturating_sub(start));
            while let backslashes = marks.backslashes & left
                && backslashes != 0
            {
                let at = backslashes.trailing_zeros() as usize;
                self.push(start, marks.quotes & left & !bits_from(at), escapes);
                escapes = true;
                taken = start + at + escape(&bytes[start + at + 1..])?;
                left &= bits_from(taken - start);
            }
            escapes = self.push(start, marks.quotes & left, escapes);
            start += BLOCK;
        }
        self.end = end?;
        let is_line = bytes.get(self.end).is_none_or(|byte| *byte == b'\n');
        is_line.then_some(())
    }

    /// Adds the quotes of a block; `escapes`: there are some before the first. Whether there are
    /// still some behind the last.
    #[inline]
    fn push(&mut self, start: usize, quotes: u64, escapes: bool) -> bool {
        let (mut quotes, mut flag) = (quotes, u32::from(escapes));
        self.quotes.reserve(BLOCK);
        while quotes != 0 {
            let place = start as u32 + quotes.trailing_zeros();
            self.quotes.push(Quote(place << 1 | flag));
            flag = 0;
            quotes &= quotes - 1;
        }
        flag != 0
    }

    fn fields<'b>(&self, object: &'b [u8], entry: &mut Entry<'b>) -> Option<()> {
        let (strings, []) = self.quotes.as_chunks::<2>() else {
            return None;
        };
        let mut strings = strings.iter();
        let mut at = 0;
        let mut before = b'{';
        while let Some([start, end]) = strings.next() {
            if !is_between(object, at..start.at(), before) || end.is_behind_escapes() {
                return None;
            }
            before = b',';
            let key = &object[start.at() + 1..end.at()];
            if !self.is_ascii && !key.is_ascii() {
                return None;
            }
            let slot = entry.slot(key);
            at = end.at() + 1;
            match strings.as_slice() {
                [[start, end], rest @ ..] if is_between(object, at..start.at(), b':') => {
                    if let Some(slot) = slot {
                        entry.push(slot, self.decode(object, *start, *end)?);
                    }
                    at = end.at() + 1;
                    strings = rest.iter();
                }
                _ => {
                    at = null(object, at)?;
                    if let Some(slot) = slot {
                        entry.push_cut(slot);
                    }
                }
            }
        }
        // of an object without a field serde_json knows more
        (before == b',' && is_between(object, at..object.len(), b'}')).then_some(())
    }

    /// The text of a string; None where serde_json has an error for it.
    fn decode<'b>(&self, object: &'b [u8], start: Quote, end: Quote) -> Option<Cow<'b, [u8]>> {
        let (start, escapes) = (start.at(), end.is_behind_escapes());
        if escapes {
            let text: String = serde_json::from_slice(&object[start..=end.at()]).ok()?;
            return Some(Cow::Owned(text.into_bytes()));
        }
        let bytes = &object[start + 1..end.at()];
        let is_valid = self.is_ascii || std::str::from_utf8(bytes).is_ok();
        is_valid.then_some(Cow::Borrowed(bytes))
    }
}

/// Whether that byte stands there, with blanks around it at most.
#[inline]
fn is_between(object: &[u8], range: std::ops::Range<usize>, byte: u8) -> bool {
    let between = &object[range];
    between == [byte] || trimmed(between) == [byte]
}

/// Without blanks at either end; other white space is a control character.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| *byte == b' ';
    let start = bytes.iter().take_while(|byte| is_blank(byte)).count();
    let rest = &bytes[start..];
    let end = rest.iter().rev().take_while(|byte| is_blank(byte)).count();
    &rest[..rest.len() - end]
}

/// The place behind `: null`.
fn null(object: &[u8], at: usize) -> Option<usize> {
    let blanks = |rest: &[u8]| rest.iter().take_while(|byte| **byte == b' ').count();
    let colon = at + blanks(&object[at..]);
    let rest = object[colon..].strip_prefix(b":")?;
    let null = colon + 1 + blanks(rest);
    object[null..].starts_with(b"null").then_some(null + 4)
}

/// The length of an escape, its backslash included. As serde_json does where it passes over a
/// string, this does not look at what `\u` stands for.
fn escape(behind: &[u8]) -> Option<usize> {
    match behind {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Some(2),
        [b'u', digits @ ..] if digits.get(..4)?.iter().all(u8::is_ascii_hexdigit) => Some(6),
        _ => None,
    }
}

/// What stands where in a block: a bit for each byte.
#[derive(Default)]
struct Marks {
    quotes: u64,
    backslashes: u64,
    controls: u64,
    /// Bytes that are not ASCII.
    high: u64,
}

impl Marks {
    /// Of the first block of `bytes`; behind their end there is a newline.
    #[inline]
    fn of(bytes: &[u8]) -> Marks {
        if let Some(block) = bytes.first_chunk() {
            return Marks::of_block(block);
        }
        let mut block = [b'\n'; BLOCK];
        block[..bytes.len()].copy_from_slice(bytes);
        Marks::of_block(&block)
    }

    #[inline]
    fn of_block(block: &[u8; BLOCK]) -> Marks {
        let mut marks = Marks::default();
        let (vectors, _) = block.as_chunks::<16>();
        for (number, vector) in vectors.iter().enumerate() {
            let bytes = u8x16::from(*vector);
            let bits = |found: u8x16| u64::from(found.move_mask() as u16) << (16 * number);
            let are = |byte: u8| bits(bytes.cmp_eq(u8x16::splat(byte)));
            marks.quotes |= are(b'"');
            marks.backslashes |= are(b'\\');
            marks.controls |= bits(bytes.min(u8x16::splat(b' ' - 1)).cmp_eq(bytes));
            marks.high |= bits(bytes);
        }
        marks
    }
}

/// All bits from one on.
fn bits_from(bit: usize) -> u64 {
    u64::MAX.checked_shl(bit as u32).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::json::{for_each, parse};
    use super::*;
    use crate::input::sniff::Form;
    use proptest::prelude::*;

    /// What came of an object: the values of each field, and whether its message was cut.
    type Values = (Vec<Vec<Vec<u8>>>, bool);

    fn values(entry: &Entry) -> Values {
        let of = |name| entry.values(name).iter().map(|value| value.to_vec());
        (
            NAMES.map(|name| of(name).collect()).to_vec(),
            entry.is_cut(),
        )
    }

    const NAMES: [&str; 5] = ["MESSAGE", "_PID", "_HOSTNAME", "_COMM", "_SYSTEMD_UNIT"];

    fn plainly(object: &[u8]) -> Option<Values> {
        let mut entry = Entry::new(vec!["_SYSTEMD_UNIT".into()]);
        let length = PlainReader::default().read(object, &mut entry)?;
        (length == object.len()).then(|| values(&entry))
    }

    fn by_serde(object: &[u8]) -> Option<Values> {
        let mut entry = Entry::new(vec!["_SYSTEMD_UNIT".into()]);
        parse(object, &mut entry).ok().map(|()| values(&entry))
    }

    fn key() -> impl Strategy<Value = Vec<u8>> {
        let known = prop::sample::select(NAMES.to_vec());
        prop_oneof![
            6 => known.prop_map(|name| format!("\"{name}\"").into_bytes()),
            2 => "\"[A-Z_]{0,24}\"".prop_map(String::into_bytes),
            1 => string(),
        ]
    }

    /// Strings, and what looks like some: every escape, halves of surrogate pairs, control
    /// characters, bytes that are no UTF-8.
    fn string() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            8 => "[ -~]{0,12}".prop_map(|text| text.replace(['"', '\\'], "x").into_bytes()),
            2 => "\\\\[\"\\\\/bfnrtux]".prop_map(String::into_bytes),
            2 => "\\\\u([0-9a-fA-F]{4}|d83[d-e]\\\\ude0[0-9]|d83d|[0-9a-g]{3})".prop_map(String::into_bytes),
            1 => ".".prop_map(String::into_bytes),
            1 => prop::sample::select(vec![b"\xff".to_vec(), b"\xc3\xa4".to_vec(), b"\x01".to_vec(), b"\t".to_vec(), b"\"".to_vec()]),
        ];
        prop::collection::vec(piece, 0..4)
            .prop_map(|pieces| [b"\"".to_vec(), pieces.concat(), b"\"".to_vec()].concat())
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        let odd = [
            "null",
            "nul",
            "nullx",
            "12",
            "-0.5e3",
            "true",
            "{}",
            "[]",
            "[72,105]",
            "[null]",
            "",
            "[\"a\",[66]]",
            "[\"a\",]",
        ];
        let odd = prop::sample::select(odd.to_vec());
        prop_oneof![8 => string(), 1 => odd.prop_map(|text| text.into())]
    }

    fn object() -> impl Strategy<Value = Vec<u8>> {
        let blank = || prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("  "), 1 => Just("\t")];
        let colon = prop_oneof![20 => Just(":"), 1 => Just("")];
        let field = (blank(), key(), blank(), colon, blank(), value(), blank());
        let field = field.prop_map(|(a, key, b, colon, c, value, d)| {
            let (key, value) = (&key[..], &value[..]);
            [
                a.as_bytes(),
                key,
                b.as_bytes(),
                colon.as_bytes(),
                c.as_bytes(),
                value,
                d.as_bytes(),
            ]
            .concat()
        });
        let end = prop_oneof![20 => Just("}"), 1 => Just(",}"), 1 => Just(""), 1 => Just("} "), 1 => Just("}x")];
        (prop::collection::vec(field, 0..5), end)
            .prop_map(|(fields, end)| [b"{".to_vec(), fields.join(&b","[..]), end.into()].concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_read_plainly_is_what_serde_json_reads(object in object()) {
            if let Some(values) = plainly(&object) {
                prop_assert_eq!(Some(values), by_serde(&object));
            }
        }

        #[test]
        fn lines_are_read_one_by_one(objects in prop::collection::vec(object(), 0..5)) {
            let text = objects.join(&b'\n');
            let mut entry = Entry::new(vec!["_SYSTEMD_UNIT".into()]);
            let mut read = Vec::new();
            for_each(&text, Form::Json, &mut entry, &mut |index, entry| {
                assert_eq!(index, read.len() as u64);
                read.push(entry.ok().map(values));
            });
            let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let lines = lines.filter(|line| !line.is_empty());
            prop_assert_eq!(read, lines.map(by_serde).collect::<Vec<_>>());
        }

        #[test]
        fn a_changed_byte_changes_nothing_of_that(
            object in object(), at in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut object = object;
            let at = at.index(object.len());
            object[at] = byte;
            if let Some(values) = plainly(&object) {
                prop_assert_eq!(Some(values), by_serde(&object));
            }
        }
    }

    #[test]
    fn what_journalctl_writes_is_plain() {
        let plain = [
            r#"{"MESSAGE":"a"}"#,
            r#"{ "_PID" : "1", "MESSAGE" : "ä \"b\" \u00e4\ud83d\ude00\n" }"#,
            r#"{"MESSAGE":null,"__CURSOR":"s=1;i=2","MESSAGE":"again"}"#,
            r#"{"_CMDLINE":"\ud83d","_PID":""}"#,
        ];
        for object in plain {
            let values = plainly(object.as_bytes());
            assert!(values.is_some(), "{object}");
            assert_eq!(values, by_serde(object.as_bytes()), "{object}");
        }
        let odd = [
            "{}",
            "",
            "{",
            r#"{"MESSAGE":[104,105]}"#,
            r#"{"MESSAGE":"\ud83d"}"#,
            r#"{"MESSAGE":"a"} {"#,
            r#"{"MESSAGE":"a",}"#,
            r#"{"MESSAGE":1}"#,
            "{\"MESSAGE\":\"a\tb\"}",
        ];
        for object in odd {
            assert_eq!(plainly(object.as_bytes()), None, "{object}");
        }
    }
}
