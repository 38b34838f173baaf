//! Runs an attempt once more and writes down what of the text it depended on.
//!
//! Slow and simple beside the `machine`: no table says beforehand what cannot match, no run
//! is scanned at once. It takes the same ways in the same order, which is all its answer
//! depends on; `shape` says what for.

use super::ast::RepeatMode;
use super::charset::Fold;
use super::lower::At;
use super::program::{Inst, NONE, One, Program};
use super::shape::{AT_END, AsciiSet, BACK, Outcome, PLACES, Shape, alike, tail_of};

/// Instructions before an attempt is called too long for a shape.
const PATIENCE: u32 = 6_000;

/// The attempt has no shape: too much was looked at, or something that no set of ASCII
/// characters by place can tell.
struct Shapeless;

type Looked<T> = Result<T, Shapeless>;

pub(super) struct Recorder<'r> {
    program: &'r Program,
    text: &'r [u8],
    start: usize,
    /// The text is one line and its newline.
    one_line: bool,
    /// By place from [`BACK`] before the start (or the begin of the text) on.
    sets: [AsciiSet; PLACES],
    /// Places looked at, up to the last.
    reach: usize,
    /// The text reaches at least so far from the start.
    length: usize,
    /// Whether its end was seen.
    exact: bool,
    slots: Vec<u32>,
    stack: Vec<Frame>,
    log: Vec<(u32, u32)>,
}

struct Frame {
    pc: u32,
    at: usize,
    extra: u32,
    log: usize,
}

impl<'r> Recorder<'r> {
    pub(super) fn new(program: &'r Program, text: &'r [u8], start: usize, one_line: bool) -> Self {
        Recorder {
            program,
            text,
            start,
            one_line,
            sets: [AsciiSet::ALL; PLACES],
            reach: 0,
            length: 0,
            exact: false,
            slots: vec![NONE; program.slots],
            stack: Vec::new(),
            log: Vec::new(),
        }
    }

    /// The shape and the outcome, if there is one and it is what the machine found.
    pub(super) fn run(mut self, found: Option<&[u32]>) -> Option<(Shape, Outcome)> {
        if self.program.loose.is_some() {
            return None;
        }
        let end = self.attempt().ok()?;
        // what stands before the start belongs to the shape even where it was not looked at
        let reach = self.reach.max(self.start.min(BACK));
        let shape = Shape {
            sets: self.sets[..reach].to_vec(),
            length: self.length,
            exact: self.exact,
        };
        let Some(end) = end else {
            return found.is_none().then_some((shape, None));
        };
        let last = self.text.len().checked_sub(1);
        let place = |value: u32| match value {
            AT_END => last.map_or(NONE, |last| last as u32),
            other => other,
        };
        self.slots[0] = self.start as u32;
        self.slots[1] = end;
        let captures = &self.slots[..2 * (self.program.captures() + 1)];
        let same =
            found.is_some_and(|found| captures.iter().map(|&v| place(v)).eq(found.iter().copied()));
        debug_assert!(same, "the recorder and the machine differ");
        let counted = |&value: &u32| match value {
            NONE | AT_END => value,
            // counted from the start, wrapping where it lies before it
            other => other.wrapping_sub(self.start as u32),
        };
        let captures = captures.iter().map(counted).collect();
        same.then_some((shape, Some(captures)))
    }

    /// The byte at a place, None at the end of the text: whoever asks has yet to say what
    /// about it mattered.
    fn peek(&mut self, at: usize) -> Looked<Option<u8>> {
        if at > self.text.len() || at + BACK < self.start {
            return Err(Shapeless);
        }
        let Some(&byte) = self.text.get(at) else {
            self.exact = true;
            self.length = self.length.max(at - self.start);
            return Ok(None);
        };
        if byte >= 128 || self.place(at) >= PLACES {
            return Err(Shapeless);
        }
        Ok(Some(byte))
    }

    fn place(&self, at: usize) -> usize {
        at - self.start.saturating_sub(BACK)
    }

    /// Notes that these bytes in a place would have led to the same.
    fn note(&mut self, at: usize, set: AsciiSet) {
        let place = self.place(at);
        self.sets[place] = self.sets[place].and(set);
        self.reach = self.reach.max(place + 1);
        self.length = self.length.max((at + 1).saturating_sub(self.start));
    }

    /// Asks whether a place has a byte of this kind; false at the end of the text.
    fn test(&mut self, at: usize, holds: impl Fn(u8) -> bool) -> Looked<bool> {
        let Some(byte) = self.peek(at)? else {
            return Ok(false);
        };
        let said = holds(byte);
        self.note(at, AsciiSet::of(|other| holds(other) == said));
        Ok(said)
    }

    fn in_set(&mut self, set: u32, at: usize) -> Looked<bool> {
        let Some(byte) = self.peek(at)? else {
            return Ok(false);
        };
        let table = &self.program.sets[set as usize].table;
        let set = alike(table, byte).ok_or(Shapeless)?;
        self.note(at, set);
        Ok(table[usize::from(byte)] != super::charset::NO)
    }

    fn literal(&mut self, literal: &[u8], at: usize) -> Looked<bool> {
        for (i, &wanted) in literal.iter().enumerate() {
            if !self.test(at + i, |byte| byte == wanted)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_word(&mut self, at: usize) -> Looked<bool> {
        self.test(at, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    fn is_word_before(&mut self, at: usize) -> Looked<bool> {
        match at {
            0 => Ok(false),
            at => self.is_word(at - 1),
        }
    }

    fn holds(&mut self, place: At, at: usize) -> Looked<bool> {
        Ok(match place {
            At::TextStart => at == 0,
            At::LineStart => at == 0 || self.test(at - 1, |byte| byte == b'\n')?,
            At::TextEnd => {
                self.peek(at)?.is_none() || {
                    self.note(at, AsciiSet::ALL);
                    false
                }
            }
            At::End => match self.peek(at)? {
                None => true,
                Some(_) if !self.test(at, |byte| byte == b'\n')? => false,
                Some(_) => match self.peek(at + 1)? {
                    None => true,
                    Some(_) => {
                        self.note(at + 1, AsciiSet::ALL);
                        false
                    }
                },
            },
            At::LineEnd => self.peek(at)?.is_none() || self.test(at, |byte| byte == b'\n')?,
            At::Boundary { negated, .. } => {
                if self.text.is_empty() {
                    return Err(Shapeless);
                }
                (self.is_word_before(at)? != self.is_word(at)?) != negated
            }
            At::Apart { .. } => at == 0 || !self.is_word(at)? || !self.is_word_before(at)?,
        })
    }

    fn set_slot(&mut self, slot: u32, value: u32) {
        let old = std::mem::replace(&mut self.slots[slot as usize], value);
        self.log.push((slot, old));
    }

    fn push(&mut self, pc: usize, at: usize, extra: u32) {
        self.stack.push(Frame {
            pc: pc as u32,
            at,
            extra,
            log: self.log.len(),
        });
    }

    /// Goes back to the last choice that has something left.
    fn back(&mut self) -> Looked<Option<(usize, usize)>> {
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
                        if frame.extra > 0 && self.pass(one, at)? {
                            let left = match frame.extra {
                                NONE => NONE,
                                left => left - 1,
                            };
                            self.push(pc, at + 1, left);
                            return Ok(Some((pc + 1, at + 1)));
                        }
                        continue;
                    }
                    // a greedy loop gives back one character after another
                    if at - 1 > frame.extra as usize {
                        self.push(pc, at - 1, frame.extra);
                    }
                    return Ok(Some((pc + 1, at - 1)));
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

    fn begin_pass(&mut self, i: u32, at: usize) {
        let all = &self.program.loops[i as usize];
        if all.max != NONE {
            let count = self.slots[all.count as usize];
            self.set_slot(all.count, count + 1);
        }
        self.set_slot(all.last, at as u32);
    }

    /// Whether a loop over one character takes the one at `at`.
    fn pass(&mut self, one: &One, at: usize) -> Looked<bool> {
        if !self.in_set(one.set, at)? {
            return Ok(false);
        }
        match &one.never {
            Some(never) => Ok(!self.literal(never.needle(), at)?),
            None => Ok(true),
        }
    }

    /// A loop over one character, entered at `at`: where to go on.
    fn one(&mut self, one: &One, pc: usize, at: usize) -> Looked<Option<usize>> {
        let mut low = at;
        for _ in 0..one.min {
            if !self.pass(one, low)? {
                return Ok(None);
            }
            low += 1;
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
        while (most == NONE || high - low < most as usize) && self.pass(one, high)? {
            high += 1;
        }
        if one.mode == RepeatMode::Greedy && high > low {
            self.push(pc, high, low as u32);
        }
        Ok(Some(high))
    }

    /// `.+$` and what it captures, without a look at what it passes over.
    fn tail(&mut self, pc: usize, at: usize) -> Looked<Option<u32>> {
        let Inst::One(one) = self.program.insts[pc] else {
            return Ok(None);
        };
        let least = self.program.ones[one as usize].min;
        if !self.one_line || least > 1 {
            return Ok(None);
        }
        let Some(saves) = tail_of(self.program, pc) else {
            return Ok(None);
        };
        // one character that is no newline is what the loop needs
        if at + 1 >= self.text.len() || least == 0 {
            return Ok(None);
        }
        if self.peek(at)?.is_none() || !self.test(at, |byte| byte != b'\n')? {
            return Ok(None);
        }
        self.length = self.length.max(at + 2 - self.start);
        for slot in saves {
            self.set_slot(slot, AT_END);
        }
        Ok(Some(AT_END))
    }

    /// Where the match ends, if there is one.
    fn attempt(&mut self) -> Looked<Option<u32>> {
        let program = self.program;
        let (mut pc, mut at) = (0usize, self.start);
        for _ in 0..PATIENCE {
            let passed = match program.insts[pc] {
                Inst::Byte(byte) => {
                    let ok = self.test(at, |other| other == byte)?;
                    at += 1;
                    ok
                }
                Inst::Bytes(start, length) => {
                    let wanted = &program.bytes[start as usize..(start + length) as usize];
                    let ok = self.literal(wanted, at)?;
                    at += length as usize;
                    ok
                }
                Inst::Set(set) => {
                    let ok = self.in_set(set, at)?;
                    at += 1;
                    ok
                }
                Inst::Sets(start, length) => {
                    let mut ok = true;
                    for i in start..start + length {
                        ok = self.in_set(program.sets_in_row[i as usize], at)?;
                        if !ok {
                            break;
                        }
                        at += 1;
                    }
                    ok
                }
                Inst::At(place) => self.holds(place, at)?,
                Inst::Save(slot) => {
                    self.set_slot(slot, at as u32);
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
                    self.set_slot(all.count, 0);
                    self.set_slot(all.last, NONE);
                    pc = all.until as usize;
                    continue;
                }
                Inst::Until(i) => {
                    let all = &program.loops[i as usize];
                    let count = self.slots[all.count as usize];
                    let more = (all.max == NONE || count < all.max)
                        && self.slots[all.last as usize] != at as u32;
                    pc = if count < all.min {
                        self.set_slot(all.count, count + 1);
                        all.body
                    } else if !more {
                        all.exit
                    } else if all.lazy {
                        self.push(pc, at, 0);
                        all.exit
                    } else {
                        self.push(pc, at, 0);
                        self.begin_pass(i, at);
                        all.body
                    } as usize;
                    continue;
                }
                Inst::AtomicStart(height) => {
                    self.set_slot(height, self.stack.len() as u32);
                    true
                }
                Inst::AtomicEnd(height) => {
                    self.stack.truncate(self.slots[height as usize] as usize);
                    true
                }
                Inst::Look(i) => {
                    let look = &program.looks[i as usize];
                    self.set_slot(look.height, self.stack.len() as u32);
                    if look.negated {
                        self.push(pc, at, 0);
                    } else {
                        self.set_slot(look.position, at as u32);
                    }
                    let behind = look.behind as usize;
                    for before in 1..=behind.min(at) {
                        self.peek(at - before)?;
                        self.note(at - before, AsciiSet::ALL);
                    }
                    let fits = behind <= at;
                    at -= behind.min(at);
                    fits
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
                    if self.group(group).is_none() {
                        pc = otherwise as usize;
                        continue;
                    }
                    true
                }
                Inst::Match => return Ok(Some(at as u32)),
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

    fn group(&self, group: u32) -> Option<(usize, usize)> {
        let start = *self.slots.get(2 * group as usize)?;
        let end = self.slots[2 * group as usize + 1];
        (start != NONE && end != NONE && start <= end).then_some((start as usize, end as usize))
    }

    /// A group's text again: that two places have the same byte is no set by place, so both
    /// are held to the bytes they have.
    fn again(&mut self, group: u32, fold: Fold, at: usize) -> Looked<Option<usize>> {
        let Some((start, end)) = self.group(group) else {
            return Ok(None);
        };
        for from in start..end {
            let wanted = self.peek(from)?.ok_or(Shapeless)?;
            self.note(from, AsciiSet::of(|byte| byte == wanted));
            let Some(byte) = self.peek(at + from - start)? else {
                return Ok(None);
            };
            self.note(at + from - start, AsciiSet::of(|other| other == byte));
            if fold.lower(byte.into()) != fold.lower(wanted.into()) {
                return Ok(None);
            }
        }
        Ok(Some(at + end - start))
    }
}
