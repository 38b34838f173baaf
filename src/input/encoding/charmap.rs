//! Encodings of one byte a character, whose lower half is ASCII.

/// The characters of the bytes from 128 on.
#[derive(Debug)]
pub(crate) struct Charmap {
    /// CPython's name.
    pub(super) name: &'static str,
    upper: Vec<Option<char>>,
}

impl Charmap {
    pub(super) fn new(name: &'static str, upper: Vec<Option<char>>) -> Charmap {
        Charmap { name, upper }
    }

    /// Bytes in the upper half.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.upper.len()
    }

    /// The text, and how many bytes are no characters.
    pub(super) fn decode(&self, bytes: &[u8]) -> (String, u64) {
        let mut invalid = 0;
        let chars = bytes.iter().map(|&byte| {
            let upper = usize::from(byte).checked_sub(128);
            let Some(at) = upper else {
                return char::from(byte);
            };
            self.upper.get(at).copied().flatten().unwrap_or_else(|| {
                invalid += 1;
                '\u{fffd}'
            })
        });
        (chars.collect(), invalid)
    }

    /// The bytes of a text; what the encoding lacks is left out. Of two bytes for one character
    /// the later one is taken, as by CPython.
    pub(super) fn encode(&self, text: &str) -> Vec<u8> {
        let byte = |c: char| match self.upper.iter().rposition(|&known| known == Some(c)) {
            Some(at) => u8::try_from(at + 128).ok(),
            None => u8::try_from(c).ok().filter(u8::is_ascii),
        };
        text.chars().filter_map(byte).collect()
    }
}
