//! What is known of a whole pattern: where a search may begin, which failures may
//! be memoized, whether stale captures matter.

use super::ast::{ClassItem, RepeatMode};
use super::charset::{CharSet, FlaggedUnit, Fold, Unit};
use super::item::{At, Item, Seq};
use super::program::{Inst, Program, Start};

/// Whether what CPython restores at a choice matters: see [`super::program::Restore`].
///
/// It does where a possessive loop outside of other loops has a group in it, and
/// where a conditional tests a group it stands in. `open` are the groups around.
pub(super) fn has_stale_captures(seq: &Seq, in_repeat: bool, open: &mut Vec<usize>) -> bool {
    seq.items.iter().any(|item| match item {
        Item::Unit(_)
        | Item::At(_)
        | Item::Fail
        | Item::ContainsLiteral(_)
        | Item::Backreference(..) => false,
        Item::Branch(arms) => arms
            .iter()
            .any(|arm| has_stale_captures(arm, in_repeat, open)),
        Item::Capture(group, body) => {
            open.push(*group);
            let stale_captures = has_stale_captures(body, in_repeat, open);
            open.pop();
            stale_captures
        }
        Item::Scoped(body) | Item::Atomic(body) | Item::Look { body, .. } => {
            has_stale_captures(body, in_repeat, open)
        }
        Item::Conditional { group, yes, no } => {
            open.contains(group)
                || has_stale_captures(yes, in_repeat, open)
                || no
                    .as_ref()
                    .is_some_and(|no| has_stale_captures(no, in_repeat, open))
        }
        Item::Repeat { body, mode, .. } => {
            if body.as_unit().is_some() {
                return false;
            }
            if *mode == RepeatMode::Possessive {
                (!in_repeat && body.captures) || has_stale_captures(body, in_repeat, open)
            } else {
                has_stale_captures(body, true, open)
            }
        }
    })
}

/// Points from which an instruction that reads captures can be reached are not
/// usable: whether they fail is not a matter of the position alone.
pub(super) fn forbid_captured(program: &mut Program) {
    let stale_captures = program.stale_captures.is_some();
    let count = program.insts.len();
    let mut reads = vec![false; count];
    let mut any = stale_captures;
    for (at, inst) in program.insts.iter().enumerate() {
        reads[at] =
            stale_captures || matches!(inst, Inst::Backreference(..) | Inst::Conditional(..));
        any |= reads[at];
    }
    if !any {
        return;
    }
    let mut changed = true;
    while changed {
        changed = false;
        for at in (0..count).rev() {
            if reads[at] {
                continue;
            }
            let read = |pc: u32| reads[pc as usize];
            let next = at + 1 < count && reads[at + 1];
            reads[at] = match program.insts[at] {
                Inst::Match | Inst::Fail | Inst::Forget => false,
                Inst::Jump(to) => read(to),
                Inst::Branch(i) => program.branches[i as usize]
                    .targets
                    .iter()
                    .any(|&to| read(to)),
                Inst::Split(i) => {
                    let split = &program.splits[i as usize];
                    read(split.body) || read(split.exit)
                }
                Inst::LoopStart(i) => read(program.loops[i as usize].until) || next,
                Inst::Until(i) => read(program.loops[i as usize].body) || next,
                Inst::PossessiveNext(i) => read(program.possessives[i as usize].exit) || next,
                Inst::PossessiveEnd(i) => read(program.possessives[i as usize].next) || next,
                Inst::Look(i) => read(program.looks[i as usize].exit) || next,
                _ => next,
            };
            changed |= reads[at];
        }
    }
    for (inst, reads) in program.insts.iter().zip(&reads) {
        // The failure of a one-character loop's point is that of what follows it.
        let point = match *inst {
            Inst::Branch(i) => program.branches[i as usize].point,
            Inst::CharLoop(i) => program.char_loops[i as usize].point,
            Inst::Split(i) => program.splits[i as usize].point,
            Inst::Until(i) => program.loops[i as usize].point,
            _ => continue,
        };
        program.points[point as usize].usable &= !reads;
    }
}

/// Where CPython's search looks for a start, if that is not where the pattern can
/// begin.
///
/// It skips to a character of the class the pattern begins with, but reads the
/// class with the flags of the whole pattern, also where a group around it turns
/// ASCII mode on or off: `(?a:\W)` finds nothing in "é", though it matches there.
pub(super) fn misread_start(seq: &Seq, ascii: bool, min_width: u128) -> Option<CharSet> {
    if min_width == 0 {
        return None;
    }
    let mut seq = seq;
    let unit = loop {
        match seq.items.first()? {
            Item::Capture(_, body) | Item::Scoped(body) => seq = body,
            Item::Unit(unit) => break unit,
            _ => return None,
        }
    };
    let Unit::Class { items, .. } = &unit.unit else {
        return None;
    };
    let cased = items.iter().any(|item| match *item {
        ClassItem::Char(code) => unit.fold.is_cased(code),
        ClassItem::Range(low, high) => unit.fold.is_cased_range(low, high),
        ClassItem::Category { .. } => false,
    });
    (unit.ascii != ascii && !cased).then(|| {
        CharSet::new(&FlaggedUnit {
            unit: unit.unit.clone(),
            fold: Fold::None,
            ascii,
        })
    })
}

/// The kind of positions a search needs to try.
pub(super) fn start_of(program: &Program, seq: &Seq) -> Start {
    match leading_anchor(seq) {
        Some(At::TextStart) => return Start::Text,
        Some(At::LineStart) => return Start::Line,
        _ => {}
    }
    let leading = program
        .insts
        .iter()
        .find(|inst| !matches!(inst, Inst::Save(_)));
    if let Some(&Inst::Bytes(start, length)) = leading
        && program.stale_captures.is_none()
    {
        let bytes = &program.bytes[start as usize..(start + length) as usize];
        return Start::Literal(Box::new(memchr::memmem::Finder::new(bytes).into_owned()));
    }
    if let Some(bytes) = program.first.few() {
        return Start::Bytes(bytes);
    }
    if program.first.is_anything() {
        Start::Anywhere
    } else {
        Start::Set
    }
}

/// The anchor every match must pass before it moves.
fn leading_anchor(seq: &Seq) -> Option<At> {
    for item in &seq.items {
        match item {
            Item::At(at @ (At::TextStart | At::LineStart)) => return Some(*at),
            Item::At(_) | Item::Look { .. } | Item::ContainsLiteral(_) => {}
            Item::Capture(_, body) | Item::Scoped(body) | Item::Atomic(body) => {
                if let Some(at) = leading_anchor(body) {
                    return Some(at);
                }
                if !body.items.is_empty() {
                    return None;
                }
            }
            Item::Branch(arms) => {
                let mut anchors = arms.iter().map(leading_anchor);
                let first = anchors.next()??;
                return anchors.all(|other| other == Some(first)).then_some(first);
            }
            _ => return None,
        }
    }
    None
}
