//! The verdicts of a block as the worker counted them (`counter`).

use crate::date::Timestamp;
use crate::engine::filter::Filter;
use crate::engine::session_table::SessionTable;
use crate::engine::stats::{Keep, Retention, Stats};
use crate::engine::texts::Span;

/// The verdicts of a block, counted.
#[derive(Debug, Default)]
pub(super) struct BlockCounts {
    pub(super) stats: Stats,
    /// The sessions behind the block, and what of the guess was relied on.
    pub(super) sessions: SessionTable,
    /// The last date of the block, and the place of its text; None if no line has one.
    pub(super) last_date: Option<(Timestamp, Span)>,
    /// What prefregex said last; None if it was never tried.
    pub(super) prefregex: Option<bool>,
}

impl BlockCounts {
    /// Nothing counted yet.
    pub(super) fn begin(&mut self, filter: &Filter) {
        let (fails, ignores) = (filter.failregexes.len(), filter.ignoreregexes.len());
        if self.stats.failregexes.len() == fails {
            self.stats.clear();
        } else {
            let retention = Retention {
                matched: Keep::None,
                ignored: Keep::None,
                missed: Keep::None,
                addresses: usize::MAX,
                ..Retention::default()
            };
            self.stats = Stats::new(fails, ignores, retention);
        }
        (self.last_date, self.prefregex) = (None, None);
    }
}
