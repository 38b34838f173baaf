//! The machine's loops over a single character: `\S+`, `[^"]*`, `.*?`.
//!
//! Such a loop is counted, not stepped: its run is found with one scan, and one
//! frame stands for all positions in it. Positions where what follows cannot begin
//! (`CharLoop::next`) are skipped: a try there would fail at once and leave nothing
//! behind. Where no character of the run can begin what follows (`CharLoop::alone`), only
//! the run's end is worth a try, and there is no frame at all. This holds for lazy
//! loops as well: they would fail at every position before that end.

use memchr::{memchr, memchr2, memrchr};

use super::ast::RepeatMode;
use super::charset::{NO, SLOW};
use super::machine::{Frame, Machine};
use super::memo::MemoTable;
use super::place::{back_one, is_boundary};
use super::program::{CharLoop, NONE, Scan};

/// A run this short is looked through before a frame is made for it.
const SHORT: usize = 4;

impl Machine<'_> {
    /// A loop over one character, entered at `at`: where what follows is tried first.
    #[inline(always)]
    pub(super) fn one<const REMEMBER: bool>(
        &mut self,
        i: u32,
        pc: u32,
        at: usize,
    ) -> Option<usize> {
        let one = &self.program.ones[i as usize];
        let text = self.text;
        let mut low = at;
        for _ in 0..one.min {
            low += self.step(one, low)?;
        }
        if one.mode == RepeatMode::Lazy && !one.alone {
            return self.one_lazy::<REMEMBER>(i, one, pc, low);
        }
        let high = self.run_end::<REMEMBER>(i, one, low);
        if one.mode == RepeatMode::Possessive {
            return Some(high);
        }
        if one.alone || low == high {
            if !one.next.worth(text, high) || REMEMBER && !self.visit(one.point, high) {
                return None;
            }
            if self.program.loose.is_some() {
                self.push(pc, high, low as u32);
            }
            return Some(high);
        }
        if REMEMBER {
            return self.one_remembered(one, pc, low, high);
        }
        let found = last_allowed(one, text, low, high)?;
        // In a short run a look for the next place costs less than a frame.
        let more = found > low
            && (found - low > SHORT
                || last_allowed(one, text, low, back_one(text, found)).is_some());
        if more || self.program.loose.is_some() {
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

    /// A greedy loop with memory: the last position from `low` to `top` that is
    /// worth a try, and a frame for those before it.
    fn one_remembered(&mut self, one: &CharLoop, pc: u32, low: usize, top: usize) -> Option<usize> {
        let text = self.text;
        let range = self.range_row(one, low);
        let mut top = top;
        loop {
            if let Some((row, least)) = range
                && let Some((from, to)) = self.memory.range(row)
                && top >= least
                && (from as usize..=to as usize).contains(&top)
            {
                let from = (from as usize).max(least);
                if from <= low {
                    return None;
                }
                top = back_one(text, from);
                if top < low {
                    return None;
                }
            }
            let found = last_allowed(one, text, low, top);
            self.steps += 1 + scanned(found.unwrap_or(low), top);
            if let Some((row, least)) = range {
                let from = found.map_or(low, |found| found + 1).max(least);
                self.memory.extend(row, from as u32, top as u32);
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
                self.memory.extend(row, found as u32, found as u32);
            }
            if found == low {
                return None;
            }
            top = back_one(text, found);
        }
    }

    /// The width of the character at `at`, if the loop may take it.
    #[inline(always)]
    fn step(&self, one: &CharLoop, at: usize) -> Option<usize> {
        let width = self.program.sets[one.set as usize].step(self.text, at)?;
        match &one.never {
            Some(never) if self.text[at..].starts_with(never.needle()) => None,
            _ => Some(width),
        }
    }

    /// How far the loop's characters go, up to its limit.
    #[inline(always)]
    fn run_end<const REMEMBER: bool>(&mut self, i: u32, one: &CharLoop, low: usize) -> usize {
        let text = self.text;
        let set = &self.program.sets[one.set as usize];
        if one.max != NONE {
            let mut high = low;
            for _ in one.min..one.max {
                match self.step(one, high) {
                    Some(width) => high += width,
                    None => break,
                }
            }
            return high;
        }
        if REMEMBER && let Some(end) = self.memory.run(i, low as u32) {
            return end as usize;
        }
        // A run that reaches one that is known ends where that ends.
        let (stop, end) = if REMEMBER {
            self.memory.run_after(i, low as u32, text.len() as u32)
        } else {
            (text.len(), text.len())
        };
        let high = match one.scan {
            Scan::All => end,
            Scan::UntilByte(byte) => memchr(byte, &text[low..stop]).map_or(end, |n| low + n),
            Scan::Table => {
                let mut high = low;
                while high < stop {
                    let other = |&byte: &u8| set.table[usize::from(byte)] != 1;
                    let Some(n) = text[high..stop].iter().position(other) else {
                        high = stop;
                        break;
                    };
                    high += n;
                    high += match set.table[usize::from(text[high])] {
                        NO => break,
                        SLOW => match set.slow_step(text, high) {
                            Some(width) => width,
                            None => break,
                        },
                        width => usize::from(width),
                    };
                }
                if high >= stop { end } else { high }
            }
        };
        let high = match &one.never {
            Some(never) => {
                let end = (high.min(stop) + never.needle().len() - 1).min(text.len());
                never.find(&text[low..end]).map_or(high, |n| low + n)
            }
            None => high,
        };
        self.steps += scanned(low, high.min(stop));
        if REMEMBER {
            self.memory.set_run(i, low as u32, high as u32);
        }
        high
    }

    /// A greedy or lazy loop over one character after what followed it failed.
    #[inline(always)]
    pub(super) fn one_again<const REMEMBER: bool>(
        &mut self,
        i: u32,
        frame: &Frame,
    ) -> Option<usize> {
        let one = &self.program.ones[i as usize];
        let text = self.text;
        let at = frame.at as usize;
        if one.mode == RepeatMode::Lazy {
            self.stack.pop();
            let left = frame.extra;
            return self.lazy_from::<REMEMBER>(i, one, frame.pc, at, left, true);
        }
        let low = frame.extra as usize;
        if REMEMBER {
            self.stack.pop();
            if let Some((row, least)) = self.range_row(one, low)
                && at >= least
            {
                self.memory.extend(row, frame.at, frame.at);
            }
            if at == low {
                return None;
            }
            return self.one_remembered(one, frame.pc, low, back_one(text, at));
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
            Some(found) if found > low || self.program.loose.is_some() => {
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

    fn one_lazy<const REMEMBER: bool>(
        &mut self,
        i: u32,
        one: &CharLoop,
        pc: u32,
        low: usize,
    ) -> Option<usize> {
        let left = if one.max == NONE {
            NONE
        } else {
            one.max - one.min
        };
        self.lazy_from::<REMEMBER>(i, one, pc, low, left, false)
    }

    /// The next position, from `at` on, where what follows a lazy loop is worth a
    /// try; `failed`: at `at` itself it was tried.
    fn lazy_from<const REMEMBER: bool>(
        &mut self,
        i: u32,
        one: &CharLoop,
        pc: u32,
        mut at: usize,
        mut left: u32,
        mut failed: bool,
    ) -> Option<usize> {
        let text = self.text;
        let range = if REMEMBER && one.max == NONE {
            self.range_row(one, at)
        } else {
            None
        };
        loop {
            if failed {
                if let Some((row, least)) = range
                    && at >= least
                {
                    self.memory.extend(row, at as u32, at as u32);
                }
                if left == 0 {
                    return None;
                }
                let from = at;
                at += self.step(one, at)?;
                if left != NONE {
                    left -= 1;
                }
                // A byte that what follows must begin with, in a run that ends at
                // another: one search for the nearer of the two.
                if let (Some(wanted), NONE, Scan::UntilByte(end), None) =
                    (one.next_byte, left, one.scan, &one.never)
                {
                    let found = memchr2(wanted, end, &text[at..]).map_or(text.len(), |n| at + n);
                    self.steps += scanned(from, found);
                    let ends = text.get(found) != Some(&wanted);
                    if let Some((row, least)) = range {
                        let last = if ends { found } else { found - 1 };
                        self.memory.extend(row, at.max(least) as u32, last as u32);
                    }
                    if ends {
                        return None;
                    }
                    at = found;
                }
            }
            if let Some((row, least)) = range
                && at >= least
                && let Some((from, to)) = self.memory.range(row)
                && (from as usize..=to as usize).contains(&at)
            {
                let end = self.run_end::<REMEMBER>(i, one, at);
                if end <= to as usize {
                    return None;
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
            if !one.next.worth(text, at) {
                continue;
            }
            if left != 0 || self.program.loose.is_some() {
                self.push(pc, at, left);
            }
            if !REMEMBER || self.visit(one.point, at) {
                return Some(at);
            }
            if left != 0 || self.program.loose.is_some() {
                self.stack.pop();
            }
        }
    }
}

/// The cost of a run over characters, in steps.
#[inline(always)]
pub(super) fn scanned(from: usize, to: usize) -> u64 {
    (to - from) as u64 / 64
}

/// The last position from `low` to `high` where what follows the loop can begin.
#[inline(always)]
fn last_allowed(one: &CharLoop, text: &[u8], low: usize, high: usize) -> Option<usize> {
    if let Some(byte) = one.next_byte {
        let mut end = (high + 1).min(text.len());
        loop {
            let found = memrchr(byte, text.get(low..end)?).map(|n| low + n)?;
            if one.next.goes_on(text, found) {
                return Some(found);
            }
            end = found;
        }
    }
    let mut at = high;
    loop {
        if one.next.worth(text, at) {
            return Some(at);
        }
        if at == low {
            return None;
        }
        at -= 1;
    }
}
