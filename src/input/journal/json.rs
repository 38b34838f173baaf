//! `journalctl -o json`, `json-seq`, `json-pretty`: an object per entry. A value is a
//! string; null where it was too long; numbers, the bytes of a binary one; or an array of
//! these where the field has several.

use super::super::sniff::{Form, RECORD_SEPARATOR};
use super::Entry;
use super::plain::PlainReader;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Calls `each` with every entry.
pub(super) fn for_each<'b>(
    bytes: &'b [u8],
    form: Form,
    entry: &mut Entry<'b>,
    each: &mut impl FnMut(u64, Result<&Entry<'b>, String>),
) {
    let mut plain = PlainReader::default();
    let mut index = 0;
    let mut at = 0;
    while at < bytes.len() {
        entry.clear();
        if form != Form::JsonPretty
            && let Some(length) = plain.read(&bytes[at..], entry)
        {
            each(index, Ok(entry));
            index += 1;
            at += length;
            continue;
        }
        let end = object_end(bytes, at, form).unwrap_or(bytes.len());
        let mut object = bytes[at..end].trim_ascii();
        at = end;
        while let [RECORD_SEPARATOR, rest @ ..] = object {
            object = rest.trim_ascii_start();
        }
        if object.is_empty() {
            continue;
        }
        entry.clear();
        match parse(object, entry) {
            Ok(()) => each(index, Ok(entry)),
            Err(error) => each(index, Err(format!("it is no JSON object: {error}"))),
        }
        index += 1;
    }
}

/// Reads an object of fields, whatever it is.
pub(super) fn parse<'b>(object: &'b [u8], entry: &mut Entry<'b>) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_slice(object);
    json.deserialize_map(ObjectVisitor(entry))?;
    json.end()
}

/// Where the object that begins at `at` ends, its newline included.
pub(super) fn object_end(bytes: &[u8], at: usize, form: Form) -> Option<usize> {
    let rest = &bytes[at..];
    let end = match form {
        // only the outermost brace stands at a line's start
        Form::JsonPretty => memchr::memmem::find(rest, b"\n}").and_then(|brace| {
            let newline = memchr::memchr(b'\n', &rest[brace + 1..])?;
            Some(brace + 1 + newline)
        }),
        _ => memchr::memchr(b'\n', rest),
    };
    end.map(|end| at + end + 1)
}

struct ObjectVisitor<'e, 'b>(&'e mut Entry<'b>);

impl<'b> Visitor<'b> for ObjectVisitor<'_, 'b> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of journal fields")
    }

    fn visit_map<M: MapAccess<'b>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Name(name)) = map.next_key()? {
            match self.0.slot(name.as_bytes()) {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(slot) => match map.next_value::<FieldValue>()? {
                    FieldValue::One(value) => self.0.push(slot, value),
                    FieldValue::Cut => self.0.push_cut(slot),
                    FieldValue::Many(values) => {
                        for value in values {
                            self.0.push(slot, value);
                        }
                    }
                },
            }
        }
        Ok(())
    }
}

/// A field's name, borrowed where JSON has no escapes in it.
#[derive(serde::Deserialize)]
struct Name<'b>(#[serde(borrow)] Cow<'b, str>);

/// A value, or several.
enum FieldValue<'b> {
    One(Cow<'b, [u8]>),
    Many(Vec<Cow<'b, [u8]>>),
    Cut,
}

impl<'b> serde::Deserialize<'b> for FieldValue<'b> {
    fn deserialize<D: Deserializer<'b>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'b> Visitor<'b> for FieldVisitor {
    type Value = FieldValue<'b>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string, null, or an array")
    }

    fn visit_borrowed_str<E>(self, text: &'b str) -> Result<Self::Value, E> {
        Ok(FieldValue::One(Cow::Borrowed(text.as_bytes())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(FieldValue::One(Cow::Owned(text.as_bytes().to_vec())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(FieldValue::One(Cow::Owned(number.to_string().into_bytes())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(FieldValue::One(Cow::Owned(number.to_string().into_bytes())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(FieldValue::One(Cow::Owned(number.to_string().into_bytes())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(FieldValue::One(Cow::Owned(value.to_string().into_bytes())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(FieldValue::Cut)
    }

    fn visit_map<M: MapAccess<'b>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(FieldValue::Many(Vec::new()))
    }

    fn visit_seq<S: SeqAccess<'b>>(self, mut items: S) -> Result<Self::Value, S::Error> {
        let mut binary = Vec::new();
        let mut many = Vec::new();
        while let Some(item) = items.next_element::<Item>()? {
            match item {
                Item::Byte(byte) => binary.push(byte),
                Item::Value(FieldValue::One(value)) => many.push(value),
                Item::Value(FieldValue::Many(values)) => many.extend(values),
                Item::Value(FieldValue::Cut) => {}
            }
        }
        if binary.is_empty() {
            Ok(FieldValue::Many(many))
        } else {
            Ok(FieldValue::One(Cow::Owned(binary)))
        }
    }
}

/// An item of an array: a byte, or a value of its own.
enum Item<'b> {
    Byte(u8),
    Value(FieldValue<'b>),
}

impl<'b> serde::Deserialize<'b> for Item<'b> {
    fn deserialize<D: Deserializer<'b>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'b> Visitor<'b> for ItemVisitor {
    type Value = Item<'b>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a byte, a string, null, or an array of bytes")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Item::Byte(number as u8))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Item::Byte(number as u8))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Item::Value(FieldValue::Cut))
    }

    fn visit_borrowed_str<E>(self, text: &'b str) -> Result<Self::Value, E> {
        Ok(Item::Value(FieldValue::One(Cow::Borrowed(text.as_bytes()))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Item::Value(FieldValue::One(Cow::Owned(
            text.as_bytes().to_vec(),
        ))))
    }

    fn visit_seq<S: SeqAccess<'b>>(self, items: S) -> Result<Self::Value, S::Error> {
        FieldVisitor.visit_seq(items).map(Item::Value)
    }
}
