//! What a bench has to say: the types are the schema of its JSON report.
//!
//! Fields are added, never renamed or removed, under one number.

use super::compare::Comparison;
use super::log::Log;
use crate::report::json::{Tool, Warning};
use serde::Serialize;
use std::io::{self, Write};

/// The number of the schema these types are.
pub const SCHEMA: u32 = 1;

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub struct BenchReport {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What wrote it.
    pub tool: Tool,
    /// The log.
    pub log: BenchLog,
    /// The filter.
    pub filter: Side,
    /// The filter it is compared against.
    pub against: Option<Side>,
    /// What changed in meaning; null without `--against`.
    pub comparison: Option<Comparison>,
    /// What looks wrong.
    pub warnings: Vec<Warning>,
}

/// The log that was used.
#[derive(Clone, Debug, Serialize)]
pub struct BenchLog {
    /// Its path, or what stands for it.
    pub name: String,
    /// Lines tested.
    pub lines: u64,
    /// Lines not tested: empty, or beginning with `#`.
    pub skipped: u64,
    /// The log has more lines than `--lines` allows.
    pub cut: bool,
}

impl From<&Log> for BenchLog {
    fn from(log: &Log) -> BenchLog {
        BenchLog {
            name: log.name.clone(),
            lines: log.lines.len() as u64,
            skipped: log.skipped,
            cut: log.cut,
        }
    }
}

/// A filter that takes part.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// As given on the command line.
    pub name: String,
    /// The file that was read; null for a regex given as text. Of a git revision:
    /// `REV:path`.
    pub file: Option<String>,
    /// The failregexes in order.
    pub failregex: Vec<RegexText>,
}

/// A regex and where it stands.
#[derive(Clone, Debug, Serialize)]
pub struct RegexText {
    /// Number in its list, from 1.
    pub number: usize,
    /// As written in the filter.
    pub regex: String,
    /// The file it stands in; null from the command line.
    pub file: Option<String>,
    /// The line it stands in, from 1.
    pub line: Option<u32>,
}

/// Name and version of this program.
pub fn tool() -> Tool {
    Tool {
        name: "f2b-regex".into(),
        version: env!("CARGO_PKG_VERSION").into(),
    }
}

/// Writes the report as JSON.
pub fn write_json(out: &mut dyn Write, report: &BenchReport) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
