//! Comments `# f2b-regex: ignore CODE` for what is found now: nothing is changed, and what comes
//! later is told.

use super::discover::shown;
use super::fix::FixedFile;
use super::raw::RawFile;
use super::{MOST_CHECKED, Report, Severity};
use crate::files;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files with comments for the errors and warnings of a report; nothing is written. Findings
/// in sample logs and the like stay: there are no comments for them.
pub(crate) fn add_ignores(report: &Report) -> Vec<FixedFile> {
    let mut files: BTreeMap<PathBuf, BTreeMap<u32, BTreeSet<&str>>> = BTreeMap::new();
    let mut counts: BTreeMap<PathBuf, u64> = BTreeMap::new();
    for finding in report.findings().filter(|f| f.severity != Severity::Note) {
        let Some((file, line)) = finding.place() else {
            continue;
        };
        let is_config = file
            .extension()
            .is_some_and(|kind| kind == "conf" || kind == "local");
        // those about comments are mended, not silenced
        if !is_config || finding.code.starts_with('I') {
            continue;
        }
        let file = shown(file).to_path_buf();
        *counts.entry(file.clone()).or_default() += 1;
        files
            .entry(file)
            .or_default()
            .entry(line)
            .or_default()
            .insert(finding.code);
    }
    let commented = files.into_iter().filter_map(|(path, lines)| {
        let before = String::from_utf8(files::read_regular(&path, MOST_CHECKED).ok()?).ok()?;
        let made = counts.get(&path).copied().unwrap_or(0);
        Some(FixedFile {
            after: with_comments(&path, &before, &lines),
            before,
            made,
            refused: 0,
            not_sure: 0,
            path,
        })
    });
    commented.collect()
}

/// The text with a comment above each line; one that is there already gets the codes, too.
fn with_comments(path: &Path, text: &str, lines: &BTreeMap<u32, BTreeSet<&str>>) -> String {
    let there = RawFile::parse(path, text).ignore_comments();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(text.len() + lines.len() * 40);
    let mut extended: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    let mut fresh: BTreeMap<u32, &BTreeSet<&str>> = BTreeMap::new();
    for (line, codes) in lines {
        match there.iter().find(|comment| comment.line + 1 == *line) {
            Some(comment) => extended.entry(comment.line).or_default().extend(codes),
            None => {
                fresh.insert(*line, codes);
            }
        }
    }
    for (line, number) in text.split_inclusive('\n').zip(1u32..) {
        if let Some(codes) = fresh.get(&number) {
            let indent = &line[..line.len() - line.trim_start().len()];
            let indent = indent.trim_end_matches(['\r', '\n']);
            out += &format!("{indent}# f2b-regex: ignore {}{end}", joined(codes));
        }
        if let Some(codes) = extended.get(&number) {
            let bare = line.trim_end_matches(['\r', '\n']);
            let words = bare.split("ignore").nth(1).unwrap_or_default().trim_start();
            let at = bare.len() - words.len();
            let gap = if bare[..at].ends_with(' ') { "" } else { " " };
            out += &format!("{}{gap}{} {words}", &bare[..at], joined(codes));
            out += &line[bare.len()..];
        } else {
            out += line;
        }
    }
    out
}

fn joined(codes: &BTreeSet<&str>) -> String {
    codes.iter().copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_above_and_are_extended() {
        let text = "[Definition]\nfailregex = a\n    b\n# f2b-regex: ignore L001 old\nx = 1";
        let lines = [(2, ["L001"]), (3, ["L002"]), (5, ["L009"])];
        let lines = lines.map(|(line, codes)| (line, codes.into_iter().collect()));
        let commented = with_comments(Path::new("x.conf"), text, &lines.into_iter().collect());
        assert_eq!(
            commented,
            "[Definition]\n# f2b-regex: ignore L001\nfailregex = a\n    \
             # f2b-regex: ignore L002\n    b\n# f2b-regex: ignore L009 L001 old\nx = 1"
        );
    }
}
