//! What an edit is made for: a regex, and a line that it nearly matches.

use super::tree::Tree;
use crate::pattern::ast::Span;
use crate::pattern::{Regex, Scratch};
use std::sync::Arc;

/// A regex and a line that it nearly matches.
pub(super) struct Case<'a> {
    /// The regex in force, fail2ban's tags in it.
    pub(super) source: &'a str,
    /// Its tree; tags are literals there.
    pub(super) tree: &'a Tree,
    /// What the regex sees of the line, without its end.
    pub(super) text: &'a str,
    /// All texts it misses.
    pub(super) texts: &'a [&'a str],
    /// The line, and where its date stands.
    pub(super) line: &'a str,
    pub(super) cut: Option<(usize, usize)>,
    /// Where the regex gave up: bytes of the regex as written, and of the text.
    pub(super) spots: &'a [Spot],
    /// The options of the filter's files.
    pub(super) options: &'a [(String, String)],
    /// Compiles a regex as the filter would.
    pub(super) compile: &'a dyn Fn(&str) -> Option<Arc<Regex>>,
}

/// A piece of the regex that failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    /// Where it stands in the regex as written.
    pub(super) span: Span,
    /// Where in the text it was tried, first and last.
    pub(super) at: (usize, usize),
}

impl<'a> Case<'a> {
    /// Whether a regex matches what the regex of the case sees of the line.
    pub(super) fn is_matched_by(&self, regex: &str) -> bool {
        (self.compile)(regex).is_some_and(|regex| {
            let text = format!("{}\n", self.text);
            regex
                .is_match(&text, &mut Scratch::default())
                .unwrap_or(false)
        })
    }

    /// The texts in which the begin of the regex is found, each with where that ends. None where it is
    /// no regex by itself.
    pub(super) fn ends_of(
        &self,
        begin: &str,
    ) -> Option<impl Iterator<Item = (&'a str, usize)> + use<'a>> {
        let (begin, mut scratch) = ((self.compile)(begin)?, Scratch::default());
        Some(self.texts.iter().filter_map(move |text| {
            let found = begin.search(text, &mut scratch).ok().flatten()?;
            Some((*text, found.end()))
        }))
    }
}
