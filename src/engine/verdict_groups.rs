//! What decides a verdict, of all that a match captured.

use super::groups::{FAILURE_ID_GROUPS, Groups, Key, Value};
use super::texts::{Span, Texts};
use crate::pattern::Match;
use compact_str::CompactString;

/// Groups a verdict depends on: who failed, and what sessions are merged by.
pub(super) const VERDICT_GROUPS: [Key; 11] = [
    Key::FID,
    Key::IP4,
    Key::IP6,
    Key::DNS,
    Key::CIDR,
    Key::USER,
    Key::MLFID,
    Key::NOFAIL,
    Key::MLFFORGET,
    Key::MLFGAINED,
    Key::MLFPENDING,
];

/// The first of these are what a session keeps.
pub(super) const SESSION_GROUPS: usize = 6;

// a key's number is its place among them
const _: () = {
    let mut slot = 0;
    while slot < VERDICT_GROUPS.len() {
        assert!(VERDICT_GROUPS[slot].number() == slot);
        slot += 1;
    }
};

/// The place of a key among [`VERDICT_GROUPS`].
fn slot_of(key: Key) -> Option<usize> {
    let number = key.number();
    (number < VERDICT_GROUPS.len()).then_some(number)
}

/// The part of a failure dictionary that decides a verdict, borrowed from the line.
///
/// Why these groups are enough to judge by:
///
/// * They are the only ones a verdict reads, beside what merging itself keeps of a session
///   (`mlfpending`, the users). `ip`, `matches` and `nofail-matches` are written for those who
///   print them, and read by nobody.
/// * Nothing tells a group that took no part (`None`) from one that is not in the dictionary,
///   and nothing reads the dictionary's order: an array of `Option` says all. A group that
///   matched an empty text is something else, and stays `Some("")`.
/// * A value that is no text (a tuple) is read by its truth and as text only: its text is
///   never empty, and neither is a tuple. So it is that text here ([`VerdictTexts`]).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct VerdictGroups<'t>(pub(super) [Option<&'t str>; VERDICT_GROUPS.len()]);

impl<'t> VerdictGroups<'t> {
    /// That part of a dictionary; None where its texts cannot be borrowed ([`VerdictTexts`]).
    pub(super) fn of(groups: &'t Groups) -> Option<VerdictGroups<'t>> {
        let mut all = VerdictGroups::default();
        for (key, value) in groups.iter() {
            let Some(slot) = slot_of(key) else { continue };
            all.0[slot] = match value {
                Value::None => None,
                Value::Text(text) => Some(text),
                _ => return None,
            };
        }
        Some(all)
    }

    /// The text under one of these keys, if its group took part.
    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&'t str> {
        self.0.get(key.number()).copied().flatten()
    }

    /// Whether there is a text under `key` and it is not empty.
    #[inline]
    pub(crate) fn is_true(&self, key: Key) -> bool {
        self.get(key).is_some_and(|text| !text.is_empty())
    }
}

/// The same of a whole dictionary, as texts of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct VerdictTexts([Option<CompactString>; VERDICT_GROUPS.len()]);

impl VerdictTexts {
    /// That part of a dictionary.
    pub(super) fn of(groups: &Groups) -> VerdictTexts {
        VerdictTexts(VERDICT_GROUPS.map(|key| groups.present(key).map(Value::to_text)))
    }

    /// The texts, borrowed.
    pub(super) fn groups(&self) -> VerdictGroups<'_> {
        VerdictGroups(self.0.each_ref().map(Option::as_deref))
    }
}

/// The place of a group that decides a verdict, in the texts of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotSpan {
    /// Its place among [`VERDICT_GROUPS`].
    pub(super) slot: u8,
    span: Span,
}

/// The slots of the groups that name a failure or a session.
const IDENTIFYING: u16 = {
    let (mut bits, mut at) = (0, 0);
    while at < FAILURE_ID_GROUPS.len() {
        assert!(FAILURE_ID_GROUPS[at].number() < VERDICT_GROUPS.len());
        bits |= 1 << FAILURE_ID_GROUPS[at].number();
        at += 1;
    }
    bits
};

/// Slots that have a text, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slots(u16);

impl Slots {
    /// Whether one of the groups names a failure or a session.
    #[inline]
    pub(super) fn identify(self) -> bool {
        self.0 & IDENTIFYING != 0
    }

    #[inline]
    pub(super) fn has(self, slot: u8) -> bool {
        self.0 >> slot & 1 != 0
    }

    #[inline]
    fn add(&mut self, slot: u8) {
        self.0 |= 1 << slot;
    }
}

impl<'t> VerdictGroups<'t> {
    /// The texts of groups.
    #[inline(always)] // as `Facts::projected`
    pub(super) fn of_spans(groups: &[SlotSpan], texts: &'t Texts) -> VerdictGroups<'t> {
        let mut all = VerdictGroups::default();
        for group in groups {
            if let Some(slot) = all.0.get_mut(usize::from(group.slot)) {
                *slot = Some(texts.get(group.span));
            }
        }
        all
    }
}

/// Takes the groups that decide a verdict out of a match.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    /// The slot of a group, and the group's number.
    groups: Vec<(u8, u32)>,
    /// Alternates in their order: a slot, and the group that stands in for it.
    alternates: Vec<(u8, u32)>,
}

impl Projection {
    /// The projection of a regex with these named groups and their numbers; with its alternates
    /// and tuples, from and to. None where only the whole dictionary tells what decides: a tuple
    /// does, or an alternate of an alternate.
    pub(crate) fn new(
        named: &[(Key, usize)],
        alternates: &[(Key, Key)],
        tuples: &[(Key, Key)],
    ) -> Option<Projection> {
        let targets = || alternates.iter().chain(tuples).map(|(_, to)| to);
        if tuples.iter().any(|(_, to)| slot_of(*to).is_some())
            || targets().any(|to| alternates.iter().any(|(from, _)| from == to))
        {
            return None;
        }
        let groups = (named.iter())
            .filter_map(|(key, group)| Some((u8::try_from(slot_of(*key)?).ok()?, *group as u32)));
        let alternates = (alternates.iter()).filter_map(|(from, to)| {
            let (_, group) = named.iter().find(|(key, _)| key == from)?;
            Some((u8::try_from(slot_of(*to)?).ok()?, *group as u32))
        });
        Some(Projection {
            groups: groups.collect(),
            alternates: alternates.collect(),
        })
    }

    /// Adds the groups of a match in a text that begins at `start`, each at most once; which these
    /// are.
    #[inline]
    pub(super) fn add_spans(&self, found: &Match, start: u32, all: &mut Vec<SlotSpan>) -> Slots {
        let first = all.len();
        let place = |group: u32| {
            let (start, end) = found.span(group as usize)?;
            Some(Span::new(start, end))
        };
        // slots that have a text, and those of which it is not empty
        let (mut slots, mut filled) = (Slots::default(), Slots::default());
        for &(slot, group) in &self.groups {
            if let Some(span) = place(group) {
                let is_empty = span.start == span.end;
                let span = span.shifted(start);
                all.push(SlotSpan { slot, span });
                slots.add(slot);
                if !is_empty {
                    filled.add(slot);
                }
            }
        }
        for &(slot, group) in &self.alternates {
            if !filled.has(slot)
                && let Some(span) = place(group).filter(|span| span.start < span.end)
            {
                let span = span.shifted(start);
                match all[first..].iter_mut().find(|known| known.slot == slot) {
                    Some(empty) => empty.span = span,
                    None => all.push(SlotSpan { slot, span }),
                }
                slots.add(slot);
                filled.add(slot);
            }
        }
        slots
    }
}
