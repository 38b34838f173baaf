//! Reports of a check, one file per form.

mod github;
mod human;
mod json;
mod junit;
mod sarif;
mod style;
mod tap;

use crate::analysis::check::Report;
use crate::report::Format;

pub(crate) use style::Style;

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
    pub(crate) fn format(self, style: Style) -> Box<dyn Format<Report>> {
        match self {
            FormatName::Human => Box::new(human::Human(style)),
            FormatName::Json => Box::new(json::Json(style)),
            FormatName::Junit => Box::new(junit::Junit(style)),
            FormatName::Sarif => Box::new(sarif::Sarif),
            FormatName::Github => Box::new(github::Github(style)),
            FormatName::Tap => Box::new(tap::Tap(style)),
        }
    }
}
