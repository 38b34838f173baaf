//! What decides where the machine goes on: alternatives, loops over more than a character,
//! lookarounds, atomic groups.

use super::Machine;
use crate::pattern::place::step_back;
use crate::pattern::program::{Branch, Loop, NONE};

/// Characters of a lookbehind that cost no step of their own.
const FREE_LOOKBEHIND: u32 = 16;

impl Machine<'_> {
    /// The alternatives: the target of the first one that can match here.
    #[inline(always)]
    pub(super) fn branch<const MEMOIZE: bool>(
        &mut self,
        i: u32,
        pc: u32,
        at: usize,
    ) -> Option<u32> {
        let branch = &self.program.branches[i as usize];
        if MEMOIZE && !self.visit(branch.point, at) {
            return None;
        }
        self.arm(branch, pc, at, 0)
    }

    /// The first arm from `least` on that can match here; a frame for the rest.
    #[inline(always)]
    pub(super) fn arm(&mut self, branch: &Branch, pc: u32, at: usize, least: u32) -> Option<u32> {
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
        if arms >> arm != 1 || self.program.stale_captures.is_some() {
            self.push(pc, at, arm);
        }
        Some(branch.targets[arm as usize])
    }

    /// The end of a pass of a loop without registers: into the body again, or on.
    #[inline(always)]
    pub(super) fn split<const MEMOIZE: bool>(&mut self, i: u32, pc: u32, at: usize) -> Option<u32> {
        let split = &self.program.splits[i as usize];
        if MEMOIZE && !self.visit(split.point, at) {
            return None;
        }
        let body = split.body_first.may_start_at(self.text, at);
        let exit = split.exit_first.may_start_at(self.text, at);
        if body && exit {
            self.push(pc, at, 0);
        }
        if !body && !exit {
            return None;
        }
        let enter = body && !(exit && split.lazy);
        Some(if enter { split.body } else { split.exit })
    }

    #[inline(always)]
    pub(super) fn loop_start(&mut self, i: u32) -> u32 {
        let all = &self.program.loops[i as usize];
        self.set_slot(all.count, 0);
        self.set_slot(all.last, NONE);
        all.until
    }

    /// CPython's MAX_UNTIL and MIN_UNTIL: where to go on.
    #[inline(always)]
    pub(super) fn until<const MEMOIZE: bool>(&mut self, i: u32, pc: u32, at: usize) -> Option<u32> {
        let all = &self.program.loops[i as usize];
        if MEMOIZE && !self.visit(all.point, at) {
            return None;
        }
        let count = self.slots[all.count as usize];
        if count < all.min {
            self.set_slot(all.count, count + 1);
            return Some(all.body);
        }
        let exit = all.exit_first.may_start_at(self.text, at);
        let more = (all.max == NONE || count < all.max)
            && self.slots[all.last as usize] != at as u32
            && all.body_first.may_start_at(self.text, at);
        if !more {
            return exit.then_some(all.exit);
        }
        if exit {
            self.push(pc, at, 0);
            if all.lazy {
                return Some(all.exit);
            }
        }
        self.begin_pass(all, at);
        Some(all.body)
    }

    /// Begins an optional pass.
    #[inline(always)]
    pub(super) fn begin_pass(&mut self, all: &Loop, at: usize) {
        if all.max != NONE {
            let count = self.slots[all.count as usize];
            self.set_slot(all.count, count + 1);
        }
        self.set_slot(all.last, at as u32);
    }

    /// Drops the choices made since the register was set to the stack's height.
    #[inline(always)]
    pub(super) fn cut_stack(&mut self, height: u32) {
        self.stack.truncate(self.slots[height as usize] as usize);
        // without a choice to go back to nobody reads old values
        if self.stack.is_empty() {
            self.log.clear();
        }
    }

    #[inline(always)]
    pub(super) fn possessive_start(&mut self, i: u32) {
        let all = &self.program.possessives[i as usize];
        self.set_slot(all.count, 0);
        self.set_slot(all.last, NONE);
        self.set_slot(all.height, self.stack.len() as u32);
    }

    /// Before a pass of a possessive loop: into the body, or out where it may not go on.
    #[inline(always)]
    pub(super) fn possessive_next(&mut self, i: u32, pc: u32, at: usize) -> u32 {
        let all = &self.program.possessives[i as usize];
        let count = self.slots[all.count as usize];
        if count < all.min {
            return pc + 1;
        }
        let moved = self.slots[all.last as usize] != at as u32;
        if !moved || all.max != NONE && count >= all.max {
            return all.exit;
        }
        self.push(pc, at, 0);
        self.set_slot(all.last, at as u32);
        pc + 1
    }

    /// After a pass of a possessive loop: there is no way back into it.
    #[inline(always)]
    pub(super) fn possessive_end(&mut self, i: u32) -> u32 {
        let all = &self.program.possessives[i as usize];
        self.cut_stack(all.height);
        let count = self.slots[all.count as usize];
        self.set_slot(all.count, count.saturating_add(1).min(NONE - 1));
        all.next
    }

    /// Begins a lookaround: where its inside is matched, if there is room for a lookbehind.
    #[inline(always)]
    pub(super) fn look(&mut self, i: u32, pc: u32, at: usize) -> Option<usize> {
        let look = &self.program.looks[i as usize];
        self.set_slot(look.height, self.stack.len() as u32);
        if look.negated {
            self.push(pc, at, 0);
        } else {
            self.set_slot(look.position, at as u32);
        }
        if look.behind > FREE_LOOKBEHIND {
            self.steps += u64::from(look.behind).min(at as u64) / 8;
        }
        step_back(self.text, at, look.behind)
    }

    /// Ends a positive lookaround: back where it began.
    #[inline(always)]
    pub(super) fn look_end(&mut self, i: u32) -> usize {
        let look = &self.program.looks[i as usize];
        self.cut_stack(look.height);
        self.slots[look.position as usize] as usize
    }
}
