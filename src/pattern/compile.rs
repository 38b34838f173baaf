//! From the lowered sequence to a program.

use super::analysis::{forbid_captured, is_loose, misread_start, start_of};
use super::ast::RepeatMode;
use super::charset::{CharSet, FlaggedUnit};
use super::decide::decide;
use super::first::FirstSet;
use super::lower::{At, Item, Seq};
use super::program::{
    Around, Branch, CharLoop, Inst, Look, Loop, MemoPoint, NONE, Possessive, Program, Restore,
    Scan, Split, Start,
};

/// The table of failures has at most this many rows.
const MAX_ROWS: u64 = u32::MAX as u64;

/// Compile a pattern; `ascii` is the flag of the whole.
pub(super) fn compile(seq: &Seq, groups: usize, min_width: u128, ascii: bool) -> Program {
    let start_misread_by_cpython = misread_start(seq, ascii, min_width);
    let loose = is_loose(seq, false, &mut Vec::new());
    let decided = if loose { None } else { decide(seq) };
    let seq = decided.as_ref().unwrap_or(seq);
    let mut compiler = Compiler {
        program: Program {
            insts: Vec::new(),
            bytes: Vec::new(),
            sets: Vec::new(),
            sets_in_row: Vec::new(),
            branches: Vec::new(),
            ones: Vec::new(),
            splits: Vec::new(),
            loops: Vec::new(),
            possessives: Vec::new(),
            looks: Vec::new(),
            aheads: Vec::new(),
            points: Vec::new(),
            groups,
            slots: 2 * (groups + 1),
            rows: None,
            fully_memoized: true,
            min_width,
            first: seq.first.then(FirstSet::ANYTHING),
            start: Start::Anywhere,
            start_misread_by_cpython,
            forget: 0,
            loose: loose.then(Vec::new),
        },
        units: Vec::new(),
        around: Vec::new(),
        inner: false,
        in_repeat: false,
    };
    compiler.sequence(seq, FirstSet::ANYTHING);
    compiler.emit(Inst::Match);
    compiler.program.forget = compiler.here();
    compiler.emit(Inst::Forget);
    compiler.finish(seq)
}

struct Compiler {
    program: Program,
    /// The units of `program.sets`, to find equal ones.
    units: Vec<FlaggedUnit>,
    /// Loops around the current place, within the current sub-match.
    around: Vec<Around>,
    inner: bool,
    in_repeat: bool,
}

impl Compiler {
    fn here(&self) -> u32 {
        self.program.insts.len() as u32
    }

    fn emit(&mut self, inst: Inst) -> u32 {
        let at = self.here();
        self.program.insts.push(inst);
        if let Some(loose) = &mut self.program.loose {
            loose.push(if self.in_repeat {
                Restore::Marks
            } else {
                Restore::CountOfMarks
            });
        }
        at
    }

    /// Say what a choice restores, where it is not what its surroundings say.
    fn restores(&mut self, pc: u32, restore: Restore) {
        if let Some(loose) = &mut self.program.loose {
            loose[pc as usize] = restore;
        }
    }

    fn slot(&mut self) -> u32 {
        self.program.slots += 1;
        (self.program.slots - 1) as u32
    }

    fn set(&mut self, unit: &FlaggedUnit) -> u32 {
        if let Some(at) = self.units.iter().position(|known| known == unit) {
            return at as u32;
        }
        self.units.push(unit.clone());
        self.program.sets.push(CharSet::new(unit));
        (self.units.len() - 1) as u32
    }

    fn point(&mut self) -> u32 {
        let rows = self
            .around
            .iter()
            .try_fold(1u64, |rows, around| {
                rows.checked_mul(u64::from(around.counts) * if around.last == NONE { 1 } else { 2 })
            })
            .unwrap_or(u64::MAX);
        self.program.points.push(MemoPoint {
            around: self.around.clone(),
            base: 0,
            rows,
            inner: self.inner,
            usable: rows < MAX_ROWS,
        });
        (self.program.points.len() - 1) as u32
    }

    fn sequence(&mut self, seq: &Seq, follow: FirstSet) {
        let items = &seq.items;
        let mut follows = vec![follow; items.len() + 1];
        for (at, item) in items.iter().enumerate().rev() {
            follows[at] = item.first_with(follows[at + 1]);
        }
        let mut at = 0;
        while at < items.len() {
            if let Item::Unit(unit) = &items[at]
                && let Some(code) = unit.exact_char()
            {
                let Some(c) = char::from_u32(code) else {
                    // A lone surrogate: no text has it.
                    self.emit(Inst::Fail);
                    at += 1;
                    continue;
                };
                let start = self.program.bytes.len();
                let mut buffer = [0; 4];
                self.program
                    .bytes
                    .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
                at += 1;
                while let Some(Item::Unit(unit)) = items.get(at)
                    && let Some(c) = unit.exact_char().and_then(char::from_u32)
                {
                    self.program
                        .bytes
                        .extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
                    at += 1;
                }
                let length = self.program.bytes.len() - start;
                if length == 1 {
                    let byte = self.program.bytes[start];
                    self.program.bytes.truncate(start);
                    self.emit(Inst::Byte(byte));
                } else {
                    self.emit(Inst::Bytes(start as u32, length as u32));
                }
                continue;
            }
            let row = items[at..]
                .iter()
                .take_while(|item| matches!(item, Item::Unit(unit) if unit.exact_char().is_none()))
                .count();
            if row > 1 {
                let start = self.program.sets_in_row.len() as u32;
                for item in &items[at..at + row] {
                    if let Item::Unit(unit) = item {
                        let set = self.set(unit);
                        self.program.sets_in_row.push(set);
                    }
                }
                self.emit(Inst::Sets(start, row as u32));
                at += row;
                continue;
            }
            self.item(&items[at], follows[at + 1]);
            at += 1;
        }
    }

    fn item(&mut self, item: &Item, follow: FirstSet) {
        if self.program.loose.is_none()
            && let Item::Look { .. } = item
            && let Some(ascii) = item.as_apart(follow.end)
        {
            self.emit(Inst::At(At::Apart { ascii }));
            return;
        }
        match item {
            Item::Unit(unit) => {
                let set = self.set(unit);
                self.emit(Inst::Set(set));
            }
            Item::At(at) => {
                self.emit(Inst::At(*at));
            }
            Item::Fail => {
                self.emit(Inst::Fail);
            }
            Item::Ahead(literal) => {
                let finder = memchr::memmem::Finder::new(literal).into_owned();
                self.program.aheads.push(finder);
                self.emit(Inst::Ahead(self.program.aheads.len() as u32 - 1));
            }
            Item::Scoped(body) => self.sequence(body, follow),
            Item::Capture(group, body) => {
                self.emit(Inst::Save(2 * *group as u32));
                self.sequence(body, follow);
                self.emit(Inst::Save(2 * *group as u32 + 1));
            }
            Item::Branch(arms) => {
                let arms: Vec<Option<&Seq>> = arms.iter().map(Some).collect();
                self.branch(&arms, follow);
            }
            Item::Repeat {
                min,
                max,
                mode,
                body,
            } => self.repeat(*min, *max, *mode, body, follow),
            Item::Atomic(body) => {
                let height = self.slot();
                self.emit(Inst::AtomicStart(height));
                self.inside(|this| this.sequence(body, FirstSet::ANYTHING));
                self.emit(Inst::AtomicEnd(height));
            }
            Item::Look {
                behind,
                negated,
                body,
            } => {
                let look = Look {
                    behind: behind.unwrap_or(0),
                    negated: *negated,
                    height: self.slot(),
                    position: self.slot(),
                    exit: 0,
                };
                let index = self.program.looks.len();
                self.program.looks.push(look);
                self.emit(Inst::Look(index as u32));
                self.inside(|this| this.sequence(body, FirstSet::ANYTHING));
                self.emit(if *negated {
                    Inst::NotEnd(index as u32)
                } else {
                    Inst::LookEnd(index as u32)
                });
                self.program.looks[index].exit = self.here();
            }
            Item::Backreference(group, fold) => {
                self.emit(Inst::Backreference(*group as u32, *fold));
            }
            Item::Conditional { group, yes, no } => {
                let test = self.emit(Inst::Fail);
                self.sequence(yes, follow);
                let mut otherwise = self.here();
                if let Some(no) = no {
                    let jump = self.emit(Inst::Fail);
                    otherwise = self.here();
                    self.sequence(no, follow);
                    self.program.insts[jump as usize] = Inst::Jump(self.here());
                }
                self.program.insts[test as usize] = Inst::Conditional(*group as u32, otherwise);
            }
        }
    }

    /// Compile the inside of a sub-match: what is around it does not decide whether
    /// it can be matched to its end.
    fn inside(&mut self, compile: impl FnOnce(&mut Self)) {
        let around = std::mem::take(&mut self.around);
        let inner = std::mem::replace(&mut self.inner, true);
        compile(self);
        self.around = around;
        self.inner = inner;
    }

    /// Alternatives in order of preference; none is the empty one.
    fn branch(&mut self, arms: &[Option<&Seq>], follow: FirstSet) {
        const DIRECT: usize = 63;
        let point = self.point();
        let index = self.program.branches.len();
        let mut masks = Box::new([0u64; 257]);
        let mut seconds = Box::new([0u64; 257]);
        if self.program.loose.is_some() {
            let all = if arms.len() > DIRECT {
                u64::MAX
            } else {
                (1 << arms.len()) - 1
            };
            masks.fill(all);
            seconds.fill(all);
        } else {
            for (at, arm) in arms.iter().enumerate() {
                let bit = 1u64 << at.min(DIRECT);
                let first = arm.map_or(follow, |arm| arm.first.then(follow));
                first.each(|next| masks[next] |= bit);
                first.each_second(|next| seconds[next] |= bit);
            }
        }
        self.program.branches.push(Branch {
            targets: Vec::new(),
            arms: masks,
            seconds,
            point,
        });
        self.emit(Inst::Branch(index as u32));
        let mut targets = Vec::new();
        let mut jumps = Vec::new();
        let (direct, rest) = arms.split_at(arms.len().min(DIRECT));
        for (at, arm) in direct.iter().enumerate() {
            targets.push(self.here());
            if let Some(arm) = arm {
                self.sequence(arm, follow);
            }
            if at + 1 < arms.len() {
                jumps.push(self.emit(Inst::Fail));
            }
        }
        if !rest.is_empty() {
            targets.push(self.here());
            self.branch(rest, follow);
        }
        let end = self.here();
        for jump in jumps {
            self.program.insts[jump as usize] = Inst::Jump(end);
        }
        self.program.branches[index].targets = targets;
    }

    fn repeat(
        &mut self,
        min: u32,
        max: Option<u32>,
        mode: RepeatMode,
        body: &Seq,
        follow: FirstSet,
    ) {
        let loose = self.program.loose.is_some();
        if let Some(unit) = body.as_unit() {
            self.one(min, max, mode, unit, None, follow);
            return;
        }
        if !loose
            && (min, max) != (1, Some(1))
            && let Some((never, unit)) = body.as_tempered()
        {
            self.one(min, max, mode, unit, Some(&never), follow);
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
            (1, Some(1)) if !loose => self.sequence(body, follow),
            (0, Some(1)) if !loose && lazy => self.branch(&[None, Some(body)], follow),
            (0, Some(1)) if !loose => self.branch(&[Some(body), None], follow),
            _ if !loose && self.unroll(min, max, mode, body, follow) => {}
            (0 | 1, None) if !loose && !body.nullable => self.split(min, lazy, body, follow),
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
        let loose = self.program.loose.is_some();
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
        let body_first = if loose {
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
            exit_first: if loose { FirstSet::ANYTHING } else { follow },
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

    fn one(
        &mut self,
        min: u32,
        max: Option<u32>,
        mode: RepeatMode,
        unit: &FlaggedUnit,
        never: Option<&[u8]>,
        follow: FirstSet,
    ) {
        let loose = self.program.loose.is_some();
        if (min, max) == (1, Some(1)) && !loose {
            self.item(&Item::Unit(unit.clone()), follow);
            return;
        }
        let set = self.set(unit);
        let charset = &self.program.sets[set as usize];
        let scan = match charset.all_but() {
            Some(Some(byte)) => Scan::UntilByte(byte),
            Some(None) => Scan::All,
            None => Scan::Table,
        };
        let follow = if loose { FirstSet::ANYTHING } else { follow };
        let alone = !loose
            && (!FirstSet::of_table(&charset.table).meets(&follow)
                || never.is_some_and(|never| follow.lead().starts_with(never)));
        let few = follow.few();
        let point = self.point();
        self.program.ones.push(CharLoop {
            set,
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
            alone,
            point,
        });
        self.emit(Inst::CharLoop(self.program.ones.len() as u32 - 1));
    }

    fn finish(mut self, seq: &Seq) -> Program {
        let program = &mut self.program;
        forbid_captured(program);
        let mut base = 0u64;
        for point in &mut program.points {
            if point.usable && base + point.rows < MAX_ROWS {
                point.base = base;
                base += point.rows;
            } else {
                point.usable = false;
                program.fully_memoized = false;
            }
        }
        program.rows = (base > 0).then_some(base as u32);
        program.start = start_of(program, seq);
        self.program
    }
}
