//! `\N{NAME}`: characters by their Unicode name.

use super::unicode;

/// The character of a name, as CPython's `unicodedata.lookup` finds it: in any
/// case, but for the names it computes (`HANGUL SYLLABLE GA`, `CJK UNIFIED
/// IDEOGRAPH-4E00`), which are upper case. Named sequences are no character.
pub(super) fn lookup(name: &str) -> Option<char> {
    let upper = name.to_ascii_uppercase();
    let computed =
        upper.starts_with("HANGUL SYLLABLE ") || upper.starts_with("CJK UNIFIED IDEOGRAPH-");
    if computed && upper != name {
        return None;
    }
    // The crate knows characters newer than CPython 3.13's.
    unicode_names2::character(name).filter(|&c| unicode::is_assigned(c))
}
