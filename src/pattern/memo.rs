//! Memoizing failures, so that no search is exponential.
//!
//! # Why the result stays the same
//!
//! The machine is a depth-first search: at a choice it tries the preferred way to
//! the end and comes back if that fails. What lies ahead of a place in the program
//! is decided by the place, the position in the text, and the registers that later
//! instructions read:
//!
//! * captures, read by backreferences and conditionals only: a place from which one
//!   of these can be reached is not memoized (`MemoPoint::usable`), nor has any place of
//!   a pattern whose stale captures matter (`program::Restore`);
//! * the counters of the loops around the place, up to the number that decides
//!   (`Around::counts`): part of the key;
//! * the position where the last optional pass of a loop around the place began.
//!   It is only ever compared with a later position of the same pass. Positions
//!   never go down within a pass, so if it is not the present position it never
//!   will equal a later one, and if it is, it is known: one bit of the key, and
//!   none if the body cannot match empty;
//! * inside a lookaround, an atomic group or a possessive pass, only the way to the
//!   end of that sub-match counts; loops around it are left out of the key.
//!
//! So two visits with equal keys run alike. If the first one failed, the second may
//! fail at once; captures it would have set would have been undone anyway. A visit
//! outside of sub-matches that has not failed either is the successful one or is
//! still under way; the latter would mean that the machine runs in a circle, which
//! CPython's loop rules exclude. So a second visit there means failure, whatever
//! start of the search the first belonged to, and visits are marked on arrival.
//! Inside a sub-match a first visit may also have been dropped when the sub-match
//! succeeded; there a frame below everything the visit pushes marks the failure
//! when, and only when, the stack comes back to it.
//!
//! # How it is kept
//!
//! One bit per key and position while that fits into [`DENSE_BYTES`]; beyond, a
//! table of as many bytes in which a key may push out another: forgetting costs
//! time, never the result. A loop over one character also keeps, per key, one range
//! of positions at which what follows the loop failed, so that a second walk over
//! the same run is one comparison.

use super::program::{MemoPoint, NONE, Program};

/// Largest table of failures, in bytes.
const DENSE_BYTES: u64 = 64 << 20;
/// Most rows with a range of their own.
const MAX_RANGES: usize = 1 << 20;

/// The failures of one search.
#[derive(Debug, Default)]
pub(super) struct MemoTable {
    /// Positions per row.
    columns: u64,
    bits: Vec<u64>,
    /// Keys that failed, by hash; when `bits` is not in use.
    sparse: Vec<u64>,
    ranges: Vec<(u32, u32)>,
    /// For each one-character loop: a stretch whose every start runs to its end.
    runs: Vec<(u32, u32)>,
    is_sparse: bool,
    is_ascii: bool,
}

impl MemoTable {
    /// Forgets everything and gets ready for a text.
    pub(super) fn begin(&mut self, program: &Program, text: &[u8]) {
        self.is_ascii = text.is_ascii();
        let length = text.len();
        self.columns = length as u64 + 1;
        let rows = u64::from(program.rows.unwrap_or(0));
        let needed = rows * self.columns;
        self.is_sparse = needed > DENSE_BYTES * 8;
        self.bits.clear();
        self.sparse.clear();
        if self.is_sparse {
            self.sparse.resize((DENSE_BYTES / 8) as usize, u64::MAX);
        } else {
            self.bits.resize(needed.div_ceil(64) as usize, 0);
        }
        self.ranges.clear();
        if (rows as usize) <= MAX_RANGES {
            self.ranges.resize(rows as usize, (1, 0));
        }
        self.runs.clear();
        self.runs.resize(program.char_loops.len(), (1, 0));
    }

    /// Give back what a large search took.
    pub(super) fn shrink(&mut self) {
        const KEEP: usize = 1 << 17;
        for table in [&mut self.bits, &mut self.sparse] {
            table.clear();
            table.shrink_to(KEEP);
        }
        self.ranges.clear();
        self.ranges.shrink_to(KEEP);
    }

    /// The row of a point with the registers as they are.
    #[inline]
    pub(super) fn row(point: &MemoPoint, slots: &[u32], at: u32) -> u32 {
        let mut row = 0u64;
        for around in &point.around {
            let count = u64::from(slots[around.count as usize]).min(u64::from(around.counts) - 1);
            row = row * u64::from(around.counts) + count;
            if around.last != NONE {
                row = row * 2 + u64::from(slots[around.last as usize] == at);
            }
        }
        (point.base + row) as u32
    }

    #[inline]
    fn bit(&self, row: u32, at: u32) -> u64 {
        u64::from(row) * self.columns + u64::from(at)
    }

    fn place(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & (self.sparse.len() - 1)
    }

    #[inline]
    pub(super) fn failed(&self, row: u32, at: u32) -> bool {
        if self.is_sparse {
            let key = u64::from(row) << 32 | u64::from(at);
            return self.sparse[self.place(key)] == key;
        }
        let bit = self.bit(row, at);
        self.bits[(bit >> 6) as usize] >> (bit & 63) & 1 != 0
    }

    #[inline]
    pub(super) fn mark(&mut self, row: u32, at: u32) {
        if self.is_sparse {
            let key = u64::from(row) << 32 | u64::from(at);
            let place = self.place(key);
            self.sparse[place] = key;
            return;
        }
        let bit = self.bit(row, at);
        self.bits[(bit >> 6) as usize] |= 1 << (bit & 63);
    }

    /// Whether the text is ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        self.is_ascii
    }

    /// The positions, first and last, where what follows a loop is known to fail.
    #[inline]
    pub(super) fn range(&self, row: u32) -> Option<(u32, u32)> {
        self.ranges
            .get(row as usize)
            .copied()
            .filter(|(low, high)| low <= high)
    }

    /// What follows the loop failed at every position from `low` to `high`.
    #[inline]
    pub(super) fn extend(&mut self, row: u32, low: u32, high: u32) {
        let Some(range) = self.ranges.get_mut(row as usize) else {
            return;
        };
        if low > high {
            return;
        }
        let known = range.0 <= range.1;
        if known && low <= range.1.saturating_add(1) && range.0 <= high.saturating_add(1) {
            *range = (range.0.min(low), range.1.max(high));
        } else if !known || low > range.1 || high - low > range.1 - range.0 {
            // A search moves on to the right, so what it has left is of no use. A
            // shorter piece to the left is a step of a walk back that will close
            // the gap when it comes by again.
            *range = (low, high);
        }
    }

    /// Where the run of an unlimited loop from `at` ends, if it is known.
    #[inline]
    pub(super) fn run(&self, one: u32, at: u32) -> Option<u32> {
        let (low, high) = self.runs[one as usize];
        (low <= at && at <= high).then_some(high)
    }

    /// How far to look for the end of a run from `at`, and the end if none is found
    /// until there: the run known for the loop, if it lies ahead.
    pub(super) fn run_after(&self, one: u32, at: u32, length: u32) -> (usize, usize) {
        match self.runs[one as usize] {
            (low, high) if low <= high && at < low => (low as usize, high as usize),
            _ => (length as usize, length as usize),
        }
    }

    pub(super) fn set_run(&mut self, one: u32, low: u32, high: u32) {
        self.runs[one as usize] = (low, high);
    }
}
