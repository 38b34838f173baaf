//! The lowered pattern: what CPython's compiler would see, and what is known of each piece.

use super::ast::RepeatMode;
use super::charset::{CharSet, FlaggedUnit, Fold};
use super::first::FirstSet;

/// A zero-width test of the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    TextStart,
    LineStart,
    TextEnd,
    /// The end, or before a newline that ends the text.
    End,
    LineEnd,
    Boundary {
        ascii: bool,
        negated: bool,
    },
    /// Not between two word characters; see [`Item::as_apart`].
    Apart {
        ascii: bool,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Item {
    Unit(FlaggedUnit),
    At(At),
    Branch(Vec<Seq>),
    Repeat {
        min: u32,
        max: Option<u32>,
        mode: RepeatMode,
        body: Seq,
    },
    Capture(usize, Seq),
    /// A group with flags: CPython does not splice these.
    Scoped(Seq),
    Atomic(Seq),
    Look {
        /// Characters to step back.
        behind: Option<u32>,
        negated: bool,
        body: Seq,
    },
    Backreference(usize, Fold),
    Conditional {
        group: usize,
        yes: Seq,
        no: Option<Seq>,
    },
    Fail,
    /// A literal that must stand somewhere from here on, since what follows has it.
    ContainsLiteral(Vec<u8>),
}

#[derive(Debug, Clone)]
pub(super) struct Seq {
    pub(super) items: Vec<Item>,
    /// What the next byte can be; `through` if the whole can match empty.
    pub(super) first: FirstSet,
    /// Whether the whole can match empty (over-approximated).
    pub(super) nullable: bool,
    /// Whether a group captures somewhere inside.
    pub(super) captures: bool,
    /// Number of items, those inside of items counted.
    pub(super) size: usize,
}

impl Seq {
    pub(super) fn new(items: Vec<Item>) -> Seq {
        let first = items
            .iter()
            .rev()
            .fold(FirstSet::THROUGH, |next, item| item.first_with(next));
        let nullable = items.iter().all(Item::nullable);
        let captures = items.iter().any(Item::captures);
        let size = items.iter().map(Item::size).sum();
        Seq {
            items,
            first,
            nullable,
            captures,
            size,
        }
    }

    /// The single character test this is, if it is one.
    pub(super) fn as_unit(&self) -> Option<&FlaggedUnit> {
        match &self.items[..] {
            [Item::Unit(unit)] => Some(unit),
            [Item::Scoped(inner)] => inner.as_unit(),
            _ => None,
        }
    }

    /// The literal and the character test of `(?!literal).`, if it is one.
    pub(super) fn as_tempered(&self) -> Option<(Vec<u8>, &FlaggedUnit)> {
        let [
            Item::Look {
                behind: None,
                negated: true,
                body,
            },
            Item::Unit(unit),
        ] = &self.items[..]
        else {
            return None;
        };
        let mut literal = Vec::new();
        for item in &body.items {
            let Item::Unit(unit) = item else { return None };
            let c = char::from_u32(unit.exact_char()?)?;
            literal.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        (!literal.is_empty()).then_some((literal, unit))
    }
}

impl Item {
    /// What the next byte can be at this item, given what it can be after it.
    pub(super) fn first_with(&self, next: FirstSet) -> FirstSet {
        match self {
            Item::Unit(unit) => match unit.exact_char().map(char::from_u32) {
                Some(Some(c)) => FirstSet::of_char(c).then(next),
                Some(None) => FirstSet::NOTHING,
                None => FirstSet::of_set(&CharSet::new(unit)).then(next),
            },
            Item::At(At::TextEnd) => next.at_end(false),
            Item::At(At::End | At::LineEnd) => next.at_end(true),
            Item::At(_) => next,
            Item::Branch(arms) => arms.iter().fold(FirstSet::NOTHING, |all, arm| {
                all.union(arm.first.then(next))
            }),
            Item::Repeat { min, max, body, .. } => match (min, max) {
                (_, Some(0)) => next,
                (0, Some(1)) => body.first.then(next).union(next),
                (_, Some(1)) => body.first.then(next),
                (0, _) => body.first.repeated(next).union(next),
                _ => body.first.repeated(next),
            },
            Item::Capture(_, body) | Item::Scoped(body) | Item::Atomic(body) => {
                body.first.then(next)
            }
            Item::Look { .. } | Item::ContainsLiteral(_) => next,
            // The text of the group, or the branch taken: anything.
            Item::Backreference(..) => FirstSet::ANYTHING.union(next),
            Item::Conditional { yes, no, .. } => yes
                .first
                .then(next)
                .union(no.as_ref().map_or(next, |no| no.first.then(next))),
            Item::Fail => FirstSet::NOTHING,
        }
    }

    fn nullable(&self) -> bool {
        match self {
            Item::Unit(_) | Item::Fail => false,
            Item::At(_)
            | Item::Look { .. }
            | Item::ContainsLiteral(_)
            | Item::Backreference(..) => true,
            Item::Branch(arms) => arms.iter().any(|arm| arm.nullable),
            Item::Repeat { min, body, .. } => *min == 0 || body.nullable,
            Item::Capture(_, body) | Item::Scoped(body) | Item::Atomic(body) => body.nullable,
            Item::Conditional { yes, no, .. } => {
                yes.nullable || no.as_ref().is_none_or(|no| no.nullable)
            }
        }
    }

    /// The `ascii` flag of `(?=\b|\W|$)` or `(?=^|\b|\W)`, if this is one of them and
    /// may be read as [`At::Apart`]; `end`: what follows can match at the end.
    ///
    /// Before a character that is no word character `\W` holds, before one that is
    /// `\b` says whether the one before it is none; `$` adds only places before a
    /// newline, `^` only places after one or at the start, and these are all apart. At
    /// the end of the text `$` holds, as does `Apart`; without `$` it depends on what is
    /// before, so there what follows must not match.
    pub(super) fn as_apart(&self, end: bool) -> Option<bool> {
        let Item::Look {
            behind: None,
            negated: false,
            body,
        } = self
        else {
            return None;
        };
        let [Item::Branch(arms)] = &body.items[..] else {
            return None;
        };
        let [first, second, third] = &arms[..] else {
            return None;
        };
        let (edge, boundary, unit) = match (&first.items[..], &second.items[..], &third.items[..]) {
            ([Item::At(boundary)], [Item::Unit(unit)], [Item::At(edge)])
            | ([Item::At(edge)], [Item::At(boundary)], [Item::Unit(unit)]) => {
                (edge, boundary, unit)
            }
            _ => return None,
        };
        let at_end = matches!(edge, At::End | At::LineEnd | At::TextEnd);
        let at_start = matches!(edge, At::TextStart | At::LineStart);
        let &At::Boundary {
            ascii,
            negated: false,
        } = boundary
        else {
            return None;
        };
        let fits = at_end || at_start && !end;
        (fits && unit.is_not_word(ascii)).then_some(ascii)
    }

    /// Number of items, those inside counted.
    pub(super) fn size(&self) -> usize {
        1 + self.inner().map(|inner| inner.size).sum::<usize>()
    }

    fn captures(&self) -> bool {
        match self {
            Item::Capture(..) => true,
            _ => self.inner().any(|inner| inner.captures),
        }
    }

    /// The sequences directly inside.
    pub(super) fn inner(&self) -> impl Iterator<Item = &Seq> {
        let (arms, one, other) = match self {
            Item::Unit(_)
            | Item::At(_)
            | Item::Fail
            | Item::ContainsLiteral(_)
            | Item::Backreference(..) => (&[][..], None, None),
            Item::Branch(arms) => (&arms[..], None, None),
            Item::Capture(_, body)
            | Item::Repeat { body, .. }
            | Item::Scoped(body)
            | Item::Atomic(body)
            | Item::Look { body, .. } => (&[][..], Some(body), None),
            Item::Conditional { yes, no, .. } => (&[][..], Some(yes), no.as_ref()),
        };
        arms.iter().chain(one).chain(other)
    }

    /// The same item with other sequences inside.
    pub(super) fn map_inner(&self, map: impl Fn(&Seq) -> Seq) -> Item {
        let mut out = self.clone();
        match &mut out {
            Item::Unit(_)
            | Item::At(_)
            | Item::Fail
            | Item::ContainsLiteral(_)
            | Item::Backreference(..) => {}
            Item::Branch(arms) => arms.iter_mut().for_each(|arm| *arm = map(arm)),
            Item::Capture(_, body)
            | Item::Repeat { body, .. }
            | Item::Scoped(body)
            | Item::Atomic(body)
            | Item::Look { body, .. } => *body = map(body),
            Item::Conditional { yes, no, .. } => {
                *yes = map(yes);
                if let Some(no) = no {
                    *no = map(no);
                }
            }
        }
        out
    }

    /// Whether CPython would find two of these equal, and the same choice follows
    /// from either: what may be moved out of alternatives.
    pub(super) fn same(&self, other: &Item) -> bool {
        match (self, other) {
            (Item::Unit(a), Item::Unit(b)) => a == b,
            (Item::At(a), Item::At(b)) => a == b,
            (Item::Backreference(a, _), Item::Backreference(b, _)) => a == b,
            (Item::Fail, Item::Fail) => true,
            _ => false,
        }
    }
}
