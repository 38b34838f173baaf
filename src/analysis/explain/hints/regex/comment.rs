//! A line of a failregex that begins with `;`: to the reader of the file it is a comment.

use super::super::change::RegexOption;
use super::super::{Change, Hint, Proposal, Search, count, plausible};

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    for (place, text) in commented(search) {
        // `;` may be of the log, or what switched the line off
        let as_sign = format!("[;]{text}");
        for regex in [as_sign, text] {
            let changes = vec![Change::added(RegexOption::Failregex, &regex)];
            let Some(trial) = search.attempt_all(&changes) else {
                continue;
            };
            let Some(lines) = plausible::near_gain(search, &trial) else {
                continue;
            };
            return Some(search.propose(Proposal {
                code: "commented-out",
                message: format!(
                    "{place}: a line that begins with `;` is a comment; {} of {} missed match with \
                     `[;]` in its place",
                    count(lines.len(), "line", "lines"),
                    search.missed()
                ),
                change: Some(regex),
                changes,
                trial,
                lines,
            }));
        }
    }
    None
}

/// The lines behind a failregex that begin with `;` and name an address: where, and their text.
fn commented(search: &Search) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for file in &search.evidence.files {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let mut inside = false;
        for (number, line) in text.lines().enumerate() {
            if let Some(commented) = line.strip_prefix(';') {
                let names = ["<HOST>", "<ADDR>", "<F-ID>"]
                    .iter()
                    .any(|tag| line.contains(tag));
                if inside && names {
                    let place = format!("{}:{}", file.display(), number + 1);
                    all.push((place, commented.replace("%%", "%")));
                }
            } else if !line.starts_with([' ', '\t']) {
                inside = line.starts_with("failregex");
            }
        }
    }
    all
}
