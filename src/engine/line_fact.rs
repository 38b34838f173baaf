//! What the regexes of a filter say of one line.

/// What prefregex said of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PrefregexFact {
    /// Not tried: the filter has none, or an ignoreregex came first.
    #[default]
    NotTried,
    /// Tried, no match: the line is missed.
    Missed,
    /// Matched; its groups begin at this place of the list of spans, or were not kept as no
    /// failregex hit.
    Matched(u32),
}

impl PrefregexFact {
    /// It matched, and its groups were not kept.
    pub(super) const MATCHED: PrefregexFact = PrefregexFact::Matched(NOT_KEPT);
}

/// In the place of a list's index: groups nobody asks for.
pub(super) const NOT_KEPT: u32 = u32::MAX;

/// A failregex that matched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HitFact {
    /// Index of the failregex, from 0.
    pub(crate) regex: u32,
    /// Where its groups are in the list of spans; where matches are projected, those of prefregex
    /// are among them.
    pub(crate) spans: (u32, u32),
}

/// The facts of one line, as ranges of the lists of [`Facts`](super::facts::Facts).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineFact {
    /// What prefregex said.
    pub(crate) prefregex: PrefregexFact,
    pub(super) hits: (u32, u32),
    pub(super) ignored_by: (u32, u32),
    pub(super) exhausted: (u32, u32),
}

impl LineFact {
    /// A line without a hit.
    pub(super) fn missed(prefregex: PrefregexFact) -> LineFact {
        LineFact {
            prefregex,
            ..LineFact::default()
        }
    }

    /// Nothing hit the line, took a hit back or gave up: it is missed, and no more to tell.
    pub(super) fn is_missed(&self) -> bool {
        let none = |(start, end): (u32, u32)| start == end;
        none(self.hits) && none(self.ignored_by) && none(self.exhausted)
    }
}
