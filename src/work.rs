//! Work counted while tests run: what must be linear in its input is held to it by counting
//! steps, never by the time they take.

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A configuration file read and parsed.
    ConfigFile,
    /// A file's sections laid over those of the files before it.
    Merge,
    /// The begin of a log looked at.
    LogStart,
    /// The buffer of a multi-line filter searched, or seen that nothing can match in it.
    BufferSearch,
    /// A line of an expectation file looked at.
    ExpectationLine,
    /// Lines judged by filters that are compared, and held until they are.
    JudgedLines,
}

/// Counts `steps` of work; nothing outside of tests.
#[inline]
pub(crate) fn count(kind: Work, steps: usize) {
    #[cfg(test)]
    counters::COUNTS.with_borrow_mut(|counts| counts.push((kind, steps as u64)));
    #[cfg(not(test))]
    let _ = (kind, steps);
}

#[cfg(test)]
pub(crate) use counters::{most, of};

#[cfg(test)]
mod counters {
    use super::Work;
    use std::cell::RefCell;

    thread_local! {
        pub(super) static COUNTS: RefCell<Vec<(Work, u64)>> = const { RefCell::new(Vec::new()) };
    }

    /// The steps of a kind that `work` takes on this thread.
    pub(crate) fn of(kind: Work, work: impl FnOnce()) -> u64 {
        counted(kind, work).iter().sum()
    }

    /// The most of them at once.
    pub(crate) fn most(kind: Work, work: impl FnOnce()) -> u64 {
        counted(kind, work).into_iter().max().unwrap_or(0)
    }

    fn counted(kind: Work, work: impl FnOnce()) -> Vec<u64> {
        COUNTS.take();
        work();
        let counts = COUNTS.take().into_iter();
        let counted = counts.filter(|(known, _)| *known == kind);
        counted.map(|(_, steps)| steps).collect()
    }
}
