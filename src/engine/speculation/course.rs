//! The fold's way along the buffers of a multi-line filter that a worker has searched.

use super::block::{BlockFacts, BlockLine, DateFact, Entry, RegexFact};
use super::searched::BufferFact;
use crate::date::Timestamp;
use crate::engine::filter::Filter;
use crate::engine::line_buffer::{Left, LineBuffer};
use crate::engine::multiline::BufferFacts;
use crate::engine::session::{PrefregexState, Session};

/// The fold's way along the buffers of a block.
///
/// Why a worker's facts may be taken over. What the search of a buffer finds, and what it leaves
/// there, depends on the filter, the lines in the buffer and the next line alone: a mask of texts
/// rules out only what cannot match. A worker begins with the newest buffer that the fold knew,
/// mostly one from some blocks before. From the first line on behind which it has the same lines
/// (their texts, their dates) as the fold, it finds what the fold would find, as long as both
/// give their buffers the same lines. They do not where
///
/// * the date was found or read otherwise, so that another text is cut out of the line;
/// * the line has no date and the last one stands in for it, of which a worker knows nothing.
///
/// There, and at the begin of a block, the fold searches its own buffer line by line, and moves
/// the worker's along by what that left in it, until they are the same again. They are as soon as
/// all lines in which they differ have been taken out or pushed out: mostly after `maxlines`
/// lines that nothing matched.
#[derive(Debug)]
pub(super) struct BufferCourse {
    /// The worker's buffer before the entry `at`.
    theirs: LineBuffer,
    at: usize,
    /// The fold's buffer is the worker's, wherever that is by now; else it is the session's.
    agrees: bool,
    /// The worker has searched all buffers so far.
    is_known: bool,
    found: Vec<BufferFacts>,
}

impl BufferCourse {
    /// At the begin of a block; `ours` is the buffer before it.
    pub(super) fn new(block: &mut BlockFacts, ours: &LineBuffer) -> BufferCourse {
        let buffers = &mut block.buffers;
        BufferCourse {
            agrees: buffers.begin.is_same(ours),
            theirs: std::mem::take(&mut buffers.begin),
            at: 0,
            is_known: true,
            found: std::mem::take(&mut buffers.found),
        }
    }

    /// Whether what the worker found holds for the next line, if its date does.
    #[inline]
    pub(super) fn agrees(&self) -> bool {
        self.agrees
    }

    /// What the worker found in the buffer that ends with a line; None for nothing.
    pub(super) fn found(&mut self, fact: BufferFact) -> Option<&mut BufferFacts> {
        self.found.get_mut(fact.found as usize)
    }

    /// Makes `ours` the true buffer before an entry, which is about to be searched with its line.
    pub(super) fn part(
        &mut self,
        filter: &Filter,
        block: &BlockFacts,
        entry: usize,
        ours: &mut LineBuffer,
    ) {
        if self.agrees {
            self.move_to(filter, block, entry);
            *ours = self.theirs.clone();
            self.agrees = false;
        }
    }

    /// Compares the buffers behind a line, an entry, where `ours` has been searched.
    pub(super) fn compare(
        &mut self,
        filter: &Filter,
        block: &BlockFacts,
        entry: usize,
        ours: &LineBuffer,
    ) {
        if !self.agrees {
            self.move_to(filter, block, entry + 1);
            self.agrees = self.is_known && self.theirs.is_same(ours);
        }
    }

    /// Makes `ours` the buffer behind the block.
    pub(super) fn finish(self, block: &mut BlockFacts, ours: &mut LineBuffer) {
        let buffers = &mut block.buffers;
        if self.agrees {
            std::mem::swap(ours, &mut buffers.end);
        }
        buffers.begin = self.theirs;
        buffers.found = self.found;
    }

    /// Moves the worker's buffer on to where it was before an entry.
    fn move_to(&mut self, filter: &Filter, block: &BlockFacts, entry: usize) {
        let entries = &block.entries[self.at..entry.max(self.at)];
        self.at += entries.len();
        for entry in entries {
            let Entry::Line(line) = entry else { continue };
            let RegexFact::Buffer(fact) = line.fact else {
                continue;
            };
            self.is_known &= fact.is_known();
            let found = self.found.get(fact.found as usize);
            let left = found.map_or(&Left::All, |found| &found.left);
            let parts = parts_in_block(block, line);
            let size = filter.options.maxlines;
            self.theirs.follow(size, parts, fact.texts, left);
        }
    }
}

impl Session<'_> {
    /// Goes over lines of a run from an entry on, as long as nothing is found in the buffers they
    /// end and no other date stands in for theirs: to which entry.
    pub(super) fn pass_quiet(&mut self, block: &BlockFacts, first: usize, run_end: usize) -> usize {
        let mut last = None;
        let mut passed = 0;
        for entry in &block.entries[first..run_end] {
            let Entry::Line(line) = entry else { break };
            if !matches!(&line.fact, RegexFact::Buffer(fact) if fact.is_nothing()) {
                break;
            }
            match line.date {
                DateFact::Date(date) => last = Some((date, line)),
                DateFact::None | DateFact::Empty => {
                    self.saw_date_of(block, last.take());
                    if self.recent_date().is_some() {
                        break;
                    }
                }
                _ => break,
            }
            passed += 1;
        }
        self.saw_date_of(block, last);
        if passed > 0 && self.filter.prefregex.is_some() {
            self.prefregex = PrefregexState::default();
        }
        first + passed
    }

    fn saw_date_of(&mut self, block: &BlockFacts, dated: Option<(Timestamp, &BlockLine)>) {
        if let Some((date, line)) = dated {
            let place = line.cut.shifted(line.line.start);
            self.saw_date(date, block.texts.get(place));
        }
    }
}

/// What stands before the date of a line, the date, and what stands behind.
pub(super) fn parts_in_block<'b>(block: &'b BlockFacts, line: &BlockLine) -> [&'b str; 3] {
    let text = block.texts.get(line.line);
    let (start, end) = (line.cut.start as usize, line.cut.end as usize);
    [&text[..start], &text[start..end], &text[end..]]
}
