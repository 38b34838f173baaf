//! What a search needs and what it gives: scratch space, a match, its captures.

use std::fmt;

use super::jit::Room;
use super::machine::Frame;
use super::memo::MemoTable;
use super::program::NONE;

/// Steps of a search before it is given up, where failures cannot all be memoized.
const STEP_BUDGET: u64 = 50_000_000;

/// Choices and log entries a scratch keeps room for between searches.
const KEPT: usize = 1 << 16;

/// A match: byte offsets into the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Match<'s> {
    pub(super) slots: &'s [u32],
}

/// The captures of a match, kept beyond the search.
#[derive(Debug, Default)]
pub(crate) struct Captures(Vec<u32>);

impl Captures {
    /// Groups at these places, group 0 first.
    #[cfg(test)]
    pub(crate) fn of(groups: impl Iterator<Item = Option<(usize, usize)>>) -> Captures {
        let ends = |group: Option<(usize, usize)>| match group {
            Some((start, end)) => [start as u32, end as u32],
            None => [NONE; 2],
        };
        Captures(groups.flat_map(ends).collect())
    }

    /// Takes those of another match.
    #[inline]
    pub(crate) fn set(&mut self, found: &Match) {
        self.0.clear();
        self.0.extend_from_slice(found.slots);
    }

    /// Takes those of the last search, which matched, without a copy.
    #[inline]
    pub(crate) fn take_from(&mut self, scratch: &mut Scratch) {
        std::mem::swap(&mut self.0, &mut scratch.slots);
    }

    /// The match.
    #[inline]
    pub(crate) fn get(&self) -> Match<'_> {
        Match { slots: &self.0 }
    }
}

/// What a search needs besides the pattern and the text: stacks, registers, the table of
/// failures. Any pattern can use it; after a few searches nothing is allocated.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(super) slots: Vec<u32>,
    pub(super) stack: Vec<Frame>,
    pub(super) log: Vec<(u32, u32)>,
    pub(super) memo: MemoTable,
    pub(super) steps: u64,
    pub(super) budget: u64,
    pub(super) memo_from: Option<u64>,
    pub(super) may_use_jit: bool,
    pub(super) room: Room,
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch {
            slots: Vec::new(),
            stack: Vec::new(),
            log: Vec::new(),
            memo: MemoTable::default(),
            steps: 0,
            budget: STEP_BUDGET,
            memo_from: Some(2_000),
            may_use_jit: false,
            room: Room::default(),
        }
    }
}

impl Scratch {
    /// For many searches whose steps nobody reads: in machine code, where there is some.
    pub(crate) fn fast() -> Scratch {
        Scratch {
            may_use_jit: true,
            ..Scratch::default()
        }
    }

    /// [`Scratch::fast`] for texts without a newline but perhaps as the last byte.
    pub(crate) fn for_lines() -> Scratch {
        let mut scratch = Scratch::fast();
        scratch.room.expect_lines();
        scratch
    }

    /// Steps the last search took: instructions, choices gone back to, and one per
    /// 64 bytes of a run over one character. What machine code did is not counted.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// What the last search took, in machine code or by the machine: choices gone back to,
    /// 64 bytes of runs, steps.
    #[inline]
    pub(crate) fn effort(&self) -> u64 {
        self.room.fuel_used() + self.steps
    }

    /// From which step on failures are memoized; `None`: never, to see what a plain
    /// backtracking engine would do. 2 000 at first.
    pub(crate) fn set_memo_from(&mut self, from: Option<u64>) {
        self.memo_from = from;
    }

    /// After how many steps a search is given up, if its failures cannot all be
    /// memoized or must not be; returns what it was before.
    pub(crate) fn set_step_budget(&mut self, steps: u64) -> u64 {
        std::mem::replace(&mut self.budget, steps)
    }

    /// Gives back what a large search took.
    pub(super) fn shrink(&mut self) {
        self.memo.shrink();
        self.stack.clear();
        self.stack.shrink_to(KEPT);
        self.log.clear();
        self.log.shrink_to(KEPT);
    }
}

/// A search was given up: it backtracks too much and its failures cannot all be
/// memoized, or the text is 4 GiB or longer.
///
/// They cannot be where the pattern reads captures (backreference, conditional), in
/// a possessive loop that has both groups and choices in it, whose stale captures
/// are kept as CPython keeps them, and for nested counts in the thousands. The same is said
/// where choices to go back to would take more memory than a search may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepLimit;

impl fmt::Display for StepLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the search took too many steps")
    }
}

impl std::error::Error for StepLimit {}

impl Match<'_> {
    /// Start and end of a group in bytes; none if it took no part. Group 0 is all.
    #[inline]
    pub(crate) fn span(&self, group: usize) -> Option<(usize, usize)> {
        let (groups, _) = self.slots.as_chunks();
        let &[start, end] = groups.get(group)?;
        // NONE is the greatest of all
        (end != NONE && start <= end).then_some((start as usize, end as usize))
    }

    /// Where the match begins, in bytes.
    pub(crate) fn start(&self) -> usize {
        self.slots[0] as usize
    }

    /// Where the match ends, in bytes.
    pub(crate) fn end(&self) -> usize {
        self.slots[1] as usize
    }
}
