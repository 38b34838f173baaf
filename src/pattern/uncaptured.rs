//! A pattern without its groups: enough to say whether it matches.

use super::analysis::has_stale_captures;
use super::item::{Item, Seq};

/// The sequence without the groups that nothing in it reads; None where there are none to leave
/// out, or where what groups keep may decide ([`has_stale_captures`]).
///
/// Why it matches the same texts: a group is a note of places, which only a backreference and a
/// conditional read, and the groups these read stay. Without stale captures the same paths are tried
/// in the same order, and end at the same places. What is saved is the notes, and that a loop over a
/// group, or a literal on both sides of its end, is compiled as one thing.
///
/// Only a lowered pattern will do: before that, `(?i:(K)|x)` without its group would be a class,
/// which folds case in another way.
pub(super) fn uncaptured(seq: &Seq) -> Option<Seq> {
    if !seq.captures || has_stale_captures(seq, false, &mut Vec::new()) {
        return None;
    }
    let mut read = Vec::new();
    groups_read(seq, &mut read);
    Some(without(seq, &read))
}

fn groups_read(seq: &Seq, read: &mut Vec<usize>) {
    for item in &seq.items {
        if let Item::Backreference(group, _) | Item::Conditional { group, .. } = item {
            read.push(*group);
        }
        item.inner().for_each(|inner| groups_read(inner, read));
    }
}

fn without(seq: &Seq, read: &[usize]) -> Seq {
    let mut items = Vec::with_capacity(seq.items.len());
    for item in &seq.items {
        match item.map_inner(|inner| without(inner, read)) {
            Item::Capture(group, body) if !read.contains(&group) => items.extend(body.items),
            item => items.push(item),
        }
    }
    Seq::new(items)
}
