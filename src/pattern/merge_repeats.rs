//! A repeat of a repeat as a single one.

use super::ast::RepeatMode;
use super::item::{Item, Seq};

/// The sequence with each greedy repeat of a greedy repeat made one; None where there is none.
///
/// `(?:a?){1000}` would otherwise try each way to spread the passes over the two counts, and a
/// third count around it makes that more than any table of failures holds.
///
/// Why the result is the same: nothing inside captures, so that what follows sees only where the
/// passes end. The single repeat goes on as long as it can and then gives passes up from the last.
/// So do the two, with the ways to spread as many passes in between; these end where a try has
/// failed already. They also have ends of their own if the inner repeat must pass at all and the
/// outer one more than once: all passes fit, and yet there may be too few for the outer count. With
/// one character as the pass these ends lie in the same order, from the longest down; otherwise
/// such repeats stay two.
///
/// Not for patterns whose stale captures matter (`analysis::has_stale_captures`): what these keep
/// depends on the choices that are left, and a single repeat leaves fewer.
pub(super) fn merge_repeats(seq: &Seq) -> Option<Seq> {
    has_any(seq).then(|| merged(seq))
}

fn has_any(seq: &Seq) -> bool {
    seq.items
        .iter()
        .any(|item| single(item).is_some() || item.inner().any(has_any))
}

fn merged(seq: &Seq) -> Seq {
    let items = seq.items.iter().map(|item| {
        let item = item.map_inner(merged);
        single(&item).unwrap_or(item)
    });
    Seq::new(items.collect())
}

/// The one repeat that a repeat of a repeat is.
fn single(item: &Item) -> Option<Item> {
    let Item::Repeat {
        min,
        max,
        mode: RepeatMode::Greedy,
        body,
    } = item
    else {
        return None;
    };
    let [
        Item::Repeat {
            min: least,
            max: most,
            mode: RepeatMode::Greedy,
            body: inner,
        },
    ] = &body.items[..]
    else {
        return None;
    };
    let is_one_character = inner.as_unit().is_some();
    let same =
        !inner.captures && (*least == 0 && !inner.nullable || *least == 1 && is_one_character);
    let passes = *max != Some(0) && *most != Some(0);
    (same && passes).then(|| Item::Repeat {
        min: min * least,
        // no text has more than fit into the number
        max: max.zip(*most).and_then(|(max, most)| max.checked_mul(most)),
        mode: RepeatMode::Greedy,
        body: inner.clone(),
    })
}
