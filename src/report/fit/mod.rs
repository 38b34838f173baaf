//! Reports of `f2b-regex fit`.

pub(crate) mod json;
pub(crate) mod table;

use crate::analysis::fit::{FilterFit, Fit};

/// What the reports are written from.
#[derive(Debug)]
pub(crate) struct FitReport<'a> {
    /// What was found out.
    pub(crate) fit: &'a Fit,
    /// The logs by the paths a jail would name them with; None for a journal.
    pub(crate) logs: Option<&'a [String]>,
    /// The configuration's directory.
    pub(crate) directory: &'a str,
}

impl FitReport<'_> {
    /// The section of jail.local that watches the logs with a filter.
    pub(crate) fn section(&self, filter: &FilterFit) -> String {
        let mut section = format!("[{}]\nenabled = true\n", filter.name);
        if !filter.has_jail || filter.best.filter != filter.name {
            section += &format!("filter  = {}\n", filter.best.filter);
        }
        match self.logs {
            None => section += "backend = systemd\n",
            Some(logs) => {
                let lines = logs.join("\n          ").replace('%', "%%");
                section += &format!("backend = auto\nlogpath = {lines}\n");
            }
        }
        section
    }
}
