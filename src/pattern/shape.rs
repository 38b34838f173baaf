//! Answers carried over to texts of the same shape: what a search said of one text holds
//! for every text that differs from it only where nobody looked closely.
//!
//! Most lines of a log begin like the lines before them: a date, a host, a program. To
//! search such a beginning once more is to take the same decisions once more. Here the
//! decisions are kept instead of taken: by place, the set of bytes that would have led to
//! the same ones.

use super::charset::{NO, SLOW};
use super::lower::At;
use super::program::{Inst, NONE, Program};
use super::recorder::Recorder;

/// How far before the start of an attempt a place may be that is looked at.
pub(super) const BACK: usize = 4;
/// Places a shape may have.
pub(super) const PLACES: usize = 96;
/// Places kept in all before everything is forgotten.
const MOST_PLACES: usize = 1 << 14;
/// Answers looked up that pay for one that has to be recorded.
const PRICE: i32 = 12;
/// What is lent at the beginning, and after a time of not asking.
const CREDIT: i32 = 600;
/// Lookups left out once the credit is used up.
const PAUSE: u32 = 1 << 12;
/// A capture at the newline that ends the text.
pub(super) const AT_END: u32 = NONE - 1;

/// ASCII characters, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AsciiSet(pub(super) [u64; 2]);

impl AsciiSet {
    pub(super) const ALL: AsciiSet = AsciiSet([u64::MAX; 2]);

    pub(super) fn of(holds: impl Fn(u8) -> bool) -> AsciiSet {
        let mut set = AsciiSet([0; 2]);
        for byte in (0..128).filter(|&byte| holds(byte)) {
            set.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
        set
    }

    pub(super) fn and(self, other: AsciiSet) -> AsciiSet {
        AsciiSet([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }

    #[inline(always)]
    pub(super) fn has(&self, byte: u8) -> bool {
        byte < 128 && self.0[usize::from(byte >> 6) & 1] >> (byte & 63) & 1 != 0
    }
}

/// What of a text an attempt depended on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Bytes allowed, from the first place looked at on.
    pub(super) sets: Vec<AsciiSet>,
    /// Bytes from the start of the attempt to the end of the text, at least.
    pub(super) length: usize,
    /// Exactly so many.
    pub(super) exact: bool,
}

/// An attempt's outcome: the captures, counted from its start; none for a failure.
pub(super) type Outcome = Option<Box<[u32]>>;

/// The shapes of texts one regex was tried on, with what came of it.
///
/// Exactness. An attempt at a place of a text is a run of a deterministic machine that sees
/// the text only through tests of single bytes and of where the text begins and ends. A
/// shape is recorded by running it once more (`Recorder`), with every test written down:
/// for each place the bytes that would have given all its tests the same answers, and what
/// was asked of the text's ends. Any text with such bytes in these places, as far before
/// and behind the start as the tests reached, gives every test the same answer, one after
/// another; so the run is the same run, and ends in the same outcome with the captures at
/// the same distances. Bytes that are not ASCII belong to no shape, so that a byte is a
/// character throughout. What the recorder finds is compared with what the machine found,
/// and not kept if they differ.
///
/// One loop need not be looked into: `.` to the end of a text that is one line with its
/// newline, where nothing but `$` follows. It ends before that newline whatever it passes
/// over; captures there are kept as [`AT_END`].
#[derive(Debug, Default)]
pub struct Shapes {
    /// A forest for each distance of the start from the begin of the text; the last for
    /// all above [`BACK`].
    roots: [Vec<u32>; BACK + 2],
    nodes: Vec<Node>,
    /// The sets of all nodes' places, by their number in `classes`.
    sets: Vec<u8>,
    classes: Classes,
    outcomes: Vec<Outcome>,
    credit: Option<i32>,
    pause: u32,
    /// How often everything was forgotten.
    generation: u32,
}

/// The distinct sets, and by byte which of them have it.
#[derive(Debug, Default)]
struct Classes {
    sets: Vec<AsciiSet>,
    /// Empty until there is a set.
    of_byte: Vec<[u64; SET_WORDS]>,
}

/// 64-bit words for a bit per distinct set.
const SET_WORDS: usize = 4;

impl Classes {
    /// The number of a set; None if there are too many already.
    fn number(&mut self, set: AsciiSet) -> Option<u8> {
        if let Some(known) = self.sets.iter().position(|known| *known == set) {
            return u8::try_from(known).ok();
        }
        let new = self.sets.len();
        if new >= 64 * SET_WORDS {
            return None;
        }
        self.of_byte.resize(256, [0; SET_WORDS]);
        for byte in 0..128u8 {
            let bit = u64::from(set.has(byte)) << (new % 64);
            self.of_byte[usize::from(byte)][new / 64] |= bit;
        }
        self.sets.push(set);
        u8::try_from(new).ok()
    }
}

/// Places in a row that several shapes have in common, and how they go on.
#[derive(Debug)]
struct Node {
    first: u32,
    end: u32,
    next: Vec<u32>,
    /// Shapes that end here.
    leaves: Vec<Leaf>,
}

#[derive(Clone, Copy, Debug)]
struct Leaf {
    length: u32,
    exact: bool,
    outcome: u32,
}

impl Leaf {
    fn fits(&self, length: usize) -> bool {
        match self.exact {
            true => length == self.length as usize,
            false => length >= self.length as usize,
        }
    }
}

impl Shapes {
    /// The number of the outcome of an attempt at `start`, if it is known.
    #[inline]
    pub(super) fn known(&mut self, text: &[u8], start: usize) -> Option<u32> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        let found = self.walk(
            &self.roots[start.min(BACK + 1)],
            text,
            start.saturating_sub(BACK),
            text.len() - start,
        );
        if found.is_some() {
            let credit = self.credit.get_or_insert(CREDIT);
            *credit = (*credit + 1).min(CREDIT);
        }
        found
    }

    fn walk(&self, among: &[u32], text: &[u8], at: usize, length: usize) -> Option<u32> {
        let (mut among, mut at) = (among, at);
        loop {
            let (mut step, mut others) = (None, 0);
            for (index, &node) in among.iter().enumerate() {
                let node = &self.nodes[node as usize];
                let sets = &self.sets[node.first as usize..node.end as usize];
                let Some(bytes) = text.get(at..at + sets.len()) else {
                    continue;
                };
                let fits = |(&set, &byte): (&u8, &u8)| {
                    let classes = &self.classes.of_byte[usize::from(byte)];
                    classes[usize::from(set >> 6)] >> (set & 63) & 1 != 0
                };
                if sets.iter().zip(bytes).all(fits) {
                    (step, others) = (Some(node), index + 1);
                    break;
                }
            }
            let node = step?;
            if let Some(leaf) = node.leaves.iter().find(|leaf| leaf.fits(length)) {
                return Some(leaf.outcome);
            }
            // sets of neighbours may overlap: the way on may lie behind another of them
            if others < among.len() {
                let next = at + (node.end - node.first) as usize;
                return match self.walk(&node.next, text, next, length) {
                    None => self.walk(&among[others..], text, at, length),
                    found => found,
                };
            }
            at += (node.end - node.first) as usize;
            among = &node.next;
        }
    }

    /// The captures of a known outcome; None for a failure.
    #[inline]
    pub(super) fn outcome(&self, number: u32) -> Option<&[u32]> {
        self.outcomes[number as usize].as_deref()
    }

    /// Changes whenever numbers of outcomes lose their meaning.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether what was not known is to be recorded: not where shapes hardly ever come back.
    pub(super) fn pays(&mut self) -> bool {
        if self.pause > 0 {
            return false;
        }
        let credit = self.credit.get_or_insert(CREDIT);
        *credit -= PRICE;
        if *credit < 0 {
            *credit = CREDIT / 4;
            self.pause = PAUSE;
            return false;
        }
        true
    }

    /// Records an attempt at `start` that ended as the machine says: with these captures,
    /// or without a match.
    pub(super) fn record(
        &mut self,
        program: &Program,
        text: &[u8],
        start: usize,
        one_line: bool,
        found: Option<&[u32]>,
    ) {
        let recorder = Recorder::new(program, text, start, one_line);
        let Some((shape, outcome)) = recorder.run(found) else {
            return;
        };
        if self.sets.len() > MOST_PLACES {
            self.forget();
        }
        let number = |set: &AsciiSet| self.classes.number(*set);
        let Some(sets) = shape.sets.iter().map(number).collect::<Option<Vec<u8>>>() else {
            return self.forget();
        };
        self.insert(start.min(BACK + 1), &sets, &shape, outcome);
    }

    /// Begins anew; numbers of outcomes given before mean nothing any more.
    fn forget(&mut self) {
        *self = Shapes {
            credit: self.credit,
            generation: self.generation.wrapping_add(1),
            ..Shapes::default()
        };
    }

    fn insert(&mut self, root: usize, sets: &[u8], shape: &Shape, outcome: Outcome) {
        let leaf = Leaf {
            length: shape.length as u32,
            exact: shape.exact,
            outcome: self.outcomes.len() as u32,
        };
        let mut rest = sets;
        let mut parent: Option<u32> = None;
        loop {
            let siblings = match parent {
                None => &self.roots[root],
                Some(node) => &self.nodes[node as usize].next,
            };
            let common = |&node: &u32| {
                let node = &self.nodes[node as usize];
                let sets = &self.sets[node.first as usize..node.end as usize];
                let same = sets.iter().zip(rest).take_while(|(a, b)| a == b).count();
                (same, sets.len())
            };
            let alike = siblings
                .iter()
                .map(|node| (*node, common(node)))
                .find(|(_, (same, length))| *same > 0 || *length == 0 && rest.is_empty());
            let Some((node, (same, length))) = alike else {
                break;
            };
            if same < length {
                self.split(node, same as u32);
            }
            rest = &rest[same..];
            parent = Some(node);
            if rest.is_empty() {
                break;
            }
        }
        let node = match (parent, rest.is_empty()) {
            (Some(node), true) => node,
            _ => {
                let first = self.sets.len() as u32;
                self.sets.extend_from_slice(rest);
                self.nodes.push(Node {
                    first,
                    end: self.sets.len() as u32,
                    next: Vec::new(),
                    leaves: Vec::new(),
                });
                let new = self.nodes.len() as u32 - 1;
                match parent {
                    None => self.roots[root].push(new),
                    Some(node) => self.nodes[node as usize].next.push(new),
                }
                new
            }
        };
        let leaves = &mut self.nodes[node as usize].leaves;
        let same = |kept: &Leaf| kept.length == leaf.length && kept.exact == leaf.exact;
        if !leaves.iter().any(same) {
            leaves.push(leaf);
            self.outcomes.push(outcome);
        }
    }

    /// Cuts a node in two behind so many places.
    fn split(&mut self, node: u32, at: u32) {
        let whole = &mut self.nodes[node as usize];
        let middle = whole.first + at;
        let rest = Node {
            first: middle,
            end: whole.end,
            next: std::mem::take(&mut whole.next),
            leaves: std::mem::take(&mut whole.leaves),
        };
        whole.end = middle;
        self.nodes.push(rest);
        let new = self.nodes.len() as u32 - 1;
        self.nodes[node as usize].next.push(new);
    }
}

/// Whether an instruction is the last loop of a pattern that ends in `.+$` or the like, and
/// what it captures on the way to the match: slots set at the end of the line.
pub(super) fn tail_of(program: &Program, pc: usize) -> Option<Vec<u32>> {
    let Inst::One(one) = program.insts[pc] else {
        return None;
    };
    let one = &program.ones[one as usize];
    let set = &program.sets[one.set as usize];
    let greedy = one.mode == super::ast::RepeatMode::Greedy;
    if !greedy || one.max != NONE || one.never.is_some() || set.all_but() != Some(Some(b'\n')) {
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

/// The ASCII characters a table of a `CharSet` treats like this one; None where it cannot
/// say.
pub(super) fn alike(table: &[u8; 256], byte: u8) -> Option<AsciiSet> {
    debug_assert!(byte < 128);
    let said = table[usize::from(byte)];
    (said != SLOW).then(|| AsciiSet::of(|b| (table[usize::from(b)] == NO) == (said == NO)))
}
