//! The lines of a log a diagnosis looks at: its first ones and its last ones.
//!
//! Fed block by block while the log is read, so that pipes can be diagnosed too; a block
//! costs at most the copying of its last few lines. What is kept does not grow with the log.

use crate::input::{Block, RawBlock};
use std::collections::VecDeque;

/// Lines kept from the begin of the log, and from its end.
const HEAD: usize = 600;
const TAIL: usize = 200;
/// Bytes kept of each.
const BYTES: usize = 64 << 10;

/// How a line begins that names the columns of a log, and among how many it is looked for.
const COLUMNS: &str = "#fields";
const FIRST_LINES: usize = 32;

/// A line with its number in the log, from 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SampledLine {
    /// The number.
    pub(crate) number: u64,
    /// The line, without its end; of a journal as blocks have it: date, blank, line.
    pub(crate) text: String,
    /// The time a journal entry brings along.
    pub(crate) time: Option<f64>,
}

/// What was kept of a log so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sampler {
    head: Vec<SampledLine>,
    bytes: usize,
    /// The end of the last block, if there was more than the head.
    tail: Option<RawBlock>,
    /// The last lines of those that came one by one, and their bytes.
    last: VecDeque<SampledLine>,
    last_bytes: usize,
    /// UTF-16, told by its first bytes.
    encoding: Option<String>,
    /// The first lines, where another encoding may make something else of them.
    begin: Option<RawBlock>,
    /// The line that names the columns, which is none of the lines that are tested.
    columns: Option<String>,
}

impl Sampler {
    /// Takes the next block of the log.
    pub(crate) fn block(&mut self, raw: &RawBlock) {
        if raw.is_empty() {
            return;
        }
        if self.encoding.is_none() && raw.head().encoding.to_uppercase().starts_with("UTF-16") {
            self.encoding = Some(raw.head().encoding.clone());
        }
        if self.head.is_empty() {
            self.begin = raw.begin(BYTES);
        }
        if !self.is_full() {
            self.decoded(&raw.clone().decode());
        }
        if self.is_full() {
            self.tail = raw.tail(BYTES);
        }
    }

    /// Takes the next line of a log that comes line by line.
    pub(crate) fn line(&mut self, number: u64, text: &str) {
        let line = SampledLine {
            number,
            text: text.to_string(),
            time: None,
        };
        if !self.is_full() {
            self.bytes += text.len();
            self.head.push(line);
            return;
        }
        self.last_bytes += text.len();
        self.last.push_back(line);
        while self.last.len() > TAIL || self.last_bytes > BYTES {
            let gone = self.last.pop_front();
            self.last_bytes -= gone.map_or(0, |line| line.text.len());
        }
    }

    /// UTF-16, where a log is in it.
    pub(crate) fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    /// The first lines as they were read, where another encoding may make something else of them.
    pub(crate) fn begin(&self) -> Option<&RawBlock> {
        self.begin.as_ref()
    }

    /// The line among the first ones that names the columns: `#Fields: date time c-ip`.
    pub(crate) fn columns(&self) -> Option<&str> {
        self.columns.as_deref()
    }

    fn decoded(&mut self, block: &Block) {
        if self.head.is_empty() && self.columns.is_none() {
            let mut first = block.text.lines().take(FIRST_LINES);
            let is_header = |line: &&str| {
                let begin = line.get(..COLUMNS.len());
                begin.is_some_and(|begin| begin.eq_ignore_ascii_case(COLUMNS))
            };
            self.columns = first.find(is_header).map(str::to_string);
        }
        for (number, text, time) in block.timed_lines() {
            if self.is_full() {
                break;
            }
            self.bytes += text.len();
            self.head.push(SampledLine {
                number,
                text: text.to_string(),
                time,
            });
        }
    }

    fn is_full(&self) -> bool {
        self.head.len() >= HEAD || self.bytes >= BYTES
    }

    /// The lines kept, in order. `lines`: how many the last log has.
    pub(crate) fn finish(self, lines: u64) -> Vec<SampledLine> {
        let mut kept = self.head;
        kept.extend(self.last);
        let Some(tail) = self.tail else {
            return kept;
        };
        let mut block = tail.decode();
        block.first_line = (lines + 1).saturating_sub(block.line_count());
        let last = kept.last().map_or(0, |line| line.number);
        let tail: Vec<_> = block
            .timed_lines()
            .filter(|(number, ..)| *number > last)
            .collect();
        kept.extend(
            tail[tail.len().saturating_sub(TAIL)..]
                .iter()
                .map(|(number, text, time)| SampledLine {
                    number: *number,
                    text: text.to_string(),
                    time: *time,
                }),
        );
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{LogSet, LogSource, ReadOptions};

    fn sample(text: String) -> Vec<SampledLine> {
        let lines = text.lines().count() as u64;
        let options = ReadOptions {
            block_bytes: 4096,
            ..ReadOptions::default()
        };
        let mut logs = LogSet::new(vec![LogSource::Literal(text)], options);
        let mut sampler = Sampler::default();
        while let Some(block) = logs.next_block().expect("a literal reads") {
            sampler.block(&block);
        }
        sampler.finish(lines)
    }

    #[test]
    fn first_and_last_lines_are_kept_with_their_numbers() {
        let lines = sample((1..=5000).map(|n| format!("line {n}\n")).collect());
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
        let lines = sample("a\n\n# no\nb".into());
        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 4]);
    }
}
