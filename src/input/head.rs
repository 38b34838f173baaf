//! What a log is, known once it is open: what its blocks and messages about it share.

use super::compress::Compression;
use super::sniff::Form;

/// Where a log comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogKind {
    /// A file.
    #[default]
    File,
    /// Standard input.
    Stdin,
    /// Lines of the command line.
    Literal,
    /// Through journalctl.
    Journal,
}

/// What is known of a log once it is open: shared by its blocks.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogHead {
    /// Its place among the logs of the run, from 0.
    pub(crate) index: usize,
    /// As messages name it.
    pub(crate) name: String,
    /// Where it comes from.
    pub(crate) kind: LogKind,
    /// Its compression.
    pub(crate) compression: Option<Compression>,
    /// Text or a form of a journal.
    pub(crate) form: Form,
    /// The encoding it is read in, as reports name it.
    pub(crate) encoding: String,
    /// A mark at its start told that, nobody else.
    pub(crate) told_by_mark: bool,
    /// Bytes of the input, compressed ones where it is; None where that is not known.
    pub(crate) size: Option<u64>,
    /// Where reading begins, other than at the start: bisection, `--last`.
    pub(crate) start: u64,
}
