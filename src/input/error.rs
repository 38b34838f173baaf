//! Why a LOG cannot be read.

use std::io;

/// Why a LOG cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogError {
    /// One word, and no file of that name.
    #[error(
        "{path}: no such log file{near} (a log line given as text has blanks; for one without, \
         use --line)"
    )]
    NoSuchFile {
        /// What was given.
        path: String,
        /// A file that may be meant, as the rest of a sentence; or nothing.
        near: String,
    },
    /// No file of that name, where no line is taken.
    #[error("{path}: no such file{near}")]
    NoSuchRecord {
        /// What was given.
        path: String,
        /// A file that may be meant, as the rest of a sentence; or nothing.
        near: String,
    },
    /// A glob that no file fits.
    #[error("{0}: no file fits this pattern")]
    EmptyGlob(String),
    /// A glob that is none.
    #[error("{0}: not a valid pattern: {1}")]
    WrongGlob(String, String),
    /// A directory without a log.
    #[error("{0}: no log file in this directory (it is not searched further down)")]
    EmptyDirectory(String),
    /// It cannot be opened or read.
    #[error("{path}: {error}")]
    Io {
        /// The path as given.
        path: String,
        /// What the system said.
        error: io::Error,
    },
    /// A packed form that is known but not read.
    #[error("{path}: {form}, which f2b-regex does not unpack; try: {command}")]
    Unread {
        /// The path as given.
        path: String,
        /// What it is.
        form: &'static str,
        /// What to do.
        command: String,
    },
    /// Compressed data that ends too early or is damaged.
    #[error(
        "{path}: {form} data is damaged or cut off at byte {offset}: {error}; the {lines} whole \
         lines before it were read"
    )]
    Damaged {
        /// The path as given.
        path: String,
        /// The compression.
        form: &'static str,
        /// Bytes of the compressed file taken by then.
        offset: u64,
        /// What the decoder said.
        error: io::Error,
        /// Lines or entries handed out before.
        lines: u64,
    },
    /// Compressed data that is sound but asks for more memory than an unknown file may have.
    #[error(
        "{path}: {form} data needs more memory than the {allowed} MiB it may have; try: {command}"
    )]
    Memory {
        /// The path as given.
        path: String,
        /// The compression.
        form: &'static str,
        /// MiB allowed.
        allowed: u64,
        /// What to do.
        command: String,
    },
    /// A text log and a journal in one run.
    #[error("{0}: is {1}, and the logs before it are {2}: run each kind on its own")]
    Mixed(String, &'static str, &'static str),
    /// Not a journal that can be read.
    #[error("{0}: {1}")]
    Journal(String, String),
    /// An export whose fields cannot be told apart.
    #[error("{path}: not a journal export at byte {offset}: {why}")]
    Export {
        /// The path as given.
        path: String,
        /// Bytes (decompressed) before it.
        offset: u64,
        /// What is wrong.
        why: String,
    },
}

impl LogError {
    /// The log it is about, as given.
    pub(crate) fn path(&self) -> &str {
        match self {
            LogError::EmptyGlob(path)
            | LogError::WrongGlob(path, _)
            | LogError::EmptyDirectory(path)
            | LogError::NoSuchFile { path, .. }
            | LogError::NoSuchRecord { path, .. }
            | LogError::Io { path, .. }
            | LogError::Unread { path, .. }
            | LogError::Damaged { path, .. }
            | LogError::Memory { path, .. }
            | LogError::Mixed(path, ..)
            | LogError::Journal(path, _)
            | LogError::Export { path, .. } => path,
        }
    }
}
