//! The logs of a simulation, through the session of a jail: lines to verdicts.

use f2b_regex::engine::facts::Detail;
use f2b_regex::engine::{LineOutcome, Session, pipeline};
use f2b_regex::input::{Encoding, LogError, LogSet, LogSource, ReadAhead, ReadOptions};

/// What was read of a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRead {
    /// Its lines.
    pub lines: u64,
    /// Its bytes.
    pub bytes: u64,
    /// Places that were not valid in the encoding.
    pub invalid: u64,
}

/// The logs an argument means: a glob or a directory stands for several, oldest first.
pub fn sources(argument: &str) -> Result<Vec<LogSource>, String> {
    LogSource::of(argument).map_err(|error| error.to_string())
}

/// Reads a log through `session`; `sink` gets the verdict on every line, in line order.
pub fn read(
    source: &LogSource,
    encoding: Encoding,
    session: &mut Session,
    mut sink: impl FnMut(u64, &LineOutcome),
) -> Result<LogRead, String> {
    let options = ReadOptions {
        encoding,
        ..ReadOptions::default()
    };
    let mut blocks = ReadAhead::new(LogSet::new(vec![source.clone()], options));
    let mut read = LogRead::default();
    let threads = pipeline::default_threads();
    let ran: Result<(), LogError> = pipeline::run(
        session,
        threads,
        Detail::Verdict,
        || blocks.next_block(),
        |folded| sink(folded.number, folded.outcome),
        |facts| {
            read.lines += facts.line_count;
            read.bytes += facts.block.bytes;
            read.invalid += facts.block.invalid;
        },
    );
    ran.map_err(|error| error.to_string())?;
    Ok(read)
}
