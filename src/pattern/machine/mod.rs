//! The backtracking machine: runs a program on a text from one start.
//!
//! It never recurses: choices are frames on a heap stack, and a sub-match
//! (lookaround, atomic group, possessive pass) is the frames above a height that a
//! register remembers; to end one is to cut the stack there.
//!
//! Every instruction, every choice gone back to and every 64 bytes of a scan is a step.
//! [`Machine::limit_reached`] compares steps and memory with the limits at least every
//! [`STEPS_BETWEEN_CHECKS`] instructions, whether attempts fail or not: `(?:a?){1000000000}`
//! runs a billion empty passes without a single failure.

mod char_loop;
mod char_run;
mod control;

use super::charset::{Fold, decode, width_of};
use super::memo::MemoTable;
use super::place::{assertion_holds, scanned};
use super::program::{Inst, NONE, Program, Restore};

/// Instructions after which the limits are looked at again.
const STEPS_BETWEEN_CHECKS: u64 = 1 << 14;

/// Bytes that the choices and the log of one search may take.
const MOST_BYTES: usize = 256 << 20;

/// Literals and rows of classes of more bytes cost a step for every so many.
const BYTES_PER_STEP: u32 = 64;

/// A choice to come back to. What it means is decided by the instruction `pc`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) pc: u32,
    /// Length of the log when the choice was made.
    log: u32,
    pub(super) at: u32,
    /// The arm taken, the lowest position left, or the number of passes left.
    pub(super) extra: u32,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Matched, up to here.
    Matched(u32),
    Failed,
    /// More steps than `Machine::limit`; `Machine::go_on` continues.
    StepLimit,
    /// Choices and log take more than [`MOST_BYTES`].
    MemoryLimit,
}

pub(super) struct Machine<'m> {
    pub(super) program: &'m Program,
    pub(super) text: &'m [u8],
    pub(super) slots: &'m mut [u32],
    pub(super) stack: &'m mut Vec<Frame>,
    pub(super) log: &'m mut Vec<(u32, u32)>,
    pub(super) memo: &'m mut MemoTable,
    pub(super) steps: u64,
    limit: u64,
    /// From so many steps on a failure looks at the limits.
    next_check: u64,
    /// Where a run was stopped that had not failed.
    paused_at: Option<(u32, usize)>,
}

impl<'m> Machine<'m> {
    /// A machine that has done nothing yet; `limit` is its limit of steps.
    pub(super) fn new(
        (program, text): (&'m Program, &'m [u8]),
        slots: &'m mut [u32],
        (stack, log): (&'m mut Vec<Frame>, &'m mut Vec<(u32, u32)>),
        memo: &'m mut MemoTable,
        limit: u64,
    ) -> Machine<'m> {
        Machine {
            program,
            text,
            slots,
            stack,
            log,
            memo,
            steps: 0,
            limit,
            next_check: limit.min(STEPS_BETWEEN_CHECKS),
            paused_at: None,
        }
    }
}

impl Machine<'_> {
    /// Sets another limit of steps.
    pub(super) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
        self.next_check = self.limit.min(self.steps + STEPS_BETWEEN_CHECKS);
    }

    /// Try to match at `start`. With `MEMOIZE`, the table of failures is in use.
    pub(super) fn run<const MEMOIZE: bool>(&mut self, start: u32) -> Outcome {
        self.execute::<MEMOIZE>(Some((0, start as usize)))
    }

    /// Go on after [`Outcome::StepLimit`].
    pub(super) fn go_on<const MEMOIZE: bool>(&mut self) -> Outcome {
        let from = match self.paused_at.take() {
            Some(place) => Some(place),
            None => self.back::<MEMOIZE>(),
        };
        self.execute::<MEMOIZE>(from)
    }

    #[inline(always)]
    fn set_slot(&mut self, slot: u32, value: u32) {
        let old = std::mem::replace(&mut self.slots[slot as usize], value);
        // Without a choice to go back to nobody reads the old value.
        if !self.stack.is_empty() {
            self.log.push((slot, old));
        }
    }

    #[inline(always)]
    fn push(&mut self, pc: u32, at: usize, extra: u32) {
        let log = self.log.len() as u32;
        self.stack.push(Frame {
            pc,
            log,
            at: at as u32,
            extra,
        });
    }

    #[inline(always)]
    fn undo(&mut self, length: u32) {
        while self.log.len() > length as usize {
            if let Some((slot, old)) = self.log.pop() {
                self.slots[slot as usize] = old;
            }
        }
    }

    /// Arrive at a point where failures are memoized; false if this one is known.
    #[inline]
    fn visit(&mut self, point: u32, at: usize) -> bool {
        let point = &self.program.points[point as usize];
        if !point.usable {
            return true;
        }
        let row = MemoTable::row(point, self.slots, at as u32);
        if self.memo.failed(row, at as u32) {
            return false;
        }
        if point.inner {
            self.push(self.program.forget, at, row);
        } else {
            self.memo.mark(row, at as u32);
        }
        true
    }

    /// The limit that was reached, if one was.
    #[cold]
    fn limit_reached(&mut self) -> Option<Outcome> {
        let bytes = size_of_val(&self.stack[..]) + size_of_val(&self.log[..]);
        if bytes > MOST_BYTES {
            return Some(Outcome::MemoryLimit);
        }
        if self.steps > self.limit {
            return Some(Outcome::StepLimit);
        }
        self.next_check = self.limit.min(self.steps + STEPS_BETWEEN_CHECKS);
        None
    }

    fn execute<const MEMOIZE: bool>(&mut self, from: Option<(u32, usize)>) -> Outcome {
        let Some((mut pc, mut at)) = from else {
            return self.out();
        };
        let program = self.program;
        let mut steps = 0;
        loop {
            steps += 1;
            let inst = program.insts[pc as usize];
            if let Inst::Match = inst {
                self.steps += steps;
                return Outcome::Matched(at as u32);
            }
            match self.step::<MEMOIZE>(inst, pc, at) {
                Some(next) if steps < STEPS_BETWEEN_CHECKS => (pc, at) = next,
                Some(next) => {
                    self.steps += std::mem::take(&mut steps);
                    if let Some(reached) = self.limit_reached() {
                        self.paused_at = Some(next);
                        return reached;
                    }
                    (pc, at) = next;
                }
                None => {
                    self.steps += std::mem::take(&mut steps);
                    if self.steps > self.next_check
                        && let Some(reached) = self.limit_reached()
                    {
                        return reached;
                    }
                    match self.back::<MEMOIZE>() {
                        Some(place) => (pc, at) = place,
                        None => return self.out(),
                    }
                }
            }
        }
    }

    /// One instruction: where to go on, in program and text; None if it failed.
    #[inline(always)]
    fn step<const MEMOIZE: bool>(
        &mut self,
        inst: Inst,
        pc: u32,
        at: usize,
    ) -> Option<(u32, usize)> {
        let program = self.program;
        let text = self.text;
        let next = pc + 1;
        match inst {
            Inst::Byte(byte) => (text.get(at) == Some(&byte)).then_some((next, at + 1)),
            Inst::Bytes(start, length) => {
                let wanted = &program.bytes[start as usize..(start + length) as usize];
                self.steps += u64::from(length / BYTES_PER_STEP);
                text[at..]
                    .starts_with(wanted)
                    .then_some((next, at + wanted.len()))
            }
            Inst::Set(set) => {
                let width = program.sets[set as usize].step(text, at)?;
                Some((next, at + width))
            }
            Inst::Sets(start, length) => Some((next, self.sets(start, length, at)?)),
            Inst::At(place) => assertion_holds(place, text, at).then_some((next, at)),
            Inst::Save(slot) => {
                self.set_slot(slot, at as u32);
                Some((next, at))
            }
            Inst::Jump(to) => Some((to, at)),
            Inst::Branch(i) => Some((self.branch::<MEMOIZE>(i, pc, at)?, at)),
            Inst::CharLoop(i) => Some((next, self.char_loop::<MEMOIZE>(i, pc, at)?)),
            Inst::Split(i) => Some((self.split::<MEMOIZE>(i, pc, at)?, at)),
            Inst::LoopStart(i) => Some((self.loop_start(i), at)),
            Inst::Until(i) => Some((self.until::<MEMOIZE>(i, pc, at)?, at)),
            Inst::AtomicStart(height) => {
                self.set_slot(height, self.stack.len() as u32);
                Some((next, at))
            }
            Inst::AtomicEnd(height) => {
                self.cut_stack(height);
                Some((next, at))
            }
            Inst::PossessiveStart(i) => {
                self.possessive_start(i);
                Some((next, at))
            }
            Inst::PossessiveNext(i) => Some((self.possessive_next(i, pc, at), at)),
            Inst::PossessiveEnd(i) => Some((self.possessive_end(i), at)),
            Inst::Look(i) => Some((next, self.look(i, pc, at)?)),
            Inst::LookEnd(i) => Some((next, self.look_end(i))),
            Inst::NotEnd(i) => {
                self.cut_stack(program.looks[i as usize].height);
                None
            }
            Inst::ContainsLiteral(i) => {
                let found = program.literals_ahead[i as usize].find(&text[at..]);
                self.steps += scanned(at, found.map_or(text.len(), |n| at + n));
                found.map(|_| (next, at))
            }
            Inst::Backreference(group, fold) => Some((next, self.again(group, fold, at)?)),
            Inst::Conditional(group, otherwise) => match self.group(group) {
                Some(_) => Some((next, at)),
                None => Some((otherwise, at)),
            },
            Inst::Match | Inst::Fail | Inst::Forget => None,
        }
    }

    /// Several characters, each of its own set.
    fn sets(&mut self, start: u32, length: u32, at: usize) -> Option<usize> {
        let (program, text) = (self.program, self.text);
        self.steps += u64::from(length / BYTES_PER_STEP);
        let row = &program.sets_in_row[start as usize..(start + length) as usize];
        row.iter().try_fold(at, |at, &set| {
            Some(at + program.sets[set as usize].step(text, at)?)
        })
    }

    /// The stack is empty: nothing is left to try from this start.
    fn out(&mut self) -> Outcome {
        self.log.clear();
        // Registers of loops and sub-matches are set before they are read.
        self.slots[..2 * (self.program.captures() + 1)].fill(NONE);
        Outcome::Failed
    }

    /// Go back to the last choice that has something left.
    fn back<const MEMOIZE: bool>(&mut self) -> Option<(u32, usize)> {
        let program = self.program;
        loop {
            let frame = *self.stack.last()?;
            self.restore(&frame);
            let at = frame.at as usize;
            self.steps += 1;
            let inst = program.insts[frame.pc as usize];
            if let Inst::CharLoop(i) = inst {
                if let Some(next) = self.char_loop_retry::<MEMOIZE>(i, &frame) {
                    return Some((frame.pc + 1, next));
                }
                continue;
            }
            self.stack.pop();
            match inst {
                Inst::Branch(i) => {
                    let branch = &program.branches[i as usize];
                    if let Some(target) = self.arm(branch, frame.pc, at, frame.extra + 1) {
                        return Some((target, at));
                    }
                }
                Inst::Split(i) => {
                    let split = &program.splits[i as usize];
                    let pc = if split.lazy { split.body } else { split.exit };
                    return Some((pc, at));
                }
                Inst::Until(i) => {
                    let all = &program.loops[i as usize];
                    if !all.lazy {
                        return Some((all.exit, at));
                    }
                    self.begin_pass(all, at);
                    return Some((all.body, at));
                }
                Inst::PossessiveNext(i) => {
                    return Some((program.possessives[i as usize].exit, at));
                }
                Inst::Look(i) => return Some((program.looks[i as usize].exit, at)),
                Inst::Forget => self.memo.mark(frame.extra, frame.at),
                _ => {}
            }
        }
    }

    /// Undo what was written since the frame, as CPython would.
    #[inline(always)]
    fn restore(&mut self, frame: &Frame) {
        if let Some(restores) = &self.program.stale_captures
            && restores[frame.pc as usize] == Restore::CountOfMarks
        {
            self.restore_count(frame.log);
            return;
        }
        self.undo(frame.log);
    }

    /// Reset only how many marks count: marks below that number stay as they are.
    /// Their log entries stay too, for choices further down.
    #[cold]
    fn restore_count(&mut self, length: u32) {
        let captures = 2 * (self.program.captures() + 1);
        self.steps += (self.slots.len() + self.log.len() - length as usize) as u64 / 8;
        let mut before = self.slots.to_vec();
        for &(slot, old) in self.log[length as usize..].iter().rev() {
            before[slot as usize] = old;
        }
        let counted = before[..captures]
            .iter()
            .rposition(|&value| value != NONE)
            .map_or(0, |last| last + 1);
        let mut kept = length as usize;
        for i in length as usize..self.log.len() {
            let entry = self.log[i];
            if (entry.0 as usize) < counted {
                self.log[kept] = entry;
                kept += 1;
            }
        }
        self.log.truncate(kept);
        before[..counted].copy_from_slice(&self.slots[..counted]);
        self.slots.copy_from_slice(&before);
    }

    /// Both ends of a group that took part, by CPython's test.
    fn group(&self, group: u32) -> Option<(usize, usize)> {
        let start = *self.slots.get(2 * group as usize)?;
        let end = self.slots[2 * group as usize + 1];
        (start != NONE && end != NONE && start <= end).then_some((start as usize, end as usize))
    }

    /// Match a group's text again.
    fn again(&mut self, group: u32, fold: Fold, at: usize) -> Option<usize> {
        let (start, end) = self.group(group)?;
        let text = self.text;
        self.steps += scanned(start, end);
        if fold == Fold::None {
            return text[at..]
                .starts_with(&text[start..end])
                .then_some(at + end - start);
        }
        let (mut from, mut at) = (start, at);
        while from < end {
            if at >= text.len() || fold.lower(decode(text, at)) != fold.lower(decode(text, from)) {
                return None;
            }
            from += usize::from(width_of(text[from]));
            at += usize::from(width_of(text[at]));
        }
        Some(at)
    }
}
