//! What the next byte can be where a piece of a pattern is to match.
//!
//! A set that is too large is harmless, one that is too small is a bug: every
//! rule here must over-approximate.

/// Possible next bytes of a match. Never holds a UTF-8 continuation byte: a piece
/// starts where a character starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct First {
    bytes: [u64; 4],
    /// It may match at the end of the text.
    pub(super) end: bool,
    /// It may match empty: then what follows decides. Only while being built.
    pub(super) through: bool,
}

impl First {
    pub(super) const NOTHING: First = First {
        bytes: [0; 4],
        end: false,
        through: false,
    };
    /// What an empty piece says: ask what follows.
    pub(super) const THROUGH: First = First {
        bytes: [0; 4],
        end: false,
        through: true,
    };
    /// Nothing is known.
    pub(super) const ANYTHING: First = First {
        bytes: [u64::MAX, u64::MAX, 0, u64::MAX],
        end: true,
        through: false,
    };

    pub(super) fn insert(&mut self, byte: u8) {
        self.bytes[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(super) fn of_byte(byte: u8) -> First {
        let mut first = First::NOTHING;
        first.insert(byte);
        first
    }

    /// From a table of [`super::charset::CharSet`].
    pub(super) fn of_table(table: &[u8; 256]) -> First {
        let mut first = First::NOTHING;
        for (byte, &says) in table.iter().enumerate() {
            if says != super::charset::NO {
                first.insert(byte as u8);
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

    pub(super) fn union(mut self, other: First) -> First {
        for (mine, theirs) in self.bytes.iter_mut().zip(other.bytes) {
            *mine |= theirs;
        }
        self.end |= other.end;
        self.through |= other.through;
        self
    }

    /// This piece, then another.
    pub(super) fn then(mut self, next: First) -> First {
        if !self.through {
            return self;
        }
        self.through = false;
        self.union(next)
    }

    /// `$` and `\Z` in front of this: only the bytes given, or the end.
    pub(super) fn at_end(self, newline: bool) -> First {
        let mut out = First::NOTHING;
        if newline && (self.through || self.has(b'\n')) {
            out.insert(b'\n');
        }
        out.end = self.end || self.through;
        out
    }

    pub(super) fn meets(&self, other: &First) -> bool {
        self.bytes.iter().zip(other.bytes).any(|(a, b)| a & b != 0)
    }

    pub(super) fn is_anything(&self) -> bool {
        *self == First::ANYTHING
    }

    /// The bytes, if they are few and the end is not among them.
    pub(super) fn few(&self) -> Option<Vec<u8>> {
        let count: u32 = self.bytes.iter().map(|word| word.count_ones()).sum();
        if count > 3 || count == 0 || self.end {
            return None;
        }
        Some((0..=255).filter(|&byte| self.has(byte)).collect())
    }
}
