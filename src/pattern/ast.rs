//! The syntax tree of a pattern: what was written, and where.
//!
//! Nothing is simplified here, so that a tool can put a caret under any piece.
//! Comments, verbose-mode spaces and global flag groups leave no node; the flags
//! in force are on every node.

use super::Flags;

/// Where a node stands in the pattern: byte offsets, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// How many characters a node matches, by CPython's reckoning (which decides what
/// a lookbehind accepts). Saturates at 2^64, as CPython's does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Width {
    pub min: u128,
    pub max: u128,
}

impl Width {
    /// CPython's `MAXWIDTH`.
    pub const TOP: u128 = 1 << 64;
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
pub struct Ast {
    pub root: Node,
    /// The flags given and those of global flag groups.
    pub flags: Flags,
    /// Number of capturing groups, group 0 not counted.
    pub groups: usize,
    /// Names of groups in the order they open.
    pub names: Vec<(String, usize)>,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub span: Span,
    /// Flags in force here, scoped groups included.
    pub flags: Flags,
    pub width: Width,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Empty,
    /// One character, by code point: a Python pattern may name a lone surrogate.
    Literal(u32),
    /// `.`
    Any,
    Class(Class),
    Anchor(Anchor),
    Concat(Vec<Node>),
    Alternation(Vec<Node>),
    Repeat(Repeat),
    Group(Group),
    Look(Look),
    /// `\1`, `(?P=name)`
    Backreference(usize),
    Conditional(Conditional),
}

/// `[…]`, or one of `\d \D \s \S \w \W` outside of brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    pub negated: bool,
    /// In order, without duplicates.
    pub items: Vec<ClassItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClassItem {
    Char(u32),
    Range(u32, u32),
    Category { category: Category, negated: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    Digit,
    Space,
    Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
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

#[derive(Debug, Clone)]
pub struct Repeat {
    pub min: u32,
    /// None: no limit.
    pub max: Option<u32>,
    pub mode: RepeatMode,
    pub node: Box<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepeatMode {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub kind: GroupKind,
    pub node: Box<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupKind {
    /// `(…)`, `(?P<name>…)`: the index, from 1.
    Capture { index: usize, name: Option<String> },
    /// `(?:…)`
    Plain,
    /// `(?i-s:…)`
    Flags,
    /// `(?>…)`
    Atomic,
}

/// `(?=…)`, `(?!…)`, `(?<=…)`, `(?<!…)`
#[derive(Debug, Clone)]
pub struct Look {
    pub behind: bool,
    pub negated: bool,
    pub node: Box<Node>,
}

/// `(?(1)yes|no)`
#[derive(Debug, Clone)]
pub struct Conditional {
    pub group: usize,
    pub yes: Box<Node>,
    pub no: Option<Box<Node>>,
}
