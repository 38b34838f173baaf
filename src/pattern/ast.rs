//! The syntax tree of a pattern: what was written, and where.
//!
//! Nothing is simplified here, so that a tool can put a caret under any piece.
//! Comments, verbose-mode spaces and global flag groups leave no node; the flags
//! in force are on every node.

use super::Flags;

/// Where a node stands in the pattern: byte offsets, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Span {
    /// First byte.
    pub(crate) start: usize,
    /// The byte behind the last.
    pub(crate) end: usize,
}

/// How many characters a node matches, by CPython's reckoning (which decides what
/// a lookbehind accepts). Saturates at 2^64, as CPython's does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Width {
    /// The fewest.
    pub(crate) min: u128,
    /// The most; [`Width::TOP`] where there is no limit.
    pub(crate) max: u128,
}

impl Width {
    /// CPython's `MAXWIDTH`.
    pub(crate) const TOP: u128 = 1 << 64;
    pub(super) const ONE: Width = Width { min: 1, max: 1 };
    pub(super) const ZERO: Width = Width { min: 0, max: 0 };

    pub(super) fn then(self, next: Width) -> Width {
        Width {
            min: (self.min + next.min).min(Self::TOP),
            max: (self.max + next.max).min(Self::TOP),
        }
    }

    pub(super) fn or(self, other: Width) -> Width {
        Width {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    pub(super) fn repeated(self, min: u32, max: Option<u32>) -> Width {
        Width {
            min: (self.min * u128::from(min)).min(Self::TOP),
            max: match max {
                None if self.max > 0 => Self::TOP,
                None => 0,
                Some(max) => (self.max * u128::from(max)).min(Self::TOP),
            },
        }
    }
}

/// A whole pattern.
#[derive(Debug, Clone)]
pub(crate) struct Ast {
    /// The outermost node.
    pub(crate) root: Node,
    /// The flags given and those of global flag groups.
    pub(crate) flags: Flags,
    /// Number of capturing groups, group 0 not counted.
    pub(crate) groups: usize,
    /// Names of groups in the order they open.
    pub(crate) names: Vec<(String, usize)>,
}

/// A piece of a pattern.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it stands.
    pub(crate) span: Span,
    /// Flags in force here, scoped groups included.
    pub(crate) flags: Flags,
    /// How many characters it matches.
    pub(crate) width: Width,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Nothing: it matches everywhere.
    Empty,
    /// One character, by code point: a Python pattern may name a lone surrogate.
    Literal(u32),
    /// `.`
    Any,
    /// One of a set of characters.
    Class(Class),
    /// A place, no character.
    Anchor(Anchor),
    /// One after the other.
    Concat(Vec<Node>),
    /// One of several, tried in order: `a|b`.
    Alternation(Vec<Node>),
    /// Something several times.
    Repeat(Repeat),
    /// Something in parentheses.
    Group(Group),
    /// A look ahead or behind.
    Look(Look),
    /// `\1`, `(?P=name)`
    Backreference(usize),
    /// One or the other, as a group took part or not.
    Conditional(Conditional),
}

/// `[…]`, or one of `\d \D \s \S \w \W` outside of brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Class {
    /// `[^…]`, `\D` and the like: all but these.
    pub(crate) negated: bool,
    /// In order, without duplicates.
    pub(crate) items: Vec<ClassItem>,
}

/// An item of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ClassItem {
    /// One character, by code point.
    Char(u32),
    /// `a-z`: first and last code point, both included.
    Range(u32, u32),
    /// A kind of characters: `\d` and the like.
    Category {
        /// Which kind.
        category: Category,
        /// All but these: `\D`.
        negated: bool,
    },
}

/// A kind of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Category {
    /// `\d`
    Digit,
    /// `\s`
    Space,
    /// `\w`
    Word,
}

/// A place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Anchor {
    /// `^`
    Start,
    /// `$`
    End,
    /// `\A`
    TextStart,
    /// `\Z`
    TextEnd,
    /// `\b`
    Boundary,
    /// `\B`
    NotBoundary,
}

/// Something several times.
#[derive(Debug, Clone)]
pub(crate) struct Repeat {
    /// At least so many times.
    pub(crate) min: u32,
    /// None: no limit.
    pub(crate) max: Option<u32>,
    /// Which number of times is tried first.
    pub(crate) mode: RepeatMode,
    /// What is repeated.
    pub(crate) node: Box<Node>,
}

/// Which number of times a repeat tries first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum RepeatMode {
    /// The most: `a*`.
    Greedy,
    /// The fewest: `a*?`.
    Lazy,
    /// The most, and none other: `a*+`.
    Possessive,
}

/// Something in parentheses.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// What kind of group.
    pub(crate) kind: GroupKind,
    /// What is in it.
    pub(crate) node: Box<Node>,
}

/// What kind a group is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupKind {
    /// `(…)`, `(?P<name>…)`
    Capture {
        /// Its number, from 1.
        index: usize,
        /// Its name, if it has one.
        name: Option<String>,
    },
    /// `(?:…)`
    Plain,
    /// `(?i-s:…)`
    Flags,
    /// `(?>…)`
    Atomic,
}

/// `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)`
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// Behind, not ahead.
    pub(crate) behind: bool,
    /// It must not match.
    pub(crate) negated: bool,
    /// What is looked for.
    pub(crate) node: Box<Node>,
}

/// `(?(1)yes|no)`
#[derive(Debug, Clone)]
pub(crate) struct Conditional {
    /// The group that is tested, from 1.
    pub(crate) group: usize,
    /// What is matched if it took part.
    pub(crate) yes: Box<Node>,
    /// What is matched if not; None: nothing.
    pub(crate) no: Option<Box<Node>>,
}
