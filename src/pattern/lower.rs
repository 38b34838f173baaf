//! From the tree as written to the sequence CPython's compiler would see.
//!
//! CPython's parser splices plain groups into their surroundings, moves a prefix
//! common to all alternatives out of them, and turns alternatives of one character
//! into a class. All of it preserves what is matched, with one exception that makes
//! it necessary here: a class folds case differently (see `charset`), and the
//! choice points left decide what stale captures remain (see `program`).

use super::Flags;
use super::ast::{Anchor, Ast, ClassItem, GroupKind, Kind, Look, Node};
use super::charset::{FlaggedUnit, Fold, Unit};
use super::error::PatternError;
use super::groups::unwrap_plain;
use super::item::{At, Item, Seq};

/// Finds what CPython's compiler refuses after its parser has taken it; how deep the tree is.
///
/// # Errors
///
/// Lookbehinds whose width varies.
pub(super) fn check(node: &Node) -> Result<usize, PatternError> {
    let inside = match &node.kind {
        Kind::Concat(nodes) | Kind::Alternation(nodes) => {
            let mut depths = nodes.iter().map(check);
            depths.try_fold(0, |deepest, depth| Ok(depth?.max(deepest)))
        }
        Kind::Repeat(repeat) => check(&repeat.node),
        Kind::Group(group) => check(&group.node),
        Kind::Look(look) => {
            check_width(look)?;
            check(&look.node)
        }
        Kind::Conditional(conditional) => {
            let yes = check(&conditional.yes)?;
            let no = conditional.no.as_deref().map_or(Ok(0), check)?;
            Ok(yes.max(no))
        }
        Kind::Empty
        | Kind::Literal(_)
        | Kind::Any
        | Kind::Class(_)
        | Kind::Anchor(_)
        | Kind::Backreference(_) => Ok(0),
    };
    Ok(inside? + 1)
}

/// Lower a whole pattern that was checked.
pub(super) fn lower(ast: &Ast) -> Seq {
    sequence(&ast.root)
}

fn sequence(node: &Node) -> Seq {
    let mut items = Vec::new();
    append(node, &mut items);
    Seq::new(items)
}

fn append(node: &Node, items: &mut Vec<Item>) {
    let flags = node.flags;
    let unit = |unit| {
        Item::Unit(FlaggedUnit {
            unit,
            fold: Fold::of(flags),
            ascii: flags.ascii,
        })
    };
    match &node.kind {
        Kind::Empty => {}
        Kind::Literal(code) => items.push(unit(Unit::Literal(*code))),
        Kind::Any if flags.dot_all => items.push(unit(Unit::Any)),
        Kind::Any => items.push(unit(Unit::AnyButNewline)),
        Kind::Class(class) => items.push(unit(match (&class.items[..], class.negated) {
            ([ClassItem::Char(code)], true) => Unit::NotLiteral(*code),
            ([ClassItem::Char(code)], false) => Unit::Literal(*code),
            (members, negated) => Unit::Class {
                negated,
                items: members.to_vec(),
            },
        })),
        Kind::Anchor(anchor) => items.push(Item::At(place(*anchor, flags))),
        Kind::Concat(nodes) => {
            for node in nodes {
                append(node, items);
            }
        }
        Kind::Alternation(arms) => alternation(arms, flags, items),
        Kind::Repeat(repeat) => items.push(Item::Repeat {
            min: repeat.min,
            max: repeat.max,
            mode: repeat.mode,
            body: sequence(unwrap_plain(&repeat.node)),
        }),
        Kind::Group(group) => match group.kind {
            GroupKind::Plain => append(&group.node, items),
            GroupKind::Capture { index, .. } => {
                items.push(Item::Capture(index, sequence(&group.node)));
            }
            GroupKind::Flags => items.push(Item::Scoped(sequence(&group.node))),
            GroupKind::Atomic => items.push(Item::Atomic(sequence(&group.node))),
        },
        Kind::Look(look) => items.push(look_around(look)),
        Kind::Backreference(group) => {
            items.push(Item::Backreference(*group, Fold::of(flags)));
        }
        Kind::Conditional(conditional) => items.push(Item::Conditional {
            group: conditional.group,
            yes: sequence(&conditional.yes),
            no: conditional.no.as_deref().map(sequence),
        }),
    }
}

fn place(anchor: Anchor, flags: Flags) -> At {
    match anchor {
        Anchor::Start if flags.multi_line => At::LineStart,
        Anchor::Start | Anchor::TextStart => At::TextStart,
        Anchor::End if flags.multi_line => At::LineEnd,
        Anchor::End => At::End,
        Anchor::TextEnd => At::TextEnd,
        Anchor::Boundary | Anchor::NotBoundary => At::Boundary {
            ascii: flags.ascii,
            negated: anchor == Anchor::NotBoundary,
        },
    }
}

fn check_width(look: &Look) -> Result<(), PatternError> {
    // CPython checks the width before it compiles the inside, but for an empty negative one,
    // which it has replaced by then.
    let width = look.node.width;
    if look.behind && !(look.negated && is_empty(&look.node)) {
        if width.min > u128::from(u32::MAX) {
            return Err(PatternError::whole("looks too much behind"));
        }
        if width.min != width.max {
            return Err(PatternError::whole(
                "look-behind requires fixed-width pattern",
            ));
        }
    }
    Ok(())
}

fn look_around(look: &Look) -> Item {
    let body = sequence(&look.node);
    if look.negated && body.items.is_empty() {
        return Item::Fail;
    }
    Item::Look {
        behind: look.behind.then_some(look.node.width.min as u32),
        negated: look.negated,
        body,
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.kind {
        Kind::Empty => true,
        Kind::Concat(nodes) => nodes.iter().all(is_empty),
        Kind::Group(group) => group.kind == GroupKind::Plain && is_empty(&group.node),
        _ => false,
    }
}

fn alternation(nodes: &[Node], flags: Flags, items: &mut Vec<Item>) {
    let mut arms = Vec::with_capacity(nodes.len());
    for node in nodes {
        let mut arm = Vec::new();
        append(node, &mut arm);
        arms.push(arm);
    }
    let mut prefix = 0;
    while let Some(item) = arms[0].get(prefix)
        && arms
            .iter()
            .all(|arm| arm.get(prefix).is_some_and(|other| item.same(other)))
    {
        prefix += 1;
    }
    items.extend_from_slice(&arms[0][..prefix]);
    for arm in &mut arms {
        arm.drain(..prefix);
    }
    let mut members: Vec<ClassItem> = Vec::new();
    for arm in &arms {
        match &arm[..] {
            [
                Item::Unit(FlaggedUnit {
                    unit: Unit::Literal(code),
                    ..
                }),
            ] => members.push(ClassItem::Char(*code)),
            [
                Item::Unit(FlaggedUnit {
                    unit:
                        Unit::Class {
                            negated: false,
                            items,
                        },
                    ..
                }),
            ] => members.extend_from_slice(items),
            _ => {
                items.push(Item::Branch(arms.into_iter().map(Seq::new).collect()));
                return;
            }
        }
    }
    let mut unique: Vec<ClassItem> = Vec::with_capacity(members.len());
    let mut seen = std::collections::HashSet::new();
    unique.extend(members.into_iter().filter(|item| seen.insert(*item)));
    items.push(Item::Unit(FlaggedUnit {
        unit: Unit::Class {
            negated: false,
            items: unique,
        },
        fold: Fold::of(flags),
        ascii: flags.ascii,
    }));
}
