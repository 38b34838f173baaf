//! East Asian encodings of one to four bytes a character, and ISO-2022-JP.
//!
//! Characters are encoding_rs's but for the differences in the tables; what is no character is taken
//! as CPython's decoders take it: the first byte alone is replaced, and the search goes on behind it,
//! while what a text's end cuts is replaced as a whole.

/// What a sequence of two bytes is, where it is not a character of the basic plane.
const NONE: u32 = 0;
const SEVERAL: u32 = u32::MAX;

/// One of those encodings, but ISO-2022-JP.
#[derive(Debug)]
pub(crate) struct Multibyte {
    /// CPython's name.
    pub(super) name: &'static str,
    base: &'static encoding_rs::Encoding,
    /// Of the bytes from 128 on.
    singles: Vec<u32>,
    /// Of the sequences from 0x8000 on.
    pairs: Vec<u32>,
    /// The others that CPython has otherwise, or that are several characters.
    others: Vec<(u32, Option<String>)>,
}

/// What text begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step<'t> {
    /// So many bytes are a character.
    Char(usize, char),
    /// So many bytes are several.
    Chars(usize, &'t str),
    /// So many are none.
    Invalid(usize),
}

/// Appends what `step` makes of the bytes; how many places were no characters.
fn decode<'t>(bytes: &[u8], mut step: impl FnMut(&[u8]) -> Step<'t>) -> (String, u64) {
    let mut text = String::with_capacity(bytes.len());
    let (mut invalid, mut at) = (0, 0);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += match step(rest) {
            Step::Char(length, c) => {
                text.push(c);
                length
            }
            Step::Chars(length, chars) => {
                text.push_str(chars);
                length
            }
            Step::Invalid(length) => {
                text.push('\u{fffd}');
                invalid += 1;
                length
            }
        }
    }
    (text, invalid)
}

/// A sequence that the text's end cuts is replaced as a whole; one that the line's end cuts is
/// not, for fail2ban reads such a line again with the next one behind it (`FileContainer.readline`).
fn cut(rest: &[u8]) -> Step<'static> {
    Step::Invalid(if rest.contains(&b'\n') { 1 } else { rest.len() })
}

impl Multibyte {
    pub(super) fn new(name: &'static str, base: &'static encoding_rs::Encoding) -> Multibyte {
        let mut made = Multibyte {
            name,
            base,
            singles: vec![NONE; 128],
            pairs: vec![NONE; 0x8000],
            others: Vec::new(),
        };
        for byte in 0x80..=0xff_u8 {
            if let Some(text) = made.of_base(&[byte]) {
                made.set(u32::from(byte), Some(&text));
            }
        }
        for code in 0x8000..=0xffff_u16 {
            let [lead, trail] = code.to_be_bytes();
            // of which one is a character is no sequence
            if made.singles[usize::from(lead - 0x80)] == NONE
                && let Some(text) = made.of_base(&[lead, trail])
            {
                made.set(u32::from(code), Some(&text));
            }
        }
        made
    }

    fn of_base(&self, sequence: &[u8]) -> Option<String> {
        let text = self
            .base
            .decode_without_bom_handling_and_without_replacement(sequence);
        text.map(|text| text.into_owned())
    }

    /// What a sequence is, other than in the base.
    pub(super) fn set(&mut self, code: u32, text: Option<&str>) {
        let mut chars = text.unwrap_or_default().chars();
        let value = match (chars.next(), chars.next()) {
            (Some(c), None) => u32::from(c),
            (None, _) => NONE,
            _ => SEVERAL,
        };
        let at = usize::try_from(code).unwrap_or(usize::MAX);
        match code {
            0x80..=0xff => self.singles[at - 0x80] = value,
            0x8000..=0xffff => self.pairs[at - 0x8000] = value,
            _ => self.others.push((code, text.map(str::to_string))),
        }
        if value == SEVERAL && code <= 0xffff {
            self.others.push((code, text.map(str::to_string)));
        }
    }

    /// Bytes a character has that begins so; None where the text ends before that is known.
    fn length(&self, rest: &[u8]) -> Option<usize> {
        Some(match (self.name, rest[0]) {
            ("euc_jp", 0x8f) => 3,
            ("gb18030", 0x81..=0xfe) if rest.get(1)?.is_ascii_digit() => 4,
            ("euc_kr", 0xa4) if *rest.get(1)? == 0xd4 => 8,
            _ => 2,
        })
    }

    fn step(&self, rest: &[u8]) -> Step<'_> {
        let first = rest[0];
        if first.is_ascii() {
            return Step::Char(1, char::from(first));
        }
        if let Some(c) = known(self.singles[usize::from(first & 0x7f)]) {
            return Step::Char(1, c);
        }
        let whole = self.length(rest).and_then(|length| rest.get(..length));
        let Some(sequence) = whole else {
            return cut(rest);
        };
        let length = sequence.len();
        let found = match *sequence {
            [lead, trail] => {
                let code = u16::from_be_bytes([lead, trail]);
                let value = self.pairs[usize::from(code - 0x8000)];
                if value == SEVERAL {
                    let text = self.other(u32::from(code)).flatten();
                    return text.map_or(Step::Invalid(1), |text| Step::Chars(length, text));
                }
                known(value)
            }
            [0xa4, 0xd4, 0xa4, lead, 0xa4, vowel, 0xa4, tail] => syllable(lead, vowel, tail),
            [_, _, _, _, _, _, _, _] => None,
            _ => {
                let code = sequence
                    .iter()
                    .fold(0, |code, &byte| code << 8 | u32::from(byte));
                match self.other(code) {
                    Some(text) => text.and_then(|text| text.chars().next()),
                    None => self.of_base(sequence).and_then(|text| text.chars().next()),
                }
            }
        };
        found.map_or(Step::Invalid(1), |c| Step::Char(length, c))
    }

    fn other(&self, code: u32) -> Option<Option<&str>> {
        let found = self.others.iter().find(|(other, _)| *other == code);
        found.map(|(_, text)| text.as_deref())
    }

    /// The text, and how many places are no characters.
    pub(super) fn decode(&self, bytes: &[u8]) -> (String, u64) {
        decode(bytes, |rest| self.step(rest))
    }

    /// The bytes of a text; what the encoding lacks is left out.
    pub(super) fn encode(&self, text: &str) -> Vec<u8> {
        text.chars().flat_map(|c| self.sequence(c)).collect()
    }

    /// The bytes of a character, none where the encoding lacks it.
    fn sequence(&self, c: char) -> Vec<u8> {
        let text = c.to_string();
        let (encoded, _, unmappable) = self.base.encode(&text);
        let is_it = || self.decode(&encoded).0 == text;
        // characters that NEC and IBM have both are NEC's to CPython
        if c.is_ascii() || self.name != "cp932" && !unmappable && is_it() {
            return encoded.into_owned();
        }
        let at = |all: &[u32]| all.iter().position(|&known| known == u32::from(c));
        if let Some(at) = at(&self.pairs) {
            return u16::try_from(at + 0x8000)
                .unwrap_or_default()
                .to_be_bytes()
                .to_vec();
        }
        let single = at(&self.singles).and_then(|at| u8::try_from(at + 0x80).ok());
        single.into_iter().collect()
    }
}

fn known(value: u32) -> Option<char> {
    char::from_u32(value).filter(|_| value != NONE)
}

/// The Hangul syllable of three letters, as EUC-KR spells those it has no code for: the letters'
/// codes behind 0xa4, a filler (0xd4) where there is no last one.
fn syllable(lead: u8, vowel: u8, tail: u8) -> Option<char> {
    // letters that begin a syllable, and that end one, among those from 0xa1 on
    const LEADS: &[u8] =
        b"\xa1\xa2\xa4\xa7\xa8\xa9\xb1\xb2\xb3\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe";
    const NO_TAILS: &[u8] = b"\xa8\xb3\xb9";
    let lead = LEADS.iter().position(|&known| known == lead)?;
    let vowel = (0xbf..=0xd3).position(|known| known == vowel)?;
    let mut tails = (0xa1..=0xbe).filter(|known| !NO_TAILS.contains(known));
    let tail = match tail {
        0xd4 => 0,
        tail => tails.position(|known| known == tail)? + 1,
    };
    char::from_u32(0xac00 + u32::try_from(lead * 588 + vowel * 28 + tail).ok()?)
}

/// The character sets of ISO-2022-JP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Ascii,
    /// JIS X 0201, its Latin half.
    Roman,
    /// JIS X 0208, two bytes a character.
    Kanji,
}

/// ISO-2022-JP. Each line begins in ASCII, as fail2ban decodes it by itself.
pub(super) fn decode_iso2022_jp(bytes: &[u8], kanji: &'static Multibyte) -> (String, u64) {
    let mut set = Set::Ascii;
    // within an escape sequence that names no character set, which passes as it is
    let mut passing = false;
    decode(bytes, |rest| match *rest {
        [b'\n', ..] => {
            (set, passing) = (Set::Ascii, false);
            Step::Char(1, '\n')
        }
        [byte, ..] if passing => {
            passing = !is_escape_end(byte);
            Step::Char(1, char::from(byte))
        }
        [0x1b] => cut(rest),
        [0x1b, b'(' | b')' | b'$' | b'.' | b'&', ..] => match designation(rest) {
            Some(Ok((length, designated))) => {
                set = designated.unwrap_or(set);
                Step::Chars(length, "")
            }
            Some(Err(length)) => Step::Invalid(length),
            None => cut(rest),
        },
        [0x1b, ..] => {
            passing = true;
            Step::Char(1, '\x1b')
        }
        [byte @ 0..0x20, ..] => Step::Char(1, char::from(byte)),
        [0x80..=0xff, ..] => Step::Invalid(1),
        [byte, ..] => match set {
            Set::Ascii => Step::Char(1, char::from(byte)),
            Set::Roman => Step::Char(
                1,
                match byte {
                    b'\\' => '\u{a5}',
                    b'~' => '\u{203e}',
                    _ => char::from(byte),
                },
            ),
            Set::Kanji => match *rest {
                [_] | [_, b'\n', ..] => cut(rest),
                [lead, trail, ..] => match kanji.step(&[lead | 0x80, trail | 0x80]) {
                    Step::Char(2, c) if trail.is_ascii() => Step::Char(2, c),
                    _ => Step::Invalid(2),
                },
                [] => cut(rest),
            },
        },
        [] => cut(rest),
    })
}

/// The bytes of a text in ISO-2022-JP; what it lacks is left out.
pub(super) fn encode_iso2022_jp(text: &str, kanji: &Multibyte) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut set = Set::Ascii;
    // behind the text comes the way back to ASCII
    for c in text.chars().map(Some).chain([None]) {
        let (wanted, sequence) = match c {
            None => (Set::Ascii, Vec::new()),
            Some('\u{a5}') => (Set::Roman, vec![b'\\']),
            Some('\u{203e}') => (Set::Roman, vec![b'~']),
            Some(c) if c.is_ascii() => (Set::Ascii, vec![c as u8]),
            Some(c) => match kanji.sequence(c).as_slice() {
                [lead @ 0xa1..=0xfe, trail] => (Set::Kanji, vec![lead & 0x7f, trail & 0x7f]),
                _ => continue,
            },
        };
        if set != wanted {
            set = wanted;
            bytes.extend_from_slice(match set {
                Set::Ascii => b"\x1b(B",
                Set::Roman => b"\x1b(J",
                Set::Kanji => b"\x1b$B",
            });
        }
        bytes.extend(sequence);
    }
    bytes
}

fn is_escape_end(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte == b'@'
}

/// An escape sequence of ISO 2022 and its length; the set where it is designated to be used at
/// once. The error is the length of a sequence that means nothing here. None: the text ends in it.
fn designation(rest: &[u8]) -> Option<Result<(usize, Option<Set>), usize>> {
    const LONGEST: usize = 16;
    let mut at = 1;
    let length = loop {
        if at >= LONGEST {
            return Some(Err(1));
        }
        let byte = *rest.get(at).filter(|&&byte| byte != b'\n')?;
        if is_escape_end(byte) {
            break at + 1;
        }
        // an announcement of the set's revision stands before the sequence
        let announced = rest[at..].starts_with(b"&@");
        at += if announced { 3 } else { 1 };
    };
    Some(match &rest[1..length] {
        b"(B" => Ok((length, Some(Set::Ascii))),
        b"(J" => Ok((length, Some(Set::Roman))),
        b"$B" | b"$@" | b"$(B" | b"$(@" | b"&@\x1b$B" => Ok((length, Some(Set::Kanji))),
        b")B" | b")J" | b"$)B" | b"$)@" => Ok((length, None)),
        _ => Err(length),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    #[ignore = "writes what tools/record_encodings.py reads, to F2B_DUMP"]
    fn writes_the_tables_of_encoding_rs() {
        let path = std::env::var_os("F2B_DUMP").expect("a file to write to");
        let mut out = String::new();
        let mut write = |label: &str, sequence: &[u8]| {
            let base = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a label");
            let text = base.decode_without_bom_handling_and_without_replacement(sequence);
            let Some(text) = text else { return };
            let bytes: String = sequence.iter().map(|byte| format!("{byte:02x}")).collect();
            let chars: Vec<String> = text
                .chars()
                .map(|c| format!("{:x}", u32::from(c)))
                .collect();
            out += &format!("{label} {bytes} {}\n", chars.join("+"));
        };
        for label in ["shift_jis", "euc-jp", "gbk", "gb18030", "big5", "euc-kr"] {
            for code in 0x80..=0xffff_u32 {
                match code.to_be_bytes() {
                    [0, 0, 0, byte] => write(label, &[byte]),
                    [0, 0, lead @ 0x80..=0xff, trail] => write(label, &[lead, trail]),
                    _ => {}
                }
            }
        }
        for code in 0x8080..=0xffff_u16 {
            let [second, third] = code.to_be_bytes();
            write("euc-jp", &[0x8f, second, third]);
        }
        std::fs::write(path, out).expect("written");
    }
}
