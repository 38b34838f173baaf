//! What the forms of a check's report share.

use crate::analysis::check::{Report, failed};
use crate::report::text::Screen;
use std::path::Path;

/// How reports are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// Columns of the terminal; colours and bold.
    pub(crate) screen: Screen,
    /// Warnings count as errors.
    pub(crate) strict: bool,
    /// Show notes, filters that passed and option sets too.
    pub(crate) verbose: bool,
}

/// The path as reports show it.
pub(super) fn path_text(path: &Path) -> String {
    crate::analysis::check::shown(path).display().to_string()
}

/// How it ended.
pub(super) fn verdict(report: &Report, style: Style) -> &'static str {
    if failed(report, style.strict) {
        "failed"
    } else {
        "passed"
    }
}
