//! A compiled pattern, and searching with it.

use super::Flags;
use super::ast::{Ast, Node};
use super::compile::compile;
use super::error::PatternError;
use super::item::Seq;
use super::lower::{check, lower};
use super::match_guard::MatchGuard;
use super::parse::parse;
use super::prefix_sets::{PrefixSets, prefix_sets};
use super::scratch::{Match, Scratch, StepLimit};
use super::strategy::{Searcher, may_match};
use super::uncaptured::uncaptured;
use std::sync::OnceLock;

/// Bytes of a pattern: tree and program take some hundred times as much.
const MOST_BYTES: usize = 4 << 20;

/// Deeper trees are compiled at once: it takes stack for each level, of which the thread that loads
/// a filter has more than those that search.
const SHALLOW: usize = 100;

/// A pattern of Python's `re`, checked. It is compiled when it is first searched for: a filter has
/// dozens of patterns, and the prefilters leave few of them for a line.
#[derive(Debug)]
pub(crate) struct Regex {
    pattern: String,
    ast: Ast,
    searcher: OnceLock<Searcher>,
    /// Without groups; None inside where that is not another pattern.
    uncaptured: OnceLock<Option<Box<Searcher>>>,
    prefix_sets: OnceLock<Option<Box<PrefixSets>>>,
}

impl Regex {
    /// Compile a pattern.
    ///
    /// # Errors
    ///
    /// What CPython's `re.compile` raises, and that it is longer than [`MOST_BYTES`].
    pub(crate) fn new(pattern: &str, flags: Flags) -> Result<Regex, PatternError> {
        if pattern.len() > MOST_BYTES {
            let limit = MOST_BYTES >> 20;
            return Err(PatternError::whole(format!(
                "the pattern is longer than {limit} MiB"
            )));
        }
        Regex::compile(pattern, parse(pattern, flags)?)
    }

    fn compile(pattern: &str, ast: Ast) -> Result<Regex, PatternError> {
        let depth = check(&ast.root)?;
        let regex = Regex {
            pattern: pattern.to_string(),
            ast,
            searcher: OnceLock::new(),
            uncaptured: OnceLock::new(),
            prefix_sets: OnceLock::new(),
        };
        if depth > SHALLOW {
            regex.searcher();
            let _ = regex.uncaptured.set(None);
        }
        Ok(regex)
    }

    fn searcher(&self) -> &Searcher {
        self.searcher
            .get_or_init(|| self.searcher_of(&lower(&self.ast)))
    }

    fn searcher_of(&self, seq: &Seq) -> Searcher {
        let Ast { groups, flags, .. } = self.ast;
        let width = self.ast.root.width;
        Searcher::new(compile(seq, groups, width.min, flags.ascii))
    }

    /// One node of this pattern's tree as a regex of its own, groups numbered as here: for
    /// explanations, which try the pieces of a pattern one by one.
    ///
    /// # Errors
    ///
    /// None for a node of this tree; the signature is that of compiling.
    pub(crate) fn part(&self, node: &Node) -> Result<Regex, PatternError> {
        let ast = Ast {
            root: node.clone(),
            flags: self.ast.flags,
            groups: self.ast.groups,
            names: self.ast.names.clone(),
        };
        Regex::compile(&self.pattern[node.span.start..node.span.end], ast)
    }

    /// The searcher that notes no group, where that is another one.
    fn uncaptured(&self) -> &Searcher {
        let uncaptured = self.uncaptured.get_or_init(|| {
            let seq = uncaptured(&lower(&self.ast))?;
            Some(Box::new(self.searcher_of(&seq)))
        });
        uncaptured.as_deref().unwrap_or_else(|| self.searcher())
    }

    /// Makes the machine code now; whether that could be done.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn translate(&self) -> bool {
        self.searcher().translate() && self.uncaptured().translate()
    }

    /// The pattern as given.
    pub(crate) fn as_str(&self) -> &str {
        &self.pattern
    }

    /// The pattern's tree.
    pub(crate) fn ast(&self) -> &Ast {
        &self.ast
    }

    /// The bytes its matches can begin with ([`prefix_sets`]): found out once.
    pub(crate) fn prefix_sets(&self) -> Option<&PrefixSets> {
        let sets = self
            .prefix_sets
            .get_or_init(|| prefix_sets(&self.ast).map(Box::new));
        sets.as_deref()
    }

    /// Number of groups, group 0 not counted.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn group_count(&self) -> usize {
        self.ast.groups
    }

    /// Names and indexes of the named groups, in the order they open.
    pub(crate) fn group_names(&self) -> &[(String, usize)] {
        &self.ast.names
    }

    /// The index of a named group.
    pub(crate) fn group_index(&self, name: &str) -> Option<usize> {
        self.ast
            .names
            .iter()
            .find(|(known, _)| known == name)
            .map(|&(_, index)| index)
    }

    /// `re.search`. The text is UTF-8, given as bytes where slicing it as `str` would cost more
    /// than the search does.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn search<'s>(
        &self,
        text: impl AsRef<[u8]>,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        let found = self.find(text.as_ref(), 0, false, may_match, scratch)?;
        Ok(found.then(|| self.found(scratch)))
    }

    /// `pattern.search(text, start)`: `^` and `\A` hold only at the real start, and
    /// lookbehinds see what is before `start`. `start` is a character boundary.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn search_at<'s>(
        &self,
        text: &str,
        start: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        let found = self.find(text.as_bytes(), start, false, may_match, scratch)?;
        Ok(found.then(|| self.found(scratch)))
    }

    /// [`Regex::search`] in a text that `may_match` may rule out: it is asked before the machine takes
    /// over what machine code could not do.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn search_unless<'s>(
        &self,
        text: &[u8],
        may_match: impl FnOnce() -> bool,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        let found = self.find(text, 0, false, may_match, scratch)?;
        Ok(found.then(|| self.found(scratch)))
    }

    /// The texts in which an attempt at `start` ends as in this one; None where that cannot
    /// be told.
    pub(crate) fn match_guard(&self, text: &str, start: usize) -> Option<MatchGuard> {
        MatchGuard::new(self.searcher().program(), text.as_bytes(), start)
    }

    /// `pattern.match(text, start)`: a match that begins at `start`.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn match_at<'s>(
        &self,
        text: &str,
        start: usize,
        scratch: &'s mut Scratch,
    ) -> Result<Option<Match<'s>>, StepLimit> {
        let found = self.find(text.as_bytes(), start, true, may_match, scratch)?;
        Ok(found.then(|| self.found(scratch)))
    }

    /// Whether the pattern matches somewhere.
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn is_match(&self, text: &str, scratch: &mut Scratch) -> Result<bool, StepLimit> {
        self.find(text.as_bytes(), 0, false, may_match, scratch)
    }

    /// Whether the pattern matches somewhere, found out with fewer steps than
    /// [`Regex::is_match`] takes: no group is noted ([`uncaptured`]).
    ///
    /// # Errors
    ///
    /// See [`StepLimit`].
    pub(crate) fn has_match(&self, text: &[u8], scratch: &mut Scratch) -> Result<bool, StepLimit> {
        self.uncaptured()
            .search(text, (0, false), may_match, scratch)
    }

    fn found<'s>(&self, scratch: &'s Scratch) -> Match<'s> {
        Match {
            slots: &scratch.slots[..2 * (self.ast.groups + 1)],
        }
    }

    fn find(
        &self,
        text: &[u8],
        start: usize,
        anchored: bool,
        may_match: impl FnOnce() -> bool,
        scratch: &mut Scratch,
    ) -> Result<bool, StepLimit> {
        self.searcher()
            .search(text, (start, anchored), may_match, scratch)
    }
}
