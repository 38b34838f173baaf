//! Where in the logs each thread is at work: not for verdicts, only for the report of a
//! mistake in this program (a panic), which is worth little without the line it was about.

use super::head::LogHead;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;

thread_local! {
    static BLOCK: RefCell<Option<Place>> = const { RefCell::new(None) };
    /// Lines of the block before the present one: set for every line, so nothing more.
    static OFFSET: Cell<u64> = const { Cell::new(0) };
}

/// A line of a log, and the bytes of the block it is in.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    head: Arc<LogHead>,
    line: u64,
    end: u64,
    bytes: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.head.form.is_journal() {
            "entry"
        } else {
            "line"
        };
        let (line, name) = (self.line, &self.head.name);
        match self.head.compression {
            // positions are those of the compressed file
            Some(_) => write!(f, "{unit} {line} of {name}"),
            None => {
                let start = self.end.saturating_sub(self.bytes as u64);
                let end = self.end;
                write!(f, "{unit} {line} of {name} (in bytes {start} to {end})")
            }
        }
    }
}

/// This thread begins with a block of that many bytes, the last of which is before `end`.
pub(super) fn begin(head: &Arc<LogHead>, first_line: u64, bytes: usize, end: u64) {
    let place = Place {
        head: Arc::clone(head),
        line: first_line,
        end,
        bytes,
    };
    // not at the end of a thread, when nothing is kept any more
    let _ = BLOCK.try_with(|kept| kept.replace(Some(place)));
    at(0);
}

/// This thread begins with the line that has so many before it in the block.
pub(crate) fn at(offset: u64) {
    let _ = OFFSET.try_with(|kept| kept.set(offset));
    #[cfg(debug_assertions)]
    panic_if_asked();
}

/// Lets the tests see what a mistake looks like; no released binary has this.
#[cfg(debug_assertions)]
fn panic_if_asked() {
    static LINE: std::sync::OnceLock<Option<u64>> = std::sync::OnceLock::new();
    let asked = || std::env::var("F2B_REGEX_TEST_PANIC").ok()?.parse().ok();
    if let Some(line) = *LINE.get_or_init(asked)
        && last().is_some_and(|place| place.line == line)
    {
        panic!("asked for by a test,\x1b[31m in line {line}");
    }
}

/// The line this thread is at work on, or was last.
pub(crate) fn last() -> Option<Place> {
    let mut place = BLOCK
        .try_with(|kept| kept.borrow().clone())
        .ok()
        .flatten()?;
    place.line += OFFSET.try_with(Cell::get).unwrap_or(0);
    Some(place)
}
