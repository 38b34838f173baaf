//! Which codes count: those selected and not ignored, for all files or for some.

use std::path::{Path, PathBuf};

/// The word that stands for every code.
pub(super) const ALL: &str = "ALL";

/// Codes, or beginnings of codes: `L`, `L00`, `L009`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Those that count; empty: all.
    pub(crate) select: Vec<String>,
    /// Those that do not, unless what is selected names them more exactly.
    pub(crate) ignore: Vec<String>,
    /// Those that do not count in some files.
    pub(crate) per_file: Vec<PerFile>,
    /// A directory whose files stand for those of another one.
    pub(crate) stands_for: Option<(PathBuf, PathBuf)>,
}

/// Codes that do not count in the files a pattern matches.
#[derive(Clone, Debug)]
pub(crate) struct PerFile {
    /// Of a file's name, or of its path below `base`.
    pub(crate) pattern: glob::Pattern,
    /// The directory, links followed.
    pub(crate) base: PathBuf,
    /// The codes.
    pub(crate) ignore: Vec<String>,
}

impl Selection {
    /// Whether findings of that code count. As ruff has it, the more exact word decides.
    pub(crate) fn takes(&self, code: &str) -> bool {
        let selected = if self.select.is_empty() {
            Some(0)
        } else {
            longest(&self.select, code)
        };
        selected.is_some_and(|selected| {
            longest(&self.ignore, code).is_none_or(|ignored| ignored < selected)
        })
    }

    /// Whether findings of that code count in that file.
    pub(crate) fn takes_in(&self, code: &str, file: &Path) -> bool {
        let meant = self.stands_for.as_ref().and_then(|(copy, original)| {
            let below = file.strip_prefix(copy).ok()?;
            Some(original.join(below))
        });
        let file = meant.as_deref().unwrap_or(file);
        let ignores = |of: &PerFile| longest(&of.ignore, code).is_some() && of.matches(file);
        self.takes(code) && !self.per_file.iter().any(ignores)
    }
}

impl PerFile {
    fn matches(&self, file: &Path) -> bool {
        let full = file.canonicalize().unwrap_or_else(|_| file.to_path_buf());
        let below = full.strip_prefix(&self.base).unwrap_or(&full);
        let name = file.file_name().map(Path::new).unwrap_or(file);
        self.pattern.matches_path(below) || self.pattern.matches_path(name)
    }
}

/// The length of the longest of these words that a code begins with.
fn longest(words: &[String], code: &str) -> Option<usize> {
    let lengths = words.iter().filter_map(|word| {
        if word == ALL {
            Some(0)
        } else {
            code.starts_with(word.as_str()).then_some(word.len())
        }
    });
    lengths.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(select: &[&str], ignore: &[&str], code: &str) -> bool {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let selection = Selection {
            select: words(select),
            ignore: words(ignore),
            per_file: Vec::new(),
            stands_for: None,
        };
        selection.takes(code)
    }

    #[test]
    fn the_more_exact_word_decides() {
        assert!(takes(&[], &[], "L001") && takes(&["ALL"], &[], "F001"));
        assert!(!takes(&[], &["L"], "L001") && takes(&[], &["L"], "F001"));
        assert!(!takes(&["L"], &[], "F001"));
        assert!(takes(&["L001"], &["L"], "L001") && !takes(&["L"], &["L001"], "L001"));
        assert!(!takes(&["L001"], &["L001"], "L001") && !takes(&[], &["ALL"], "S001"));
    }
}
