//! The machine's loops over a single character: `\S+`, `[^"]*`, `.*?`.
//!
//! Such a loop is counted, not stepped: its run is found with one scan, and one
//! frame stands for all positions in it. Positions where what follows cannot begin
//! (`CharLoop::next`) are skipped: an attempt there would fail at once and leave nothing
//! behind. Where no character of the run can begin what follows (`CharLoop::no_backtrack`),
//! only the run's end can be followed, and there is no frame at all: `\d+` before `:` either
//! ends at the colon or fails. This is true of lazy loops as well: they would fail at every
//! position before that end.
//!
//! A run of at most `n` characters (`a{1,n}`) is the run without a limit, cut off after `n`
//! bytes, where every character of the loop is one byte. With the table of failures in use,
//! the run without a limit is kept, so that `a{1,65535}b` is linear in the text.

use memchr::{memchr2, memrchr};

use super::char_run::FEW;
use super::{Frame, Machine};
use crate::pattern::ast::RepeatMode;
use crate::pattern::memo::MemoTable;
use crate::pattern::place::{back_one, is_boundary, scanned};
use crate::pattern::program::{CharLoop, NONE, Scan};

/// A run this short is looked through before a frame is made for it.
const SHORT: usize = 4;

impl Machine<'_> {
    /// A loop over one character, entered at `at`: where what follows is tried first.
    #[inline(always)]
    pub(super) fn char_loop<const MEMOIZE: bool>(
        &mut self,
        i: u32,
        pc: u32,
        at: usize,
    ) -> Option<usize> {
        let one = &self.program.char_loops[i as usize];
        let text = self.text;
        let mut low = at;
        if one.min <= FEW {
            for _ in 0..one.min {
                low += self.step_one(one, low)?;
            }
        } else {
            low = self.exactly::<MEMOIZE>(i, one, at)?;
        }
        if one.mode == RepeatMode::Lazy && !one.no_backtrack {
            let left = one.optional();
            return self.lazy_from::<MEMOIZE>(i, one, pc, low, left, false);
        }
        let high = self.run_end::<MEMOIZE>(i, one, low, one.optional());
        if one.mode == RepeatMode::Possessive {
            return Some(high);
        }
        if one.no_backtrack || low == high {
            if !one.next.may_start_at(text, high) || MEMOIZE && !self.visit(one.point, high) {
                return None;
            }
            if self.program.stale_captures.is_some() {
                self.push(pc, high, low as u32);
            }
            return Some(high);
        }
        if MEMOIZE {
            return self.char_loop_memoized(one, pc, low, high);
        }
        let found = last_allowed(one, text, low, high)?;
        // In a short run a look for the next place costs less than a frame.
        let more = found > low
            && (found - low > SHORT
                || last_allowed(one, text, low, back_one(text, found)).is_some());
        if more || self.program.stale_captures.is_some() {
            self.push(pc, found, low as u32);
        }
        Some(found)
    }

    /// The row whose range speaks of positions after a loop, and the first position
    /// it speaks of. Where a pass of a loop around this one began right at `low`,
    /// that position has a key of its own.
    fn range_row(&self, one: &CharLoop, low: usize) -> Option<(u32, usize)> {
        let point = &self.program.points[one.point as usize];
        if !point.usable {
            return None;
        }
        let fresh = point
            .around
            .iter()
            .any(|around| around.last != NONE && self.slots[around.last as usize] == low as u32);
        Some((
            MemoTable::row(point, self.slots, NONE),
            low + usize::from(fresh),
        ))
    }

    /// A greedy loop with the table of failures: the last position from `low` to `top` where
    /// what follows may begin, and a frame for those before it.
    fn char_loop_memoized(
        &mut self,
        one: &CharLoop,
        pc: u32,
        low: usize,
        top: usize,
    ) -> Option<usize> {
        let text = self.text;
        let range = self.range_row(one, low);
        let mut top = top;
        loop {
            let mut floor = low;
            if let Some((row, least)) = range
                && let Some((from, to)) = self.memo.range(row)
                && top >= least
            {
                let (from, to) = (from as usize, to as usize);
                if (from..=to).contains(&top) {
                    let from = from.max(least);
                    if from <= low {
                        return None;
                    }
                    top = back_one(text, from);
                    if top < low {
                        return None;
                    }
                } else if to < top && to >= least.max(low) {
                    // down to what is known to fail; that is left out with the next round
                    floor = to + 1;
                }
            }
            let found = last_allowed(one, text, floor, top);
            self.steps += 1 + scanned(found.unwrap_or(floor), top);
            if let Some((row, least)) = range {
                let from = found.map_or(floor, |found| found + 1).max(least);
                self.memo.extend(row, from as u32, top as u32);
            }
            if found.is_none() && floor > low {
                continue;
            }
            let found = found?;
            // A frame for the lowest position too: its failure belongs to the range.
            self.push(pc, found, low as u32);
            if self.visit(one.point, found) {
                return Some(found);
            }
            self.stack.pop();
            if let Some((row, least)) = range
                && found >= least
            {
                self.memo.extend(row, found as u32, found as u32);
            }
            if found == low {
                return None;
            }
            top = back_one(text, found);
        }
    }

    /// A greedy or lazy loop over one character after what followed it failed.
    #[inline(always)]
    pub(super) fn char_loop_retry<const MEMOIZE: bool>(
        &mut self,
        i: u32,
        frame: &Frame,
    ) -> Option<usize> {
        let one = &self.program.char_loops[i as usize];
        let text = self.text;
        let at = frame.at as usize;
        if one.mode == RepeatMode::Lazy {
            self.stack.pop();
            let left = frame.extra;
            return self.lazy_from::<MEMOIZE>(i, one, frame.pc, at, left, true);
        }
        let low = frame.extra as usize;
        if MEMOIZE {
            self.stack.pop();
            if let Some((row, least)) = self.range_row(one, low)
                && at >= least
            {
                self.memo.extend(row, frame.at, frame.at);
            }
            if at == low {
                return None;
            }
            return self.char_loop_memoized(one, frame.pc, low, back_one(text, at));
        }
        let found = if at == low {
            None
        } else {
            let top = back_one(text, at);
            let found = last_allowed(one, text, low, top);
            self.steps += scanned(found.unwrap_or(low), top);
            found
        };
        match found {
            Some(found) if found > low || self.program.stale_captures.is_some() => {
                if let Some(frame) = self.stack.last_mut() {
                    frame.at = found as u32;
                }
            }
            _ => {
                self.stack.pop();
            }
        }
        found
    }

    /// Where the byte stands, from `at` on, that what follows a lazy loop must begin with; None
    /// if the byte that ends the run is nearer. `range`: see [`Machine::range_row`].
    #[inline(always)]
    fn nearer_byte(
        &mut self,
        wanted: u8,
        end: u8,
        (from, at): (usize, usize),
        range: Option<(u32, usize)>,
    ) -> Option<usize> {
        let text = self.text;
        let found = memchr2(wanted, end, &text[at..]).map_or(text.len(), |n| at + n);
        self.steps += scanned(from, found);
        let ends = text.get(found) != Some(&wanted);
        if let Some((row, least)) = range {
            let last = if ends { found } else { found - 1 };
            self.memo.extend(row, at.max(least) as u32, last as u32);
        }
        if ends { None } else { Some(found) }
    }

    /// The next position, from `at` on, where what follows a lazy loop may begin;
    /// `failed`: at `at` itself it was tried.
    fn lazy_from<const MEMOIZE: bool>(
        &mut self,
        i: u32,
        one: &CharLoop,
        pc: u32,
        mut at: usize,
        mut left: u32,
        mut failed: bool,
    ) -> Option<usize> {
        let text = self.text;
        let range = if MEMOIZE && (left == NONE || self.has_one_byte_each::<MEMOIZE>(one)) {
            self.range_row(one, at)
        } else {
            None
        };
        loop {
            if failed {
                if let Some((row, least)) = range
                    && at >= least
                {
                    self.memo.extend(row, at as u32, at as u32);
                }
                if left == 0 {
                    return None;
                }
                let from = at;
                at += self.step_one(one, at)?;
                if left != NONE {
                    left -= 1;
                }
                if let (Some(wanted), NONE, Scan::UntilByte(end), None) =
                    (one.next_byte, left, one.scan, &one.never)
                {
                    at = self.nearer_byte(wanted, end, (from, at), range)?;
                }
            }
            if let Some((row, least)) = range
                && at >= least
                && let Some((from, to)) = self.memo.range(row)
                && (from as usize..=to as usize).contains(&at)
            {
                let end = self.run_end::<MEMOIZE>(i, one, at, left);
                if end <= to as usize {
                    return None;
                }
                if left != NONE {
                    left -= to - at as u32;
                }
                at = to as usize;
                failed = true;
                if !is_boundary(text, at) {
                    at = back_one(text, at + 1);
                }
                continue;
            }
            self.steps += 1;
            failed = true;
            if !one.next.may_start_at(text, at) {
                continue;
            }
            if left != 0 || self.program.stale_captures.is_some() {
                self.push(pc, at, left);
            }
            if !MEMOIZE || self.visit(one.point, at) {
                return Some(at);
            }
            if left != 0 || self.program.stale_captures.is_some() {
                self.stack.pop();
            }
        }
    }
}

/// The last position from `low` to `high` where what follows the loop can begin.
#[inline(always)]
fn last_allowed(one: &CharLoop, text: &[u8], low: usize, high: usize) -> Option<usize> {
    if let Some(byte) = one.next_byte {
        let mut end = (high + 1).min(text.len());
        loop {
            let found = memrchr(byte, text.get(low..end)?).map(|n| low + n)?;
            if one.next.may_continue_at(text, found) {
                return Some(found);
            }
            end = found;
        }
    }
    let mut at = high;
    loop {
        if one.next.may_start_at(text, at) {
            return Some(at);
        }
        if at == low {
            return None;
        }
        at -= 1;
    }
}
