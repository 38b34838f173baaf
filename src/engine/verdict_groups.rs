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

/// Groups that decide a verdict, by their places in the texts of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerdictSpans {
    /// A bit for each slot that has a place.
    present: u16,
    spans: [Span; VERDICT_GROUPS.len()],
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

impl VerdictSpans {
    /// No group took part.
    const NOTHING: VerdictSpans = VerdictSpans {
        present: 0,
        spans: [Span::NONE; VERDICT_GROUPS.len()],
    };

    #[inline]
    fn set(&mut self, slot: u8, span: Span) {
        if let Some(own) = self.spans.get_mut(usize::from(slot)) {
            *own = span;
            self.present |= 1 << slot;
        }
    }

    /// Whether one of the groups names a failure or a session.
    #[inline]
    pub(super) fn identify(&self) -> bool {
        self.present & IDENTIFYING != 0
    }

    /// Puts these over others, as [`Groups::over`] does it with dictionaries: groups that took no
    /// part leave what is there.
    #[inline]
    pub(super) fn put_over(&mut self, below: &VerdictSpans) {
        let mut rest = below.present & !self.present;
        self.present |= rest;
        while rest != 0 {
            let slot = rest.trailing_zeros() as usize % VERDICT_GROUPS.len();
            self.spans[slot] = below.spans[slot];
            rest &= rest - 1;
        }
    }

    /// The texts.
    #[inline]
    pub(super) fn texts<'t>(&self, texts: &'t Texts) -> VerdictGroups<'t> {
        let mut groups = VerdictGroups::default();
        let mut rest = self.present;
        while rest != 0 {
            let slot = rest.trailing_zeros() as usize % VERDICT_GROUPS.len();
            groups.0[slot] = Some(texts.get(self.spans[slot]));
            rest &= rest - 1;
        }
        groups
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

    /// The groups of a match in a text that begins at `start`.
    #[inline]
    pub(super) fn spans(&self, found: &Match, start: u32) -> VerdictSpans {
        let mut spans = VerdictSpans::NOTHING;
        let place = |group: u32| {
            let (start, end) = found.span(group as usize)?;
            Some(Span::new(start, end))
        };
        // slots with a text that is not empty
        let mut filled = 0u16;
        for &(slot, group) in &self.groups {
            if let Some(span) = place(group) {
                spans.set(slot, span.shifted(start));
                filled |= u16::from(span.start < span.end) << slot;
            }
        }
        for &(slot, group) in &self.alternates {
            if filled & (1 << slot) == 0
                && let Some(span) = place(group).filter(|span| span.start < span.end)
            {
                spans.set(slot, span.shifted(start));
                filled |= 1 << slot;
            }
        }
        spans
    }
}
