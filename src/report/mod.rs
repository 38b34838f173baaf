//! Reports: `<command>/<format>.rs`, each a [`Format`] of what the command's analysis found out.
//! They know nothing of matching.

pub(crate) mod bench;
pub(crate) mod check;
mod columns;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod draft;
pub(crate) mod escape;
pub(crate) mod explain;
pub(crate) mod fit;
mod hints;
pub(crate) mod html;
pub(crate) mod json;
mod markdown;
pub(crate) mod run;
pub(crate) mod simulate;
pub(crate) mod text;
mod workflow;

use std::io::{self, Write};

/// A form in which the results of a command are written.
pub(crate) trait Format<Results: ?Sized> {
    /// Writes the report.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn write(&self, results: &Results, out: &mut dyn Write) -> io::Result<()>;
}
