//! A member of a class of characters.

use super::ast::Category;
use super::unicode;
use std::sync::LazyLock;

/// A member of a class, its case settled.
#[derive(Debug, Clone, Copy)]
pub(super) enum Member {
    /// A character.
    Char(u32),
    /// From one to another, both of them too.
    Range(u32, u32),
    /// A range beyond the BMP under IGNORECASE: tries the upper case too.
    RangeOrUpper(u32, u32),
    /// `\d`, `\s`, `\w` or what is not in them; `ascii`: under the flag ASCII.
    Category {
        category: Category,
        negated: bool,
        ascii: bool,
    },
}

impl Member {
    /// Whether it is that character.
    pub(super) fn has(self, code: u32) -> bool {
        match self {
            Member::Char(c) => c == code,
            Member::Range(low, high) => (low..=high).contains(&code),
            Member::RangeOrUpper(low, high) => {
                (low..=high).contains(&code) || (low..=high).contains(&unicode::upper(code))
            }
            Member::Category {
                category,
                negated,
                ascii,
            } => {
                let has = match (category, ascii) {
                    (Category::Digit, true) => matches!(code, 0x30..=0x39),
                    (Category::Digit, false) => unicode::is_digit(code),
                    (Category::Space, true) => unicode::is_ascii_space(code),
                    (Category::Space, false) => unicode::is_space(code),
                    (Category::Word, true) => unicode::is_ascii_word(code),
                    (Category::Word, false) => unicode::is_word(code),
                };
                has != negated
            }
        }
    }

    /// The ASCII characters it has, as bits.
    pub(super) fn ascii_bits(self) -> u128 {
        match self {
            Member::Char(code) => one_bit(code),
            Member::Range(low, high) => {
                let below = |end: u32| {
                    if end < 128 {
                        one_bit(end) - 1
                    } else {
                        u128::MAX
                    }
                };
                below(high.saturating_add(1)) & !below(low)
            }
            Member::Category {
                category,
                negated,
                ascii: false,
            } => {
                let has = CATEGORIES[match category {
                    Category::Digit => 0,
                    Category::Space => 1,
                    Category::Word => 2,
                }];
                if negated { !has } else { has }
            }
            other => ascii_bits(|byte| other.has(byte.into())),
        }
    }

    /// What it says of every character beyond ASCII, if it says one thing.
    pub(super) fn beyond_ascii(self) -> Option<bool> {
        match self {
            Member::Char(c) if c < 128 => Some(false),
            Member::Range(_, high) if high < 128 => Some(false),
            Member::Range(low, high) if low <= 128 && high >= 0x10_ffff => Some(true),
            Member::Category {
                negated,
                ascii: true,
                ..
            } => Some(negated),
            _ => None,
        }
    }
}

/// The ASCII characters of Unicode's digits, spaces and word characters: most classes have some.
static CATEGORIES: LazyLock<[u128; 3]> = LazyLock::new(|| {
    [unicode::is_digit, unicode::is_space, unicode::is_word]
        .map(|has| ascii_bits(|byte| has(byte.into())))
});

/// The ASCII characters for which a test holds, as bits.
pub(super) fn ascii_bits(test: impl Fn(u8) -> bool) -> u128 {
    let bytes = (0..128u8).filter(|&byte| test(byte));
    bytes.fold(0, |bits, byte| bits | one_bit(byte.into()))
}

/// The bit of an ASCII character; none of another.
pub(super) fn one_bit(code: u32) -> u128 {
    1u128.checked_shl(code).unwrap_or(0)
}
