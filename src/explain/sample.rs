//! The lines of a log a diagnosis looks at: its first ones and its last ones.
//!
//! Fed block by block while the log runs, so that pipes can be diagnosed too; a block costs
//! at most the copying of its last few lines. What is kept does not grow with the log.

use crate::input::Block;

/// Lines kept from the begin of the log, and from its end.
const HEAD: usize = 600;
const TAIL: usize = 200;
/// Bytes kept of each.
const BYTES: usize = 128 << 10;

/// A line with its number in the log, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampledLine {
    /// The number.
    pub number: u64,
    /// The line, without its end.
    pub text: String,
}

/// What was kept of a log so far.
#[derive(Debug, Default)]
pub struct Sampler {
    head: Vec<SampledLine>,
    head_bytes: usize,
    /// The end of the last block: text and number of its first line.
    tail: (String, u64),
    lines: u64,
}

impl Sampler {
    /// Takes the next block of the log.
    pub fn block(&mut self, block: &Block) {
        for (number, text) in block.lines() {
            if self.is_full() {
                break;
            }
            self.head_bytes += text.len();
            self.head.push(SampledLine {
                number,
                text: text.to_string(),
            });
        }
        self.lines += block.line_count();
        if self.is_full() {
            let text = &block.text;
            let mut from = text.len().saturating_sub(BYTES);
            if from > 0 {
                from = memchr::memchr(b'\n', &text.as_bytes()[from..])
                    .map_or(text.len(), |end| from + end + 1);
            }
            let before = memchr::memchr_iter(b'\n', &text.as_bytes()[..from]).count();
            self.tail = (text[from..].to_string(), block.first_line + before as u64);
        }
    }

    fn is_full(&self) -> bool {
        self.head.len() >= HEAD || self.head_bytes >= BYTES
    }

    /// The lines kept, in order, and how many lines the log has.
    pub fn finish(self) -> (Vec<SampledLine>, u64) {
        let mut lines = self.head;
        let last = lines.last().map_or(0, |line| line.number);
        let (text, first_line) = self.tail;
        let block = Block {
            text,
            first_line,
            ..Block::default()
        };
        let tail: Vec<(u64, &str)> = block.lines().filter(|(number, _)| *number > last).collect();
        lines.extend(
            tail[tail.len().saturating_sub(TAIL)..]
                .iter()
                .map(|(number, text)| SampledLine {
                    number: *number,
                    text: text.to_string(),
                }),
        );
        (lines, self.lines)
    }

    /// The lines of a text given word for word.
    pub fn of_text(text: &str) -> Vec<SampledLine> {
        let block = Block {
            text: text.to_string(),
            first_line: 1,
            ..Block::default()
        };
        let mut sampler = Sampler::default();
        sampler.block(&block);
        sampler.finish().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_and_last_lines_are_kept_with_their_numbers() {
        let mut sampler = Sampler::default();
        let mut first_line = 1;
        for part in 0..50u64 {
            let text: String = (0..100)
                .map(|i| format!("line {}\n", part * 100 + i + 1))
                .collect();
            sampler.block(&Block {
                text,
                first_line,
                ..Block::default()
            });
            first_line += 100;
        }
        let (lines, total) = sampler.finish();
        assert_eq!(total, 5000);
        assert!(
            lines
                .iter()
                .all(|line| line.text == format!("line {}", line.number))
        );
        assert_eq!(lines[HEAD - 1].number, HEAD as u64);
        assert_eq!(lines.last().map(|line| line.number), Some(5000));
        assert!(lines.len() > HEAD && lines.len() <= HEAD + TAIL);
        assert!(lines.windows(2).all(|pair| pair[0].number < pair[1].number));
    }

    #[test]
    fn a_short_log_is_kept_whole() {
        let lines = Sampler::of_text("a\n\n# no\nb");
        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 4]);
    }
}
