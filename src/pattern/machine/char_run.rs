//! How far a loop over a single character goes: its run, found with one scan of the text.

use memchr::memchr;

use super::Machine;
use crate::pattern::charset::{NO, SLOW};
use crate::pattern::place::scanned;
use crate::pattern::program::{CharLoop, NONE, Scan};

/// So many characters are stepped over one by one.
pub(super) const FEW: u32 = 16;

impl Machine<'_> {
    /// The width of the character at `at`, if the loop may take it.
    #[inline(always)]
    pub(super) fn step_one(&self, one: &CharLoop, at: usize) -> Option<usize> {
        let width = self.program.sets[one.set as usize].step(self.text, at)?;
        match &one.never {
            Some(never) if self.text[at..].starts_with(never.needle()) => None,
            _ => Some(width),
        }
    }

    /// Whether every character of the loop is one byte of this text.
    #[inline(always)]
    pub(super) fn has_one_byte_each<const MEMOIZE: bool>(&self, one: &CharLoop) -> bool {
        one.ascii_only || MEMOIZE && self.memo.is_ascii()
    }

    /// The end of the loop's least characters; None if there are fewer.
    #[inline(never)]
    pub(super) fn exactly<const MEMOIZE: bool>(
        &mut self,
        i: u32,
        one: &CharLoop,
        at: usize,
    ) -> Option<usize> {
        let least = one.min as usize;
        if self.text.len() - at < least {
            return None;
        }
        if self.has_one_byte_each::<MEMOIZE>(one) {
            let end = self.run_end::<MEMOIZE>(i, one, at, one.min);
            return (end - at == least).then_some(end);
        }
        let mut end = at;
        for taken in 0..one.min {
            match self.step_one(one, end) {
                Some(width) => end += width,
                None => {
                    self.steps += u64::from(taken) / 8;
                    return None;
                }
            }
        }
        self.steps += u64::from(one.min) / 8;
        Some(end)
    }

    /// Where the loop's characters end, from `low` on, `most` of them at most.
    #[inline(always)]
    pub(super) fn run_end<const MEMOIZE: bool>(
        &mut self,
        i: u32,
        one: &CharLoop,
        low: usize,
        most: u32,
    ) -> usize {
        if most == NONE {
            return self.whole_run::<MEMOIZE>(i, one, low, self.text.len());
        }
        if most > FEW && self.has_one_byte_each::<MEMOIZE>(one) {
            let end = low.saturating_add(most as usize).min(self.text.len());
            return self.whole_run::<MEMOIZE>(i, one, low, end).min(end);
        }
        let (mut high, mut taken) = (low, 0);
        while taken < most
            && let Some(width) = self.step_one(one, high)
        {
            high += width;
            taken += 1;
        }
        if most > FEW {
            self.steps += u64::from(taken) / 8;
        }
        high
    }

    /// Where the loop's characters end without a limit; without the table of failures, which
    /// remembers runs, nothing behind `limit` is looked at.
    #[inline(always)]
    fn whole_run<const MEMOIZE: bool>(
        &mut self,
        i: u32,
        one: &CharLoop,
        low: usize,
        limit: usize,
    ) -> usize {
        let text = self.text;
        let set = &self.program.sets[one.set as usize];
        if MEMOIZE && let Some(end) = self.memo.run(i, low as u32) {
            return end as usize;
        }
        // A run that reaches one that is known ends where that ends.
        let (stop, end) = if MEMOIZE {
            self.memo.run_after(i, low as u32, text.len() as u32)
        } else {
            (limit, limit)
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
        if MEMOIZE {
            self.memo.set_run(i, low as u32, high as u32);
        }
        high
    }
}
