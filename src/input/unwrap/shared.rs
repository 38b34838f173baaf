//! What was asked for and what came of it, shared by the readers of a run and those who report.

use super::super::window::Dates;
use super::kind::{Asked, WrapKind};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is kept of the log as it is: to try on it what would make fail2ban see the same.
const SAMPLE_LINES: usize = 600;
const SAMPLE_BYTES: usize = 64 << 10;

/// How many lines of a log became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnwrapCounts {
    /// Records taken apart.
    pub(crate) records: u64,
    /// Lines that are no such record, passed on as they are.
    pub(crate) unchanged: u64,
    /// Lines that were put together from several records.
    pub(crate) joined: u64,
    /// Lines without a date of their own that have the record's put before them.
    pub(crate) outer_dates: u64,
    /// Lines without a date, whose record has none that the filter reads.
    pub(crate) undated: u64,
    /// Lines open at the end of the log: their last record is not there.
    pub(crate) open: u64,
}

/// What became of the lines of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unwrapped {
    /// The log, as messages name it.
    pub(crate) name: String,
    /// How it is wrapped; None where that was to be found out and no line told.
    pub(crate) kind: Option<WrapKind>,
    /// How it may be wrapped, where no line told.
    pub(crate) likely: Option<WrapKind>,
    /// How many lines became what.
    pub(crate) counts: UnwrapCounts,
}

impl Unwrapped {
    /// How its lines were wrapped, where some were.
    pub(crate) fn found(&self) -> Option<&WrapKind> {
        self.kind.as_ref().filter(|_| self.counts.records > 0)
    }
}

/// A line of the log as it is, with the number of the line that came of it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrappedLine {
    /// The line.
    pub(crate) text: String,
    /// The line made of it; None where it is part of one, or makes several.
    pub(crate) number: Option<u64>,
}

/// What the readers of a run and its report share.
#[derive(Default)]
pub(super) struct Shared {
    /// Tells the date of a line as the filter would.
    pub(super) dates: Option<Dates>,
    /// By place among the logs of the run.
    logs: Vec<Unwrapped>,
    /// The first lines of the first log.
    sample: Vec<WrappedLine>,
    sample_bytes: usize,
}

/// What is unwrapped, and what came of it.
#[derive(Clone)]
pub(crate) struct Unwrapping {
    /// What is to be unwrapped.
    pub(crate) asked: Asked,
    shared: Arc<Mutex<Shared>>,
}

impl fmt::Debug for Unwrapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwrapping")
            .field("asked", &self.asked)
            .finish_non_exhaustive()
    }
}

impl Unwrapping {
    /// Nothing read yet.
    pub(crate) fn new(asked: Asked) -> Unwrapping {
        Unwrapping {
            asked,
            shared: Arc::default(),
        }
    }

    pub(super) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the filter tells dates. Without this no record's date is put before a line.
    pub(crate) fn set_dates(&self, dates: Dates) {
        self.shared().dates = Some(dates);
    }

    /// What became of each log that was begun.
    pub(crate) fn logs(&self) -> Vec<Unwrapped> {
        self.shared().logs.clone()
    }

    /// The first lines of the first log, as they are.
    pub(crate) fn sample(&self) -> Vec<WrappedLine> {
        self.shared().sample.clone()
    }
}

impl Shared {
    /// The entry of a log.
    pub(super) fn log(&mut self, index: usize) -> &mut Unwrapped {
        if self.logs.len() <= index {
            self.logs.resize(index + 1, Unwrapped::default());
        }
        &mut self.logs[index]
    }

    /// Keeps a line of the first log as it is, as long as there is room.
    pub(super) fn keep(&mut self, index: usize, text: &str, number: Option<u64>) {
        if index == 0 && self.sample.len() < SAMPLE_LINES && self.sample_bytes < SAMPLE_BYTES {
            self.sample_bytes += text.len();
            let text = text.to_owned();
            self.sample.push(WrappedLine { text, number });
        }
    }
}
