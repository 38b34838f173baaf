//! Lines with dates of which the date detector is told all at once.

use super::block::BlockFacts;
use crate::date::{DateDetector, DetectorKey};
use crate::engine::texts::Span;
use std::ops::Range;

/// Lines of the block's last run whose dates the date detector has not been told of: it is still
/// where it was before them.
///
/// Exactness: their template's first probe is always of the whole line, and its match settles
/// the line (`DetectorState::anchored_winner`). So what the detector remembers of these lines
/// decides nothing before the run's end; there it is what the last of them left behind, and
/// their number (`DetectorState::hit_repeatedly`).
#[derive(Debug)]
pub(super) struct PendingRun {
    template: usize,
    /// Lines the detector has not seen yet, the last of them, and what was found in it.
    lines: u64,
    place: Span,
    found: Range<usize>,
}

impl PendingRun {
    /// From the next line on the detector need not be told of each, if the run can go on so.
    /// `after`: its key now.
    #[inline]
    pub(super) fn begin(
        block: &BlockFacts,
        detector: Option<&mut DateDetector>,
        after: DetectorKey,
    ) -> Option<PendingRun> {
        let detector = detector.filter(|_| block.continues_run(after))?;
        Some(PendingRun {
            template: detector.state().anchored_winner()?,
            lines: 0,
            place: Span::NONE,
            found: 0..0,
        })
    }

    /// The template that finds the dates.
    pub(super) fn template(&self) -> usize {
        self.template
    }

    /// Adds lines: how many, the last one's place, and what the template found in it.
    #[inline]
    pub(super) fn extend(&mut self, lines: u32, place: Span, found: &Range<usize>) {
        self.lines += u64::from(lines);
        (self.place, self.found) = (place, found.clone());
    }

    /// Moves the detector on over the lines.
    pub(super) fn close(self, block: &mut BlockFacts, detector: &mut DateDetector) {
        if self.lines == 0 {
            return;
        }
        detector.hit_repeatedly(block.texts.get(self.place), &self.found, self.lines);
        if let Some(after) = detector.state().key() {
            block.extend_run(self.lines, after);
        }
    }
}
