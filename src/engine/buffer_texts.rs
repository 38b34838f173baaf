//! Which regexes of a multi-line filter may match a buffer because of a line in it.

use super::filter_regex::{FilterRegex, RegexRole};
use super::required::DENSE_BYTES;
use super::text_masks::{TextMasks, TextMasksBuilder};

/// The bit of prefregex, and the one of all ignoreregexes.
const PREFREGEX: usize = 63;
const IGNOREREGEX: usize = 62;
/// The bit of this failregex and all behind it; those before have one each.
const LAST_FAILREGEX: usize = 61;

/// Regexes of a filter that may match because of the texts of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RegexMask(u64);

impl RegexMask {
    /// Those of several lines together.
    pub(super) fn union(masks: impl Iterator<Item = RegexMask>) -> RegexMask {
        RegexMask(masks.fold(0, |all, mask| all | mask.0))
    }

    /// Whether that regex may match. An ignoreregex may if any may.
    pub(super) fn may_match(self, role: RegexRole) -> bool {
        self.0 & (1 << bit(role)) != 0
    }

    /// Whether any failregex may match.
    pub(super) fn may_match_failregex(self) -> bool {
        self.0 & !(1 << PREFREGEX | 1 << IGNOREREGEX) != 0
    }
}

fn bit(role: RegexRole) -> usize {
    match role {
        RegexRole::Prefregex => PREFREGEX,
        RegexRole::Ignoreregex(_) => IGNOREREGEX,
        RegexRole::Failregex(index) => index.min(LAST_FAILREGEX),
    }
}

/// The texts that the regexes of a multi-line filter require ([`TextMasks`]); None where they
/// are too many to look for.
#[derive(Debug)]
pub(super) struct BufferTexts(Option<TextMasks>);

impl BufferTexts {
    /// The texts of a filter's regexes.
    pub(super) fn new<'r>(
        regexes: impl Iterator<Item = (RegexRole, &'r FilterRegex)>,
    ) -> BufferTexts {
        let mut builder = TextMasksBuilder::new(1, usize::MAX);
        for (role, regex) in regexes {
            builder.add(bit(role), regex);
        }
        BufferTexts(builder.build(DENSE_BYTES).ok())
    }

    /// The regexes that may match because of a line, given without its date.
    pub(super) fn of(&self, line: &str) -> RegexMask {
        let Some(masks) = &self.0 else {
            return RegexMask(u64::MAX);
        };
        let mut found = [0];
        found.copy_from_slice(masks.always());
        masks.find(line.as_bytes(), &mut found);
        RegexMask(found[0])
    }
}
