//! Loops: over one character, over more, counted and not, possessive.

use super::Compiler;
use crate::pattern::ast::RepeatMode;
use crate::pattern::charset::{Excludes, FlaggedUnit};
use crate::pattern::first::FirstSet;
use crate::pattern::item::{Item, Seq};
use crate::pattern::program::{
    Around, CharLoop, Inst, Loop, NONE, Possessive, Restore, Scan, Split,
};

impl Compiler {
    pub(super) fn repeat(
        &mut self,
        min: u32,
        max: Option<u32>,
        mode: RepeatMode,
        body: &Seq,
        follow: FirstSet,
    ) {
        let stale_captures = self.program.stale_captures.is_some();
        if let Some(unit) = body.as_unit() {
            self.char_loop(min, max, mode, unit, None, follow);
            return;
        }
        if !stale_captures
            && (min, max) != (1, Some(1))
            && let Some((never, unit)) = body.as_tempered()
        {
            self.char_loop(min, max, mode, unit, Some(&never), follow);
            return;
        }
        if mode == RepeatMode::Possessive {
            self.possessive(min, max, body);
            return;
        }
        let lazy = mode == RepeatMode::Lazy;
        let in_repeat = std::mem::replace(&mut self.in_repeat, true);
        match (min, max) {
            (0, Some(0)) => {}
            (1, Some(1)) if !stale_captures => self.sequence(body, follow),
            (0, Some(1)) if !stale_captures && lazy => self.branch(&[None, Some(body)], follow),
            (0, Some(1)) if !stale_captures => self.branch(&[Some(body), None], follow),
            _ if !stale_captures && self.unroll(min, max, mode, body, follow) => {}
            (0 | 1, None) if !stale_captures && !body.nullable => {
                self.split(min, lazy, body, follow)
            }
            _ => {
                let until = self.until(min, max, lazy, body, follow);
                // MIN_UNTIL saves for what follows the loop, with the loop around
                // it in force; MAX_UNTIL saves for its pass, always.
                if lazy && !in_repeat {
                    self.restores(until, Restore::CountOfMarks);
                }
            }
        }
        self.in_repeat = in_repeat;
    }

    /// Compile a loop with few passes pass by pass, without registers: `X{3}` as `XXX`
    /// and `X{1,3}` as `X(?:X(?:X)?)?`. False if it is not one for that.
    ///
    /// The same passes are tried in the same order. A pass of `X` always moves, so that
    /// no pass is stopped for standing still, and no group in it keeps the captures of
    /// an earlier pass.
    fn unroll(
        &mut self,
        min: u32,
        max: Option<u32>,
        mode: RepeatMode,
        body: &Seq,
        follow: FirstSet,
    ) -> bool {
        let Some(max) = max.filter(|&max| 1 < max && max <= 4) else {
            return false;
        };
        if body.nullable || body.captures || body.size * max as usize > 24 {
            return false;
        }
        let mut left = None;
        for pass in (0..max).rev() {
            let mut items = body.items.clone();
            items.extend(left.take());
            let body = Seq::new(items);
            left = Some(Item::Repeat {
                min: u32::from(pass < min),
                max: Some(1),
                mode,
                body,
            });
        }
        if let Some(item) = left {
            self.item(&item, follow);
        }
        true
    }

    fn split(&mut self, min: u32, lazy: bool, body: &Seq, follow: FirstSet) {
        let point = self.point();
        let index = self.program.splits.len();
        let body_first = body.first.repeated(follow);
        self.program.splits.push(Split {
            body: 0,
            exit: 0,
            lazy,
            body_first,
            exit_first: follow,
            point,
        });
        let jump = (min == 0).then(|| self.emit(Inst::Fail));
        let start = self.here();
        self.sequence(body, body_first.union(follow));
        let end = self.emit(Inst::Split(index as u32));
        if let Some(jump) = jump {
            self.program.insts[jump as usize] = Inst::Jump(end);
        }
        let split = &mut self.program.splits[index];
        split.body = start;
        split.exit = end + 1;
    }

    fn until(
        &mut self,
        min: u32,
        max: Option<u32>,
        lazy: bool,
        body: &Seq,
        follow: FirstSet,
    ) -> u32 {
        let stale_captures = self.program.stale_captures.is_some();
        let count = self.slot();
        let last = self.slot();
        // A count matters up to the limit, or else to the minimum. Before the
        // minimum is reached `last` is not set; it matters only for a body that
        // can match empty.
        let around = Around {
            count,
            counts: max.unwrap_or(min).saturating_add(1),
            last: if body.nullable { last } else { NONE },
        };
        self.around.push(around);
        let point = self.point();
        let index = self.program.loops.len();
        let body_first = if stale_captures {
            FirstSet::ANYTHING
        } else if body.nullable {
            body.first.then(FirstSet::ANYTHING)
        } else {
            body.first.repeated(follow)
        };
        self.program.loops.push(Loop {
            min,
            max: max.unwrap_or(NONE),
            lazy,
            count,
            last,
            body: 0,
            exit: 0,
            until: 0,
            body_first,
            exit_first: if stale_captures {
                FirstSet::ANYTHING
            } else {
                follow
            },
            point,
        });
        self.emit(Inst::LoopStart(index as u32));
        let start = self.here();
        let inside = body.first.repeated(follow).union(follow);
        self.sequence(body, inside);
        let until = self.emit(Inst::Until(index as u32));
        self.around.pop();
        let all = &mut self.program.loops[index];
        all.body = start;
        all.until = until;
        all.exit = until + 1;
        until
    }

    fn possessive(&mut self, min: u32, max: Option<u32>, body: &Seq) {
        let index = self.program.possessives.len();
        let possessive = Possessive {
            min,
            max: max.unwrap_or(NONE),
            count: self.slot(),
            last: self.slot(),
            height: self.slot(),
            next: 0,
            exit: 0,
        };
        self.program.possessives.push(possessive);
        self.emit(Inst::PossessiveStart(index as u32));
        let next = self.emit(Inst::PossessiveNext(index as u32));
        self.restores(next, Restore::Marks);
        self.inside(|this| this.sequence(body, FirstSet::ANYTHING));
        let end = self.emit(Inst::PossessiveEnd(index as u32));
        let all = &mut self.program.possessives[index];
        all.next = next;
        all.exit = end + 1;
    }

    fn char_loop(
        &mut self,
        min: u32,
        max: Option<u32>,
        mode: RepeatMode,
        unit: &FlaggedUnit,
        never: Option<&[u8]>,
        follow: FirstSet,
    ) {
        let stale_captures = self.program.stale_captures.is_some();
        if (min, max) == (1, Some(1)) && !stale_captures {
            self.item(&Item::Unit(unit.clone()), follow);
            return;
        }
        let set = self.set(unit);
        let charset = &self.program.sets[set as usize];
        let scan = match charset.excludes() {
            Excludes::Byte(byte) => Scan::UntilByte(byte),
            Excludes::Nothing => Scan::All,
            Excludes::Several => Scan::Table,
        };
        let follow = if stale_captures {
            FirstSet::ANYTHING
        } else {
            follow
        };
        let no_backtrack = !stale_captures
            && (!FirstSet::of_set(charset).meets(&follow)
                || never.is_some_and(|never| follow.lead().starts_with(never)));
        let few = follow.few();
        let ascii_only = charset.is_ascii_only();
        let point = self.point();
        self.program.char_loops.push(CharLoop {
            set,
            ascii_only,
            min,
            max: max.unwrap_or(NONE),
            mode,
            scan,
            never: never.map(|never| Box::new(memchr::memmem::Finder::new(never).into_owned())),
            next: follow,
            next_byte: match few.as_deref() {
                Some([byte]) => Some(*byte),
                _ => None,
            },
            no_backtrack,
            point,
        });
        self.emit(Inst::CharLoop(self.program.char_loops.len() as u32 - 1));
    }
}
