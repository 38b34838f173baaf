//! Reports from a file: one, or several one behind the other (JSON lines, or `cat`), or the one that
//! is in a page.

use crate::analysis::page::DATA_BEGIN;
use crate::analysis::run::{RunReport, SCHEMA};
use serde::Deserialize;
use std::io::BufRead;
use std::ops::Range;

/// Why a file of reports cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// Not JSON, or not a report.
    #[error("{file}:{line}: expected a report of f2b-regex LOG FILTER --format json: {error}")]
    NotAReport {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        error: String,
    },
    /// A later schema.
    #[error("{file}:{line}: a report of schema {schema}; this program knows {SCHEMA}")]
    Schema {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The number it has.
        schema: u64,
    },
    /// It could not be read to its end.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// Nothing in it.
    #[error("{file}: empty; expected a report of f2b-regex LOG FILTER --format json")]
    Empty {
        /// The file.
        file: String,
    },
    /// The one who asked for the report does not want it.
    #[error("{0}")]
    Refused(String),
}

/// Just enough of an object to say what it is.
#[derive(Deserialize)]
struct Label {
    schema: u64,
}

/// Reads all reports of a file; `each` gets every one with its place (`FILE:LINE`).
///
/// # Errors
///
/// With the file and the line, counted from 1.
pub(crate) fn read(
    mut input: impl BufRead,
    file: &str,
    mut each: impl FnMut(RunReport, &str) -> Result<(), String>,
) -> Result<(), ReadError> {
    let mut text = Vec::new();
    input
        .read_to_end(&mut text)
        .map_err(|error| ReadError::Io {
            file: file.into(),
            error,
        })?;
    let data = page_data(&text).unwrap_or(0..text.len());
    let line_at = |at: usize| {
        let at = (data.start + at).min(text.len());
        memchr::memchr_iter(b'\n', &text[..at]).count() + 1
    };
    let json = &text[data.clone()];
    let mut objects =
        serde_json::Deserializer::from_slice(json).into_iter::<&serde_json::value::RawValue>();
    let mut any = false;
    loop {
        let from = objects.byte_offset();
        let blank = json[from..].iter().take_while(|b| b.is_ascii_whitespace());
        let from = from + blank.count();
        let raw = match objects.next() {
            None => break,
            Some(Ok(raw)) => raw,
            Some(Err(error)) => {
                return Err(ReadError::NotAReport {
                    file: file.into(),
                    line: line_at(0) - 1 + error.line().max(1),
                    error: without_place(&error),
                });
            }
        };
        any = true;
        let begin = line_at(from);
        if let Ok(Label { schema }) = serde_json::from_str(raw.get())
            && schema != u64::from(SCHEMA)
        {
            return Err(ReadError::Schema {
                file: file.into(),
                line: begin,
                schema,
            });
        }
        let report: RunReport =
            serde_json::from_str(raw.get()).map_err(|error| ReadError::NotAReport {
                file: file.into(),
                line: begin + error.line().saturating_sub(1),
                error: without_place(&error),
            })?;
        each(report, &format!("{file}:{begin}")).map_err(ReadError::Refused)?;
    }
    if any {
        Ok(())
    } else {
        Err(ReadError::Empty { file: file.into() })
    }
}

/// Where the data of a page (`--format html`) stands in it; None where this is no page.
fn page_data(text: &[u8]) -> Option<Range<usize>> {
    if !text.trim_ascii_start().starts_with(b"<!doctype html>") {
        return None;
    }
    let begin = memchr::memmem::find(text, DATA_BEGIN.as_bytes())? + DATA_BEGIN.len();
    let length = memchr::memchr(b'<', &text[begin..])?;
    Some(begin..begin + length)
}

/// The message without the line and column at its end, which are told before it.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text[..at].to_string(),
        None => text,
    }
}
