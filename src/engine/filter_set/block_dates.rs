//! The dates of a block's lines, as the groups of a set see them.

use crate::date::Timestamp;
use crate::engine::texts::Span;

/// The date of a line, as all filters of one detector see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct SharedDate {
    /// What is cut out of the line, in bytes.
    pub(super) cut: Span,
    /// The date that holds for it.
    pub(super) date: Option<Timestamp>,
    /// Nothing in it gave a date.
    pub(super) no_date: bool,
    /// The date of an earlier line stands in for it.
    pub(super) stands_in: bool,
    /// The template that found it.
    pub(super) template: Option<u32>,
}

/// The dates of the lines of a block.
#[derive(Debug)]
pub(super) struct BlockDates {
    groups: usize,
    /// Line by line and group by group, in the order they are asked for in.
    dates: Vec<SharedDate>,
}

impl BlockDates {
    /// Room for so many lines, and groups of filters.
    pub(super) fn new(lines: usize, groups: usize) -> BlockDates {
        BlockDates {
            groups,
            dates: Vec::with_capacity(lines * groups),
        }
    }

    /// Adds the date of the next group, or of the first in the next line.
    #[inline]
    pub(super) fn add(&mut self, date: SharedDate) {
        self.dates.push(date);
    }

    /// The date of a line, group by group.
    #[inline]
    pub(super) fn of(&self, line: usize) -> &[SharedDate] {
        &self.dates[line * self.groups..][..self.groups]
    }
}
