//! Python's `re` on str: an exact `re.search` as CPython 3.13 has it.
//!
//! ```text
//! text -> parse -> Ast -> lower -> compile -> Program -> Machine
//! ```
//!
//! `ast` is the tree for whoever wants to look at a pattern, `parse` with
//! `source`, `escapes`, `classes`, `groups` reads it, `unicode` and `tables` know
//! Python's characters. `lower`, `decide`, `charset`, `first`, `compile` and `analysis` turn
//! it into a `program`; `machine` runs that, with `single` for the loops that
//! matter most, and `memory` keeps it from running forever; `native` does the same in machine
//! code. `likeness` tells texts that need no search. `regex` is the door.

mod analysis;
pub(crate) mod ast;
mod char_loop;
mod charset;
mod classes;
mod compile;
mod decide;
mod error;
mod escapes;
pub(crate) mod every_line;
mod first;
mod groups;
mod jit;
pub(crate) mod literals;
mod lower;
mod machine;
mod match_guard;
mod memo;
mod names;
pub(crate) mod parse;
mod place;
pub(crate) mod prefix_sets;
mod program;
mod regex;
mod source;
mod tables;
pub(crate) mod tags;
pub(crate) mod unicode;

pub(crate) use error::PatternError;
pub(crate) use match_guard::MatchGuard;
pub(crate) use regex::{Captures, Match, PrefilterTiming, Regex, Scratch, StepLimit};

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
