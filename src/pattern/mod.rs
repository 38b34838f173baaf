//! Python's `re` on str: an exact `re.search` as CPython 3.13 has it.
//!
//! ```text
//! text -> parse -> Ast -> lower -> compile -> Program -> Machine
//! ```
//!
//! `ast` is the tree for whoever wants to look at a pattern, `parse` with
//! `source`, `escapes`, `classes`, `groups` reads it; `crate::python::unicode` knows
//! Python's characters. `lower` makes `item`s of it; `uncaptured`, `decide`, `charset`, `first`, `compile` and `analysis` turn
//! it into a `program`. `strategy` chooses how it is searched for: `jit` runs it as machine
//! code, `machine` step by step, where `search` says which places are tried and `memo`
//! memoizes failures, so that no search is exponential. `match_guard` tells texts that match
//! as the last one did, `prefix_sets`, `literals` and `suffixes` texts that cannot match; they need no
//! search. `joint_automaton` tells of many patterns at once which cannot match. Callers use `regex`.

mod analysis;
pub(crate) mod ast;
mod charset;
mod classes;
mod compile;
mod decide;
mod error;
mod escapes;
pub(crate) mod every_line;
mod first;
mod groups;
mod item;
mod jit;
pub(crate) mod joint_automaton;
pub(crate) mod literals;
mod lower;
mod machine;
pub(crate) mod match_guard;
mod member;
mod memo;
mod merge_repeats;
mod names;
pub(crate) mod one_line;
pub(crate) mod parse;
mod place;
pub(crate) mod prefix_sets;
mod program;
mod regex;
mod scratch;
mod search;
mod source;
mod strategy;
pub(crate) mod suffixes;
pub(crate) mod tags;
mod uncaptured;

use crate::python::{tables, unicode};

pub(crate) use error::PatternError;
pub(crate) use match_guard::MatchGuard;
pub(crate) use regex::Regex;
pub(crate) use scratch::{Captures, Match, Scratch, StepLimit};

/// Flags of a pattern, as given to `re.compile`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Flags {
    /// `(?i)`: letters match in either case.
    pub(crate) ignore_case: bool,
    /// `(?m)`: `^` and `$` match at every line.
    pub(crate) multi_line: bool,
    /// `(?s)`: `.` matches a newline too.
    pub(crate) dot_all: bool,
    /// `(?x)`: blanks and comments in the pattern mean nothing.
    pub(crate) verbose: bool,
    /// `(?a)`: `\w`, `\d`, `\s` and `\b` know ASCII only.
    pub(crate) ascii: bool,
}
