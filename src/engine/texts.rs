//! The texts of a block of lines, and places in them.

use std::ops::Range;

/// A place in [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// First byte.
    pub(crate) start: u32,
    /// Byte after the last.
    pub(crate) end: u32,
}

impl Span {
    /// A group that took no part.
    pub(crate) const NONE: Span = Span {
        start: u32::MAX,
        end: u32::MAX,
    };

    /// A span of `usize` ends; they fit, a block is far below 4 GiB.
    pub(crate) fn new(start: usize, end: usize) -> Span {
        Span {
            start: start as u32,
            end: end as u32,
        }
    }

    pub(super) fn shifted(self, by: u32) -> Span {
        Span {
            start: self.start + by,
            end: self.end + by,
        }
    }
}

/// The text of a block, and what had to be put together beside it: a line whose date was
/// cut out of its middle is no piece of the block. Places in the second part are counted on
/// from the end of the first.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    block: String,
    aside: String,
}

impl Texts {
    /// The texts of a block.
    pub(crate) fn new(block: String) -> Texts {
        Texts {
            block,
            aside: String::new(),
        }
    }

    /// The texts of another block, in the same buffers.
    pub(super) fn renew(&mut self, block: String) {
        self.block = block;
        self.aside.clear();
    }

    /// Forgets what was put together beside the block.
    pub(crate) fn clear_aside(&mut self) {
        self.aside.clear();
    }

    /// Where what is put together next will begin.
    pub(super) fn end(&self) -> usize {
        self.block.len() + self.aside.len()
    }

    /// Forgets what was put together beside the block from there on.
    pub(super) fn forget_from(&mut self, end: usize) {
        self.aside.truncate(end.saturating_sub(self.block.len()));
    }

    /// Takes the block away.
    pub(super) fn take_block(&mut self) -> String {
        std::mem::take(&mut self.block)
    }

    /// The part a span is in, and where in it.
    #[inline]
    fn part(&self, span: Span) -> (&str, Range<usize>) {
        let (start, end) = (span.start as usize, span.end as usize);
        let length = self.block.len();
        match start.checked_sub(length) {
            Some(start) if end > length => (&self.aside, start..end - length),
            _ => (&self.block, start..end),
        }
    }

    /// The bytes of a span.
    #[inline]
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        let (part, place) = self.part(span);
        &part.as_bytes()[place]
    }

    /// The text of a span.
    #[inline]
    pub(crate) fn get(&self, span: Span) -> &str {
        let (part, place) = self.part(span);
        &part[place]
    }

    /// The block itself.
    pub(crate) fn block(&self) -> &str {
        &self.block
    }

    /// Puts texts together aside; returns where.
    pub(crate) fn join(&mut self, parts: &[&str]) -> Span {
        let start = self.block.len() + self.aside.len();
        for part in parts {
            self.aside.push_str(part);
        }
        Span::new(start, self.block.len() + self.aside.len())
    }

    /// Puts a copy of a span and a newline aside, unless the newline already follows it.
    pub(super) fn with_newline(&mut self, span: Span) -> Span {
        let (start, end) = (span.start as usize, span.end as usize);
        let from = self.block.len();
        if end < from && self.block.as_bytes()[end] == b'\n' {
            return Span::new(start, end + 1);
        }
        if start >= from && self.aside.as_bytes().get(end - from) == Some(&b'\n') {
            return Span::new(start, end + 1);
        }
        if end <= from {
            let at = self.block.len() + self.aside.len();
            self.aside.push_str(&self.block[start..end]);
            self.aside.push('\n');
            return Span::new(at, self.block.len() + self.aside.len());
        }
        let copy = self.get(span).to_string();
        self.join(&[&copy, "\n"])
    }

    /// The text the regexes see of a line without its date: the parts before and behind the
    /// date and a newline. A piece of the block where it can be. Both parts are in the block.
    pub(crate) fn cut(&mut self, before: Span, behind: Span) -> Span {
        if before.start == before.end {
            return self.with_newline(behind);
        }
        let start = self.block.len() + self.aside.len();
        let Texts { block, aside } = self;
        // at once: it is asked for room with every part otherwise
        aside.reserve((before.end - before.start + behind.end - behind.start) as usize + 1);
        aside.push_str(&block[before.start as usize..before.end as usize]);
        let (behind, end) = (behind.start as usize, behind.end as usize);
        if block.as_bytes().get(end) == Some(&b'\n') {
            aside.push_str(&block[behind..=end]);
        } else {
            aside.push_str(&block[behind..end]);
            aside.push('\n');
        }
        Span::new(start, self.block.len() + self.aside.len())
    }
}
