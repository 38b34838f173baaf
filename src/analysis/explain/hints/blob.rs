//! `[89B blob data]`: what journalctl shows in place of a message with control characters or of
//! another encoding.

use super::{Hint, Search, count};
use regex::Regex;
use std::sync::LazyLock;

static BLOB: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[[0-9.]+[BKMG] blob data\]").ok());

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let blob = BLOB.as_ref()?;
    let lines = &search.evidence.lines;
    let is_blob = |at: &usize| !search.now.lines[*at].counts && blob.is_match(&lines[*at].text);
    let such: Vec<usize> = (0..lines.len()).filter(is_blob).collect();
    let &first = such.first()?;
    // among lines that match, one or the other is no matter
    if such.len() <= search.now.counting() {
        return None;
    }
    Some(Hint {
        code: "blob-data".into(),
        message: format!(
            "{} no message but `blob data`: journalctl leaves out what has control characters or \
             is not UTF-8; `journalctl --all` shows it, and a server that reads the journal \
             (backend = systemd) sees it",
            count(such.len(), "line has", "lines have")
        ),
        change: None,
        apply: None,
        lines: such.len() as u64,
        example: search.example(first),
    })
}
