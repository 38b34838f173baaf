//! A search by the machine: which places are tried, and how much each may cost.

use memchr::{memchr, memchr2, memchr3};

use super::machine::{Machine, Outcome};
use super::program::{NONE, Program, Start};
use super::scratch::{Scratch, StepLimit};

/// Where all failures are memoized, steps that each place of the program may take at each
/// place of the text.
const STEPS_PER_PLACE: u64 = 8;

/// Rows of the table of failures that count as places of the program. `(?:.*a){12}` has 26:
/// it is as good as written out. `(?:(?:a?){1000}){1000}` has a million: it is not.
const ROWS_AS_PLACES: u64 = 64;

/// The start of the next character.
#[inline(always)]
pub(super) fn next_start(text: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while at < text.len() && text[at] & 0xc0 == 0x80 {
        at += 1;
    }
    at
}

impl Program {
    /// The last place a match could begin at, if there is one from `start` on.
    #[inline]
    pub(super) fn last_start(&self, text: &[u8], start: usize) -> Option<usize> {
        let room = text.len().checked_sub(start)?;
        (room >= self.min_width).then(|| text.len() - self.min_width)
    }

    /// The next place, from `at` to `last`, where a match may begin.
    #[inline]
    pub(super) fn candidate(&self, text: &[u8], at: usize, last: usize) -> Option<usize> {
        let mut at = at;
        while at <= last {
            let candidate = match &self.start {
                Start::Anywhere => Some(at),
                Start::Text => (at == 0).then_some(0),
                Start::Line if at == 0 || text[at - 1] == b'\n' => Some(at),
                Start::Line => memchr(b'\n', &text[at..]).map(|n| at + n + 1),
                Start::Literal(finder) => finder.find(&text[at..]).map(|n| at + n),
                Start::Bytes(bytes) => match bytes[..] {
                    [a] => memchr(a, &text[at..]),
                    [a, b] => memchr2(a, b, &text[at..]),
                    [a, b, c] => memchr3(a, b, c, &text[at..]),
                    _ => None,
                }
                .map(|n| at + n),
                Start::Set => text[at..]
                    .iter()
                    .position(|&byte| self.first.has(byte))
                    .map(|n| at + n)
                    .or_else(|| self.first.end.then_some(text.len())),
            }?;
            if candidate > last {
                return None;
            }
            if !self.first.may_start_at(text, candidate) {
                at = candidate + 1;
                continue;
            }
            match &self.start_misread_by_cpython {
                Some(set) if set.step(text, candidate).is_none() => {
                    at = next_start(text, candidate);
                }
                _ => return Some(candidate),
            }
        }
        None
    }

    /// Steps a search of a text may take with the table of failures in use: `budget`, or
    /// more where all failures are memoized and the text is long.
    fn memoized_budget(&self, text: &[u8], budget: u64) -> u64 {
        if !self.fully_memoized {
            return budget;
        }
        let rows = u64::from(self.rows.unwrap_or(0)).min(ROWS_AS_PLACES);
        let places = self.insts.len() as u64 + rows;
        let all = places.saturating_mul(text.len() as u64 + 1);
        budget.max(all.saturating_mul(STEPS_PER_PLACE))
    }
}

/// Searches from `start` on, or tries `start` alone if `anchored`; the captures are left in
/// the scratch.
pub(super) fn search_with_machine(
    program: &Program,
    text: &[u8],
    (start, anchored): (usize, bool),
    scratch: &mut Scratch,
) -> Result<bool, StepLimit> {
    scratch.slots.clear();
    scratch.slots.resize(program.slots, NONE);
    scratch.stack.clear();
    scratch.log.clear();
    let memo_from = match (scratch.memo_from, program.rows) {
        (Some(0), Some(_)) => Some(0),
        // The table must be cheaper than the steps already taken.
        (Some(from), Some(rows)) => {
            Some(from.max(((u64::from(rows) * text.len() as u64) >> 9).min(1 << 18)))
        }
        _ => None,
    };
    let mut search = MachineSearch {
        machine: Machine::new(
            (program, text),
            &mut scratch.slots,
            (&mut scratch.stack, &mut scratch.log),
            &mut scratch.memo,
            memo_from.unwrap_or(u64::MAX).min(scratch.budget),
        ),
        memoizes: false,
        memo_from,
        budget: scratch.budget,
    };
    let found = search.run(start, anchored);
    let (steps, memoizes) = (search.machine.steps, search.memoizes);
    scratch.steps = steps;
    if memoizes {
        scratch.shrink();
    }
    found
}

/// A search under way.
struct MachineSearch<'m> {
    machine: Machine<'m>,
    memoizes: bool,
    memo_from: Option<u64>,
    budget: u64,
}

impl MachineSearch<'_> {
    fn run(&mut self, start: usize, anchored: bool) -> Result<bool, StepLimit> {
        let program = self.machine.program;
        let text = self.machine.text;
        if self.memo_from == Some(0) {
            self.memoize();
        }
        if anchored {
            return self.attempt(start);
        }
        let Some(last) = program.last_start(text, start) else {
            return Ok(false);
        };
        let mut at = start;
        while let Some(candidate) = program.candidate(text, at, last) {
            if self.attempt(candidate)? {
                return Ok(true);
            }
            at = next_start(text, candidate);
        }
        Ok(false)
    }

    /// From now on failures are memoized.
    fn memoize(&mut self) {
        let (program, text) = (self.machine.program, self.machine.text);
        self.machine.memo.begin(program, text);
        self.memoizes = true;
        let budget = program.memoized_budget(text, self.budget);
        self.machine.set_limit(budget);
    }

    /// Tries one start.
    fn attempt(&mut self, start: usize) -> Result<bool, StepLimit> {
        let mut outcome = if self.memoizes {
            self.machine.run::<true>(start as u32)
        } else {
            self.machine.run::<false>(start as u32)
        };
        loop {
            match outcome {
                Outcome::Matched(end) => {
                    self.machine.slots[0] = start as u32;
                    self.machine.slots[1] = end;
                    return Ok(true);
                }
                Outcome::Failed => return Ok(false),
                Outcome::MemoryLimit => return Err(StepLimit),
                Outcome::StepLimit => {
                    let too_late = self.memo_from.is_none_or(|from| from >= self.budget);
                    if self.memoizes || too_late {
                        return Err(StepLimit);
                    }
                    self.memoize();
                    outcome = self.machine.go_on::<true>();
                }
            }
        }
    }
}
