//! A pattern's tree as a graph of small steps, each with its place in the pattern.
//!
//! Lookarounds, anchors, classes, atomic groups and possessive loops are leaves: they are
//! run by the pattern's own machine, so they are judged exactly. Bounded loops are unrolled.

use crate::pattern::ast::{Anchor, ClassItem, GroupKind, Kind, Node, Repeat, RepeatMode, Span};
use crate::pattern::{Regex, Scratch};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Steps a pattern may become; a larger bounded loop is walked as an unbounded one.
const MAX_STEPS: usize = 20_000;

/// Steps any pattern may become; what is beyond is left out.
const MOST_STEPS: usize = 200_000;

/// What a leaf asks of the text.
pub(super) enum Test {
    /// This character.
    Char(char),
    /// Any character, or any but "\n".
    Any { newline: bool },
    /// What the regex says that was made of the node alone.
    Part(Rc<Regex>),
    /// It holds everywhere: what it depends on is not known here.
    Unknown,
}

/// A step that can fail.
pub(super) struct Leaf {
    pub(super) test: Test,
    pub(super) span: Span,
    /// What a character consumed here is worth.
    pub(super) weight: u64,
    /// Its failure tells little: a wildcard, or an anchor that ties the search.
    pub(super) loose: bool,
    /// Whether the groups inside must be noted.
    pub(super) captures: bool,
}

/// A reference to an earlier group: its number and where the reference stands.
pub(super) struct Reference {
    pub(super) group: usize,
    pub(super) fold: bool,
    pub(super) span: Span,
}

/// One step; targets are numbers of steps.
pub(super) enum Step {
    Leaf(Leaf),
    Back(Reference),
    /// Any of these.
    Split(Vec<usize>),
    Open(usize),
    Close(usize),
    /// By whether the group took part.
    Conditional(usize, usize, usize),
    Match,
}

/// The steps of a pattern; each but `Split` and `Conditional` goes on with the next.
pub(super) struct Graph {
    pub(super) steps: Vec<Step>,
    /// Groups whose text is referred to.
    pub(super) texts: Vec<usize>,
    /// Groups of which conditionals ask whether they took part.
    pub(super) asked: Vec<usize>,
    /// Nothing had to be simplified.
    pub(super) exact: bool,
    /// The tests of the nodes met so far, by where they stand: an unrolled loop has the same
    /// ones again and again.
    tests: HashMap<Span, PartTest>,
}

/// What a node alone says, and whether the groups inside must be noted.
#[derive(Clone)]
struct PartTest {
    /// None: it refers to a group outside of it.
    part: Option<Rc<Regex>>,
    captures: bool,
}

impl Graph {
    pub(super) fn new(regex: &Regex) -> Graph {
        let mut graph = Graph {
            steps: Vec::new(),
            texts: Vec::new(),
            asked: Vec::new(),
            exact: true,
            tests: HashMap::new(),
        };
        let root = &regex.ast().root;
        references(root, &mut |node| match &node.kind {
            Kind::Backreference(group) => graph.texts.push(*group),
            Kind::Conditional(c) => graph.asked.push(c.group),
            _ => {}
        });
        graph.texts.sort_unstable();
        graph.texts.dedup();
        let texts = &graph.texts;
        graph.asked.retain(|group| !texts.contains(group));
        graph.asked.sort_unstable();
        graph.asked.dedup();
        graph.add(regex, root);
        graph.steps.push(Step::Match);
        graph
    }

    /// Where a step stands in the pattern; steps that cannot fail stand nowhere.
    pub(super) fn span(&self, step: usize) -> Span {
        match &self.steps[step] {
            Step::Leaf(leaf) => leaf.span,
            Step::Back(reference) => reference.span,
            _ => Span::default(),
        }
    }

    /// Whether the failure of a step says what the text lacks.
    pub(super) fn is_telling(&self, step: usize) -> bool {
        !matches!(&self.steps[step], Step::Leaf(leaf) if leaf.loose)
    }

    fn add(&mut self, regex: &Regex, node: &Node) {
        if self.steps.len() > MOST_STEPS {
            self.exact = false;
            return;
        }
        match &node.kind {
            Kind::Empty => {}
            Kind::Literal(code) => {
                let c = char::from_u32(*code);
                let test = match c.filter(|_| !node.flags.ignore_case) {
                    Some(c) => Test::Char(c),
                    None => self.part(regex, node),
                };
                let weight = if c.is_some_and(char::is_whitespace) {
                    4
                } else {
                    8
                };
                self.leaf(node, test, weight);
            }
            Kind::Any => {
                let newline = node.flags.dot_all;
                self.leaf(node, Test::Any { newline }, 0);
            }
            Kind::Class(class) => {
                let wide = class.negated
                    || class.items.iter().any(|item| match item {
                        ClassItem::Category { category, negated } => {
                            use crate::pattern::ast::Category;
                            *negated || *category == Category::Word
                        }
                        ClassItem::Range(low, high) => high - low > 26,
                        ClassItem::Char(_) => false,
                    });
                let test = self.part(regex, node);
                self.leaf(node, test, u64::from(!wide));
            }
            Kind::Anchor(_) => {
                let test = self.part(regex, node);
                self.leaf(node, test, 0);
            }
            Kind::Look(_) => {
                let test = self.part(regex, node);
                self.leaf(node, test, 0);
            }
            Kind::Concat(nodes) => nodes.iter().for_each(|node| self.add(regex, node)),
            Kind::Alternation(nodes) => {
                let arms: Vec<Option<&Node>> = nodes.iter().map(Some).collect();
                self.branch(regex, &arms);
            }
            Kind::Group(group) => match &group.kind {
                GroupKind::Atomic => self.atom(regex, node, &group.node),
                GroupKind::Capture { index, .. } => {
                    self.steps.push(Step::Open(*index));
                    self.add(regex, &group.node);
                    self.steps.push(Step::Close(*index));
                }
                GroupKind::Plain | GroupKind::Flags => self.add(regex, &group.node),
            },
            Kind::Repeat(repeat) => self.repeat(regex, node, repeat),
            Kind::Backreference(group) => self.steps.push(Step::Back(Reference {
                group: *group,
                fold: node.flags.ignore_case,
                span: node.span,
            })),
            Kind::Conditional(c) => {
                let test = self.hold();
                self.add(regex, &c.yes);
                let jump = self.hold();
                let otherwise = self.steps.len();
                if let Some(no) = &c.no {
                    self.add(regex, no);
                }
                self.steps[test] = Step::Conditional(c.group, test + 1, otherwise);
                self.steps[jump] = Step::Split(vec![self.steps.len()]);
            }
        }
    }

    /// A step to be filled in later.
    fn hold(&mut self) -> usize {
        self.steps.push(Step::Split(Vec::new()));
        self.steps.len() - 1
    }

    fn leaf(&mut self, node: &Node, test: Test, weight: u64) {
        let captures = self.tests.get(&node.span).is_some_and(|test| test.captures);
        self.steps.push(Step::Leaf(Leaf {
            test,
            span: node.span,
            weight,
            loose: match &node.kind {
                Kind::Any => true,
                Kind::Class(_) => weight == 0,
                Kind::Anchor(anchor) => matches!(anchor, Anchor::Start | Anchor::TextStart),
                _ => false,
            },
            captures,
        }));
    }

    /// The node alone, unless it refers to a group outside of it.
    fn part(&mut self, regex: &Regex, node: &Node) -> Test {
        match self.part_test(regex, node).part {
            Some(part) => Test::Part(part),
            None => {
                self.exact = false;
                Test::Unknown
            }
        }
    }

    fn part_test(&mut self, regex: &Regex, node: &Node) -> PartTest {
        if let Some(known) = self.tests.get(&node.span) {
            return known.clone();
        }
        let mut captures = false;
        references(node, &mut |inner| {
            if let Kind::Group(group) = &inner.kind
                && let GroupKind::Capture { index, .. } = group.kind
            {
                captures |= self.texts.contains(&index) || self.asked.contains(&index);
            }
        });
        let part = if refers_outside(node) {
            None
        } else {
            regex.part(node).ok().map(Rc::new)
        };
        let test = PartTest { part, captures };
        self.tests.insert(node.span, test.clone());
        test
    }

    /// What is matched at once and not gone back into.
    fn atom(&mut self, regex: &Regex, node: &Node, inside: &Node) {
        if self.part_test(regex, node).part.is_none() {
            self.exact = false;
            return self.add(regex, inside);
        }
        let test = self.part(regex, node);
        self.leaf(node, test, 1);
    }

    fn branch(&mut self, regex: &Regex, arms: &[Option<&Node>]) {
        let split = self.hold();
        let (mut targets, mut jumps) = (Vec::new(), Vec::new());
        for arm in arms {
            targets.push(self.steps.len());
            if let Some(arm) = arm {
                self.add(regex, arm);
            }
            jumps.push(self.hold());
        }
        let end = self.steps.len();
        for jump in jumps {
            self.steps[jump] = Step::Split(vec![end]);
        }
        self.steps[split] = Step::Split(targets);
    }

    fn repeat(&mut self, regex: &Regex, node: &Node, repeat: &Repeat) {
        if repeat.mode == RepeatMode::Possessive {
            return self.atom(regex, node, &repeat.node);
        }
        for _ in 0..repeat.min {
            if self.is_full() {
                return;
            }
            self.add(regex, &repeat.node);
        }
        match repeat.max {
            None => self.star(regex, &repeat.node),
            Some(max) => {
                let mut splits = Vec::new();
                for _ in repeat.min..max {
                    if self.is_full() {
                        self.star(regex, &repeat.node);
                        break;
                    }
                    splits.push(self.hold());
                    self.add(regex, &repeat.node);
                }
                let end = self.steps.len();
                for split in splits {
                    self.steps[split] = Step::Split(vec![split + 1, end]);
                }
            }
        }
    }

    fn star(&mut self, regex: &Regex, body: &Node) {
        let split = self.hold();
        self.add(regex, body);
        self.steps.push(Step::Split(vec![split]));
        self.steps[split] = Step::Split(vec![split + 1, self.steps.len()]);
    }

    fn is_full(&mut self) -> bool {
        let full = self.steps.len() > MAX_STEPS;
        self.exact &= !full;
        full
    }
}

impl Leaf {
    /// Where the text goes on behind this leaf, in bytes.
    pub(super) fn end(&self, text: &str, at: usize, scratch: &mut Scratch) -> Option<usize> {
        let next = || text[at..].chars().next();
        match &self.test {
            Test::Char(c) => next().filter(|n| n == c).map(|n| at + n.len_utf8()),
            Test::Any { newline } => {
                let c = next().filter(|c| *newline || *c != '\n')?;
                Some(at + c.len_utf8())
            }
            Test::Part(part) => {
                let found = part.match_at(text, at, scratch).ok()??;
                Some(found.end())
            }
            Test::Unknown => Some(at),
        }
    }
}

fn references(node: &Node, tell: &mut dyn FnMut(&Node)) {
    tell(node);
    super::children(node)
        .into_iter()
        .for_each(|child| references(child, tell));
}

/// Whether a reference or conditional inside is about a group that is not.
fn refers_outside(node: &Node) -> bool {
    let (mut groups, mut wanted) = (HashSet::new(), Vec::new());
    references(node, &mut |inner| match &inner.kind {
        Kind::Group(group) => {
            if let GroupKind::Capture { index, .. } = group.kind {
                groups.insert(index);
            }
        }
        Kind::Backreference(group) => wanted.push(*group),
        Kind::Conditional(c) => wanted.push(c.group),
        _ => {}
    });
    wanted.iter().any(|group| !groups.contains(group))
}
