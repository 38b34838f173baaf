//! Lines outside `--since` and `--until`, and why a run tested none.

use crate::analysis::wording::grouped;
use crate::date::Clock;
use crate::input::Block;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};

/// Earliest and latest date seen while looking for the part of a log inside `--since` and
/// `--until`, epoch seconds; shared with the thread that reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateSpan(Arc<Mutex<Option<(f64, f64)>>>);

impl DateSpan {
    /// A line has that date.
    pub(crate) fn add(&self, time: f64) {
        // nobody panics while holding it
        if let Ok(mut span) = self.0.lock() {
            let (first, last) = span.unwrap_or((time, time));
            *span = Some((first.min(time), last.max(time)));
        }
    }

    /// The dates of all lines so far.
    pub(crate) fn get(&self) -> Option<(f64, f64)> {
        self.0.lock().map_or(None, |span| *span)
    }
}

/// Lines outside `--since` and `--until`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outside {
    /// How many were read.
    pub(crate) lines: u64,
    /// Lines before them were not read, as they are too early.
    pub(crate) skipped_start: bool,
    /// Earliest and latest date of the logs, epoch seconds, where lines have one.
    pub(crate) dates: Option<(f64, f64)>,
}

impl Outside {
    /// Counts those of a block.
    pub(crate) fn add(&mut self, block: &Block) {
        self.lines += block.outside;
        self.skipped_start |= block.head.start > 0;
    }
}

/// Why no line was tested: all are outside, or `skipped`, which fail2ban does not test.
pub(crate) fn why_no_lines(outside: Option<&Outside>, skipped: u64, clock: &Clock) -> String {
    let Some(outside) = outside.filter(|all| all.lines > 0 || all.skipped_start) else {
        return match skipped {
            0 => "the log is empty".to_string(),
            1 => "the one line of the log is empty or begins with #".to_string(),
            n => format!(
                "all {} lines of the log are empty or begin with #",
                grouped(n)
            ),
        };
    };
    let lines = match outside.lines {
        _ if outside.skipped_start => "all lines of the log are".into(),
        1 => "the one line of the log is".into(),
        n => format!("all {} lines of the log are", grouped(n)),
    };
    let dates = match outside.dates {
        Some((first, last)) => {
            format!("; it goes from {} to {}", clock.iso(first), clock.iso(last))
        }
        None => String::new(),
    };
    format!("{lines} outside --since and --until{dates}")
}
