//! The endless repeats of a regex, and texts that several of them may divide among themselves.

use super::chars;
use super::sampler::{CHOICES, Choices, Sampler};
use crate::pattern::ast::{Kind, Node};

/// Repeats looked at, and nodes before them in all, which are the lines' beginnings.
const MOST_SPOTS: usize = 300;
const MOST_BEFORE: usize = 300_000;

/// An endless repeat, and the way from the root to it.
pub(super) struct Spot<'n> {
    /// The repeat.
    pub(super) node: &'n Node,
    /// What stands before it, outermost first.
    pub(super) before: Vec<&'n Node>,
    /// The literal text right behind it: our machine leaps to it, so only texts that have it
    /// show what CPython pays for every character.
    behind: String,
    /// Whether its body can be divided: it holds a repeat of its own.
    pub(super) nested: bool,
}

pub(super) fn collect<'n>(node: &'n Node, before: &mut Vec<&'n Node>, spots: &mut Vec<Spot<'n>>) {
    match &node.kind {
        Kind::Concat(nodes) => {
            let depth = before.len();
            for (at, node) in nodes.iter().enumerate() {
                let first = spots.len();
                collect(node, before, spots);
                // the repeat itself, not those in it
                if let Some(spot) = spots.get_mut(first).filter(|s| std::ptr::eq(s.node, node)) {
                    literal(&nodes[at + 1..], &mut spot.behind);
                }
                before.push(node);
            }
            before.truncate(depth);
        }
        Kind::Alternation(branches) => {
            for branch in branches {
                collect(branch, before, spots);
            }
        }
        Kind::Group(group) => collect(&group.node, before, spots),
        Kind::Repeat(repeat) => {
            let known: usize = spots.iter().map(|spot| spot.before.len()).sum();
            let room = spots.len() < MOST_SPOTS && known + before.len() < MOST_BEFORE;
            if room && repeat.max.is_none_or(|max| max > 12) {
                spots.push(Spot {
                    node,
                    before: before.clone(),
                    behind: String::new(),
                    nested: varies(&repeat.node),
                });
            }
            collect(&repeat.node, before, spots);
        }
        Kind::Look(look) => collect(&look.node, before, spots),
        Kind::Conditional(conditional) => {
            collect(&conditional.yes, before, spots);
            if let Some(no) = &conditional.no {
                collect(no, before, spots);
            }
        }
        _ => {}
    }
}

/// Adds the literal text the nodes begin with; whether it is all of them.
fn literal(nodes: &[Node], text: &mut String) -> bool {
    nodes.iter().all(|node| match &node.kind {
        Kind::Literal(code) => char::from_u32(*code).map(|c| text.push(c)).is_some(),
        Kind::Concat(nodes) => literal(nodes, text),
        Kind::Group(group) => literal(std::slice::from_ref(&group.node), text),
        Kind::Empty => true,
        _ => false,
    })
}

/// Whether the node can match texts of different lengths, so that an endless repeat of it may
/// divide a text in several ways; or the same text by several branches.
fn varies(node: &Node) -> bool {
    match &node.kind {
        Kind::Alternation(_) => chars::takes(node, 'a').is_none(),
        _ => node.width.min != node.width.max,
    }
}

/// Texts a divided body may match in several ways.
pub(super) fn pumps_nested(node: &Node) -> Vec<String> {
    let Kind::Repeat(repeat) = &node.kind else {
        return Vec::new();
    };
    let mut pumps: Vec<String> = Vec::new();
    let mut literals = Vec::new();
    separators(&repeat.node, &mut literals);
    let fills = ['a', ' ', '1', ':', '.', '-'].into_iter().chain(literals);
    let fills: Vec<char> = fills.take(10).collect();
    for fill in fills {
        for (branch, repeats) in [(0, 1), (1, 1), (2, 1), (0, 0), (1, 2), (3, 1)] {
            let mut sampler = Sampler::new(Choices {
                branch,
                repeats,
                fill,
            });
            if sampler.add(&repeat.node).is_some()
                && !sampler.text.is_empty()
                && !pumps.contains(&sampler.text)
            {
                pumps.push(sampler.text);
            }
        }
    }
    // all branches in a row: one may take what the others take together
    if pumps.len() > 1 {
        let all = pumps.iter().take(3).cloned().collect::<String>();
        pumps.push(all);
    }
    pumps.truncate(16);
    pumps
}

fn separators(node: &Node, found: &mut Vec<char>) {
    match &node.kind {
        Kind::Literal(code) => found.extend(char::from_u32(*code).filter(|c| !found.contains(c))),
        Kind::Concat(nodes) | Kind::Alternation(nodes) => {
            nodes.iter().for_each(|node| separators(node, found));
        }
        Kind::Group(group) => separators(&group.node, found),
        Kind::Repeat(repeat) => separators(&repeat.node, found),
        _ => {}
    }
}

/// Texts that the first of these repeats and at least two later ones can divide among them.
pub(super) fn pumps_chain(spots: &[Spot]) -> Vec<String> {
    let takes = |spot: &Spot, c: char| match &spot.node.kind {
        Kind::Repeat(repeat) => chars::takes(&repeat.node, c) == Some(true),
        _ => false,
    };
    let Some((first, rest)) = spots.split_first() else {
        return Vec::new();
    };
    let mut pumps = Vec::new();
    for c in ['a', ' ', '1', ':', '.', '-', ',', '/'] {
        if takes(first, c) && rest.iter().filter(|spot| takes(spot, c)).count() >= 2 {
            pumps.push(c.to_string());
        }
    }
    // the words between two repeats, which both may take
    let mut words: Vec<String> = Vec::new();
    for pair in spots.windows(2).take(4) {
        let between: Vec<&&Node> = pair[1]
            .before
            .iter()
            .skip_while(|node| !std::ptr::eq(**node, pair[0].node))
            .skip(1)
            .collect();
        let mut sampler = Sampler::new(CHOICES[0]);
        let made = between.iter().try_for_each(|node| sampler.add(node));
        let text = sampler.text;
        let all = |spot: &Spot| text.chars().all(|c| takes(spot, c));
        if made.is_some() && !text.is_empty() && text.chars().all(|c| takes(&pair[0], c)) {
            words.push(text.clone());
        }
        if made.is_some() && !text.is_empty() && spots.iter().filter(|s| all(s)).count() >= 3 {
            pumps.push(text);
        }
    }
    // what follows a repeat: `.* .* .* x`
    for spot in spots.iter().take(4) {
        let text = &spot.behind;
        let all = |spot: &&Spot| text.chars().all(|c| takes(spot, c));
        if !text.is_empty() && all(&first) && rest.iter().filter(all).count() >= 2 {
            pumps.push(text.clone());
        }
    }
    pumps.dedup();
    pumps.truncate(6);
    // each of them in turn, for as many repeats as there are: `.* b .* c .* d`
    let last = spots.iter().take(5).next_back();
    if let Some(last) = last.filter(|last| last.behind.chars().all(|c| takes(last, c))) {
        words.push(last.behind.clone());
    }
    if words.len() >= 2 {
        pumps.push(words.concat());
    }
    pumps
}
