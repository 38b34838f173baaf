//! The near miss of a regex that did not match: how far it got, and what it wanted there.
//!
//! `graph` turns the pattern's tree into steps, `explore` walks all paths through them. A
//! path is judged by what it consumed on purpose: a character of the text that a literal of
//! the regex asked for says more than a hundred that `.*` took. The failure with the most of
//! these is the near miss; the furthest character any path consumed is told as well.
//!
//! Not for deciding whether a regex matches: that is `pattern`'s.

mod explore;
mod graph;

use crate::pattern::ast::{Ast, GroupKind, Kind, Node, Span};
use crate::pattern::{Regex, Scratch};
use explore::explore;
use graph::Graph;
use std::collections::HashMap;
use std::marker::PhantomData;

/// States of a walk after which it is given up; the best found so far is told.
const MOST_STATES: usize = 200_000;
/// The same when the walks before it have used up what all may take: a filter has 10 000 regexes.
const FEWEST_STATES: usize = 500;

/// States that the walks of several regexes through one line may still take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WalkBudget(usize);

impl Default for WalkBudget {
    fn default() -> WalkBudget {
        WalkBudget(40 * MOST_STATES)
    }
}

/// A piece of a regex that was expected where the text had something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Where it stands in the compiled regex, in bytes; runs of literals are one piece,
    /// from the character that failed.
    pub(crate) span: Span,
    /// The innermost named group around it: of a date template, the field.
    pub(crate) group: Option<String>,
}

/// How near a regex came to matching a text. Offsets are bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NearMiss {
    /// The first position where the expected pieces were tried and failed.
    pub(crate) at: usize,
    /// The last one: beyond `at` if a loop before the piece could stop in between.
    pub(crate) last: usize,
    /// The end of the longest stretch that any path consumed.
    pub(crate) furthest: usize,
    /// The pieces, any of which would have gone on; the one latest in the regex first.
    pub(crate) expected: Vec<Expected>,
    /// Weight of what was consumed on purpose: to compare near misses on one text.
    pub(crate) score: u64,
    /// Every path was walked. False where the budget ran out, or where a part of the regex
    /// could only be judged roughly (a reference out of a lookaround).
    pub(crate) exact: bool,
}

/// Pieces told, at most: of a hundred thousand alternatives nobody reads all.
const MOST_EXPECTED: usize = 100;

/// The near miss of `regex` in `text`; None if it has no step that could fail.
pub(crate) fn near_miss(
    regex: &Regex,
    text: &str,
    budget: &mut WalkBudget,
    scratch: &mut Scratch,
) -> Option<NearMiss> {
    walked(&Graph::new(regex), regex, text, budget, scratch)
}

/// Steps of all graphs that are kept together.
const KEPT_STEPS: usize = 1_000_000;

/// The graphs of regexes that are asked for line after line, each made once. The regexes outlive
/// them, so that an address is of one regex.
#[derive(Default)]
pub(crate) struct Graphs<'f> {
    known: HashMap<*const Regex, Graph>,
    steps: usize,
    regexes: PhantomData<&'f Regex>,
}

impl<'f> Graphs<'f> {
    /// [`near_miss`].
    pub(crate) fn near_miss(
        &mut self,
        regex: &'f Regex,
        text: &str,
        budget: &mut WalkBudget,
        scratch: &mut Scratch,
    ) -> Option<NearMiss> {
        let address = std::ptr::from_ref(regex);
        if let Some(graph) = self.known.get(&address) {
            return walked(graph, regex, text, budget, scratch);
        }
        let graph = Graph::new(regex);
        let near = walked(&graph, regex, text, budget, scratch);
        let steps = self.steps + graph.steps.len();
        if steps <= KEPT_STEPS {
            self.steps = steps;
            self.known.insert(address, graph);
        }
        near
    }
}

/// What a walk through the graph of a regex comes to.
fn walked(
    graph: &Graph,
    regex: &Regex,
    text: &str,
    budget: &mut WalkBudget,
    scratch: &mut Scratch,
) -> Option<NearMiss> {
    let states = budget.0.clamp(FEWEST_STATES, MOST_STATES);
    let walk = explore(graph, text, states, scratch);
    budget.0 = budget.0.saturating_sub(walk.states);
    let score = walk.failures.iter().map(|f| f.score).max()?;
    // that a wildcard could not go on, or that the search began elsewhere, explains nothing
    let telling = |f: &&explore::Failure| f.score == score && graph.is_telling(f.step);
    let any_telling = walk.failures.iter().any(|f| telling(&f));
    let best = || {
        let all = walk.failures.iter().filter(|f| f.score == score);
        all.filter(|f| !any_telling || telling(f))
    };
    let latest_first = |span: &Span| std::cmp::Reverse((span.start, span.end));
    let mut failed: Vec<Span> = best().map(|failure| graph.span(failure.step)).collect();
    failed.sort_by_key(latest_first);
    failed.dedup();
    failed.truncate(MOST_EXPECTED);
    let mut spans: Vec<Span> = (failed.into_iter())
        .map(|failed| piece(regex.ast(), failed))
        .collect();
    spans.sort_by_key(latest_first);
    spans.dedup();
    let named = |span| Expected {
        span,
        group: innermost_group(&regex.ast().root, span),
    };
    let expected: Vec<Expected> = spans.into_iter().map(named).collect();
    Some(NearMiss {
        at: best().map(|f| f.first).min()?,
        last: best().map(|f| f.last).max()?,
        furthest: walk.furthest,
        expected,
        score,
        exact: walk.complete && graph.exact,
    })
}

/// The failed node with the literals that follow it at once.
fn piece(ast: &Ast, failed: Span) -> Span {
    let mut span = failed;
    join_literals(&ast.root, failed, &mut span);
    span
}

fn join_literals(node: &Node, failed: Span, out: &mut Span) {
    if let Kind::Concat(nodes) = &node.kind
        && let Some(at) = nodes.iter().position(|n| n.span == failed)
        && matches!(nodes[at].kind, Kind::Literal(_))
    {
        for next in &nodes[at + 1..] {
            if !matches!(next.kind, Kind::Literal(_)) || next.span.start != out.end {
                break;
            }
            out.end = next.span.end;
        }
        return;
    }
    for child in children(node) {
        if child.span.start <= failed.start && failed.end <= child.span.end {
            join_literals(child, failed, out);
        }
    }
}

fn innermost_group(node: &Node, span: Span) -> Option<String> {
    let inner = children(node)
        .into_iter()
        .filter(|child| child.span.start <= span.start && span.end <= child.span.end)
        .find_map(|child| innermost_group(child, span));
    inner.or_else(|| match &node.kind {
        Kind::Group(group) => match &group.kind {
            GroupKind::Capture { name, .. } => name.clone(),
            _ => None,
        },
        _ => None,
    })
}

/// The nodes right below a node.
pub(crate) fn children(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().collect(),
        Kind::Repeat(repeat) => vec![&repeat.node],
        Kind::Group(group) => vec![&group.node],
        Kind::Look(look) => vec![&look.node],
        Kind::Conditional(c) => std::iter::once(&*c.yes).chain(c.no.as_deref()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;

    /// First, last and furthest position, and the expected pieces.
    fn miss(pattern: &str, text: &str) -> (usize, usize, usize, Vec<String>) {
        let regex = Regex::new(pattern, Flags::default()).expect("a good pattern");
        let mut scratch = Scratch::default();
        assert!(
            !regex.is_match(text, &mut scratch).expect("few steps"),
            "{pattern} {text}"
        );
        let miss =
            near_miss(&regex, text, &mut WalkBudget::default(), &mut scratch).expect("a miss");
        assert!(miss.exact);
        let pieces = miss
            .expected
            .iter()
            .map(|e| pattern[e.span.start..e.span.end].to_string());
        (miss.at, miss.last, miss.furthest, pieces.collect())
    }

    fn wanted(pattern: &str, text: &str) -> (usize, Vec<String>) {
        let (at, _, _, pieces) = miss(pattern, text);
        (at, pieces)
    }

    fn pieces(all: &[&str]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn of_many_alternatives_the_last_are_named() {
        let words: Vec<String> = (0..5_000).map(|number| format!("w{number}x")).collect();
        let (at, _, _, pieces) = miss(&format!("^(?:{})$", words.join("|")), "z");
        assert_eq!((at, pieces.len()), (0, MOST_EXPECTED));
        assert_eq!(pieces[0], "w4999x");
    }

    #[test]
    fn the_failing_literal_is_named_from_its_failing_character() {
        assert_eq!(
            wanted("^Failed password", "Failed publickey"),
            (8, pieces(&["assword"]))
        );
        assert_eq!(wanted(r"^\d+: x$", "12 x"), (2, pieces(&[": x", r"\d"])));
        assert_eq!(wanted("^ab$", "abc"), (2, pieces(&["$"])));
        assert_eq!(wanted("^a", "ba"), (0, pieces(&["a"])));
    }

    #[test]
    fn alternatives_and_loops() {
        assert_eq!(wanted("^x(?:ab|ac|bd)z", "xaq"), (2, pieces(&["c", "b"])));
        assert_eq!(wanted("^(?:ab){2,3}$", "ab"), (2, pieces(&["ab"])));
        assert_eq!(wanted("^(?:ab){2,3}c", "abababab"), (6, pieces(&["c"])));
        // a wildcard could stop anywhere: the piece after it is told, and where from
        let (at, last, furthest, expected) = miss("^a.*zz", "a bcd");
        assert_eq!((at, last, furthest), (1, 5, 5));
        assert_eq!(expected, pieces(&["zz"]));
        // but half of the piece says more
        assert_eq!(wanted("^a.*zzy", "a zz zzx"), (4, pieces(&["y"])));
    }

    #[test]
    fn assertions_references_and_atoms() {
        assert_eq!(wanted("^a(?!b)c", "abc"), (1, pieces(&["(?!b)"])));
        assert_eq!(wanted(r"^(\w)-\1$", "a-b"), (2, pieces(&[r"\1"])));
        assert_eq!(wanted(r"^(?>a*)ab", "aaab"), (3, pieces(&["ab"])));
        assert_eq!(wanted(r"^(x)?(?(1)y|z)", "xz"), (1, pieces(&["y"])));
        assert_eq!(wanted(r"^a++a", "aaa"), (3, pieces(&["a"])));
    }

    #[test]
    fn the_group_of_a_date_field_is_named() {
        let regex = Regex::new(r"^(?P<Y>\d{4})-(?P<m>0\d|1[0-2])", Flags::default()).expect("good");
        let miss = near_miss(
            &regex,
            "2021-23",
            &mut WalkBudget::default(),
            &mut Scratch::default(),
        )
        .expect("a miss");
        assert_eq!(miss.at, 5);
        assert!(
            miss.expected
                .iter()
                .all(|e| e.group.as_deref() == Some("m"))
        );
    }
}
