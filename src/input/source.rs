//! What a LOG argument means: a file, standard input, or lines given word for word.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Why a LOG cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It looks like a path, and nothing is there.
    #[error(
        "{0}: no such log file (a log line given as text has blanks; for one without, use --line)"
    )]
    NoSuchFile(String),
    /// It is a directory.
    #[error("{0}: is a directory, expected a log file")]
    IsDirectory(String),
    /// It cannot be opened or read.
    #[error("{path}: {error}")]
    Io {
        /// The path as given.
        path: String,
        /// What the system said.
        error: io::Error,
    },
}

/// A LOG argument, understood but not yet opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// Lines given on the command line.
    Literal(String),
}

impl LogSource {
    /// Says what `argument` is: `-` is standard input, an existing path is that file, and
    /// anything else a line, unless it looks like a path: then its absence is an error
    /// (upstream takes it for a line and reports it missed).
    pub fn of(argument: &str) -> Result<LogSource, LogError> {
        if argument == "-" {
            return Ok(LogSource::Stdin);
        }
        let path = Path::new(argument);
        if path.is_dir() {
            return Err(LogError::IsDirectory(argument.into()));
        }
        if path.exists() {
            return Ok(LogSource::File(path.into()));
        }
        if looks_like_path(argument) {
            return Err(LogError::NoSuchFile(argument.into()));
        }
        Ok(LogSource::Literal(argument.into()))
    }

    /// Opens the source for reading. A literal ends in a newline, as every line does.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, LogError> {
        Ok(match self {
            LogSource::File(path) => Box::new(File::open(path).map_err(|error| LogError::Io {
                path: path.display().to_string(),
                error,
            })?),
            LogSource::Stdin => Box::new(io::stdin()),
            LogSource::Literal(text) => Box::new(io::Cursor::new(text.clone().into_bytes())),
        })
    }

    /// The source as messages name it.
    pub fn name(&self) -> String {
        match self {
            LogSource::File(path) => path.display().to_string(),
            LogSource::Stdin => "(standard input)".into(),
            LogSource::Literal(_) => "(given line)".into(),
        }
    }
}

/// No blank, and a `/` or the ending of a log: nobody writes a log line like that.
fn looks_like_path(text: &str) -> bool {
    if text.is_empty() || text.chars().any(char::is_whitespace) {
        return false;
    }
    let suffix = text.rsplit_once('.').map(|(_, suffix)| suffix);
    let is_log = suffix.is_some_and(|s| {
        matches!(
            s,
            "log" | "txt" | "gz" | "xz" | "zst" | "bz2" | "lz4" | "journal" | "json"
        ) || (!s.is_empty() && text.contains(".log.") && s.bytes().all(|b| b.is_ascii_digit()))
    });
    text.contains('/') || is_log
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_path_is_no_line() {
        for path in ["/no/such", "no/such", "mail.log", "mail.log.1", "x.gz"] {
            assert!(
                matches!(LogSource::of(path), Err(LogError::NoSuchFile(_))),
                "{path}"
            );
        }
        for line in ["a b /c", "192.0.2.1", "word", "x.com"] {
            assert!(
                matches!(LogSource::of(line), Ok(LogSource::Literal(_))),
                "{line}"
            );
        }
    }
}
