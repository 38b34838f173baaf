//! One character of a pattern as a test on the text: literal, `.`, class.
//!
//! A [`Unit`] is what CPython calls a unit operator, with its case folding. It is
//! compiled to a [`CharSet`]: a table over the next byte, which answers alone for
//! ASCII, and a slow test for the rest where the table cannot answer.
//!
//! CPython tests a class under IGNORECASE with the *lowered* character, and puts
//! into the class the lowered form of each member and its extra cases. Members
//! outside of the BMP are kept as written, so that an upper-case one in a class
//! matches nothing; ranges that reach there also try the upper case. All of this
//! is kept, since the verdict must be CPython's.

use super::ast::{Category, ClassItem};
use super::tables;
use super::unicode;
use std::sync::LazyLock;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fold {
    None,
    Ascii,
    Unicode,
}

impl Fold {
    pub(super) fn of(flags: super::Flags) -> Fold {
        match (flags.ignore_case, flags.ascii) {
            (false, _) => Fold::None,
            (true, true) => Fold::Ascii,
            (true, false) => Fold::Unicode,
        }
    }

    pub(super) fn lower(self, code: u32) -> u32 {
        match self {
            Fold::None => code,
            Fold::Ascii => unicode::lower_ascii(code),
            Fold::Unicode => unicode::lower(code),
        }
    }

    pub(super) fn is_cased(self, code: u32) -> bool {
        match self {
            Fold::None => false,
            Fold::Ascii => code < 128 && (code as u8).is_ascii_alphabetic(),
            Fold::Unicode => unicode::is_cased(code),
        }
    }

    /// Whether case matters for a class with this range: for CPython, always if it
    /// reaches beyond the BMP.
    pub(super) fn is_cased_range(self, low: u32, high: u32) -> bool {
        self != Fold::None
            && fill_class(&mut Vec::new(), &[ClassItem::Range(low, high)], self, false)
    }

    fn extra(self, lower: u32) -> &'static [u32] {
        match self {
            Fold::Unicode => unicode::extra_cases(lower),
            _ => &[],
        }
    }
}

/// A test of one character, as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    Literal(u32),
    NotLiteral(u32),
    Any,
    AnyButNewline,
    Class {
        negated: bool,
        items: Vec<ClassItem>,
    },
}

/// A unit and the flags it is read with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct FlaggedUnit {
    pub(super) unit: Unit,
    pub(super) fold: Fold,
    pub(super) ascii: bool,
}

impl FlaggedUnit {
    /// Whether this is `\W`, with or without the ASCII flag. Case does not matter for a
    /// class of categories alone.
    pub(super) fn is_not_word(&self, ascii: bool) -> bool {
        let Unit::Class { negated, items } = &self.unit else {
            return false;
        };
        let [
            ClassItem::Category {
                category: Category::Word,
                negated: inside,
            },
        ] = items[..]
        else {
            return false;
        };
        self.ascii == ascii && *negated != inside
    }

    /// The character, if the unit is one that case does not touch.
    pub(super) fn exact_char(&self) -> Option<u32> {
        match self.unit {
            Unit::Literal(code) if !self.fold.is_cased(code) => Some(code),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Member {
    Char(u32),
    Range(u32, u32),
    /// A range beyond the BMP under IGNORECASE: tries the upper case too.
    RangeOrUpper(u32, u32),
    Category {
        category: Category,
        negated: bool,
        ascii: bool,
    },
}

impl Member {
    fn has(self, code: u32) -> bool {
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
    fn ascii_bits(self) -> u128 {
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
    fn beyond_ascii(self) -> Option<bool> {
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

/// The table says: not this character.
pub(super) const NO: u8 = 0;
/// The table cannot say: decode and ask.
pub(super) const SLOW: u8 = 255;

/// Characters a set does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excludes {
    Nothing,
    /// This ASCII byte.
    Byte(u8),
    /// More, or it is not known.
    Several,
}

/// A compiled test of one character.
#[derive(Debug, Clone)]
pub(super) struct CharSet {
    /// By the character's first byte: [`NO`], its width in bytes, or [`SLOW`].
    pub(super) table: [u8; 256],
    /// The ASCII characters in the set, as bits.
    pub(super) ascii: u128,
    fold: Fold,
    negated: bool,
    members: Vec<Member>,
}

impl CharSet {
    pub(super) fn new(flagged: &FlaggedUnit) -> CharSet {
        let mut fold = flagged.fold;
        let mut negated = matches!(flagged.unit, Unit::NotLiteral(_));
        let mut members = Vec::new();
        match &flagged.unit {
            Unit::Any => negated = true,
            Unit::AnyButNewline => {
                negated = true;
                members.push(Member::Char(10));
            }
            Unit::Literal(code) | Unit::NotLiteral(code) => {
                if fold.is_cased(*code) {
                    let lower = fold.lower(*code);
                    members.push(Member::Char(lower));
                    members.extend(fold.extra(lower).iter().map(|&c| Member::Char(c)));
                } else {
                    fold = Fold::None;
                    members.push(Member::Char(*code));
                }
            }
            Unit::Class {
                negated: not,
                items,
            } => {
                negated = *not;
                if !fill_class(&mut members, items, fold, flagged.ascii) {
                    fold = Fold::None;
                }
            }
        }
        if matches!(flagged.unit, Unit::Any | Unit::AnyButNewline) {
            fold = Fold::None;
        }
        let mut set = CharSet {
            table: [NO; 256],
            ascii: 0,
            fold,
            negated,
            members,
        };
        set.ascii = if fold == Fold::None {
            let members = set.members.iter();
            let any = members.fold(0, |bits, member| bits | member.ascii_bits());
            if negated { !any } else { any }
        } else {
            ascii_bits(|byte| set.has(byte.into()))
        };
        for byte in 0..128 {
            set.table[byte] = u8::from(set.ascii >> byte & 1 == 1);
        }
        let beyond = if fold == Fold::Unicode {
            None
        } else {
            set.members
                .iter()
                .try_fold(false, |any, member| Some(any | member.beyond_ascii()?))
                .map(|any| any != negated)
        };
        for byte in 0xc2..0xf5usize {
            set.table[byte] = match beyond {
                Some(false) => NO,
                Some(true) => width_of(byte as u8),
                None => SLOW,
            };
        }
        set
    }

    /// Whether a character is in the set, by code point.
    pub(super) fn has(&self, code: u32) -> bool {
        let code = self.fold.lower(code);
        self.members.iter().any(|member| member.has(code)) != self.negated
    }

    /// The width in bytes of the character at `at`, if it is in the set.
    #[inline(always)]
    pub(super) fn step(&self, text: &[u8], at: usize) -> Option<usize> {
        let &byte = text.get(at)?;
        match self.table[usize::from(byte)] {
            NO => None,
            SLOW => self.slow_step(text, at),
            width => Some(usize::from(width)),
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn slow_step(&self, text: &[u8], at: usize) -> Option<usize> {
        self.has(decode(text, at))
            .then(|| usize::from(width_of(text[at])))
    }

    /// Whether no character beyond ASCII is in the set.
    pub(super) fn is_ascii_only(&self) -> bool {
        self.table[128..].iter().all(|&says| says == NO)
    }

    /// What the set excludes, if that is at most one ASCII byte.
    pub(super) fn excludes(&self) -> Excludes {
        let mut missing = Excludes::Nothing;
        for byte in (0..128).chain(0xc2..0xf5) {
            match self.table[byte] {
                SLOW => return Excludes::Several,
                NO if missing != Excludes::Nothing || byte >= 128 => return Excludes::Several,
                NO => missing = Excludes::Byte(byte as u8),
                _ => {}
            }
        }
        missing
    }
}

/// Width in bytes of the UTF-8 character with this first byte.
#[inline(always)]
pub(super) fn width_of(byte: u8) -> u8 {
    match byte {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    }
}

/// The character at a boundary of valid UTF-8.
pub(super) fn decode(text: &[u8], at: usize) -> u32 {
    let more = |i: usize| u32::from(text[at + i] & 0x3f);
    let byte = text[at];
    let low = u32::from(byte);
    match width_of(byte) {
        1 => low,
        2 => (low & 0x1f) << 6 | more(1),
        3 => (low & 0x0f) << 12 | more(1) << 6 | more(2),
        _ => (low & 0x07) << 18 | more(1) << 12 | more(2) << 6 | more(3),
    }
}

/// Fill a class's members; false if case cannot matter for it.
fn fill_class(members: &mut Vec<Member>, items: &[ClassItem], fold: Fold, ascii: bool) -> bool {
    const BMP: u32 = 0xffff;
    let mut cased = false;
    for &item in items {
        match item {
            ClassItem::Category { category, negated } => members.push(Member::Category {
                category,
                negated,
                ascii,
            }),
            ClassItem::Char(code) if fold == Fold::None => members.push(Member::Char(code)),
            ClassItem::Range(low, high) if fold == Fold::None => {
                members.push(Member::Range(low, high));
            }
            ClassItem::Char(code) => {
                let lower = fold.lower(code);
                if lower > BMP {
                    cased = true;
                    members.push(Member::Char(code));
                    continue;
                }
                cased |= fold.is_cased(code);
                members.push(Member::Char(lower));
                members.extend(fold.extra(lower).iter().map(|&c| Member::Char(c)));
            }
            ClassItem::Range(low, high) => {
                if high > BMP {
                    cased = true;
                    members.push(Member::RangeOrUpper(low, high));
                }
                if low <= BMP {
                    fill_range(members, low, high.min(BMP), fold, &mut cased);
                }
            }
        }
    }
    cased
}

/// The lowered members of a range of the BMP. What the test sees is lowered, and
/// lowering twice changes nothing, so upper-case members may stay in the range.
fn fill_range(members: &mut Vec<Member>, low: u32, high: u32, fold: Fold, cased: &mut bool) {
    members.push(Member::Range(low, high));
    if fold == Fold::Ascii {
        let (from, to) = (low.max(0x41), high.min(0x5a));
        if from <= to {
            members.push(Member::Range(from + 32, to + 32));
            *cased = true;
        }
        *cased |= low <= 0x7a && high >= 0x61;
        return;
    }
    let moved = |table: &[(u32, u32, u32, i32)], each: &mut dyn FnMut(u32)| {
        for &(first, last, step, delta) in table {
            if first > high || last < low {
                continue;
            }
            let skip = low.saturating_sub(first).div_ceil(step) * step;
            let mut code = first + skip;
            while code <= last.min(high) {
                each(code.wrapping_add_signed(delta));
                code += step;
            }
        }
    };
    let mut lowered = Vec::new();
    moved(&tables::LOWER, &mut |code| lowered.push(code));
    let mut raised = false;
    moved(&tables::UPPER, &mut |_| raised = true);
    *cased |= raised || !lowered.is_empty();
    for &(code, others) in &tables::EXTRA_CASES {
        if (low..=high).contains(&code) || lowered.contains(&code) {
            members.extend(others.iter().map(|&c| Member::Char(c)));
        }
    }
    // Runs of neighbours as ranges, to keep the list short.
    lowered.sort_unstable();
    lowered.dedup();
    let mut rest = &lowered[..];
    while let Some(&first) = rest.first() {
        let run = rest
            .iter()
            .zip(first..)
            .take_while(|&(&code, next)| code == next)
            .count();
        members.push(Member::Range(first, rest[run - 1]));
        rest = &rest[run..];
    }
}
