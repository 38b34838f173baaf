//! A regex as written, taken apart: fail2ban's tags are literals to the parser, so that every
//! piece has its place in what the user wrote.

use crate::pattern::Flags;
use crate::pattern::ast::{Class, Group, GroupKind, Kind, Node, Span};
use crate::pattern::parse::parse;

/// Whether a part of a regex takes whatever a client writes.
pub(super) fn has_wildcard(source: &str) -> bool {
    [".*", ".+"]
        .iter()
        .any(|wildcard| source.contains(wildcard))
}

/// The tree of a regex as written.
pub(in super::super) struct Tree {
    source: String,
    root: Node,
}

/// A piece of the regex's outermost sequence.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Piece<'t> {
    /// Where it stands.
    pub(in super::super) span: Span,
    /// What it is; None for a tag.
    pub(in super::super) node: Option<&'t Node>,
}

impl Tree {
    /// None if Python refuses it.
    pub(in super::super) fn new(source: &str) -> Option<Tree> {
        Some(Tree {
            source: source.to_string(),
            root: parse(source, Flags::default()).ok()?.root,
        })
    }

    /// The outermost node.
    pub(super) fn root(&self) -> &Node {
        &self.root
    }

    /// The text of a piece.
    pub(in super::super) fn text(&self, span: Span) -> &str {
        &self.source[span.start..span.end]
    }

    /// The pieces of the outermost sequence, a tag being one.
    pub(in super::super) fn pieces(&self) -> Vec<Piece<'_>> {
        let nodes = match &self.root.kind {
            Kind::Concat(nodes) => nodes.as_slice(),
            _ => std::slice::from_ref(&self.root),
        };
        pieces(&self.source, nodes)
    }

    /// Every node, outer ones first.
    pub(in super::super) fn nodes(&self) -> Vec<&Node> {
        let mut all = vec![&self.root];
        let mut at = 0;
        while at < all.len() {
            let node = all[at];
            all.extend(children(node));
            at += 1;
        }
        all
    }

    /// The smallest piece that begins at a place: a character, a class, a group.
    pub(super) fn token_at(&self, at: usize) -> Option<&Node> {
        let starting = self
            .nodes()
            .into_iter()
            .filter(|node| node.span.start == at);
        starting
            .filter(|node| !matches!(node.kind, Kind::Concat(_) | Kind::Empty))
            .min_by_key(|node| node.span.end - node.span.start)
    }

    /// Runs of literals, each character with its place. Tags are left out.
    pub(super) fn literals(&self) -> Vec<Vec<(Span, char)>> {
        let mut runs = Vec::new();
        for node in self.nodes() {
            if let Kind::Concat(nodes) = &node.kind {
                runs.extend(literal_runs(&self.source, nodes));
            }
        }
        runs
    }

    /// Whether a class holds the begin of another: a quote or bracket that closed it is gone.
    pub(super) fn has_broken_class(&self) -> bool {
        self.nodes().into_iter().any(|node| {
            let written = self.text(node.span);
            class(node).is_some() && written.get(1..).is_some_and(|rest| rest.contains("[^"))
        })
    }

    /// How many words every match has.
    pub(in super::super) fn words(&self) -> usize {
        let mut words = Vec::new();
        if let Kind::Concat(nodes) = &self.root.kind {
            mandatory(&self.source, nodes, &mut words);
        }
        words.len()
    }

    /// The words that every match has and a text has not, whatever their case; in small letters.
    pub(super) fn missing_words(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let mut words = Vec::new();
        if let Kind::Concat(nodes) = &self.root.kind {
            mandatory(&self.source, nodes, &mut words);
        }
        words.retain(|word| !text.contains(word.as_str()));
        words
    }

    /// Of ten words that every match has, how many the text has, whatever their case.
    pub(in super::super) fn agreement(&self, text: &str) -> usize {
        let text = text.to_lowercase();
        let nodes = match &self.root.kind {
            Kind::Concat(nodes) => nodes.as_slice(),
            // one of several may be meant
            Kind::Alternation(_) => return 10,
            _ => std::slice::from_ref(&self.root),
        };
        let mut words = Vec::new();
        mandatory(&self.source, nodes, &mut words);
        if words.is_empty() {
            return 6;
        }
        let found = words.iter().filter(|word| text.contains(*word)).count();
        10 * found / words.len()
    }
}

/// The words of runs of literals and of groups that every match goes through.
fn mandatory(source: &str, nodes: &[Node], words: &mut Vec<String>) {
    for run in literal_runs(source, nodes) {
        let run: String = run.into_iter().map(|(_, c)| c).collect();
        let parts = run.split(|c: char| !c.is_alphanumeric());
        let long = parts.filter(|part| part.chars().count() >= 3);
        words.extend(long.map(str::to_lowercase));
    }
    for node in nodes {
        if let Kind::Group(group) = &node.kind
            && let Kind::Concat(inner) = &group.node.kind
        {
            mandatory(source, inner, words);
        }
    }
}

fn literal_runs(source: &str, nodes: &[Node]) -> Vec<Vec<(Span, char)>> {
    let mut runs: Vec<Vec<(Span, char)>> = Vec::new();
    let mut open = false;
    for piece in pieces(source, nodes) {
        let literal = piece.node.and_then(|node| match node.kind {
            Kind::Literal(code) => char::from_u32(code),
            _ => None,
        });
        if let Some(c) = literal {
            if !open {
                runs.push(Vec::new());
            }
            if let Some(run) = runs.last_mut() {
                run.push((piece.span, c));
            }
        }
        open = literal.is_some();
    }
    runs
}

fn pieces<'t>(source: &str, nodes: &'t [Node]) -> Vec<Piece<'t>> {
    let mut all = Vec::new();
    let mut behind = 0;
    for node in nodes {
        if node.span.start < behind {
            continue;
        }
        let rest = &source[node.span.start..];
        let tag = if matches!(node.kind, Kind::Literal(_)) {
            tag_length(rest)
        } else {
            None
        };
        match tag {
            Some(length) => {
                behind = node.span.start + length;
                all.push(Piece {
                    span: Span {
                        start: node.span.start,
                        end: behind,
                    },
                    node: None,
                });
            }
            None => all.push(Piece {
                span: node.span,
                node: Some(node),
            }),
        }
    }
    all
}

/// The length of the tag of fail2ban's that a text begins with.
pub(super) fn tag_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let name = inner.trim_start_matches('/');
    let end =
        name.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || "-_".contains(c)))?;
    let after = name[end..].strip_prefix('/').unwrap_or(&name[end..]);
    let after = after.strip_prefix('>').filter(|_| end > 0)?;
    Some(text.len() - after.len())
}

/// The nodes right below one.
fn children(node: &Node) -> Vec<&Node> {
    match &node.kind {
        Kind::Concat(nodes) | Kind::Alternation(nodes) => nodes.iter().collect(),
        Kind::Repeat(repeat) => vec![&repeat.node],
        Kind::Group(group) => vec![&group.node],
        Kind::Look(look) => vec![&look.node],
        Kind::Conditional(c) => std::iter::once(&*c.yes).chain(c.no.as_deref()).collect(),
        _ => Vec::new(),
    }
}

/// A group in parentheses that captures without a name.
pub(super) fn unnamed(node: &Node) -> Option<&Group> {
    match &node.kind {
        Kind::Group(group) if matches!(group.kind, GroupKind::Capture { name: None, .. }) => {
            Some(group)
        }
        _ => None,
    }
}

/// A class in brackets.
pub(super) fn class(node: &Node) -> Option<&Class> {
    match &node.kind {
        Kind::Class(class) => Some(class),
        _ => None,
    }
}

/// `source` with a piece of it replaced.
pub(super) fn replaced(source: &str, span: Span, with: &str) -> String {
    format!("{}{with}{}", &source[..span.start], &source[span.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_one_piece() {
        let tree = Tree::new(r"^a <HOST>\s").expect("it parses");
        let texts: Vec<&str> = tree
            .pieces()
            .iter()
            .map(|piece| tree.text(piece.span))
            .collect();
        assert_eq!(texts, ["^", "a", " ", "<HOST>", r"\s"]);
    }

    #[test]
    fn words_every_match_has_are_counted() {
        let tree = Tree::new("^shop: (?:login|logout) failed for <HOST>$").expect("it parses");
        assert_eq!(tree.agreement("SHOP: login failed for 1"), 10);
        assert_eq!(tree.agreement("shop: login accepted"), 3);
    }
}
