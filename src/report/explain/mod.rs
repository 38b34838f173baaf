//! The reports of `explain`: one line, step by step, or all missed lines in groups. All
//! forms, `table` for people, `html` as a page and JSON, are written from a `value`.

mod build;
pub(crate) mod html;
mod line_html;
mod page;
pub(crate) mod table;
pub(crate) mod value;
mod window;

use crate::analysis::explain::hints::Diagnosis;
use crate::analysis::run::FilterInfo;
use crate::date::Clock;
use crate::engine::Filter;

/// What a report tells beside the lines.
pub(crate) struct Explained<'a> {
    /// The filter that ran.
    pub(crate) filter: &'a Filter,
    /// What is told of it.
    pub(crate) info: FilterInfo,
    /// What would help.
    pub(crate) diagnosis: Diagnosis,
    /// For the times that are told.
    pub(crate) clock: &'a Clock,
}
