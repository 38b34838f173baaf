//! What a match depends on: a text that is alike where the pattern looks is matched alike.
//!
//! Lines of a log mostly begin as the line before did, but for some digits. Where a pattern
//! was searched for in one of them, the others need no search.

use std::collections::HashSet;

use smallvec::SmallVec;

use super::charset::{CharSet, decode, width_of};
use super::lower::At;
use super::place::{back_one, holds};
use super::program::{Inst, NONE, Program, Scan};

/// Bytes a likeness speaks of, at most.
const ROOM: usize = 64;
/// Bytes compared at a time; divides [`ROOM`].
const CHUNK: usize = 32;
/// Bytes before the attempt's start that may be asked about.
const BEFORE: usize = 8;
/// Places in program and text that are looked at before it is given up.
const MOST_STATES: usize = 4_000;

/// Texts in which an attempt to match at one place ends as it did in a given text: with the
/// same captures, at the same distances from the start.
///
/// Exactness: where an attempt ends is decided by the order of the pattern's paths and by the
/// answers to what they ask: is the character here in this set, does the text begin or end
/// here, is this the text of that group. (First bytes, runs, memory and machine code only
/// skip paths that fail.) [`GuardBuilder`] walks every path of the program on the given text,
/// whichever the attempt would prefer, loops any number of times, lookarounds both ways, and
/// notes every question any of them asks, for each byte the ASCII bytes with the same
/// answers to all questions about it. A text with bytes out of those sets gives the same
/// answers to all questions on all paths, so the walk, and with it the attempt, is the same.
/// Characters beyond ASCII and the text of groups that are referred back to must be the same
/// bytes. A pattern with parts the walk does not know (a literal somewhere ahead, stale
/// captures, a start that CPython misreads) has no likeness.
///
/// A pattern that begins with a run up to a byte (`[^\[]*\[`) goes on at that byte or fails:
/// what follows cannot begin inside the run (`CharLoop::alone`). The walk begins there, at the
/// likeness's `pivot`, and what was captured from there on stands at the same distances from
/// it; what was captured before stands at the start.
#[derive(Clone, Debug)]
pub(crate) struct MatchGuard {
    /// The byte that ends a run from the start to the pivot; None: the start is the pivot.
    run_to: Option<u8>,
    /// Where the pivot was.
    pivot: usize,
    /// The bytes, from `before` bytes before the start on, are from `low` to `low + spread`.
    low: [u8; ROOM],
    spread: [u8; ROOM],
    before: usize,
    /// Bytes from there on that are asked about.
    asked: usize,
    /// Whether the text begins somewhere was asked: the start must be this.
    begin: Option<usize>,
    /// Whether the text ends somewhere was asked: it must end so many bytes after the start.
    end: Option<usize>,
}

impl MatchGuard {
    /// What an attempt at `start` depends on in `text`.
    pub(super) fn new(program: &Program, text: &[u8], start: usize) -> Option<MatchGuard> {
        let mut begin = false;
        for (pc, inst) in program.insts.iter().enumerate() {
            match inst {
                Inst::At(At::TextStart | At::LineStart) if start == 0 => begin = true,
                Inst::Save(_) => {}
                Inst::CharLoop(one) => {
                    let one = &program.ones[*one as usize];
                    let Scan::UntilByte(byte) = one.scan else {
                        break;
                    };
                    let run = memchr::memchr(byte, &text[start..]);
                    let plain = one.min == 0 && one.max == NONE && one.never.is_none();
                    let (true, true, Some(run @ 1..)) = (one.alone, plain, run) else {
                        break;
                    };
                    let walk =
                        GuardBuilder::new(program, text, start + run)?.walk(pc as u32 + 1)?;
                    return walk.likeness(begin.then_some(start), Some(byte));
                }
                _ => break,
            }
        }
        GuardBuilder::new(program, text, start)?
            .walk(0)?
            .likeness(None, None)
    }

    /// The pivot in the text this was made of.
    pub(crate) fn pivot(&self) -> usize {
        self.pivot
    }

    /// Whether an attempt at `start` in `text[..end]` ends as in the text this was made of:
    /// the pivot there.
    #[inline]
    pub(crate) fn holds(&self, text: &[u8], start: usize, end: usize) -> Option<usize> {
        let pivot = match self.run_to {
            None => start,
            Some(byte) => start + memchr::memchr(byte, &text[start..end])?,
        };
        let base = pivot.checked_sub(self.before)?;
        let fits = match self.end {
            Some(distance) => pivot + distance == end,
            None => base + self.asked <= end,
        };
        if !fits || self.begin.is_some_and(|begin| begin != start) {
            return None;
        }
        let mut at = 0;
        while at < self.asked {
            let (low, spread) = (&self.low[at..at + CHUNK], &self.spread[at..at + CHUNK]);
            let here = text.get(base + at..base + at + CHUNK);
            // nothing beyond the text's end is asked about
            let here = here.unwrap_or_else(|| &text[base + at..base + self.asked]);
            if outside(here, low, spread) {
                return None;
            }
            at += CHUNK;
        }
        Some(pivot)
    }
}

/// Whether any byte is not from `low` to `low + spread`.
#[inline(always)]
fn outside(here: &[u8], low: &[u8], spread: &[u8]) -> bool {
    let beyond = |byte: u8, low: u8, spread: u8| byte.wrapping_sub(low) > spread;
    if let (Some(here), Some(low), Some(spread)) = (
        here.first_chunk::<CHUNK>(),
        low.first_chunk::<CHUNK>(),
        spread.first_chunk::<CHUNK>(),
    ) {
        // all of them, without a branch: vector instructions
        let any = (0..CHUNK).fold(0, |any, n| {
            any | u8::from(beyond(here[n], low[n], spread[n]))
        });
        return any != 0;
    }
    let bounds = low.iter().zip(spread);
    let mut bytes = here.iter().zip(bounds);
    bytes.any(|(&byte, (&low, &spread))| beyond(byte, low, spread))
}

/// A place in the program and in the text, and the ends of the groups referred back to.
type State = (u32, u32, SmallVec<[u32; 4]>);

/// A walk along all paths of an attempt.
struct GuardBuilder<'a> {
    program: &'a Program,
    text: &'a [u8],
    start: usize,
    /// By byte, from [`BEFORE`] bytes before the start on: the ASCII bytes with the same
    /// answers, as bits. None: not asked about.
    alike: [Option<u128>; ROOM],
    begin: bool,
    end: bool,
    /// Registers of the groups that are referred back to.
    referred: SmallVec<[u32; 4]>,
    seen: HashSet<State, foldhash::fast::FixedState>,
    open: Vec<State>,
}

/// Something the walk has no answer for.
struct Unknown;

impl<'a> GuardBuilder<'a> {
    fn new(program: &'a Program, text: &'a [u8], start: usize) -> Option<GuardBuilder<'a>> {
        if program.loose.is_some() || program.start_misread_by_cpython.is_some() {
            return None;
        }
        let mut referred = SmallVec::new();
        for inst in &program.insts {
            if let Inst::Backreference(group, _) = inst {
                referred.extend([2 * group, 2 * group + 1]);
            }
        }
        // the walk leaves a lookaround with the groups it came with
        for (pc, inst) in program.insts.iter().enumerate() {
            if let Inst::Look(look) = inst {
                let exit = program.looks[*look as usize].exit as usize;
                let inside = program.insts.get(pc..exit)?;
                let saves =
                    |inst: &Inst| matches!(inst, Inst::Save(slot) if referred.contains(slot));
                if inside.iter().any(saves) {
                    return None;
                }
            }
        }
        Some(GuardBuilder {
            program,
            text,
            start,
            alike: [None; ROOM],
            begin: false,
            end: false,
            referred,
            seen: HashSet::default(),
            open: Vec::new(),
        })
    }

    /// Walks from an instruction on.
    fn walk(mut self, pc: u32) -> Option<Self> {
        let groups = self.referred.iter().map(|_| NONE).collect();
        self.go(pc, self.start, groups);
        while let Some((pc, at, groups)) = self.open.pop() {
            if self.seen.len() > MOST_STATES {
                return None;
            }
            self.step(pc, at as usize, groups).ok()?;
        }
        Some(self)
    }

    fn go(&mut self, pc: u32, at: usize, groups: SmallVec<[u32; 4]>) {
        let state = (pc, at as u32, groups);
        if self.seen.insert(state.clone()) {
            self.open.push(state);
        }
    }

    /// Goes on to wherever one instruction may lead.
    fn step(&mut self, pc: u32, at: usize, groups: SmallVec<[u32; 4]>) -> Result<(), Unknown> {
        let (program, text) = (self.program, self.text);
        match program.insts[pc as usize] {
            Inst::Match | Inst::Fail | Inst::Forget | Inst::LookEnd(_) | Inst::NotEnd(_) => {}
            Inst::Byte(byte) => {
                if self.byte(byte, at)? {
                    self.go(pc + 1, at + 1, groups);
                }
            }
            Inst::Bytes(first, length) => {
                let wanted = &program.bytes[first as usize..(first + length) as usize];
                for (n, &byte) in wanted.iter().enumerate() {
                    if !self.byte(byte, at + n)? {
                        return Ok(());
                    }
                }
                self.go(pc + 1, at + wanted.len(), groups);
            }
            Inst::Set(set) => {
                if let Some(width) = self.set(&program.sets[set as usize], at)? {
                    self.go(pc + 1, at + width, groups);
                }
            }
            Inst::Sets(first, length) => {
                let mut at = at;
                for &set in &program.sets_in_row[first as usize..(first + length) as usize] {
                    match self.set(&program.sets[set as usize], at)? {
                        Some(width) => at += width,
                        None => return Ok(()),
                    }
                }
                self.go(pc + 1, at, groups);
            }
            Inst::At(place) => {
                self.place(place, at)?;
                if holds(place, text, at) {
                    self.go(pc + 1, at, groups);
                }
            }
            Inst::Save(slot) => {
                let mut groups = groups;
                for (group, &referred) in groups.iter_mut().zip(&self.referred) {
                    if referred == slot {
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
            Inst::CharLoop(one) => {
                let one = &program.ones[one as usize];
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
            }
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
                let mut begin = at;
                for _ in 0..look.behind {
                    if begin == 0 {
                        self.begin = true;
                        return Ok(());
                    }
                    begin = back_one(text, begin);
                    self.note(begin, |_| true)?;
                }
                self.go(pc + 1, begin, groups);
            }
            Inst::Backreference(group, fold) => {
                let end_of = |slot| {
                    let place = self.referred.iter().position(|&referred| referred == slot);
                    place.map_or(NONE, |place| groups[place])
                };
                let (from, to) = (end_of(2 * group), end_of(2 * group + 1));
                if from == NONE || to == NONE || from > to {
                    return Ok(());
                }
                let (mut from, to, mut at) = (from as usize, to as usize, at);
                while from < to {
                    // the group must have the same text
                    self.note(from, |byte| byte == text[from])?;
                    let wanted = fold.lower(decode(text, from));
                    self.note(at, |byte| fold.lower(byte.into()) == wanted)?;
                    if at >= text.len() || fold.lower(decode(text, at)) != wanted {
                        return Ok(());
                    }
                    from += usize::from(width_of(text[from]));
                    at += usize::from(width_of(text[at]));
                }
                self.go(pc + 1, at, groups);
            }
            Inst::Conditional(_, otherwise) => {
                self.go(pc + 1, at, groups.clone());
                self.go(otherwise, at, groups);
            }
            Inst::Ahead(_) => return Err(Unknown),
        }
        Ok(())
    }

    /// Whether this byte stands there.
    fn byte(&mut self, byte: u8, at: usize) -> Result<bool, Unknown> {
        self.note(at, |other| other == byte)?;
        Ok(self.text.get(at) == Some(&byte))
    }

    /// The width of the character there, if it is in the set.
    fn set(&mut self, set: &CharSet, at: usize) -> Result<Option<usize>, Unknown> {
        self.note(at, |byte| set.table[usize::from(byte)] == 1)?;
        Ok(set.step(self.text, at))
    }

    /// A zero-width test.
    fn place(&mut self, place: At, at: usize) -> Result<(), Unknown> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let before = at.checked_sub(1).map(|_| back_one(self.text, at));
        match place {
            At::TextStart => self.begin = true,
            At::TextEnd => self.note(at, |_| true)?,
            At::LineEnd => self.note(at, |byte| byte == b'\n')?,
            At::End => {
                self.note(at, |byte| byte == b'\n')?;
                if self.text.get(at) == Some(&b'\n') {
                    self.note(at + 1, |_| true)?;
                }
            }
            At::LineStart => match before {
                Some(before) => self.note(before, |byte| byte == b'\n')?,
                None => self.begin = true,
            },
            At::Boundary { .. } | At::Apart { .. } => {
                self.note(at, is_word)?;
                match before {
                    Some(before) => self.note(before, is_word)?,
                    None => self.begin = true,
                }
            }
        }
        Ok(())
    }

    /// A question about the character at `at`, or whether there is one.
    fn note(&mut self, at: usize, answer: impl Fn(u8) -> bool) -> Result<(), Unknown> {
        let Some(&byte) = self.text.get(at) else {
            self.end = true;
            return Ok(());
        };
        let place = |at: usize| (at + BEFORE).checked_sub(self.start).filter(|&n| n < ROOM);
        if byte.is_ascii() {
            let same = answer(byte);
            let alike = (0..128u8).filter(|&other| answer(other) == same);
            let alike = alike.fold(0, |bits, byte| bits | 1u128 << byte);
            let known = &mut self.alike[place(at).ok_or(Unknown)?];
            *known = Some(known.unwrap_or(u128::MAX) & alike);
            return Ok(());
        }
        // no ASCII byte is like a part of a wider character: the bytes must be the same
        for at in at..(at + usize::from(width_of(byte))).min(self.text.len()) {
            self.alike[place(at).ok_or(Unknown)?] = Some(0);
        }
        Ok(())
    }

    /// `begin`: where the run before the walk began, if that was asked.
    fn likeness(&self, begin: Option<usize>, run_to: Option<u8>) -> Option<MatchGuard> {
        let first = self.alike.iter().position(Option::is_some);
        let first = first.unwrap_or(BEFORE).min(BEFORE);
        let last = self.alike.iter().rposition(Option::is_some);
        let asked = last.map_or(0, |last| last + 1).saturating_sub(first);
        let base = (self.start + first).checked_sub(BEFORE)?;
        let (mut low, mut spread) = ([0; ROOM], [u8::MAX; ROOM]);
        for (n, alike) in self.alike[first..].iter().enumerate() {
            let Some(alike) = *alike else { continue };
            let byte = self.text[base + n];
            let has = |byte: u8| byte.is_ascii() && alike >> byte & 1 == 1;
            let (mut from, mut to) = (byte, byte);
            while from > 0 && has(from - 1) {
                from -= 1;
            }
            while has(to + 1) {
                to += 1;
            }
            (low[n], spread[n]) = (from, to - from);
        }
        if self.begin && run_to.is_some() {
            // where the walk began is not where the text begins
            return None;
        }
        Some(MatchGuard {
            run_to,
            pivot: self.start,
            low,
            spread,
            before: BEFORE - first,
            asked,
            begin: begin.or(self.begin.then_some(self.start)),
            end: self.end.then(|| self.text.len() - self.start),
        })
    }
}
