//! The log is in UTF-16: read as such here, but the server must be told.

use super::{Hint, Search};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let name = search.evidence.found_encoding.as_deref()?;
    Some(Hint {
        code: "log-encoding".into(),
        message: format!(
            "the log is in {name}: read as such here, but the server reads nothing in it unless \
             `logencoding = {}` stands in the jail (encoding -e here)",
            name.to_lowercase()
        ),
        change: Some(format!("logencoding = {}", name.to_lowercase())),
        apply: None,
        lines: search.evidence.lines.len() as u64,
        example: None,
    })
}
