//! Zero-width assertions about a place in a text of valid UTF-8.

use super::charset::decode;
use super::item::At;
use super::unicode;

/// Whether a character begins here, or the text ends.
#[inline(always)]
pub(super) fn is_boundary(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|&byte| byte & 0xc0 != 0x80)
}

/// One character back.
#[inline(always)]
pub(super) fn back_one(text: &[u8], at: usize) -> usize {
    let mut at = at - 1;
    while !is_boundary(text, at) {
        at -= 1;
    }
    at
}

/// Some characters back; none if there are not that many.
pub(super) fn step_back(text: &[u8], at: usize, characters: u32) -> Option<usize> {
    if characters as usize > at {
        return None;
    }
    let mut at = at;
    for _ in 0..characters {
        if at == 0 {
            return None;
        }
        at = back_one(text, at);
    }
    Some(at)
}

fn is_word_at(text: &[u8], at: usize, ascii: bool) -> bool {
    let Some(&byte) = text.get(at) else {
        return false;
    };
    if byte < 128 {
        return byte.is_ascii_alphanumeric() || byte == b'_';
    }
    !ascii && unicode::is_word(decode(text, at))
}

/// Whether a zero-width assertion is true here.
pub(super) fn assertion_holds(place: At, text: &[u8], at: usize) -> bool {
    match place {
        At::TextStart => at == 0,
        At::LineStart => at == 0 || text[at - 1] == b'\n',
        At::TextEnd => at == text.len(),
        At::End => at == text.len() || at + 1 == text.len() && text[at] == b'\n',
        At::LineEnd => at == text.len() || text[at] == b'\n',
        At::Boundary { ascii, negated } => {
            if text.is_empty() {
                return false;
            }
            let before = at > 0 && is_word_at(text, back_one(text, at), ascii);
            (before != is_word_at(text, at, ascii)) != negated
        }
        At::Apart { ascii } => {
            at == 0 || !is_word_at(text, at, ascii) || !is_word_at(text, back_one(text, at), ascii)
        }
    }
}

/// The cost of a scan over characters, in steps.
#[inline(always)]
pub(super) fn scanned(from: usize, to: usize) -> u64 {
    (to - from) as u64 / 64
}
