//! Which characters a node of a regex takes: for rules that make up lines.

use crate::pattern::Flags;
use crate::pattern::ast::{Category, Class, ClassItem, Kind, Node};
use crate::python::unicode;

/// Characters tried, in this order, where a set may be anything: letters first, then what
/// separates words in logs.
pub(crate) const TYPICAL: &[char] = &[
    'a', 'x', '1', ' ', ':', ',', ';', '-', '_', '.', '/', '=', '(', ')', '[', ']', '<', '>', '"',
    '\'', '@', '#', '%', '\\', '{', '}', '|', '!', '?', '*', '+', '&', '$', '^', '~', '`', '\t',
    'A', 'é', '\u{1}',
];

/// Whether a node that takes one character takes this one; None if it is no such node.
pub(crate) fn takes(node: &Node, c: char) -> Option<bool> {
    match &node.kind {
        Kind::Literal(code) => Some(same(*code, c, node.flags)),
        Kind::Any => Some(c != '\n' || node.flags.dot_all),
        Kind::Class(class) => Some(in_class(class, c, node.flags)),
        Kind::Group(group) => takes(&group.node, c),
        // `a|b` is a set too
        Kind::Alternation(branches) => {
            let mut taken = false;
            for branch in branches {
                taken |= takes(branch, c)?;
            }
            Some(taken)
        }
        Kind::Concat(nodes) => match nodes.as_slice() {
            [one] => takes(one, c),
            _ => None,
        },
        _ => None,
    }
}

/// The first of the typical characters a node takes, `first` before all others.
pub(crate) fn pick(node: &Node, first: &[char]) -> Option<char> {
    let tried = first.iter().chain(TYPICAL);
    let found = tried.copied().find(|c| takes(node, *c) == Some(true));
    found.or_else(|| match &node.kind {
        Kind::Literal(code) => char::from_u32(*code),
        Kind::Class(class) => class.items.iter().find_map(|item| match item {
            ClassItem::Char(code) | ClassItem::Range(code, _) if !class.negated => {
                char::from_u32(*code)
            }
            _ => None,
        }),
        _ => None,
    })
}

fn same(code: u32, c: char, flags: Flags) -> bool {
    if code == u32::from(c) {
        return true;
    }
    flags.ignore_case
        && char::from_u32(code).is_some_and(|other| other.to_lowercase().eq(c.to_lowercase()))
}

fn in_class(class: &Class, c: char, flags: Flags) -> bool {
    let has = |c: char| class.items.iter().any(|item| in_item(item, c, flags));
    let found =
        has(c) || flags.ignore_case && (c.to_lowercase().any(has) || c.to_uppercase().any(has));
    found != class.negated
}

/// Whether an item of a class has the character, upper and lower case apart.
pub(super) fn in_item(item: &ClassItem, c: char, flags: Flags) -> bool {
    match *item {
        ClassItem::Char(code) => code == u32::from(c),
        ClassItem::Range(from, to) => (from..=to).contains(&u32::from(c)),
        ClassItem::Category { category, negated } => in_category(category, c, flags) != negated,
    }
}

fn in_category(category: Category, c: char, flags: Flags) -> bool {
    let code = u32::from(c);
    if flags.ascii && !c.is_ascii() {
        return false;
    }
    match category {
        Category::Digit => unicode::is_digit(code),
        Category::Space => unicode::is_space(code),
        Category::Word => unicode::is_word(code),
    }
}
