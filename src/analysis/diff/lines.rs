//! The lines that two versions of a filter are compared on.

use super::value::LogsRead;
use crate::analysis::bench::Log;
use crate::analysis::check::{Script, sample_log};
use crate::input::{LogError, LogSet, LogSource, ReadOptions};
use std::path::{Path, PathBuf};

/// Where lines come from.
#[derive(Debug)]
pub(crate) enum Lines {
    /// There are none.
    None,
    /// The same for all filters.
    Logs {
        log: Log,
        /// The logs as given.
        names: Vec<String>,
    },
    /// Directories of logs named like their filters, annotated or plain.
    Samples {
        directories: Vec<PathBuf>,
        options: ReadOptions,
        /// Lines read for a filter.
        limit: usize,
    },
}

/// Reads logs into memory, as many lines as `limit` says in all.
///
/// # Errors
///
/// A log cannot be opened or read.
pub(crate) fn read(
    sources: Vec<LogSource>,
    options: &ReadOptions,
    limit: usize,
) -> Result<Log, LogError> {
    let logs = sources.into_iter().map(|source| {
        let name = source.name();
        (name, LogSet::new(vec![source], options.clone()))
    });
    Log::read_each(logs, limit)
}

impl Lines {
    /// What a report says of them, of which so many were tested.
    pub(crate) fn read_as(&self, lines: u64) -> Option<LogsRead> {
        let names = match self {
            Lines::None => return None,
            Lines::Logs { names, .. } => names.clone(),
            Lines::Samples { directories, .. } => {
                let directories = directories.iter();
                directories.map(|d| d.display().to_string()).collect()
            }
        };
        Some(LogsRead { names, lines })
    }

    /// Those of a filter of that name; None where its samples are missing.
    pub(crate) fn of(&self, name: &str) -> Result<Option<Log>, LogError> {
        match self {
            Lines::Samples {
                directories,
                options,
                limit,
            } => {
                let Some(log) = sample_log(directories, name) else {
                    return Ok(None);
                };
                let sources = with_added(name, &log).into_iter().map(LogSource::File);
                read(sources.collect(), options, *limit).map(Some)
            }
            Lines::Logs { .. } | Lines::None => Ok(None),
        }
    }
}

/// The sample log and those that its annotations add (`addFILE`).
fn with_added(name: &str, log: &Path) -> Vec<PathBuf> {
    // what is wrong with annotations is for `check` to say
    let script = Script::read(name, log, &mut Vec::new());
    match script.files.is_empty() {
        true => vec![log.to_path_buf()],
        false => script.files,
    }
}
