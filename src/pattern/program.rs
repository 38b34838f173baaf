//! The instructions a pattern becomes, and the tables they point into.
//!
//! Instructions are small and `Copy`; what is larger stands in a table of the
//! program. Positions and registers are `u32`: a text has less than 4 GiB.
//!
//! Registers (`slots`) hold the captures (two per group), and after them the
//! counters and positions of loops, and stack heights of sub-matches. Every write
//! is logged, so that going back to a choice restores all of it: this is CPython's
//! saving and restoring of marks, in one place.

use std::sync::Arc;

use super::ast::RepeatMode;
use super::charset::{CharSet, Fold};
use super::first::FirstSet;
use super::item::At;

/// A register without a value, and "no limit" in a repeat.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
pub(super) enum Inst {
    Match,
    Fail,
    Byte(u8),
    /// A run of bytes: start and length in `Program::bytes`.
    Bytes(u32, u32),
    Set(u32),
    /// Several characters: start and length in `Program::sets_in_row`.
    Sets(u32, u32),
    At(At),
    Save(u32),
    Jump(u32),
    Branch(u32),
    /// A loop over a single character.
    CharLoop(u32),
    /// The end of a loop that needs no registers.
    Split(u32),
    LoopStart(u32),
    Until(u32),
    PossessiveStart(u32),
    PossessiveNext(u32),
    PossessiveEnd(u32),
    AtomicStart(u32),
    AtomicEnd(u32),
    /// Whether this literal stands anywhere from here on.
    ContainsLiteral(u32),
    Look(u32),
    LookEnd(u32),
    NotEnd(u32),
    Backreference(u32, Fold),
    /// Go on if the group took part, else jump.
    Conditional(u32, u32),
    /// Only on the stack: all that came after was in vain. See `memo`.
    Forget,
}

/// By a byte, and at 256 by the end of the text: arms, as bits.
pub(super) type ArmTable = [u64; 257];

#[derive(Debug)]
pub(super) struct Branch {
    pub(super) targets: Vec<u32>,
    /// By next byte, and at 256 by the end of the text: the arms that can match
    /// there, as bits. Arms from the 64th on share the last bit.
    pub(super) arms: Arc<ArmTable>,
    /// The same by the second byte; at 256, for the end of the text there.
    pub(super) seconds: Arc<ArmTable>,
    pub(super) point: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// Up to this byte.
    UntilByte(u8),
    /// To the end of the text.
    All,
    Table,
}

/// A loop over a single character: counted, not stepped, and one frame for all of
/// it. `next` says where the rest can match at all; other positions are skipped.
#[derive(Debug)]
pub(super) struct CharLoop {
    pub(super) set: u32,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) mode: RepeatMode,
    pub(super) scan: Scan,
    /// No character beyond ASCII is in the set.
    pub(super) ascii_only: bool,
    /// No character of the loop may stand where this does: `(?:(?!literal).)*`.
    pub(super) never: Option<Box<memchr::memmem::Finder<'static>>>,
    pub(super) next: FirstSet,
    /// `next` is this byte.
    pub(super) next_byte: Option<u8>,
    /// No character of the loop can begin what follows: only the run's end may be followed.
    pub(super) no_backtrack: bool,
    pub(super) point: u32,
}

impl CharLoop {
    /// Characters the loop may take beyond its least; [`NONE`]: any number.
    #[inline(always)]
    pub(super) fn optional(&self) -> u32 {
        if self.max == NONE {
            NONE
        } else {
            self.max - self.min
        }
    }
}

/// A greedy or lazy loop whose every pass moves and is not counted: its state is
/// where it stands.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) body: u32,
    pub(super) exit: u32,
    pub(super) lazy: bool,
    pub(super) body_first: FirstSet,
    pub(super) exit_first: FirstSet,
    pub(super) point: u32,
}

/// CPython's REPEAT … UNTIL.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) lazy: bool,
    /// Register: passes begun. Stays at `min` when there is no limit.
    pub(super) count: u32,
    /// Register: where the last optional pass began.
    pub(super) last: u32,
    pub(super) body: u32,
    pub(super) exit: u32,
    pub(super) until: u32,
    pub(super) body_first: FirstSet,
    pub(super) exit_first: FirstSet,
    pub(super) point: u32,
}

/// A possessive loop over more than a character.
#[derive(Debug)]
pub(super) struct Possessive {
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) count: u32,
    pub(super) last: u32,
    pub(super) height: u32,
    pub(super) next: u32,
    pub(super) exit: u32,
}

#[derive(Debug)]
pub(super) struct Look {
    pub(super) behind: u32,
    pub(super) negated: bool,
    pub(super) height: u32,
    pub(super) position: u32,
    /// After the assertion.
    pub(super) exit: u32,
}

/// What of the registers the future depends on, at a point where failures are
/// memoized: the state of one loop around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub(super) count: u32,
    /// Number of values `count` can have; 1: it does not matter.
    pub(super) counts: u32,
    /// Whether it matters that the pass began right here.
    pub(super) last: u32,
}

/// A place in the program where failures are memoized.
#[derive(Debug)]
pub(super) struct MemoPoint {
    pub(super) around: Vec<Around>,
    /// Rows of the table before this point's, and its own.
    pub(super) base: u64,
    pub(super) rows: u64,
    /// Inside a lookaround, an atomic group or a possessive loop.
    pub(super) inner: bool,
    /// Nothing that can follow reads captures.
    pub(super) usable: bool,
}

/// Where a search may begin.
#[derive(Debug)]
pub(super) enum Start {
    Anywhere,
    /// Only at the start of the text.
    Text,
    /// Only at the start of a line.
    Line,
    /// Only where this stands.
    Literal(Box<memchr::memmem::Finder<'static>>),
    /// Only at one of these bytes.
    Bytes(Vec<u8>),
    /// Only where `Program::first` allows it.
    Set,
}

#[derive(Debug)]
pub(super) struct Program {
    pub(super) insts: Vec<Inst>,
    pub(super) bytes: Vec<u8>,
    pub(super) sets: Vec<CharSet>,
    pub(super) sets_in_row: Vec<u32>,
    pub(super) branches: Vec<Branch>,
    pub(super) char_loops: Vec<CharLoop>,
    pub(super) splits: Vec<Split>,
    pub(super) loops: Vec<Loop>,
    pub(super) possessives: Vec<Possessive>,
    pub(super) looks: Vec<Look>,
    pub(super) literals_ahead: Vec<memchr::memmem::Finder<'static>>,
    pub(super) points: Vec<MemoPoint>,
    pub(super) groups: usize,
    pub(super) slots: usize,
    /// Rows of the table of failures; none if there would be too many.
    pub(super) rows: Option<u32>,
    /// Every point is usable: no search is exponential.
    pub(super) fully_memoized: bool,
    /// No match is shorter, in characters; the greatest number stands for itself and beyond.
    pub(super) min_width: usize,
    pub(super) first: FirstSet,
    pub(super) start: Start,
    /// See [`super::analysis::misread_start`].
    pub(super) start_misread_by_cpython: Option<CharSet>,
    /// Instruction of `Forget`.
    pub(super) forget: u32,
    pub(super) stale_captures: Option<Vec<Restore>>,
}

/// What going back to a choice restores, in a pattern where it matters.
///
/// CPython saves the marks at a choice only inside a greedy or lazy loop; outside
/// of one it resets only how many marks count. Elsewhere no group can be entered
/// twice and the two are the same; inside a possessive loop they are not, and a
/// failed attempt leaves its marks: `(?:(a)b|ac)*+` on "abac" gives group 1 as
/// (2, 3). The end of a group may stay set in the same way while a later attempt is
/// inside that group again, if it has groups in it; only a conditional that tests
/// a group it stands in can see that. Such patterns run with every frame kept until CPython would drop it,
/// without any shortcut that would skip an attempt, and without the table of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restore {
    Marks,
    CountOfMarks,
}

impl Program {
    /// Number of groups, group 0 not counted.
    pub(super) fn captures(&self) -> usize {
        self.groups
    }
}
