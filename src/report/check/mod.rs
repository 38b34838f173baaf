//! Reports of a check, one file per form behind one small trait.

mod github;
mod human;
mod json;
mod junit;
mod sarif;
mod tap;

use crate::analysis::check::{Report, failed};
use crate::report::text::Screen;
use std::io::{self, Write};

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

/// A form reports are written in.
pub(crate) trait Format {
    /// Writes the report.
    ///
    /// # Errors
    ///
    /// Those of writing.
    fn write(&self, report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()>;
}

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FormatName {
    /// For people: what is wrong, where, with a caret
    Human,
    /// For programs: one JSON object
    Json,
    /// JUnit XML, for most CI servers
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// The Test Anything Protocol
    Tap,
}

impl FormatName {
    /// The writer of this form.
    pub(crate) fn format(self) -> &'static dyn Format {
        match self {
            FormatName::Human => &human::Human,
            FormatName::Json => &json::Json,
            FormatName::Junit => &junit::Junit,
            FormatName::Sarif => &sarif::Sarif,
            FormatName::Github => &github::Github,
            FormatName::Tap => &tap::Tap,
        }
    }
}

/// The path as reports show it.
fn path_text(path: &std::path::Path) -> String {
    crate::analysis::check::shown(path).display().to_string()
}

fn verdict(report: &Report, style: Style) -> &'static str {
    match failed(report, style.strict) {
        true => "failed",
        false => "passed",
    }
}
