//! Journal exports in all forms, cut into blocks of every size.
//!
//! Input: a journalmatch on the first line (empty: all entries), the export behind it.

use crate::input::journal::{JournalMatch, JournalPlan};
use crate::input::reader::LogReader;
use crate::input::sniff::Form;
use crate::input::{Encoding, LogSource, ReadOptions, Window};
use std::path::Path;

thread_local! {
    static PLACE: tempfile::TempDir = super::scratch_directory();
}

/// Number, text and time.
type Line = (u64, String, Option<String>);

/// One input.
pub fn run(data: &[u8]) {
    let end = data.iter().position(|&b| b == b'\n').unwrap_or(data.len());
    let words = String::from_utf8_lossy(&data[..end]);
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    let export = data.get(end + 1..).unwrap_or_default();
    let matches = match JournalMatch::parse(&[words]) {
        Ok(matches) => matches,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    };
    every_form(export, &matches);
    PLACE.with(|place| {
        let file = place.path().join("export");
        std::fs::write(&file, export).expect("a file can be written");
        let whole = lines(&file, &matches, 1 << 20);
        for block_bytes in [1, 40, 333] {
            assert_eq!(lines(&file, &matches, block_bytes), whole, "{block_bytes}");
        }
    });
}

/// Whatever the bytes are, they can be taken for any form.
fn every_form(export: &[u8], matches: &Option<JournalMatch>) {
    for form in [Form::Export, Form::Json, Form::JsonSeq, Form::JsonPretty] {
        let plan = JournalPlan {
            form,
            matches: matches.clone(),
            window: Window::default(),
            encoding: Encoding::Utf8,
            offset: 3600,
        };
        let names = matches
            .as_ref()
            .map(JournalMatch::names)
            .unwrap_or_default();
        plan.for_each(export, names, |_, read| match read {
            Ok(entry) => {
                let mut line = String::new();
                entry.write_line(Encoding::Utf8, &mut line);
                assert!(!line.contains('\n') || line.ends_with('\n'), "{line:?}");
                let _ = matches.as_ref().map(|m| m.selects(entry));
                let _ = entry.time();
            }
            Err(fault) => assert!(!fault.is_empty()),
        });
    }
}

/// The lines of a log read in blocks of that size, and how it ended.
fn lines(
    file: &Path,
    matches: &Option<JournalMatch>,
    block_bytes: usize,
) -> (Vec<Line>, Option<String>) {
    let options = ReadOptions {
        matches: matches.clone(),
        block_bytes,
        ..ReadOptions::default()
    };
    let mut found = Vec::new();
    let source = LogSource::File(file.into());
    let mut reader = match LogReader::open(&source, 0, &options, None) {
        Ok(reader) => reader,
        Err(error) => return (found, Some(error.to_string())),
    };
    loop {
        match reader.next_block() {
            Ok(Some(block)) => {
                let block = block.decode();
                for (number, line, time) in block.timed_lines() {
                    found.push((number, line.to_owned(), time.map(|t| t.to_string())));
                }
            }
            Ok(None) => return (found, None),
            Err(error) => return (found, Some(error.to_string())),
        }
    }
}
