//! Ctrl-C: a run that is asked to stop ends its input there and reports what it has read.

use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Ends every input at its next block. True if that had been asked for before.
pub(crate) fn request() -> bool {
    REQUESTED.swap(true, Ordering::SeqCst)
}

/// Whether the end has been asked for.
pub(crate) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
