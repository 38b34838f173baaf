//! Positions counted in characters, as Python counts them, in lines held as
//! UTF-8: the detector carries them from one line to the next. Lines are mostly
//! ASCII up to the date, so that is the fast case.

use crate::python::unicode;

/// Characters before byte `at`.
pub(super) fn count(line: &str, at: usize) -> usize {
    let head = &line[..at];
    if head.is_ascii() {
        at
    } else {
        head.chars().count()
    }
}

/// The place before the `index`th character of a line.
pub(super) struct Spot {
    /// The byte, at most the length of the line.
    pub(super) byte: usize,
    /// The character before it (`line[index-1:index]`), if the line is that long.
    pub(super) before: Option<char>,
    /// The character after it (`line[index:index+1]`).
    pub(super) at: Option<char>,
}

impl Spot {
    pub(super) fn of(line: &str, index: usize) -> Spot {
        let bytes = line.as_bytes();
        if index < bytes.len() && bytes[..=index].is_ascii() {
            let before = index.checked_sub(1).map(|i| char::from(bytes[i]));
            return Spot {
                byte: index,
                before,
                at: Some(char::from(bytes[index])),
            };
        }
        let mut chars = line.char_indices();
        let before = match index.checked_sub(1) {
            Some(i) => chars.nth(i).map(|(_, c)| c),
            None => None,
        };
        let at = if index > 0 && before.is_none() {
            None
        } else {
            chars.next()
        };
        Spot {
            byte: at.map_or(line.len(), |(byte, _)| byte),
            before,
            at: at.map(|(_, c)| c),
        }
    }
}

/// `str.isalnum` for one character.
pub(super) fn is_alphanumeric(c: char) -> bool {
    c != '_' && unicode::is_word(c.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spots() {
        for (line, index, byte, before, at) in [
            ("abc", 0, 0, None, Some('a')),
            ("abc", 2, 2, Some('b'), Some('c')),
            ("abc", 3, 3, Some('c'), None),
            ("abc", 4, 3, None, None),
            ("aé→b", 2, 3, Some('é'), Some('→')),
            ("aé→b", 4, 7, Some('b'), None),
            ("", 0, 0, None, None),
        ] {
            let spot = Spot::of(line, index);
            assert_eq!(
                (spot.byte, spot.before, spot.at),
                (byte, before, at),
                "{line:?} {index}"
            );
        }
        assert_eq!(count("aé→b", 6), 3);
    }
}
