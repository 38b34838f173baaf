//! The buffers of a multi-line filter along a block, as a worker searched them.

use crate::engine::buffer_texts::RegexMask;
use crate::engine::filter::Filter;
use crate::engine::line_buffer::LineBuffer;
use crate::engine::multiline::BufferFacts;
use crate::pattern::Scratch;

/// What a worker's searches say of the buffer behind each line of a block.
#[derive(Debug, Default)]
pub(super) struct BlockBuffers {
    /// The buffer the worker began with.
    pub(super) begin: LineBuffer,
    /// The one behind its last line.
    pub(super) end: LineBuffer,
    /// What was found, in line order; nothing for most lines ([`BufferFact::found`]).
    pub(super) found: Vec<BufferFacts>,
}

/// What is known of a line and the buffer it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct BufferFact {
    /// The regexes that may match because of the line.
    pub(super) texts: RegexMask,
    /// The place of what was found in [`BlockBuffers::found`].
    pub(super) found: u32,
}

/// In the place of an index: nothing was found.
const NOTHING: u32 = u32::MAX;
/// In the place of an index: the worker has not searched.
const UNKNOWN: u32 = u32::MAX - 1;

/// Buffers of a block in which something is found, at most, as it takes much room: the fold
/// searches those behind them. Only very short lines are so many.
const MOST_FOUND: usize = 1 << 14;

impl BufferFact {
    /// The worker has searched the buffer.
    #[inline]
    pub(super) fn is_known(self) -> bool {
        self.found != UNKNOWN
    }

    /// Nothing was found in the buffer, and the line waits in it.
    #[inline]
    pub(super) fn is_nothing(self) -> bool {
        self.found == NOTHING
    }
}

impl BlockBuffers {
    /// Forgets what was found.
    pub(super) fn clear(&mut self) {
        self.found.clear();
    }

    /// Searches the buffer, [`BlockBuffers::end`], with the next line.
    pub(super) fn search(
        &mut self,
        filter: &Filter,
        parts: [&str; 3],
        texts: RegexMask,
        scratch: &mut Scratch,
    ) -> BufferFact {
        if self.found.len() >= MOST_FOUND {
            let found = UNKNOWN;
            return BufferFact { texts, found };
        }
        let facts = self.end.search(filter, parts, texts, scratch, &mut ());
        let found = if facts.is_nothing() {
            NOTHING
        } else {
            self.found.push(facts);
            self.found.len() as u32 - 1
        };
        BufferFact { texts, found }
    }
}
