//! What decides a verdict, of all that a match captured.

use super::groups::{Groups, Key, Value};
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

/// Takes the groups that decide a verdict out of those a regex keeps, and puts them where they belong in
/// [`VerdictGroups`].
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    /// The slot of every kept group; beyond the last one for a mere alternate.
    slots: Vec<u8>,
    /// Alternates in their order: which kept group stands in for which slot.
    alternates: Vec<(u8, u8)>,
}

impl Projection {
    /// The projection of a regex of whose groups `kept` are kept; with its alternates and
    /// tuples, from and to. None where only the whole dictionary tells what decides: a tuple
    /// does, or an alternate of an alternate.
    pub(crate) fn new(
        kept: &[Key],
        alternates: &[(Key, Key)],
        tuples: &[(Key, Key)],
    ) -> Option<Projection> {
        let targets = || alternates.iter().chain(tuples).map(|(_, to)| to);
        if tuples.iter().any(|(_, to)| slot_of(*to).is_some())
            || targets().any(|to| alternates.iter().any(|(from, _)| from == to))
        {
            return None;
        }
        let slot = |key: &Key| slot_of(*key).unwrap_or(VERDICT_GROUPS.len()) as u8;
        let of_slots = alternates.iter().filter(|(_, to)| slot_of(*to).is_some());
        let alternates = of_slots.map(|(from, to)| {
            let at = kept.iter().position(|key| key == from)?;
            Some((u8::try_from(at).ok()?, slot(to)))
        });
        Some(Projection {
            slots: kept.iter().map(slot).collect(),
            alternates: alternates.collect::<Option<_>>()?,
        })
    }

    /// Puts the groups of a match over others, as [`Groups::over`] does it with dictionaries:
    /// groups that took no part leave what is there. `text` gives the text of the `n`th
    /// kept group.
    #[inline]
    pub(crate) fn apply<'t>(
        &self,
        text: impl Fn(usize) -> Option<&'t str>,
        onto: &mut VerdictGroups<'t>,
    ) {
        // slots this regex has put a text into that is not empty
        let mut filled = 0u32;
        for (at, &slot) in self.slots.iter().enumerate() {
            if let Some(own) = onto.0.get_mut(usize::from(slot))
                && let Some(text) = text(at)
            {
                *own = Some(text);
                filled |= u32::from(!text.is_empty()) << slot;
            }
        }
        for &(at, slot) in &self.alternates {
            if filled & (1 << slot) == 0
                && let Some(text) = text(usize::from(at)).filter(|text| !text.is_empty())
            {
                onto.0[usize::from(slot)] = Some(text);
                filled |= 1 << slot;
            }
        }
    }
}
