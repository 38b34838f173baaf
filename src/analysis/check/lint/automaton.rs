//! Whether two regexes can match the same text at all: an automaton of each, walked together.
//!
//! The automata take at least what the regexes do: lookarounds are passed over, a
//! backreference is any text. So "no common text" is certain, "a common text" is not. The
//! start and the end of the text are kept, since they are what contradictions are made of.

use super::chars;
use crate::pattern::ast::{Anchor, ClassItem, Kind, Node, Repeat};
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Repeats longer than this are taken for endless ones, which only takes more.
const UNROLLED: u32 = 8;

/// More states than this, and every answer is "maybe".
const MOST_STATES: usize = 4_000;

/// More edges and items of classes than this, and every answer is "maybe".
const MOST_WORK: usize = 200_000;

/// More pairs of edges looked at than this, and the answer is "maybe".
const MOST_EDGE_PAIRS: usize = 20_000_000;

/// More pairs of states than this, and the answer is "maybe".
const MOST_PAIRS: usize = 60_000;

/// Characters below this are known one by one; of the others, whether there may be some.
const KNOWN: u32 = 0x240;

/// The characters an edge takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    known: [u64; (KNOWN / 64) as usize],
    beyond: bool,
}

impl Set {
    const NOTHING: Set = Set {
        known: [0; (KNOWN / 64) as usize],
        beyond: false,
    };

    fn of(takes: impl Fn(char) -> bool, beyond: bool) -> Set {
        let mut set = Set::NOTHING;
        for c in (0..KNOWN).filter_map(char::from_u32).filter(|c| takes(*c)) {
            set.add(u32::from(c)..=u32::from(c));
        }
        set.beyond = beyond;
        set
    }

    fn of_node(node: &Node) -> Set {
        let flags = node.flags;
        match &node.kind {
            Kind::Literal(code) if !flags.ignore_case => {
                let mut set = Set::NOTHING;
                set.add(*code..=*code);
                set.beyond = *code >= KNOWN;
                set
            }
            Kind::Class(class) if !flags.ignore_case => {
                let mut set = Set::NOTHING;
                for item in &class.items {
                    match *item {
                        ClassItem::Char(code) => set.add(code..=code),
                        ClassItem::Range(from, to) => set.add(from..=to),
                        ClassItem::Category { .. } => {
                            let of_item = Set::of(|c| chars::in_item(item, c, flags), true);
                            let known = set.known.iter_mut().zip(of_item.known);
                            known.for_each(|(known, of_item)| *known |= of_item);
                        }
                    }
                }
                if class.negated {
                    set.known.iter_mut().for_each(|word| *word = !*word);
                }
                // too many to look at: maybe
                set.beyond = true;
                set
            }
            _ => Set::of(|c| chars::takes(node, c).unwrap_or(true), true),
        }
    }

    fn add(&mut self, codes: RangeInclusive<u32>) {
        for code in *codes.start()..=(*codes.end()).min(KNOWN - 1) {
            self.known[(code / 64) as usize] |= 1 << (code % 64);
        }
    }

    fn meets(&self, other: &Set) -> bool {
        let both = self.known.iter().zip(&other.known).any(|(a, b)| a & b != 0);
        both || self.beyond && other.beyond
    }

    fn has_newline(&self) -> bool {
        self.known[0] & (1 << u32::from('\n')) != 0
    }
}

#[derive(Clone, Copy, Debug)]
enum Edge {
    /// Without a character.
    Free,
    /// Only where no character came before.
    Start,
    /// Only where at most a final newline follows.
    End,
    /// One character of the set of that index.
    Char(usize),
}

/// The automaton of a regex.
#[derive(Debug, Default)]
pub(crate) struct Automaton {
    edges: Vec<Vec<(Edge, usize)>>,
    sets: Vec<Set>,
    start: usize,
    accept: usize,
    too_large: bool,
    /// Edges, and items of classes looked at.
    work: usize,
}

impl Automaton {
    /// The automaton of a regex that is somewhere in the text (`re.search`).
    pub(crate) fn search(node: &Node) -> Automaton {
        let mut made = Automaton::default();
        let before = made.state();
        made.start = before;
        let any = made.set(Set::of(|_| true, true));
        made.edge(before, any, before);
        let end = made.add(node, before);
        let accept = made.state();
        made.edge(end, Edge::Free, accept);
        made.edge(accept, any, accept);
        made.accept = accept;
        made
    }

    /// The automaton of what failregexes are searched in: what `content` may hold, or any
    /// line, and a newline.
    pub(crate) fn line(content: Option<&Node>) -> Automaton {
        let mut made = Automaton::default();
        let start = made.state();
        made.start = start;
        let end = match content {
            Some(node) => made.add(node, start),
            None => {
                let no_newline = made.set(Set::of(|c| c != '\n', true));
                made.edge(start, no_newline, start);
                start
            }
        };
        let accept = made.state();
        let newline = made.set(Set::of(|c| c == '\n', false));
        made.edge(end, newline, accept);
        made.accept = accept;
        made
    }

    fn set(&mut self, set: Set) -> Edge {
        let known = self.sets.iter().position(|known| *known == set);
        Edge::Char(known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        }))
    }

    fn state(&mut self) -> usize {
        self.edges.push(Vec::new());
        self.edges.len() - 1
    }

    fn edge(&mut self, from: usize, edge: Edge, to: usize) {
        self.work += 1;
        self.edges[from].push((edge, to));
    }

    /// Adds `node` behind `from`; returns the state behind it.
    fn add(&mut self, node: &Node, from: usize) -> usize {
        if let Kind::Class(class) = &node.kind {
            self.work += class.items.len();
        }
        if self.edges.len() > MOST_STATES || self.work > MOST_WORK {
            self.too_large = true;
            return from;
        }
        match &node.kind {
            // nothing goes on behind `(?!)`
            Kind::Look(look) if look.negated && matches!(look.node.kind, Kind::Empty) => {
                self.state()
            }
            Kind::Empty | Kind::Look(_) => from,
            Kind::Literal(_) | Kind::Any | Kind::Class(_) => {
                let to = self.state();
                let set = self.set(Set::of_node(node));
                self.edge(from, set, to);
                to
            }
            Kind::Anchor(anchor) => {
                let edge = match anchor {
                    Anchor::Start if !node.flags.multi_line => Edge::Start,
                    Anchor::TextStart => Edge::Start,
                    Anchor::End if !node.flags.multi_line => Edge::End,
                    Anchor::TextEnd => Edge::End,
                    _ => Edge::Free,
                };
                let to = self.state();
                self.edge(from, edge, to);
                to
            }
            Kind::Concat(nodes) => nodes.iter().fold(from, |at, node| self.add(node, at)),
            Kind::Alternation(branches) => {
                let to = self.state();
                for branch in branches {
                    let end = self.add(branch, from);
                    self.edge(end, Edge::Free, to);
                    if self.too_large {
                        break;
                    }
                }
                to
            }
            Kind::Group(group) => self.add(&group.node, from),
            Kind::Backreference(_) => {
                let to = self.state();
                self.edge(from, Edge::Free, to);
                let any = self.set(Set::of(|_| true, true));
                self.edge(to, any, to);
                to
            }
            Kind::Conditional(conditional) => {
                let to = self.state();
                let end = self.add(&conditional.yes, from);
                self.edge(end, Edge::Free, to);
                let end = match &conditional.no {
                    Some(no) => self.add(no, from),
                    None => from,
                };
                self.edge(end, Edge::Free, to);
                to
            }
            Kind::Repeat(repeat) => self.repeat(repeat, from),
        }
    }

    fn repeat(&mut self, repeat: &Repeat, from: usize) -> usize {
        let mut at = from;
        for _ in 0..repeat.min.min(UNROLLED) {
            at = self.add(&repeat.node, at);
        }
        let to = self.state();
        self.edge(at, Edge::Free, to);
        match repeat.max {
            Some(max) if max <= UNROLLED => {
                for _ in repeat.min..max {
                    at = self.add(&repeat.node, at);
                    self.edge(at, Edge::Free, to);
                }
            }
            _ => {
                let again = self.add(&repeat.node, to);
                self.edge(again, Edge::Free, to);
            }
        }
        to
    }
}

/// A walk through both: the states, whether a character was taken, whether only a final
/// newline may still come (and none after it).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Pair {
    a: usize,
    b: usize,
    begun: bool,
    ending: u8,
}

/// Whether some text is taken by both.
pub(crate) fn have_common_text(a: &Automaton, b: &Automaton) -> bool {
    if a.too_large || b.too_large {
        return true;
    }
    let first = Pair {
        a: a.start,
        b: b.start,
        begun: false,
        ending: 0,
    };
    let mut seen = HashSet::from([first]);
    let mut open = vec![first];
    let mut visit = |pair: Pair, open: &mut Vec<Pair>| {
        if seen.insert(pair) {
            open.push(pair);
        }
        seen.len() <= MOST_PAIRS
    };
    let mut edge_pairs = 0;
    while let Some(at) = open.pop() {
        edge_pairs += a.edges[at.a].len() * b.edges[at.b].len();
        if edge_pairs > MOST_EDGE_PAIRS {
            return true;
        }
        if at.a == a.accept && at.b == b.accept {
            return true;
        }
        let mut within = true;
        for (is_a, edges) in [(true, &a.edges[at.a]), (false, &b.edges[at.b])] {
            for &(edge, to) in edges {
                let mut next = at;
                match edge {
                    Edge::Free => {}
                    Edge::Start if !at.begun => {}
                    Edge::End => next.ending = at.ending.max(1),
                    _ => continue,
                }
                if is_a {
                    next.a = to;
                } else {
                    next.b = to;
                }
                within &= visit(next, &mut open);
            }
        }
        for &(edge_a, to_a) in &a.edges[at.a] {
            for &(edge_b, to_b) in &b.edges[at.b] {
                let (Edge::Char(set_a), Edge::Char(set_b)) = (edge_a, edge_b) else {
                    continue;
                };
                let (set_a, set_b) = (&a.sets[set_a], &b.sets[set_b]);
                let common = set_a.meets(set_b);
                let newline = set_a.has_newline() && set_b.has_newline();
                // behind `$` only one newline is left
                let allowed = match at.ending {
                    0 => common,
                    1 => newline,
                    _ => false,
                };
                if allowed {
                    let next = Pair {
                        a: to_a,
                        b: to_b,
                        begun: true,
                        ending: if at.ending == 0 { 0 } else { 2 },
                    };
                    within &= visit(next, &mut open);
                }
            }
        }
        if !within {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Flags, Regex};

    fn common_text(a: &str, b: Option<&str>) -> bool {
        let parse = |text: &str| Regex::new(text, Flags::default()).unwrap();
        let (a, b) = (parse(a), b.map(parse));
        let line = Automaton::line(b.as_ref().map(|b| &b.ast().root));
        have_common_text(&Automaton::search(&a.ast().root), &line)
    }

    #[test]
    fn large_automata_are_not_made() {
        for pattern in [
            format!("^(?:{}|b){{8}}$", "|".repeat(100_000)),
            "(?:(?:(?:(?:(?:a?){8}){8}){8}){8}){8}".to_string(),
        ] {
            let regex = Regex::new(&pattern, Flags::default()).unwrap();
            let made = Automaton::search(&regex.ast().root);
            assert!(made.too_large);
            assert!(made.edges.len() < MOST_STATES + 1_000 && made.work < MOST_WORK + 10_000);
        }
    }

    #[test]
    fn a_class_has_the_characters_it_takes() {
        for pattern in [
            "a",
            r"(?i)a",
            "é",
            "\u{249}",
            r"[^\d\s]",
            r"[\W_a-f]",
            "(?i)[^k-m]",
            ".",
            r"(?a)\w",
            r"[À-\u024f]",
        ] {
            let regex = Regex::new(pattern, Flags::default()).unwrap();
            let mut node = &regex.ast().root;
            while let Kind::Group(group) = &node.kind {
                node = &group.node;
            }
            let set = Set::of_node(node);
            let by_character = Set::of(|c| chars::takes(node, c).unwrap_or(true), set.beyond);
            assert_eq!(set, by_character, "{pattern}");
        }
    }

    #[test]
    fn contradictions_are_seen() {
        assert!(common_text("^Failed x", Some("(?:Failed|Invalid) .+")));
        assert!(!common_text("^Connection", Some("(?:Failed|Invalid) .+")));
        assert!(common_text("Connection", Some("(?:Failed|Invalid) .+")));
        assert!(!common_text("a$b", None));
        assert!(common_text("a$", None));
        assert!(common_text(r"a\s*$", None));
        assert!(!common_text("a^b", None));
        assert!(!common_text("^1{3}$", Some("(?:a|b)+")));
        // of classes only what is below U+0240 is looked at: maybe
        assert!(common_text(r"^\d{3}$", Some("[a-z]+")));
        assert!(common_text(r"^(\w)\1$", Some("[a-z]+")));
    }
}
