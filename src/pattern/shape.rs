//! Answers carried over to texts of the same shape: what a search said of one text holds
//! for every text that differs from it only where nobody looked closely.
//!
//! Most lines of a log are like lines before them: a date, a host, a program, a sentence
//! with another address in it. To search such a line once more is to take the same
//! decisions once more. Here the decisions are kept instead of taken: tests of single
//! bytes, and runs of characters as long as they may be.

use super::program::{NONE, Program};
use super::recorder::Recorder;

/// How far before the start of an attempt a place may be that is looked at.
pub(super) const BACK: usize = 4;
/// Places a shape is counted from: the start, and the ends of its runs.
pub const MARKS: usize = 24;
/// Guards a shape may have.
pub(super) const GUARDS: usize = 250;
/// Guards kept in all before everything is forgotten.
const MOST_GUARDS: usize = 1 << 15;
/// Answers looked up that pay for one that has to be recorded.
const PRICE: i32 = 12;
/// What it costs besides where there was nothing to be recorded.
const SHAPELESS: i32 = 60;
/// What is lent at the beginning, and a sixteenth of it after a time of not asking.
const CREDIT: i32 = 2_000;
/// Lookups left out once the credit is used up.
const PAUSE: u32 = 1 << 12;

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

    /// This set or, for a byte outside of it, all others.
    pub(super) fn side_of(self, byte: u8) -> AsciiSet {
        match self.has(byte) {
            true => self,
            false => AsciiSet([!self.0[0], !self.0[1]]),
        }
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        byte < 128 && self.0[usize::from(byte >> 6) & 1] >> (byte & 63) & 1 != 0
    }
}

/// A place of a text: so many bytes from a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) mark: u8,
    pub(super) offset: i16,
}

impl Place {
    /// A capture that took no part.
    pub(super) const NOWHERE: Place = Place {
        mark: u8::MAX,
        offset: 0,
    };

    #[inline(always)]
    fn of(self, marks: &[u32; MARKS]) -> usize {
        // a place before the text becomes one far behind it, where no text reaches
        (marks[usize::from(self.mark)] as usize).wrapping_add_signed(self.offset.into())
    }
}

/// What a text must have to be of a shape; sets by what they are, or by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard<S> {
    /// A character of the set.
    Has(Place, S),
    /// The text ends here.
    Ends(Place),
    /// A run over the set, of that many characters at least and at most; its end is a new
    /// mark.
    Run(Place, S, u16, u16),
    /// A character that is no newline, and all to the newline that ends the text: a new
    /// mark.
    Tail(Place),
}

/// "At most" of a run without a limit.
pub(super) const NO_LIMIT: u16 = u16::MAX;

/// The captures of a match, group by group; None for a failure.
pub(super) type Outcome = Option<Box<[Place]>>;

/// The shapes of texts one regex was tried on, with what came of it.
///
/// # Why the answer is the same
///
/// An attempt at a place of a text is a run of a deterministic machine that sees the text
/// only through tests: whether a byte is in a set, where a run over a set ends, whether the
/// text ends here. A shape is recorded by running an attempt once more ([`Recorder`]) with
/// every test written down as a [`Guard`] that holds for exactly the texts (or for fewer)
/// that give this test the same answer. Places are not numbers but distances: from the
/// start, or from where a run ended. By induction over the tests, a text that passes all
/// guards takes the machine through the same instructions in the same order, at the places
/// of the same distances; so it ends in the same outcome, with the captures there.
///
/// * Runs are those whose end alone is worth a try (`One::alone`), or that give nothing back
///   (possessive): their length decides nothing but where the rest begins.
/// * Bytes that are not ASCII pass no guard, so a byte is a character throughout; but a
///   [`Guard::Tail`] passes over anything, as `.+$` does on a text that is one line.
/// * Where the machine compares places, the recorder gives up unless their distances decide
///   the comparison whatever the runs' lengths.
/// * What comes before the start matters to anchors: shapes are kept apart by the distance
///   of the start from the begin of the text, up to [`BACK`].
///
/// What the recorder finds is compared with what the machine found, and not kept if they
/// differ.
#[derive(Debug, Default)]
pub struct Shapes {
    /// A forest for each distance of the start from the begin of the text; the last for
    /// all above [`BACK`].
    roots: [Vec<u32>; BACK + 2],
    nodes: Vec<Node>,
    guards: Vec<Guard<u8>>,
    classes: Classes,
    outcomes: Vec<Outcome>,
    /// Of the text at hand.
    marks: [u32; MARKS],
    one_line: bool,
    credit: Option<i32>,
    pause: u32,
    /// How often everything was forgotten.
    generation: u32,
}

/// What a shape says of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Number of the outcome.
    pub(super) outcome: u32,
    /// Tells outcomes of before a [`Shapes::forget`] apart.
    generation: u32,
}

/// The distinct sets, and by byte which of them have it.
#[derive(Debug, Default)]
struct Classes {
    sets: Vec<AsciiSet>,
    /// None until there is a set.
    of_byte: Option<Box<[[u64; SET_WORDS]; 256]>>,
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
        let of_byte = (self.of_byte).get_or_insert_with(|| Box::new([[0; SET_WORDS]; 256]));
        for byte in 0..128u8 {
            let bit = u64::from(set.has(byte)) << (new % 64);
            of_byte[usize::from(byte)][new / 64] |= bit;
        }
        self.sets.push(set);
        u8::try_from(new).ok()
    }
}

/// Guards in a row that several shapes have in common, and how they go on.
#[derive(Debug)]
struct Node {
    first: u32,
    end: u32,
    next: Vec<u32>,
    /// Of the shape that ends here.
    outcome: Option<u32>,
    /// The guards again, as they are passed: neighbouring bytes are one step.
    steps: Vec<Step>,
    /// The sets of the rows among the steps.
    rows: Vec<u8>,
}

/// Guards as they are passed.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many bytes from a place on, each of the next set of the node's rows.
    Row(Place, u8),
    /// Any other guard.
    One(Guard<u8>),
}

impl Node {
    fn new(guards: &[Guard<u8>], first: u32, end: u32) -> Node {
        let mut node = Node {
            first,
            end,
            next: Vec::new(),
            outcome: None,
            steps: Vec::new(),
            rows: Vec::new(),
        };
        node.plan(guards);
        node
    }

    /// Makes the steps of the guards.
    fn plan(&mut self, guards: &[Guard<u8>]) {
        self.steps.clear();
        self.rows.clear();
        for guard in &guards[self.first as usize..self.end as usize] {
            let Guard::Has(place, set) = *guard else {
                self.steps.push(Step::One(*guard));
                continue;
            };
            self.rows.push(set);
            match self.steps.last_mut() {
                Some(Step::Row(start, length))
                    if start.mark == place.mark
                        && i32::from(start.offset) + i32::from(*length)
                            == i32::from(place.offset)
                        && *length < u8::MAX =>
                {
                    *length += 1;
                }
                _ => self.steps.push(Step::Row(place, 1)),
            }
        }
    }
}

impl Shapes {
    /// The outcome of an attempt at `start`, if it is known. `one_line`: the text is a line
    /// and its newline.
    #[inline]
    pub(super) fn known(&mut self, text: &[u8], start: usize, one_line: bool) -> Option<Known> {
        self.one_line = one_line;
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        let mut marks = self.marks;
        marks[0] = start as u32;
        let found = self.walk(&self.roots[start.min(BACK + 1)], text, &mut marks, 1)?;
        self.marks = marks;
        let credit = self.credit.get_or_insert(CREDIT);
        *credit = (*credit + 1).min(CREDIT);
        Some(Known {
            outcome: found,
            generation: self.generation,
        })
    }

    fn walk(
        &self,
        among: &[u32],
        text: &[u8],
        marks: &mut [u32; MARKS],
        marked: usize,
    ) -> Option<u32> {
        let (mut among, mut marked) = (among, marked);
        loop {
            let mut step = None;
            for (index, &node) in among.iter().enumerate() {
                let node = &self.nodes[node as usize];
                if let Some(now) = self.pass(node, text, marks, marked) {
                    step = Some((node, now, index + 1));
                    break;
                }
            }
            let (node, now, others) = step?;
            if node.outcome.is_some() {
                return node.outcome;
            }
            // sets of neighbours may overlap: the way on may lie behind another of them
            if others < among.len() {
                return match self.walk(&node.next, text, marks, now) {
                    None => self.walk(&among[others..], text, marks, marked),
                    found => found,
                };
            }
            (among, marked) = (&node.next, now);
        }
    }

    /// Whether a text passes the guards of a node; the number of marks then.
    #[inline(always)]
    fn pass(
        &self,
        node: &Node,
        text: &[u8],
        marks: &mut [u32; MARKS],
        marked: usize,
    ) -> Option<usize> {
        let of_byte = self.classes.of_byte.as_deref()?;
        let has = |byte: u8, set: u8| {
            of_byte[usize::from(byte)][usize::from(set >> 6)] >> (set & 63) & 1 != 0
        };
        let mut marked = marked;
        let mut rows = &node.rows[..];
        for step in &node.steps {
            let guard = match *step {
                Step::Row(place, length) => {
                    let at = place.of(marks);
                    let bytes = text.get(at..at.wrapping_add(length.into()))?;
                    let (sets, rest) = rows.split_at_checked(length.into())?;
                    if !bytes.iter().zip(sets).all(|(&byte, &set)| has(byte, set)) {
                        return None;
                    }
                    rows = rest;
                    continue;
                }
                Step::One(guard) => guard,
            };
            match guard {
                Guard::Has(..) => return None,
                Guard::Run(place, set, least, most) => {
                    let low = place.of(marks);
                    let rest = text.get(low..)?;
                    let rest = match most {
                        NO_LIMIT => rest,
                        most => &rest[..rest.len().min(most.into())],
                    };
                    let end = rest.iter().position(|&byte| !has(byte, set));
                    if end.is_some_and(|end| rest[end] >= 128) {
                        return None;
                    }
                    let length = end.unwrap_or(rest.len());
                    if length < usize::from(least) || marked >= MARKS {
                        return None;
                    }
                    marks[marked] = (low + length) as u32;
                    marked += 1;
                }
                Guard::Ends(place) => {
                    if place.of(marks) != text.len() {
                        return None;
                    }
                }
                Guard::Tail(place) => {
                    let at = place.of(marks);
                    let &byte = text.get(at)?;
                    if !self.one_line || byte == b'\n' || at + 1 >= text.len() || marked >= MARKS {
                        return None;
                    }
                    marks[marked] = text.len() as u32 - 1;
                    marked += 1;
                }
            }
        }
        Some(marked)
    }

    /// Whether a known outcome is a match.
    pub(super) fn matches(&self, known: Known) -> bool {
        self.outcomes[known.outcome as usize].is_some()
    }

    /// The captures of the outcome just looked up, into `slots`.
    pub(super) fn captures(&self, known: Known, slots: &mut Vec<u32>) {
        slots.clear();
        if let Some(places) = &self.outcomes[known.outcome as usize] {
            slots.extend(places.iter().map(|place| self.slot(*place)));
        }
    }

    /// Both slots of one group of the outcome just looked up.
    pub(super) fn group(&self, known: Known, group: usize) -> Option<(u32, u32)> {
        let places = self.outcomes[known.outcome as usize].as_deref()?;
        let (start, end) = (places.get(2 * group)?, places.get(2 * group + 1)?);
        Some((self.slot(*start), self.slot(*end)))
    }

    fn slot(&self, place: Place) -> u32 {
        match place {
            Place::NOWHERE => NONE,
            place => place.of(&self.marks) as u32,
        }
    }

    /// Where the marks of the text just looked up are: with the same outcome and the same
    /// marks, all captures are at the same places.
    pub fn marks(&self) -> &[u32; MARKS] {
        &self.marks
    }

    /// Whether what was not known is to be recorded: not where shapes hardly ever come back.
    pub(super) fn pays(&mut self) -> bool {
        if self.pause > 0 {
            return false;
        }
        let credit = self.credit.get_or_insert(CREDIT);
        *credit -= PRICE;
        if *credit < 0 {
            *credit = CREDIT / 16;
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
        let Some((guards, outcome)) = recorder.run(found) else {
            self.credit = self.credit.map(|credit| credit - SHAPELESS);
            return;
        };
        if self.guards.len() > MOST_GUARDS {
            self.forget();
        }
        let mut numbered = Vec::with_capacity(guards.len());
        for guard in guards {
            let mut number = |set| self.classes.number(set);
            let guard = match guard {
                Guard::Has(place, set) => number(set).map(|set| Guard::Has(place, set)),
                Guard::Run(place, set, least, most) => {
                    number(set).map(|set| Guard::Run(place, set, least, most))
                }
                Guard::Ends(place) => Some(Guard::Ends(place)),
                Guard::Tail(place) => Some(Guard::Tail(place)),
            };
            match guard {
                Some(guard) => numbered.push(guard),
                None => return self.forget(),
            }
        }
        // a node without a set would have no classes to look in
        if self.classes.of_byte.is_some() {
            self.insert(start.min(BACK + 1), &numbered, outcome);
        }
    }

    /// Begins anew.
    fn forget(&mut self) {
        *self = Shapes {
            credit: self.credit,
            generation: self.generation.wrapping_add(1),
            ..Shapes::default()
        };
    }

    fn insert(&mut self, root: usize, guards: &[Guard<u8>], outcome: Outcome) {
        let mut rest = guards;
        let mut parent: Option<u32> = None;
        while !rest.is_empty() {
            let siblings = match parent {
                None => &self.roots[root],
                Some(node) => &self.nodes[node as usize].next,
            };
            let common = |&node: &u32| {
                let node = &self.nodes[node as usize];
                let guards = &self.guards[node.first as usize..node.end as usize];
                let same = guards.iter().zip(rest).take_while(|(a, b)| a == b).count();
                (same, guards.len())
            };
            let alike = siblings
                .iter()
                .map(|node| (*node, common(node)))
                .find(|(_, (same, _))| *same > 0);
            let Some((node, (same, length))) = alike else {
                break;
            };
            if same < length {
                self.split(node, same as u32);
            }
            rest = &rest[same..];
            parent = Some(node);
        }
        let node = match (parent, rest.is_empty()) {
            (Some(node), true) => node,
            _ => {
                let first = self.guards.len() as u32;
                self.guards.extend_from_slice(rest);
                let end = self.guards.len() as u32;
                self.nodes.push(Node::new(&self.guards, first, end));
                let new = self.nodes.len() as u32 - 1;
                match parent {
                    None => self.roots[root].push(new),
                    Some(node) => self.nodes[node as usize].next.push(new),
                }
                new
            }
        };
        let node = &mut self.nodes[node as usize];
        if node.outcome.is_none() {
            node.outcome = Some(self.outcomes.len() as u32);
            self.outcomes.push(outcome);
        }
    }

    /// Cuts a node in two behind so many guards.
    fn split(&mut self, node: u32, at: u32) {
        let whole = &mut self.nodes[node as usize];
        let mut rest = Node::new(&self.guards, whole.first + at, whole.end);
        rest.next = std::mem::take(&mut whole.next);
        rest.outcome = whole.outcome.take();
        whole.end = whole.first + at;
        whole.plan(&self.guards);
        self.nodes.push(rest);
        let new = self.nodes.len() as u32 - 1;
        self.nodes[node as usize].next.push(new);
    }
}
