//! Reports of `f2b-regex draft`.

pub(crate) mod json;
pub(crate) mod table;

use crate::analysis::draft::Proposal;
use std::path::PathBuf;

/// What the reports are written from.
#[derive(Debug)]
pub(crate) struct DraftReport<'a> {
    /// What came of the lines.
    pub(crate) proposal: &'a Proposal,
    /// The files that were written.
    pub(crate) written: Vec<PathBuf>,
}
