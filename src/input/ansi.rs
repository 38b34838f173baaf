//! `--strip-ansi`: a log without the escape sequences that colour it.

use std::io::{self, Read};

/// Reads `inner` without `ESC [ … letter` sequences, also where one is cut by a read.
pub struct StripAnsi<R> {
    inner: R,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// After ESC.
    Escape,
    /// After `ESC [`.
    Sequence,
}

impl<R: Read> StripAnsi<R> {
    /// Wraps a reader of text in an encoding that contains ASCII.
    pub fn new(inner: R) -> StripAnsi<R> {
        StripAnsi {
            inner,
            state: State::Text,
        }
    }
}

impl<R: Read> Read for StripAnsi<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.inner.read(buffer)?;
            if read == 0 || buffer.is_empty() {
                return Ok(0);
            }
            let mut kept = 0;
            for at in 0..read {
                let byte = buffer[at];
                let keep = match (self.state, byte) {
                    (_, b'\n') => {
                        self.state = State::Text;
                        true
                    }
                    (State::Text | State::Escape, 0x1b) => {
                        self.state = State::Escape;
                        false
                    }
                    (State::Text, _) => true,
                    (State::Escape, b'[') => {
                        self.state = State::Sequence;
                        false
                    }
                    (State::Escape, _) => {
                        self.state = State::Text;
                        true
                    }
                    (State::Sequence, b'0'..=b'9' | b';' | b'?') => false,
                    (State::Sequence, _) => {
                        self.state = State::Text;
                        !byte.is_ascii_alphabetic()
                    }
                };
                if keep {
                    buffer[kept] = byte;
                    kept += 1;
                }
            }
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time.
    struct Slow<'b>(&'b [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn sequences_are_cut_wherever_a_read_ends() {
        let text = b"\x1b[1;33mNOTICE\x1b[0m[3]\n\x1b[3\nb\x1bc";
        let want = "NOTICE[3]\n\nbc";
        let mut all = String::new();
        StripAnsi::new(&text[..])
            .read_to_string(&mut all)
            .expect("a slice reads");
        assert_eq!(all, want);
        all.clear();
        StripAnsi::new(Slow(text))
            .read_to_string(&mut all)
            .expect("a slice reads");
        assert_eq!(all, want);
    }
}
