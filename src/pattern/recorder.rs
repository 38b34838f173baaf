//! Runs an attempt once more and writes down what of the text it depended on.
//!
//! Slow and simple beside the `machine`: no table says beforehand what cannot match. It
//! takes the same ways in the same order, which is all its answer depends on; `shape` says
//! what for.

use super::ast::RepeatMode;
use super::charset::{Fold, NO, SLOW};
use super::lower::At;
use super::program::{Inst, NONE, One, Program};
use super::shape::{AsciiSet, BACK, GUARDS, Guard, MARKS, NO_LIMIT, Outcome, Place};

/// Instructions before an attempt is called too long for a shape.
const PATIENCE: u32 = 2_000;
/// How far from a mark bytes are looked at, and the number of no guard.
const WIDTH: usize = 200;
const UNNOTED: u8 = u8::MAX;
const _: () = assert!(GUARDS < UNNOTED as usize);

/// The attempt has no shape: too much was looked at, or something that no guard can tell.
struct Shapeless;

type Looked<T> = Result<T, Shapeless>;

/// A position, and how it is counted.
#[derive(Clone, Copy, Debug)]
struct Spot {
    at: usize,
    place: Place,
}

impl Spot {
    fn plus(self, by: i16) -> Looked<Spot> {
        let at = self.at.checked_add_signed(by.into()).ok_or(Shapeless)?;
        let offset = self.place.offset.checked_add(by).ok_or(Shapeless)?;
        Ok(Spot {
            at,
            place: Place {
                offset,
                ..self.place
            },
        })
    }
}

/// A register: a number, or a position with its place.
#[derive(Clone, Copy, Debug)]
struct Register {
    value: u32,
    place: Place,
}

const UNSET: Register = Register {
    value: NONE,
    place: Place::NOWHERE,
};

/// Where a mark's run began, and how long it is at least.
#[derive(Clone, Copy, Debug)]
struct Mark {
    from: Place,
    least: u16,
}

pub(super) struct Recorder<'r> {
    program: &'r Program,
    text: &'r [u8],
    start: usize,
    /// The text is one line and its newline.
    one_line: bool,
    guards: Vec<Guard<AsciiSet>>,
    /// By mark and offset (from [`BACK`] before it), which guard speaks of that byte.
    noted: Vec<Vec<u8>>,
    marks: Vec<Mark>,
    /// The ASCII members of the program's sets, once asked for.
    sets: Vec<Option<AsciiSet>>,
    slots: Vec<Register>,
    stack: Vec<Frame>,
    log: Vec<(u32, Register)>,
}

struct Frame {
    pc: u32,
    at: Spot,
    extra: u32,
    log: usize,
}

impl<'r> Recorder<'r> {
    pub(super) fn new(program: &'r Program, text: &'r [u8], start: usize, one_line: bool) -> Self {
        let from = Place { mark: 0, offset: 0 };
        Recorder {
            program,
            text,
            start,
            one_line,
            guards: Vec::new(),
            noted: vec![Vec::new()],
            marks: vec![Mark { from, least: 0 }],
            sets: vec![None; program.sets.len()],
            slots: vec![UNSET; program.slots],
            stack: Vec::new(),
            log: Vec::new(),
        }
    }

    /// The guards and the outcome, if there are any and it is what the machine found.
    pub(super) fn run(mut self, found: Option<&[u32]>) -> Option<(Vec<Guard<AsciiSet>>, Outcome)> {
        if self.program.loose.is_some() {
            return None;
        }
        let end = self.attempt().ok()?;
        let Some(end) = end else {
            debug_assert!(
                found.is_none(),
                "the recorder fails where the machine matches"
            );
            return found.is_none().then_some((self.guards, None));
        };
        self.slots[0] = Register {
            value: self.start as u32,
            place: Place { mark: 0, offset: 0 },
        };
        self.slots[1] = Register {
            value: end.at as u32,
            place: end.place,
        };
        let captures = &self.slots[..2 * (self.program.captures() + 1)];
        let values = captures.iter().map(|register| register.value);
        let same = found.is_some_and(|found| values.eq(found.iter().copied()));
        debug_assert!(same, "the recorder and the machine differ");
        let places = captures.iter().map(|register| register.place).collect();
        same.then_some((self.guards, Some(places)))
    }

    /// The byte at a place, None at the end of the text: whoever asks has yet to say what
    /// about it mattered.
    fn peek(&mut self, spot: Spot) -> Looked<Option<u8>> {
        if spot.at > self.text.len() || spot.place.offset < -(BACK as i16) {
            return Err(Shapeless);
        }
        let Some(&byte) = self.text.get(spot.at) else {
            let ends = Guard::Ends(spot.place);
            if !self.guards.contains(&ends) {
                self.guard(ends)?;
            }
            return Ok(None);
        };
        match byte {
            128.. => Err(Shapeless),
            byte => Ok(Some(byte)),
        }
    }

    fn guard(&mut self, guard: Guard<AsciiSet>) -> Looked<()> {
        if self.guards.len() >= GUARDS {
            return Err(Shapeless);
        }
        self.guards.push(guard);
        Ok(())
    }

    /// Notes that these bytes in a place would have led to the same.
    fn note(&mut self, spot: Spot, set: AsciiSet) -> Looked<()> {
        let Place { mark, offset } = spot.place;
        let at = usize::try_from(offset + BACK as i16).map_err(|_| Shapeless)?;
        if at >= WIDTH {
            return Err(Shapeless);
        }
        let noted = &mut self.noted[usize::from(mark)];
        if noted.len() <= at {
            noted.resize(at + 1, UNNOTED);
        }
        if let Some(Guard::Has(_, known)) = self.guards.get_mut(usize::from(noted[at])) {
            *known = known.and(set);
            return Ok(());
        }
        noted[at] = self.guards.len() as u8;
        self.guard(Guard::Has(spot.place, set))
    }

    /// Asks whether a place has a byte of this set; false at the end of the text.
    fn test(&mut self, spot: Spot, set: AsciiSet) -> Looked<bool> {
        let Some(byte) = self.peek(spot)? else {
            return Ok(false);
        };
        self.note(spot, set.side_of(byte))?;
        Ok(set.has(byte))
    }

    fn is_byte(&mut self, spot: Spot, byte: u8) -> Looked<bool> {
        self.test(spot, AsciiSet::of(|other| other == byte))
    }

    /// The ASCII characters of a set.
    fn members(&mut self, set: u32) -> Looked<AsciiSet> {
        let program = self.program;
        let known = &mut self.sets[set as usize];
        if let Some(known) = known {
            return Ok(*known);
        }
        let table = &program.sets[set as usize].table;
        if table[..128].contains(&SLOW) {
            return Err(Shapeless);
        }
        Ok(*known.insert(AsciiSet::of(|byte| table[usize::from(byte)] != NO)))
    }

    fn in_set(&mut self, set: u32, spot: Spot) -> Looked<bool> {
        let members = self.members(set)?;
        self.test(spot, members)
    }

    fn literal(&mut self, literal: &[u8], spot: Spot) -> Looked<bool> {
        for (i, &wanted) in literal.iter().enumerate() {
            if !self.is_byte(spot.plus(i as i16)?, wanted)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How far a place lies behind another, at least; None where that cannot be said.
    fn least_between(&self, from: Place, to: Place) -> Option<i64> {
        let mut mark = to.mark;
        let mut least = i64::from(to.offset);
        while mark != from.mark {
            if mark == 0 {
                return None;
            }
            let run = self.marks[usize::from(mark)];
            least += i64::from(run.from.offset) + i64::from(run.least);
            mark = run.from.mark;
        }
        Some(least - i64::from(from.offset))
    }

    /// Whether this is the begin of the text: by the distance of the start, which is kept,
    /// or because it lies behind the start.
    fn is_begin(&self, spot: Spot) -> Looked<bool> {
        if spot.place.mark == 0 {
            return Ok(spot.at == 0);
        }
        let start = Place { mark: 0, offset: 0 };
        match self.least_between(start, spot.place) {
            Some(1..) => Ok(false),
            _ => Err(Shapeless),
        }
    }

    /// Whether two positions are the same, if that does not depend on lengths of runs.
    fn is_same(&self, before: Register, now: Spot) -> Looked<bool> {
        if before.value == NONE {
            return Ok(false);
        }
        if before.place.mark == now.place.mark {
            return Ok(before.place.offset == now.place.offset);
        }
        match self.least_between(before.place, now.place) {
            Some(1..) => Ok(false),
            _ => Err(Shapeless),
        }
    }

    fn is_word(&mut self, spot: Spot) -> Looked<bool> {
        let word = AsciiSet::of(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        self.test(spot, word)
    }

    fn is_word_before(&mut self, spot: Spot) -> Looked<bool> {
        match self.is_begin(spot)? {
            true => Ok(false),
            false => self.is_word(spot.plus(-1)?),
        }
    }

    fn is_end(&mut self, spot: Spot) -> Looked<bool> {
        if self.peek(spot)?.is_none() {
            return Ok(true);
        }
        self.note(spot, AsciiSet::ALL)?;
        Ok(false)
    }

    fn holds(&mut self, place: At, spot: Spot) -> Looked<bool> {
        Ok(match place {
            At::TextStart => self.is_begin(spot)?,
            At::LineStart => self.is_begin(spot)? || self.is_byte(spot.plus(-1)?, b'\n')?,
            At::TextEnd => self.is_end(spot)?,
            At::End => {
                self.is_end(spot)? || self.is_byte(spot, b'\n')? && self.is_end(spot.plus(1)?)?
            }
            At::LineEnd => self.is_end(spot)? || self.is_byte(spot, b'\n')?,
            At::Boundary { negated, .. } => {
                if self.text.is_empty() {
                    return Err(Shapeless);
                }
                (self.is_word_before(spot)? != self.is_word(spot)?) != negated
            }
            At::Apart { .. } => {
                self.is_begin(spot)? || !self.is_word(spot)? || !self.is_word_before(spot)?
            }
        })
    }

    fn set_register(&mut self, slot: u32, register: Register) {
        let old = std::mem::replace(&mut self.slots[slot as usize], register);
        self.log.push((slot, old));
    }

    fn set_number(&mut self, slot: u32, value: u32) {
        let place = Place::NOWHERE;
        self.set_register(slot, Register { value, place });
    }

    fn set_spot(&mut self, slot: u32, spot: Spot) {
        let (value, place) = (spot.at as u32, spot.place);
        self.set_register(slot, Register { value, place });
    }

    fn number(&self, slot: u32) -> u32 {
        self.slots[slot as usize].value
    }

    fn push(&mut self, pc: usize, at: Spot, extra: u32) {
        self.stack.push(Frame {
            pc: pc as u32,
            at,
            extra,
            log: self.log.len(),
        });
    }

    /// Goes back to the last choice that has something left.
    fn back(&mut self) -> Looked<Option<(usize, Spot)>> {
        while let Some(frame) = self.stack.pop() {
            while self.log.len() > frame.log {
                if let Some((slot, old)) = self.log.pop() {
                    self.slots[slot as usize] = old;
                }
            }
            let (pc, at) = (frame.pc as usize, frame.at);
            match self.program.insts[pc] {
                Inst::Branch(i) => {
                    let targets = &self.program.branches[i as usize].targets;
                    let next = frame.extra as usize + 1;
                    if next + 1 < targets.len() {
                        self.push(pc, at, next as u32);
                    }
                    return Ok(Some((targets[next] as usize, at)));
                }
                Inst::One(i) => {
                    let one = &self.program.ones[i as usize];
                    if one.mode == RepeatMode::Lazy {
                        if frame.extra > 0 && self.takes(one, at)? {
                            let left = match frame.extra {
                                NONE => NONE,
                                left => left - 1,
                            };
                            let at = at.plus(1)?;
                            self.push(pc, at, left);
                            return Ok(Some((pc + 1, at)));
                        }
                        continue;
                    }
                    // a greedy loop gives back one character after another
                    let at = at.plus(-1)?;
                    if at.at > frame.extra as usize {
                        self.push(pc, at, frame.extra);
                    }
                    return Ok(Some((pc + 1, at)));
                }
                Inst::Split(i) => {
                    let split = &self.program.splits[i as usize];
                    let to = if split.lazy { split.body } else { split.exit };
                    return Ok(Some((to as usize, at)));
                }
                Inst::Until(i) => {
                    let all = &self.program.loops[i as usize];
                    if !all.lazy {
                        return Ok(Some((all.exit as usize, at)));
                    }
                    self.begin_pass(i, at);
                    return Ok(Some((all.body as usize, at)));
                }
                Inst::Look(i) => {
                    return Ok(Some((self.program.looks[i as usize].exit as usize, at)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn begin_pass(&mut self, i: u32, at: Spot) {
        let all = &self.program.loops[i as usize];
        if all.max != NONE {
            let count = self.number(all.count);
            self.set_number(all.count, count + 1);
        }
        self.set_spot(all.last, at);
    }

    /// Whether a loop over one character takes the one at `at`.
    fn takes(&mut self, one: &One, at: Spot) -> Looked<bool> {
        if !self.in_set(one.set, at)? {
            return Ok(false);
        }
        match &one.never {
            Some(never) => Ok(!self.literal(never.needle(), at)?),
            None => Ok(true),
        }
    }

    /// A loop over one character, entered at `at`: where to go on.
    fn one(&mut self, one: &One, pc: usize, at: Spot) -> Looked<Option<Spot>> {
        let ends_it = one.alone || one.mode == RepeatMode::Possessive;
        if ends_it && one.never.is_none() && one.max > 1 && one.max != one.min {
            return self.run_over(one, at);
        }
        let mut low = at;
        for _ in 0..one.min {
            if !self.takes(one, low)? {
                return Ok(None);
            }
            low = low.plus(1)?;
        }
        let most = match one.max {
            NONE => NONE,
            max => max - one.min,
        };
        if one.mode == RepeatMode::Lazy {
            self.push(pc, low, most);
            return Ok(Some(low));
        }
        let mut high = low;
        while (most == NONE || high.at - low.at < most as usize) && self.takes(one, high)? {
            high = high.plus(1)?;
        }
        if one.mode == RepeatMode::Greedy && high.at > low.at {
            self.push(pc, high, low.at as u32);
        }
        Ok(Some(high))
    }

    /// A loop of which only the end matters.
    fn run_over(&mut self, one: &One, at: Spot) -> Looked<Option<Spot>> {
        let set = self.members(one.set)?;
        let least = u16::try_from(one.min).map_err(|_| Shapeless)?;
        let most = match one.max {
            NONE => NO_LIMIT,
            max if max < u32::from(NO_LIMIT) => max as u16,
            _ => return Err(Shapeless),
        };
        let rest = self.text.get(at.at..).ok_or(Shapeless)?;
        let limit = match most {
            NO_LIMIT => rest.len(),
            most => rest.len().min(most.into()),
        };
        let length = rest[..limit]
            .iter()
            .take_while(|&&byte| set.has(byte))
            .count();
        if length < limit && rest[length] >= 128 {
            return Err(Shapeless);
        }
        if length < usize::from(least) {
            // too short: each character that was there, and the one that was not
            for passed in 0..=length {
                self.test(at.plus(passed as i16)?, set)?;
            }
            return Ok(None);
        }
        let run = Guard::Run(at.place, set, least, most);
        let runs = |guard: &&Guard<AsciiSet>| matches!(guard, Guard::Run(..) | Guard::Tail(_));
        let known = self
            .guards
            .iter()
            .filter(runs)
            .position(|guard| *guard == run);
        let mark = match known {
            Some(known) => known + 1,
            None => self.mark(run, at.place, least)?,
        };
        Ok(Some(Spot {
            at: at.at + length,
            place: Place {
                mark: mark as u8,
                offset: 0,
            },
        }))
    }

    /// Adds a guard that ends in a new mark; its number.
    fn mark(&mut self, guard: Guard<AsciiSet>, from: Place, least: u16) -> Looked<usize> {
        if self.marks.len() >= MARKS {
            return Err(Shapeless);
        }
        self.guard(guard)?;
        self.noted.push(Vec::new());
        self.marks.push(Mark { from, least });
        Ok(self.marks.len() - 1)
    }

    /// `.+$` at the end of the pattern, and what it captures, without a look at what it
    /// passes over: where the match ends.
    fn tail(&mut self, pc: usize, at: Spot) -> Looked<Option<Spot>> {
        let Some(saves) = tail_of(self.program, pc).filter(|_| self.one_line) else {
            return Ok(None);
        };
        let Some(&byte) = self.text.get(at.at) else {
            return Ok(None);
        };
        if byte == b'\n' || at.at + 1 >= self.text.len() {
            return Ok(None);
        }
        let end = self.text.len() - 1;
        let mark = self.mark(Guard::Tail(at.place), at.place, 1)?;
        let spot = Spot {
            at: end,
            place: Place {
                mark: mark as u8,
                offset: 0,
            },
        };
        for slot in saves {
            self.set_spot(slot, spot);
        }
        Ok(Some(spot))
    }

    /// Where the match ends, if there is one.
    fn attempt(&mut self) -> Looked<Option<Spot>> {
        let program = self.program;
        let mut pc = 0usize;
        let mut at = Spot {
            at: self.start,
            place: Place { mark: 0, offset: 0 },
        };
        for _ in 0..PATIENCE {
            let passed = match program.insts[pc] {
                Inst::Byte(byte) => {
                    let ok = self.is_byte(at, byte)?;
                    at = at.plus(1)?;
                    ok
                }
                Inst::Bytes(start, length) => {
                    let wanted = &program.bytes[start as usize..(start + length) as usize];
                    let ok = self.literal(wanted, at)?;
                    at = at.plus(i16::try_from(length).map_err(|_| Shapeless)?)?;
                    ok
                }
                Inst::Set(set) => {
                    let ok = self.in_set(set, at)?;
                    at = at.plus(1)?;
                    ok
                }
                Inst::Sets(start, length) => {
                    let mut ok = true;
                    for i in start..start + length {
                        ok = self.in_set(program.sets_in_row[i as usize], at)?;
                        if !ok {
                            break;
                        }
                        at = at.plus(1)?;
                    }
                    ok
                }
                Inst::At(place) => self.holds(place, at)?,
                Inst::Save(slot) => {
                    self.set_spot(slot, at);
                    true
                }
                Inst::Jump(to) => {
                    pc = to as usize;
                    continue;
                }
                Inst::Branch(i) => {
                    let targets = &program.branches[i as usize].targets;
                    if targets.len() > 1 {
                        self.push(pc, at, 0);
                    }
                    pc = targets[0] as usize;
                    continue;
                }
                Inst::One(i) => {
                    if let Some(end) = self.tail(pc, at)? {
                        return Ok(Some(end));
                    }
                    match self.one(&program.ones[i as usize], pc, at)? {
                        Some(next) => {
                            at = next;
                            true
                        }
                        None => false,
                    }
                }
                Inst::Split(i) => {
                    let split = &program.splits[i as usize];
                    self.push(pc, at, 0);
                    pc = (if split.lazy { split.exit } else { split.body }) as usize;
                    continue;
                }
                Inst::LoopStart(i) => {
                    let all = &program.loops[i as usize];
                    self.set_number(all.count, 0);
                    self.set_register(all.last, UNSET);
                    pc = all.until as usize;
                    continue;
                }
                Inst::Until(i) => {
                    let all = &program.loops[i as usize];
                    let count = self.number(all.count);
                    if count < all.min {
                        self.set_number(all.count, count + 1);
                        pc = all.body as usize;
                        continue;
                    }
                    let more = (all.max == NONE || count < all.max)
                        && !self.is_same(self.slots[all.last as usize], at)?;
                    if more {
                        self.push(pc, at, 0);
                    }
                    pc = match more && !all.lazy {
                        true => {
                            self.begin_pass(i, at);
                            all.body
                        }
                        false => all.exit,
                    } as usize;
                    continue;
                }
                Inst::AtomicStart(height) => {
                    self.set_number(height, self.stack.len() as u32);
                    true
                }
                Inst::AtomicEnd(height) => {
                    self.stack.truncate(self.number(height) as usize);
                    true
                }
                Inst::Look(i) => {
                    let look = &program.looks[i as usize];
                    self.set_number(look.height, self.stack.len() as u32);
                    if look.negated {
                        self.push(pc, at, 0);
                    } else {
                        self.set_spot(look.position, at);
                    }
                    self.step_back(look.behind, &mut at)?
                }
                Inst::LookEnd(i) => {
                    let look = &program.looks[i as usize];
                    self.stack.truncate(self.number(look.height) as usize);
                    let register = self.slots[look.position as usize];
                    at = Spot {
                        at: register.value as usize,
                        place: register.place,
                    };
                    true
                }
                Inst::NotEnd(i) => {
                    let look = &program.looks[i as usize];
                    self.stack.truncate(self.number(look.height) as usize);
                    false
                }
                // only says beforehand what would fail later
                Inst::Ahead(_) => true,
                Inst::Backreference(group, fold) => match self.again(group, fold, at)? {
                    Some(end) => {
                        at = end;
                        true
                    }
                    None => false,
                },
                Inst::Conditional(group, otherwise) => {
                    if self.group(group)?.is_none() {
                        pc = otherwise as usize;
                        continue;
                    }
                    true
                }
                Inst::Match => return Ok(Some(at)),
                Inst::Fail => false,
                Inst::PossessiveStart(_)
                | Inst::PossessiveNext(_)
                | Inst::PossessiveEnd(_)
                | Inst::Forget => return Err(Shapeless),
            };
            if passed {
                pc += 1;
                continue;
            }
            match self.back()? {
                Some(place) => (pc, at) = place,
                None => return Ok(None),
            }
        }
        Err(Shapeless)
    }

    /// Steps back for a lookbehind; false where the text does not go back so far.
    fn step_back(&mut self, behind: u32, at: &mut Spot) -> Looked<bool> {
        for _ in 0..behind {
            if self.is_begin(*at)? {
                return Ok(false);
            }
            *at = at.plus(-1)?;
            self.peek(*at)?;
            self.note(*at, AsciiSet::ALL)?;
        }
        Ok(true)
    }

    /// Both ends of a group that took part.
    fn group(&self, group: u32) -> Looked<Option<(Register, Register)>> {
        let start = self.slots[2 * group as usize];
        let end = self.slots[2 * group as usize + 1];
        if start.value == NONE || end.value == NONE {
            return Ok(None);
        }
        match self.least_between(start.place, end.place) {
            Some(0..) => Ok(Some((start, end))),
            // the same for every text of this shape only if both are counted alike
            Some(_) if start.place.mark == end.place.mark => Ok(None),
            _ => Err(Shapeless),
        }
    }

    /// A group's text again: that two places have the same byte is no set by place, so both
    /// are held to the bytes they have.
    fn again(&mut self, group: u32, fold: Fold, at: Spot) -> Looked<Option<Spot>> {
        let Some((start, end)) = self.group(group)? else {
            return Ok(None);
        };
        if start.place.mark != end.place.mark {
            return Err(Shapeless);
        }
        let mut from = Spot {
            at: start.value as usize,
            place: start.place,
        };
        let mut at = at;
        while from.place.offset < end.place.offset {
            let wanted = self.peek(from)?.ok_or(Shapeless)?;
            self.note(from, AsciiSet::of(|byte| byte == wanted))?;
            let Some(byte) = self.peek(at)? else {
                return Ok(None);
            };
            self.note(at, AsciiSet::of(|other| other == byte))?;
            if fold.lower(byte.into()) != fold.lower(wanted.into()) {
                return Ok(None);
            }
            (from, at) = (from.plus(1)?, at.plus(1)?);
        }
        Ok(Some(at))
    }
}

/// Whether an instruction is the last loop of a pattern that ends in `.+$`, and the slots set
/// on the way from there to the match, all at the end of the line.
fn tail_of(program: &Program, pc: usize) -> Option<Vec<u32>> {
    let Inst::One(one) = program.insts[pc] else {
        return None;
    };
    let one = &program.ones[one as usize];
    let set = &program.sets[one.set as usize];
    if one.mode != RepeatMode::Greedy
        || (one.min, one.max) != (1, NONE)
        || one.never.is_some()
        || set.all_but() != Some(Some(b'\n'))
    {
        return None;
    }
    let mut saves = Vec::new();
    let mut ended = false;
    for inst in &program.insts[pc + 1..] {
        match inst {
            Inst::Save(slot) => saves.push(*slot),
            Inst::At(At::End | At::LineEnd) => ended = true,
            Inst::Match if ended => return Some(saves),
            _ => return None,
        }
    }
    None
}
