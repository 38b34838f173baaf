//! The lines of a trial unwrapped, as a run with `--unwrap` does.

use super::change::Change;
use crate::date::{Clock, DateDetector};
use crate::input::unwrap::{Asked, WrapKind, line_of};
use crate::input::window::{Dates, dates_of};
use std::borrow::Cow;

/// Unwraps the lines of a trial, as a run with `--unwrap` does.
pub(super) struct TrialUnwrap {
    kind: WrapKind,
    dates: Option<Dates>,
    offset: i64,
}

impl TrialUnwrap {
    /// What the changes ask for, if they do.
    pub(super) fn of(
        changes: &[Change],
        detector: Option<&DateDetector>,
        clock: &Clock,
    ) -> Option<TrialUnwrap> {
        let kind = changes.iter().find_map(|change| match change {
            Change::Unwrap(kind) => Asked::parse(kind).ok(),
            _ => None,
        })?;
        let Asked::Kind(kind) = kind else {
            return None;
        };
        Some(TrialUnwrap {
            kind,
            dates: detector.map(|detector| dates_of(detector, clock, |_| {})),
            offset: clock.local(clock.now_epoch()).offset,
        })
    }

    /// A line, unwrapped if it is wrapped.
    pub(super) fn line<'l>(&mut self, line: &'l str) -> Cow<'l, str> {
        let unwrapped = line_of(&self.kind, line, self.offset, self.dates.as_mut());
        unwrapped.map_or(Cow::Borrowed(line), Cow::Owned)
    }
}
