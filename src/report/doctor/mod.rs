//! Reports of a doctor's round, one file per form.

pub(crate) mod blame;
mod github;
mod html;
mod json;
mod table;

use super::Format;
use super::text::Screen;
use crate::analysis::doctor::JailDiagnosis;
use crate::date::Clock;
use std::io::{self, Write};

/// What is told.
pub(crate) struct DoctorReport<'a> {
    /// The configuration directory: places are told from there on.
    pub(crate) directory: &'a str,
    pub(crate) jails: Vec<JailDiagnosis>,
    /// Why fail2ban refuses the configuration as a whole.
    pub(crate) refused: Vec<String>,
    pub(crate) clock: &'a Clock,
    /// Lines read of the end of each input.
    pub(crate) lines: u64,
}

/// The forms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FormatName {
    /// For people: a line per jail, then what stops each, and the change to make
    #[default]
    Table,
    /// For programs: one JSON object
    Json,
    /// A page: a card a jail, what stops it first, and the change to copy
    Html,
    /// Annotations of a GitHub workflow
    Github,
    /// The commands to the server, as fail2ban-client -d prints them
    Dump,
}

/// Writes the report in a form; that of the server's commands is not one of these.
pub(crate) fn write(
    name: FormatName,
    report: &DoctorReport,
    screen: Screen,
    out: &mut dyn Write,
) -> io::Result<()> {
    match name {
        FormatName::Table => table::Table(screen).write(report, out),
        FormatName::Json => super::json::Json.write(&json::object(report), out),
        FormatName::Html => html::Html.write(report, out),
        FormatName::Github => github::Github.write(report, out),
        FormatName::Dump => Ok(()),
    }
}
