//! What the next byte can be where a piece of a pattern is to match.
//!
//! A set that is too large is harmless, one that is too small is a bug: every
//! rule here must over-approximate.

use super::charset::{CharSet, NO};

/// Bytes of a literal lead that are kept.
const LEAD: usize = 14;

/// Continuation bytes of UTF-8.
const CONTINUATION: [u64; 4] = [0, 0, u64::MAX, 0];

/// The bytes every match begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lead {
    /// [`LEAD`] at most, and zeros: as many as are compared at once.
    bytes: [u8; 16],
    length: u8,
    /// The piece is these bytes and nothing else: what follows goes on with them.
    open: bool,
}

impl Lead {
    const UNKNOWN: Lead = Lead {
        bytes: [0; 16],
        length: 0,
        open: false,
    };

    fn of(bytes: &[u8]) -> Lead {
        let mut lead = Lead {
            open: true,
            ..Lead::UNKNOWN
        };
        lead.extend(bytes);
        lead
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// Whether a text goes on with them.
    #[inline(always)]
    fn is_at(&self, text: &[u8], at: usize) -> bool {
        let rest = &text[at..];
        match rest.first_chunk() {
            Some(here) => {
                let differ = u128::from_le_bytes(*here) ^ u128::from_le_bytes(self.bytes);
                let those = !(u128::MAX << (8 * u32::from(self.length)));
                differ & those == 0
            }
            None => rest.starts_with(self.get()),
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        let start = usize::from(self.length);
        let length = bytes.len().min(LEAD - start);
        self.bytes[start..start + length].copy_from_slice(&bytes[..length]);
        self.length += length as u8;
        self.open &= length == bytes.len();
    }

    fn then(mut self, next: &Lead) -> Lead {
        if self.open {
            self.extend(next.get());
            self.open &= next.open;
        }
        self
    }

    /// What both begin with.
    fn common(&self, other: &Lead) -> Lead {
        let same = self.get().iter().zip(other.get());
        let length = same.take_while(|(a, b)| a == b).count();
        let mut lead = Lead::of(&self.get()[..length]);
        lead.open = self == other && self.open;
        lead
    }
}

/// Possible next bytes of a match: the first one, the second one, and a literal every
/// match begins with. The set of first bytes never holds a UTF-8 continuation byte: a
/// piece starts where a character starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FirstSet {
    bytes: [u64; 4],
    /// It may match at the end of the text.
    pub(super) end: bool,
    /// It may match empty: then what follows decides. Only while being built.
    pub(super) through: bool,
    /// It may match a single byte: then what follows decides of the second. Only while
    /// being built.
    single: bool,
    second: [u64; 4],
    /// The text may end after the first byte.
    second_end: bool,
    lead: Lead,
}

impl FirstSet {
    pub(super) const NOTHING: FirstSet = FirstSet {
        bytes: [0; 4],
        end: false,
        through: false,
        single: false,
        second: [0; 4],
        second_end: false,
        lead: Lead::UNKNOWN,
    };
    /// What an empty piece says: ask what follows.
    pub(super) const THROUGH: FirstSet = FirstSet {
        through: true,
        lead: Lead {
            open: true,
            ..Lead::UNKNOWN
        },
        ..FirstSet::NOTHING
    };
    /// Nothing is known.
    pub(super) const ANYTHING: FirstSet = FirstSet {
        bytes: [u64::MAX, u64::MAX, 0, u64::MAX],
        end: true,
        second: [u64::MAX; 4],
        second_end: true,
        ..FirstSet::NOTHING
    };

    fn insert(&mut self, byte: u8) {
        self.bytes[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(super) fn of_char(c: char) -> FirstSet {
        let mut first = FirstSet::NOTHING;
        let mut buffer = [0; 4];
        let bytes = c.encode_utf8(&mut buffer).as_bytes();
        first.insert(bytes[0]);
        match bytes.get(1) {
            Some(byte) => first.second[usize::from(byte >> 6)] |= 1 << (byte & 63),
            None => first.single = true,
        }
        first.lead = Lead::of(bytes);
        first
    }

    /// What a character of the set begins with.
    pub(super) fn of_set(set: &CharSet) -> FirstSet {
        let mut first = FirstSet::NOTHING;
        first.bytes[0] = set.ascii as u64;
        first.bytes[1] = (set.ascii >> 64) as u64;
        first.single = set.ascii != 0;
        for byte in 0x80..=u8::MAX {
            if set.table[usize::from(byte)] != NO {
                first.insert(byte);
                first.second = CONTINUATION;
            }
        }
        first
    }

    #[inline(always)]
    pub(super) fn has(&self, byte: u8) -> bool {
        self.bytes[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
    }

    /// Whether a match may begin at `at`.
    #[inline(always)]
    pub(super) fn allows(&self, text: &[u8], at: usize) -> bool {
        match text.get(at) {
            Some(&byte) => self.has(byte),
            None => self.end,
        }
    }

    /// Whether a match may begin at `at`, by all that is known of its first bytes.
    #[inline(always)]
    pub(super) fn may_start_at(&self, text: &[u8], at: usize) -> bool {
        self.allows(text, at) && self.may_continue_at(text, at)
    }

    /// Whether a match whose first byte stands at `at`, or that is empty at the end of
    /// the text, may go on with what comes after.
    #[inline(always)]
    pub(super) fn may_continue_at(&self, text: &[u8], at: usize) -> bool {
        let second = match text.get(at + 1) {
            Some(&byte) => self.second[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0,
            None => self.second_end || at == text.len(),
        };
        second && (self.lead.length < 3 || self.lead.is_at(text, at))
    }

    /// By byte, as bits: whether it may be the first (1) and the second (2). And whether a
    /// match may begin at the end of the text.
    pub(super) fn table(&self) -> ([u8; 256], bool) {
        let mut table = [0; 256];
        for (byte, says) in (0..=255u8).zip(&mut table) {
            let second = self.second[usize::from(byte >> 6)] >> (byte & 63) & 1;
            *says = u8::from(self.has(byte)) | (second as u8) << 1;
        }
        (table, self.end)
    }

    /// Whether nothing is known of the second byte.
    pub(super) fn any_second(&self) -> bool {
        self.second == [u64::MAX; 4] && self.second_end
    }

    /// Whether the text may end after the first byte.
    pub(super) fn second_ends(&self) -> bool {
        self.second_end
    }

    /// The literal every match begins with; empty if none is known.
    pub(super) fn lead(&self) -> &[u8] {
        self.lead.get()
    }

    /// Every possible first byte, and 256 if it may be the end of the text.
    pub(super) fn each(&self, note: impl FnMut(usize)) {
        each(&self.bytes, self.end, note);
    }

    /// The same for the second byte.
    pub(super) fn each_second(&self, note: impl FnMut(usize)) {
        each(&self.second, self.second_end, note);
    }

    pub(super) fn union(mut self, other: FirstSet) -> FirstSet {
        let nothing = |first: &FirstSet| *first == FirstSet::NOTHING;
        self.lead = match (nothing(&self), nothing(&other)) {
            (true, _) => other.lead,
            (_, true) => self.lead,
            _ => self.lead.common(&other.lead),
        };
        for (mine, theirs) in self.bytes.iter_mut().zip(other.bytes) {
            *mine |= theirs;
        }
        for (mine, theirs) in self.second.iter_mut().zip(other.second) {
            *mine |= theirs;
        }
        self.end |= other.end;
        self.through |= other.through;
        self.single |= other.single;
        self.second_end |= other.second_end;
        self
    }

    /// This piece, then another.
    pub(super) fn then(mut self, next: FirstSet) -> FirstSet {
        self.lead = self.lead.then(&next.lead);
        if self.single {
            for (mine, theirs) in self.second.iter_mut().zip(next.bytes) {
                *mine |= theirs;
            }
            self.second_end |= next.end;
        }
        self.single = self.single && next.through || self.through && next.single;
        if self.through {
            for (mine, theirs) in self.bytes.iter_mut().zip(next.bytes) {
                *mine |= theirs;
            }
            for (mine, theirs) in self.second.iter_mut().zip(next.second) {
                *mine |= theirs;
            }
            self.end |= next.end;
            self.second_end |= next.second_end;
            self.through = next.through;
        }
        self
    }

    /// One pass of a loop over this piece, then more of them or `next`.
    ///
    /// The second byte may be the first one of another pass. What a third pass would
    /// add is in there too: it would need a pass of one byte and an empty one, and a
    /// pass of one byte already lets in all first bytes.
    pub(super) fn repeated(self, next: FirstSet) -> FirstSet {
        let mut out = self.then(next.union(self));
        out.through &= next.through;
        out.single &= next.through || next.single;
        out.lead.open = false;
        out
    }

    /// `$` and `\Z` in front of this: only the bytes given, or the end.
    pub(super) fn at_end(self, newline: bool) -> FirstSet {
        let mut out = FirstSet::NOTHING;
        out.second = [u64::MAX; 4];
        out.second_end = true;
        if newline && (self.through || self.has(b'\n')) {
            out.insert(b'\n');
        }
        out.end = self.end || self.through;
        out
    }

    pub(super) fn meets(&self, other: &FirstSet) -> bool {
        self.bytes.iter().zip(other.bytes).any(|(a, b)| a & b != 0)
    }

    /// Whether a match may begin with any byte.
    pub(super) fn is_anything(&self) -> bool {
        self.bytes == FirstSet::ANYTHING.bytes && self.end
    }

    /// The bytes, if they are few and the end is not among them.
    pub(super) fn few(&self) -> Option<Vec<u8>> {
        if self.end { None } else { self.few_bytes() }
    }

    /// The bytes, if they are few.
    pub(super) fn few_bytes(&self) -> Option<Vec<u8>> {
        let count: u32 = self.bytes.iter().map(|word| word.count_ones()).sum();
        let few = (1..=3).contains(&count);
        few.then(|| (0..=255).filter(|&byte| self.has(byte)).collect())
    }
}

fn each(bytes: &[u64; 4], end: bool, mut note: impl FnMut(usize)) {
    for (at, &word) in bytes.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            note(at * 64 + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
    if end {
        note(256);
    }
}
