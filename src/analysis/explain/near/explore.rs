//! The walk: every path of a graph through a text, from every start, once.
//!
//! Positions are visited in order; at each, the state that consumed most on purpose comes
//! first, so that a state is reached with its best score the first time and need not be
//! visited again. A state is a step, a position, and what the rest of the pattern may ask of
//! the groups: so the walk is exact, and its cost is steps times characters for a pattern
//! without references.

use super::graph::{Graph, Leaf, Step, Test};
use crate::pattern::Scratch;
use foldhash::{HashMap, HashSet};
use std::collections::BinaryHeap;

/// A step that failed, with the best score it was reached with.
pub(super) struct Failure {
    pub(super) step: usize,
    pub(super) score: u64,
    /// First and last position where it failed with that score.
    pub(super) first: usize,
    pub(super) last: usize,
}

/// What a walk found.
pub(super) struct Walk {
    pub(super) failures: Vec<Failure>,
    /// The last position any path reached by consuming.
    pub(super) furthest: usize,
    /// The budget sufficed.
    pub(super) complete: bool,
    /// States it took.
    pub(super) states: usize,
}

/// Start of a group that took no part.
const NONE: u32 = u32::MAX;

/// What a path remembers of the groups: two numbers per group of `Graph::texts`, one per
/// group of `Graph::asked`. Interned: a state holds its number.
#[derive(Default)]
struct Memories {
    all: Vec<Vec<u32>>,
    numbers: HashMap<Vec<u32>, usize>,
    /// Numbers in `all`.
    size: usize,
}

impl Memories {
    fn intern(&mut self, memory: Vec<u32>) -> usize {
        if let Some(&known) = self.numbers.get(&memory) {
            return known;
        }
        self.size += memory.len();
        self.numbers.insert(memory.clone(), self.all.len());
        self.all.push(memory);
        self.all.len() - 1
    }

    fn with(&mut self, of: usize, slot: usize, value: u32) -> usize {
        let mut memory = self.all[of].clone();
        memory[slot] = value;
        self.intern(memory)
    }
}

/// Slots of a group in a memory: where its start and end are, or its mark.
struct Slots<'g> {
    graph: &'g Graph,
}

impl Slots<'_> {
    fn text(&self, group: usize) -> Option<usize> {
        self.graph
            .texts
            .iter()
            .position(|&g| g == group)
            .map(|at| 2 * at)
    }

    fn mark(&self, group: usize) -> Option<usize> {
        let before = 2 * self.graph.texts.len();
        self.graph
            .asked
            .iter()
            .position(|&g| g == group)
            .map(|at| before + at)
    }

    fn span(&self, memory: &[u32], group: usize) -> Option<(usize, usize)> {
        let at = self.text(group)?;
        let (start, end) = (memory[at], memory[at + 1]);
        (start != NONE && end != NONE && start <= end).then_some((start as usize, end as usize))
    }

    /// The memory of a path on which the group begins here.
    fn open(&self, group: usize, at: usize, memories: &mut Memories, memory: usize) -> usize {
        match self.text(group) {
            Some(slot) => memories.with(memory, slot, at as u32),
            None => memory,
        }
    }

    /// And on which it ends here.
    fn close(&self, group: usize, at: usize, memories: &mut Memories, memory: usize) -> usize {
        match (self.text(group), self.mark(group)) {
            (Some(slot), _) => memories.with(memory, slot + 1, at as u32),
            (_, Some(slot)) => memories.with(memory, slot, 0),
            _ => memory,
        }
    }

    /// And on which a leaf with groups in it was matched here.
    fn of_leaf(
        &self,
        leaf: &Leaf,
        text: &str,
        at: usize,
        scratch: &mut Scratch,
        memories: &mut Memories,
        memory: usize,
    ) -> usize {
        let mut memory = memory;
        let Test::Part(part) = &leaf.test else {
            return memory;
        };
        let Ok(Some(found)) = part.match_at(text, at, scratch) else {
            return memory;
        };
        for &group in self.graph.texts.iter().chain(&self.graph.asked) {
            let Some((start, end)) = found.span(group) else {
                continue;
            };
            if let Some(slot) = self.text(group) {
                memory = memories.with(memory, slot, start as u32);
                memory = memories.with(memory, slot + 1, end as u32);
            } else if let Some(slot) = self.mark(group) {
                memory = memories.with(memory, slot, 0);
            }
        }
        memory
    }

    fn took_part(&self, memory: &[u32], group: usize) -> bool {
        match self.mark(group) {
            Some(at) => memory[at] != NONE,
            None => self.span(memory, group).is_some(),
        }
    }
}

/// A state waiting at one position: score first, so that the heap gives the best.
type Waiting = (u64, std::cmp::Reverse<usize>, usize);

/// Steps of a leaf's search, and such steps that count as a state of the walk.
const LEAF_STEPS: u64 = 100_000;
const STEPS_PER_STATE: u64 = 64;

/// Numbers all memories of a walk may hold.
const MOST_NUMBERS: usize = 4 << 20;

/// Walks all paths of `graph` through `text`, at most `budget` states.
pub(super) fn explore(graph: &Graph, text: &str, budget: usize, scratch: &mut Scratch) -> Walk {
    let step_budget = scratch.set_step_budget(LEAF_STEPS);
    let mut memories = Memories::default();
    let blank = memories.intern(vec![NONE; 2 * graph.texts.len() + graph.asked.len()]);
    let mut walker = Walker {
        graph,
        text,
        scratch,
        memories,
        blank,
        budget,
        count: 0,
        waiting: HashMap::default(),
        visited: HashSet::default(),
        failures: HashMap::default(),
        furthest: 0,
    };
    let mut positions = (0..=text.len()).filter(|&at| text.is_char_boundary(at));
    let complete = positions.all(|at| walker.visit(at));
    walker.scratch.set_step_budget(step_budget);
    Walk {
        failures: walker.failures.into_values().collect(),
        furthest: walker.furthest,
        states: walker.count,
        complete,
    }
}

/// A walk under way.
struct Walker<'a> {
    graph: &'a Graph,
    text: &'a str,
    scratch: &'a mut Scratch,
    memories: Memories,
    /// The memory of a path that begins.
    blank: usize,
    budget: usize,
    /// States so far.
    count: usize,
    /// No place for each byte: of a line of 100 MB the budget sees little.
    waiting: HashMap<usize, Vec<Waiting>>,
    /// Steps and memories of the position at hand.
    visited: HashSet<(usize, usize)>,
    failures: HashMap<usize, Failure>,
    furthest: usize,
}

impl Walker<'_> {
    /// Visits all states at a position; false where the budget ran out.
    fn visit(&mut self, at: usize) -> bool {
        let mut heap = BinaryHeap::from(self.waiting.remove(&at).unwrap_or_default());
        heap.push((0, std::cmp::Reverse(0), self.blank));
        self.visited.clear();
        while let Some((score, std::cmp::Reverse(step), memory)) = heap.pop() {
            if !self.visited.insert((step, memory)) {
                continue;
            }
            self.count += 1;
            if self.count > self.budget || self.memories.size > MOST_NUMBERS {
                return false;
            }
            let mut go =
                |to: usize, memory: usize| heap.push((score, std::cmp::Reverse(to), memory));
            let Some((end, weight, memory)) = self.take(step, memory, at, &mut go) else {
                continue;
            };
            match end {
                Some(end) if end == at => go(step + 1, memory),
                Some(end) => {
                    self.furthest = self.furthest.max(end);
                    let next = (score + weight, std::cmp::Reverse(step + 1), memory);
                    self.waiting.entry(end).or_default().push(next);
                }
                None => note(&mut self.failures, step, score, at),
            }
        }
        true
    }

    /// Takes a step: one that looks at the text tells where it ends (None: it failed), its
    /// weight, and what the path remembers; others go on by themselves.
    fn take(
        &mut self,
        step: usize,
        memory: usize,
        at: usize,
        go: &mut impl FnMut(usize, usize),
    ) -> Option<(Option<usize>, u64, usize)> {
        let slots = Slots { graph: self.graph };
        let memories = &mut self.memories;
        match &self.graph.steps[step] {
            Step::Match => None,
            Step::Split(targets) => {
                // only the first of many alternatives costs nothing more
                self.count += targets.len() / 8;
                targets.iter().for_each(|&to| go(to, memory));
                None
            }
            Step::Open(group) => {
                go(step + 1, slots.open(*group, at, memories, memory));
                None
            }
            Step::Close(group) => {
                go(step + 1, slots.close(*group, at, memories, memory));
                None
            }
            Step::Conditional(group, yes, no) => {
                let took_part = slots.took_part(&memories.all[memory], *group);
                go(if took_part { *yes } else { *no }, memory);
                None
            }
            Step::Back(reference) => {
                let span = slots.span(&memories.all[memory], reference.group);
                let length = span.and_then(|(start, end)| {
                    again(&self.text[start..end], &self.text[at..], reference.fold)
                });
                Some((length.map(|length| at + length), 1, memory))
            }
            Step::Leaf(leaf) => {
                let end = leaf.end(self.text, at, self.scratch);
                if let Test::Part(_) = &leaf.test {
                    self.count += (self.scratch.steps() / STEPS_PER_STATE) as usize;
                }
                let memory = if leaf.captures && end.is_some() {
                    slots.of_leaf(leaf, self.text, at, self.scratch, memories, memory)
                } else {
                    memory
                };
                Some((end, leaf.weight, memory))
            }
        }
    }
}

fn note(failures: &mut HashMap<usize, Failure>, step: usize, score: u64, at: usize) {
    let fresh = Failure {
        step,
        score,
        first: at,
        last: at,
    };
    match failures.get_mut(&step) {
        None => {
            failures.insert(step, fresh);
        }
        Some(known) if known.score < score => *known = fresh,
        Some(known) if known.score == score => known.last = at,
        Some(_) => {}
    }
}

/// How long `group`, matched again at the begin of `rest`, is there.
fn again(group: &str, rest: &str, fold: bool) -> Option<usize> {
    if !fold {
        return rest.starts_with(group).then_some(group.len());
    }
    let mut length = 0;
    let mut rest = rest.chars();
    for wanted in group.chars() {
        let got = rest.next()?;
        if !got.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
        length += got.len_utf8();
    }
    Some(length)
}
