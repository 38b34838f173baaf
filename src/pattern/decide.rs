//! Conditionals decided before the text is seen.
//!
//! `A(g)?B(?(g)Y|N)` is `A(?:(g)BY|BN)`: where the alternatives of one item decide
//! whether a group takes part, the rest up to the last conditional on it is written once
//! per alternative, and each copy knows its branch. What follows a loop is then known
//! more exactly, a literal of the branch can be looked for ahead, and failures can be
//! memoized. Not for patterns where stale captures matter (`program::Restore`).
//!
//! # Why the result stays the same
//!
//! Without those patterns the machine tries paths in an order and restores all captures
//! when it goes back. `(?:A|B)C` and `AC|BC` have the same paths in the same order, and
//! so have `(?P<x>A|B)C` and `(?P<x>A)C|(?P<x>B)C`: the same registers are written at
//! the same positions. `X(?:A|B)C` is `XAC|XBC` only if `X` matches in one way: else
//! `XAC|XBC` would try every `X` with `A` before any with `B`. So what stands before the
//! alternatives is left where it is, and inside of an alternative it must be of one way
//! (`one_way`). A group stands once in a pattern, so outside of loops it is not
//! set before its item is reached; after it, it is set on every path through an
//! alternative that has it in its concatenation, and on no path through one that does
//! not have it at all. Where neither is so (optional deeper inside, in a loop, a
//! lookaround or an atomic group) the conditional stays.

use super::ast::RepeatMode;
use super::item::{Item, Seq};

/// The rest of a pattern is written no more than so many items long, all copies together.
const MOST_ITEMS: usize = 1_000;
/// And all rests together: `(a)?(b)?(c)?…(?(1)x)(?(2)y)(?(3)z)…` would double with each group.
const MOST_ITEMS_IN_ALL: usize = 4_000;
/// Groups whose conditionals are looked at.
const MOST_GROUPS: usize = 64;

/// An alternative of an item, and whether the group is set after it, if that is known.
struct Alternative {
    items: Vec<Item>,
    set: Option<bool>,
}

/// The pattern with the conditionals decided that can be.
pub(super) fn decide(seq: &Seq) -> Option<Seq> {
    let mut groups = Vec::new();
    conditionals(seq, &mut groups);
    let mut decided: Option<Seq> = None;
    let mut room = MOST_ITEMS_IN_ALL;
    for group in groups.into_iter().take(MOST_GROUPS) {
        let items = &decided.as_ref().unwrap_or(seq).items;
        if let Some(items) = distribute(items, group, &mut room) {
            decided = Some(Seq::new(items));
        }
    }
    decided
}

/// The groups that conditionals test, in order of their number. Where both branches can
/// match empty there is little to know of what follows, and copies cost more.
fn conditionals(seq: &Seq, groups: &mut Vec<usize>) {
    for item in &seq.items {
        if let Item::Conditional { group, yes, no } = item
            && (!yes.nullable || no.as_ref().is_some_and(|no| !no.nullable))
            && let Err(at) = groups.binary_search(group)
        {
            groups.insert(at, *group);
        }
        item.inner().for_each(|inner| conditionals(inner, groups));
    }
}

fn tests_group(item: &Item, group: usize) -> bool {
    matches!(item, Item::Conditional { group: tested, .. } if *tested == group)
        || item
            .inner()
            .any(|inner| inner.items.iter().any(|item| tests_group(item, group)))
}

fn has_group(item: &Item, group: usize) -> bool {
    matches!(item, Item::Capture(index, _) if *index == group)
        || item
            .inner()
            .any(|inner| inner.items.iter().any(|item| has_group(item, group)))
}

/// A concatenation in which the conditionals on a group are decided; none if there are
/// none that can be. `room`: items that copies may still have.
fn distribute(items: &[Item], group: usize, room: &mut usize) -> Option<Vec<Item>> {
    let decides = items.iter().position(|item| has_group(item, group))?;
    let last = items.iter().rposition(|item| tests_group(item, group))?;
    let mut out = items[..decides].to_vec();
    if last <= decides {
        out.push(match &items[decides] {
            Item::Branch(arms) => {
                let mut any = false;
                let arms = arms
                    .iter()
                    .map(|arm| match distribute(&arm.items, group, room) {
                        Some(items) => {
                            any = true;
                            Seq::new(items)
                        }
                        None => arm.clone(),
                    });
                let arms = arms.collect();
                if !any {
                    return None;
                }
                Item::Branch(arms)
            }
            Item::Capture(index, body) => {
                Item::Capture(*index, Seq::new(distribute(&body.items, group, room)?))
            }
            _ => return None,
        });
        out.extend_from_slice(&items[decides + 1..]);
        return Some(out);
    }
    let alternatives = alternatives(&items[decides], group);
    let rest = &items[decides + 1..=last];
    let size: usize = rest.iter().map(Item::size).sum();
    let copied = size * alternatives.len();
    if alternatives.iter().all(|one| one.set.is_none()) || copied > MOST_ITEMS.min(*room) {
        return None;
    }
    *room -= copied;
    let mut arms = Vec::new();
    for Alternative { items, set } in alternatives {
        let mut arm = Vec::new();
        match set {
            Some(set) => {
                // A literal the branch begins with must stand somewhere ahead.
                if let Some(Item::Conditional {
                    group: tested,
                    yes,
                    no,
                }) = rest.last()
                    && *tested == group
                    && let Some(branch) = if set { Some(yes) } else { no.as_ref() }
                    && !branch.first.lead().is_empty()
                {
                    arm.push(Item::ContainsLiteral(branch.first.lead().to_vec()));
                }
                arm.extend(items);
                arm.extend(known(rest, group, set));
            }
            None => {
                arm.extend(items);
                arm.extend_from_slice(rest);
            }
        }
        arms.push(Seq::new(arm));
    }
    out.push(Item::Branch(arms));
    out.extend_from_slice(&items[last + 1..]);
    Some(out)
}

/// The alternatives of an item that has the group somewhere, in order.
fn alternatives(item: &Item, group: usize) -> Vec<Alternative> {
    let unknown = || {
        vec![Alternative {
            items: vec![item.clone()],
            set: None,
        }]
    };
    let none = |items| Alternative {
        items,
        set: Some(false),
    };
    match item {
        Item::Capture(index, _) if *index == group => vec![Alternative {
            items: vec![item.clone()],
            set: Some(true),
        }],
        Item::Capture(index, body) => {
            let mut all = alternatives_of(body, group);
            for one in &mut all {
                let items = std::mem::take(&mut one.items);
                one.items = vec![Item::Capture(*index, Seq::new(items))];
            }
            all
        }
        Item::Scoped(body) => alternatives_of(body, group),
        Item::Branch(arms) => {
            let mut all = Vec::new();
            let has = |arm: &Seq| arm.items.iter().any(|item| has_group(item, group));
            // Neighbours without the group stay together.
            for run in arms.chunk_by(|a, b| !has(a) && !has(b)) {
                match run {
                    [arm] if has(arm) => all.extend(alternatives_of(arm, group)),
                    [arm] => all.push(none(arm.items.clone())),
                    arms => all.push(none(vec![Item::Branch(arms.to_vec())])),
                }
            }
            all
        }
        Item::Repeat {
            min: 0,
            max: Some(1),
            mode,
            body,
        } => match mode {
            RepeatMode::Greedy => {
                let mut all = alternatives_of(body, group);
                all.push(none(Vec::new()));
                all
            }
            RepeatMode::Lazy => {
                let mut all = vec![none(Vec::new())];
                all.extend(alternatives_of(body, group));
                all
            }
            RepeatMode::Possessive => unknown(),
        },
        _ => unknown(),
    }
}

fn alternatives_of(seq: &Seq, group: usize) -> Vec<Alternative> {
    let Some(decides) = seq.items.iter().position(|item| has_group(item, group)) else {
        return vec![Alternative {
            items: seq.items.clone(),
            set: Some(false),
        }];
    };
    let mut all = alternatives(&seq.items[decides], group);
    if all.len() > 1 && !seq.items[..decides].iter().all(one_way) {
        return vec![Alternative {
            items: seq.items.clone(),
            set: None,
        }];
    }
    for one in &mut all {
        let mut items = seq.items[..decides].to_vec();
        items.append(&mut one.items);
        match one.set {
            Some(set) => items.extend(known(&seq.items[decides + 1..], group, set)),
            None => items.extend_from_slice(&seq.items[decides + 1..]),
        }
        one.items = items;
    }
    all
}

/// Whether an item matches in at most one way from a place, so that there is nothing in
/// it to go back to.
fn one_way(item: &Item) -> bool {
    match item {
        Item::Unit(_)
        | Item::At(_)
        | Item::Fail
        | Item::ContainsLiteral(_)
        | Item::Atomic(_)
        | Item::Look { .. }
        | Item::Backreference(..) => true,
        Item::Capture(_, body) | Item::Scoped(body) => body.items.iter().all(one_way),
        Item::Branch(_) | Item::Repeat { .. } | Item::Conditional { .. } => false,
    }
}

/// The items with every conditional on the group replaced by its branch.
fn known(items: &[Item], group: usize, set: bool) -> Vec<Item> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Item::Conditional {
                group: tested,
                yes,
                no,
            } if *tested == group => {
                let branch = if set { Some(yes) } else { no.as_ref() };
                if let Some(branch) = branch {
                    out.extend(known(&branch.items, group, set));
                }
            }
            item if tests_group(item, group) => {
                out.push(item.map_inner(|inner| Seq::new(known(&inner.items, group, set))));
            }
            item => out.push(item.clone()),
        }
    }
    out
}
