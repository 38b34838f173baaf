//! CPython's encodings beside Unicode's own, as `tools/record_encodings.py` has recorded them.
//!
//! `tables.txt`, line by line: `charmap NAME` and its upper half, runs of characters (`20ac` one,
//! `2020+2` two, `-3` three that are none); `multibyte NAME BASE`, what CPython has otherwise than
//! encoding_rs's BASE: `gone` sequences are no characters, `other` ones are others; `alias NAME` and
//! the names it also has.

use super::charmap::Charmap;
use super::multibyte::Multibyte;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

const TABLES: &str = include_str!("tables.txt");

/// An encoding of the tables. Each is made once.
#[derive(Clone, Copy, Debug)]
pub(super) enum Table {
    Charmap(&'static Charmap),
    Multibyte(&'static Multibyte),
}

/// CPython's name of the encoding that `label` names (`encodings.normalize_encoding`).
pub(super) fn canonical(label: &str) -> Option<&'static str> {
    let mut name = String::new();
    for c in label.trim().chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    let (name, dotless) = (name.trim_matches('_'), name.replace('.', "_"));
    let is_named = |words: &str| {
        words
            .split(' ')
            .any(|known| known == name || known == dotless)
    };
    let aliases = TABLES
        .lines()
        .filter_map(|line| line.strip_prefix("alias "));
    let found = aliases.into_iter().find(|words| is_named(words))?;
    found.split(' ').next()
}

/// The table of one of CPython's names.
pub(super) fn table(name: &'static str) -> Option<Table> {
    static MADE: LazyLock<Mutex<HashMap<&'static str, Table>>> = LazyLock::new(Mutex::default);
    // nobody panics while holding it
    let mut made = MADE.lock().ok()?;
    if let Some(table) = made.get(name) {
        return Some(*table);
    }
    let table = read(name)?;
    made.insert(name, table);
    Some(table)
}

fn read(name: &'static str) -> Option<Table> {
    let mut lines = TABLES.lines();
    let (kind, rest) = lines.by_ref().find_map(|line| {
        let (kind, rest) = line.split_once(' ')?;
        let (of, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        (kind != "alias" && of == name).then_some((kind, rest))
    })?;
    if kind == "charmap" {
        let upper = upper_half(rest)?;
        return Some(Table::Charmap(Box::leak(Box::new(Charmap::new(
            name, upper,
        )))));
    }
    let base = encoding_rs::Encoding::for_label(rest.as_bytes())?;
    let mut multibyte = Multibyte::new(name, base);
    for line in lines {
        let (kind, tokens) = line.split_once(' ')?;
        let hex = |text: &str| u32::from_str_radix(text, 16).ok();
        for token in tokens.split(' ') {
            match kind {
                "gone" => {
                    let (first, last) = token.split_once('-').unwrap_or((token, token));
                    (hex(first)?..=hex(last)?).for_each(|code| multibyte.set(code, None));
                }
                "other" => {
                    let (code, chars) = token.split_once('=')?;
                    let chars = chars.split('+').map(|c| char::from_u32(hex(c)?));
                    multibyte.set(hex(code)?, Some(&chars.collect::<Option<String>>()?));
                }
                _ => return Some(Table::Multibyte(Box::leak(Box::new(multibyte)))),
            }
        }
    }
    None
}

/// The characters of the bytes from 128 on.
fn upper_half(runs: &str) -> Option<Vec<Option<char>>> {
    let mut upper = Vec::with_capacity(128);
    for run in runs.split(' ') {
        if let Some(none) = run.strip_prefix('-') {
            upper.extend(std::iter::repeat_n(None, none.parse().ok()?));
            continue;
        }
        let (first, count) = run.split_once('+').unwrap_or((run, "1"));
        let first = u32::from_str_radix(first, 16).ok()?;
        upper.extend((0..count.parse().ok()?).map(|more| char::from_u32(first + more)));
    }
    Some(upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_pythons() {
        for (label, name) in [
            ("Shift-JIS", Some("shift_jis")),
            (" ms_kanji ", Some("cp932")),
            ("windows-1252", Some("cp1252")),
            ("ISO 8859-9", Some("iso8859_9")),
            ("latin1", Some("latin_1")),
            ("UTF8", Some("utf_8")),
            ("utf-8-sig", Some("utf_8_sig")),
            ("euc-kr", Some("euc_kr")),
            ("x-sjis", None),
            ("", None),
        ] {
            assert_eq!(canonical(label), name, "{label}");
        }
    }

    #[test]
    fn all_tables_can_be_read() {
        let names = TABLES
            .lines()
            .filter(|line| !line.starts_with(['a', 'g', 'o']));
        let names: Vec<&str> = names.filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(names.len(), 72, "{names:?}");
        for name in names {
            assert!(table(name).is_some(), "{name}");
            if let Some(Table::Charmap(charmap)) = table(name) {
                assert_eq!(charmap.len(), 128, "{name}");
            }
        }
    }
}
