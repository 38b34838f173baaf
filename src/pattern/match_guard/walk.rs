//! What an attempt to match depends on: a walk along all of its paths.

use std::collections::HashSet;
use std::sync::LazyLock;

use smallvec::SmallVec;

use crate::pattern::charset::{CharSet, Fold, decode, width_of};
use crate::pattern::item::At;
use crate::pattern::member::{ascii_bits, one_bit};
use crate::pattern::place::{assertion_holds, back_one};
use crate::pattern::program::{Inst, NONE, Program};

/// Bytes a match may depend on, at most.
pub(crate) const ROOM: usize = 64;
/// Bytes before the attempt's start that a match may depend on.
pub(super) const BEFORE: usize = 8;
/// Places in program and text that are looked at before the walk is given up.
const MOST_STATES: usize = 4_000;

const NEWLINE: u128 = 1 << b'\n';
/// The ASCII characters of words.
static WORD: LazyLock<u128> =
    LazyLock::new(|| ascii_bits(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));

/// What an attempt depends on.
pub(super) struct Dependencies<'a> {
    pub(super) text: &'a [u8],
    pub(super) start: usize,
    /// By byte, from [`BEFORE`] bytes before the start on: the ASCII bytes for which all tests
    /// come out the same, as bits. None: there is no test of this byte.
    pub(super) allowed: [Option<u128>; ROOM],
    /// Where the text begins.
    pub(super) begin: bool,
    /// Where the text ends.
    pub(super) end: bool,
}

/// What an attempt at `start` depends on that runs the program from `pc` on; None where that is
/// too much, or not known.
pub(super) fn dependencies<'a>(
    program: &'a Program,
    text: &'a [u8],
    start: usize,
    pc: u32,
) -> Option<Dependencies<'a>> {
    Walk::new(program, text, start)?.run(pc)
}

/// A place in the program and in the text, and the ends of the groups referenced back to.
type State = (u32, u32, Ends);

/// Ends of groups, in the order of `Walk::referenced`.
type Ends = SmallVec<[u32; 4]>;

/// A walk along all paths of an attempt.
struct Walk<'a> {
    program: &'a Program,
    text: &'a [u8],
    start: usize,
    /// See [`Dependencies::allowed`].
    allowed: [Option<u128>; ROOM],
    begin: bool,
    end: bool,
    /// Registers of the groups that backreferences read.
    referenced: Ends,
    seen: HashSet<State, foldhash::fast::FixedState>,
    open: Vec<State>,
}

/// Something the walk does not know how to follow.
struct Unknown;

impl<'a> Walk<'a> {
    fn new(program: &'a Program, text: &'a [u8], start: usize) -> Option<Walk<'a>> {
        if program.stale_captures.is_some() || program.start_misread_by_cpython.is_some() {
            return None;
        }
        let mut referenced = SmallVec::new();
        for inst in &program.insts {
            if let Inst::Backreference(group, _) = inst {
                referenced.extend([2 * group, 2 * group + 1]);
            }
        }
        // the walk leaves a lookaround with the groups it came with
        for (pc, inst) in program.insts.iter().enumerate() {
            if let Inst::Look(look) = inst {
                let exit = program.looks[*look as usize].exit as usize;
                let inside = program.insts.get(pc..exit)?;
                let saves =
                    |inst: &Inst| matches!(inst, Inst::Save(slot) if referenced.contains(slot));
                if inside.iter().any(saves) {
                    return None;
                }
            }
        }
        Some(Walk {
            program,
            text,
            start,
            allowed: [None; ROOM],
            begin: false,
            end: false,
            referenced,
            seen: HashSet::default(),
            open: Vec::new(),
        })
    }

    /// Walks from an instruction on.
    fn run(mut self, pc: u32) -> Option<Dependencies<'a>> {
        let groups = self.referenced.iter().map(|_| NONE).collect();
        self.go(pc, self.start, groups);
        while let Some((pc, at, groups)) = self.open.pop() {
            if self.seen.len() > MOST_STATES {
                return None;
            }
            self.step(pc, at as usize, groups).ok()?;
        }
        Some(Dependencies {
            text: self.text,
            start: self.start,
            allowed: self.allowed,
            begin: self.begin,
            end: self.end,
        })
    }

    fn go(&mut self, pc: u32, at: usize, groups: Ends) {
        let state = (pc, at as u32, groups);
        if self.seen.insert(state.clone()) {
            self.open.push(state);
        }
    }

    /// Goes on to wherever one instruction may lead.
    fn step(&mut self, pc: u32, at: usize, groups: Ends) -> Result<(), Unknown> {
        let program = self.program;
        let inst = program.insts[pc as usize];
        match inst {
            Inst::Match | Inst::Fail | Inst::Forget | Inst::LookEnd(_) | Inst::NotEnd(_) => {}
            Inst::Byte(_) | Inst::Bytes(..) | Inst::Set(_) | Inst::Sets(..) | Inst::At(_) => {
                if let Some(end) = self.consume(inst, at)? {
                    self.go(pc + 1, end, groups);
                }
            }
            Inst::Save(slot) => {
                let mut groups = groups;
                for (group, &referenced) in groups.iter_mut().zip(&self.referenced) {
                    if referenced == slot {
                        *group = at as u32;
                    }
                }
                self.go(pc + 1, at, groups);
            }
            Inst::Jump(to) => self.go(to, at, groups),
            Inst::Branch(branch) => {
                for &target in &program.branches[branch as usize].targets {
                    self.go(target, at, groups.clone());
                }
            }
            Inst::CharLoop(one) => self.char_loop(one, pc, at, &groups)?,
            Inst::Split(split) => {
                let split = &program.splits[split as usize];
                self.go(split.body, at, groups.clone());
                self.go(split.exit, at, groups);
            }
            Inst::LoopStart(all) => self.go(program.loops[all as usize].until, at, groups),
            Inst::Until(all) => {
                let all = &program.loops[all as usize];
                self.go(all.body, at, groups.clone());
                self.go(all.exit, at, groups);
            }
            Inst::PossessiveStart(_) | Inst::AtomicStart(_) | Inst::AtomicEnd(_) => {
                self.go(pc + 1, at, groups);
            }
            Inst::PossessiveNext(all) => {
                let exit = program.possessives[all as usize].exit;
                self.go(pc + 1, at, groups.clone());
                self.go(exit, at, groups);
            }
            Inst::PossessiveEnd(all) => {
                self.go(program.possessives[all as usize].next, at, groups);
            }
            Inst::Look(look) => {
                let look = &program.looks[look as usize];
                self.go(look.exit, at, groups.clone());
                if let Some(begin) = self.look_back(look.behind, at)? {
                    self.go(pc + 1, begin, groups);
                }
            }
            Inst::Backreference(group, fold) => {
                if let Some(end) = self.backreference(group, fold, at, &groups)? {
                    self.go(pc + 1, end, groups);
                }
            }
            Inst::Conditional(_, otherwise) => {
                self.go(pc + 1, at, groups.clone());
                self.go(otherwise, at, groups);
            }
            Inst::ContainsLiteral(_) => return Err(Unknown),
        }
        Ok(())
    }

    /// Where one of the instructions without a choice goes on in the text, if it does.
    fn consume(&mut self, inst: Inst, at: usize) -> Result<Option<usize>, Unknown> {
        let program = self.program;
        match inst {
            Inst::Byte(byte) => Ok(self.byte(byte, at)?.then_some(at + 1)),
            Inst::Bytes(first, length) => {
                let wanted = &program.bytes[first as usize..(first + length) as usize];
                for (n, &byte) in wanted.iter().enumerate() {
                    if !self.byte(byte, at + n)? {
                        return Ok(None);
                    }
                }
                Ok(Some(at + wanted.len()))
            }
            Inst::Set(set) => {
                let width = self.set(&program.sets[set as usize], at)?;
                Ok(width.map(|width| at + width))
            }
            Inst::Sets(first, length) => {
                let mut at = at;
                for &set in &program.sets_in_row[first as usize..(first + length) as usize] {
                    match self.set(&program.sets[set as usize], at)? {
                        Some(width) => at += width,
                        None => return Ok(None),
                    }
                }
                Ok(Some(at))
            }
            Inst::At(place) => {
                self.place(place, at)?;
                Ok(assertion_holds(place, self.text, at).then_some(at))
            }
            _ => Err(Unknown),
        }
    }

    /// A loop over a character: it may end at every place of its run.
    fn char_loop(&mut self, one: u32, pc: u32, at: usize, groups: &Ends) -> Result<(), Unknown> {
        let program = self.program;
        let one = &program.char_loops[one as usize];
        if one.never.is_some() {
            return Err(Unknown);
        }
        let (set, mut at) = (&program.sets[one.set as usize], at);
        for passes in 0.. {
            if passes >= one.min {
                self.go(pc + 1, at, groups.clone());
            }
            if passes == one.max {
                break;
            }
            match self.set(set, at)? {
                Some(width) => at += width,
                None => break,
            }
        }
        Ok(())
    }

    /// Some characters back, for a lookbehind; None if there are fewer.
    fn look_back(&mut self, characters: u32, at: usize) -> Result<Option<usize>, Unknown> {
        let mut at = at;
        for _ in 0..characters {
            if at == 0 {
                self.begin = true;
                return Ok(None);
            }
            at = back_one(self.text, at);
            self.record(at, u128::MAX)?;
        }
        Ok(Some(at))
    }

    /// The end of a group's text that is matched again.
    fn backreference(
        &mut self,
        group: u32,
        fold: Fold,
        at: usize,
        groups: &Ends,
    ) -> Result<Option<usize>, Unknown> {
        let text = self.text;
        let end_of = |slot| {
            let place = self.referenced.iter().position(|&known| known == slot);
            place.map_or(NONE, |place| groups[place])
        };
        let (from, to) = (end_of(2 * group), end_of(2 * group + 1));
        if from == NONE || to == NONE || from > to {
            return Ok(None);
        }
        let (mut from, to, mut at) = (from as usize, to as usize, at);
        while from < to {
            // the group must have the same text
            self.record(from, one_bit(text[from].into()))?;
            let wanted = fold.lower(decode(text, from));
            self.record(at, ascii_bits(|byte| fold.lower(byte.into()) == wanted))?;
            if at >= text.len() || fold.lower(decode(text, at)) != wanted {
                return Ok(None);
            }
            from += usize::from(width_of(text[from]));
            at += usize::from(width_of(text[at]));
        }
        Ok(Some(at))
    }

    /// Whether this byte stands there.
    fn byte(&mut self, byte: u8, at: usize) -> Result<bool, Unknown> {
        self.record(at, one_bit(byte.into()))?;
        Ok(self.text.get(at) == Some(&byte))
    }

    /// The width of the character there, if it is in the set.
    fn set(&mut self, set: &CharSet, at: usize) -> Result<Option<usize>, Unknown> {
        self.record(at, set.ascii)?;
        Ok(set.step(self.text, at))
    }

    /// A zero-width test.
    fn place(&mut self, place: At, at: usize) -> Result<(), Unknown> {
        let before = at.checked_sub(1).map(|_| back_one(self.text, at));
        match place {
            At::TextStart => self.begin = true,
            At::TextEnd => self.record(at, u128::MAX)?,
            At::LineEnd => self.record(at, NEWLINE)?,
            At::End => {
                self.record(at, NEWLINE)?;
                if self.text.get(at) == Some(&b'\n') {
                    self.record(at + 1, u128::MAX)?;
                }
            }
            At::LineStart => match before {
                Some(before) => self.record(before, NEWLINE)?,
                None => self.begin = true,
            },
            At::Boundary { .. } | At::Apart { .. } => {
                self.record(at, *WORD)?;
                match before {
                    Some(before) => self.record(before, *WORD)?,
                    None => self.begin = true,
                }
            }
        }
        Ok(())
    }

    /// A test of the character at `at`, or of whether there is one: `passing` are the ASCII
    /// characters for which it holds.
    fn record(&mut self, at: usize, passing: u128) -> Result<(), Unknown> {
        let Some(&byte) = self.text.get(at) else {
            self.end = true;
            return Ok(());
        };
        let place = |at: usize| (at + BEFORE).checked_sub(self.start).filter(|&n| n < ROOM);
        if byte.is_ascii() {
            let holds = passing & one_bit(byte.into()) != 0;
            let allowed = if holds { passing } else { !passing };
            let known = &mut self.allowed[place(at).ok_or(Unknown)?];
            *known = Some(known.unwrap_or(u128::MAX) & allowed);
            return Ok(());
        }
        // of a wider character the bytes must be the same
        for at in at..(at + usize::from(width_of(byte))).min(self.text.len()) {
            self.allowed[place(at).ok_or(Unknown)?] = Some(0);
        }
        Ok(())
    }
}
