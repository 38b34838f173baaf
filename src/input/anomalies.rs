//! What stands in logs besides text: colour codes, NUL padding, byte order marks.
//!
//! fail2ban sees all of it, and its regexes and date templates mostly fail on it. Padding
//! and marks are taken out and said so; colours only where asked for. `--format classic`
//! leaves everything where it is.

use std::ops::AddAssign;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InputAnomalies {
    /// Lines with ANSI sequences, taken out or not.
    pub(crate) colored: u64,
    /// Lines that began with NULs: a log truncated under its writer.
    pub(crate) padded: u64,
    /// The log began with a byte order mark.
    pub(crate) mark: bool,
    /// That mark was one of UTF-16, and told the encoding.
    pub(crate) told_by_mark: bool,
    /// Lines with other control characters: hardly a text log.
    pub(crate) binary: u64,
    /// Lines longer than a line may be; their rest was left out.
    pub(crate) overlong: u64,
}

impl AddAssign for InputAnomalies {
    fn add_assign(&mut self, more: InputAnomalies) {
        self.colored += more.colored;
        self.padded += more.padded;
        self.mark |= more.mark;
        self.told_by_mark |= more.told_by_mark;
        self.binary += more.binary;
        self.overlong += more.overlong;
    }
}

/// Counts and, where it may, takes out what is not text. `keep`: padding stays; `strip_ansi`:
/// colours go.
pub(super) fn take_out(text: &mut String, keep: bool, strip_ansi: bool) -> InputAnomalies {
    let mut found = InputAnomalies::default();
    let has = |byte| memchr::memchr(byte, text.as_bytes()).is_some();
    // one look at what is nearly always plain text
    if memchr::memchr2(0x1b, 0, text.as_bytes()).is_none() {
        return found;
    }
    let (escapes, nuls) = (has(0x1b), has(0));
    let take_nuls = nuls && !keep;
    let changes = take_nuls || strip_ansi;
    let mut rest = String::with_capacity(if changes { text.len() } else { 0 });
    for line in text.split_inclusive('\n') {
        let mut line = line;
        if line.starts_with('\0') {
            found.padded += 1;
            if take_nuls {
                line = line.trim_start_matches('\0');
            }
        }
        found.binary += u64::from(line.contains('\0'));
        let colored = escapes && sequence_len(line, 0, true).is_some();
        found.colored += u64::from(colored);
        if strip_ansi && colored {
            push_plain(line, &mut rest);
        } else if changes {
            rest.push_str(line);
        }
    }
    if changes {
        *text = rest;
    }
    found
}

/// Appends `line` without its ANSI sequences.
fn push_plain(line: &str, out: &mut String) {
    let mut rest = 0;
    for (at, _) in line.match_indices('\x1b') {
        if at < rest {
            continue;
        }
        if let Some(length) = sequence_len(line, at, false) {
            out.push_str(&line[rest..at]);
            rest = at + length;
        }
    }
    out.push_str(&line[rest..]);
}

/// Length of the ANSI sequence (ECMA-48: a control sequence, an operating system command,
/// or a two-byte escape) at `at`, or with `search` of the first one from there on.
fn sequence_len(line: &str, at: usize, search: bool) -> Option<usize> {
    let bytes = line.as_bytes();
    let lengths = |at: usize| {
        let body = bytes.get(at + 1..)?;
        match body.first()? {
            b'[' => {
                let parameters = body[1..].iter().take_while(|b| (0x20..0x40).contains(*b));
                let end = 1 + parameters.count();
                let last = body.get(end)?;
                (0x40..0x7f).contains(last).then_some(end + 2)
            }
            b']' => {
                let end = body.iter().position(|b| *b == 0x07 || *b == 0x1b)?;
                let long = body[end] == 0x1b && body.get(end + 1) == Some(&b'\\');
                Some(end + 2 + usize::from(long))
            }
            0x40..0x60 => Some(2),
            // a character set: ESC ( B
            b'(' | b')' => body.get(1).filter(|b| b.is_ascii_graphic()).map(|_| 3),
            _ => None,
        }
    };
    if search {
        return memchr::memchr_iter(0x1b, &bytes[at..]).find_map(|found| lengths(at + found));
    }
    lengths(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(text: &str, keep: bool, strip: bool) -> (String, InputAnomalies) {
        let mut text = text.to_string();
        let found = take_out(&mut text, keep, strip);
        (text, found)
    }

    #[test]
    fn colours_go_only_where_asked() {
        let colored = "\x1b[1;31mfail\x1b[0m a\x1b(B\x1b]0;title\x07b\x1b[K\nplain \x1b\n";
        let (text, noise) = looked(colored, false, true);
        assert_eq!(text, "fail ab\nplain \x1b\n");
        assert_eq!(noise.colored, 1);
        let (text, noise) = looked(colored, false, false);
        assert_eq!((text.as_str(), noise.colored), (colored, 1));
    }

    #[test]
    fn padding_goes_unless_classic() {
        let (text, noise) = looked("\0\0\0a\nb\n", false, false);
        assert_eq!((text.as_str(), noise.padded), ("a\nb\n", 1));
        let (text, noise) = looked("\0\0\0a\nb\n", true, false);
        assert_eq!((text.as_str(), noise.padded), ("\0\0\0a\nb\n", 1));
        let (text, noise) = looked("a\0b\n", false, false);
        assert_eq!(
            (text.as_str(), noise.padded, noise.binary),
            ("a\0b\n", 0, 1)
        );
    }
}
