//! Python's view of characters: `\w`, `\d`, `\s`, case folding, names.
//!
//! Code points are `u32`, since a Python pattern may name a lone surrogate.

use super::tables;

fn contains(table: &[(u32, u32)], code: u32) -> bool {
    let after = table.partition_point(|&(low, _)| low <= code);
    after > 0 && code <= table[after - 1].1
}

/// `\w` in Unicode mode.
pub(crate) fn is_word(code: u32) -> bool {
    if code < 128 {
        is_ascii_word(code)
    } else {
        contains(&tables::WORD, code)
    }
}

/// `\w` in ASCII mode.
pub(crate) fn is_ascii_word(code: u32) -> bool {
    code < 128 && ((code as u8).is_ascii_alphanumeric() || code == u32::from(b'_'))
}

/// `\d` in Unicode mode.
pub(crate) fn is_digit(code: u32) -> bool {
    if code < 128 {
        matches!(code, 0x30..=0x39)
    } else {
        contains(&tables::DIGIT, code)
    }
}

/// The value of a decimal digit of any script: `\d`, and what `int` reads.
pub(crate) fn digit(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.is_ascii_digit().then(|| c as u8 - b'0');
    }
    let code = c as u32;
    let after = tables::DIGIT.partition_point(|&(low, _)| low <= code);
    let (low, high) = tables::DIGIT[after.checked_sub(1)?];
    // a range is one or more runs from zero to nine
    (code <= high).then(|| ((code - low) % 10) as u8)
}

/// `\s` in Unicode mode, and `str.isspace`.
pub(crate) fn is_space(code: u32) -> bool {
    if code < 128 {
        matches!(code, 0x09..=0x0d | 0x1c..=0x20)
    } else {
        contains(&tables::SPACE, code)
    }
}

/// `\s` in ASCII mode: without U+001C to U+001F, which only `str.isspace` knows.
pub(crate) fn is_ascii_space(code: u32) -> bool {
    matches!(code, 0x09..=0x0d | 0x20)
}

/// `str.isalpha` of one character.
pub(crate) fn is_alpha(c: char) -> bool {
    contains(&tables::ALPHA, c as u32)
}

/// `str.isprintable` of one character.
pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    contains(&tables::PRINTABLE, c as u32)
}

/// Whether Unicode 15.1 has the character.
pub(crate) fn is_assigned(c: char) -> bool {
    contains(&tables::ASSIGNED, c as u32)
}

/// `str.isidentifier`.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| contains(&tables::NAME_START, c as u32))
        && chars.all(|c| contains(&tables::NAME_CONTINUE, c as u32))
}

fn mapped(table: &[(u32, u32, u32, i32)], code: u32) -> u32 {
    let after = table.partition_point(|&(low, ..)| low <= code);
    // Stepped ranges may interleave (every second character of two scripts), so
    // the range that holds the code is not always the nearest one.
    for &(low, high, step, delta) in table[after.saturating_sub(4)..after].iter().rev() {
        if code <= high && (code - low).is_multiple_of(step) {
            return code.wrapping_add_signed(delta);
        }
    }
    code
}

/// `_sre`'s lower case of a character in Unicode mode.
pub(crate) fn lower(code: u32) -> u32 {
    if code < 128 {
        return lower_ascii(code);
    }
    mapped(&tables::LOWER, code)
}

/// `_sre`'s lower case of a character in ASCII mode.
pub(crate) fn lower_ascii(code: u32) -> u32 {
    if matches!(code, 0x41..=0x5a) {
        code + 32
    } else {
        code
    }
}

/// `_sre`'s upper case of a character.
pub(crate) fn upper(code: u32) -> u32 {
    mapped(&tables::UPPER, code)
}

/// Whether `_sre` thinks that case can matter for a character.
pub(crate) fn is_cased(code: u32) -> bool {
    lower(code) != code || upper(code) != code
}

/// The other lower-case characters that share the upper case of a lower-case one.
pub(crate) fn extra_cases(lower: u32) -> &'static [u32] {
    match tables::EXTRA_CASES.binary_search_by_key(&lower, |&(code, _)| code) {
        Ok(at) => tables::EXTRA_CASES[at].1,
        Err(_) => &[],
    }
}
