//! The backtracking machine: runs a program on a text from one start.
//!
//! It never recurses: choices are frames on a heap stack, and a sub-match
//! (lookaround, atomic group, possessive pass) is the frames above a height that a
//! register remembers; to end one is to cut the stack there.

use super::char_loop::scanned;
use super::charset::{Fold, decode, width_of};
use super::memo::MemoTable;
use super::place::{holds, step_back};
use super::program::{Branch, Inst, Loop, NONE, Program, Restore};

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
    /// The limit of steps was reached; `Machine::go_on` continues.
    Limit,
}

pub(super) struct Machine<'m> {
    pub(super) program: &'m Program,
    pub(super) text: &'m [u8],
    pub(super) slots: &'m mut [u32],
    pub(super) stack: &'m mut Vec<Frame>,
    pub(super) log: &'m mut Vec<(u32, u32)>,
    pub(super) memory: &'m mut MemoTable,
    pub(super) steps: u64,
    pub(super) limit: u64,
}

impl Machine<'_> {
    /// Try to match at `start`. With `REMEMBER`, the memory is in use.
    pub(super) fn run<const REMEMBER: bool>(&mut self, start: u32) -> Outcome {
        self.execute::<REMEMBER>(Some((0, start as usize)))
    }

    /// Go on after [`Outcome::Limit`].
    pub(super) fn go_on<const REMEMBER: bool>(&mut self) -> Outcome {
        self.execute::<REMEMBER>(None)
    }

    #[inline(always)]
    fn set_slot(&mut self, slot: u32, value: u32) {
        let old = std::mem::replace(&mut self.slots[slot as usize], value);
        // Without a choice to go back to nobody asks for the old value.
        if !self.stack.is_empty() {
            self.log.push((slot, old));
        }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, pc: u32, at: usize, extra: u32) {
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

    /// Arrive at a point where failures are remembered; false if this one is known.
    #[inline]
    pub(super) fn visit(&mut self, point: u32, at: usize) -> bool {
        let point = &self.program.points[point as usize];
        if !point.usable {
            return true;
        }
        let row = MemoTable::row(point, self.slots, at as u32);
        if self.memory.failed(row, at as u32) {
            return false;
        }
        if point.inner {
            self.push(self.program.forget, at, row);
        } else {
            self.memory.mark(row, at as u32);
        }
        true
    }

    fn execute<const REMEMBER: bool>(&mut self, from: Option<(u32, usize)>) -> Outcome {
        let program = self.program;
        let text = self.text;
        let insts = &program.insts[..];
        let (mut pc, mut at) = match from {
            Some(place) => place,
            None => match self.back::<REMEMBER>() {
                Some(place) => place,
                None => return self.out(),
            },
        };
        let mut steps = 0;
        loop {
            steps += 1;
            let passed = match insts[pc as usize] {
                Inst::Byte(byte) => {
                    let ok = text.get(at) == Some(&byte);
                    at += 1;
                    ok
                }
                Inst::Bytes(start, length) => {
                    let wanted = &program.bytes[start as usize..(start + length) as usize];
                    let ok = text.len() - at >= wanted.len() && text[at..].starts_with(wanted);
                    at += length as usize;
                    ok
                }
                Inst::Set(set) => match program.sets[set as usize].step(text, at) {
                    Some(width) => {
                        at += width;
                        true
                    }
                    None => false,
                },
                Inst::Sets(start, length) => {
                    let row = &program.sets_in_row[start as usize..(start + length) as usize];
                    row.iter().all(|&set| {
                        let width = program.sets[set as usize].step(text, at);
                        at += width.unwrap_or(0);
                        width.is_some()
                    })
                }
                Inst::At(place) => holds(place, text, at),
                Inst::Save(slot) => {
                    self.set_slot(slot, at as u32);
                    true
                }
                Inst::Jump(to) => {
                    pc = to;
                    continue;
                }
                Inst::Branch(i) => {
                    let branch = &program.branches[i as usize];
                    if REMEMBER && !self.visit(branch.point, at) {
                        false
                    } else if let Some(target) = self.arm(branch, pc, at, 0) {
                        pc = target;
                        continue;
                    } else {
                        false
                    }
                }
                Inst::CharLoop(i) => match self.one::<REMEMBER>(i, pc, at) {
                    Some(next) => {
                        at = next;
                        true
                    }
                    None => false,
                },
                Inst::Split(i) => {
                    let split = &program.splits[i as usize];
                    if REMEMBER && !self.visit(split.point, at) {
                        false
                    } else {
                        let body = split.body_first.worth(text, at);
                        let exit = split.exit_first.worth(text, at);
                        if body && exit {
                            self.push(pc, at, 0);
                        }
                        if body || exit {
                            let enter = body && !(exit && split.lazy);
                            pc = if enter { split.body } else { split.exit };
                            continue;
                        }
                        false
                    }
                }
                Inst::LoopStart(i) => {
                    let all = &program.loops[i as usize];
                    self.set_slot(all.count, 0);
                    self.set_slot(all.last, NONE);
                    pc = all.until;
                    continue;
                }
                Inst::Until(i) => {
                    let all = &program.loops[i as usize];
                    if REMEMBER && !self.visit(all.point, at) {
                        false
                    } else if let Some(next) = self.until(all, pc, at) {
                        pc = next;
                        continue;
                    } else {
                        false
                    }
                }
                Inst::AtomicStart(height) => {
                    self.set_slot(height, self.stack.len() as u32);
                    true
                }
                Inst::AtomicEnd(height) => {
                    self.stack.truncate(self.slots[height as usize] as usize);
                    true
                }
                Inst::PossessiveStart(i) => {
                    let all = &program.possessives[i as usize];
                    self.set_slot(all.count, 0);
                    self.set_slot(all.last, NONE);
                    self.set_slot(all.height, self.stack.len() as u32);
                    true
                }
                Inst::PossessiveNext(i) => {
                    let all = &program.possessives[i as usize];
                    let count = self.slots[all.count as usize];
                    if count >= all.min {
                        if (all.max == NONE || count < all.max)
                            && self.slots[all.last as usize] != at as u32
                        {
                            self.push(pc, at, 0);
                            self.set_slot(all.last, at as u32);
                        } else {
                            pc = all.exit;
                            continue;
                        }
                    }
                    true
                }
                Inst::PossessiveEnd(i) => {
                    let all = &program.possessives[i as usize];
                    self.stack
                        .truncate(self.slots[all.height as usize] as usize);
                    let count = self.slots[all.count as usize];
                    self.set_slot(all.count, count.saturating_add(1).min(NONE - 1));
                    pc = all.next;
                    continue;
                }
                Inst::Look(i) => {
                    let look = &program.looks[i as usize];
                    self.set_slot(look.height, self.stack.len() as u32);
                    if look.negated {
                        self.push(pc, at, 0);
                    } else {
                        self.set_slot(look.position, at as u32);
                    }
                    match step_back(text, at, look.behind) {
                        Some(start) => {
                            at = start;
                            true
                        }
                        None => false,
                    }
                }
                Inst::LookEnd(i) => {
                    let look = &program.looks[i as usize];
                    self.stack
                        .truncate(self.slots[look.height as usize] as usize);
                    at = self.slots[look.position as usize] as usize;
                    true
                }
                Inst::NotEnd(i) => {
                    let look = &program.looks[i as usize];
                    self.stack
                        .truncate(self.slots[look.height as usize] as usize);
                    false
                }
                Inst::Ahead(i) => {
                    let found = program.aheads[i as usize].find(&text[at..]);
                    self.steps += scanned(at, found.map_or(text.len(), |n| at + n));
                    found.is_some()
                }
                Inst::Backreference(group, fold) => match self.again(group, fold, at) {
                    Some(end) => {
                        at = end;
                        true
                    }
                    None => false,
                },
                Inst::Conditional(group, otherwise) => {
                    if self.group(group).is_none() {
                        pc = otherwise;
                        continue;
                    }
                    true
                }
                Inst::Match => {
                    self.steps += steps;
                    return Outcome::Matched(at as u32);
                }
                Inst::Fail | Inst::Forget => false,
            };
            if passed {
                pc += 1;
                continue;
            }
            self.steps += steps;
            steps = 0;
            if self.steps > self.limit {
                return Outcome::Limit;
            }
            match self.back::<REMEMBER>() {
                Some(place) => (pc, at) = place,
                None => return self.out(),
            }
        }
    }

    /// The stack is empty: nothing is left to try from this start.
    fn out(&mut self) -> Outcome {
        self.log.clear();
        // Registers of loops and sub-matches are set before they are read.
        self.slots[..2 * (self.program.captures() + 1)].fill(NONE);
        Outcome::Failed
    }

    /// Go back to the last choice that has something left.
    fn back<const REMEMBER: bool>(&mut self) -> Option<(u32, usize)> {
        let program = self.program;
        loop {
            let frame = *self.stack.last()?;
            self.restore(&frame);
            let at = frame.at as usize;
            self.steps += 1;
            match program.insts[frame.pc as usize] {
                Inst::Branch(i) => {
                    self.stack.pop();
                    let branch = &program.branches[i as usize];
                    if let Some(target) = self.arm(branch, frame.pc, at, frame.extra + 1) {
                        return Some((target, at));
                    }
                }
                Inst::CharLoop(i) => {
                    if let Some(next) = self.one_again::<REMEMBER>(i, &frame) {
                        return Some((frame.pc + 1, next));
                    }
                }
                Inst::Split(i) => {
                    self.stack.pop();
                    let split = &program.splits[i as usize];
                    let pc = if split.lazy { split.body } else { split.exit };
                    return Some((pc, at));
                }
                Inst::Until(i) => {
                    self.stack.pop();
                    let all = &program.loops[i as usize];
                    if !all.lazy {
                        return Some((all.exit, at));
                    }
                    if self.pass(all, at) {
                        return Some((all.body, at));
                    }
                }
                Inst::PossessiveNext(i) => {
                    self.stack.pop();
                    return Some((program.possessives[i as usize].exit, at));
                }
                Inst::Look(i) => {
                    self.stack.pop();
                    return Some((program.looks[i as usize].exit, at));
                }
                Inst::Forget => {
                    self.stack.pop();
                    self.memory.mark(frame.extra, frame.at);
                }
                _ => {
                    self.stack.pop();
                }
            }
        }
    }

    /// Undo what was written since the frame, as CPython would.
    #[inline(always)]
    fn restore(&mut self, frame: &Frame) {
        if let Some(loose) = &self.program.loose
            && loose[frame.pc as usize] == Restore::CountOfMarks
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

    /// The first arm from `least` on that can match here; a frame for the rest.
    #[inline(always)]
    fn arm(&mut self, branch: &Branch, pc: u32, at: usize, least: u32) -> Option<u32> {
        if least > 63 {
            return None;
        }
        let next = self.text.get(at).map_or(256, |&byte| usize::from(byte));
        let mut arms = branch.arms[next] >> least << least;
        if arms == 0 {
            return None;
        }
        // Written so, since `arms & (arms - 1)` would be compiled to a population count.
        let mut arm = arms.trailing_zeros();
        if arms >> arm != 1 && next < 256 {
            let second = self.text.get(at + 1);
            arms &= branch.seconds[second.map_or(256, |&byte| usize::from(byte))];
            if arms == 0 {
                return None;
            }
            arm = arms.trailing_zeros();
        }
        if arms >> arm != 1 || self.program.loose.is_some() {
            self.push(pc, at, arm);
        }
        Some(branch.targets[arm as usize])
    }

    /// CPython's MAX_UNTIL and MIN_UNTIL: where to go on.
    #[inline(always)]
    fn until(&mut self, all: &Loop, pc: u32, at: usize) -> Option<u32> {
        let count = self.slots[all.count as usize];
        if count < all.min {
            self.set_slot(all.count, count + 1);
            return Some(all.body);
        }
        let exit = all.exit_first.worth(self.text, at);
        let more = (all.max == NONE || count < all.max)
            && self.slots[all.last as usize] != at as u32
            && all.body_first.worth(self.text, at);
        if !more {
            return exit.then_some(all.exit);
        }
        if all.lazy {
            if exit {
                self.push(pc, at, 0);
                return Some(all.exit);
            }
            self.pass(all, at);
            return Some(all.body);
        }
        if exit {
            self.push(pc, at, 0);
        }
        self.pass(all, at);
        Some(all.body)
    }

    /// Begin an optional pass, if one is left; a lazy loop asks after its exit failed.
    #[inline(always)]
    fn pass(&mut self, all: &Loop, at: usize) -> bool {
        let count = self.slots[all.count as usize];
        if all.max != NONE {
            self.set_slot(all.count, count + 1);
        }
        self.set_slot(all.last, at as u32);
        true
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
