//! Reports of a check, one file per form.

mod concise;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod rdjson;
mod sarif;
mod statistics;
mod style;
mod tap;

use crate::analysis::check::Report;
use crate::report::Format;

pub(crate) use statistics::Statistics;
pub(crate) use style::Style;

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FormatName {
    /// For people: what is wrong, where, with a caret
    Human,
    /// One line for each finding: file:line:column
    Concise,
    /// For programs: one JSON object
    Json,
    /// A page: findings in their source, what samples exercise
    Html,
    /// JUnit XML, for most CI servers
    Junit,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// GitLab's Code Quality report
    Gitlab,
    /// The Reviewdog Diagnostic Format
    Rdjson,
    /// The Test Anything Protocol
    Tap,
}

impl FormatName {
    /// The writer of this form.
    pub(crate) fn format(self, style: Style) -> Box<dyn Format<Report>> {
        match self {
            FormatName::Human => Box::new(human::Human(style)),
            FormatName::Concise => Box::new(concise::Concise(style)),
            FormatName::Gitlab => Box::new(gitlab::Gitlab),
            FormatName::Rdjson => Box::new(rdjson::Rdjson),
            FormatName::Html => Box::new(html::Html(style)),
            FormatName::Json => Box::new(json::Json(style)),
            FormatName::Junit => Box::new(junit::Junit(style)),
            FormatName::Sarif => Box::new(sarif::Sarif),
            FormatName::Github => Box::new(github::Github(style)),
            FormatName::Tap => Box::new(tap::Tap(style)),
        }
    }
}
