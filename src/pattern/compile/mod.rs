//! From the lowered sequence to a program.
//!
//! This file compiles sequences and what is neither a loop nor an alternative; `branch` and
//! `loops` do these.

mod branch;
mod loops;

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::analysis::{forbid_captured, has_stale_captures, misread_start, start_of};
use super::charset::{CharSet, FlaggedUnit};
use super::decide::decide;
use super::first::FirstSet;
use super::item::{At, Item, Seq};
use super::merge_repeats::merge_repeats;
use super::program::{Around, Inst, Look, MemoPoint, NONE, Program, Restore, Start};

/// The table of failures has at most this many rows.
const MAX_ROWS: u64 = u32::MAX as u64;

/// Compile a pattern; `ascii` is the flag of the whole.
pub(super) fn compile(seq: &Seq, groups: usize, min_width: u128, ascii: bool) -> Program {
    let start_misread_by_cpython = misread_start(seq, ascii, min_width);
    let stale_captures = has_stale_captures(seq, false, &mut Vec::new());
    let merged = if stale_captures {
        None
    } else {
        merge_repeats(seq)
    };
    let seq = merged.as_ref().unwrap_or(seq);
    let decided = if stale_captures { None } else { decide(seq) };
    let seq = decided.as_ref().unwrap_or(seq);
    let mut compiler = Compiler {
        program: Program {
            insts: Vec::new(),
            bytes: Vec::new(),
            sets: Vec::new(),
            sets_in_row: Vec::new(),
            branches: Vec::new(),
            char_loops: Vec::new(),
            splits: Vec::new(),
            loops: Vec::new(),
            possessives: Vec::new(),
            looks: Vec::new(),
            literals_ahead: Vec::new(),
            points: Vec::new(),
            groups,
            slots: 2 * (groups + 1),
            rows: None,
            fully_memoized: true,
            min_width: usize::try_from(min_width).unwrap_or(usize::MAX),
            first: seq.first.then(FirstSet::ANYTHING),
            start: Start::Anywhere,
            start_misread_by_cpython,
            forget: 0,
            stale_captures: stale_captures.then(Vec::new),
        },
        sets: HashMap::default(),
        tables: branch::Tables::default(),
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
    /// Where in `program.sets` the set of a unit is.
    sets: HashMap<FlaggedUnit, u32, FixedState>,
    /// Tables that alternatives share.
    tables: branch::Tables,
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
        if let Some(restores) = &mut self.program.stale_captures {
            restores.push(if self.in_repeat {
                Restore::Marks
            } else {
                Restore::CountOfMarks
            });
        }
        at
    }

    /// Say what a choice restores, where it is not what its surroundings say.
    fn restores(&mut self, pc: u32, restore: Restore) {
        if let Some(restores) = &mut self.program.stale_captures {
            restores[pc as usize] = restore;
        }
    }

    fn slot(&mut self) -> u32 {
        self.program.slots += 1;
        (self.program.slots - 1) as u32
    }

    fn set(&mut self, unit: &FlaggedUnit) -> u32 {
        if let Some(&known) = self.sets.get(unit) {
            return known;
        }
        let set = self.sets.len() as u32;
        self.sets.insert(unit.clone(), set);
        self.program.sets.push(CharSet::new(unit));
        set
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
                && unit.exact_char().is_some()
            {
                at += self.literal(&items[at..]);
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

    /// A run of literal characters; the number of items it took.
    fn literal(&mut self, items: &[Item]) -> usize {
        let start = self.program.bytes.len();
        let mut taken = 0;
        while let Some(Item::Unit(unit)) = items.get(taken)
            && let Some(code) = unit.exact_char()
        {
            let Some(c) = char::from_u32(code) else {
                if taken == 0 {
                    // A lone surrogate: no text has it.
                    self.emit(Inst::Fail);
                    return 1;
                }
                break;
            };
            let mut buffer = [0; 4];
            let bytes = c.encode_utf8(&mut buffer).as_bytes();
            self.program.bytes.extend_from_slice(bytes);
            taken += 1;
        }
        if let [byte] = self.program.bytes[start..] {
            self.program.bytes.truncate(start);
            self.emit(Inst::Byte(byte));
        } else {
            let length = self.program.bytes.len() - start;
            self.emit(Inst::Bytes(start as u32, length as u32));
        }
        taken
    }

    fn item(&mut self, item: &Item, follow: FirstSet) {
        if self.program.stale_captures.is_none()
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
            Item::ContainsLiteral(literal) => {
                let finder = memchr::memmem::Finder::new(literal).into_owned();
                self.program.literals_ahead.push(finder);
                self.emit(Inst::ContainsLiteral(
                    self.program.literals_ahead.len() as u32 - 1,
                ));
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
            } => self.look(behind.unwrap_or(0), *negated, body),
            Item::Backreference(group, fold) => {
                self.emit(Inst::Backreference(*group as u32, *fold));
            }
            Item::Conditional { group, yes, no } => {
                self.conditional(*group as u32, yes, no.as_ref(), follow);
            }
        }
    }

    fn look(&mut self, behind: u32, negated: bool, body: &Seq) {
        let look = Look {
            behind,
            negated,
            height: self.slot(),
            position: self.slot(),
            exit: 0,
        };
        let index = self.program.looks.len();
        self.program.looks.push(look);
        self.emit(Inst::Look(index as u32));
        self.inside(|this| this.sequence(body, FirstSet::ANYTHING));
        self.emit(if negated {
            Inst::NotEnd(index as u32)
        } else {
            Inst::LookEnd(index as u32)
        });
        self.program.looks[index].exit = self.here();
    }

    fn conditional(&mut self, group: u32, yes: &Seq, no: Option<&Seq>, follow: FirstSet) {
        let test = self.emit(Inst::Fail);
        self.sequence(yes, follow);
        let mut otherwise = self.here();
        if let Some(no) = no {
            let jump = self.emit(Inst::Fail);
            otherwise = self.here();
            self.sequence(no, follow);
            self.program.insts[jump as usize] = Inst::Jump(self.here());
        }
        self.program.insts[test as usize] = Inst::Conditional(group, otherwise);
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
